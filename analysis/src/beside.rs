//! One comparison by two significance methods, and where they disagree. For people who come from
//! another method, and for those who doubt one.

use serde::{Deserialize, Serialize};
use shared_types::Metric;
use shared_types::comparison::{Answer, ComparedTestCase, Comparison, Verdict};

use crate::direction::is_regression;

/// What two methods say of the same base and head, in the same metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// The comparison by the first method.
    pub comparison: Comparison,
    /// The name of the second method.
    pub method: String,
    /// Its version.
    pub method_version: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// What it says of each test case of `comparison`, in the same order. `null` where it has none
    /// of that name.
    pub says: Vec<Option<Says>>,
    /// The names of the test cases that one method calls a relevant change and the other does not, or
    /// calls one in the other direction.
    pub disagree: Vec<String>,
}

/// What a method says of a test case.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Says {
    /// What it comes to.
    pub word: Word,
    /// The change, by its own choice of values. Relative: 0.01 is 1 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// The size of change that noise explains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
}

/// What a judgement comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// A relevant change for the better.
    Better,
    /// A relevant change for the worse.
    Worse,
    /// A change that is significant and not relevant.
    Small,
    /// The same.
    Same,
    /// Not yet known.
    NotYetKnown,
    /// Not called a change, by a method that does not tell same from not yet known.
    NoChange,
}

impl Word {
    /// What a judgement comes to.
    pub fn of(metric: &Metric, case: &ComparedTestCase) -> Self {
        match (case.relevant, case.significant, case.answer, case.change) {
            (true, _, _, Some(change)) if is_regression(metric, change) => Self::Worse,
            (true, _, _, Some(_)) => Self::Better,
            (_, true, ..) => Self::Small,
            (_, _, Some(Answer::Same), _) => Self::Same,
            (_, _, Some(Answer::NotYetKnown | Answer::Different), _) => Self::NotYetKnown,
            (_, _, None, _) => Self::NoChange,
        }
    }

    /// As people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Small => "small",
            Self::Same => "same",
            Self::NotYetKnown => "not yet known",
            Self::NoChange => "no change",
        }
    }

    /// What is told to a person as a change that matters.
    fn relevant(self) -> Option<Self> {
        matches!(self, Self::Better | Self::Worse).then_some(self)
    }
}

/// Puts what another method says of the same base, head and metric beside a comparison.
pub fn beside(comparison: Comparison, other: &Comparison) -> Beside {
    let metric = &comparison.metric_details;
    let mut disagree = Vec::new();
    let says = comparison
        .test_cases
        .iter()
        .map(|case| {
            let mut same_case = other.test_cases.iter();
            let by_other = same_case.find(|other| other.name == case.name)?;
            let word = Word::of(metric, by_other);
            if word.relevant() != Word::of(metric, case).relevant() {
                disagree.push(case.name.clone());
            }
            Some(Says {
                word,
                change: by_other.change,
                threshold: by_other.threshold,
            })
        })
        .collect();
    Beside {
        method: other.method.clone(),
        method_version: other.method_version.clone(),
        verdict: other.verdict,
        says,
        disagree,
        comparison,
    }
}

#[cfg(test)]
mod tests;
