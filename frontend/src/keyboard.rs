//! Shortcuts for readers who keep their hands on the keyboard.

use crate::prelude::*;
use leptos::ev;
use leptos::html::Dialog;
use wasm_bindgen::JsCast;

use crate::part::{Piece, part, when_fetched};
use crate::widget::modal::follow_open;

/// Marks the field that `/` leads to.
const FILTER: &str = "[data-filter]";

/// Marks what `j` and `k` go through.
const ROWS: &str = "[data-row-link]";

/// Marks a table that moves through its rows by itself, since not all of them are on the page.
pub(crate) const OWN_ROWS: &str = "[data-own-rows]";

/// Listens for shortcuts. The signal says whether the help is open.
pub(crate) fn provide_shortcuts() -> RwSignal<bool> {
    let help = RwSignal::new(false);
    let listener = window_event_listener(ev::keydown, move |event| {
        let Some(key) = plain_key(&event) else {
            return;
        };
        let is_done = match key.as_str() {
            "/" => focus_first(FILTER),
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
    let Ok(rows) = document().query_selector_all(ROWS) else {
        return false;
    };
    let elements: Vec<web_sys::Element> = (0..rows.length())
        .filter_map(|place| rows.item(place)?.dyn_into().ok())
        .collect();
    let active = document().active_element();
    let current = elements
        .iter()
        .position(|element| Some(element) == active.as_ref());
    let next = match (current, forward) {
        (None, _) => 0,
        (Some(place), true) => (place + 1).min(elements.len().saturating_sub(1)),
        (Some(place), false) => place.saturating_sub(1),
    };
    elements.get(next).is_some_and(focus)
}

/// What the keys do.
#[component]
pub(crate) fn HelpDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    follow_open(dialog, is_open.into(), || {});
    view! {
        <dialog
            node_ref=dialog
            class="help"
            aria-label="Keyboard"
            on:close=move |_| is_open.set(false)
        >
            {live(move || is_open.get().then(|| when_fetched(shortcuts(), is_open, "the keys")))}
        </dialog>
    }
}

part! {
    /// What the keys do, in words.
    shortcuts -> Piece<RwSignal<bool>> {
        keys_in_words
    }
}

fn keys_in_words(is_open: RwSignal<bool>) -> AnyView {
    view! {
        <h2>"Keyboard"</h2>
        <dl class="keys">
            <dt><kbd>"/"</kbd></dt>
            <dd>"Go to the filter by name"</dd>
            <dt><kbd>"j"</kbd> " " <kbd>"k"</kbd></dt>
            <dd>"Next row, row before"</dd>
            <dt><kbd>"["</kbd> " " <kbd>"]"</kbd></dt>
            <dd>"On a comparison: the artifact before, the one after"</dd>
            <dt><kbd>"+"</kbd> " " <kbd>"\u{2212}"</kbd> " " <kbd>"0"</kbd></dt>
            <dd>"On charts: zoom in, out, show everything"</dd>
            <dt><kbd>"h"</kbd> " " <kbd>"l"</kbd></dt>
            <dd>"On charts: older, newer"</dd>
            <dt><kbd>"Enter"</kbd></dt>
            <dd>"Follow the row\u{2019}s link"</dd>
            <dt><kbd>"Esc"</kbd></dt>
            <dd>"Leave the filter, close this"</dd>
            <dt><kbd>"Ctrl"</kbd> " " <kbd>"K"</kbd></dt>
            <dd>"Go to a page, configuration, artifact or request"</dd>
            <dt><kbd>"?"</kbd></dt>
            <dd>"Show this"</dd>
        </dl>
        <p class="muted">
            "On charts: drag to zoom in, double-click to zoom out, click a point to pin its \
             artifact. The table below each chart has the values and links to comparisons."
        </p>
        <button type="button" on:click=move |_| is_open.set(false)>"Close"</button>
    }
    .into_any()
}
