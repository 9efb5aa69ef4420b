//! Intervals for what was counted, by drawing series anew.

use super::random::SeededNumbers;

/// How many times series are drawn.
const DRAWS: usize = 400;

/// A mean over series, with an interval that holds the truth in 95 of 100 cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The mean of one number for each series. What happens within a series hangs together, so whole
/// series are drawn, with replacement. Zero of nothing.
pub fn mean_over_series(by_series: &[f64], seed: u64) -> Estimate {
    let count = by_series.len().max(1) as f64;
    let mean = by_series.iter().sum::<f64>() / count;
    if by_series.is_empty() {
        return Estimate {
            mean,
            low: mean,
            high: mean,
        };
    }
    let mut numbers = SeededNumbers::new(seed);
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn = (0..by_series.len()).map(|_| by_series[numbers.below(by_series.len())]);
            drawn.sum::<f64>() / count
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Estimate {
        mean,
        low: means[DRAWS / 40],
        high: means[DRAWS - 1 - DRAWS / 40],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_narrows_as_series_come_in() {
        let width = |count: usize| {
            let series: Vec<f64> = (0..count)
                .map(|number| f64::from(number % 2 == 0))
                .collect();
            let estimate = mean_over_series(&series, 3);
            assert!(estimate.low <= estimate.mean && estimate.mean <= estimate.high);
            estimate.high - estimate.low
        };
        assert!(width(400) < width(20) / 2.0);
        assert_eq!(mean_over_series(&[], 1).mean, 0.0);
    }
}
