//! One request: how far it is, what came out so far, and the verdict over its configurations.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::prelude::*;
use shared_types::api::{ComparisonReference, RequestDetail};
use shared_types::job::{Job, JobState};
use shared_types::request::Request;
use shared_types::{ArtifactId, ConfigurationId, RequestId};

use crate::access::use_access;
use crate::api_client;
use crate::app::set_page_title;
use crate::clock::Age;
use crate::numbers;
use crate::page::status::{job_table, request_buttons};
use crate::remote::polled;
use crate::router::use_location;
use crate::sorted_set::SortedSet;
use crate::url_state::CompareState;
use crate::widget::access_bar::AccessBar;
use crate::widget::artifact_name::ArtifactName;
use crate::widget::headline::HeadlineLink;
use crate::widget::notice::when_ready;
use crate::widget::progress::Progress;
use crate::widget::quoted::{quoted, sentence};
use crate::widget::verdict::VerdictBadge;

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(3);

/// The page at `/requests/{id}`.
#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    set_page_title("Request");
    let location = use_location();
    let id = Memo::new(move |_| location.named().parse::<RequestId>().ok());
    let access = use_access();
    let path = Signal::derive(move || {
        access.writes();
        id.get().map(api_client::request)
    });
    let detail = polled::<RequestDetail>(path, PERIOD);
    let found = Memo::new(move |_| id.get().is_some());
    let opened = Opened::default();
    let sides = {
        let detail = detail.clone();
        Memo::new(move |_| {
            detail.with(|it| {
                let request = &it.value.as_ref()?.request;
                let base = request.base.as_ref().map(|base| base.artifact.clone());
                Some((base, request.head.artifact.clone()))
            })
        })
    };
    view! {
        <div class="page">
            {live(move || {
                if found.get() {
                    view! {
                        <h1>"Request" {live(move || sides.get().map(names))}</h1>
                        <AccessBar />
                        {when_ready(
                            detail.clone(),
                            "the request",
                            move |detail| view! { <Detail detail opened /> }.into_any(),
                        )}
                    }
                        .into_any()
                } else {
                    view! {
                        <h1>"There is no such request"</h1>
                        <p>
                            "The address names no request by its id. "
                            <a href="/status">"The status page"</a> " lists requests."
                        </p>
                    }
                        .into_any()
                }
            })}
        </div>
    }
}

/// The configurations whose jobs a reader has unfolded. News must not fold them again.
#[derive(Clone, Copy, Default)]
struct Opened(RwSignal<SortedSet<ConfigurationId>>);

impl Opened {
    fn contains(self, configuration: &ConfigurationId) -> bool {
        self.0
            .with_untracked(|opened| opened.contains(configuration))
    }

    fn set(self, configuration: &ConfigurationId, is_open: bool) {
        self.0.update(|opened| {
            if is_open {
                opened.insert(configuration.clone());
            } else {
                opened.remove(configuration);
            }
        });
    }
}

#[component]
fn Detail(detail: Arc<RequestDetail>, opened: Opened) -> impl IntoView {
    let request = detail.request.clone();
    let is_over = request.state.is_final();
    view! {
        <div class="panel verdict-panel" role="status" data-testid="request-verdict">
            <p class="answer strong">
                <VerdictBadge verdict=detail.verdict />
                " "
                <span data-testid="verdict-sentence">{detail.verdict_sentence.clone()}</span>
            </p>
            {(!is_over && detail.compilations_total > 0)
                .then(|| {
                    view! {
                        <Progress
                            done=detail.compilations_done
                            total=detail.compilations_total
                            seconds_left=detail.seconds_left
                        />
                    }
                })}
        </div>
        <RequestFacts request=request.clone() />
        <p class="buttons">{request_buttons(&request)}</p>
        <h2>"By configuration"</h2>
        {request
            .configurations
            .iter()
            .map(|configuration| {
                view! { <ConfigurationPart
                        configuration=configuration.clone()
                        detail=Arc::clone(&detail)
                        opened
                    />
                }
            })
            .collect_view()}
    }
}

/// Base, if there is one, and head.
fn names((base, head): (Option<ArtifactId>, ArtifactId)) -> AnyView {
    let base = base.map(|base| view! { <ArtifactName id=base /> " \u{2192} " });
    view! { " " {base} <ArtifactName id=head /> }.into_any()
}

