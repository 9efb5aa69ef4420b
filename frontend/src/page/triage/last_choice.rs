//! What a reader looked at last in the inbox, so that it opens with that.

use leptos::prelude::*;

const KEY: &str = "perfleet-triage";

/// The query that was remembered.
pub(super) fn remembered() -> Option<String> {
    let storage = window().local_storage().ok().flatten()?;
    storage.get_item(KEY).ok().flatten()
}

/// Remembers a query.
pub(super) fn remember(query: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A browser that keeps nothing opens with what is open.
        let _ = storage.set_item(KEY, query);
    }
}
