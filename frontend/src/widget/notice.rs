//! What a page says when it has nothing, not yet, or not any more.

use std::sync::Arc;

use crate::prelude::*;

use shared_types::shadow::ShadowStatus;

use crate::api_client::ApiError;
use crate::remote::RemoteSignal;
use crate::widget::quoted::{quoted, sentence};

/// Something went wrong, in the server's words.
#[component]
pub(crate) fn ErrorNotice(
    /// What went wrong.
    error: ApiError,
) -> impl IntoView {
    view! {
        <div class="notice error" role="alert">
            <strong>{error.title()}</strong>
            <p>{quoted(&sentence(&error.to_string()))}</p>
        </div>
    }
}

/// This environment follows another, and nobody is to take its word for that of the other.
#[component]
pub(crate) fn ShadowNotice(
    /// What it says of itself.
    shadow: ShadowStatus,
) -> impl IntoView {
    view! {
        <div class="notice" data-testid="shadow">
            <strong>{format!("Shadow of {}", shadow.of)}</strong>
            <p>
                "Its requests are measured here, on other hosts, to be held beside it. Nothing is \
                 posted from here."
            </p>
        </div>
    }
}

/// An answer is awaited.
#[component]
pub(crate) fn Loading(
    /// What is loaded.
    what: &'static str,
) -> impl IntoView {
    view! {
        <div class="loading" role="status">
            <span class="spinner" aria-hidden="true"></span>
            {format!("Loading {what}\u{2026}")}
        </div>
    }
}

/// Shows a remote value when it is there, and why not when it is not. An old value stays beside the
/// reason why there is no newer one.
pub(crate) fn when_ready<T: Send + Sync + 'static>(
    remote: RemoteSignal<T>,
    what: &'static str,
    show: impl Fn(Arc<T>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let value = remote.value();
    when_known(
        remote.error(),
        Box::new(move || remote.is_awaited()),
        Box::new(move || value.get().map(&show)),
        what,
    )
}

/// Shows what is known, whatever it is.
fn when_known(
    error: Memo<Option<ApiError>>,
    awaited: Box<dyn Fn() -> bool + Send + Sync>,
    show: Box<dyn Fn() -> Option<AnyView> + Send + Sync>,
    what: &'static str,
) -> AnyView {
    view! {
        {live(move || error.get().map(|error| view! { <ErrorNotice error /> }))}
        <div class="ready" class:awaited=awaited>
            {live(move || match show() {
                Some(view) => view,
                None if error.with(Option::is_some) => ().into_any(),
                None => view! { <Loading what /> }.into_any(),
            })}
        </div>
    }
    .into_any()
}

/// Parts of the address that were not understood.
#[component]
pub(crate) fn IgnoredParameters(
    /// The parts, `name=value` each.
    #[prop(into)]
    ignored: Signal<Vec<String>>,
) -> impl IntoView {
    live(move || {
        let ignored = ignored.get();
        (!ignored.is_empty()).then(|| {
            view! {
                <div class="notice warning" role="status">
                    "This part of the address is not understood and was left out: "
                    <code>{ignored.join("  ")}</code>
                </div>
            }
        })
    })
}