#[component]
fn RequestFacts(request: Request) -> impl IntoView {
    let a_a = request.is_a_a().then(|| {
        view! {
            <div class="notice" role="status">
                <strong>"A/A request."</strong>
                " One compiler is measured twice: it must come out as no change."
            </div>
        }
    });
    let finished = request
        .finished_at
        .map(|at| view! { " \u{b7} ended " <Age of=at /> });
    view! {
        {a_a}
        <p>
            <span class=format!("state {}", request.state)>{request.state.as_str()}</span>
            <span class="muted">
                " \u{b7} asked by " {request.requester.clone()} " " <Age of=request.created_at />
                {finished} " \u{b7} "
                {numbers::count(u64::from(request.iterations), "iteration")}
                {request.paired.then_some(" \u{b7} base and head interleaved on one host")}
            </span>
        </p>
        {request.reason.clone().map(|reason| view! { <p>"Why: " {reason}</p> })}
        {request
            .note
            .clone()
            .map(|note| view! { <div class="notice warning" role="status">{quoted(&sentence(&note))}</div> })}
    }
}

#[component]
fn ConfigurationPart(
    configuration: ConfigurationId,
    detail: Arc<RequestDetail>,
    opened: Opened,
) -> impl IntoView {
    let jobs: Vec<Job> = detail
        .jobs
        .iter()
        .filter(|job| job.configuration == configuration)
        .cloned()
        .collect();
    let comparisons: Vec<&ComparisonReference> = detail
        .comparisons
        .iter()
        .filter(|comparison| comparison.configuration == configuration)
        .collect();
    let answer = if comparisons.is_empty() {
        view! { <p class="muted">{awaiting(&jobs)}</p> }.into_any()
    } else {
        comparisons
            .into_iter()
            .map(comparison_line)
            .collect_view()
            .into_any()
    };
    let name = configuration.to_string();
    let test_id = format!("request-{name}");
    let is_empty = jobs.is_empty();
    let total: u64 = jobs.iter().map(Job::compilations).sum();
    let done: u64 = jobs.iter().map(compilations_done).sum();
    view! {
        <section class="panel" data-testid=test_id>
            <div class="panel-head">
                <h3>{name}</h3>
                <span class="muted">{states_in_words(&jobs)}</span>
            </div>
            {answer}
            {(done < total).then(|| view! { <Progress done total seconds_left=None /> })}
            <details
                hidden=is_empty
                open=opened.contains(&configuration)
                on:toggle=move |event| {
                    let details: web_sys::Element = event_target(&event);
                    opened.set(&configuration, details.has_attribute("open"));
                }
            >
                <summary>{numbers::count(jobs.len() as u64, "job")}</summary>
                {job_table(jobs)}
            </details>
        </section>
    }
}

fn comparison_line(comparison: &ComparisonReference) -> impl IntoView + use<> {
    let address = CompareState {
        configuration: Some(comparison.configuration.clone()),
        metric: comparison.metric.parse().ok(),
        ..CompareState::of(&comparison.base, &comparison.head)
    }
    .address();
    view! {
        <HeadlineLink
            headline=comparison.headline.clone()
            address
            verdict=comparison.verdict
        />
    }
}

/// Why there is no comparison yet.
fn awaiting(jobs: &[Job]) -> &'static str {
    if jobs.is_empty() {
        "Its jobs are not cut yet."
    } else if jobs.iter().all(|job| job.state.is_final()) {
        "Every job ended, and nothing can be compared: see the jobs below and the status page."
    } else {
        "Compared as soon as base and head are measured."
    }
}

fn compilations_done(job: &Job) -> u64 {
    match (job.state, &job.progress) {
        (state, _) if state.is_final() => job.compilations(),
        (_, Some(progress)) => progress.done,
        (_, None) => 0,
    }
}

/// `2 done, 1 running`.
fn states_in_words(jobs: &[Job]) -> String {
    let mut counts: BTreeMap<JobState, usize> = BTreeMap::new();
    for job in jobs {
        *counts.entry(job.state).or_default() += 1;
    }
    let words: Vec<String> = counts
        .into_iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    words.join(", ")
}
