//! The overview: what came out last under each configuration, what is going on, and what needs a
//! person.

mod attention;
mod configuration_row;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use shared_types::ConfigurationId;
use shared_types::api::{ConfigurationGlance, ConfigurationOverview, Overview, Page, Status};

use crate::api_client;
use crate::app::set_page_title;
use crate::remote::{Remote, polled};
use crate::widget::notice::{ErrorNotice, ShadowNotice, when_ready};
use attention::{needs_a_person, running};
use configuration_row::configuration_row;

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(5);

/// All configurations at a glance, in one answer.
const OVERVIEW: &str = "/api/v1/overview";

/// What was last answered of something.
type Known<T> = Memo<Option<Arc<T>>>;

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
    let (glances, known_status) = (known(&overview), known(&status));
    let failed = {
        let (overview, status) = (overview.clone(), status.clone());
        Memo::new(move |_| {
            overview.with(|it| it.error.is_some()) || status.with(|it| it.error.is_some())
        })
    };
    // One reason is enough where both fail.
    let overview_error = {
        let status = status.clone();
        Memo::new(move |_| {
            let is_told = status.with(|it| it.error.is_some());
            overview.with(|it| it.error.clone().filter(|_| !is_told))
        })
    };
    view! {
        <div class="page">
            <h1>"Overview"</h1>
            {move || overview_error.get().map(|error| view! { <ErrorNotice error /> })}
            {move || {
                let shadow = known_status.with(|status| status.as_ref()?.shadow.clone());
                shadow.map(|shadow| view! { <ShadowNotice shadow /> })
            }}
            <div class="attention">
                {when_ready(status, "what is going on", |status| running(&status))}
                {move || {
                    needs_a_person(glances.get().as_deref(), known_status.get().as_deref(), failed.get())
                }}
            </div>
            <h2>"Configurations"</h2>
            {when_ready(
                configurations,
                "configurations",
                move |page| (move || list(&page, glances.get().as_deref())).into_any(),
            )}
        </div>
    }
    .into_any()
}

/// What was last answered, as a signal that moves only when another answer came.
fn known<T: Send + Sync + 'static>(remote: &ArcRwSignal<Remote<T>>) -> Known<T> {
    let remote = remote.clone();
    Memo::new_with_compare(
        move |_| remote.with(|remote| remote.value.clone()),
        |before, now| match (before, now) {
            (Some(Some(before)), Some(Some(now))) => !Arc::ptr_eq(before, now),
            (Some(None), Some(None)) => false,
            _ => true,
        },
    )
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
