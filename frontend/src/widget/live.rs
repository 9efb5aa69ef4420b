//! Pieces of a view that are made anew whenever what they read changes.
//!
//! Leptos takes the closure itself, too, and then compiles all that follows for it alone.

use leptos::prelude::{AnyView, IntoAny};

use crate::signals::Memo;

/// What `make` makes, and again whenever a signal that it read has changed.
pub(crate) fn live<V: IntoAny>(make: impl Fn() -> V + Send + 'static) -> AnyView {
    live_view(Box::new(move || make().into_any()))
}

/// What `make` makes while `is_shown` says so. It is made anew only when that changes.
pub(crate) fn shown_while<V: IntoAny>(
    is_shown: impl Fn() -> bool + Send + Sync + 'static,
    make: impl Fn() -> V + Send + 'static,
) -> AnyView {
    let is_shown = Memo::new(move |_| is_shown());
    live_view(Box::new(move || {
        if is_shown.get() {
            make().into_any()
        } else {
            ().into_any()
        }
    }))
}

#[inline(never)]
fn live_view(make: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    (move || make()).into_any()
}
