//! One test case as a row.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::TestCase;
use shared_types::comparison::{Answer, ComparedTestCase, Comparison, SummaryPart};

use super::super::CompareUrl;
use super::super::beside::Columns;
use super::super::rows::{Tone, tone};
use super::interval::{IntervalBar, IntervalScale};
use crate::numbers;
use crate::series::history::History;
use crate::series::sparkline::Sparkline;
use crate::url_state::{GraphsState, TestCaseFilter, WhyOf};

/// A row of the table. On narrow screens the columns on the right become a second line.
#[component]
pub(super) fn TestCaseRow(
    /// The page's state.
    url: CompareUrl,
    /// How long a change is as a bar.
    scale: IntervalScale,
    /// The comparison.
    comparison: Arc<Comparison>,
    /// The place of the test case in it.
    case: usize,
    /// The place of the row in the order.
    place: usize,
    /// The other columns.
    extras: Extras,
) -> impl IntoView {
    let unit = comparison.metric_details.unit;
    let case = &comparison.test_cases[case];
    let tone = tone(case, comparison.metric_details.lower_is_better);
    let shown_tone = if case.significant { tone } else { Tone::Same };
    let (base, head) = (
        numbers::value(case.base, unit),
        numbers::value(case.head, unit),
    );
    view! {
        <tr
            class=format!("{} {}", shown_tone.word(), if case.relevant { "relevant" } else { "" })
            aria-rowindex=(place + 2).to_string()
            data-row=place.to_string()
        >
            <th scope="row" class="name">
                <a href=graphs_address(&comparison, case) title=case_title(case)>
                    {name_parts(&case.test_case)}
                </a>
                <span class="second-line muted">
                    {relevance(case)} " " <WhyButton url name=case.name.clone() /> " "
                    <DetailButton url name=case.name.clone() />
                    <span class="unless-raw">" \u{b7} noise " {noise_share(case)}</span>
                    <span class="when-raw">
                        " \u{b7} " {base.clone()} " \u{2192} " {head.clone()}
                    </span>
                </span>
            </th>
            <td class="number change" title=change_title(case)>
                <span class="sign" aria-hidden="true">{sign(shown_tone)}</span>
                {case.change.map_or_else(|| "from zero".to_owned(), numbers::change)}
            </td>
            <td class="interval" title=interval_title(case)>
                <IntervalBar scale low=case.low high=case.high change=case.change />
            </td>
            <td class="relevance">
                {relevance(case)}
                <span class="visually-hidden">{spoken(shown_tone)}</span>
                " "
                <WhyButton url name=case.name.clone() />
                " "
                <DetailButton url name=case.name.clone() />
            </td>
            <td class="number noise" title=noise_title(case)>
                {noise(case)}
            </td>
            <td class="number value" title=iterations(&case.base_iterations, &comparison)>{base}</td>
            <td class="number value" title=iterations(&case.head_iterations, &comparison)>{head}</td>
            <td class="history">{history_line(extras.history, &comparison, case)}</td>
            {beside_cells(extras.columns, case.name.clone())}
        </tr>
    }
}

/// Asks how the row was computed, and brings the answer into view.
#[component]
fn WhyButton(url: CompareUrl, name: String) -> impl IntoView {
    let label = format!("Why: how {name} was computed");
    view! {
        <button
            type="button"
            class="link why-row"
            aria-label=label
            on:click=move |_| {
                let name = name.clone();
                url.change(|state| state.why = Some(WhyOf::TestCase(name)));
                if let Some(answer) = document().get_element_by_id("why") {
                    answer.scroll_into_view();
                }
            }
        >
            "why"
        </button>
    }
}

/// Shows the row in every respect, and brings that into view.
#[component]
fn DetailButton(url: CompareUrl, name: String) -> impl IntoView {
    let label = format!("Details of {name}: history, sizes, queries, command");
    view! {
        <button
            type="button"
            class="link why-row detail-row"
            aria-label=label
            on:click=move |_| {
                let name = name.clone();
                url.change(|state| state.case = Some(name));
                if let Some(panel) = document().get_element_by_id("case") {
                    panel.scroll_into_view();
                }
            }
        >
            "details"
        </button>
    }
    .into_any()
}

/// What a row shows beside its own comparison.
#[derive(Clone, Copy)]
pub(in super::super) struct Extras {
    /// The history of the configuration, once it is there.
    pub(in super::super) history: Memo<Option<Arc<History>>>,
    /// Other configurations.
    pub(in super::super) columns: Columns,
}

/// Artifacts before base that the line of a row shows.
const ARTIFACTS_BEFORE: usize = 30;

