//! Several test cases of one configuration in one chart.

use std::rc::Rc;
use std::sync::Arc;

use crate::prelude::*;

use super::GraphsUrl;
use super::chart_card::{amount, label_of, pin_of, zoom_of};
use super::followed::Followed;
use crate::chart::{Chart, ChartCanvas, LARGE_PX};
use crate::numbers;
use crate::part::{Piece, part, when_fetched};
use crate::series::blocks::Series;
use crate::series::history::{History, TestCaseLine};
use crate::url_state::{OVERLAY_MAX, ValueKind};

/// The chart of what the reader laid over each other; nothing while that is nothing.
#[component]
pub(super) fn Overlay(
    url: GraphsUrl,
    series: Series,
    kind: Memo<ValueKind>,
    followed: Followed,
) -> impl IntoView {
    let is_wanted = Memo::new(move |_| followed.overlaid.with(|names| !names.is_empty()));
    live(move || {
        let wanted = (url, series, kind, followed);
        is_wanted
            .get()
            .then(|| when_fetched(overlay_in_graphs(), wanted, "the chart"))
    })
}

part! {
    overlay_in_graphs -> Piece<(GraphsUrl, Series, Memo<ValueKind>, Followed)> {
        |(url, series, kind, followed)| overlay_of(url, series, kind, followed)
    }
}

fn overlay_of(
    url: GraphsUrl,
    series: Series,
    kind: Memo<ValueKind>,
    followed: Followed,
) -> AnyView {
    live(move || {
        let names = followed.overlaid.get();
        let history = series.history.get().filter(|_| !names.is_empty())?;
        Some(overlaid(url, &history, names, kind.get(), followed))
    })
}

fn overlaid(
    url: GraphsUrl,
    history: &Arc<History>,
    names: Vec<String>,
    kind: ValueKind,
    followed: Followed,
) -> AnyView {
    let hovered = RwSignal::new(None::<usize>);
    let description = format!("Chart of {} over each other", names.join(", "));
    let chart = {
        let (history, names) = (Arc::clone(history), names.clone());
        Chart {
            label: label_of(&history),
            amount: amount(kind, history.metric.unit),
            hover: Rc::new(move |place| {
                let _ = hovered.try_set(place);
            }),
            pick: pin_of(url, &history),
            zoom: zoom_of(url, &history),
            height_px: LARGE_PX,
            columns: Rc::new(move || columns(&history, &names, kind)),
        }
    };
    let view = followed.view;
    // Without changes of level: each test case has others, and which is whose could not be seen.
    let marks = followed.drawn.shared;
    let legend = legend(url, history, names, hovered);
    view! {
        <section class="overlay panel" aria-labelledby="overlay-title" data-testid="overlay">
            <div class="panel-head">
                <h2 id="overlay-title">"Overlay"</h2>
                <button
                    type="button"
                    class="link"
                    on:click=move |_| url.change(|state| state.overlay.clear())
                >
                    "Clear"
                </button>
            </div>
            {(kind == ValueKind::Raw)
                .then(|| view! {
                    <p class="small muted">
                        "As measured, the largest flattens the others: choose “change from first” or \
                         “multiple of the median” under Values to see shapes."
                    </p>
                })}
            <ChartCanvas chart view=view.into() marks description />
            {legend}
        </section>
    }
    .into_any()
}

fn line<'a>(history: &'a History, name: &str) -> Option<&'a TestCaseLine> {
    history
        .lines
        .iter()
        .find(|line| line.test_case.name() == name)
}

/// Each test case in a style of its own, whatever its epochs.
fn columns(history: &History, names: &[String], kind: ValueKind) -> Vec<(u32, Vec<f64>)> {
    let styled = names.iter().zip(0_u32..);
    let columns = styled.flat_map(|(name, style)| {
        let columns = line(history, name).map_or_else(Vec::new, |line| line.columns(kind));
        columns.into_iter().map(move |column| (style, column))
    });
    columns.collect()
}

fn legend(
    url: GraphsUrl,
    history: &Arc<History>,
    names: Vec<String>,
    hovered: RwSignal<Option<usize>>,
) -> impl IntoView + use<> {
    let entries = names.into_iter().enumerate().map(|(style, name)| {
        let (history, taken) = (Arc::clone(history), name.clone());
        let of = name.clone();
        let value = move || {
            let Some(line) = line(&history, &of) else {
                return "not in this stretch".to_owned();
            };
            let point = match hovered.get() {
                Some(place) => line.point(place),
                None => line.points().next(),
            };
            point.map_or_else(
                || "not measured".to_owned(),
                |point| numbers::value(point.value, history.metric.unit),
            )
        };
        view! {
            <li>
                <svg class=format!("line-sample line-{style}") viewBox="0 0 30 8" aria-hidden="true">
                    <line x1="0" x2="30" y1="4" y2="4"></line>
                </svg>
                <span class="break">{name.clone()}</span>
                " "
                <b>{value}</b>
                " "
                <button
                    type="button"
                    class="link"
                    aria-label=format!("Take {name} away")
                    on:click=move |_| url.change(|state| state.overlay.retain(|it| *it != taken))
                >
                    "\u{2715}"
                </button>
            </li>
        }
    });
    view! { <ul class="plain legend" data-testid="legend">{entries.collect_view()}</ul> }
}

/// Lays a test case over the others, or takes it away.
#[component]
pub(super) fn OverlayButton(
    url: GraphsUrl,
    overlaid: Memo<Vec<String>>,
    name: String,
) -> impl IntoView {
    let of = name.clone();
    let is_laid = Memo::new(move |_| overlaid.with(|overlaid| overlaid.contains(&of)));
    let is_full = Memo::new(move |_| overlaid.with(|overlaid| overlaid.len() >= OVERLAY_MAX));
    let title = format!("Lay {name} over others in one chart");
    let word = move || if is_laid.get() { "overlaid" } else { "overlay" };
    // What is seen is a part of what is read out, so that whoever speaks to the page can say it.
    let spoken = name.clone();
    let label = move || format!("{} {spoken}", word());
    view! {
        <button
            type="button"
            class="link small"
            aria-label=label
            title=title
            aria-pressed=move || is_laid.get().to_string()
            disabled=move || is_full.get() && !is_laid.get()
            on:click=move |_| {
                let name = name.clone();
                url.change(|state| match state.overlay.iter().position(|it| *it == name) {
                    Some(place) => {
                        state.overlay.remove(place);
                    }
                    None => state.overlay.push(name),
                });
            }
        >
            {word}
        </button>
    }
    .into_any()
}
