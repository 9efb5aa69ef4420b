//! The changes that are to be explained, each with its standard error.

use shared_types::comparison::ComparedTestCase;

/// How many standard errors the end of a 95 % interval is away from its middle.
const REACH_OF_INTERVALS: f64 = 1.96;

/// How many standard deviations of normal noise the threshold of the reference rule is away from
/// zero: the upper quartile of sizes and three times the range between the quartiles.
const REACH_OF_THRESHOLDS: f64 = 3.65;

/// The median size of a normal number with deviation 1.
const MEDIAN_SIZE: f64 = 0.6745;

/// What is known of the rows that have a finite change. All vectors have one entry for each.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    /// Where the row is in the comparison.
    pub(super) rows: Vec<usize>,
    /// The logarithm of head over base.
    pub(super) changes: Vec<f64>,
    /// The standard error of `changes`; zero where nothing is known of it.
    errors: Vec<f64>,
    /// Which crate a row belongs to, as a number below `crates`, ascending.
    pub(super) crate_of: Vec<usize>,
    /// How many crates there are.
    pub(super) crates: usize,
    /// The least standard deviation that is ever assumed.
    smallest_deviation: f64,
}

impl Evidence {
    /// Of the rows of a comparison, in a metric in which changes below `smallest` do not count.
    pub(super) fn of(test_cases: &[ComparedTestCase], smallest: f64) -> Self {
        let changes = test_cases.iter().enumerate().filter_map(|(row, case)| {
            let change = case.change.and_then(logarithm)?;
            Some((crate_or_own_name(case), row, change))
        });
        let mut changes: Vec<(String, usize, f64)> = changes.collect();
        changes.sort_by(|(a, at, _), (b, other, _)| a.cmp(b).then(at.cmp(other)));
        let mut crate_of: Vec<usize> = Vec::with_capacity(changes.len());
        for (place, (name, ..)) in changes.iter().enumerate() {
            let before = place
                .checked_sub(1)
                .map(|before| (&changes[before].0, crate_of[before]));
            crate_of.push(match before {
                None => 0,
                Some((same, number)) if same == name => number,
                Some((_, number)) => number + 1,
            });
        }
        let errors: Vec<Option<f64>> = changes
            .iter()
            .map(|(_, row, change)| standard_error(&test_cases[*row], *change))
            .collect();
        let usual = upper_median(errors.iter().copied().flatten().collect()).unwrap_or(0.0);
        Self {
            rows: changes.iter().map(|(_, row, _)| *row).collect(),
            crates: crate_of.last().map_or(0, |last| last + 1),
            errors: errors
                .into_iter()
                .map(|error| error.unwrap_or(usual))
                .collect(),
            changes: changes.into_iter().map(|(.., change)| change).collect(),
            crate_of,
            smallest_deviation: smallest / 2.0,
        }
    }

    /// The variance of each change around what explains it: its own, and that of a scatter which
    /// all have. The scatter is as large as it must be for `residuals` to be as large as expected.
    pub(super) fn variances(&self, residuals: &[f64], extra: &[f64]) -> Vec<f64> {
        let variances = |scatter: f64| -> Vec<f64> {
            let smallest = self.smallest_deviation.powi(2);
            let errors = self.errors.iter().zip(extra);
            errors
                .map(|(error, extra)| (error * error + extra + scatter * scatter).max(smallest))
                .collect()
        };
        let centre = centre(residuals);
        let excess = |variances: &[f64]| {
            let sizes = residuals.iter().zip(variances);
            let sizes =
                sizes.map(|(residual, variance)| (residual - centre).abs() / variance.sqrt());
            upper_median(sizes.collect()).unwrap_or(0.0) / MEDIAN_SIZE
        };
        let none = variances(0.0);
        if excess(&none) <= 1.0 {
            return none;
        }
        let mut low = self.smallest_deviation;
        let largest = residuals.iter().map(|residual| (residual - centre).abs());
        let mut high = largest.fold(low, f64::max) * 2.0;
        for _ in 0..30 {
            let middle = (low * high).sqrt();
            if excess(&variances(middle)) > 1.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        variances(high)
    }
}

/// Zero or the median, whichever is nearer to most.
fn centre(residuals: &[f64]) -> f64 {
    let Some(middle) = upper_median(residuals.to_vec()) else {
        return 0.0;
    };
    let spread = |centre: f64| {
        let sizes = residuals.iter().map(|residual| (residual - centre).abs());
        upper_median(sizes.collect()).unwrap_or(0.0)
    };
    if spread(middle) < spread(0.0) {
        middle
    } else {
        0.0
    }
}

/// What belongs to no crate stands for itself.
fn crate_or_own_name(case: &ComparedTestCase) -> String {
    match case.test_case.benchmark_or_group() {
        Some(benchmark) => benchmark.to_string(),
        None => format!("{}/", case.name),
    }
}

fn logarithm(change: f64) -> Option<f64> {
    let logarithm = change.ln_1p();
    logarithm.is_finite().then_some(logarithm)
}

/// By the interval, else by a threshold that history gave.
fn standard_error(case: &ComparedTestCase, change: f64) -> Option<f64> {
    let low = case.low.and_then(logarithm);
    let high = case.high.and_then(logarithm);
    let reach = match (low, high) {
        (Some(low), Some(high)) => Some((high - low) / 2.0),
        (Some(low), None) => Some(change - low),
        (None, Some(high)) => Some(high - change),
        (None, None) => None,
    };
    let by_interval = reach.map(|reach| reach / REACH_OF_INTERVALS);
    let by_threshold = || {
        let threshold = case.threshold.filter(|_| case.history > 0)?;
        Some(logarithm(threshold)? / REACH_OF_THRESHOLDS)
    };
    by_interval
        .or_else(by_threshold)
        .filter(|error| *error >= 0.0)
}

/// The upper one of two middles. `None` of nothing.
pub(super) fn upper_median(mut values: Vec<f64>) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let (_, middle, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*middle)
}
