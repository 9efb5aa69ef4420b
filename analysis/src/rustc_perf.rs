//! The rule of rust-lang/rustc-perf (August 2026), so that people who come from there can compare
//! like with like, and so that every later method is measured against it.

mod working;

use shared_types::Metric;
use shared_types::comparison::Magnitude;

use crate::robust::median;
use crate::significance::{
    Evidence, History, HistoryPoint, Judgement, SignificanceMethod, relative_change,
};
use crate::why::Step;

/// The reference rule: minimum against minimum, and a threshold from the quartiles of the relative
/// differences between the 30 artifacts before base. It gives no interval and no q.
#[derive(Debug, Clone, Copy, Default)]
pub struct RustcPerfRule;

/// How many artifacts before base make up its history.
pub const HISTORY: usize = 30;

/// The threshold where the history is not complete: 0.2 %, whatever the metric.
pub const DEFAULT_THRESHOLD: f64 = 0.002;

/// How many interquartile ranges above the third quartile the threshold is.
const FENCE: f64 = 3.0;

/// A change below 0.01 % is very small, whatever the threshold.
pub(crate) const ALWAYS_VERY_SMALL: f64 = 0.0001;

/// From so many thresholds on, a change is small, medium, large and very large.
const LEVELS_BY_THRESHOLD: [f64; 4] = [1.5, 3.0, 6.0, 12.0];

/// From so many percent on, a change is small, medium, large and very large.
const LEVELS_BY_PERCENT: [f64; 4] = [0.2, 1.0, 2.0, 5.0];

impl RustcPerfRule {
    /// The name by which people choose it.
    pub const NAME: &'static str = "rustc-perf";
}

impl SignificanceMethod for RustcPerfRule {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn judge(&self, metric: &Metric, cases: &[Evidence]) -> Vec<Judgement> {
        let instructions = metric.name.counts_instructions();
        cases
            .iter()
            .map(|evidence| judge_case(instructions, evidence))
            .collect()
    }

    fn principle(&self) -> &'static [&'static str] {
        working::PRINCIPLE
    }

    fn false_discovery_rate(&self) -> Option<f64> {
        None
    }

    fn working(&self, metric: &Metric, cases: &[Evidence], place: usize) -> Vec<Step> {
        let instructions = metric.name.counts_instructions();
        let evidence = cases.get(place);
        evidence.map_or_else(Vec::new, |evidence| {
            working::working(instructions, evidence)
        })
    }
}

fn judge_case(instructions: bool, evidence: &Evidence) -> Judgement {
    let base = minimum(&evidence.base.iterations);
    let head = minimum(&evidence.head.iterations);
    let change = relative_change(base, head);
    let learned = learned_threshold(&evidence.history);
    let threshold = learned.unwrap_or(DEFAULT_THRESHOLD);
    // A perfectly quiet history gives a threshold of zero, and no difference is still no change.
    let significant = change.is_some_and(|change| change != 0.0 && change.abs() >= threshold);
    let magnitude = change.map_or(Magnitude::VerySmall, |change| {
        magnitude(change.abs(), threshold, instructions)
    });
    Judgement {
        base,
        head,
        change,
        low: None,
        high: None,
        p: None,
        q: None,
        answer: None,
        significant,
        relevant: significant && magnitude >= Magnitude::Small,
        magnitude,
        threshold: Some(threshold),
        history: learned.map_or(0, |_| HISTORY as u32),
    }
}

/// The smallest of `values`; not a number where there is none.
fn minimum(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::min)
}

/// The threshold that a complete history teaches, or `None` where it is not complete or a value in
/// it allows no relative difference.
fn learned_threshold(history: &History) -> Option<f64> {
    let (first, third) = quartiles(&sorted_differences(history)?)?;
    let threshold = third + FENCE * (third - first);
    threshold.is_finite().then_some(threshold)
}

/// The relative differences of a complete history, in ascending order, if all of them exist.
fn sorted_differences(history: &History) -> Option<Vec<f64>> {
    let mut deltas = relative_differences(&history.complete(HISTORY)?);
    deltas.sort_by(f64::total_cmp);
    let all_exist = deltas.iter().all(|delta| delta.is_finite());
    all_exist.then_some(deltas)
}

/// `|x_i - x_{i+1}| / x_i`, where `x_0` is the artifact nearest to base.
fn relative_differences(points: &[HistoryPoint]) -> Vec<f64> {
    points
        .windows(2)
        .map(|pair| (pair[0].minimum - pair[1].minimum).abs() / pair[0].minimum)
        .collect()
}

/// The first and third quartile of sorted values: the medians of the halves, the middle value left
/// out where there is one. `None` below two values.
fn quartiles(sorted: &[f64]) -> Option<(f64, f64)> {
    let half = sorted.len() / 2;
    Some((
        median(&mut sorted[..half].to_vec())?,
        median(&mut sorted[sorted.len() - half..].to_vec())?,
    ))
}

/// The mean of the level by thresholds and the level by percent, rounded down.
pub(crate) fn magnitude(size: f64, threshold: f64, instructions: bool) -> Magnitude {
    if size < ALWAYS_VERY_SMALL {
        return Magnitude::VerySmall;
    }
    let by_threshold = level(LEVELS_BY_THRESHOLD, threshold, size);
    let by_percent = level(LEVELS_BY_PERCENT, percent_scale(instructions), size * 100.0);
    Magnitude::ALL[(by_threshold + by_percent) / 2]
}

/// How many of `limits`, in this unit, a size has passed.
fn level(limits: [f64; 4], unit: f64, size: f64) -> usize {
    let passed = limits.iter().filter(|limit| size >= *limit * unit);
    passed.count()
}

/// Metrics other than instructions have to change by twice as much.
fn percent_scale(instructions: bool) -> f64 {
    if instructions { 1.0 } else { 2.0 }
}

#[cfg(test)]
mod tests;
