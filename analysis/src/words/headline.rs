//! The answer of a comparison: which compiler is better, by how much, and how sure that is.

use shared_types::MetricName;
use shared_types::comparison::{ChangeSummary, ComparedTestCase, Comparison, Verdict};

use super::certainty::how_sure;
use super::numbers::{counted, share, signed_share};
use crate::direction::is_regression;
use crate::summary::changes;

/// What people call the two compilers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// What is compared with: `rustc 1.95.0`.
    pub base: String,
    /// What is judged.
    pub head: String,
}

impl Names {
    /// The ids of a comparison's artifacts, shortened.
    pub fn of(comparison: &Comparison) -> Self {
        let name = |side: &shared_types::run::Side| match side.replicate {
            None => side.artifact.short(),
            Some(replicate) => format!("{}#{}", side.artifact.short(), replicate.number()),
        };
        Self {
            base: name(&comparison.base),
            head: name(&comparison.head),
        }
    }
}

/// Which compiler is better, by how much, and how sure that is, for somebody who knows nothing of
/// benchmarks.
pub fn headline(comparison: &Comparison, names: &Names) -> String {
    if comparison.test_cases.is_empty() {
        return nothing_compared(comparison, names);
    }
    if comparison.a_a {
        return same_compiler(comparison, names);
    }
    let answer = answer(comparison, names);
    let sure = how_sure(comparison);
    format!("{answer} {sure}")
}

fn nothing_compared(comparison: &Comparison, names: &Names) -> String {
    let lacking = |wanted: fn(bool, bool) -> bool| {
        let mut missing = comparison.missing.iter();
        missing.any(|case| wanted(case.in_base, case.in_head))
    };
    let who = match (lacking(|in_base, _| in_base), lacking(|_, in_head| in_head)) {
        (true, false) => format!("{} has no result", names.head),
        (false, true) => format!("{} has no result", names.base),
        _ => "no test case was measured on both sides".to_owned(),
    };
    format!(
        "Nothing can be said of {} and {}: {who} for {}.",
        names.head, names.base, comparison.metric
    )
}

fn same_compiler(comparison: &Comparison, names: &Names) -> String {
    let total = comparison.test_cases.len();
    let largest = comparison
        .test_cases
        .iter()
        .filter_map(|case| case.change)
        .map(f64::abs)
        .fold(0.0, f64::max);
    let relevant = relevant(comparison).count();
    if relevant == 0 {
        let difference = if largest == 0.0 {
            "not one differs".to_owned()
        } else {
            format!("the largest difference is {}", share(largest))
        };
        return format!(
            "No change, as it must be: the same compiler was measured twice ({}). Of {}, \
             {difference}.",
            names.head,
            counted(total, "test case")
        );
    }
    format!(
        "The same compiler was measured twice ({}), yet {relevant} of {} seem to have changed, by \
         up to {}. That is noise: on this host, do not trust changes of {} of that size.",
        names.head,
        counted(total, "test case"),
        share(largest),
        comparison.metric
    )
}

pub(super) fn relevant(comparison: &Comparison) -> impl Iterator<Item = &ComparedTestCase> {
    comparison.test_cases.iter().filter(|case| case.relevant)
}

/// Relevant changes of primary and secondary test cases together, for the better and for the worse.
fn better_and_worse(comparison: &Comparison) -> (ChangeSummary, ChangeSummary) {
    let side = |regression: bool| {
        changes(
            relevant(comparison)
                .filter_map(|case| case.change)
                .filter(|change| is_regression(&comparison.metric_details, *change) == regression),
        )
    };
    (side(false), side(true))
}

fn answer(comparison: &Comparison, names: &Names) -> String {
    let Names { base, head } = names;
    let words = Comparative::of(&comparison.metric_details.name);
    let by = words.by.as_str();
    let total = counted(comparison.test_cases.len(), "test case");
    let (better, worse) = better_and_worse(comparison);
    match comparison.verdict {
        Verdict::Improved => format!(
            "{head} {} {base}{by}: {}, {}.",
            words.better,
            of_total(&better, &total, "improved"),
            beside(&worse, "got worse")
        ),
        Verdict::Regressed => format!(
            "{head} {} {base}{by}: {}, {}.",
            words.worse,
            of_total(&worse, &total, "got worse"),
            beside(&better, "improved")
        ),
        Verdict::Mixed => format!(
            "Neither {head} nor {base} is better throughout{by}: {}, {}.",
            of_total(&better, &total, "improved"),
            beside(&worse, "got worse")
        ),
        Verdict::Neutral | Verdict::Incomplete | Verdict::Conflict => format!(
            "No relevant difference between {head} and {base}{by}: none of {total} changed by more \
             than noise explains and enough to matter{}.",
            on_average(comparison)
        ),
    }
}

fn of_total(changes: &ChangeSummary, total: &str, what: &str) -> String {
    let count = changes.count;
    let mean = changes.mean.map(share);
    match (count, mean) {
        (1, Some(mean)) => format!("1 of {total} {what} by {mean}"),
        (_, Some(mean)) => format!("{count} of {total} {what} by {mean} on average"),
        (_, None) => format!("{count} of {total} {what}"),
    }
}

fn beside(changes: &ChangeSummary, what: &str) -> String {
    match (changes.count, changes.mean.map(share)) {
        (0, _) => format!("none {what}"),
        (1, Some(mean)) => format!("1 {what} by {mean}"),
        (count, Some(mean)) => format!("{count} {what} by {mean} on average"),
        (count, None) => format!("{count} {what}"),
    }
}

fn on_average(comparison: &Comparison) -> String {
    let all = changes(comparison.test_cases.iter().filter_map(|case| case.change));
    all.mean
        .map(|mean| format!(" (all together {})", signed_share(mean)))
        .unwrap_or_default()
}

/// What better and worse mean for a metric.
struct Comparative {
    better: &'static str,
    worse: &'static str,
    by: String,
}

impl Comparative {
    fn of(metric: &MetricName) -> Self {
        let words = |better, worse, by: &str| Self {
            better,
            worse,
            by: by.to_owned(),
        };
        match metric.as_str() {
            "wall-time" | "pass-time" | "task-clock" | "cpu-clock" | "user-time"
            | "system-time" => words("is faster than", "is slower than", &format!(" in {metric}")),
            "max-rss" => words("needs less memory than", "needs more memory than", ""),
            _ if metric.counts_instructions() => words(
                "is faster than",
                "is slower than",
                " by its count of instructions",
            ),
            _ if metric.as_str().starts_with("cycles") => words(
                "is faster than",
                "is slower than",
                " by its count of cycles",
            ),
            _ if metric.is_size() => words(
                "writes less than",
                "writes more than",
                &format!(" ({metric})"),
            ),
            _ => words("is better than", "is worse than", &format!(" in {metric}")),
        }
    }
}

#[cfg(test)]
mod tests;
