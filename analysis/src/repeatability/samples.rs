//! What was recorded.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared_types::format::Versioned;
use shared_types::host::HostFacts;
use shared_types::{FormatVersion, InvalidInput, Metric, TestCase};

/// Pairs of one compiler with itself, measured on one host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepeatabilitySamples {
    /// The version of this format.
    pub format: FormatVersion,
    /// The host.
    pub host: HostFacts,
    /// The compiler: `rustc 1.95.0`.
    pub compiler: String,
    /// How many programs wanted the processor over a minute before measuring began, on average,
    /// where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_before: Option<f64>,
    /// The same over a minute before it ended: measuring itself is about 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_after: Option<f64>,
    /// When measuring began.
    pub started_at: Timestamp,
    /// What was measured, by test case and metric.
    pub series: Vec<PairSeries>,
}

/// One metric of one test case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairSeries {
    /// What was compiled.
    pub test_case: TestCase,
    /// The metric.
    pub metric: Metric,
    /// How long it took to obtain one pair of this test case, all costs of measuring included, in
    /// seconds.
    pub seconds_per_pair: f64,
    /// The two values of each pair, in the unit of the metric. Which of the two was measured first
    /// alternates by lot.
    pub pairs: Vec<(f64, f64)>,
}

impl PairSeries {
    /// All values, of both sides.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.pairs.iter().flat_map(|(one, other)| [*one, *other])
    }
}

impl RepeatabilitySamples {
    /// The metrics that were measured, in order of their names.
    pub fn metrics(&self) -> Vec<Metric> {
        let mut metrics: Vec<Metric> = Vec::new();
        for series in &self.series {
            if !metrics.contains(&series.metric) {
                metrics.push(series.metric.clone());
            }
        }
        metrics.sort_by(|one, other| one.name.cmp(&other.name));
        metrics
    }

    /// The series of a metric.
    pub fn of_metric(&self, metric: &Metric) -> Vec<&PairSeries> {
        let series = self.series.iter();
        series.filter(|series| series.metric == *metric).collect()
    }
}

impl Versioned for RepeatabilitySamples {
    const WHAT: &'static str = "samples of repeatability";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        let refused = |reason: String| Err(InvalidInput::inconsistent(Self::WHAT, reason));
        let mut known = std::collections::BTreeSet::new();
        for series in &self.series {
            let name = format!("{} of {}", series.metric.name, series.test_case.name());
            let is_number = |value: f64| value.is_finite() && value >= 0.0;
            if !series.values().all(is_number) || !is_number(series.seconds_per_pair) {
                return refused(format!("{name} has a value that is no measurement"));
            }
            if !known.insert(name.clone()) {
                return refused(format!("{name} is there twice"));
            }
        }
        Ok(())
    }
}
