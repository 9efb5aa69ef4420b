//! What is folded away: of each configuration all that a triager may want before opening the page.

use std::fmt::Write;

use analysis::words::{counted, percent};
use shared_types::comparison::{ChangeSummary, ComparedTestCase, Comparison};

/// Test cases that a configuration's part names; the page shows them all.
const NAMED_TEST_CASES_MAX: usize = 5;

/// The folded part of one configuration.
pub(super) fn details(comparison: &Comparison) -> String {
    let mut text = format!(
        "<details><summary><code>{}</code>: {}</summary>\n\n",
        comparison.configuration,
        comparison.verdict.as_str()
    );
    let summary = &comparison.summary;
    let _ = write!(
        text,
        "{}\n\n\
         | {} | primary | secondary |\n\
         |---|---|---|\n\
         | regressions | {} | {} |\n\
         | improvements | {} | {} |\n\
         | all test cases | {} | {} |",
        comparison.headline,
        comparison.metric,
        changes(&summary.primary.regressions),
        changes(&summary.secondary.regressions),
        changes(&summary.primary.improvements),
        changes(&summary.secondary.improvements),
        changes(&summary.primary.all),
        changes(&summary.secondary.all),
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
