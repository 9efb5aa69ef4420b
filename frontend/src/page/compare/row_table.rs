//! The test cases as a table of which only the rows in view are on the page.

mod interval;
mod row;
mod window;

use std::sync::Arc;

use crate::prelude::*;
use leptos::ev;
use leptos::html::Div;
use shared_types::comparison::Comparison;

use super::CompareUrl;
use super::beside::{Column, Columns};
use crate::keyboard;
use crate::numbers;
use crate::url_state::{Sort, SortColumn};
use interval::IntervalScale;
pub(super) use row::Extras;
use row::TestCaseRow;
use window::{RowWindow, row_height_px};

/// The table.
#[component]
pub(super) fn RowTable(
    url: CompareUrl,
    comparison: Memo<Arc<Comparison>>,
    listed: Memo<Arc<Vec<usize>>>,
    extras: Extras,
) -> impl IntoView {
    let viewport = NodeRef::<Div>::new();
    let scrolled = RwSignal::new((0.0, 800.0));
    let height_px = RwSignal::new(row_height_px());
    let read_scroll = move || {
        if let Some(viewport) = viewport.get_untracked() {
            let next = (
                f64::from(viewport.scroll_top()),
                f64::from(viewport.client_height()),
            );
            if scrolled.get_untracked() != next {
                scrolled.set(next);
            }
        }
    };
    let resized = window_event_listener(ev::resize, move |_| {
        height_px.set(row_height_px());
        read_scroll();
    });
    on_cleanup(move || resized.remove());
    Effect::new(move |_| {
        listed.track();
        request_animation_frame(read_scroll);
    });
    let is_printing = follow_printing();
    let window = Memo::new(move |_| {
        let rows = listed.with(|it| it.len());
        if is_printing.get() {
            return RowWindow::printed(rows);
        }
        let (top, height) = scrolled.get();
        RowWindow::of(top, height, height_px.get(), rows)
    });
    move_by_keys(viewport, listed, height_px);
    let scale = Memo::new(move |_| comparison.with(|it| IntervalScale::of(&it.test_cases)));
    let is_raw = Memo::new(move |_| url.state.with(|state| state.raw));
    view! {
        <div
            class="rows-viewport"
            class:raw=move || is_raw.get()
            node_ref=viewport
            data-own-rows=""
            data-testid="rows"
            tabindex="0"
            role="group"
            aria-labelledby="test-cases-title"
            on:scroll=move |_| read_scroll()
        >
            <table
                class="dense rows"
                style:min-width=move || {
                    let beside = extras.columns.with(|columns| columns.len());
                    (beside > 0).then(|| format!("{}px", 760 + 130 * beside))
                }
                aria-labelledby="test-cases-title"
                aria-rowcount=move || (listed.with(|it| it.len()) + 1).to_string()
            >
                <RowTableHead url scale columns=extras.columns />
                <tbody>
                    <tr class="spacer" aria-hidden="true">
                        <td style:height=move || pixels(window.get().above_px)></td>
                    </tr>
                    <For
                        each=move || visible(window.get(), &listed.get(), &comparison.get())
                        key=|(place, case, comparison)| {
                            (*place, *case, Arc::as_ptr(comparison) as usize)
                        }
                        children=move |(place, case, comparison)| {
                            let scale = scale.get_untracked();
                            view! { <TestCaseRow url scale comparison case place extras /> }
                        }
                    />
                    <tr class="spacer" aria-hidden="true">
                        <td style:height=move || pixels(window.get().below_px)></td>
                    </tr>
                </tbody>
            </table>
            {live(move || {
                listed
                    .with(|it| it.is_empty())
                    .then(|| {
                        view! {
                            <p class="empty">
                                "No test case fits these filters. Take one away to see more."
                            </p>
                        }
                    })
            })}
        </div>
        {live(move || left_out(listed.with(|it| it.len())))}
    }
}

/// A length as styles have it.
fn pixels(length: f64) -> String {
    format!("{}px", numbers::fixed(length, 1))
}

/// Whether the page is being printed.
fn follow_printing() -> RwSignal<bool> {
    let is_printing = RwSignal::new(false);
    let begins = window_event_listener(ev::beforeprint, move |_| is_printing.set(true));
    let ends = window_event_listener(ev::afterprint, move |_| is_printing.set(false));
    on_cleanup(move || {
        begins.remove();
        ends.remove();
    });
    is_printing
}

