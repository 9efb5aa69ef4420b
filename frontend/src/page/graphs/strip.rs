//! The whole time of the line that is drawn, as a strip: where one is, and a brush to go elsewhere.

use crate::prelude::*;
use leptos::html::Div;
use shared_types::series::SeriesArtifact;
use web_sys::PointerEvent;

use super::GraphsUrl;
use crate::numbers;
use crate::series::blocks::Series;
use crate::series::history::{History, date_or_name};
use crate::series::timeline::Timeline;

/// The size of the drawing, in its own units.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 44.0;

/// A brush that is narrower than this share is a click.
const BRUSH_MIN: f64 = 0.004;

/// The strip.
#[component]
pub(super) fn Strip(url: GraphsUrl, series: Series) -> impl IntoView {
    let place = NodeRef::<Div>::new();
    // Where the brush began, and where it is, as shares of the whole.
    let brush = RwSignal::new(None::<(f64, f64)>);
    let share = move |event: &PointerEvent| {
        // What is drawn in the strip takes no pointer, so that this counts from the strip's own edge.
        let share = f64::from(event.offset_x()) / f64::from(place.get_untracked()?.offset_width());
        share
            .is_finite()
            .then_some(numbers::within(share, 0.0, 1.0))
    };
    let finish = move |_| {
        let Some((begin, end)) = brush.get_untracked() else {
            return;
        };
        brush.set(None);
        brushed(url, &series.timeline.get_untracked(), begin, end);
    };
    view! {
        <div
            class="strip"
            data-testid="strip"
            data-zoom-keys=""
            role="img"
            aria-label=move || spoken(series)
            node_ref=place
            on:pointerdown=move |event| {
                if let Some(share) = share(&event).filter(|_| event.button() == 0) {
                    brush.set(Some((share, share)));
                    event.prevent_default();
                }
            }
            on:pointermove=move |event| {
                if let Some(share) = share(&event) {
                    brush.update(|brush| *brush = brush.map(|(begin, _)| (begin, share)));
                }
            }
            on:pointerup=finish
            on:pointerleave=finish
            on:pointercancel=move |_| brush.set(None)
        >
            <svg viewBox=format!("0 0 {} {}", number(WIDTH), number(HEIGHT)) preserveAspectRatio="none" aria-hidden="true">
                {live(move || loaded(series))}
                {live(move || window(url, series, brush.get()))}
            </svg>
        </div>
    }
    .into_any()
}

/// Zooms to what was brushed; a click shows everything again.
fn brushed(url: GraphsUrl, timeline: &Timeline, begin: f64, end: f64) {
    let (first, last) = (begin.min(end), begin.max(end));
    let is_stretch = last - first >= BRUSH_MIN;
    url.change(|state| {
        state.from = timeline.ordinal_at(first).filter(|_| is_stretch);
        state.to = timeline.ordinal_at(last).filter(|_| is_stretch);
    });
}

/// What is loaded: a ground, and the mean of all test cases.
fn loaded(series: Series) -> Option<AnyView> {
    let history = series.history.get()?;
    let timeline = series.timeline.get();
    let (first, last) = (history.artifacts.first()?, history.artifacts.last()?);
    let (begin, end) = (
        timeline.share_of(first.ordinal) * WIDTH,
        timeline.share_of(last.ordinal) * WIDTH,
    );
    Some(
        view! {
            <rect class="loaded" x=number(begin) y="0" width=number(end - begin) height=number(HEIGHT)></rect>
            {mean_lines(&history, &timeline)
                .into_iter()
                .map(|points| view! { <polyline points=points></polyline> })
                .collect_view()}
        }
        .into_any(),
    )
}

/// The mean of all test cases, in pieces: a gap is what was not measured.
fn mean_lines(history: &History, timeline: &Timeline) -> Vec<String> {
    let means = history.mean_change();
    let measured = || means.iter().flatten().copied();
    let (low, high) = (
        measured().fold(f64::INFINITY, f64::min),
        measured().fold(f64::NEG_INFINITY, f64::max),
    );
    let span = (high - low).max(f64::MIN_POSITIVE);
    let points: Vec<(&SeriesArtifact, Option<f64>)> = history
        .artifacts
        .iter()
        .zip(means.iter().copied())
        .collect();
    let place_of = |(artifact, mean): &(&SeriesArtifact, Option<f64>)| {
        let y = HEIGHT - 4.0 - (HEIGHT - 8.0) * ((*mean)? - low) / span;
        let x = timeline.share_of(artifact.ordinal) * WIDTH;
        Some(format!("{},{}", number(x), number(y)))
    };
    let pieces = points.split(|(_, mean)| mean.is_none());
    pieces
        .map(|piece| piece.iter().filter_map(place_of).collect::<Vec<_>>())
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.join(" "))
        .collect()
}

/// What is in view, or what is being brushed.
fn window(url: GraphsUrl, series: Series, brush: Option<(f64, f64)>) -> Option<AnyView> {
    let (begin, end) = match brush {
        Some((begin, end)) => (begin.min(end), begin.max(end)),
        None => url.state.with(|state| {
            let timeline = series.timeline.get();
            Some((timeline.share_of(state.from?), timeline.share_of(state.to?)))
        })?,
    };
    let width = ((end - begin) * WIDTH).max(2.0);
    let view = view! {
        <rect class="window" x=number(begin * WIDTH) y="0" width=number(width) height=number(HEIGHT)></rect>
    };
    Some(view.into_any())
}

fn spoken(series: Series) -> String {
    let all = numbers::count(series.timeline.with(Timeline::artifacts), "artifact");
    let drawn = series.history.with(|history| {
        let history = history.as_ref()?;
        let (first, last) = (history.artifacts.first()?, history.artifacts.last()?);
        Some(format!(
            ", of which {} to {} are drawn",
            date_or_name(first),
            date_or_name(last)
        ))
    });
    format!(
        "The whole time: {all}{}. The mean of all test cases. Drag to zoom, or use the keys plus, \
         minus, h, l and 0.",
        drawn.unwrap_or_default()
    )
}

fn number(value: f64) -> String {
    numbers::fixed(value, 1)
}
