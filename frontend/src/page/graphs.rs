//! The graphs page: one chart for each test case, under one configuration at a time.

mod changes_list;
pub(super) mod chart_card;
mod controls;
mod followed;
mod overlay;
mod pinned;
pub(super) mod point_table;
pub(super) mod source;
mod strip;
mod zooming;

use std::sync::Arc;

use crate::known_configuration::KnownConfiguration;
use crate::prelude::*;
use shared_types::api::Page;

use crate::api_client;
use crate::app::set_page_title;
use crate::chart;
use crate::last_choice;
use crate::numbers;
use crate::remote::{RemoteSignal, fetched};
use crate::router::{NavigateOptions, use_location, use_navigate};
use crate::series::blocks::Series;
use crate::series::events::{HostChanges, follow_drawn};
use crate::series::history::{self, History};
use crate::series::mark_legend::MarkLegend;
use crate::url_state::GraphsState;
use crate::widget::notice::{ErrorNotice, IgnoredParameters, Loading};
use changes_list::ChangesList;
use chart_card::ChartCard;
use controls::Controls;
use followed::Followed;
use overlay::Overlay;
use pinned::Pinned;
use source::follow_source;
use strip::Strip;
use zooming::zoom_by_keys;

/// Charts that are laid out at first, and more on demand. Each is drawn when it comes into view.
const CHARTS_AT_ONCE: usize = 120;

/// Charts that are printed, as in the style sheet and in `chart.js`.
const CHARTS_PRINTED: usize = 60;

/// The page's state, and how to change it.
#[derive(Clone, Copy)]
pub(super) struct GraphsUrl {
    /// The state, as the address has it.
    pub(super) state: Memo<GraphsState>,
    go: Callback<(String, bool)>,
}

impl GraphsUrl {
    /// Changes the state; the browser's back button leads to the one before.
    pub(super) fn change(self, edit: impl FnOnce(&mut GraphsState)) {
        self.step(false, edit);
    }

    /// Changes the state without an entry of its own in the history.
    pub(super) fn replace(self, edit: impl FnOnce(&mut GraphsState)) {
        self.step(true, edit);
    }

    fn step(self, replace: bool, edit: impl FnOnce(&mut GraphsState)) {
        let mut state = self.state.get_untracked();
        edit(&mut state);
        self.go.run((state.address(), replace));
    }
}

/// The page at `/graphs`.
#[component]
pub(crate) fn GraphsPage() -> impl IntoView {
    set_page_title("Graphs");
    let search = use_location().search;
    let parsed = Memo::new(move |_| GraphsState::parse(&search.get()));
    let navigate = use_navigate();
    let url = GraphsUrl {
        state: Memo::new(move |_| parsed.with(|parsed| parsed.state.clone())),
        go: Callback::new(move |(address, replace): (String, bool)| {
            let is_same_page = address.starts_with("/graphs");
            let options = NavigateOptions {
                replace,
                scroll: !is_same_page,
            };
            navigate(&address, options);
        }),
    };
    let configurations = fetched::<Page<KnownConfiguration>>(Signal::stored(Some(
        api_client::CONFIGURATIONS.to_owned(),
    )));
    open_with_last_choice(url);
    let source = follow_source(url, configurations.clone());
    zoom_by_keys(url, source);
    view! {
        <div class="page">
            <h1 class="visually-hidden">"Graphs"</h1>
            <IgnoredParameters ignored=Signal::derive(move || parsed.with(|it| it.ignored.clone())) />
            <Controls url configurations=configurations.clone() source />
            <SourceNotice configurations source />
            <Charts url source />
        </div>
    }
}

/// The address of this page.
const PAGE: &str = "/graphs";

/// Opens with what was drawn last where the address says nothing, and keeps what is drawn.
fn open_with_last_choice(url: GraphsUrl) {
    if url.state.get_untracked() == GraphsState::default()
        && let Some(address) = last_choice::recall(PAGE)
    {
        url.go.run((address, true));
    }
    let kept = Memo::new(move |_| {
        url.state.with(|state| {
            let shown = GraphsState {
                configuration: state.configuration.clone(),
                metric: state.metric.clone(),
                line: state.line,
                range: state.range,
                kind: state.kind,
                ..GraphsState::default()
            };
            shown.address()
        })
    });
    Effect::new(move |_| kept.with(|address| last_choice::keep(PAGE, address)));
}

