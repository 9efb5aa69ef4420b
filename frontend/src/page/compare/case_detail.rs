//! One row in every respect: its history around both artifacts, its sizes and other metrics, the queries
//! of the compiler, and the command that measures it on the reader's machine.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use shared_types::api::{ConfigurationOverview, MetricFigures, Page, QueryFigures, TestCaseDetail};
use shared_types::comparison::{ComparedTestCase, Comparison};
use shared_types::{ConfigurationRecord, Unit};
use wasm_bindgen::{JsCast, JsValue};

use super::{CompareUrl, reproduce};
use crate::chart::{Chart, ChartCanvas, LARGE_PX, Marks};
use crate::page::graphs::chart_card::{amount, label_of};
use crate::page::graphs::point_table::PointTable;
use crate::part::{Piece, part, when_fetched};
use crate::remote::{Remote, fetched};
use crate::series::blocks::Series;
use crate::series::events::{Events, follow_events};
use crate::series::history::History;
use crate::series::retracted::Retracted;
use crate::url_state::{GraphsState, TestCaseFilter, TestCaseState, ValueKind};
use crate::widget::notice::when_ready;
use crate::{api_client, numbers};

/// How many artifacts before base and after head the chart begins with.
const ARTIFACTS_AROUND: usize = 30;

/// Queries that are listed before somebody asks for all.
const QUERIES_AT_FIRST: usize = 15;

/// What a row's detail is made from.
#[derive(Clone)]
pub(super) struct Sources {
    /// The series of the comparison's configuration and metric.
    pub(super) series: Series,
    /// Every configuration, for its record.
    pub(super) configurations: ArcRwSignal<Remote<Page<ConfigurationOverview>>>,
}

/// Where the detail of a row is, once the address names one.
#[component]
pub(super) fn CaseDetailPlace(
    url: CompareUrl,
    comparison: Memo<Arc<Comparison>>,
    sources: Sources,
) -> impl IntoView {
    let is_asked = Memo::new(move |_| url.state.with(|state| state.case.is_some()));
    view! {
        <div id="case">
            {move || {
                let wanted = (url, comparison, sources.clone());
                is_asked.get().then(|| when_fetched(case_detail(), wanted, "the details"))
            }}
        </div>
    }
    .into_any()
}

part! {
    case_detail -> Piece<(CompareUrl, Memo<Arc<Comparison>>, Sources)> {
        |(url, comparison, sources)| view! { <CaseDetail url comparison sources /> }.into_any()
    }
}

/// The detail of the row that the address names; nothing where it names none.
#[component]
fn CaseDetail(
    url: CompareUrl,
    comparison: Memo<Arc<Comparison>>,
    sources: Sources,
) -> impl IntoView {
    let name = Memo::new(move |_| url.state.with(|state| state.case.clone()));
    let path = Memo::new(move |_| {
        let name = name.get()?;
        Some(comparison.with(|it| api_client::test_case_detail(it, &name)))
    });
    let detail = fetched::<TestCaseDetail>(path.into());
    view! {
        {move || {
            let name = name.get()?;
            let comparison = comparison.get();
            let case = comparison.test_cases.iter().find(|case| case.name == name).cloned();
            Some(panel(url, &comparison, name, case, (sources.clone(), detail.clone())))
        }}
    }
    .into_any()
}

