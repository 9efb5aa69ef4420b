//! The level that base belongs to, and how much single runs scatter around it.

use super::prior::Variance;
use super::tails::Tails;
use crate::change_points;
use crate::robust::{self, NORMAL_MEDIAN_DEVIATION};

/// How many standard deviations from the middle of its segment a value is drawn in to before the
/// centre is taken.
const OUTLIER_DEVIATIONS: f64 = 3.0;

/// The same before the noise is taken: outliers are part of it, and one bad run is not all of it.
/// Measured: drawn in to 3, the noise of series with outliers comes out too small.
const NOISE_DEVIATIONS: f64 = 6.0;

/// The end of a line is known as well as the mean of a quarter of its values.
const END_OF_A_LINE: f64 = 0.25;

/// What a series was before head. On the log scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    /// The centre of the segment that base ends, base included.
    pub(super) centre: f64,
    /// On how many runs it rests.
    pub(super) runs: f64,
    /// The same without base; `None` where base is all there is.
    pub(super) before_base: Option<(f64, f64)>,
    /// How much single runs scatter around the levels of the whole window.
    pub(super) noise: Variance,
    /// How heavy the tails of that noise are.
    pub(super) tails: Tails,
}

impl Level {
    /// The level of the last of `values`, which come in the order of history, are the logarithms of
    /// the values of runs, and end with base; base is the mean of `replicates` runs.
    pub(super) fn of(values: &[f64], replicates: f64) -> Self {
        let base = values.last().copied().unwrap_or(f64::NAN);
        // Change points are found on ratios, and ratios of logarithms mean nothing.
        let plain: Vec<f64> = values.iter().map(|value| (value - base).exp()).collect();
        let stretches = change_points::segments(&plain);
        let segments: Vec<Vec<f64>> = stretches
            .iter()
            .map(|stretch| {
                let values = &values[stretch.start..stretch.end];
                if stretch.sloped {
                    without_slope(values)
                } else {
                    values.to_vec()
                }
            })
            .collect();
        let residuals = segments.iter().flat_map(|segment| {
            let middle = median(segment.clone());
            segment.iter().map(move |value| value - middle)
        });
        let scale = scale(residuals.collect());
        let noisy: Vec<Vec<f64>> = segments
            .iter()
            .map(|segment| drawn_in(segment, NOISE_DEVIATIONS * scale))
            .collect();
        let last = segments.last().map_or(&[][..], Vec::as_slice);
        let last = drawn_in(last, OUTLIER_DEVIATIONS * scale);
        let before = &last[..last.len().saturating_sub(1)];
        let sloped = stretches.last().is_some_and(|stretch| stretch.sloped);
        let weight = if sloped { END_OF_A_LINE } else { 1.0 };
        let runs = before.len() as f64 + replicates;
        let before_base =
            (!before.is_empty()).then(|| (mean(before), (before.len() as f64 * weight).max(1.0)));
        let drawn_base = last.last().copied().unwrap_or(base);
        Self {
            centre: (before.iter().sum::<f64>() + replicates * drawn_base) / runs,
            runs: (runs * weight).max(replicates.min(runs)),
            before_base,
            noise: noise_around_levels(&noisy),
            tails: Tails::of(&noisy),
        }
    }
}

fn noise_around_levels(segments: &[Vec<f64>]) -> Variance {
    let values: usize = segments.iter().map(Vec::len).sum();
    let squares: f64 = segments
        .iter()
        .map(|segment| {
            let mean = mean(segment);
            let squares = segment.iter().map(|value| (value - mean).powi(2));
            squares.sum::<f64>()
        })
        .sum();
    let degrees = values.saturating_sub(segments.len()) as f64;
    if degrees == 0.0 {
        return Variance::UNKNOWN;
    }
    Variance {
        variance: squares / degrees,
        degrees,
    }
}

/// The values brought to the level at which their line ends.
fn without_slope(values: &[f64]) -> Vec<f64> {
    let last = values.len().saturating_sub(1) as f64;
    let middle = last / 2.0;
    let centre = mean(values);
    let (mut products, mut squares) = (0.0, 0.0);
    for (place, value) in (0u32..).map(f64::from).zip(values) {
        products += (place - middle) * (value - centre);
        squares += (place - middle).powi(2);
    }
    let slope = if squares > 0.0 {
        products / squares
    } else {
        0.0
    };
    let places = (0u32..).map(f64::from);
    places
        .zip(values)
        .map(|(place, value)| value + slope * (last - place))
        .collect()
}

/// The values, those far from their middle drawn in towards it.
fn drawn_in(values: &[f64], reach: f64) -> Vec<f64> {
    let middle = median(values.to_vec());
    values
        .iter()
        .map(|value| value.clamp(middle - reach, middle + reach))
        .collect()
}

/// The standard deviation that the median of the residuals' sizes implies; where most residuals are
/// equal, their own.
fn scale(residuals: Vec<f64>) -> f64 {
    let squares = residuals.iter().map(|one| one * one).sum::<f64>();
    let deviation = (squares / residuals.len().max(1) as f64).sqrt();
    let by_median = median(residuals.into_iter().map(f64::abs).collect()) / NORMAL_MEDIAN_DEVIATION;
    if by_median > 0.0 {
        by_median
    } else {
        deviation
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The median; not a number of nothing.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    robust::median(&mut values).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alternating(around: f64, by: f64, count: usize) -> Vec<f64> {
        (0..count)
            .map(|number| around + if number % 2 == 0 { by } else { -by })
            .collect()
    }

    #[test]
    fn a_step_in_history_makes_neither_the_level_nor_the_noise_wrong() {
        let quiet = Level::of(&alternating(0.0, 0.001, 60), 1.0);
        let stepped = [alternating(0.5, 0.001, 30), alternating(0.0, 0.001, 30)].concat();
        let stepped = Level::of(&stepped, 1.0);
        assert!(stepped.centre.abs() < 1e-4, "{stepped:?}");
        assert_eq!(stepped.runs, 30.0);
        assert!((stepped.noise.variance / quiet.noise.variance - 1.0).abs() < 0.05);
    }

    #[test]
    fn one_bad_run_does_not_make_a_series_noisy() {
        let mut values = alternating(0.0, 0.001, 40);
        values[20] = 3.0;
        let level = Level::of(&values, 1.0);
        assert!(level.noise.variance.sqrt() < 0.002, "{level:?}");
        assert!(level.centre.abs() < 0.001, "{level:?}");
    }

    #[test]
    fn a_drift_is_compared_with_where_it_has_come_to() {
        let mut values = alternating(0.0, 0.001, 60);
        for (place, value) in (0u32..).zip(&mut values) {
            *value += 0.002 * f64::from(place);
        }
        let level = Level::of(&values, 1.0);
        assert!((level.centre - 0.118).abs() < 0.001, "{level:?}");
        assert!(level.noise.variance.sqrt() < 0.0012, "{level:?}");
        assert_eq!(level.runs, 15.0);
    }

    #[test]
    fn a_single_run_has_a_level_and_no_noise() {
        let level = Level::of(&[1.5], 2.0);
        assert_eq!((level.centre, level.runs), (1.5, 2.0));
        assert_eq!(level.noise, Variance::UNKNOWN);
        assert_eq!(level.before_base, None);
    }
}
