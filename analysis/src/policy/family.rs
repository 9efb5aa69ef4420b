//! The questions that one verdict answers together.

use shared_types::comparison::Comparison;

use super::Policy;
use super::decision::Family;
use crate::false_discovery::{benjamini_hochberg, cut_off};

/// The q-values of the test cases of some comparisons, judged as one family.
pub(super) struct JudgedFamily {
    /// What is told of it.
    pub(super) told: Family,
    /// For each comparison, for each of its test cases.
    q: Vec<Vec<Option<f64>>>,
}

impl JudgedFamily {
    /// Judges the comparisons of `answers`, a list for each configuration. Of a configuration with
    /// an empty list as many questions are expected as the largest of the others has.
    pub(super) fn of(policy: &Policy, answers: &[Vec<&Comparison>]) -> Self {
        let p_of = |comparison: &Comparison| -> Vec<Option<f64>> {
            let cases = comparison.test_cases.iter();
            cases.map(|case| case.p.filter(|p| !p.is_nan())).collect()
        };
        let by_answer: Vec<Vec<Vec<Option<f64>>>> = answers
            .iter()
            .map(|comparisons| comparisons.iter().map(|one| p_of(one)).collect())
            .collect();
        let sizes = by_answer
            .iter()
            .map(|comparisons| comparisons.iter().flatten().flatten().count());
        let largest = sizes.max().unwrap_or(0);
        let unanswered = answers.iter().filter(|answer| answer.is_empty()).count();
        let rows: Vec<Vec<Option<f64>>> = by_answer.into_iter().flatten().collect();
        let mut p: Vec<f64> = rows.iter().flatten().flatten().copied().collect();
        let questions = p.len();
        p.resize(questions + largest * unanswered, 1.0);
        let told = Family {
            rate: policy.false_discovery_rate,
            questions: count(questions),
            expected: count(largest * unanswered),
            without_p: count(rows.iter().flatten().filter(|p| p.is_none()).count()),
            cut_off: cut_off(&p, policy.false_discovery_rate),
            called: 0,
        };
        let mut q = benjamini_hochberg(&p).into_iter();
        let q: Vec<Vec<Option<f64>>> = rows
            .iter()
            .map(|row| row.iter().map(|p| p.and_then(|_| q.next())).collect())
            .collect();
        let all_q = q.iter().flatten().flatten();
        let called = all_q.filter(|q| **q <= told.rate).count();
        Self {
            told: Family {
                called: count(called),
                ..told
            },
            q,
        }
    }

    /// The q-values of the `place`th comparison, counted over all answers.
    pub(super) fn of_comparison(&self, place: usize) -> &[Option<f64>] {
        self.q.get(place).map_or(&[], Vec::as_slice)
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
