//! The test case under one configuration, on an axis of its own. Its series are asked for when the chart
//! comes into view.

use std::rc::Rc;
use std::sync::Arc;

use crate::prelude::*;
use leptos::html::Article;
use shared_types::ConfigurationId;

use super::{TestCaseUrl, choice};
use crate::chart::{self, Chart, ChartCanvas, SMALL_PX};
use crate::numbers;
use crate::page::graphs::chart_card::{amount, label_of};
use crate::page::graphs::point_table::{comparison_address, opened_point_table};
use crate::series::blocks::{Series, follow_series};
use crate::series::events::{Drawn, HostChanges, follow_drawn};
use crate::series::history::{History, date_or_name};
use crate::series::mark_legend::MarkLegend;
use crate::url_state::{GraphsState, TestCaseFilter, ValueKind};

/// One configuration's chart.
#[component]
pub(super) fn ConfigurationChart(
    url: TestCaseUrl,
    configuration: ConfigurationId,
) -> impl IntoView {
    let is_seen = RwSignal::new(false);
    let place = NodeRef::<Article>::new();
    place.on_load(move |element| {
        chart::while_seen(&element, move || {
            let _ = is_seen.try_set(true);
        });
    });
    let asked = configuration.clone();
    let asked = Memo::new(move |_| is_seen.get().then(|| asked.clone()));
    let series = follow_series(asked, choice(url));
    let drawn = follow_drawn(series.history);
    let test = Memo::new(move |_| url.state.with(|state| state.test.clone()));
    let kind = Memo::new(move |_| url.state.with(|state| state.kind));
    let all = move || {
        let state = url.state.get();
        let of = GraphsState {
            configuration: series.configuration.get(),
            metric: state.metric,
            filter: TestCaseFilter {
                name: state.test,
                ..TestCaseFilter::default()
            },
            ..GraphsState::default()
        };
        of.address()
    };
    view! {
        <article
            class="chart-card"
            node_ref=place
            data-testid=format!("configuration-{configuration}")
        >
            <h2 class="ellipsis">
                <a href=all data-row-link="" title="In the graphs of this configuration">
                    {configuration.to_string()}
                </a>
            </h2>
            {live(move || content(series, &test.get(), kind.get(), drawn))}
            <MarkLegend history=series.history drawn />
            <HostChanges history=series.history events=drawn.events />
        </article>
    }
    .into_any()
}

fn content(series: Series, test: &str, kind: ValueKind, drawn: Drawn) -> AnyView {
    if let Some(error) = series.error.get() {
        return view! { <p class="notice error" role="alert">{error.to_string()}</p> }.into_any();
    }
    let Some(history) = series.history.get() else {
        let is_there = series.manifest.with(Option::is_some) && series.chosen.with(Option::is_none);
        let words = if is_there {
            "Not measured in this metric under this configuration: choose another metric."
        } else {
            "Loading\u{2026}"
        };
        return view! { <p class="muted waiting-chart">{words}</p> }.into_any();
    };
    let place = history
        .lines
        .iter()
        .position(|line| line.test_case.name() == test);
    match place {
        Some(place) => drawn_chart(&history, place, kind, drawn),
        None => view! {
            <p class="muted">"This configuration has no test case of this name in this stretch."</p>
        }
        .into_any(),
    }
}

fn drawn_chart(history: &Arc<History>, place: usize, kind: ValueKind, drawn: Drawn) -> AnyView {
    let hovered = RwSignal::new(None::<usize>);
    let whole = history.view(None, None);
    let view = RwSignal::new(whole);
    let lines = Arc::clone(history);
    let name = history.lines[place].test_case.name();
    let chart = Chart {
        columns: Rc::new(move || {
            let columns = lines.lines[place].columns(kind);
            columns.into_iter().map(|column| (0, column)).collect()
        }),
        height_px: SMALL_PX,
        label: label_of(history),
        amount: amount(kind, history.metric.unit),
        hover: Rc::new(move |place| {
            let _ = hovered.try_set(place);
        }),
        pick: Rc::new(|_| {}),
        zoom: Rc::new(move |stretch| {
            let next = stretch.map_or(whole, |(first, last)| (first as f64, last as f64));
            let _ = view.try_set(next);
        }),
    };
    let marked = Arc::clone(history);
    let marks = Memo::new(move |_| drawn.marks(&marked, place));
    let description = format!("Chart of {name} under {}", history.configuration);
    let (read, table_of) = (Arc::clone(history), Arc::clone(history));
    let is_open = RwSignal::new(false);
    view! {
        <p class="readout" data-testid="readout">{live(move || readout(&read, place, hovered.get()))}</p>
        <ChartCanvas chart view=view.into() marks description />
        <details on:toggle=move |_| is_open.update(|is_open| *is_open = !*is_open)>
            <summary>"Table" <span class="visually-hidden">" of " {name}</span></summary>
            {live(move || {
                is_open.get().then(|| opened_point_table(&table_of, place))
            })}
        </details>
    }
    .into_any()
}

fn readout(history: &History, place: usize, hovered: Option<usize>) -> AnyView {
    let line = &history.lines[place];
    let point = match hovered {
        Some(at) => line.point(at),
        None => line.points().next(),
    };
    let Some(point) = point else {
        return view! { <span class="muted">"not measured here"</span> }.into_any();
    };
    let artifact = &history.artifacts[point.place];
    let comparison = comparison_address(history, &point).filter(|_| hovered.is_none());
    view! {
        <b>{numbers::value(point.value, history.metric.unit)}</b>
        " "
        {point.change().map(numbers::change)}
        <span class="muted">
            " " {if hovered.is_none() { "newest, " } else { "" }} {artifact.id.short()} " "
            {artifact.commit_date.map(|_| date_or_name(artifact))}
        </span>
        {comparison.map(|address| view! { " " <a href=address>"compare"</a> })}
    }
    .into_any()
}
