//! What is folded away: of each configuration all that a triager may want before opening the page.

use std::fmt::Write;

use analysis::words::{counted, percent};
use shared_types::comparison::{
    CategorySummary, ChangeSummary, ComparedTestCase, Comparison, Summary,
};

/// Test cases that a configuration's part names; the page shows them all.
const NAMED_TEST_CASES_MAX: usize = 5;

/// The folded part of one configuration.
pub(super) fn details(comparison: &Comparison) -> String {
    let mut text = format!(
        "<details><summary><code>{}</code>: {}</summary>\n\n",
        comparison.configuration,
        comparison.verdict.as_str()
    );
    let _ = write!(
        text,
        "{}\n\n{}",
        comparison.headline,
        summary_table(comparison)
    );
    text.push_str(&largest(comparison));
    if let Some(explanation) = comparison.explanations.first() {
        let _ = write!(text, "\n\nIn common: {}", explanation.sentence);
    }
    if !comparison.missing.is_empty() {
        let _ = write!(
            text,
            "\n\n{} could not be compared.",
            counted(comparison.missing.len(), "test case")
        );
    }
    for warning in &comparison.warnings {
        let _ = write!(text, "\n\n> {warning}");
    }
    text.push_str("\n\n</details>");
    text
}

/// Both categories always; the toolchain where anything of it was compared.
fn summary_table(comparison: &Comparison) -> String {
    let Summary {
        primary,
        secondary,
        toolchain,
    } = &comparison.summary;
    let columns: Vec<(&str, &CategorySummary)> = [("primary", primary), ("secondary", secondary)]
        .into_iter()
        .chain(toolchain.iter().map(|of| ("toolchain", of)))
        .collect();
    let row = |name: &str, cell: &dyn Fn(&(&str, &CategorySummary)) -> String| {
        let cells: Vec<String> = columns.iter().map(cell).collect();
        format!("| {name} | {} |", cells.join(" | "))
    };
    [
        row(&comparison.metric, &|(name, _)| (*name).to_owned()),
        format!("|---{}|", "|---".repeat(columns.len())),
        row("regressions", &|(_, of)| changes(&of.regressions)),
        row("improvements", &|(_, of)| changes(&of.improvements)),
        row("all test cases", &|(_, of)| changes(&of.all)),
    ]
    .join("\n")
}

fn changes(summary: &ChangeSummary) -> String {
    match (
        summary.count,
        summary.mean,
        summary.smallest,
        summary.largest,
    ) {
        (1, Some(mean), ..) => format!("1: {}", percent(mean)),
        (count, Some(mean), Some(smallest), Some(largest)) => format!(
            "{count}: mean {}, {} to {}",
            percent(mean),
            percent(smallest),
            percent(largest)
        ),
        _ => "none".to_owned(),
    }
}

/// The test cases that changed most, of those that a person should look at.
fn largest(comparison: &Comparison) -> String {
    let mut relevant: Vec<(&ComparedTestCase, f64)> = comparison
        .test_cases
        .iter()
        .filter(|case| case.relevant)
        .filter_map(|case| Some((case, case.change?)))
        .collect();
    if relevant.is_empty() {
        return String::new();
    }
    relevant.sort_by(|(a, one), (b, other)| {
        let by_size = other.abs().total_cmp(&one.abs());
        by_size.then_with(|| a.name.cmp(&b.name))
    });
    let left_out = relevant.len().saturating_sub(NAMED_TEST_CASES_MAX);
    relevant.truncate(NAMED_TEST_CASES_MAX);
    let named: Vec<String> = relevant
        .iter()
        .map(|(case, change)| format!("`{}` {}", case.name, percent(*change)))
        .collect();
    let more = match left_out {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("\n\nLargest: {}{more}.", named.join(", "))
}
