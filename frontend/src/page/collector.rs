//! One collector: its health, its host, what that measured, and how it was set up meanwhile.

use std::sync::Arc;
use std::time::Duration;

use crate::prelude::*;
use shared_types::api::{CollectorDetail, HealthFinding, HealthLevel, HostEpoch, RunOverview};

use crate::access::use_access;
use crate::app::set_page_title;
use crate::clock::Age;
use crate::numbers;
use crate::page::status::{
    collector_facts, disturbed_run, drain_button, health_in_words, job_table,
};
use crate::remote::polled;
use crate::router::use_location;
use crate::url_state::{CompareState, GraphsState};
use crate::widget::access_bar::AccessBar;
use crate::widget::artifact_name::ArtifactName;
use crate::widget::notice::when_ready;

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(5);

/// The page at `/collectors/{name}`.
#[component]
pub(crate) fn CollectorPage() -> impl IntoView {
    set_page_title("Collector");
    let location = use_location();
    let access = use_access();
    let name = Memo::new(move |_| location.named());
    let path = Signal::derive(move || {
        access.writes();
        let encoded: String = form_urlencoded::byte_serialize(name.get().as_bytes()).collect();
        Some(format!(
            "/api/v1/collectors/{}",
            encoded.replace('+', "%20")
        ))
    });
    let detail = polled::<CollectorDetail>(path, PERIOD);
    view! {
        <div class="page">
            <h1>"Collector " {live(move || name.get())}</h1>
            <AccessBar />
            {when_ready(detail, "the collector", |detail| parts(&detail))}
        </div>
    }
    .into_any()
}

fn parts(detail: &Arc<CollectorDetail>) -> AnyView {
    let status = detail.status.clone();
    let (health, tone) = health_in_words(&status);
    let collector = status.collector.clone();
    view! {
        <p class="line">
            <span class=format!("health {tone}")>{health}</span>
            <span class="muted">
                " heard of " <Age of=collector.last_seen_at /> ", first " <Age of=collector.first_seen_at />
            </span>
            " "
            {drain_button(&status)}
        </p>
        <section aria-labelledby="health-title" data-testid="health">
            <h2 id="health-title">"Health"</h2>
            <ul class="plain trouble">{detail.health.iter().map(finding).collect_view()}</ul>
        </section>
        {detail
            .job
            .clone()
            .map(|job| {
                view! {
                    <h2>"Works on"</h2>
                    {job_table(vec![job])}
                }
            })}
        <section aria-labelledby="facts-title">
            <h2 id="facts-title">"Facts"</h2>
            {collector_facts(&collector.report)}
        </section>
        {epochs(&detail.host_epochs)}
        {measured(&detail.runs)}
        {(!detail.disturbed.is_empty())
            .then(|| {
                view! {
                    <h2>"Disturbed runs"</h2>
                    <ul class="plain trouble">
                        {detail.disturbed.iter().cloned().map(disturbed_run).collect_view()}
                    </ul>
                }
            })}
        {(!detail.false_alarms.is_empty())
            .then(|| {
                let rates: Vec<_> = detail
                    .false_alarms
                    .iter()
                    .map(|one| view! { <li>{one.configuration.to_string()} ": " {one.rate.sentence.clone()}</li> })
                    .collect();
                view! {
                    <h2>"A/A comparisons on its host"</h2>
                    <ul class="plain">{rates}</ul>
                }
            })}
    }
    .into_any()
}

fn finding(finding: &HealthFinding) -> AnyView {
    let (class, word) = match finding.level {
        HealthLevel::Bad => ("notice error", "Bad: "),
        HealthLevel::Attention => ("notice warning", "Look: "),
        HealthLevel::Good => ("notice", "Good: "),
    };
    view! {
        <li class=class>
            <strong>{word}</strong>
            {finding.sentence.clone()}
        </li>
    }
    .into_any()
}

/// How the host was set up.
fn epochs(epochs: &[HostEpoch]) -> AnyView {
    if epochs.is_empty() {
        return view! {
            <h2>"Host epochs"</h2>
            <p class="muted">"Its host has measured nothing yet whose set-up was kept."</p>
        }
        .into_any();
    }
    let row = |epoch: &HostEpoch| {
        let changes: Vec<String> = epoch.changes.iter().map(ToString::to_string).collect();
        let changes = if changes.is_empty() {
            "as first seen".to_owned()
        } else {
            changes.join(", ")
        };
        view! {
            <tr>
                <td class="break">{epoch.configuration.to_string()}</td>
                <td><ArtifactName id=epoch.first.clone() /> " to " <ArtifactName id=epoch.last.clone() /></td>
                <td class="number">{numbers::count(u64::from(epoch.artifacts), "artifact")}</td>
                <td>{changes}</td>
            </tr>
        }
    };
    let rows: Vec<_> = epochs.iter().map(row).collect();
    view! {
        <h2>"Host epochs"</h2>
        <div class="scroll-x" tabindex="0" role="region" aria-label="How the host was set up">
            <table class="dense stacking" data-testid="epochs">
                <thead>
                    <tr>
                        <th scope="col">"Configuration"</th>
                        <th scope="col">"Measured"</th>
                        <th scope="col" class="number">"How many"</th>
                        <th scope="col">"What changed before"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What the host measured.
fn measured(runs: &[RunOverview]) -> AnyView {
    if runs.is_empty() {
        return view! {
            <h2>"Measured"</h2>
            <p class="muted">"Nothing yet."</p>
        }
        .into_any();
    }
    let row = |run: &RunOverview| {
        let graphs = GraphsState {
            configuration: Some(run.configuration.clone()),
            ..GraphsState::default()
        };
        let compare = CompareState {
            configuration: Some(run.configuration.clone()),
            ..CompareState::of("", &run.artifact)
        };
        view! {
            <tr>
                <td>
                    <a href=compare.address() data-row-link="">
                        <ArtifactName id=run.artifact.clone() /> " #" {run.replicate.number()}
                    </a>
                </td>
                <td class="break"><a href=graphs.address()>{run.configuration.to_string()}</a></td>
                <td>{run.measured_at.map(|at| view! { <Age of=at /> })}</td>
                <td class="number">{numbers::count(u64::from(run.test_cases), "test case")}</td>
                <td class="number">
                    {(run.failures > 0).then(|| numbers::count(u64::from(run.failures), "failure"))}
                </td>
            </tr>
        }
    };
    let rows: Vec<_> = runs.iter().map(row).collect();
    view! {
        <h2>"Measured"</h2>
        <div class="scroll-x" tabindex="0" role="region" aria-label="What was measured here">
            <table class="dense stacking" data-testid="measured">
                <thead>
                    <tr>
                        <th scope="col">"Run"</th>
                        <th scope="col">"Configuration"</th>
                        <th scope="col">"When"</th>
                        <th scope="col" class="number">"Test cases"</th>
                        <th scope="col" class="number">"Not measured"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