/// Says on paper that rows are left out, and how to get them.
fn left_out(rows: usize) -> Option<AnyView> {
    let printed = RowWindow::printed(rows).end;
    (printed < rows).then(|| {
        view! {
            <p class="print-only" data-testid="left-out">
                {format!(
                    "{} not printed. Save the table as CSV to have them all.",
                    numbers::count((rows - printed) as u64, "more row"),
                )}
            </p>
        }
        .into_any()
    })
}

/// The rows in view: place in the order, place in the comparison, and the comparison.
fn visible(
    window: RowWindow,
    listed: &[usize],
    comparison: &Arc<Comparison>,
) -> Vec<(usize, usize, Arc<Comparison>)> {
    listed
        .iter()
        .enumerate()
        .take(window.end)
        .skip(window.begin)
        .map(|(place, case)| (place, *case, Arc::clone(comparison)))
        .filter(|(_, case, comparison)| *case < comparison.test_cases.len())
        .collect()
}

/// `j` and `k` go through the rows, those that are not on the page as well.
fn move_by_keys(viewport: NodeRef<Div>, listed: Memo<Arc<Vec<usize>>>, height_px: RwSignal<f64>) {
    let current = RwSignal::new(None::<usize>);
    Effect::new(move |_| {
        listed.track();
        current.set(None);
    });
    let listener = window_event_listener(ev::keydown, move |event| {
        let step = match keyboard::plain_key(&event).as_deref() {
            Some("j") => 1,
            Some("k") => -1,
            _ => return,
        };
        let rows = listed.with_untracked(|it| it.len());
        let (Some(viewport), true) = (viewport.get_untracked(), rows > 0) else {
            return;
        };
        let next = current
            .get_untracked()
            .map_or(0, |place| place.saturating_add_signed(step).min(rows - 1));
        current.set(Some(next));
        window::bring_into_view(&viewport, next, height_px.get_untracked());
        request_animation_frame(move || {
            // The row may have come onto the page only now, by the scrolling.
            request_animation_frame(move || {
                let selector = format!("[data-row='{next}'] a");
                if let Ok(Some(link)) = document().query_selector(&selector) {
                    keyboard::focus(&link);
                }
            });
        });
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

#[component]
fn RowTableHead(url: CompareUrl, scale: Memo<IntervalScale>, columns: Columns) -> impl IntoView {
    let sort = Memo::new(move |_| url.state.with(|state| state.sort));
    let head = move |column: SortColumn, label: &'static str, class: &'static str| {
        view! { <SortableHead url sort column label class /> }
    };
    view! {
        <thead>
            <tr aria-rowindex="1">
                {head(SortColumn::Name, "Test case", "name")}
                {head(SortColumn::Change, "Change", "number change")}
                <th scope="col" class="interval">
                    <span class="unsorted">{live(move || scale.get().label())}</span>
                </th>
                {head(SortColumn::Relevance, "Relevance", "relevance")}
                {head(SortColumn::Threshold, "Noise", "number noise")}
                {head(SortColumn::Base, "Base", "number value")}
                {head(SortColumn::Head, "Head", "number value")}
                <th scope="col" class="history"><span class="unsorted">"History"</span></th>
                {live(move || columns.with(|columns| columns.iter().map(beside_head).collect_view()))}
            </tr>
        </thead>
    }
}

fn beside_head(column: &Column) -> AnyView {
    let name = column.configuration().to_string();
    view! {
        <th scope="col" class="number beside" title=format!("Change under {name}, within itself")>
            <span class="unsorted ellipsis">{name.clone()}</span>
        </th>
    }
    .into_any()
}

#[component]
fn SortableHead(
    url: CompareUrl,
    sort: Memo<Sort<SortColumn>>,
    column: SortColumn,
    label: &'static str,
    class: &'static str,
) -> impl IntoView {
    // Names begin with the smallest, everything else with the largest.
    let is_ascending = move |sort: Sort<SortColumn>| (column == SortColumn::Name) != sort.reversed;
    let order = move || match sort.get() {
        sort if sort.column != column => "none",
        sort if is_ascending(sort) => "ascending",
        _ => "descending",
    };
    let sign = move || match order() {
        "ascending" => " \u{2191}",
        "descending" => " \u{2193}",
        _ => "",
    };
    view! {
        <th scope="col" class=class aria-sort=order>
            <button
                type="button"
                class="sort"
                data-testid=format!("sort-{column}")
                on:click=move |_| url.change(|state| state.sort = state.sort.clicked(column))
            >
                {label}
                <span aria-hidden="true">{sign}</span>
            </button>
        </th>
    }
}
