//! The artifact that a reader pinned: in every chart its value, and here the way to its comparison.

use std::sync::Arc;

use crate::prelude::*;

use super::GraphsUrl;
use crate::series::blocks::Series;
use crate::series::history::{History, date_or_name};

/// What is pinned; nothing while nothing is.
#[component]
pub(super) fn Pinned(url: GraphsUrl, series: Series) -> impl IntoView {
    let pin = Memo::new(move |_| url.state.with(|state| state.pin));
    live(move || {
        let history = series.history.get()?;
        let place = history.place_at(pin.get()?);
        Some(view! {
            <div class="notice pinned" role="status" data-testid="pinned">
                {match place {
                    Some(place) => of_place(&history, place),
                    None => view! { "The pinned artifact is not in this stretch of history. " }.into_any(),
                }}
                <button
                    type="button"
                    class="link"
                    data-testid="unpin"
                    on:click=move |_| url.change(|state| state.pin = None)
                >
                    "Unpin"
                </button>
            </div>
        })
    })
}

fn of_place(history: &Arc<History>, place: usize) -> AnyView {
    let artifact = &history.artifacts[place];
    let dated = artifact
        .commit_date
        .map(|_| format!(", {}", date_or_name(artifact)));
    let hosts = (!artifact.hosts.is_empty())
        .then(|| format!(", measured on {}", artifact.hosts.join(", ")));
    let comparison = place.checked_sub(1).map(|before| {
        view! {
            <a href=history.comparison_address(before, place) data-testid="pinned-comparison">
                "Compare with its predecessor "
                {history.artifacts[before].id.short()}
            </a>
            " \u{b7} "
        }
    });
    view! {
        "Pinned: "
        <span class="artifact" title=artifact.id.to_string()>{artifact.id.short()}</span>
        {dated}
        {hosts}
        ". Each chart shows its value. "
        {comparison}
    }
    .into_any()
}
