//! One test case's chart with its name, what the reader points at, and the same as a table.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;

use super::GraphsUrl;
use super::changes_list::SinceWhen;
use super::events::{Events, marks};
use super::history::{History, Point, date_or_name};
use super::point_table::{PointTable, comparison_address};
use crate::chart::{Chart, ChartCanvas, Marks};
use crate::numbers;
use crate::url_state::ValueKind;

/// A chart.
#[component]
pub(super) fn ChartCard(
    url: GraphsUrl,
    history: Arc<History>,
    /// The place of the test case in the history.
    place: usize,
    kind: ValueKind,
    events: Events,
) -> impl IntoView {
    let name = history.lines[place].test_case.name();
    let hovered = RwSignal::new(None::<usize>);
    let is_open = RwSignal::new(false);
    let view = {
        let history = Arc::clone(&history);
        Signal::derive(move || url.state.with(|state| history.view(state.from, state.to)))
    };
    let readout = {
        let history = Arc::clone(&history);
        move || readout(&history, place, hovered.get())
    };
    let marks = {
        let history = Arc::clone(&history);
        Memo::new(move |_| {
            events.with(|events| {
                events.as_ref().map_or_else(Marks::default, |events| {
                    marks(&history, place, &events.items)
                })
            })
        })
    };
    let chart = chart(url, &history, place, kind, hovered);
    let description = format!(
        "Chart of {name} over {}; the table below has its values",
        numbers::count(history.artifacts.len() as u64, "artifact")
    );
    let table_of = Arc::clone(&history);
    view! {
        <article class="chart-card" data-testid=format!("chart-{name}")>
            <h2 class="ellipsis" title=name.clone()>{name.clone()}</h2>
            <p class="readout" data-testid="readout">{readout}</p>
            <ChartCanvas chart view marks description />
            <SinceWhen history=Arc::clone(&history) place events />
            <details on:toggle=move |_| is_open.update(|is_open| *is_open = !*is_open)>
                <summary>"Table" <span class="visually-hidden">" of " {name.clone()}</span></summary>
                {move || {
                    is_open
                        .get()
                        .then(|| view! { <PointTable history=Arc::clone(&table_of) place /> })
                }}
            </details>
        </article>
    }
}

fn chart(
    url: GraphsUrl,
    history: &Arc<History>,
    place: usize,
    kind: ValueKind,
    hovered: RwSignal<Option<usize>>,
) -> Chart {
    let line = &history.lines[place];
    let unit = history.metric.unit;
    let (labels, picked, zoomed) = (
        Arc::clone(history),
        Arc::clone(history),
        Arc::clone(history),
    );
    Chart {
        columns: line.columns(kind),
        label: Rc::new(move |place| {
            labels
                .artifacts
                .get(place)
                .map_or_else(String::new, date_or_name)
        }),
        amount: Rc::new(move |value, step| match kind {
            ValueKind::Raw => numbers::axis_value(value, step, unit),
            ValueKind::FromFirst => numbers::axis_change(value, step),
        }),
        hover: Rc::new(move |place| {
            // The chart may outlive the page by a moment.
            let _ = hovered.try_set(place);
        }),
        pick: Rc::new(move |at| {
            let point = picked.lines[place].point(at);
            if let Some(address) = point.and_then(|point| comparison_address(&picked, &point)) {
                url.leave_for(address);
            }
        }),
        zoom: Rc::new(move |stretch| {
            let ordinal = |place: usize| zoomed.artifacts.get(place).map(|it| it.ordinal);
            url.change(|state| {
                state.from = stretch.and_then(|(first, _)| ordinal(first));
                state.to = stretch.and_then(|(_, last)| ordinal(last));
            });
        }),
    }
}

/// What the reader points at, or the newest point.
fn readout(history: &History, place: usize, hovered: Option<usize>) -> AnyView {
    let line = &history.lines[place];
    let (point, is_newest) = match hovered {
        Some(at) => (line.point(at), false),
        None => (line.points().next(), true),
    };
    match (point, hovered) {
        (Some(point), _) => point_in_words(history, &point, is_newest).into_any(),
        (None, Some(at)) => {
            let artifact = history
                .artifacts
                .get(at)
                .map(date_or_name)
                .unwrap_or_default();
            view! { <span class="muted">{artifact} " not measured"</span> }.into_any()
        }
        (None, None) => {
            view! { <span class="muted">"not measured in this stretch"</span> }.into_any()
        }
    }
}

fn point_in_words(history: &History, point: &Point, is_newest: bool) -> impl IntoView + use<> {
    let artifact = &history.artifacts[point.place];
    // Without a colour: colour says that a change is significant, and one point does not tell.
    let change = point.change().map(numbers::change);
    let dated = artifact
        .commit_date
        .map(|_| format!(" {}", date_or_name(artifact)));
    view! {
        <b>{numbers::value(point.value, history.metric.unit)}</b>
        " "
        {change}
        <span class="muted">
            " " {if is_newest { "newest, " } else { "" }} {artifact.id.short()} {dated}
        </span>
    }
}
