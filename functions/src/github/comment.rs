//! The one comment that a pull request gets, as Markdown. It is written again as configurations
//! answer, so it says at each time what is known and what is not yet.

use std::fmt::Write;

use analysis::words::{counted, percent};
use shared_types::ConfigurationId;
use shared_types::api::RequestDetail;
use shared_types::comparison::{ChangeSummary, ComparedTestCase, Comparison, Verdict};
use shared_types::job::JobState;
use shared_types::request::RequestState;

/// Test cases that a configuration's part names; the page shows them all.
const NAMED_TEST_CASES_MAX: usize = 5;

/// A comment on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The whole text. Its first line, which readers do not see, names the request, by which the
    /// comment is found again.
    pub markdown: String,
}

/// The comment on a request. `comparisons` are those of the request that were made so far, at most
/// one for each configuration; those of other configurations are left out.
pub fn comment(detail: &RequestDetail, comparisons: &[Comparison]) -> Comment {
    let request = &detail.request;
    let mut parts = vec![
        format!("<!-- perfleet request={} -->", request.id),
        format!("**{}** {}", title(detail), detail.verdict_sentence),
        subject(detail),
    ];
    for configuration in &request.configurations {
        let comparison = comparisons
            .iter()
            .find(|comparison| comparison.configuration == *configuration);
        parts.push(match comparison {
            Some(comparison) => answered(comparison),
            None => unanswered(detail, configuration),
        });
    }
    Comment {
        markdown: format!("{}\n", parts.join("\n\n")),
    }
}

/// The verdict in a word or two.
fn title(detail: &RequestDetail) -> &'static str {
    match (detail.request.state, detail.verdict) {
        (RequestState::Cancelled, _) => "Cancelled.",
        (_, Verdict::Improved) => "Improved.",
        (_, Verdict::Regressed) => "Regressed.",
        (_, Verdict::Mixed) => "Mixed.",
        (_, Verdict::Neutral) => "No relevant change.",
        (_, Verdict::Conflict) => "Conflict: configurations disagree.",
        (_, Verdict::Incomplete) => "Incomplete.",
    }
}

fn subject(detail: &RequestDetail) -> String {
    let request = &detail.request;
    let head = &request.head.artifact;
    let mut text = match &request.base {
        Some(base) => format!("`{}` against `{}`", head.short(), base.artifact.short()),
        None => format!("`{}`", head.short()),
    };
    if request.is_a_a() {
        text.push_str(" (A/A: one compiler, measured twice)");
    }
    if !request.state.is_final() {
        let _ = write!(
            text,
            ". Measured so far: {} of {} compilations",
            detail.compilations_done, detail.compilations_total
        );
    }
    text.push('.');
    text
}

fn heading(configuration: &ConfigurationId, verdict: &str) -> String {
    format!("### `{configuration}`: {verdict}")
}

fn answered(comparison: &Comparison) -> String {
    let mut text = heading(&comparison.configuration, comparison.verdict.as_str());
    let summary = &comparison.summary;
    let _ = write!(
        text,
        "\n\n{}\n\n\
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

/// What is to be said of a configuration that has no comparison.
fn unanswered(detail: &RequestDetail, configuration: &ConfigurationId) -> String {
    let jobs: Vec<_> = detail
        .jobs
        .iter()
        .filter(|job| job.configuration == *configuration)
        .collect();
    let failed: Vec<_> = jobs
        .iter()
        .filter(|job| job.state == JobState::Failed)
        .collect();
    let ended = jobs.iter().filter(|job| job.state.is_final()).count();
    if detail.request.state == RequestState::Cancelled {
        return heading(configuration, "cancelled");
    }
    let mut text = heading(configuration, "incomplete");
    if let Some(job) = failed.first() {
        let reason = job
            .failures
            .last()
            .map_or("no reason was given", |failure| failure.reason.as_str());
        let _ = write!(
            text,
            "\n\n{} of {} failed: {}",
            failed.len(),
            counted(jobs.len(), "job"),
            first_line(reason)
        );
    } else if jobs.is_empty() {
        let note = detail.request.note.as_deref();
        let _ = write!(
            text,
            "\n\n{}",
            note.unwrap_or("It waits for its jobs to be cut.")
        );
    } else if ended == jobs.len() {
        text.push_str("\n\nAll is measured; the comparison is being made.");
    } else {
        let _ = write!(text, "\n\n{ended} of {} done.", counted(jobs.len(), "job"));
    }
    text
}

/// The first line of what a program said, so that it cannot break the layout.
fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests;
