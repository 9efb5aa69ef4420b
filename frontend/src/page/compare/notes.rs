//! What a reader should know before trusting a comparison, and what it could not compare.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::comparison::{Comparison, MissingTestCase};

use crate::numbers;

/// Warnings, and whether one compiler was compared with itself.
#[component]
pub(super) fn Notes(comparison: Arc<Comparison>) -> impl IntoView {
    let a_a = comparison.a_a.then(|| {
        view! {
            <div class="notice" role="status" data-testid="a-a">
                <strong>"A/A: one compiler, measured twice."</strong>
                <p>
                    "There is no difference to find. What is listed as a change below is the rate of \
                     false alarms."
                </p>
            </div>
        }
    });
    let warnings = (!comparison.warnings.is_empty()).then(|| {
        view! {
            <ul class="notice warning plain" data-testid="warnings">
                {comparison
                    .warnings
                    .iter()
                    .map(|warning| view! { <li>{warning.clone()}</li> })
                    .collect_view()}
            </ul>
        }
    });
    view! {
        {a_a}
        {warnings}
    }
}

/// The test cases that one side lacks, each with the reason.
#[component]
pub(super) fn Missing(comparison: Arc<Comparison>) -> impl IntoView {
    let missing = &comparison.missing;
    (!missing.is_empty()).then(|| {
        view! {
            <section aria-labelledby="missing-title" data-testid="missing">
                <h2 id="missing-title">
                    {numbers::count(missing.len() as u64, "test case")} " not compared"
                </h2>
                <ul class="plain missing">
                    {missing.iter().map(missing_line).collect_view()}
                </ul>
            </section>
        }
    })
}

fn missing_line(missing: &MissingTestCase) -> impl IntoView + use<> {
    let side = match (missing.in_base, missing.in_head) {
        (true, false) => "only base has it",
        (false, true) => "only head has it",
        (false, false) => "neither side has it",
        (true, true) => "both have it, but not the same",
    };
    view! {
        <li>
            <strong class="break">{missing.name.clone()}</strong>
            <span class="muted">" \u{b7} " {side}</span>
            {missing.reason.clone().map(|reason| view! { <p>{reason}</p> })}
        </li>
    }
}
