//! Where a token is kept: in the tab's storage, gone when it is closed, or in the browser's.

use crate::prelude::*;

const KEY: &str = "perfleet-token";

/// For how long a token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Until this tab is closed.
    InTab,
    /// Until it is forgotten.
    InBrowser,
}

fn of_tab() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn of_browser() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The token that is kept.
pub(super) fn kept() -> Option<String> {
    let read = |storage: web_sys::Storage| storage.get_item(KEY).ok().flatten();
    of_tab()
        .and_then(read)
        .or_else(|| of_browser().and_then(read))
}

/// Keeps a token in one place, and in no other.
pub(super) fn keep(token: &str, keep: Keep) {
    forget();
    let place = match keep {
        Keep::InTab => of_tab(),
        Keep::InBrowser => of_browser(),
    };
    if let Some(place) = place {
        // A browser that keeps nothing has it until the page is left.
        let _ = place.set_item(KEY, token);
    }
}

/// Takes it out of every place.
pub(super) fn forget() {
    for place in [of_tab(), of_browser()].into_iter().flatten() {
        let _ = place.remove_item(KEY);
    }
}
