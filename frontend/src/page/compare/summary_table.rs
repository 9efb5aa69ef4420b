//! The summary: how many relevant changes each way, how large, by category.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::comparison::{CategorySummary, ChangeSummary, Comparison, SummaryPart};

use super::rows::Tone;
use crate::numbers;

/// The summary of a comparison.
#[component]
pub(super) fn SummaryTable(comparison: Arc<Comparison>) -> impl IntoView {
    let parts = comparison.summary.parts();
    let rows: Vec<_> = parts
        .map(|(part, category)| category_rows(part_name(part), category))
        .collect();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Summary">
            <table class="dense summary" data-testid="summary">
                <thead>
                    <tr>
                        <th scope="col">"Category"</th>
                        <th scope="col">"Changes"</th>
                        <th scope="col" class="number">"Count"</th>
                        <th scope="col" class="number">"Mean"</th>
                        <th scope="col" class="number">"Range"</th>
                    </tr>
                </thead>
                {rows}
            </table>
        </div>
    }
}

fn part_name(part: SummaryPart) -> &'static str {
    match part {
        SummaryPart::Primary => "Primary",
        SummaryPart::Secondary => "Secondary",
        SummaryPart::Toolchain => "Toolchain",
    }
}

fn category_rows(name: &'static str, category: &CategorySummary) -> impl IntoView + use<> {
    let lines = [
        ("Regressions", &category.regressions, Some(Tone::Worse)),
        ("Improvements", &category.improvements, Some(Tone::Better)),
        ("All test cases", &category.all, None),
    ];
    let total = category.test_cases;
    view! {
        <tbody>
            {lines
                .into_iter()
                .enumerate()
                .map(|(place, (label, summary, tone))| {
                    let head = (place == 0)
                        .then(|| view! { <th scope="rowgroup" rowspan="3">{name}</th> });
                    view! {
                        <tr class=tone.filter(|_| summary.count > 0).map_or("", Tone::word)>
                            {head}
                            <td class="what">{label}</td>
                            <td class="number">{format!("{} of {total}", summary.count)}</td>
                            <td class="number">{or_none(summary.mean)}</td>
                            <td class="number">{range(summary)}</td>
                        </tr>
                    }
                })
                .collect_view()}
        </tbody>
    }
}

/// A mean, or a dash.
pub(super) fn or_none(mean: Option<f64>) -> String {
    mean.map_or_else(none, numbers::change)
}

fn none() -> String {
    "\u{2013}".to_owned()
}

pub(super) fn range(summary: &ChangeSummary) -> String {
    match (summary.smallest, summary.largest) {
        (Some(smallest), Some(largest)) if summary.count > 1 => {
            format!(
                "{} to {}",
                numbers::change(smallest),
                numbers::change(largest)
            )
        }
        (Some(only), _) => numbers::change(only),
        _ => none(),
    }
}
