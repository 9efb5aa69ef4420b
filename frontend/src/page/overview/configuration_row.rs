//! One configuration at a glance.

use crate::prelude::*;
use shared_types::api::{
    ComparisonReference, ConfigurationGlance, ConfigurationOverview, QueueStatus, RunOverview,
};
use shared_types::{Backend, ConfigurationId, ConfigurationRecord};

use crate::clock::Age;
use crate::numbers;
use crate::url_state::{CompareState, GraphsState, InboxState, Shown};
use crate::widget::artifact_name::{ArtifactName, short_side};
use crate::widget::headline::HeadlineLink;
use crate::widget::progress::Progress;
use crate::widget::trend_line::trend_line;
use crate::widget::verdict::TierBadge;

/// A configuration: its last answer, its last runs, and how it is doing. `glance` is what the overview
/// says of it, once that is there.
pub(super) fn configuration_row(
    overview: &ConfigurationOverview,
    glance: Option<&ConfigurationGlance>,
) -> AnyView {
    let configuration = overview.configuration.clone();
    let graphs = GraphsState {
        configuration: Some(configuration.id.clone()),
        ..GraphsState::default()
    }
    .address();
    view! {
        <li class="configuration" data-testid=format!("configuration-{}", configuration.id)>
            <div class="configuration-name">
                <h3>
                    <a href=graphs.clone() title="Its graphs">{configuration.id.to_string()}</a>
                    " "
                    <TierBadge tier=configuration.tier />
                </h3>
                <p class="muted">{record_in_words(&configuration.record)}</p>
            </div>
            <div class="configuration-answer">
                {last_answer(overview.last_comparison.clone(), configuration.id.clone())}
            </div>
            <div class="configuration-trend">{trend(glance, graphs)}</div>
            <div class="configuration-facts">
                {last_run(overview.last_run.clone(), overview.runs)}
                {queue_line(&overview.queue, overview.collectors_alive)}
                {glance.map(|glance| trouble(glance, &configuration.id))}
            </div>
        </li>
    }
    .into_any()
}

/// The last runs as a line that leads to the graphs.
fn trend(glance: Option<&ConfigurationGlance>, graphs: String) -> AnyView {
    match glance.map(|glance| glance.trend.as_ref()) {
        // Not there yet: nothing is said of it, and nothing jumps when it comes.
        None => view! { <span class="spark-room"></span> }.into_any(),
        Some(None) => view! { <p class="muted small">"No series yet"</p> }.into_any(),
        Some(Some(trend)) => {
            view! { <a class="spark-link" href=graphs title="Its graphs">{trend_line(trend)}</a> }
                .into_any()
        }
    }
}

/// Open regressions and disturbed hosts.
fn trouble(glance: &ConfigurationGlance, id: &ConfigurationId) -> AnyView {
    let counts = glance.regressions;
    let open = u64::from(counts.untriaged + counts.overdue);
    let inbox = InboxState {
        configuration: Some(id.clone()),
        shown: if open > 0 {
            Shown::Open
        } else {
            Shown::Acknowledged
        },
        ..InboxState::default()
    }
    .address();
    let regressions = match (open, counts.acknowledged) {
        (0, 0) => view! { <p class="muted">"No open regression"</p> }.into_any(),
        (0, known) => {
            let words = numbers::count(u64::from(known), "acknowledged regression");
            view! { <p><a href=inbox>{words}</a></p> }.into_any()
        }
        (open, _) => {
            let words = numbers::count(open, "open regression");
            let overdue = (counts.overdue > 0).then(|| format!(", {} overdue", counts.overdue));
            view! { <p><a class="worse" href=inbox>"\u{25b2} " {words} {overdue}</a></p> }
                .into_any()
        }
    };
    let hosts = &glance.disturbed_hosts;
    let disturbed = (!hosts.is_empty()).then(|| {
        let words = numbers::count(hosts.len() as u64, "disturbed host");
        view! { <p><a class="worse" href="/status#trust-title">"! " {words} ": " {hosts.join(", ")}</a></p> }
    });
    view! {
        {regressions}
        {disturbed}
    }
    .into_any()
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

fn last_answer(comparison: Option<ComparisonReference>, configuration: ConfigurationId) -> AnyView {
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

fn last_run(run: Option<RunOverview>, runs: u64) -> AnyView {
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

fn queue_line(queue: &QueueStatus, collectors_alive: u32) -> AnyView {
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
