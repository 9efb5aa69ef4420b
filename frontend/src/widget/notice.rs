//! What a page says when it has nothing, not yet, or not any more.

use leptos::prelude::*;

use shared_types::shadow::ShadowStatus;

use crate::api_client::ApiError;
use crate::remote::Remote;
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
    remote: ArcRwSignal<Remote<T>>,
    what: &'static str,
    show: impl Fn(std::sync::Arc<T>) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    let error = {
        let remote = remote.clone();
        Memo::new(move |_| remote.with(|remote| remote.error.clone()))
    };
    let value = {
        let remote = remote.clone();
        // Redrawn only when another value is there, not when one is awaited.
        Memo::new_with_compare(
            move |_| remote.with(|remote| remote.value.clone()),
            |before, now| match (before, now) {
                (Some(Some(before)), Some(Some(now))) => !std::sync::Arc::ptr_eq(before, now),
                (Some(None), Some(None)) => false,
                _ => true,
            },
        )
    };
    let awaited = move || remote.with(|remote| remote.awaited);
    view! {
        {move || error.get().map(|error| view! { <ErrorNotice error /> })}
        <div class="ready" class:awaited=awaited.clone()>
            {move || match value.get() {
                Some(value) => show(value),
                None if error.with(Option::is_some) => ().into_any(),
                None => view! { <Loading what /> }.into_any(),
            }}
        </div>
    }
}

/// Parts of the address that were not understood.
#[component]
pub(crate) fn IgnoredParameters(
    /// The parts, `name=value` each.
    #[prop(into)]
    ignored: Signal<Vec<String>>,
) -> impl IntoView {
    move || {
        let ignored = ignored.get();
        (!ignored.is_empty()).then(|| {
            view! {
                <div class="notice warning" role="status">
                    "This part of the address is not understood and was left out: "
                    <code>{ignored.join("  ")}</code>
                </div>
            }
        })
    }
}
