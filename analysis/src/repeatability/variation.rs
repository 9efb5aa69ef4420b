//! How much each metric varies.

use serde::Serialize;
use shared_types::Metric;

use super::samples::RepeatabilitySamples;
use crate::robust::median;

/// How much one metric varies while nothing changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricVariation {
    /// The metric.
    pub metric: Metric,
    /// Of each test case that has the metric: its name, and the coefficient of variation (0.01 is
    /// 1 %).
    pub by_test_case: Vec<(String, f64)>,
    /// The least of them.
    pub least: f64,
    /// The median of them.
    pub median: f64,
    /// The largest of them.
    pub largest: f64,
    /// How many values each rests on, at least.
    pub values: usize,
}

/// The standard deviation, as it is estimated from these values, divided by their mean: 0.01 is 1 %.
/// `None` of fewer than two values, and where the mean is zero and the values are not.
pub fn coefficient_of_variation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    if squares == 0.0 {
        return Some(0.0);
    }
    let coefficient = (squares / (count - 1.0)).sqrt() / mean.abs();
    coefficient.is_finite().then_some(coefficient)
}

/// How much each metric varies, the one that varies most first. A metric of which no test case has
/// two values is left out.
pub fn variation(samples: &RepeatabilitySamples) -> Vec<MetricVariation> {
    let metrics = samples.metrics().into_iter();
    let mut all: Vec<MetricVariation> = metrics
        .filter_map(|metric| of_metric(samples, metric))
        .collect();
    all.sort_by(|one, other| other.median.total_cmp(&one.median));
    all
}

fn of_metric(samples: &RepeatabilitySamples, metric: Metric) -> Option<MetricVariation> {
    let mut by_test_case = Vec::new();
    let mut fewest = usize::MAX;
    for series in samples.of_metric(&metric) {
        let values: Vec<f64> = series.values().collect();
        if let Some(coefficient) = coefficient_of_variation(&values) {
            by_test_case.push((series.test_case.name(), coefficient));
            fewest = fewest.min(values.len());
        }
    }
    let mut coefficients: Vec<f64> = by_test_case.iter().map(|(_, it)| *it).collect();
    let middle = median(&mut coefficients)?;
    Some(MetricVariation {
        metric,
        by_test_case,
        least: coefficients.iter().copied().fold(f64::INFINITY, f64::min),
        median: middle,
        largest: coefficients.iter().copied().fold(0.0, f64::max),
        values: fewest,
    })
}
