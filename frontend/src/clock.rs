//! The time of day, as a signal that moves every few seconds: ages on the page grow by themselves.

use std::time::Duration;

use crate::prelude::*;
use jiff::Timestamp;

use crate::numbers;

/// How often ages are shown anew.
const PERIOD: Duration = Duration::from_secs(5);

/// Seconds since 1970.
#[derive(Clone, Copy)]
struct Clock(RwSignal<i64>);

/// Starts the clock.
pub(crate) fn provide_clock() {
    let now = RwSignal::new(seconds_now());
    provide_context(Clock(now));
    if let Ok(handle) = set_interval_with_handle(move || now.set(seconds_now()), PERIOD) {
        on_cleanup(move || handle.clear());
    }
}

fn seconds_now() -> i64 {
    (js_sys::Date::now() / 1000.0) as i64
}

/// How long ago something was, kept up to date, with the exact time as its title.
#[component]
pub(crate) fn Age(
    /// When it was.
    of: Timestamp,
) -> impl IntoView {
    let exact = of.to_string();
    let Clock(now) = expect_context();
    view! {
        <time datetime=exact.clone() title=exact>
            {live(move || numbers::age(now.get() - of.as_second()))}
        </time>
    }
}
