//! What goes on: queues by configuration, collectors, requests, and what went wrong.

mod collectors;
mod trouble;
mod trust;

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use shared_types::api::{ConfigurationStatus, Status};
use shared_types::job::{Job, JobState};
use shared_types::request::Request;

use crate::api_client;
use crate::app::set_page_title;
use crate::clock::Age;
use crate::numbers;
use crate::remote::{Remote, polled};
use crate::url_state::{GraphsState, request_address};
use crate::widget::artifact_name::ArtifactName;
use crate::widget::notice::{ShadowNotice, when_ready};
use crate::widget::progress::Progress;
use collectors::Collectors;
use trouble::{Failures, Problems};
use trust::Trust;

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(3);

/// The page at `/status`.
#[component]
pub(crate) fn StatusPage() -> impl IntoView {
    set_page_title("Status");
    let status = polled::<Status>(Signal::stored(Some(api_client::STATUS.to_owned())), PERIOD);
    // One part at a time, so that news of one does not close what a reader opened in another.
    let part = status.clone();
    view! {
        <div class="page">
            <h1>"Status"</h1>
            {when_ready(
                once_there(&status),
                "the status",
                move |first| view! { <Parts status=part.clone() first /> }.into_any(),
            )}
        </div>
    }
}

/// The signal that changes when the first answer comes, and with errors, but not with each answer.
fn once_there(status: &ArcRwSignal<Remote<Status>>) -> ArcRwSignal<Remote<Status>> {
    let first = ArcRwSignal::new(Remote::default());
    let (status, target) = (status.clone(), first.clone());
    Effect::new(move |_| {
        let now = status.get();
        target.update(|first| {
            first.error = now.error;
            first.value = first.value.clone().or(now.value);
        });
    });
    first
}

#[component]
fn Parts(status: ArcRwSignal<Remote<Status>>, first: Arc<Status>) -> impl IntoView {
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
        {move || shadow.get().map(|shadow| view! { <ShadowNotice shadow /> })}
        <Problems problems />
        <section aria-labelledby="queues-title">
            <h2 id="queues-title">"Queues"</h2>
            {move || queue_list(queues.get())}
        </section>
        <Trust configurations=queues />
        <Collectors collectors />
        <section aria-labelledby="requests-title">
            <h2 id="requests-title">"Requests"</h2>
            {move || request_table(requests.get())}
        </section>
        <Failures failures />
        <p class="muted small">"Server version " {move || latest.with(|it| it.version.clone())}</p>
    }
}

fn queue_list(queues: Vec<ConfigurationStatus>) -> AnyView {
    if queues.is_empty() {
        return view! {
            <p class="empty">
                "No configuration is registered. A collector registers its configurations when it \
                 starts: " <code>"collector run --data-dir DIR --configuration NAME"</code>
            </p>
        }
        .into_any();
    }
    let (busy, idle): (Vec<_>, Vec<_>) = queues
        .into_iter()
        .partition(|queue| queue.queue.pending + queue.queue.queued + queue.queue.running > 0);
    let idle_names: Vec<String> = idle
        .iter()
        .map(|queue| queue.configuration.to_string())
        .collect();
    view! {
        {busy.into_iter().map(|queue| view! { <QueuePanel queue /> }).collect_view()}
        {(!idle_names.is_empty())
            .then(|| view! { <p class="muted">"Empty: " {idle_names.join(", ")}</p> })}
    }
    .into_any()
}

#[component]
fn QueuePanel(queue: ConfigurationStatus) -> impl IntoView {
    let numbers = queue.queue;
    let graphs = GraphsState {
        configuration: Some(queue.configuration.clone()),
        ..GraphsState::default()
    }
    .address();
    view! {
        <div class="panel" data-testid=format!("queue-{}", queue.configuration)>
            <div class="panel-head">
                <h3><a href=graphs>{queue.configuration.to_string()}</a></h3>
                <span class="muted">
                    {numbers.running} " running \u{b7} " {numbers.queued} " queued \u{b7} "
                    {numbers.pending} " pending"
                </span>
            </div>
            <Progress
                done=numbers.compilations_done
                total=numbers.compilations_total
                seconds_left=numbers.seconds_left
            />
            <JobTable jobs=queue.jobs />
        </div>
    }
}

