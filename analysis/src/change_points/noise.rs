//! The noise of a stretch of values: its scale, how it correlates, and what lies outside of it.

use crate::robust::{self, NORMAL_MEDIAN_DEVIATION};

/// The noise that is assumed at least, on the scale of ratios. It only keeps steps of series that
/// never vary finite: in the size of a file, one byte in ten million is a step.
const NOISE_MIN: f64 = 1e-8;

/// The noise that is assumed at least, in parts of the range, so that sums of squares stay exact.
const NOISE_MIN_OF_RANGE: f64 = 1e-6;

/// Nine tenths of a normal distribution are, in absolute value, below so many deviations.
const NORMAL_NINE_TENTHS: f64 = 1.644_853_6;

/// How many standard deviations from the median around it a value is drawn in to.
const OUTLIER_DEVIATIONS: f64 = 3.0;

/// How far to each side the median around a value reaches.
const OUTLIER_REACH: usize = 2;

/// Below so many values nothing is said of correlation.
const CORRELATED_VALUES_MIN: usize = 12;

/// How many standard errors (about `1 / sqrt(n)`) a correlation is taken to be smaller than
/// estimated, so that noise without correlation is rarely taken to have some.
const CORRELATION_ERRORS: f64 = 1.4;

/// A correlation above this is established. Then the estimate that strong correlation does not
/// saturate counts as well: alone it would be too uncertain.
const CORRELATION_ESTABLISHED: f64 = 0.15;

/// The strongest correlation that is allowed for. More cannot be told from a level that wanders.
const CORRELATION_MAX: f64 = 0.9;

/// Standard deviation of the noise of neighbours, from their differences, of which a few changes of
/// level do not disturb the median. Never zero.
pub(super) fn noise(values: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = values
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .collect();
    let typical = median(&mut sizes) / NORMAL_MEDIAN_DEVIATION;
    // Values in whole steps are often equal to their neighbours though they do vary.
    let scale = if typical > 0.0 || sizes.is_empty() {
        typical
    } else {
        let place = (sizes.len() - 1) * 9 / 10;
        let (_, size, _) = sizes.select_nth_unstable_by(place, f64::total_cmp);
        *size / NORMAL_NINE_TENTHS
    };
    let (least, most) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
            (range.0.min(*value), range.1.max(*value))
        });
    let least_noise = NOISE_MIN.max(NOISE_MIN_OF_RANGE * (most - least).max(0.0));
    (scale / std::f64::consts::SQRT_2).max(least_noise)
}

/// By how much correlated noise deviates more in the mean of many values than [`noise`] says.
///
/// `noise` is taken from neighbours, which correlated noise makes alike. With correlation `r` the
/// variance of a mean is `(1 + r) / (1 - r)^2` times what it says.
pub(super) fn widening(values: &[f64], noise: f64) -> f64 {
    let correlation = correlation(values, noise);
    (1.0 + correlation).sqrt() / (1.0 - correlation)
}

/// The correlation of a value's noise with the next one's: 0 to [`CORRELATION_MAX`].
///
/// Differences over two places against those over one: equally large without correlation, and
/// `1 + r` times in variance with it. Levels need not be known for that.
fn correlation(values: &[f64], noise: f64) -> f64 {
    if values.len() < CORRELATED_VALUES_MIN {
        return 0.0;
    }
    let error = CORRELATION_ERRORS / (values.len() as f64).sqrt();
    let limit = OUTLIER_DEVIATIONS * std::f64::consts::SQRT_2 * noise;
    let clipped = |apart: usize| {
        let sizes = differences(values, apart).map(|size| size.min(limit));
        sizes.map(|size| size * size).sum::<f64>() / (values.len() - apart) as f64
    };
    let mut correlation = excess(clipped(2), clipped(1)) - error;
    if correlation > CORRELATION_ESTABLISHED {
        let typical = |apart: usize| {
            let mut sizes: Vec<f64> = differences(values, apart).collect();
            median(&mut sizes).powi(2)
        };
        correlation = correlation.max(excess(typical(2), typical(1)) - error);
    }
    correlation.clamp(0.0, CORRELATION_MAX)
}

fn differences(values: &[f64], apart: usize) -> impl Iterator<Item = f64> {
    let pairs = values.iter().zip(&values[apart..]);
    pairs.map(|(earlier, later)| (later - earlier).abs())
}

fn excess(over_two: f64, over_one: f64) -> f64 {
    if over_one > 0.0 {
        over_two / over_one - 1.0
    } else {
        0.0
    }
}

/// The medians around each value: over it and its neighbours.
pub(super) fn medians_around(values: &[f64]) -> Vec<f64> {
    let mut around = Vec::with_capacity(2 * OUTLIER_REACH + 1);
    let median_around = |place: usize| {
        let end = (place + OUTLIER_REACH + 1).min(values.len());
        around.clear();
        around.extend_from_slice(&values[place.saturating_sub(OUTLIER_REACH)..end]);
        median(&mut around)
    };
    (0..values.len()).map(median_around).collect()
}

/// The values, those far from the median around them drawn in to [`OUTLIER_DEVIATIONS`] of it, so
/// that one or two bad runs are no change of level.
pub(super) fn drawn_in(values: &[f64], medians: &[f64], noise: f64) -> Vec<f64> {
    let reach = OUTLIER_DEVIATIONS * noise;
    let both = values.iter().zip(medians);
    both.map(|(value, median)| value.clamp(median - reach, median + reach))
        .collect()
}

/// The mean of values, those far from their median drawn in; and the standard deviation around it.
/// `(0, 0)` of nothing.
pub(super) fn robust_mean(values: &[f64]) -> (f64, f64) {
    let mut sorted = values.to_vec();
    let centre = median(&mut sorted);
    let mut sizes: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    let typical = median(&mut sizes) / NORMAL_MEDIAN_DEVIATION;
    let count = values.len().max(1) as f64;
    let mean = |reach: f64| {
        let kept = values
            .iter()
            .map(|value| value.clamp(centre - reach, centre + reach));
        kept.sum::<f64>() / count
    };
    if typical > 0.0 {
        return (mean(OUTLIER_DEVIATIONS * typical), typical);
    }
    // More than half are equal: that is the level, whatever the others are.
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (centre, (squares / count).sqrt())
}

/// The median; 0 of nothing. Reorders `values`.
pub(super) fn median(values: &mut [f64]) -> f64 {
    robust::median(values).unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
