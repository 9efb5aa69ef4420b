//! Detection, back-tested: change points in recorded noise with changes of known place and size.

mod report;
mod scenarios;

pub use report::detection_table;

use std::collections::BTreeMap;

use shared_types::Metric;

use super::bootstrap::{Estimate, mean_over_series};
use super::detectors::{Detector, EDivisive, Ours, Pelt, detectors};
use super::series::{PreparedSeries, RecordPart, RecordedSeries};
use scenarios::Case;

/// The sizes of the steps that are put in, in the series' own noises.
pub const STEPS: [f64; 6] = [0.5, 1.0, 2.0, 3.0, 4.0, 5.0];

/// A change point this close to the true place counts as found.
pub const FOUND_WITHIN: usize = 3;

/// What one method does with one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectionScore {
    /// The metric.
    pub metric: Metric,
    /// The method, with its setting.
    pub method: String,
    /// How many series there are.
    pub series: usize,
    /// False alarms in 1,000 values where the residuals are in random order.
    pub false_alarms_per_1000: Estimate,
    /// False alarms in 1,000 values where ten residuals in a row stay together.
    pub correlated_alarms_per_1000: Estimate,
    /// What is found of each of [`STEPS`].
    pub steps: Vec<StepScore>,
    /// Alerts for one run that is 10 noises off. None is right.
    pub alerts_for_a_spike: f64,
    /// Alerts for a drift by 8 noises over half of the values. One is right.
    pub alerts_for_a_drift: f64,
    /// Alerts for 4 runs 5 noises off, as on a disturbed host. One that is told to have gone back is
    /// right; two are the shift and its end.
    pub alerts_for_a_shift: f64,
    /// How often a change point among the last ten values is shown without a change, in 1,000
    /// values that arrive one by one.
    pub tip_alarms_per_1000: f64,
}

/// What is found of steps of one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepScore {
    /// The share of steps that are found, to within [`FOUND_WITHIN`].
    pub recall: Estimate,
    /// The share of change points that are a step.
    pub precision: f64,
    /// After how many values at the new level half of the steps are found, as values arrive one by
    /// one. `None` where half of them are not found within 30.
    pub median_delay: Option<usize>,
}

/// Holds all methods side by side on recorded series, by metric: as they are shipped, and those that
/// give more false alarms than ours also with the setting at which they no longer do. The same seed
/// gives the same scores.
pub fn detection_scores(
    series: &[RecordedSeries],
    part: RecordPart,
    seed: u64,
) -> Vec<DetectionScore> {
    let mut scores = Vec::new();
    for (metric, prepared) in prepared_by_metric(series, part) {
        let bench = Bench {
            metric,
            prepared,
            seed,
        };
        let ours = bench.false_alarms(&Ours);
        for detector in detectors() {
            scores.push(bench.score(detector.as_ref()));
            if let Some(equal) = bench.at_most_as_many_alarms(detector.as_ref(), ours) {
                scores.push(bench.score(equal.as_ref()));
            }
        }
    }
    scores
}

/// The series of each metric, with the place from which on scores count.
type Prepared = Vec<(PreparedSeries, usize)>;

fn prepared_by_metric(series: &[RecordedSeries], part: RecordPart) -> Vec<(Metric, Prepared)> {
    let mut by_metric: BTreeMap<&str, (Metric, Prepared)> = BTreeMap::new();
    for one in series {
        let (values, scored_from) = part.of(&one.values);
        let entry = by_metric
            .entry(one.metric.name.as_str())
            .or_insert_with(|| (one.metric.clone(), Vec::new()));
        let prepared = PreparedSeries::new(values, &cuts_of_all(values));
        entry
            .1
            .extend(prepared.map(|prepared| (prepared, scored_from)));
    }
    by_metric.into_values().collect()
}

/// Where any of the methods sees a level begin, so that what one of them alone misses does not count
/// as noise. Places among the measured values.
fn cuts_of_all(values: &[f64]) -> Vec<usize> {
    let measured: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    let seen_by = |detector: &dyn Detector| detector.change_points(&measured);
    let mut cuts = [
        seen_by(&Ours),
        seen_by(&EDivisive::OTAVA),
        seen_by(&Pelt::PUBLISHED),
    ]
    .concat();
    cuts.sort_unstable();
    // Cuts next to each other would leave single values, which have no residuals.
    cuts.dedup_by(|later, earlier| *later - *earlier < FOUND_WITHIN);
    cuts
}

/// The series of one metric, on which methods are tried.
struct Bench {
    metric: Metric,
    prepared: Prepared,
    seed: u64,
}

impl Bench {
    /// One number for each series, over which is averaged.
    fn each(&self, measure: impl Fn(&Case<'_>) -> f64) -> Vec<f64> {
        let numbered = self.prepared.iter().enumerate();
        numbered
            .map(|(number, (prepared, scored_from))| {
                let part = self.seed.wrapping_add(number as u64);
                measure(&Case::new(prepared, *scored_from, part))
            })
            .collect()
    }

    fn false_alarms(&self, detector: &dyn Detector) -> f64 {
        mean(&self.each(|case| case.false_alarms_per_1000(detector, 1)))
    }

    /// The first stricter setting with at most `wanted` false alarms; `None` where the method as it
    /// is has no more than that.
    fn at_most_as_many_alarms(
        &self,
        detector: &dyn Detector,
        wanted: f64,
    ) -> Option<Box<dyn Detector>> {
        if self.false_alarms(detector) <= wanted {
            return None;
        }
        let mut stricter = detector.stricter()?;
        while self.false_alarms(stricter.as_ref()) > wanted {
            stricter = stricter.stricter()?;
        }
        Some(stricter)
    }

    fn score(&self, detector: &dyn Detector) -> DetectionScore {
        let estimate = |by_series: Vec<f64>| mean_over_series(&by_series, self.seed);
        let false_alarms = |block| self.each(|case| case.false_alarms_per_1000(detector, block));
        DetectionScore {
            metric: self.metric.clone(),
            method: detector.name(),
            series: self.prepared.len(),
            false_alarms_per_1000: estimate(false_alarms(1)),
            correlated_alarms_per_1000: estimate(false_alarms(10)),
            steps: STEPS.map(|step| self.step_score(detector, step)).to_vec(),
            alerts_for_a_spike: mean(&self.each(|case| case.alerts_for_a_spike(detector))),
            alerts_for_a_drift: mean(&self.each(|case| case.alerts_for_a_drift(detector))),
            alerts_for_a_shift: mean(&self.each(|case| case.alerts_for_a_shift(detector))),
            tip_alarms_per_1000: mean(&self.each(|case| case.tip_alarms_per_1000(detector))),
        }
    }

    fn step_score(&self, detector: &dyn Detector, noises: f64) -> StepScore {
        let found = self.each(|case| case.finds_step(detector, noises).0);
        let points: f64 = self
            .each(|case| case.finds_step(detector, noises).1)
            .iter()
            .sum();
        let mut delays = self.each(|case| case.delay(detector, noises));
        delays.sort_by(f64::total_cmp);
        let median = delays.get(delays.len() / 2).copied();
        StepScore {
            precision: if points > 0.0 {
                found.iter().sum::<f64>() / points
            } else {
                0.0
            },
            recall: mean_over_series(&found, self.seed),
            median_delay: median
                .filter(|median| median.is_finite())
                .map(|median| median as usize),
        }
    }
}

fn mean(by_series: &[f64]) -> f64 {
    by_series.iter().sum::<f64>() / by_series.len().max(1) as f64
}

#[cfg(test)]
mod tests;