/// Why there are no charts: not yet, nothing measured, or an error.
#[component]
fn SourceNotice(
    configurations: RemoteSignal<Page<KnownConfiguration>>,
    source: Series,
) -> impl IntoView {
    let no_configuration = {
        let configurations = configurations.clone();
        Memo::new(move |_| {
            configurations.with(|it| it.value.as_ref().is_some_and(|page| page.items.is_empty()))
        })
    };
    let error = Memo::new(move |_| {
        configurations
            .with(|it| it.error.clone())
            .or_else(|| source.error.get())
    });
    let is_empty = source.is_empty;
    let is_awaited = Memo::new(move |_| {
        source.history.with(Option::is_none)
            && error.with(Option::is_none)
            && !no_configuration.get()
            && !is_empty.get()
    });
    view! {
        {live(move || error.get().map(|error| view! { <ErrorNotice error /> }))}
        {shown_while(move || is_awaited.get(), move || view! {
            <Loading what="series" />
        })}
        {shown_while(move || no_configuration.get(), move || view! {
            <p class="empty">
                "No configuration is registered yet: run " <code>"cargo xtask demo"</code> ", or "
                <code>"perfleet import csv FILE.csv.gz"</code> "."
            </p>
        })}
        {shown_while(move || is_empty.get() && error.with(Option::is_none), move || view! {
            <p class="empty" data-testid="no-series">
                "This configuration has no series yet. A run is drawn once its artifact\u{2019}s \
                 place in history is known, and a single comparison needs no series: see "
                <a href="/compare">"Compare"</a> "."
            </p>
        })}
    }
}

/// The charts that the filter admits.
#[component]
fn Charts(url: GraphsUrl, source: Series) -> impl IntoView {
    let most = RwSignal::new(CHARTS_AT_ONCE);
    let history = source.history;
    let drawn = follow_drawn(history);
    let followed = Followed::of(url, history, drawn);
    let filter = Memo::new(move |_| url.state.with(|state| state.filter.clone()));
    let listed = Memo::new(move |_| {
        let history = history.get();
        let places = history.as_ref().map_or_else(Vec::new, |history| {
            filter.with(|filter| history.admitted(filter))
        });
        (history, places)
    });
    let kind = Memo::new(move |_| url.state.with(|state| state.kind));
    let cards = move || {
        let (history, places) = listed.get();
        let kind = kind.get();
        let history = history?;
        Some(
            places
                .into_iter()
                .take(most.get())
                .map(|place| (place, kind, Arc::clone(&history)))
                .collect::<Vec<_>>(),
        )
    };
    let has_more = Memo::new(move |_| listed.with(|(_, places)| places.len() > most.get()));
    view! {
        <p class="muted small" role="status" data-testid="chart-count">
            {live(move || listed.with(|(history, places)| {
                history.as_ref().map(|history| in_words(history, places.len()))
            }))}
        </p>
        {shown_while(move || history.with(Option::is_some), move || view! {
            <Strip url series=source />
            <Pinned url series=source />
            <Overlay url series=source kind followed />
            <ChangesList history events=drawn.events />
            <HostChanges history events=drawn.events />
            <MarkLegend history drawn />
        })}
        {shown_while(move || listed.with(|(_, places)| places.len() > CHARTS_PRINTED), move || view! {
            <p class="print-only" data-testid="left-out">
                {format!(
                    "The first {CHARTS_PRINTED} charts are printed. The others are not printed: \
                     filter by name to print them.",
                )}
            </p>
        })}
        <div class="charts" data-testid="charts">
            <For
                each=move || cards().unwrap_or_default()
                key=|(place, kind, history)| (*place, *kind as u8, Arc::as_ptr(history) as usize)
                children=move |(place, kind, history)| {
                    view! { <ChartCard url history place kind followed /> }
                }
            />
        </div>
        <NothingAdmitted listed />
        {shown_while(move || has_more.get(), move || view! {
            <MoreCharts most />
        })}
    }
}

/// The filter admits no test case.
#[component]
fn NothingAdmitted(listed: Memo<(Option<Arc<History>>, Vec<usize>)>) -> impl IntoView {
    live(move || {
        listed
            .with(|(history, places)| history.is_some() && places.is_empty())
            .then(|| view! {
                <p class="empty">"No test case fits these filters. Take one away to see more."</p>
            })
    })
}

/// Lays out more charts, on demand and when the reader comes to the end of those that are there.
#[component]
fn MoreCharts(most: RwSignal<usize>) -> impl IntoView {
    let more = move || most.update(|most| *most += CHARTS_AT_ONCE);
    let button = NodeRef::<leptos::html::Button>::new();
    button.on_load(move |element| {
        chart::while_seen(&element, move || {
            let _ = most.try_update(|most| *most += CHARTS_AT_ONCE);
        })
    });
    view! {
        <button type="button" node_ref=button on:click=move |_| more()>
            {format!("Show {CHARTS_AT_ONCE} more charts")}
        </button>
    }
}

fn in_words(history: &History, charts: usize) -> String {
    let artifacts = history.artifacts.len() as u64;
    let all = history.lines.len();
    let admitted = if charts == all {
        numbers::count(all as u64, "test case")
    } else {
        format!("{charts} of {}", numbers::count(all as u64, "test case"))
    };
    let stretch = match (history.artifacts.first(), history.artifacts.last()) {
        (Some(first), Some(last)) => format!(
            ", {} to {}",
            history::date_or_name(first),
            history::date_or_name(last)
        ),
        _ => String::new(),
    };
    format!(
        "{admitted}, {}{stretch}. Each point is the smallest iteration. A gap is what was not measured, or \
         was retracted. Click a point to pin its artifact; drag, here or in the strip, to zoom.",
        numbers::count(artifacts, "artifact")
    )
}
