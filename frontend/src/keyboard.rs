//! Shortcuts for readers who keep their hands on the keyboard.

use crate::prelude::*;
use leptos::ev;
use leptos::html::Dialog;
use wasm_bindgen::prelude::*;

use crate::part::{Piece, part, when_fetched};
use crate::widget::modal::follow_open;

/// Marks the field that `/` leads to.
const FILTER: &str = "[data-filter]";

/// Marks what `j` and `k` go through.
const ROWS: &str = "[data-row-link]";

/// Marks a table that moves through its rows by itself, since not all of them are on the page.
pub(crate) const OWN_ROWS: &str = "[data-own-rows]";

/// Marks what `+`, `-`, `0`, `h` and `l` zoom.
const ZOOMED: &str = "[data-zoom-keys]";

/// Marks what `[` and `]` go along.
const NEIGHBOURS: &str = "[data-neighbour-keys]";

#[wasm_bindgen(module = "/focus.js")]
extern "C" {
    #[wasm_bindgen(js_name = keepFocus)]
    fn keep_focus();
}

/// Listens for shortcuts. The signal says whether the help is open. Where a page has no field to search in,
/// `/` opens the palette.
pub(crate) fn provide_shortcuts(palette: RwSignal<bool>) -> RwSignal<bool> {
    keep_focus();
    let help = RwSignal::new(false);
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            leave_filter(&event);
        }
        let Some(key) = plain_key(&event).filter(|_| !is_on_page("dialog[open]")) else {
            return;
        };
        let is_done = match key.as_str() {
            "/" => {
                if !focus_first(FILTER) {
                    palette.set(true);
                }
                true
            }
            "?" => {
                help.set(true);
                true
            }
            "j" | "k" if !is_on_page(OWN_ROWS) => move_focus(key == "j"),
            _ => false,
        };
        if is_done {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
    help
}

/// The key, unless it is typed into a field or belongs to the browser.
pub(crate) fn plain_key(event: &web_sys::KeyboardEvent) -> Option<String> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    let is_typing = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| {
            matches!(element.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA")
                && element.get_attribute("type").as_deref() != Some("checkbox")
        });
    (!is_typing).then(|| event.key())
}

/// Leaves the field to search in, with what was typed: a browser would clear it.
fn leave_filter(event: &web_sys::KeyboardEvent) {
    let target = event.target();
    let field = target.and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(field) = field.filter(|field| field.matches(FILTER).unwrap_or(false)) {
        event.prevent_default();
        let _ = field.blur();
    }
}

fn is_on_page(selector: &str) -> bool {
    matches!(document().query_selector(selector), Ok(Some(_)))
}

fn focus_first(selector: &str) -> bool {
    let Ok(Some(element)) = document().query_selector(selector) else {
        return false;
    };
    if let Some(field) = element.dyn_ref::<web_sys::HtmlInputElement>() {
        field.select();
    }
    focus(&element)
}

/// Focuses an element. Returns whether it could be.
pub(crate) fn focus(element: &web_sys::Element) -> bool {
    element
        .dyn_ref::<web_sys::HtmlElement>()
        .is_some_and(|element| element.focus().is_ok())
}

/// Focuses the next of the rows' links, or the one before.
fn move_focus(forward: bool) -> bool {
    let rows = rows();
    let active = document().active_element();
    let current = rows
        .iter()
        .position(|row| active.as_ref().is_some_and(|active| **row == *active));
    let next = match (current, forward) {
        (None, _) => 0,
        (Some(place), true) => (place + 1).min(rows.len().saturating_sub(1)),
        (Some(place), false) => place.saturating_sub(1),
    };
    rows.get(next).is_some_and(|row| focus(row))
}

/// The rows' links, without those that are folded away: nothing can be focused there.
fn rows() -> Vec<web_sys::HtmlElement> {
    let Ok(rows) = document().query_selector_all(ROWS) else {
        return Vec::new();
    };
    (0..rows.length())
        .filter_map(|place| rows.item(place)?.dyn_into::<web_sys::HtmlElement>().ok())
        .filter(|row| row.offset_parent().is_some() && !is_folded_away(row))
        .collect()
}

