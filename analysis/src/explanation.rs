//! What the test cases that changed have in common: "only incremental scenarios of opt builds,
//! +1.8 %".
//!
//! The change of each test case is a normal number with heavy tails around the common change of its
//! group, on the log scale: its deviation is its own standard error and the spread of the group
//! together, since no two crates feel a change of the compiler alike. Every group that a few words
//! describe is tried; the one whose common change raises the likelihood most, less what its
//! description costs, is the explanation. What it explains is taken off, and the next one is looked
//! for, until none pays for its description any more.

mod candidates;
mod evidence;
mod fit;
mod interval;
mod queries;
mod search;
mod self_profiles;
mod wording;

use shared_types::MetricName;
use shared_types::comparison::ComparedTestCase;
use shared_types::explanation::Explanation;

use candidates::Candidates;
use evidence::Evidence;
use interval::Interval;
use search::{Cause, find_causes};

pub use queries::{QueryTime, QueryTimes};

/// Below this size no common change is an explanation, whatever the metric. Relative.
const SMALLEST_CHANGE: f64 = 1e-4;

/// What the test cases that changed have in common, the best explanation first. The rows are those
/// of one comparison, so of one configuration and metric. Empty where nothing changed, and where
/// what changed has nothing in common.
///
/// Rows without a change, or with one that is not finite, are left out, and so is what they have in
/// common where that is beyond all numbers. `queries` are the
/// self-profiles of some or all of the test cases; there may be none.
pub fn explain(
    metric: &MetricName,
    test_cases: &[ComparedTestCase],
    queries: &[QueryTimes],
) -> Vec<Explanation> {
    let smallest = crate::segment_level::NoiseKind::of(metric)
        .negligible()
        .max(SMALLEST_CHANGE);
    let evidence = Evidence::of(test_cases, smallest);
    let candidates = Candidates::of(&evidence, test_cases);
    let causes = find_causes(&evidence, &candidates.groups, smallest);
    causes
        .iter()
        .map(|cause| {
            let mut explanation = explanation(cause, &evidence, test_cases);
            explanation.description = candidates.description(cause.candidate);
            explanation.terms = candidates.terms(cause.candidate);
            explanation.queries = queries::carriers(&explanation, test_cases, queries);
            explanation.sentence = wording::sentence(&explanation);
            explanation
        })
        .filter(is_in_numbers)
        .collect()
}

fn is_in_numbers(explanation: &Explanation) -> bool {
    let Explanation {
        change,
        low,
        high,
        share,
        ..
    } = explanation;
    [change, low, high, share]
        .iter()
        .all(|number| number.is_finite())
}

fn explanation(
    cause: &Cause<'_>,
    evidence: &Evidence,
    test_cases: &[ComparedTestCase],
) -> Explanation {
    let candidate = cause.candidate;
    let Interval { change, low, high } = cause.interval;
    let members = &candidate.members;
    let same_way = members
        .iter()
        .filter(|member| evidence.changes[**member] * change > 0.0)
        .count();
    let elsewhere = (0..evidence.rows.len())
        .filter(|place| test_cases[evidence.rows[*place]].significant)
        .filter(|place| members.binary_search(place).is_err())
        .count();
    Explanation {
        description: String::new(),
        terms: Vec::new(),
        change: change.exp_m1(),
        low: low.exp_m1(),
        high: high.exp_m1(),
        share: cause.share,
        test_cases: count(members.len()),
        same_way: count(same_way),
        elsewhere: count(elsewhere),
        sentence: String::new(),
        queries: Vec::new(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
