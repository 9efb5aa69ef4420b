//! The page: which compiler is faster, by how much, where, and how sure that is.
//!
//! Rendered in the browser alone. What a page shows is in its address ([`url_state`]); what it
//! shows it of comes from the API ([`remote`]); filters, orders and charts are computed here.

#![allow(
    unreachable_pub,
    reason = "the macro that makes components makes them public, whatever is written"
)]

mod access;
mod api_client;
mod app;
mod chart;
mod clock;
mod json;
mod keyboard;
mod known_configuration;
mod last_choice;
mod numbers;
mod order;
mod page;
mod palette;
mod part;
mod prelude;
mod remote;
mod router;
mod series;
mod signals;
mod sorted_set;
mod test_case_filter;
mod theme;
mod url_state;
mod widget;

fn main() {
    // The page as it is served stops at a panic without a word.
    if cfg!(not(feature = "split")) {
        console_error_panic_hook::set_once();
    }
    leptos::mount::mount_to_body(app::App);
}