/// The history of a row, up to head; drawn for rows that are in view, once blocks are there.
fn history_line(
    history: Memo<Option<Arc<History>>>,
    comparison: &Comparison,
    case: &ComparedTestCase,
) -> AnyView {
    let (base, head) = (
        comparison.base.artifact.clone(),
        comparison.head.artifact.clone(),
    );
    let test_case = case.test_case.clone();
    let drawn = move || {
        let history = history.get()?;
        let line = history.line(&test_case)?;
        let head = history.place_of(&head)?;
        let base = history.place_of(&base).unwrap_or(head);
        let begin = base.min(head).saturating_sub(ARTIFACTS_BEFORE);
        let end = base.max(head);
        let values = (begin..=end).map(|place| line.point(place).map(|point| point.value));
        let values: Vec<Option<f64>> = values.collect();
        Some(view! { <Sparkline values dots=vec![base - begin, head - begin] /> })
    };
    view! { {drawn} }.into_any()
}

/// The changes under other configurations.
fn beside_cells(columns: Columns, name: String) -> AnyView {
    let cells = move || {
        columns.with(|columns| {
            let cells = columns.iter().map(|column| {
                let (tone, words) = column.cell(&name);
                let title = format!("{name} under {}", column.configuration());
                view! { <td class=format!("number beside {}", tone.word()) title=title>{words}</td> }
            });
            cells.collect_view()
        })
    };
    view! { {cells} }.into_any()
}

fn graphs_address(comparison: &Comparison, case: &ComparedTestCase) -> String {
    GraphsState {
        configuration: Some(comparison.configuration.clone()),
        metric: comparison.metric.parse().ok(),
        filter: TestCaseFilter {
            name: case.name.clone(),
            ..TestCaseFilter::default()
        },
        ..GraphsState::default()
    }
    .address()
}

/// The benchmark stands out from the profile and the scenario.
fn name_parts(test_case: &TestCase) -> AnyView {
    match test_case {
        TestCase::Compile {
            benchmark,
            profile,
            scenario,
        } => view! {
            <b>{benchmark.to_string()}</b>
            <span class="rest">"/" {profile.to_string()} "/" {scenario.to_string()}</span>
        }
        .into_any(),
        other => view! { <b>{other.name()}</b> }.into_any(),
    }
}

fn case_title(case: &ComparedTestCase) -> String {
    format!(
        "{} ({}): see its graph",
        case.name,
        SummaryPart::of(&case.test_case, case.category)
    )
}

fn change_title(case: &ComparedTestCase) -> String {
    let rate = match case.q {
        Some(q) => format!(" False-discovery rate {}.", numbers::fixed(q, 3)),
        None => String::new(),
    };
    format!(
        "{} magnitude. {}{rate}",
        case.magnitude,
        interval_title(case)
    )
}

fn interval_title(case: &ComparedTestCase) -> String {
    match (case.low, case.high) {
        (Some(low), Some(high)) => {
            format!(
                "The change lies between {} and {}.",
                numbers::change(low),
                numbers::change(high)
            )
        }
        _ => "This method gives no interval.".to_owned(),
    }
}

fn relevance(case: &ComparedTestCase) -> String {
    match (case.relevant, case.significant) {
        (true, _) => format!("relevant, {}", case.magnitude.as_str().replace('-', " ")),
        (false, true) => format!("significant, {}", case.magnitude.as_str().replace('-', " ")),
        (false, false) => match case.answer {
            Some(Answer::Same) => "no change".to_owned(),
            Some(Answer::NotYetKnown) => "not yet known".to_owned(),
            Some(Answer::Different) | None => "within noise".to_owned(),
        },
    }
}

fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Better => "\u{25bc} ",
        Tone::Worse => "\u{25b2} ",
        Tone::Same => "",
    }
}

fn spoken(tone: Tone) -> &'static str {
    match tone {
        Tone::Better => ", better",
        Tone::Worse => ", worse",
        Tone::Same => "",
    }
}

/// What noise explains, and how many times that the change is.
fn noise(case: &ComparedTestCase) -> String {
    let factor = match (case.change, case.threshold) {
        (Some(change), Some(threshold)) if threshold > 0.0 => match change.abs() / threshold {
            factor @ 10.0.. => format!(" ({}\u{d7})", numbers::fixed(factor, 0)),
            factor => format!(" ({}\u{d7})", numbers::fixed(factor, 1)),
        },
        _ => String::new(),
    };
    format!("{}{factor}", noise_share(case))
}

fn noise_share(case: &ComparedTestCase) -> String {
    match case.threshold {
        Some(threshold) => format!("\u{b1}{}", numbers::share(threshold)),
        None => "\u{2013}".to_owned(),
    }
}

fn noise_title(case: &ComparedTestCase) -> String {
    match (case.threshold, case.history) {
        (None, _) => "This method has no threshold".to_owned(),
        (Some(_), 0) => {
            "The method\u{2019}s default: there is too little history to estimate noise".to_owned()
        }
        (Some(_), history) => format!("Estimated from {history} earlier artifacts"),
    }
}

fn iterations(values: &[f64], comparison: &Comparison) -> String {
    let unit = comparison.metric_details.unit;
    let shown: Vec<String> = values
        .iter()
        .map(|value| numbers::value(*value, unit))
        .collect();
    format!(
        "{}: {}",
        numbers::count(values.len() as u64, "iteration"),
        shown.join(", ")
    )
}
