//! How heavy the tails of noise are: bad runs come more often than normal noise has them, and how
//! often is what the series of a configuration show together.

/// The fourth powers of standardised residuals, of one series or of many.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Tails {
    fourth_powers: f64,
    residuals: f64,
}

/// The excess kurtosis that is assumed of noise nobody has seen: that of Student's t with 10 degrees
/// of freedom.
const ASSUMED_EXCESS: f64 = 1.0;
/// How many residuals that assumption is worth.
const ASSUMED_RESIDUALS: f64 = 200.0;
/// Fewer residuals than these cannot be standardised by themselves.
const RESIDUALS_MIN: usize = 10;
/// Lighter tails than those of the normal distribution are not believed in.
const EXCESS_MIN: f64 = 0.01;

impl Tails {
    /// The tails of one series, cut into its segments.
    pub(super) fn of(segments: &[Vec<f64>]) -> Self {
        let residuals: Vec<f64> = segments
            .iter()
            .flat_map(|segment| {
                let mean = segment.iter().sum::<f64>() / segment.len().max(1) as f64;
                segment.iter().map(move |value| value - mean)
            })
            .collect();
        let count = residuals.len() as f64;
        let variance = residuals.iter().map(|one| one * one).sum::<f64>() / count.max(1.0);
        if residuals.len() < RESIDUALS_MIN || variance <= 0.0 {
            return Self::default();
        }
        let fourth_powers = residuals
            .iter()
            .map(|one| (one * one / variance).powi(2))
            .sum();
        Self {
            fourth_powers,
            residuals: count,
        }
    }

    /// Those of several series together.
    pub(super) fn together(all: impl Iterator<Item = Self>) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            fourth_powers: sum.fourth_powers + one.fourth_powers,
            residuals: sum.residuals + one.residuals,
        })
    }

    /// The degrees of freedom of the t distribution with these tails: its excess kurtosis is
    /// `6 / (degrees - 4)`.
    pub(super) fn degrees(self) -> f64 {
        const OF_NORMAL: f64 = 3.0;
        let seen = self.fourth_powers - OF_NORMAL * self.residuals;
        let excess =
            (seen + ASSUMED_EXCESS * ASSUMED_RESIDUALS) / (self.residuals + ASSUMED_RESIDUALS);
        4.0 + 6.0 / excess.max(EXCESS_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backtest::random::SeededNumbers;

    fn series(numbers: &mut SeededNumbers, bad_runs: bool) -> Tails {
        let mut values: Vec<f64> = (0..100).map(|_| numbers.normal()).collect();
        if bad_runs {
            values[50] = 6.0;
        }
        Tails::of(&[values])
    }

    #[test]
    fn bad_runs_make_tails_heavy_and_normal_noise_does_not() {
        let mut numbers = SeededNumbers::new(1);
        let mut degrees = |bad_runs| {
            let series = (0..100).map(|_| series(&mut numbers, bad_runs));
            Tails::together(series).degrees()
        };
        assert!(degrees(false) > 60.0);
        assert!((4.0..8.0).contains(&degrees(true)));
    }

    #[test]
    fn without_residuals_moderate_tails_are_assumed() {
        let short = Tails::of(&[vec![1.0, 2.0]]);
        assert_eq!(short, Tails::default());
        assert_eq!(Tails::of(&[vec![1.0; 50]]), Tails::default());
        assert_eq!(short.degrees(), 10.0);
    }
}
