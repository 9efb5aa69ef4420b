//! One row in every respect: its history around both artifacts, its sizes and other metrics, the queries
//! of the compiler, and the command that measures it on the reader's machine.

use std::rc::Rc;
use std::sync::Arc;

use crate::prelude::*;
use shared_types::api::{MetricFigures, TestCaseDetail};
use shared_types::comparison::{ComparedTestCase, Comparison};
use shared_types::{TestCase, Unit};
use wasm_bindgen::{JsCast, JsValue};

use super::CompareUrl;
use super::case_queries::queries;
use super::case_replicates::raw_numbers;
use crate::chart::{Chart, ChartCanvas, LARGE_PX, Marks};
use crate::page::graphs::chart_card::{amount, label_of};
use crate::page::graphs::point_table::PointTable;
use crate::part::{Piece, part, when_fetched};
use crate::remote::{RemoteSignal, fetched};
use crate::series::blocks::Series;
use crate::series::events::{Events, follow_events};
use crate::series::history::History;
use crate::series::retracted::Retracted;
use crate::url_state::{GraphsState, QueriesState, TestCaseFilter, TestCaseState, ValueKind};
use crate::widget::notice::when_ready;
use crate::{api_client, numbers};

/// How many artifacts before base and after head the chart begins with.
const ARTIFACTS_AROUND: usize = 30;

/// With what the metrics begin that are the sizes of sections.
const SECTION: &str = "size:section:";

/// Where the detail of a row is, once the address names one.
#[component]
pub(super) fn CaseDetailPlace(
    url: CompareUrl,
    comparison: Memo<Arc<Comparison>>,
    /// The series of the comparison's configuration and metric.
    series: Series,
) -> impl IntoView {
    let is_asked = Memo::new(move |_| url.state.with(|state| state.case.is_some()));
    view! {
        <div id="case">
            {live(move || {
                let wanted = (url, comparison, series);
                is_asked.get().then(|| when_fetched(case_detail_in_compare(), wanted, "the details"))
            })}
        </div>
    }
    .into_any()
}

part! {
    case_detail_in_compare -> Piece<(CompareUrl, Memo<Arc<Comparison>>, Series)> {
        |(url, comparison, series)| view! { <CaseDetail url comparison series /> }.into_any()
    }
}

/// The detail of the row that the address names; nothing where it names none.
#[component]
fn CaseDetail(
    url: CompareUrl,
    comparison: Memo<Arc<Comparison>>,
    /// The series of the comparison's configuration and metric.
    series: Series,
) -> impl IntoView {
    let name = Memo::new(move |_| url.state.with(|state| state.case.clone()));
    let path = Memo::new(move |_| {
        let name = name.get()?;
        Some(comparison.with(|it| api_client::test_case_detail(it, &name)))
    });
    let detail = fetched::<TestCaseDetail>(path.into());
    view! {
        {live(move || {
            let name = name.get()?;
            let comparison = comparison.get();
            let case = comparison.test_cases.iter().find(|case| case.name == name).cloned();
            Some(panel(url, &comparison, name, case, (series, detail.clone())))
        })}
    }
    .into_any()
}

fn panel(
    url: CompareUrl,
    comparison: &Arc<Comparison>,
    name: String,
    case: Option<ComparedTestCase>,
    (series, detail): (Series, RemoteSignal<TestCaseDetail>),
) -> AnyView {
    let compared = comparison.metric.to_string();
    let body = match case {
        None => view! {
            <p class="empty">
                "This comparison has no such test case: it was measured on one side alone, or in another \
                 metric. Choose another row."
            </p>
        }
        .into_any(),
        Some(case) => view! {
            {history_of(comparison, &case, series)}
            {when_ready(
                detail,
                "the metrics and queries",
                move |detail| figures(url, &detail, &compared),
            )}
        }
        .into_any(),
    };
    view! {
        <section class="panel case-detail" aria-labelledby="case-title" data-testid="case-detail">
            <div class="panel-head">
                <h3 id="case-title" class="break">{name}</h3>
                <button
                    type="button"
                    data-testid="close-case"
                    on:click=move |_| {
                        url.change(|state| {
                            state.case = None;
                            state.queries = QueriesState::default();
                        });
                    }
                >
                    "Close"
                </button>
            </div>
            {body}
        </section>
    }
    .into_any()
}

