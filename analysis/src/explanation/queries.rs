//! Which queries of the compiler carry a change.

use std::collections::BTreeMap;

use shared_types::TestCase;
use shared_types::comparison::ComparedTestCase;
use shared_types::explanation::{Explanation, QueryChange};

/// The self-profiles of one test case, base and head.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryTimes {
    /// What was compiled.
    pub test_case: TestCase,
    /// Each query once.
    pub queries: Vec<QueryTime>,
}

/// What one query took in one test case.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryTime {
    /// Its name: `typeck`.
    pub query: String,
    /// Its own time in base, without that of the queries that it called, in nanoseconds.
    pub base_ns: f64,
    /// The same in head.
    pub head_ns: f64,
    /// How often it was called in base, where that is known.
    pub base_calls: Option<u64>,
    /// The same in head.
    pub head_calls: Option<u64>,
}

/// A query that is less than this share of a change does not carry it.
const SHARE_MIN: f64 = 0.1;

/// More queries than these are not named.
const CARRIERS_MAX: usize = 3;

/// Over at least so many standard errors of its mean, a query's part is no accident.
const STANDARD_ERRORS_MIN: f64 = 3.0;

/// From fewer test cases than these nothing is known of how they differ.
const TEST_CASES_MIN: usize = 4;

/// The queries that carry the change of a group, the largest part first.
pub(super) fn carriers(
    explanation: &Explanation,
    test_cases: &[ComparedTestCase],
    profiles: &[QueryTimes],
) -> Vec<QueryChange> {
    if profiles.is_empty() {
        return Vec::new();
    }
    let of_group: Vec<&QueryTimes> = profiles
        .iter()
        .filter(|profile| {
            let mut cases = test_cases.iter();
            let Some(case) = cases.find(|case| case.test_case == profile.test_case) else {
                return false;
            };
            let mut terms = explanation.terms.iter();
            terms.all(|term| term.admits(&case.test_case, case.category))
        })
        .collect();
    let parts = parts(&of_group);
    let total: f64 = parts.values().map(|part| part.mean(of_group.len())).sum();
    if !(total.is_finite() && total * explanation.change > 0.0) {
        return Vec::new();
    }
    let mut carriers: Vec<QueryChange> = parts
        .into_iter()
        .filter(|(_, part)| part.is_no_accident(of_group.len()))
        .map(|(query, part)| part.change(query, part.mean(of_group.len()) / total))
        .filter(|carrier| carrier.share >= SHARE_MIN)
        .collect();
    carriers.sort_by(|a, b| b.share.total_cmp(&a.share));
    carriers.truncate(CARRIERS_MAX);
    carriers
}

/// One query over the test cases of a group. Times are relative to all that its test case took in
/// base, so that a large crate counts no more than a small one.
#[derive(Debug, Clone, Default)]
struct Part {
    base: f64,
    head: f64,
    differences: Vec<f64>,
    base_calls: u64,
    head_calls: u64,
}

fn parts<'a>(profiles: &[&'a QueryTimes]) -> BTreeMap<&'a str, Part> {
    let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
    for profile in profiles {
        let usable = || {
            profile.queries.iter().filter(|time| {
                let is_time = |value: f64| value.is_finite() && value >= 0.0;
                is_time(time.base_ns) && is_time(time.head_ns)
            })
        };
        let total: f64 = usable().map(|time| time.base_ns).sum();
        if total <= 0.0 {
            continue;
        }
        for time in usable() {
            let part = parts.entry(time.query.as_str()).or_default();
            part.base += time.base_ns / total;
            part.head += time.head_ns / total;
            part.differences.push((time.head_ns - time.base_ns) / total);
            part.base_calls = part.base_calls.saturating_add(time.base_calls.unwrap_or(0));
            part.head_calls = part.head_calls.saturating_add(time.head_calls.unwrap_or(0));
        }
    }
    parts
}

impl Part {
    /// The mean part over so many test cases; where a query does not occur, it takes no part.
    fn mean(&self, test_cases: usize) -> f64 {
        self.differences.iter().sum::<f64>() / test_cases.max(1) as f64
    }

    fn is_no_accident(&self, test_cases: usize) -> bool {
        if self.differences.len() < TEST_CASES_MIN {
            return true;
        }
        let mean = self.mean(test_cases);
        let absent = test_cases - self.differences.len().min(test_cases);
        let squares: f64 = self
            .differences
            .iter()
            .map(|difference| (difference - mean).powi(2))
            .sum::<f64>()
            + absent as f64 * mean * mean;
        let variance = squares / (test_cases.max(2) - 1) as f64 / test_cases as f64;
        mean.abs() >= STANDARD_ERRORS_MIN * variance.sqrt()
    }

    fn change(&self, query: &str, share: f64) -> QueryChange {
        QueryChange {
            query: query.to_owned(),
            change: (self.base > 0.0).then(|| self.head / self.base - 1.0),
            share,
            calls_change: (self.base_calls > 0)
                .then(|| self.head_calls as f64 / self.base_calls as f64 - 1.0),
        }
    }
}
