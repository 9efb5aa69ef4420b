//! The cases that one series gives: unchanged, and with each kind of change put in.

use super::FOUND_WITHIN;
use crate::backtest::detectors::Detector;
use crate::backtest::random::SeededNumbers;
use crate::backtest::series::{Injection, PreparedSeries, exponentials};

/// How many values at the new level are awaited at most, as values arrive one by one.
pub(super) const DELAY_MAX: usize = 30;

/// How many values there are at least before and after a step that is put in.
const BESIDE_STEP: usize = 15;

/// How many values after a step there are at least where less can be had.
const AFTER_STEP_MIN: usize = 8;

/// How many values count as the tip.
const TIP_VALUES: usize = 10;

const SPIKE_NOISES: f64 = 10.0;
const DRIFT_NOISES: f64 = 8.0;
const SHIFT_NOISES: f64 = 5.0;
const SHIFT_VALUES: usize = 4;

/// One series, from `scored_from` on.
pub(super) struct Case<'a> {
    prepared: &'a PreparedSeries,
    scored_from: usize,
    seed: u64,
}

impl<'a> Case<'a> {
    pub(super) fn new(prepared: &'a PreparedSeries, scored_from: usize, seed: u64) -> Self {
        // A step needs something before it, and gaps may have shortened the record.
        let scored_from = scored_from.min(prepared.len() / 2);
        Self {
            prepared,
            scored_from,
            seed,
        }
    }

    /// Logs in which nothing changes, and numbers to put changes in with. Each `purpose` has its own.
    fn unchanged(&self, block: usize, purpose: u64) -> (Vec<f64>, SeededNumbers) {
        let mut numbers = SeededNumbers::part(self.seed, purpose);
        let logs = self.prepared.unchanging_in_blocks(block, &mut numbers);
        (logs, numbers)
    }

    /// Where a change is put in: with enough before and after it, and within what is scored.
    fn place(&self, numbers: &mut SeededNumbers) -> usize {
        let first = self.scored_from.max(BESIDE_STEP);
        let length = self.prepared.len();
        let last = length - BESIDE_STEP;
        if first < last {
            return first + numbers.below(last - first);
        }
        first.min(length - AFTER_STEP_MIN)
    }

    fn scored_points(&self, detector: &dyn Detector, values: &[f64]) -> Vec<usize> {
        let mut points = detector.change_points(values);
        points.retain(|point| *point >= self.scored_from);
        points
    }

    pub(super) fn false_alarms_per_1000(&self, detector: &dyn Detector, block: usize) -> f64 {
        let (logs, _) = self.unchanged(block, block as u64);
        let points = self.scored_points(detector, &exponentials(&logs));
        1000.0 * points.len() as f64 / (logs.len() - self.scored_from) as f64
    }

    /// A series with a step, up or down, and where it is.
    fn stepped(&self, noises: f64) -> (Vec<f64>, usize) {
        let (mut logs, mut numbers) = self.unchanged(1, 100 + (noises * 10.0) as u64);
        let at = self.place(&mut numbers);
        let sign = if numbers.below(2) == 0 { 1.0 } else { -1.0 };
        let size = sign * noises * self.prepared.noise();
        Injection::Step { at, size }.put_into(&mut logs);
        (exponentials(&logs), at)
    }

    /// 1 where the step is found, else 0; and how many change points there are.
    pub(super) fn finds_step(&self, detector: &dyn Detector, noises: f64) -> (f64, f64) {
        let (values, at) = self.stepped(noises);
        let points = self.scored_points(detector, &values);
        let found = points
            .iter()
            .any(|point| point.abs_diff(at) <= FOUND_WITHIN);
        (f64::from(u8::from(found)), points.len() as f64)
    }

    /// How many values at the new level there are when the step is found; infinite if it never is.
    pub(super) fn delay(&self, detector: &dyn Detector, noises: f64) -> f64 {
        let (values, at) = self.stepped(noises);
        let last = (at + DELAY_MAX).min(values.len());
        let found = |length: &usize| {
            let points = detector.change_points(&values[..*length]);
            points
                .iter()
                .any(|point| point.abs_diff(at) <= FOUND_WITHIN)
        };
        let first = (at + 1..=last).find(found);
        first.map_or(f64::INFINITY, |length| (length - at) as f64)
    }

    pub(super) fn alerts_for_a_spike(&self, detector: &dyn Detector) -> f64 {
        let spike = |at, noise: f64| Injection::Spike {
            at,
            size: SPIKE_NOISES * noise,
        };
        self.alerts_with(detector, 200, spike)
    }

    pub(super) fn alerts_for_a_shift(&self, detector: &dyn Detector) -> f64 {
        let shift = |from, noise: f64| Injection::Bump {
            from,
            to: from + SHIFT_VALUES,
            size: SHIFT_NOISES * noise,
        };
        self.alerts_with(detector, 201, shift)
    }

    pub(super) fn alerts_for_a_drift(&self, detector: &dyn Detector) -> f64 {
        let length = self.prepared.len();
        let drift = |_, noise: f64| Injection::Drift {
            from: length / 4,
            to: length * 3 / 4,
            size: DRIFT_NOISES * noise,
        };
        self.alerts_with(detector, 202, drift)
    }

    fn alerts_with(
        &self,
        detector: &dyn Detector,
        purpose: u64,
        injection: impl Fn(usize, f64) -> Injection,
    ) -> f64 {
        let (mut logs, mut numbers) = self.unchanged(1, purpose);
        let at = self.place(&mut numbers);
        injection(at, self.prepared.noise()).put_into(&mut logs);
        detector.alerts(&exponentials(&logs)) as f64
    }

    pub(super) fn tip_alarms_per_1000(&self, detector: &dyn Detector) -> f64 {
        let (logs, _) = self.unchanged(1, 300);
        let values = exponentials(&logs);
        let first = self.scored_from.max(values.len() / 2);
        let arrivals = first..=values.len();
        let count = arrivals.clone().count() as f64;
        let alarmed = arrivals.filter(|length| {
            let points = detector.change_points(&values[..*length]);
            points.iter().any(|point| point + TIP_VALUES >= *length)
        });
        1000.0 * alarmed.count() as f64 / count
    }
}
