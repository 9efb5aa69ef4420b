//! The overview: what came out last under each configuration, what is going on, and what needs a
//! person.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use shared_types::api::{
    ComparisonReference, ConfigurationOverview, Page, QueueStatus, RunOverview, Status,
};
use shared_types::job::JobState;
use shared_types::{Backend, ConfigurationId, ConfigurationRecord};

use crate::api_client;
use crate::app::set_page_title;
use crate::clock::Age;
use crate::numbers;
use crate::remote::polled;
use crate::url_state::{CompareState, GraphsState, request_address};
use crate::widget::artifact_name::{ArtifactName, short_side};
use crate::widget::headline::HeadlineLink;
use crate::widget::notice::{ShadowNotice, when_ready};
use crate::widget::progress::Progress;
use crate::widget::verdict::TierBadge;

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(5);

/// The page at `/`.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    set_page_title("Overview");
    let configurations = polled::<Page<ConfigurationOverview>>(
        Signal::stored(Some(api_client::CONFIGURATIONS.to_owned())),
        PERIOD,
    );
    let status = polled::<Status>(Signal::stored(Some(api_client::STATUS.to_owned())), PERIOD);
    view! {
        <div class="page">
            <h1>"Overview"</h1>
            {when_ready(status, "what is going on", |status| view! { <Attention status /> }.into_any())}
            <h2>"Configurations"</h2>
            {when_ready(
                configurations,
                "configurations",
                |page| view! { <ConfigurationList configurations=page /> }.into_any(),
            )}
        </div>
    }
}

