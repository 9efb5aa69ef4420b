//! What the test cases of a run have in common, and how much of that is usual.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::MetricName;
use shared_types::disturbance::CommonShift;

use super::columns::{RunAndWindow, SeriesName, TestCaseColumn, median};
use super::{
    COUNT_MOVES_FROM, COUNTS_MOVE_FROM, DEVIATIONS_OF_COUNTS, RUNS_MIN, STILL_MIN, TEST_CASES_MIN,
};

/// The level at a place is the median of so many measured values before it.
const LEVEL_VALUES: usize = 11;
/// There is no level from fewer.
const LEVEL_VALUES_MIN: usize = 5;
/// One standard deviation of a normal distribution, in medians of its absolute values.
const DEVIATION_IN_MEDIANS: f64 = 1.4826;
/// The least noise of a common shift of times that is ever assumed. Relative.
const NOISE_MIN_OF_TIMES: f64 = 5e-4;
/// The same for instruction counts.
const NOISE_MIN_OF_COUNTS: f64 = 5e-5;
/// A noise that was learnt from `n` runs is made wider by this divided by `n`, since it may have
/// been learnt from quiet ones.
const WIDENED_BY: f64 = 4.0;

/// A common shift, and that of the run before.
pub(super) struct FoundShift {
    pub(super) shift: CommonShift,
    of_run_before: f64,
}

impl FoundShift {
    /// Whether the run is nearer to the one before than to the level, so that something has
    /// changed for longer than one run.
    pub(super) fn has_lasted(&self) -> bool {
        let from_level = self.shift.change.ln_1p();
        (from_level - self.of_run_before).abs() <= from_level.abs() / 2.0
    }
}

/// The common shift of a metric of time, where there is enough to tell it from.
pub(super) fn of(metric: &MetricName, columns: &[&TestCaseColumn]) -> Option<FoundShift> {
    let series: Vec<Deviations> = columns
        .iter()
        .filter_map(|column| deviations(column))
        .collect();
    common(metric, &series, NOISE_MIN_OF_TIMES)
}

/// What is known of the instruction counts of a run.
pub(super) struct Counts {
    pub(super) shift: CommonShift,
    still: BTreeSet<SeriesName>,
    counted: usize,
}

impl Counts {
    /// Whether a test case is where it was.
    pub(super) fn is_still(&self, case: &SeriesName) -> bool {
        self.still.contains(case)
    }

    /// How many test cases are where they were, and of how many that is known.
    pub(super) fn numbers(&self) -> (u32, u32) {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        (number(self.still.len()), number(self.counted))
    }

    /// Whether most test cases moved, or all of them a little.
    pub(super) fn have_moved(&self) -> bool {
        (self.still.len() as f64) < STILL_MIN * self.counted as f64
            || self.shift.deviations.abs() > DEVIATIONS_OF_COUNTS
                && self.shift.change.abs() > COUNTS_MOVE_FROM
    }
}

/// The instruction counts, where there are enough to tell anything from.
pub(super) fn counts(measured: &RunAndWindow) -> Option<Counts> {
    let (metric, columns) = measured.of_counts()?;
    let series: BTreeMap<&SeriesName, Deviations> = columns
        .iter()
        .filter_map(|(case, column)| Some((case, deviations(column)?)))
        .collect();
    let still = series.iter().filter(|(_, series)| !series.has_moved());
    let still: BTreeSet<SeriesName> = still.map(|(case, _)| (*case).clone()).collect();
    let counted = series.len();
    let series: Vec<Deviations> = series.into_values().collect();
    let shift = common(metric, &series, NOISE_MIN_OF_COUNTS)?.shift;
    Some(Counts {
        shift,
        still,
        counted,
    })
}

/// How far each value of a series is from the level before it, on the log scale.
struct Deviations {
    /// By place, oldest first; `None` where the place has no value or no level.
    before: Vec<Option<f64>>,
    run: f64,
}

impl Deviations {
    fn has_moved(&self) -> bool {
        let noise = noise(self.before.iter().flatten()).unwrap_or(0.0);
        self.run.abs() > (DEVIATIONS_OF_COUNTS * noise).max(COUNT_MOVES_FROM)
    }
}

/// `None` where the run has no level to be held against.
fn deviations(column: &TestCaseColumn) -> Option<Deviations> {
    let log = |value: f64| (value.is_finite() && value > 0.0).then(|| value.ln());
    let mut last: Vec<f64> = Vec::with_capacity(column.before.len());
    let mut before = Vec::with_capacity(column.before.len());
    for value in &column.before {
        let value = value.and_then(log);
        before.push(value.and_then(|value| Some(value - level(&last)?)));
        last.extend(value);
    }
    let run = log(column.run)? - level(&last)?;
    Some(Deviations { before, run })
}

fn level(logs: &[f64]) -> Option<f64> {
    if logs.len() < LEVEL_VALUES_MIN {
        return None;
    }
    median(logs[logs.len().saturating_sub(LEVEL_VALUES)..].to_vec())
}

fn common(metric: &MetricName, series: &[Deviations], noise_min: f64) -> Option<FoundShift> {
    if series.len() < TEST_CASES_MIN {
        return None;
    }
    let places = series.iter().map(|series| series.before.len()).max()?;
    let before: Vec<f64> = (0..places)
        .filter_map(|place| {
            let at_place = series.iter().filter_map(|one| *one.before.get(place)?);
            let at_place: Vec<f64> = at_place.collect();
            // A run that measured a few of them says nothing about what all have in common.
            (at_place.len() * 2 >= series.len() && at_place.len() >= TEST_CASES_MIN)
                .then(|| median(at_place))
                .flatten()
        })
        .collect();
    if before.len() < RUNS_MIN {
        return None;
    }
    let shift = median(series.iter().map(|one| one.run).collect())?;
    // What is too large for a number has no place in a document.
    let change = Some(shift.exp_m1()).filter(|change| change.is_finite())?;
    let widened = 1.0 + WIDENED_BY / before.len() as f64;
    let noise = noise(before.iter())?.max(noise_min) * widened;
    let alike = series.iter().filter(|one| one.run * shift > 0.0).count();
    Some(FoundShift {
        of_run_before: *before.last()?,
        shift: CommonShift {
            metric: metric.clone(),
            change,
            noise,
            deviations: shift / noise,
            together: alike as f64 / series.len() as f64,
            test_cases: u32::try_from(series.len()).unwrap_or(u32::MAX),
            runs: u32::try_from(before.len()).unwrap_or(u32::MAX),
        },
    })
}

/// The robust standard deviation around zero.
fn noise<'a>(values: impl Iterator<Item = &'a f64>) -> Option<f64> {
    Some(median(values.map(|value| value.abs()).collect())? * DEVIATION_IN_MEDIANS)
}