/// Jobs, as the status and the request pages list them.
#[component]
pub(crate) fn JobTable(
    /// The jobs.
    jobs: Vec<Job>,
) -> impl IntoView {
    view! {
        <div class="scroll-x">
            <table class="dense stacking jobs">
                <thead>
                    <tr>
                        <th scope="col">"Job"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Artifacts"</th>
                        <th scope="col">"Progress"</th>
                        <th scope="col">"Now"</th>
                    </tr>
                </thead>
                <tbody>{jobs.into_iter().map(job_row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn job_row(job: Job) -> impl IntoView {
    let artifacts: Vec<_> = job
        .runs
        .iter()
        .map(|run| view! { <ArtifactName id=run.artifact.clone() /> " " })
        .collect();
    let (done, total) = match (&job.progress, job.state) {
        (_, JobState::Done) => (job.compilations(), job.compilations()),
        (Some(progress), _) => (progress.done, progress.total),
        (None, _) => (0, job.compilations()),
    };
    let now = match (&job.progress, job.state) {
        (Some(progress), JobState::Running) => view! {
            <code>{progress.current.clone()}</code>
            <span class="muted">" on " {progress.host.clone()} ", " <Age of=progress.at /></span>
        }
        .into_any(),
        _ => match job.failures.last() {
            Some(failure) => view! {
                <span class="worse">
                    {numbers::count(job.failures.len() as u64, "failure")} ": "
                    {failure.reason.clone()}
                </span>
            }
            .into_any(),
            None => ().into_any(),
        },
    };
    let id = job.id.to_string();
    // The end of a UUIDv7 is its random part: what tells two jobs of one second apart.
    let short_id = id[id.len() - 8..].to_owned();
    view! {
        <tr>
            <td><code title=id>{short_id}</code></td>
            <td><span class=format!("state {}", job.state)>{job.state.as_str()}</span></td>
            <td>{artifacts}</td>
            <td><Progress done total seconds_left=None what="" /></td>
            <td>{now}</td>
        </tr>
    }
}

fn request_table(requests: Vec<Request>) -> AnyView {
    if requests.is_empty() {
        return view! {
            <p class="empty">
                "Nobody asked for anything yet. Ask with "
                <code>"perfleet request HEAD --base BASE --configuration NAME"</code>
            </p>
        }
        .into_any();
    }
    view! {
        <div class="scroll-x">
            <table class="dense stacking requests">
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Configurations"</th>
                        <th scope="col">"By"</th>
                        <th scope="col">"Made"</th>
                        <th scope="col">"Why, and what about it"</th>
                    </tr>
                </thead>
                <tbody>{requests.into_iter().map(request_row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn request_row(request: Request) -> impl IntoView {
    let configurations: Vec<String> = request
        .configurations
        .iter()
        .map(ToString::to_string)
        .collect();
    let base = request.base.as_ref().map(|base| {
        view! { <ArtifactName id=base.artifact.clone() /> " \u{2192} " }
    });
    view! {
        <tr>
            <td>
                <a href=request_address(request.id) data-row-link="">
                    {base}
                    <ArtifactName id=request.head.artifact.clone() />
                </a>
            </td>
            <td><span class=format!("state {}", request.state)>{request.state.as_str()}</span></td>
            <td>{configurations.join(", ")}</td>
            <td>{request.requester}</td>
            <td><Age of=request.created_at /></td>
            <td>
                {request.reason}
                {request.note.map(|note| view! { <span class="worse">" " {note}</span> })}
            </td>
        </tr>
    }
}