fn panel(
    url: CompareUrl,
    comparison: &Arc<Comparison>,
    name: String,
    case: Option<ComparedTestCase>,
    (sources, detail): (Sources, ArcRwSignal<Remote<TestCaseDetail>>),
) -> AnyView {
    let body = match case {
        None => view! {
            <p class="empty">
                "This comparison has no such test case: it was measured on one side alone, or in another \
                 metric. Choose another row."
            </p>
        }
        .into_any(),
        Some(case) => view! {
            {history_of(comparison, &case, sources.series)}
            {commands(comparison, &case, sources.configurations)}
            {when_ready(detail, "the metrics and queries", figures)}
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
                    on:click=move |_| url.change(|state| state.case = None)
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
fn commands(
    comparison: &Arc<Comparison>,
    case: &ComparedTestCase,
    configurations: ArcRwSignal<Remote<Page<ConfigurationOverview>>>,
) -> AnyView {
    let (comparison, case) = (Arc::clone(comparison), case.clone());
    let command = Memo::new(move |_| {
        let record = configurations.with(|it| record(it.value.as_deref()?, &comparison));
        let (base, head) = (&comparison.base.artifact, &comparison.head.artifact);
        reproduce::command(base, head, &case.test_case, record.as_ref())
    });
    let said = RwSignal::new("");
    let copy = move |_| {
        if let Some(command) = command.get_untracked() {
            said.set(if copy_text(&command) {
                "Copied"
            } else {
                "This browser does not let the page copy: select the command by hand"
            });
        }
    };
    let shown = move || match command.get() {
        Some(command) => view! {
            <pre><code data-testid="reproduce">{command}</code></pre>
            <button type="button" on:click=copy>"Copy"</button>
            " "
            <span class="small muted" role="status">{said}</span>
        }
        .into_any(),
        None => view! {
            <p class="muted small">
                "This was measured elsewhere and imported: its own suite can measure it again."
            </p>
        }
        .into_any(),
    };
    view! {
        <h4>"Measure it here"</h4>
        {shown}
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

fn record(
    page: &Page<ConfigurationOverview>,
    comparison: &Comparison,
) -> Option<ConfigurationRecord> {
    let mut all = page.items.iter().map(|it| &it.configuration);
    let found = all.find(|it| it.id == comparison.configuration)?;
    Some(found.record.clone())
}

/// Sizes, other metrics, queries.
fn figures(detail: Arc<TestCaseDetail>) -> AnyView {
    let (sizes, others): (Vec<_>, Vec<_>) = detail
        .metrics
        .iter()
        .cloned()
        .partition(|figures| figures.metric.name.is_size());
    view! {
        <div class="case-figures">
            {metric_table("Sizes", "sizes", sizes)}
            {metric_table("Every other metric", "metrics", others)}
            {query_table(detail.queries.clone())}
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
                <th scope="row">{name.strip_prefix("size:").unwrap_or(&name).to_owned()}</th>
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

fn query_table(queries: Vec<QueryFigures>) -> AnyView {
    if queries.is_empty() {
        return view! {
            <p class="muted small" data-testid="no-queries">
                "No self-profile of both sides. "
                <code>"perfleet request … --self-profile"</code>
                " measures with one."
            </p>
        }
        .into_any();
    }
    let shows_all = RwSignal::new(false);
    let count = queries.len();
    let rows = move || {
        let shown = if shows_all.get() {
            count
        } else {
            QUERIES_AT_FIRST
        };
        queries.iter().take(shown).map(query_row).collect_view()
    };
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Queries">
            <h4>"Time by query of the compiler"</h4>
            <table class="dense" data-testid="queries">
                <thead>
                    <tr>
                        <th scope="col">"Query"</th>
                        <th scope="col" class="number">"Base"</th>
                        <th scope="col" class="number">"Head"</th>
                        <th scope="col" class="number">"More time"</th>
                        <th scope="col" class="number">"Change"</th>
                        <th scope="col" class="number">"Calls"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <Show when=move || { count > QUERIES_AT_FIRST && !shows_all.get() }>
                <button type="button" on:click=move |_| shows_all.set(true)>
                    {format!("Show all {count} queries")}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

fn query_row(it: &QueryFigures) -> AnyView {
    let time = |ns: f64| numbers::value(ns, Unit::Nanoseconds);
    let calls = match (it.base_calls, it.head_calls) {
        (Some(base), Some(head)) if base == head => numbers::grouped(base as f64),
        (Some(base), Some(head)) => format!(
            "{} \u{2192} {}",
            numbers::grouped(base as f64),
            numbers::grouped(head as f64)
        ),
        _ => "\u{2013}".to_owned(),
    };
    let more = it.head_ns - it.base_ns;
    let sign = if more > 0.0 { "+" } else { "" };
    view! {
        <tr>
            <th scope="row"><code>{it.query.clone()}</code></th>
            <td class="number">{time(it.base_ns)}</td>
            <td class="number">{time(it.head_ns)}</td>
            <td class="number">{sign} {time(more)}</td>
            <td class="number">{change(Some(it.base_ns), Some(it.head_ns))}</td>
            <td class="number">{calls}</td>
        </tr>
    }
    .into_any()
}

fn value(value: Option<f64>, unit: Unit) -> String {
    value.map_or_else(|| "not measured".to_owned(), |it| numbers::value(it, unit))
}

fn change(base: Option<f64>, head: Option<f64>) -> String {
    match (base, head) {
        (Some(base), Some(head)) if base != 0.0 => numbers::change(head / base - 1.0),
        (Some(_), Some(head)) if head != 0.0 => "new".to_owned(),
        _ => "\u{2013}".to_owned(),
    }
}