/// The chart around both artifacts, once the blocks are there.
fn history_of(comparison: &Arc<Comparison>, case: &ComparedTestCase, series: Series) -> AnyView {
    let events = follow_events(series.history);
    let (comparison, case) = (Arc::clone(comparison), case.clone());
    let drawn = move || {
        if let Some(error) = series.error.get() {
            return view! { <p class="muted">"No history: " {error.to_string()}</p> }.into_any();
        }
        let Some(history) = series.history.get() else {
            // Without a place in history nothing is asked for.
            let is_awaited = series.configuration.with(Option::is_some)
                && (series.manifest.with(Option::is_none) || series.chosen.with(Option::is_some));
            let words = if is_awaited {
                "Loading the history\u{2026}"
            } else {
                "No history: head has no place on a line of history in this metric. It can be compared \
                 by hand, and stays out of series."
            };
            return view! { <p class="muted small">{words}</p> }.into_any();
        };
        let place = history
            .lines
            .iter()
            .position(|it| it.test_case == case.test_case);
        match place {
            Some(place) => chart(&history, place, &comparison, events),
            None => view! { <p class="muted">"This test case has no history."</p> }.into_any(),
        }
    };
    view! { <div class="case-history">{drawn}</div> }.into_any()
}

fn chart(history: &Arc<History>, place: usize, comparison: &Comparison, events: Events) -> AnyView {
    let sides = [&comparison.base.artifact, &comparison.head.artifact];
    let places: Vec<usize> = sides
        .into_iter()
        .filter_map(|it| history.place_of(it))
        .collect();
    let last = history.artifacts.len().saturating_sub(1);
    let around = |first: usize, end: usize| {
        (
            first.saturating_sub(ARTIFACTS_AROUND) as f64,
            (end + ARTIFACTS_AROUND).min(last) as f64,
        )
    };
    let view = match (places.iter().min(), places.iter().max()) {
        (Some(first), Some(end)) => around(*first, *end),
        _ => (0.0, last as f64),
    };
    let zoomed = RwSignal::new(view);
    let marked = Arc::clone(history);
    let marks = Memo::new(move |_| {
        let pins = places.iter().map(|place| *place as f64).collect();
        let events = events.get();
        let events = events.as_ref().map(|page| page.items.as_slice());
        Marks {
            pins,
            retracted: Retracted::of(&marked, events.unwrap_or_default()),
            ..Marks::default()
        }
    });
    let lines = Arc::clone(history);
    let chart = Chart {
        columns: Rc::new(move || {
            let columns = lines.lines[place].columns(ValueKind::Raw);
            columns.into_iter().map(|column| (0, column)).collect()
        }),
        height_px: LARGE_PX * 0.7,
        label: label_of(history),
        amount: amount(ValueKind::Raw, history.metric.unit),
        hover: Rc::new(|_| {}),
        pick: Rc::new(|_| {}),
        zoom: Rc::new(move |stretch| {
            let next = stretch.map_or(view, |(first, last)| (first as f64, last as f64));
            let _ = zoomed.try_set(next);
        }),
    };
    let name = history.lines[place].test_case.name();
    let description = format!("History of {name} around base and head, which are marked");
    let table_of = Arc::clone(history);
    view! {
        <ChartCanvas chart view=zoomed.into() marks description />
        <p class="small muted">
            "Upright lines: base and head. Drag to zoom, double-click to see this again. "
            <a href=graphs_address(comparison, &name)>"All of its history"</a>
            " \u{b7} "
            <a href=TestCaseState::of(&name, comparison.metric.parse().ok()).address()>
                "Under every configuration"
            </a>
        </p>
        <details>
            <summary>"Table"</summary>
            <PointTable history=table_of place />
        </details>
    }
    .into_any()
}

fn graphs_address(comparison: &Comparison, name: &str) -> String {
    GraphsState {
        configuration: Some(comparison.configuration.clone()),
        metric: comparison.metric.parse().ok(),
        filter: TestCaseFilter {
            name: name.to_owned(),
            ..TestCaseFilter::default()
        },
        ..GraphsState::default()
    }
    .address()
}

