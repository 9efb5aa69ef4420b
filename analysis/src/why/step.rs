//! A step of how a number came about.

use serde::{Deserialize, Serialize};

/// A number on the way to a judgement, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it is, as a noun phrase.
    pub what: String,
    /// The number. Absent where there is none, as an infinite one in JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// What the number is measured in.
    pub unit: StepUnit,
    /// How it comes about, or what follows from it.
    pub because: String,
}

/// What the number of a step is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepUnit {
    /// The unit of the metric.
    OfMetric,
    /// A share: 0.01 is 1 %.
    Share,
    /// A share with a sign.
    SignedShare,
    /// A probability.
    Probability,
    /// A plain number.
    Number,
}

impl Step {
    /// A step with a number.
    pub fn new(what: &str, value: f64, unit: StepUnit, because: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            value: value.is_finite().then_some(value),
            unit,
            because: because.into(),
        }
    }
}
