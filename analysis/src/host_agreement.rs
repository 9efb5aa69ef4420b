//! Whether two hosts of one configuration measure the same, from artifacts that both measured: what
//! is asked before one takes the place of the other.
//!
//! The very method that judges comparisons is asked whether it would call the step from one host to
//! the other a change. Beside it stands the ratio of the two: the median over test cases of the
//! geometric mean over artifacts, with the distribution-free interval of a median by order statistics
//! (Conover, Practical Nonparametric Statistics, section 3.2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared_types::{ArtifactId, ConfigurationId, MetricName};

use crate::significance::SignificanceMethod;
use crate::{AnalysisError, RunValues, SeriesHistory, compare};

/// The largest share of comparisons between the two hosts that may be called relevant changes: more
/// are no longer chance.
pub const CALLED_SHARE_MAX: f64 = 0.05;
/// Two hosts measure the same where the interval of their ratio is within this of one. Relative.
pub const SAME_WITHIN: f64 = 0.005;
/// An interval that misses the median of so many test cases in more than five of a hundred cases is
/// not given: that of fewer than six.
const OUTSIDE_MAX: f64 = 0.025;

/// One artifact as both hosts measured it.
#[derive(Debug, Clone, PartialEq)]
pub struct HostPair {
    /// What the host measured that is there.
    pub one: RunValues,
    /// What the host measured that is to come.
    pub other: RunValues,
    /// What was measured of the artifacts before.
    pub history: SeriesHistory,
}

/// What is known of two hosts in one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgreementAnswer {
    /// They measure the same: nobody will see which of them it was.
    Same,
    /// They do not, and the switch would be called a change.
    Step,
    /// They may or may not: more artifacts, or more test cases, are needed.
    NotYetKnown,
}

/// How two hosts agree in one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricAgreement {
    /// The metric.
    pub metric: MetricName,
    /// How many artifacts both measured in it.
    pub artifacts: u32,
    /// How many test cases.
    pub test_cases: u32,
    /// The other host's value over the one's: 1.01 is 1 % more.
    pub ratio: f64,
    /// The lower end of its interval, at 95 %. Absent for fewer than six test cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end of its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// How many comparisons of one test case of one artifact between the two were made.
    pub compared: u32,
    /// How many of them the method calls a relevant change.
    pub called: u32,
    /// What is known.
    pub answer: AgreementAnswer,
}

/// How two hosts of a configuration agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostAgreement {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The host that is there.
    pub one: String,
    /// The host that is to come.
    pub other: String,
    /// The artifacts that both measured, the last measured first.
    pub artifacts: Vec<ArtifactId>,
    /// Each metric that both measured.
    pub metrics: Vec<MetricAgreement>,
}

/// How two hosts agree in a metric. `None` where both measured no test case of one artifact in it.
///
/// # Errors
/// When the pairs are of different configurations, or the metric is not the same on both.
pub fn agreement(
    pairs: &[HostPair],
    metric: &MetricName,
    method: &dyn SignificanceMethod,
) -> Result<Option<MetricAgreement>, AnalysisError> {
    let mut logarithms: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let (mut artifacts, mut compared, mut called) = (0, 0, 0);
    for pair in pairs {
        let both = pair.one.metric(metric).is_some() && pair.other.metric(metric).is_some();
        if !both {
            continue;
        }
        let comparison = compare(&pair.one, &pair.other, metric, &pair.history, method)?;
        artifacts += u32::from(!comparison.test_cases.is_empty());
        for case in &comparison.test_cases {
            compared += 1;
            called += u32::from(case.relevant);
            // As measured: what is compared is the level of base, which holds both hosts by now.
            let ratio = middle(&case.head_iterations) / middle(&case.base_iterations);
            let logarithm = ratio.ln();
            if logarithm.is_finite() {
                let of_case = logarithms.entry(case.name.clone()).or_default();
                of_case.push(logarithm);
            }
        }
    }
    let mut means: Vec<f64> = logarithms
        .into_values()
        .map(|values| values.iter().sum::<f64>() / values.len() as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    let Some(middle) = median(&means) else {
        return Ok(None);
    };
    let interval = interval_of_median(&means).map(|(low, high)| (low.exp(), high.exp()));
    Ok(Some(MetricAgreement {
        metric: metric.clone(),
        artifacts,
        test_cases: means.len() as u32,
        ratio: middle.exp(),
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
        compared,
        called,
        answer: answer(interval, compared, called),
    }))
}

fn answer(interval: Option<(f64, f64)>, compared: u32, called: u32) -> AgreementAnswer {
    if f64::from(called) > CALLED_SHARE_MAX * f64::from(compared) {
        return AgreementAnswer::Step;
    }
    match interval {
        Some((low, high)) if low >= 1.0 - SAME_WITHIN && high <= 1.0 + SAME_WITHIN => {
            AgreementAnswer::Same
        }
        _ => AgreementAnswer::NotYetKnown,
    }
}

/// The median of values in any order; not a number where there are none.
fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    median(&sorted).unwrap_or(f64::NAN)
}

/// The median of sorted values.
fn median(sorted: &[f64]) -> Option<f64> {
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

/// The narrowest pair of sorted values, as far from either end, between which the median lies in 95
/// of 100 cases whatever the distribution is.
fn interval_of_median(sorted: &[f64]) -> Option<(f64, f64)> {
    let count = sorted.len();
    // The chance that at most `outside` of `count` values are below the median, added up term by term.
    let mut term = 0.5f64.powi(i32::try_from(count).ok()?);
    let (mut chance, mut outside) = (term, 0usize);
    if count == 0 || term == 0.0 || chance > OUTSIDE_MAX {
        return (term == 0.0).then(|| normal_ranks(sorted)).flatten();
    }
    while outside + 1 < count {
        term *= (count - outside) as f64 / (outside + 1) as f64;
        if chance + term > OUTSIDE_MAX {
            break;
        }
        chance += term;
        outside += 1;
    }
    Some((*sorted.get(outside)?, *sorted.get(count - 1 - outside)?))
}

/// The same for so many values that powers of one half vanish: by the normal approximation.
fn normal_ranks(sorted: &[f64]) -> Option<(f64, f64)> {
    let count = sorted.len() as f64;
    let outside = (count / 2.0 - 0.98 * count.sqrt()).floor() as usize;
    let last = sorted.len().checked_sub(1 + outside)?;
    Some((*sorted.get(outside)?, *sorted.get(last)?))
}

#[cfg(test)]
mod tests;
