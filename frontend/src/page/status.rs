//! What goes on: queues by configuration, collectors, requests, and what went wrong.

mod collectors;
mod jobs;
mod queues;
mod requests;
mod trouble;
mod trust;

use std::sync::Arc;
use std::time::Duration;

use crate::prelude::*;
use shared_types::api::Status;

use crate::access::use_access;
use crate::api_client;
use crate::app::set_page_title;
use crate::remote::{RemoteSignal, polled};
use crate::widget::access_bar::AccessBar;
use crate::widget::notice::{ShadowNotice, when_ready};
use collectors::Collectors;
pub(crate) use collectors::{collector_facts, drain_button, health_in_words};
pub(crate) use jobs::job_table;
use queues::queue_list;
pub(crate) use requests::request_buttons;
use requests::request_table;
use trouble::{Failures, Problems};
use trust::Trust;
pub(crate) use trust::disturbed as disturbed_run;

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(3);

/// The page at `/status`.
#[component]
pub(crate) fn StatusPage() -> impl IntoView {
    set_page_title("Status");
    let access = use_access();
    let path = Signal::derive(move || {
        access.writes();
        Some(api_client::STATUS.to_owned())
    });
    let status = polled::<Status>(path, PERIOD);
    // One part at a time, so that news of one does not close what a reader opened in another.
    let part = status.clone();
    view! {
        <div class="page">
            <h1>"Status"</h1>
            <AccessBar />
            {when_ready(
                status.once_there(),
                "the status",
                move |first| view! { <Parts status=part.clone() first /> }.into_any(),
            )}
        </div>
    }
    .into_any()
}

#[component]
fn Parts(status: RemoteSignal<Status>, first: Arc<Status>) -> impl IntoView {
    let latest = Memo::new(move |_| {
        status
            .with(|status| status.value.clone())
            .unwrap_or_else(|| Arc::clone(&first))
    });
    let queues = Memo::new(move |_| latest.with(|status| status.configurations.clone()));
    let collectors = Memo::new(move |_| latest.with(|status| status.collectors.clone()));
    let requests = Memo::new(move |_| latest.with(|status| status.requests.clone()));
    let problems = Memo::new(move |_| latest.with(|status| status.problems.clone()));
    let failures = Memo::new(move |_| latest.with(|status| status.failures.clone()));
    let shadow = Memo::new(move |_| latest.with(|status| status.shadow.clone()));
    view! {
        {live(move || shadow.get().map(|shadow| view! { <ShadowNotice shadow /> }))}
        <Problems problems />
        <section aria-labelledby="queues-title">
            <h2 id="queues-title">"Queues"</h2>
            {live(move || queue_list(queues.get()))}
        </section>
        <Trust configurations=queues />
        <Collectors collectors />
        <section aria-labelledby="requests-title">
            <h2 id="requests-title">"Requests"</h2>
            {live(move || request_table(requests.get()))}
        </section>
        <Failures failures />
        <p class="muted small">"Server version " {live(move || latest.with(|it| it.version.clone()))}</p>
    }
}
