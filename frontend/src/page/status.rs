//! What goes on: queues by configuration, collectors, requests, and what went wrong.

mod collectors;
mod filtering;
mod filters;
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
use crate::router::{NavigateOptions, use_location, use_navigate};
use crate::url_state::StatusState;
use crate::widget::access_bar::AccessBar;
use crate::widget::notice::{IgnoredParameters, ShadowNotice, when_ready};
use collectors::Collectors;
pub(crate) use collectors::{collector_facts, drain_button, health_in_words};
use filtering::listed;
use filters::{Filters, HiddenRows, none_fits};
pub(crate) use jobs::job_table;
use queues::queue_list;
pub(crate) use requests::request_buttons;
use requests::request_table;
use trouble::{Failures, Problems};
use trust::Trust;
pub(crate) use trust::disturbed as disturbed_run;

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(3);

/// The page's state, and how to change it.
#[derive(Clone, Copy)]
struct StatusUrl {
    state: Memo<StatusState>,
    go: Callback<(String, bool)>,
}

impl StatusUrl {
    /// `is_typing` makes no entry of its own in the browser's history.
    fn change(self, is_typing: bool, edit: impl FnOnce(&mut StatusState)) {
        let mut state = self.state.get_untracked();
        edit(&mut state);
        self.go.run((state.address(), is_typing));
    }
}

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
    let search = use_location().search;
    let parsed = Memo::new(move |_| StatusState::parse(&search.get()));
    let navigate = use_navigate();
    let url = StatusUrl {
        state: Memo::new(move |_| parsed.with(|parsed| parsed.state.clone())),
        go: Callback::new(move |(address, replace): (String, bool)| {
            let options = NavigateOptions {
                replace,
                scroll: false,
            };
            navigate(&address, options);
        }),
    };
    // One part at a time, so that news of one does not close what a reader opened in another.
    let part = status.clone();
    view! {
        <div class="page">
            <h1>"Status"</h1>
            <AccessBar />
            <IgnoredParameters ignored=Signal::derive(move || parsed.with(|it| it.ignored.clone())) />
            {when_ready(
                status.once_there(),
                "the status",
                move |first| view! { <Parts url status=part.clone() first /> }.into_any(),
            )}
        </div>
    }
    .into_any()
}

#[component]
fn Parts(url: StatusUrl, status: RemoteSignal<Status>, first: Arc<Status>) -> impl IntoView {
    let latest = Memo::new(move |_| {
        status
            .with(|status| status.value.clone())
            .unwrap_or_else(|| Arc::clone(&first))
    });
    let rows = Memo::new(move |_| {
        url.state
            .with(|state| latest.with(|status| Arc::new(listed(status, state))))
    });
    let queues = Memo::new(move |_| rows.with(|rows| (rows.queues.clone(), rows.hidden.queues)));
    let trusted = Memo::new(move |_| rows.with(|rows| rows.trusted.clone()));
    let collectors =
        Memo::new(move |_| rows.with(|rows| (rows.collectors.clone(), rows.hidden.collectors)));
    let requests =
        Memo::new(move |_| rows.with(|rows| (rows.requests.clone(), rows.hidden.requests)));
    let problems = Memo::new(move |_| rows.with(|rows| rows.problems.clone()));
    let failures =
        Memo::new(move |_| rows.with(|rows| (rows.failures.clone(), rows.hidden.failures)));
    let hidden = Memo::new(move |_| rows.with(|rows| rows.hidden.in_words()));
    let shadow = Memo::new(move |_| latest.with(|status| status.shadow.clone()));
    view! {
        {live(move || shadow.get().map(|shadow| view! { <ShadowNotice shadow /> }))}
        <Filters url latest />
        <HiddenRows url hidden />
        <Problems problems />
        <section aria-labelledby="queues-title" data-testid="queues">
            <h2 id="queues-title">"Queues"</h2>
            {live(move || match queues.get() {
                (queues, 1..) if queues.is_empty() => none_fits("queue"),
                (queues, _) => queue_list(queues),
            })}
        </section>
        <Trust configurations=trusted />
        <Collectors collectors />
        <section aria-labelledby="requests-title" data-testid="requests">
            <h2 id="requests-title">"Requests"</h2>
            {live(move || match requests.get() {
                (requests, 1..) if requests.is_empty() => none_fits("request"),
                (requests, _) => request_table(requests),
            })}
        </section>
        <Failures failures />
        <p class="muted small">"Server version " {live(move || latest.with(|it| it.version.clone()))}</p>
    }
}