/// What is running, and what needs a person.
#[component]
fn Attention(status: Arc<Status>) -> impl IntoView {
    let running: Vec<_> = status
        .requests
        .iter()
        .filter(|request| !request.state.is_final())
        .map(|request| {
            let base = request.base.as_ref().map(|base| {
                view! { <ArtifactName id=base.artifact.clone() /> " \u{2192} " }
            });
            view! {
                <li>
                    <a href=request_address(request.id) data-row-link="">
                        {base}
                        <ArtifactName id=request.head.artifact.clone() />
                    </a>
                    <span class="muted">
                        " " {request.state.as_str()} " \u{b7} "
                        {numbers::count(request.configurations.len() as u64, "configuration")}
                    </span>
                </li>
            }
        })
        .collect();
    let needs = needs_a_person(&status);
    let shadow = status.shadow.clone();
    view! {
        {shadow.map(|shadow| view! { <ShadowNotice shadow /> })}
        <div class="attention">
            <section class="panel" aria-labelledby="running-title">
                <h2 id="running-title">"Running"</h2>
                {if running.is_empty() {
                    view! { <p class="muted">"Nothing is being measured."</p> }.into_any()
                } else {
                    view! {
                        <ul class="plain">{running}</ul>
                        {all_queues(&status)}
                    }
                        .into_any()
                }}
            </section>
            <section class="panel" aria-labelledby="needs-title" data-testid="needs-a-person">
                <h2 id="needs-title">"Needs a person"</h2>
                {if needs.is_empty() {
                    view! { <p class="muted">"Nothing."</p> }.into_any()
                } else {
                    view! {
                        <ul class="plain">
                            {needs
                                .into_iter()
                                .map(|need| view! { <li><a href="/status">{need}</a></li> })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }}
            </section>
        </div>
    }
}

/// How far all queues are together, and what is being measured right now.
fn all_queues(status: &Status) -> impl IntoView + use<> {
    let queues = || {
        status
            .configurations
            .iter()
            .map(|configuration| &configuration.queue)
    };
    let done: u64 = queues().map(|queue| queue.compilations_done).sum();
    let total: u64 = queues().map(|queue| queue.compilations_total).sum();
    // The queues are worked on side by side: the longest tells when all are done.
    let seconds_left = queues().filter_map(|queue| queue.seconds_left).max();
    let now: Vec<_> = status
        .configurations
        .iter()
        .flat_map(|configuration| &configuration.jobs)
        .filter(|job| job.state == JobState::Running)
        .filter_map(|job| job.progress.as_ref())
        .map(|progress| {
            view! {
                <p class="small muted break">
                    {progress.current.clone()} " on " {progress.host.clone()}
                </p>
            }
        })
        .collect();
    (total > 0).then(|| {
        view! {
            <Progress done total seconds_left />
            {now}
        }
    })
}

/// What a person should look at, in words.
fn needs_a_person(status: &Status) -> Vec<String> {
    let mut needs = Vec::new();
    let problems = status.problems.len() as u64;
    if problems > 0 {
        needs.push(format!("{} reported", numbers::count(problems, "problem")));
    }
    let failures = status.failures.len() as u64;
    if failures > 0 {
        needs.push(format!(
            "{} could not be measured lately",
            numbers::count(failures, "test case")
        ));
    }
    let silent: Vec<&str> = status
        .collectors
        .iter()
        .filter(|collector| !collector.alive && collector.collector.job().is_some())
        .map(|collector| collector.collector.report.collector.as_str())
        .collect();
    if !silent.is_empty() {
        needs.push(format!(
            "silent in the middle of a job: {}",
            silent.join(", ")
        ));
    }
    for configuration in &status.configurations {
        let waiting = configuration.queue.pending + configuration.queue.queued;
        let is_served = status.collectors.iter().any(|collector| {
            collector.alive
                && collector
                    .collector
                    .report
                    .configurations
                    .contains(&configuration.configuration)
        });
        if waiting > 0 && !is_served {
            needs.push(format!(
                "{} of {} wait for a collector",
                numbers::count(u64::from(waiting), "job"),
                configuration.configuration
            ));
        }
    }
    needs
}

#[component]
fn ConfigurationList(configurations: Arc<Page<ConfigurationOverview>>) -> impl IntoView {
    if configurations.items.is_empty() {
        return view! {
            <div class="empty">
                <p>"No configuration is registered yet. To see one, measure something:"</p>
                <pre><code>"cargo xtask demo"</code></pre>
                <p>"or bring measurements that were made elsewhere:"</p>
                <pre><code>"perfleet import csv FILE.csv.gz"</code></pre>
            </div>
        }
        .into_any();
    }
    view! {
        <ul class="configurations plain">
            {configurations
                .items
                .iter()
                .map(|overview| view! { <ConfigurationRow overview=overview.clone() /> })
                .collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn ConfigurationRow(overview: ConfigurationOverview) -> impl IntoView {
    let configuration = overview.configuration;
    let graphs = GraphsState {
        configuration: Some(configuration.id.clone()),
        ..GraphsState::default()
    }
    .address();
    view! {
        <li class="configuration" data-testid=format!("configuration-{}", configuration.id)>
            <div class="configuration-name">
                <h3>
                    <a href=graphs title="Its graphs">{configuration.id.to_string()}</a>
                    " "
                    <TierBadge tier=configuration.tier />
                </h3>
                <p class="muted">{record_in_words(&configuration.record)}</p>
            </div>
            <div class="configuration-answer">
                <LastAnswer comparison=overview.last_comparison configuration=configuration.id.clone() />
            </div>
            <div class="configuration-facts">
                <LastRun run=overview.last_run runs=overview.runs />
                <QueueLine queue=overview.queue collectors_alive=overview.collectors_alive />
            </div>
        </li>
    }
}

/// What is equal in all results of a configuration, in words.
pub(crate) fn record_in_words(record: &ConfigurationRecord) -> String {
    let mut words = vec![record.target.clone(), record.hardware_model.clone()];
    if words.iter().all(|word| word == "imported") {
        words = vec!["measured elsewhere, host not recorded".to_owned()];
    }
    match record.backend {
        Backend::Llvm => words.push("LLVM".to_owned()),
        Backend::Cranelift => words.push("Cranelift".to_owned()),
        Backend::Unknown => {}
    }
    if record.backend != Backend::Unknown {
        words.push(match record.frontend_threads {
            1 => "1 front-end thread".to_owned(),
            threads => format!("{threads} front-end threads"),
        });
    }
    if !record.flags.is_empty() {
        words.push(format!("flags {}", record.flags.join(" ")));
    }
    words.dedup();
    words.join(" \u{b7} ")
}

#[component]
fn LastAnswer(
    #[prop(optional_no_strip)] comparison: Option<ComparisonReference>,
    configuration: ConfigurationId,
) -> impl IntoView {
    let Some(comparison) = comparison else {
        let begin = CompareState {
            configuration: Some(configuration),
            ..CompareState::default()
        }
        .address();
        return view! {
            <p class="muted">
                "No comparison yet. "
                <a href=begin data-row-link="">"Compare two of its runs"</a>
            </p>
        }
        .into_any();
    };
    let address = CompareState {
        configuration: Some(comparison.configuration.clone()),
        metric: comparison.metric.parse().ok(),
        ..CompareState::of(&comparison.base, &comparison.head)
    }
    .address();
    view! {
        <HeadlineLink headline=comparison.headline address verdict=comparison.verdict />
        <p class="muted small">
            {short_side(&comparison.base.to_string())} " \u{2192} "
            {short_side(&comparison.head.to_string())} ", " <Age of=comparison.computed_at />
        </p>
    }
    .into_any()
}

#[component]
fn LastRun(#[prop(optional_no_strip)] run: Option<RunOverview>, runs: u64) -> impl IntoView {
    match run {
        None => view! { <p class="muted">"No run yet"</p> }.into_any(),
        Some(run) => view! {
            <p>
                {numbers::count(runs, "run")} ", last "
                <ArtifactName id=run.artifact />
                {run.measured_at.map(|at| view! { ", " <Age of=at /> })}
            </p>
        }
        .into_any(),
    }
}

#[component]
fn QueueLine(queue: QueueStatus, collectors_alive: u32) -> impl IntoView {
    let jobs = queue.pending + queue.queued + queue.running;
    let collectors = match collectors_alive {
        0 => "no collector".to_owned(),
        number => format!("{} alive", numbers::count(u64::from(number), "collector")),
    };
    if jobs == 0 {
        return view! { <p class="muted">"Queue empty, " {collectors}</p> }.into_any();
    }
    view! {
        <p>
            {numbers::count(u64::from(queue.running), "job")} " running, "
            {u64::from(queue.queued + queue.pending)} " waiting, " {collectors}
        </p>
        <Progress
            done=queue.compilations_done
            total=queue.compilations_total
            seconds_left=queue.seconds_left
        />
    }
    .into_any()
}
