//! How far something has come.

use crate::prelude::*;

use crate::numbers;

/// A bar, the numbers, and the time that is left.
#[component]
pub(crate) fn Progress(
    /// Done so far.
    done: u64,
    /// In all.
    total: u64,
    /// Seconds until the end, where known.
    #[prop(optional_no_strip)]
    seconds_left: Option<u64>,
    /// What is counted, in the plural.
    #[prop(default = "compilations")]
    what: &'static str,
) -> impl IntoView {
    let left = seconds_left.map(|seconds| format!("about {} left", numbers::duration(seconds)));
    view! {
        <div class="progress">
            <progress max=total.max(1) value=done aria-label=what></progress>
            <span class="progress-text">
                {numbers::grouped(done as f64)} " of " {numbers::grouped(total as f64)} " " {what}
                {left.map(|left| view! { <span class="muted">" \u{b7} " {left}</span> })}
            </span>
        </div>
    }
}
