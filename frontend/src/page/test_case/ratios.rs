//! Two configurations of one artifact beside each other, as ratios: the only place where two
//! configurations meet. Shown, and no more: no significance, no verdict.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::{ArtifactId, ConfigurationId, TestCase};

use super::{TestCaseUrl, choice};
use crate::numbers;
use crate::part::{Piece, part, when_fetched};
use crate::series::blocks::follow_series;
use crate::series::history::{History, date_or_name};
use crate::widget::choice_field::options;

/// A test case of one artifact under two configurations.
#[derive(Debug, Clone, PartialEq)]
struct Pair {
    test_case: TestCase,
    shown: f64,
    beside: f64,
}

/// The artifact that is shown: the one that is asked for, else the newest that both have.
fn common_artifact(
    shown: &History,
    beside: &History,
    asked: Option<&ArtifactId>,
) -> Option<ArtifactId> {
    let is_in_both = |id: &ArtifactId| beside.place_of(id).is_some();
    if let Some(asked) = asked {
        return (shown.place_of(asked).is_some() && is_in_both(asked)).then(|| asked.clone());
    }
    let newest = shown.artifacts.iter().rev().map(|artifact| &artifact.id);
    newest.into_iter().find(|id| is_in_both(id)).cloned()
}

/// What both configurations measured of an artifact, in one metric; the largest ratio first.
fn pairs(shown: &History, beside: &History, artifact: &ArtifactId) -> Vec<Pair> {
    let (Some(at), Some(beside_at)) = (shown.place_of(artifact), beside.place_of(artifact)) else {
        return Vec::new();
    };
    let pair = |test_case: &TestCase| {
        let value = |history: &History, at| Some(history.line(test_case)?.point(at)?.value);
        Some(Pair {
            test_case: test_case.clone(),
            shown: value(shown, at)?,
            beside: value(beside, beside_at).filter(|value| *value > 0.0)?,
        })
    };
    let mut pairs: Vec<Pair> = shown
        .lines
        .iter()
        .filter_map(|line| pair(&line.test_case))
        .collect();
    pairs.sort_by(|a, b| (b.shown / b.beside).total_cmp(&(a.shown / a.beside)));
    pairs
}

/// The choice of two configurations, and their ratios.
#[component]
pub(super) fn Ratios(url: TestCaseUrl, configurations: Vec<ConfigurationId>) -> impl IntoView {
    if configurations.len() < 2 {
        return ().into_any();
    }
    let shown = Memo::new(move |_| url.state.with(|state| state.shown.clone()));
    let beside = Memo::new(move |_| url.state.with(|state| state.beside.clone()));
    let is_asked = Memo::new(move |_| shown.get().is_some() && beside.get() != shown.get());
    let names: Vec<String> = configurations.iter().map(ToString::to_string).collect();
    let field =
        move |id: &'static str, label: &'static str, chosen: Memo<Option<ConfigurationId>>| {
            let names = names.clone();
            view! {
                <div class="field">
                    <label for=id>{label}</label>
                    <select
                        id=id
                        data-testid=id
                        on:change=move |event| {
                            let value = event_target_value(&event).parse().ok();
                            url.change(|state| match id {
                                "shown" => state.shown = value,
                                _ => state.beside = value,
                            });
                        }
                    >
                        <option value="">"choose"</option>
                        {live(move || {
                            let chosen = chosen.get().map(|it| it.to_string()).unwrap_or_default();
                            options(names.clone(), &chosen)
                        })}
                    </select>
                </div>
            }
        };
    view! {
        <section aria-labelledby="ratios-title" class="ratios" data-testid="ratios">
            <h2 id="ratios-title">"Two configurations of one artifact, as ratios"</h2>
            <p class="small muted">
                "This shows how far apart two set-ups are, such as LLVM beside Cranelift. It is no \
                 comparison: hosts and flags differ, so nothing here is significant and nothing is a \
                 verdict."
            </p>
            <div class="filters">
                {field("shown", "Shown", shown)}
                {field("beside", "Divided by", beside)}
            </div>
            {live(move || {
                is_asked.get().then(|| when_fetched(ratios_in_test_case(), (url, shown, beside), "the ratios"))
            })}
        </section>
    }
    .into_any()
}

/// The two configurations that the reader chose.
type Chosen = Memo<Option<ConfigurationId>>;

part! {
    ratios_in_test_case -> Piece<(TestCaseUrl, Chosen, Chosen)> {
        |(url, shown, beside)| ratios_of_both(url, shown, beside)
    }
}

fn ratios_of_both(url: TestCaseUrl, shown: Chosen, beside: Chosen) -> AnyView {
    let one = follow_series(shown, choice(url));
    let other = follow_series(beside, choice(url));
    live(move || {
        let error = one.error.get().or_else(|| other.error.get());
        if let Some(error) = error {
            return view! { <p class="notice error">{error.to_string()}</p> }.into_any();
        }
        match (one.history.get(), other.history.get()) {
            (Some(one), Some(other)) => table(url, &one, &other),
            _ => view! { <p class="loading">"Loading both\u{2026}"</p> }.into_any(),
        }
    })
}