/// The command that measures this again, to copy.
fn command(detail: &TestCaseDetail) -> AnyView {
    let Some(command) = detail.reproduce.clone() else {
        return view! {
            <p class="muted small">
                "This was measured elsewhere and imported: its own suite can measure it again."
            </p>
        }
        .into_any();
    };
    let said = RwSignal::new("");
    let text = command.clone();
    let copy = move |_| {
        said.set(if copy_text(&text) {
            "Copied"
        } else {
            "This browser does not let the page copy: select the command by hand"
        });
    };
    view! {
        <h4>"Measure it here"</h4>
        <pre><code data-testid="reproduce">{command}</code></pre>
        <button type="button" on:click=copy>"Copy"</button>
        " "
        <span class="small muted" role="status">{live(move || said.get())}</span>
    }
    .into_any()
}

/// Puts a text on the clipboard. Returns whether the browser has one to offer.
fn copy_text(text: &str) -> bool {
    let property = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &JsValue::from_str(name));
    let copied = property(&window(), "navigator")
        .and_then(|navigator| property(&navigator, "clipboard"))
        .and_then(|clipboard| {
            let write = property(&clipboard, "writeText")?.dyn_into::<js_sys::Function>()?;
            write.call1(&clipboard, &JsValue::from_str(text))
        });
    copied.is_ok()
}

/// The command, queries, sizes, other metrics, raw numbers.
fn figures(url: CompareUrl, detail: &Arc<TestCaseDetail>, compared: &str) -> AnyView {
    let is_raw = Signal::derive(move || url.state.with(|state| state.raw));
    let (sizes, others): (Vec<_>, Vec<_>) = detail
        .metrics
        .iter()
        .cloned()
        .partition(|figures| figures.metric.name.is_size());
    let has_sections = sizes
        .iter()
        .any(|figures| figures.metric.name.as_str().starts_with(SECTION));
    let is_compiled = matches!(detail.test_case, TestCase::Compile { .. });
    view! {
        {command(detail)}
        <div class="case-figures">
            {queries(url, detail)} {metric_table("Sizes", "sizes", sizes)}
            {(is_compiled && !has_sections)
                .then(|| {
                    view! {
                        <p class="muted small" data-testid="no-sections">
                            "No sizes by section: programs and shared libraries have them, and this \
                             compilation linked neither."
                        </p>
                    }
                })} {metric_table("Every other metric", "metrics", others)}
            {raw_numbers(detail, compared, is_raw)}
        </div>
    }
    .into_any()
}

fn metric_table(title: &'static str, id: &'static str, metrics: Vec<MetricFigures>) -> AnyView {
    if metrics.is_empty() {
        return ().into_any();
    }
    let rows = metrics.into_iter().map(|it| {
        let unit = it.metric.unit;
        let name = it.metric.name.to_string();
        view! {
            <tr>
                <th scope="row">{name_of(&name)}</th>
                <td class="number">{value(it.base, unit)}</td>
                <td class="number">{value(it.head, unit)}</td>
                <td class="number">{change(it.base, it.head)}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Metrics">
            <h4>{title}</h4>
            <table class="dense" data-testid=id>
                <thead>
                    <tr>
                        <th scope="col">"Smallest iteration"</th>
                        <th scope="col" class="number">"Base"</th>
                        <th scope="col" class="number">"Head"</th>
                        <th scope="col" class="number">"Change"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What people call a metric in a table of its kind.
fn name_of(metric: &str) -> String {
    match metric.strip_prefix(SECTION) {
        Some(section) => format!("section {section}"),
        None => metric.strip_prefix("size:").unwrap_or(metric).to_owned(),
    }
}

fn value(value: Option<f64>, unit: Unit) -> String {
    value.map_or_else(|| "not measured".to_owned(), |it| numbers::value(it, unit))
}

/// The relative change, where there is one.
pub(super) fn change(base: Option<f64>, head: Option<f64>) -> String {
    match (base, head) {
        (Some(base), Some(head)) if base != 0.0 => numbers::change(head / base - 1.0),
        (Some(_), Some(head)) if head != 0.0 => "new".to_owned(),
        _ => "\u{2013}".to_owned(),
    }
}