fn is_folded_away(row: &web_sys::Element) -> bool {
    matches!(row.closest("details:not([open])"), Ok(Some(_)))
}

/// What of the keyboard works on a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Works {
    /// It has a field to search in.
    search: bool,
    /// It has rows.
    rows: bool,
    /// It has charts that zoom.
    zoom: bool,
    /// It is one of a row of comparisons.
    neighbours: bool,
}

impl Works {
    /// On the page that is open.
    fn here() -> Self {
        Self {
            search: is_on_page(FILTER),
            rows: is_on_page(OWN_ROWS) || !rows().is_empty(),
            zoom: is_on_page(ZOOMED),
            neighbours: is_on_page(NEIGHBOURS),
        }
    }

    /// The keys, and what they do.
    fn keys(self) -> Vec<(&'static [&'static str], &'static str)> {
        let search = if self.search {
            "Go to the field to search in"
        } else {
            "Search for a page, configuration, artifact or request"
        };
        let all: [(bool, &'static [&'static str], &'static str); 9] = [
            (true, &["/"], search),
            (self.search, &["Esc"], "Leave that field"),
            (self.rows, &["j", "k"], "Next row, row before"),
            (self.rows, &["Enter"], "Follow the row\u{2019}s link"),
            (
                self.neighbours,
                &["[", "]"],
                "The artifact before, the one after",
            ),
            (
                self.zoom,
                &["+", "\u{2212}", "0"],
                "Zoom in, out, show everything",
            ),
            (self.zoom, &["h", "l"], "Older, newer"),
            (
                true,
                &["Ctrl K"],
                "Go to a page, configuration, artifact or request",
            ),
            (true, &["?"], "Show this; Esc closes it"),
        ];
        all.into_iter()
            .filter(|(works, ..)| *works)
            .map(|(_, keys, does)| (keys, does))
            .collect()
    }
}

/// What the keys do on the page that is open.
#[component]
pub(crate) fn HelpDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let works = RwSignal::new(Works::default());
    follow_open(dialog, is_open.into(), move || works.set(Works::here()));
    view! {
        <dialog
            node_ref=dialog
            class="help"
            aria-label="Keyboard"
            on:close=move |_| is_open.set(false)
        >
            {live(move || {
                let works = works.get();
                is_open.get().then(|| when_fetched(shortcuts_in_every_page(), (works, is_open), "the keys"))
            })}
        </dialog>
    }
}

part! {
    /// What the keys do, in words.
    shortcuts_in_every_page -> Piece<(Works, RwSignal<bool>)> {
        |(works, is_open)| keys_in_words(works, is_open)
    }
}

fn keys_in_words(works: Works, is_open: RwSignal<bool>) -> AnyView {
    let keys: Vec<AnyView> = works.keys().into_iter().map(key_line).collect();
    let charts = works.zoom.then(|| {
        view! {
            <p class="muted">
                "On charts: drag to zoom in, double-click to zoom out, click a point to pin its \
                 artifact. The table below each chart has the values and links to comparisons."
            </p>
        }
        .into_any()
    });
    view! {
        <h2>"Keyboard, on this page"</h2>
        <dl class="keys">{keys}</dl>
        {charts}
        <button type="button" on:click=move |_| is_open.set(false)>"Close"</button>
    }
    .into_any()
}

fn key_line((keys, does): (&'static [&'static str], &'static str)) -> AnyView {
    let keys: Vec<AnyView> = keys
        .iter()
        .map(|key| view! { <kbd>{*key}</kbd> " " }.into_any())
        .collect();
    view! {
        <dt>{keys}</dt>
        <dd>{does}</dd>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_that_work_on_the_page_are_listed() {
        let keys = |works: Works| -> Vec<&str> {
            let keys = works.keys().into_iter();
            keys.flat_map(|(keys, _)| keys.iter().copied()).collect()
        };
        assert_eq!(keys(Works::default()), ["/", "Ctrl K", "?"]);
        let list = Works {
            search: true,
            rows: true,
            ..Works::default()
        };
        assert_eq!(keys(list), ["/", "Esc", "j", "k", "Enter", "Ctrl K", "?"]);
    }
}
