//! One job: where it stands, the attempts at it, and what the collector of each noted, to read on the
//! page.

mod attempts;
mod log;

use std::sync::Arc;
use std::time::Duration;

use crate::prelude::*;
use shared_types::JobId;
use shared_types::api::{AccessRole, JobDetail};
use shared_types::job::{Job, JobState};

use crate::access::{Act, use_access};
use crate::app::set_page_title;
use crate::clock::Age;
use crate::page::status::job_table;
use crate::remote::polled;
use crate::router::use_location;
use crate::url_state::{read_attempt, request_address};
use crate::widget::access_bar::AccessBar;
use crate::widget::act::act_button;
use crate::widget::notice::when_ready;
use attempts::attempt_table;
use log::JobLog;

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(5);

/// The page at `/jobs/{id}`.
#[component]
pub(crate) fn JobPage() -> impl IntoView {
    set_page_title("Job");
    let location = use_location();
    let access = use_access();
    let id = Memo::new(move |_| location.named().parse::<JobId>().ok());
    let path = Signal::derive(move || {
        access.writes();
        id.get().map(|id| format!("/api/v1/jobs/{id}"))
    });
    let detail = polled::<JobDetail>(path, PERIOD);
    let search = location.search;
    let chosen = Memo::new(move |_| search.with(|search| read_attempt(search)));
    let attempts = {
        let detail = detail.clone();
        Memo::new(move |_| {
            let known = detail.with(|detail| detail.value.clone());
            known.map_or_else(Vec::new, |detail| detail.attempts.clone())
        })
    };
    let is_known = {
        let detail = detail.clone();
        Memo::new(move |_| detail.with(|detail| detail.value.is_some()))
    };
    view! {
        <div class="page">
            {live(move || match id.get() {
                None => view! {
                    <h1>"There is no such job"</h1>
                    <p>
                        "The address names no job by its id. "
                        <a href="/status">"The status page"</a> " lists jobs."
                    </p>
                }
                    .into_any(),
                Some(id) => view! {
                    <h1>"Job " <code>{short(id)}</code></h1>
                    <AccessBar />
                    {when_ready(detail.clone(), "the job", |detail| facts(&detail))}
                    {live(move || {
                        // Known first, so that nobody is shown a log that is not there.
                        is_known.get().then(|| view! { <JobLog job=id attempts chosen /> })
                    })}
                }
                    .into_any(),
            })}
        </div>
    }
    .into_any()
}

/// The end of a UUIDv7 is its random part: what tells two jobs of one second apart.
pub(crate) fn short(id: JobId) -> String {
    let id = id.to_string();
    id[id.len() - 8..].to_owned()
}

fn facts(detail: &Arc<JobDetail>) -> AnyView {
    let job = detail.record.clone();
    let retry = (job.state == JobState::Failed).then(|| retry_button(&job));
    let attempts = attempt_table(detail);
    view! {
        <p>
            "Of " <a href=request_address(job.request)>"its request"</a> " under "
            <strong class="break">{job.configuration.to_string()}</strong> ", made "
            <Age of=job.created_at />
            {job.finished_at.map(|at| view! { ", ended " <Age of=at /> })} " " {retry}
        </p>
        {job_table(vec![job])}
        {attempts}
    }
    .into_any()
}

/// Asks for a failed job once more.
pub(crate) fn retry_button(job: &Job) -> AnyView {
    let act = Act {
        label: format!("Try job {} once more", short(job.id)),
        question: None,
        takes_reason: false,
        path: format!("jobs/{}/retry", job.id),
        body: None,
        done: "The job waits for a collector once more.".to_owned(),
    };
    act_button(AccessRole::Request, "Try again", act)
}
