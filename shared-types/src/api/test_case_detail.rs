//! One test case of a comparison in every respect that was measured.

use serde::{Deserialize, Serialize};

use crate::run::Side;
use crate::{ConfigurationId, Metric, TestCase};

/// One test case of base and head: each metric, and the time of each query of the compiler.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestCaseDetail {
    /// Under which configuration both sides were measured.
    pub configuration: ConfigurationId,
    /// What is compared with.
    pub base: Side,
    /// What is judged.
    pub head: Side,
    /// What was measured.
    pub test_case: TestCase,
    /// Every metric that a side has, by name.
    pub metrics: Vec<MetricFigures>,
    /// The queries of the compiler, the largest difference of time first. Empty where a side has no
    /// self-profile.
    pub queries: Vec<QueryFigures>,
}

/// One metric of both sides: the smallest iteration of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricFigures {
    /// The metric.
    pub metric: Metric,
    /// The smallest iteration of base, in the unit of the metric. `None` where it was not measured.
    pub base: Option<f64>,
    /// The same of head.
    pub head: Option<f64>,
}

/// What one query of the compiler took in both sides: the mean over the self-profiles of a side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueryFigures {
    /// Its name: `typeck`.
    pub query: String,
    /// Its own time in base, without that of the queries that it called, in nanoseconds.
    pub base_ns: f64,
    /// The same in head.
    pub head_ns: f64,
    /// How often it was computed in base, where that is known.
    pub base_calls: Option<u64>,
    /// The same in head.
    pub head_calls: Option<u64>,
}
