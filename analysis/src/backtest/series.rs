//! Recorded series made ready for a back-test: levels and residuals, series in which nothing
//! changes, and changes of known size put in.

use shared_types::Metric;

use super::random::SeededNumbers;
use crate::robust::{self, NORMAL_MEDIAN_DEVIATION};

/// The shortest record that is made ready, in values.
pub const RECORD_VALUES_MIN: usize = 40;

/// One metric of one test case in one configuration, over artifacts in the order of history.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedSeries {
    /// The configuration. Series of one configuration are moved together by a disturbed host.
    pub configuration: String,
    /// The test case.
    pub test_case: String,
    /// The metric.
    pub metric: Metric,
    /// The value of each artifact; what is not finite was not measured.
    pub values: Vec<f64>,
}

/// The part of a record that is looked at. What is tuned may only ever see [`Self::Tuning`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordPart {
    /// All of it.
    Whole,
    /// All but the last so many artifacts.
    Tuning {
        /// How many artifacts are kept for the end.
        held_out: usize,
    },
    /// The last so many artifacts and, before them, as many others as the methods need to start.
    HeldOut {
        /// How many artifacts were kept for the end.
        held_out: usize,
        /// How many before those are seen, without being scored.
        lead_in: usize,
    },
}

impl RecordPart {
    /// The values of that part, and the place among them from which on scores count.
    pub fn of(self, values: &[f64]) -> (&[f64], usize) {
        match self {
            Self::Whole => (values, 0),
            Self::Tuning { held_out } => (&values[..values.len().saturating_sub(held_out)], 0),
            Self::HeldOut { held_out, lead_in } => {
                let scored_from = values.len().saturating_sub(held_out);
                let start = scored_from.saturating_sub(lead_in);
                (&values[start..], scored_from - start)
            }
        }
    }
}

/// A series taken apart on the log scale: the level of each value, and what is left of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedSeries {
    levels: Vec<f64>,
    residuals: Vec<f64>,
    noise: f64,
}

impl PreparedSeries {
    /// Takes a series apart at `starts`, the places where a level begins (of the measured values;
    /// 0 need not be among them). The level is the median of its values.
    ///
    /// Where to cut is an argument, so that no method is judged on residuals that it alone made.
    /// Gaps are left out. `None` where a value is not positive, where fewer than
    /// [`RECORD_VALUES_MIN`] are left, or where the residuals show no noise at all: multiples of
    /// that do not exist.
    pub fn new(values: &[f64], starts: &[usize]) -> Option<Self> {
        let logs = logs_of_measured(values)?;
        let mut bounds = vec![0];
        bounds.extend(
            starts
                .iter()
                .filter(|start| (1..logs.len()).contains(*start)),
        );
        bounds.push(logs.len());
        bounds.sort_unstable();
        bounds.dedup();
        let mut levels = Vec::with_capacity(logs.len());
        let mut residuals = Vec::with_capacity(logs.len());
        for pair in bounds.windows(2) {
            let segment = &logs[pair[0]..pair[1]];
            let level = median(segment.to_vec());
            // A level is drawn toward its own values, the more so the fewer they are.
            let count = segment.len() as f64;
            let widened = (count / (count - 1.0).max(1.0)).sqrt();
            levels.extend(segment.iter().map(|_| level));
            residuals.extend(segment.iter().map(|value| (value - level) * widened));
        }
        let noise = noise_of(&residuals);
        (noise > 0.0).then_some(Self {
            levels,
            residuals,
            noise,
        })
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.residuals.len()
    }

    /// Whether there are none, which [`Self::new`] does not make.
    pub fn is_empty(&self) -> bool {
        self.residuals.is_empty()
    }

    /// One standard deviation of the residuals, robust, on the log scale: 0.01 is about 1 %.
    pub fn noise(&self) -> f64 {
        self.noise
    }

