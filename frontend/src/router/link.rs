//! Links between the pages: those that the page follows by itself, and the browser need not.

use crate::prelude::*;
use wasm_bindgen::JsCast;

use super::use_location;

/// What the server answers with something else than a page.
const NO_PAGES: [&str; 4] = ["/api/", "/self-profile/", "/series/", "/write/"];

/// The address of this page to which a click leads. `None` is left to the browser.
pub(super) fn own_address(event: &web_sys::MouseEvent) -> Option<String> {
    let is_plain = event.button() == 0
        && !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key())
        && !event.default_prevented();
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let anchor = target.closest("a[href]").ok()??;
    let anchor = anchor.dyn_into::<web_sys::HtmlAnchorElement>().ok()?;
    let opens_elsewhere = anchor.has_attribute("target") || anchor.has_attribute("download");
    let location = window().location();
    if !is_plain || opens_elsewhere || location.origin().ok()? != anchor.origin() {
        return None;
    }
    let (path, search, hash) = (anchor.pathname(), anchor.search(), anchor.hash());
    let is_place_here = !hash.is_empty()
        && location.pathname().is_ok_and(|here| here == path)
        && location.search().is_ok_and(|here| here == search);
    let is_page = !NO_PAGES.iter().any(|start| path.starts_with(start));
    (is_page && !is_place_here).then(|| format!("{path}{search}{hash}"))
}

/// Shows the element that the address names, or the top of the page.
pub(super) fn scroll_to_fragment() {
    let hash = window().location().hash().unwrap_or_default();
    let named = hash
        .strip_prefix('#')
        .and_then(|id| document().get_element_by_id(id));
    match named {
        Some(element) => element.scroll_into_view(),
        None => window().scroll_to_with_x_and_y(0.0, 0.0),
    }
}

/// A link of the navigation: it is marked while its page is open.
#[component]
pub(crate) fn NavigationLink(
    /// Where it leads.
    href: &'static str,
    /// What it says.
    label: &'static str,
) -> impl IntoView {
    let pathname = use_location().pathname;
    let current = move || pathname.with(|path| is_within(path, href).then_some("page"));
    view! { <a href=href aria-current=current>{label}</a> }
}

/// Whether a page is the one of `start`, or one below it.
fn is_within(path: &str, start: &str) -> bool {
    let rest = path.strip_prefix(start);
    rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && start != "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_marked_on_its_page_and_below_and_nowhere_else() {
        assert!(is_within("/", "/"));
        assert!(is_within("/status", "/status"));
        assert!(is_within("/status/hosts", "/status"));
        assert!(!is_within("/status", "/"));
        assert!(!is_within("/statuses", "/status"));
        assert!(!is_within("/", "/status"));
    }
}
