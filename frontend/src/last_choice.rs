//! What a reader chose last on a page, kept in the browser, so that the page opens with it.

use leptos::prelude::window;
use wasm_bindgen::JsValue;

/// The address with which a page was last left, where the browser kept it.
pub(crate) fn recall(page: &'static str) -> Option<String> {
    let kept = storage()?.get_item(&key(page)).ok().flatten()?;
    // Whatever else wrote there: a page leads to itself alone.
    kept.starts_with(page).then_some(kept)
}

/// Keeps the address of a page. A browser that keeps nothing opens the page as new.
pub(crate) fn keep(page: &'static str, address: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&key(page), address);
    }
}

/// The query of an address; nothing where it has none.
pub(crate) fn query_of(address: &str) -> &str {
    address.split_once('?').map_or("", |(_, query)| query)
}

fn key(page: &str) -> String {
    format!("perfleet-last{page}")
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().unwrap_or_else(|_: JsValue| None)
}