fn table(url: TestCaseUrl, shown: &Arc<History>, beside: &Arc<History>) -> AnyView {
    let (asked, test) = url
        .state
        .with(|state| (state.artifact.clone(), state.test.clone()));
    if shown.metric != beside.metric {
        return view! {
            <p class="empty">"They have different metrics by default: choose a metric above."</p>
        }
        .into_any();
    }
    let Some(artifact) = common_artifact(shown, beside, asked.as_ref()) else {
        return view! {
            <p class="empty">
                "No artifact of this stretch was measured under both: choose all artifacts above."
            </p>
        }
        .into_any();
    };
    let unit = shown.metric.unit;
    let row = |pair: Pair| {
        let name = pair.test_case.name();
        let class = if name == test { "chosen" } else { "" };
        view! {
            <tr class=class>
                <th scope="row" class="break">{name}</th>
                <td class="number">{numbers::value(pair.shown, unit)}</td>
                <td class="number">{numbers::value(pair.beside, unit)}</td>
                <td class="number"><b>{numbers::ratio(pair.shown / pair.beside)}</b></td>
            </tr>
        }
    };
    let rows = pairs(shown, beside, &artifact)
        .into_iter()
        .map(row)
        .collect_view();
    view! {
        {artifact_field(url, shown, beside, &artifact)}
        <div class="scroll-x" tabindex="0" role="region" aria-label="Ratios">
            <table class="dense ratio-table" data-testid="ratio-table">
                <caption class="small muted">
                    "Ratios of " {shown.metric.name.to_string()} ", smallest iterations. No significance, \
                     no verdict."
                </caption>
                <thead>
                    <tr>
                        <th scope="col">"Test case"</th>
                        <th scope="col" class="number">{shown.configuration.to_string()}</th>
                        <th scope="col" class="number">{beside.configuration.to_string()}</th>
                        <th scope="col" class="number">"Ratio"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn artifact_field(
    url: TestCaseUrl,
    shown: &History,
    beside: &History,
    chosen: &ArtifactId,
) -> AnyView {
    let options = shown
        .artifacts
        .iter()
        .rev()
        .filter(|it| beside.place_of(&it.id).is_some());
    let options = options.map(|it| {
        let label = format!(
            "{} {}",
            it.id.short(),
            it.commit_date
                .map_or_else(String::new, |_| date_or_name(it))
        );
        view! { <option value=it.id.to_string() selected=it.id == *chosen>{label}</option> }
    });
    view! {
        <div class="filters">
            <div class="field">
                <label for="ratio-artifact">"Artifact"</label>
                <select
                    id="ratio-artifact"
                    data-testid="ratio-artifact"
                    on:change=move |event| {
                        let chosen = event_target_value(&event).parse().ok();
                        url.change(|state| state.artifact = chosen);
                    }
                >
                    {options.collect_view()}
                </select>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use shared_types::series::SeriesArtifact;
    use shared_types::{Metric, Unit};

    use super::*;
    use crate::series::history::TestCaseLine;

    fn id(number: u8) -> ArtifactId {
        format!("{number:040x}").parse().unwrap()
    }

    fn history(artifacts: &[u8], lines: &[(&str, Vec<Option<f64>>)]) -> History {
        let artifacts = artifacts.iter().map(|number| SeriesArtifact {
            id: id(*number),
            ordinal: i64::from(*number),
            commit_date: None,
            hosts: Vec::new(),
            setups: Vec::new(),
        });
        let lines = lines.iter().map(|(name, values)| TestCaseLine {
            test_case: TestCase::Imported {
                name: name.parse().unwrap(),
            },
            category: None,
            epochs: vec![values.clone()],
        });
        History {
            configuration: "c1".parse().unwrap(),
            metric: Metric::cost("wall-time".parse().unwrap(), Unit::Seconds),
            artifacts: artifacts.collect(),
            lines: lines.collect(),
        }
    }

    #[test]
    fn only_what_both_measured_of_one_artifact_has_a_ratio() {
        let shown = history(
            &[1, 2],
            &[
                ("a", vec![Some(1.0), Some(2.0)]),
                ("b", vec![Some(9.0), None]),
            ],
        );
        let beside = history(
            &[2, 3],
            &[("a", vec![Some(4.0), None]), ("b", vec![Some(1.0), None])],
        );
        let artifact = common_artifact(&shown, &beside, None).unwrap();
        assert_eq!(artifact, id(2));
        let pairs = pairs(&shown, &beside, &artifact);
        assert_eq!(pairs.len(), 1);
        assert_eq!((pairs[0].shown, pairs[0].beside), (2.0, 4.0));
    }

    #[test]
    fn an_artifact_that_one_lacks_is_not_replaced_by_another() {
        let shown = history(&[1, 2], &[]);
        let beside = history(&[2, 3], &[]);
        assert_eq!(common_artifact(&shown, &beside, Some(&id(1))), None);
    }
}
