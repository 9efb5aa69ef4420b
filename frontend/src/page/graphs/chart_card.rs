//! One test case's chart with its name, what the reader points at, and the same as a table.

use std::rc::Rc;
use std::sync::Arc;

use crate::prelude::*;
use shared_types::Unit;

use super::GraphsUrl;
use super::changes_list::SinceWhen;
use super::followed::Followed;
use super::overlay::OverlayButton;
use super::point_table::{comparison_address, opened_point_table};
use crate::chart::{Chart, ChartCanvas, Marks, SMALL_PX};
use crate::numbers;
use crate::series::history::{History, Point, date_or_name};
use crate::url_state::{TestCaseState, ValueKind};

/// A chart.
#[component]
pub(super) fn ChartCard(
    url: GraphsUrl,
    history: Arc<History>,
    /// The place of the test case in the history.
    place: usize,
    kind: ValueKind,
    followed: Followed,
) -> impl IntoView {
    let name = history.lines[place].test_case.name();
    let hovered = RwSignal::new(None::<usize>);
    let is_open = RwSignal::new(false);
    let Followed {
        view, pin, drawn, ..
    } = followed;
    let readout = {
        let history = Arc::clone(&history);
        move || readout(&history, place, hovered.get(), pin.get())
    };
    let marks = {
        let history = Arc::clone(&history);
        Memo::new(move |_| Marks {
            pins: pin.get().map(|place| place as f64).into_iter().collect(),
            ..drawn.marks(&history, place)
        })
    };
    let chart = chart(url, &history, place, kind, hovered);
    let description = format!(
        "Chart of {name} over {}; the table below has its values",
        numbers::count(history.artifacts.len() as u64, "artifact")
    );
    let page = TestCaseState::of(&name, Some(history.metric.name.clone())).address();
    let table_of = Arc::clone(&history);
    view! {
        <article class="chart-card" data-testid=format!("chart-{name}")>
            <div class="chart-head">
                <h2 class="ellipsis">
                    <a
                        href=page
                        data-row-link=""
                        title=format!("{name} under every configuration")
                    >
                        {name.clone()}
                    </a>
                </h2>
                <OverlayButton url overlaid=followed.overlaid name=name.clone() />
            </div>
            <p class="readout" data-testid="readout">{readout}</p>
            <ChartCanvas chart view=view.into() marks description />
            <SinceWhen history=Arc::clone(&history) place events=drawn.events />
            <details on:toggle=move |_| is_open.update(|is_open| *is_open = !*is_open)>
                <summary>"Table" <span class="visually-hidden">" of " {name.clone()}</span></summary>
                {live(move || {
                    is_open
                        .get()
                        .then(|| opened_point_table(&table_of, place))
                })}
            </details>
        </article>
    }
    .into_any()
}

fn chart(
    url: GraphsUrl,
    history: &Arc<History>,
    place: usize,
    kind: ValueKind,
    hovered: RwSignal<Option<usize>>,
) -> Chart {
    let lines = Arc::clone(history);
    Chart {
        columns: Rc::new(move || {
            let columns = lines.lines[place].columns(kind);
            columns.into_iter().map(|column| (0, column)).collect()
        }),
        height_px: SMALL_PX,
        label: label_of(history),
        amount: amount(kind, history.metric.unit),
        hover: Rc::new(move |place| {
            // The chart may outlive the page by a moment.
            let _ = hovered.try_set(place);
        }),
        pick: pin_of(url, history),
        zoom: zoom_of(url, history),
    }
}

/// The labels of the horizontal axis.
pub(crate) fn label_of(history: &Arc<History>) -> Rc<dyn Fn(usize) -> String> {
    let history = Arc::clone(history);
    Rc::new(move |place| {
        let artifact = history.artifacts.get(place);
        artifact.map_or_else(String::new, date_or_name)
    })
}

/// The labels of the vertical axis.
pub(crate) fn amount(kind: ValueKind, unit: Unit) -> Rc<dyn Fn(f64, f64) -> String> {
    Rc::new(move |value, step| match kind {
        ValueKind::Raw => numbers::axis_value(value, step, unit),
        ValueKind::FromFirst => numbers::axis_change(value, step),
        ValueKind::Normalised => numbers::axis_ratio(value, step),
    })
}

/// Pins the artifact that a reader chose, or unpins it.
pub(super) fn pin_of(url: GraphsUrl, history: &Arc<History>) -> Rc<dyn Fn(usize)> {
    let history = Arc::clone(history);
    Rc::new(move |place| {
        let chosen = history.artifacts.get(place).map(|it| it.ordinal);
        url.change(|state| state.pin = chosen.filter(|_| state.pin != chosen));
    })
}

/// Shows the stretch that a reader dragged over.
pub(super) fn zoom_of(
    url: GraphsUrl,
    history: &Arc<History>,
) -> Rc<dyn Fn(Option<crate::chart::Stretch>)> {
    let history = Arc::clone(history);
    Rc::new(move |stretch| {
        let ordinal = |place: usize| history.artifacts.get(place).map(|it| it.ordinal);
        url.change(|state| {
            state.from = stretch.and_then(|(first, _)| ordinal(first));
            state.to = stretch.and_then(|(_, last)| ordinal(last));
        });
    })
}

/// What the reader points at, or has pinned, or the newest point.
fn readout(
    history: &History,
    place: usize,
    hovered: Option<usize>,
    pinned: Option<usize>,
) -> AnyView {
    let line = &history.lines[place];
    let (at, word) = match (hovered, pinned) {
        (Some(at), _) => (Some(at), ""),
        (None, Some(at)) => (Some(at), "pinned, "),
        (None, None) => (line.points().next().map(|point| point.place), "newest, "),
    };
    let Some(at) = at else {
        return view! { <span class="muted">"not measured in this stretch"</span> }.into_any();
    };
    match line.point(at) {
        Some(point) => point_in_words(history, &point, word),
        None => {
            let artifact = history.artifacts.get(at).map(date_or_name);
            view! { <span class="muted">{word} {artifact} " not measured"</span> }.into_any()
        }
    }
}

fn point_in_words(history: &History, point: &Point, word: &'static str) -> AnyView {
    let artifact = &history.artifacts[point.place];
    // Without a colour: colour says that a change is significant, and one point does not tell.
    let change = point.change().map(numbers::change);
    let dated = artifact
        .commit_date
        .map(|_| format!(" {}", date_or_name(artifact)));
    let comparison = (word == "pinned, ")
        .then(|| comparison_address(history, point))
        .flatten()
        .map(|address| view! { " " <a href=address>"compare"</a> });
    view! {
        <b>{numbers::value(point.value, history.metric.unit)}</b>
        " "
        {change}
        <span class="muted">" " {word} {artifact.id.short()} {dated}</span>
        {comparison}
    }
    .into_any()
}