    /// The level of each value, on the log scale.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// What is left of each value without its level, on the log scale.
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// The logs of a series that never changes: the residuals in random order around one level.
    /// Whatever is found in it is a false alarm.
    pub fn unchanging(&self, numbers: &mut SeededNumbers) -> Vec<f64> {
        self.unchanging_in_blocks(1, numbers)
    }

    /// As [`Self::unchanging`], but residuals stay together with their neighbours in blocks of
    /// `block` values, so that what correlates from run to run in the record still does.
    pub fn unchanging_in_blocks(&self, block: usize, numbers: &mut SeededNumbers) -> Vec<f64> {
        let level = median(self.levels.clone());
        self.reordered(block, numbers)
            .into_iter()
            .map(|residual| level + residual)
            .collect()
    }

    /// The logs of a series with the levels of the record, and its residuals in random order.
    pub fn with_own_levels(&self, numbers: &mut SeededNumbers) -> Vec<f64> {
        let residuals = self.reordered(1, numbers);
        let both = self.levels.iter().zip(residuals);
        both.map(|(level, residual)| level + residual).collect()
    }

    fn reordered(&self, block: usize, numbers: &mut SeededNumbers) -> Vec<f64> {
        let mut blocks: Vec<&[f64]> = self.residuals.chunks(block.max(1)).collect();
        numbers.shuffle(&mut blocks);
        blocks.concat()
    }
}

/// A change that is put into a series of logs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Injection {
    /// From `at` on all is `size` higher.
    Step {
        /// The first value that is higher.
        at: usize,
        /// On the log scale.
        size: f64,
    },
    /// One value is `size` higher.
    Spike {
        /// The value.
        at: usize,
        /// On the log scale.
        size: f64,
    },
    /// From `from` to before `to` the level rises evenly by `size`, and stays there.
    Drift {
        /// The last value at the old level.
        from: usize,
        /// The first value at the new level.
        to: usize,
        /// On the log scale.
        size: f64,
    },
    /// From `from` to before `to` all is `size` higher, as on a disturbed host or until a revert.
    Bump {
        /// The first value that is higher.
        from: usize,
        /// The first value that is not any more.
        to: usize,
        /// On the log scale.
        size: f64,
    },
}

impl Injection {
    /// Puts the change into `logs`.
    pub fn put_into(self, logs: &mut [f64]) {
        for (place, value) in logs.iter_mut().enumerate() {
            *value += self.height(place);
        }
    }

    fn height(self, place: usize) -> f64 {
        let while_true = |holds: bool, size: f64| if holds { size } else { 0.0 };
        match self {
            Self::Step { at, size } => while_true(place >= at, size),
            Self::Spike { at, size } => while_true(place == at, size),
            Self::Bump { from, to, size } => while_true((from..to).contains(&place), size),
            Self::Drift { from, to, size } => {
                let along =
                    place.saturating_sub(from) as f64 / to.saturating_sub(from).max(1) as f64;
                size * along.min(1.0)
            }
        }
    }
}

/// The values of logs.
pub fn exponentials(logs: &[f64]) -> Vec<f64> {
    logs.iter().map(|log| log.exp()).collect()
}

fn logs_of_measured(values: &[f64]) -> Option<Vec<f64>> {
    let measured: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    let usable = measured.len() >= RECORD_VALUES_MIN && measured.iter().all(|value| *value > 0.0);
    usable.then(|| measured.iter().map(|value| value.ln()).collect())
}

/// The robust standard deviation of residuals; where more than half of them are zero, the plain one.
fn noise_of(residuals: &[f64]) -> f64 {
    let sizes = residuals.iter().map(|residual| residual.abs()).collect();
    let robust = median(sizes) / NORMAL_MEDIAN_DEVIATION;
    if robust > 0.0 {
        return robust;
    }
    let squares: f64 = residuals.iter().map(|residual| residual * residual).sum();
    (squares / residuals.len() as f64).sqrt()
}

/// The median; 0 of nothing.
fn median(mut values: Vec<f64>) -> f64 {
    robust::median(&mut values).unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
