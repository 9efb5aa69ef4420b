//! What can keep an analysis from answering.

use shared_types::{BenchmarkName, ConfigurationId, InvalidInput, MetricName};
use thiserror::Error;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AnalysisError {
    /// Two runs that were not measured under one configuration.
    #[error(
        "base was measured under `{base}` and head under `{head}`, and results are compared \
         within one configuration only: {reason}"
    )]
    DifferentConfigurations {
        /// The configuration of base.
        base: ConfigurationId,
        /// The configuration of head.
        head: ConfigurationId,
        /// In what they differ.
        reason: String,
    },
    /// A metric that neither side has.
    #[error("neither side has the metric `{metric}`; measured were: {measured}")]
    MetricNotMeasured {
        /// The metric that was asked for.
        metric: MetricName,
        /// The metrics that are there, as a list for people.
        measured: String,
    },
    /// One name for two metrics.
    #[error(
        "the metric `{metric}` has another unit or direction in base than in head: measure one of \
         them again with the collector that measured the other"
    )]
    MetricDefinedDifferently {
        /// The metric.
        metric: MetricName,
    },
    /// A run without a single result.
    #[error("there is no result of `{side}`: it was not measured, or no result was counted")]
    NothingMeasured {
        /// The run.
        side: String,
    },
    /// A significance method that does not exist.
    #[error("there is no significance method `{name}`; known are: {known}")]
    UnknownMethod {
        /// What was asked for.
        name: String,
        /// The methods that exist, as a list for people.
        known: String,
    },
    /// A test case that is not there, or a name that several have.
    #[error("{}", which_test_case(asked, candidates))]
    WhichTestCase {
        /// What was asked for.
        asked: String,
        /// The test cases whose names hold it.
        candidates: Vec<String>,
    },
    /// Benchmarks that the suite does not have.
    #[error("the suite has no benchmark {}", unknown_names(.0))]
    UnknownBenchmarks(Vec<UnknownBenchmark>),
    /// A selection that leaves nothing to measure.
    #[error("the selection leaves nothing to measure: {reason}")]
    NothingSelected {
        /// Which of its parts excludes the rest.
        reason: String,
    },
    /// A benchmark that takes longer than a job may.
    #[error(
        "{benchmark} is expected to take {seconds_expected} s in one job, and a job may take \
         {seconds_max} s: ask for fewer iterations"
    )]
    UnitTooLong {
        /// Benchmark and profile.
        benchmark: String,
        /// How long it would take.
        seconds_expected: u64,
        /// How long it may take.
        seconds_max: u64,
    },
    /// A request that would have more jobs than a configuration of a request can have.
    #[error(
        "it would take {jobs} jobs of the longest kind under one configuration, and {jobs_max} are \
         the most: ask for fewer benchmarks, profiles or iterations at a time"
    )]
    TooManyJobs {
        /// How many.
        jobs: usize,
        /// How many there may be.
        jobs_max: usize,
    },
    /// A policy that cannot be read.
    #[error("the policy cannot be read: {reason}")]
    Policy {
        /// What is wrong, with line and column where they are known.
        reason: String,
    },
    /// A series block that cannot be read or written.
    #[error("a series block is damaged: {reason}; build the series of its configuration again")]
    Block {
        /// What is wrong.
        reason: String,
    },
    /// A document that contradicts itself.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
}

/// A benchmark that the suite does not have, and those that may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownBenchmark {
    /// What was asked for.
    pub name: BenchmarkName,
    /// Benchmarks of the suite with a similar name, the nearest first.
    pub near: Vec<BenchmarkName>,
}

fn unknown_names(unknown: &[UnknownBenchmark]) -> String {
    let described = unknown.iter().map(|unknown| {
        if unknown.near.is_empty() {
            return format!("`{}`", unknown.name);
        }
        let near: Vec<String> = unknown
            .near
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        format!("`{}` (did you mean {}?)", unknown.name, near.join(" or "))
    });
    described.collect::<Vec<_>>().join(", ")
}

fn which_test_case(asked: &str, candidates: &[String]) -> String {
    const NAMED_MAX: usize = 5;
    if candidates.is_empty() {
        return format!(
            "no test case of this comparison is called `{asked}` or has that in its name: the table \
             of the comparison lists those there are"
        );
    }
    let named: Vec<&str> = candidates
        .iter()
        .take(NAMED_MAX)
        .map(String::as_str)
        .collect();
    let more = match candidates.len() - named.len() {
        0 => String::new(),
        hidden => format!(" and {hidden} more"),
    };
    format!(
        "`{asked}` could be any of {}{more}: write more of its name",
        named.join(", ")
    )
}
