//! The raw numbers of a test case: every measuring of both sides, iteration by iteration.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::api::{ReplicateFigures, ReplicateStanding, TestCaseDetail};
use shared_types::{MetricName, Unit};

use crate::clock::Age;
use crate::numbers;
use crate::url_state::job_address;
use crate::widget::choice_field::LoadedChoiceField;

/// The measurings, in a metric that the reader chooses; at first in the one that is compared. Open where
/// the reader wants values.
pub(super) fn raw_numbers(
    detail: &Arc<TestCaseDetail>,
    compared: &str,
    is_raw: Signal<bool>,
) -> AnyView {
    if detail.replicates.is_empty() {
        return ().into_any();
    }
    let chosen = RwSignal::new(compared.to_owned());
    let metrics = detail.metrics.iter();
    let names: Vec<String> = metrics.map(|it| it.metric.name.to_string()).collect();
    let detail = Arc::clone(detail);
    let rows = move || {
        let name = chosen.get();
        let metric = detail
            .metrics
            .iter()
            .find(|it| it.metric.name.as_str() == name);
        let unit = metric.map_or(Unit::Count, |it| it.metric.unit);
        let all = detail.replicates.iter();
        all.map(|it| row(it, &detail, &name, unit)).collect_view()
    };
    view! {
        <details class="wide" data-testid="raw-numbers" open=move || is_raw.get()>
            <summary>"Raw numbers: every measuring, every iteration"</summary>
            <div class="filters">
                <LoadedChoiceField
                    id="raw-metric"
                    test_id="raw-metric"
                    label="Metric"
                    names=Signal::stored(names)
                    chosen=chosen
                    on_choice=move |metric: String| chosen.set(metric)
                />
            </div>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Raw numbers">
                <table class="dense">
                    <thead>
                        <tr>
                            <th scope="col">"Run"</th>
                            <th scope="col">"Host"</th>
                            <th scope="col">"Measured"</th>
                            <th scope="col">"Counts"</th>
                            <th scope="col">"Iterations"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="muted small">
                "An iteration in brackets was spoilt by something else on its host, and does not count as \
                 long as there are others. A dash: not measured in that iteration."
            </p>
        </details>
    }
    .into_any()
}

fn row(it: &ReplicateFigures, detail: &TestCaseDetail, metric: &str, unit: Unit) -> AnyView {
    let run = format!(
        "{}@{}#{}",
        it.artifact,
        detail.configuration,
        it.replicate.number()
    );
    let values = iterations(it, metric, unit);
    let reasons: Vec<_> = it
        .disturbed
        .iter()
        .map(|one| {
            view! {
                <br />
                <span class="muted small">
                    {format!("Iteration {}: {}", one.iteration + 1, one.reason)}
                </span>
            }
        })
        .collect();
    let standing = standing_in_words(it);
    view! {
        <tr>
            <th scope="row">
                {it.side.as_str()} " " <a href=job_address(it.job)><code class="break">{run}</code></a>
            </th>
            <td>{it.host.clone()}</td>
            <td><Age of=it.measured_at /></td>
            <td>
                {standing}
                {it.note.clone().map(|note| view! { <p class="muted small">{note}</p> })}
            </td>
            <td class="break">{values} {reasons}</td>
        </tr>
    }
    .into_any()
}

fn standing_in_words(it: &ReplicateFigures) -> &'static str {
    match (it.standing, it.is_host_disturbed) {
        (ReplicateStanding::Counts, false) => "yes",
        (ReplicateStanding::Counts, true) => "yes, though its host was disturbed",
        (ReplicateStanding::Superseded, _) => "no: another replicate counts instead",
        (ReplicateStanding::Retracted, _) => "no: taken back",
        (ReplicateStanding::OtherEpoch, _) => "no: of another epoch",
    }
}

/// The iterations of a metric, in their order.
fn iterations(it: &ReplicateFigures, metric: &str, unit: Unit) -> String {
    let is_of = |name: &MetricName| name.as_str() == metric;
    let Some(values) = it.values.iter().find(|values| is_of(&values.metric)) else {
        return "not measured".to_owned();
    };
    let told = values.iterations.iter().zip(0..).map(|(value, number)| {
        let text = value.map_or_else(|| "\u{2013}".to_owned(), |it| numbers::value(it, unit));
        let is_disturbed = it.disturbed.iter().any(|one| one.iteration == number);
        if is_disturbed {
            format!("({text})")
        } else {
            text
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replicate() -> ReplicateFigures {
        serde_json::from_value(serde_json::json!({
            "side": "base",
            "artifact": "release-1.95.0",
            "replicate": 1,
            "job": "0190163d-8694-739b-aea5-966c26f8ad91",
            "attempt": 1,
            "host": "host-1",
            "measured_at": "2026-03-01T12:00:00Z",
            "standing": "counts",
            "is_host_disturbed": false,
            "values": [{ "metric": "max-rss", "iterations": [1, null, 3] }],
            "disturbed": [{ "iteration": 2, "reason": "another program ran" }],
            "has_self_profile": false,
        }))
        .unwrap()
    }

    #[test]
    fn a_spoilt_iteration_is_in_brackets_and_a_missing_one_a_dash() {
        let told = iterations(&replicate(), "max-rss", Unit::Count);
        assert_eq!(told, "1, \u{2013}, (3)");
        let absent = iterations(&replicate(), "wall-time", Unit::Seconds);
        assert_eq!(absent, "not measured");
    }

    #[test]
    fn what_does_not_count_says_why() {
        let retracted = ReplicateFigures {
            standing: ReplicateStanding::Retracted,
            ..replicate()
        };
        assert_eq!(standing_in_words(&retracted), "no: taken back");
        assert_eq!(standing_in_words(&replicate()), "yes");
    }
}
