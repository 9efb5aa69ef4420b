//! The overview: what came out last under each configuration, what is going on, and what needs a
//! person.

mod attention;
mod configuration_row;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::prelude::*;
use shared_types::ConfigurationId;
use shared_types::api::{ConfigurationGlance, ConfigurationOverview, Overview, Page, Status};

use crate::api_client;
use crate::app::set_page_title;
use crate::remote::{RemoteSignal, polled};
use crate::widget::notice::{ErrorNotice, ShadowNotice, when_ready};
use attention::{needs_a_person, running};
use configuration_row::configuration_row;

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(5);

/// All configurations at a glance, in one answer.
const OVERVIEW: &str = "/api/v1/overview";

/// The page at `/`.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    set_page_title("Overview");
    let configurations = polled::<Page<ConfigurationOverview>>(
        Signal::stored(Some(api_client::CONFIGURATIONS.to_owned())),
        PERIOD,
    );
    let status = polled::<Status>(Signal::stored(Some(api_client::STATUS.to_owned())), PERIOD);
    let overview = polled::<Overview>(Signal::stored(Some(OVERVIEW.to_owned())), PERIOD);
    // A server that tells nothing at all is told of once, in the place of all that it would tell.
    let silent = {
        let (known, failed) = (configurations.value(), configurations.error());
        let (known_status, failed_status) = (status.value(), status.error());
        Memo::new(move |_| {
            let is_known = known.with(Option::is_some) || known_status.with(Option::is_some);
            let error = failed.get().filter(|_| !is_known)?;
            let is_both = failed_status.with(|it| it.as_ref() == Some(&error));
            is_both.then_some(error)
        })
    };
    view! {
        <div class="page">
            <h1>"Overview"</h1>
            {live(move || silent.get().map(|error| view! {
                <ErrorNotice error />
                <p class="muted">"This page goes on asking, and shows what it is told then."</p>
            }))}
            {shown_while(move || silent.with(Option::is_none), move || {
                told(configurations.clone(), status.clone(), overview.clone())
            })}
        </div>
    }
    .into_any()
}

/// What the server tells.
fn told(
    configurations: RemoteSignal<Page<ConfigurationOverview>>,
    status: RemoteSignal<Status>,
    overview: RemoteSignal<Overview>,
) -> AnyView {
    let (glances, known_status) = (overview.value(), status.value());
    let (overview_error, status_error) = (overview.error(), status.error());
    let failed = Memo::new(move |_| {
        overview_error.with(Option::is_some) || status_error.with(Option::is_some)
    });
    // One reason is enough where both fail.
    let told_error = Memo::new(move |_| {
        let is_told = status_error.with(Option::is_some);
        overview_error.get().filter(|_| !is_told)
    });
    view! {
        {live(move || told_error.get().map(|error| view! { <ErrorNotice error /> }))}
        {live(move || {
            let shadow = known_status.with(|status| status.as_ref()?.shadow.clone());
            shadow.map(|shadow| view! { <ShadowNotice shadow /> })
        })}
        <div class="attention">
            {when_ready(status, "what is going on", |status| running(&status))}
            {live(move || {
                needs_a_person(glances.get().as_deref(), known_status.get().as_deref(), failed.get())
            })}
        </div>
        <h2>"Configurations"</h2>
        {when_ready(
            configurations,
            "configurations",
            move |page| live(move || list(&page, glances.get().as_deref())).into_any(),
        )}
    }
    .into_any()
}

fn list(configurations: &Page<ConfigurationOverview>, overview: Option<&Overview>) -> AnyView {
    if configurations.items.is_empty() {
        return first_use();
    }
    let glances: BTreeMap<&ConfigurationId, &ConfigurationGlance> = overview
        .iter()
        .flat_map(|overview| &overview.configurations)
        .map(|glance| (&glance.configuration, glance))
        .collect();
    let rows: Vec<AnyView> = configurations
        .items
        .iter()
        .map(|one| configuration_row(one, glances.get(&one.configuration.id).copied()))
        .collect();
    view! { <ul class="configurations plain">{rows}</ul> }.into_any()
}

/// What to do where nothing was ever measured.
fn first_use() -> AnyView {
    view! {
        <div class="empty" data-testid="first-use">
            <p><strong>"Nothing is measured yet."</strong> " There are three ways to begin:"</p>
            <ol>
                <li>
                    "See it work: compare two compilers of this machine, under two configurations."
                    <pre><code>"cargo xtask demo"</code></pre>
                </li>
                <li>
                    "Bring measurements that were made elsewhere."
                    <pre><code>"perfleet import csv FILE.csv.gz"</code></pre>
                </li>
                <li>
                    "Start a collector on a host of your own, then ask for a comparison."
                    <pre><code>
                        "collector run --data-dir DIR --configuration NAME\nperfleet request HEAD --base BASE --configuration NAME"
                    </code></pre>
                </li>
            </ol>
            <p>"This page shows what comes of it by itself."</p>
        </div>
    }
    .into_any()
}
