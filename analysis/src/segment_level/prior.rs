//! What siblings say of a test case's noise: a scaled inverse chi-squared distribution of variances,
//! fitted to those of all test cases (Smyth 2004, section 6.2, doi:10.2202/1544-6115.1027).

use statrs::function::gamma::digamma;

/// A variance, and on how many independent values it rests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Variance {
    /// Of the natural logarithms of the values of one run.
    pub(super) variance: f64,
    /// Degrees of freedom; 0 where nothing was measured.
    pub(super) degrees: f64,
}

impl Variance {
    pub(super) const UNKNOWN: Self = Self {
        variance: 0.0,
        degrees: 0.0,
    };

    pub(super) fn at_least(self, smallest: f64) -> Self {
        Self {
            variance: self.variance.max(smallest),
            ..self
        }
    }
}

/// How many values what is assumed of a metric is worth, where no siblings tell.
const ASSUMED_DEGREES: f64 = 4.0;
/// Fewer siblings than these do not make a distribution.
const SIBLINGS_MIN: usize = 4;
/// Siblings that all agree are worth this many values, and not infinitely many: the next test case
/// may differ from all of them.
const DEGREES_MAX: f64 = 30.0;
/// Siblings that have nothing in common still tell the order of magnitude.
const DEGREES_MIN: f64 = 1.0;

/// What is known of a variance before it is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prior(Variance);

impl Prior {
    /// What these siblings have in common; where they are too few, the noise that is usual for the
    /// metric, as a standard deviation.
    pub(super) fn of(siblings: &[Variance], usual_noise: f64) -> Self {
        let usable: Vec<&Variance> = siblings
            .iter()
            .filter(|one| one.degrees > 0.0 && one.variance > 0.0)
            .collect();
        if usable.len() < SIBLINGS_MIN {
            return Self(Variance {
                variance: usual_noise.powi(2),
                degrees: ASSUMED_DEGREES,
            });
        }
        let count = usable.len() as f64;
        let logs: Vec<f64> = usable
            .iter()
            .map(|one| {
                let half = one.degrees / 2.0;
                one.variance.ln() - digamma(half) + half.ln()
            })
            .collect();
        let mean = logs.iter().sum::<f64>() / count;
        let spread = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let by_chance = usable
            .iter()
            .map(|one| trigamma(one.degrees / 2.0))
            .sum::<f64>()
            / count;
        let degrees = if spread > by_chance {
            (2.0 * inverse_trigamma(spread - by_chance)).clamp(DEGREES_MIN, DEGREES_MAX)
        } else {
            DEGREES_MAX
        };
        let half = degrees / 2.0;
        Self(Variance {
            variance: (mean + digamma(half) - half.ln()).exp(),
            degrees,
        })
    }

    /// A variance that was measured, drawn towards what was known before.
    pub(super) fn moderate(self, own: Variance) -> Variance {
        let degrees = self.0.degrees + own.degrees;
        let sum = self.0.degrees * self.0.variance + own.degrees * own.variance;
        Variance {
            variance: sum / degrees,
            degrees,
        }
    }
}

/// The derivative of the digamma function, for positive arguments: recurrence up to where the
/// asymptotic series holds (Abramowitz and Stegun 1964, 6.4.6 and 6.4.12).
fn trigamma(argument: f64) -> f64 {
    const SERIES_FROM: f64 = 10.0;
    let mut below = 0.0;
    let mut x = argument;
    while x < SERIES_FROM {
        below += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = 1.0 / 6.0 - square * (1.0 / 30.0 - square * (1.0 / 42.0 - square / 30.0));
    below + 1.0 / x + square / 2.0 + square / x * series
}

/// The argument at which trigamma takes a positive value, by Newton's method on its reciprocal, which
/// is nearly straight.
fn inverse_trigamma(value: f64) -> f64 {
    const STEPS: usize = 50;
    let mut x = 0.5 + 1.0 / value;
    for _ in 0..STEPS {
        let step = 1e-5 * x;
        let here = trigamma(x);
        let slope = (1.0 / trigamma(x + step) - 1.0 / here) / step;
        let next = x + (1.0 / value - 1.0 / here) / slope;
        if !next.is_finite() || next <= 0.0 {
            return x;
        }
        if (next - x).abs() <= 1e-9 * x {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigamma_has_its_known_values_and_an_inverse() {
        let pi_squared = std::f64::consts::PI.powi(2);
        for (argument, value) in [(1.0, pi_squared / 6.0), (0.5, pi_squared / 2.0)] {
            assert!((trigamma(argument) - value).abs() < 1e-10);
        }
        for argument in [0.05, 0.5, 1.0, 3.0, 40.0] {
            let found = inverse_trigamma(trigamma(argument));
            assert!((found - argument).abs() < 1e-4 * argument, "{found}");
        }
    }

    #[test]
    fn siblings_that_agree_weigh_much_and_those_that_do_not_weigh_little() {
        let siblings = |spread: f64| -> Vec<Variance> {
            (0..40)
                .map(|number| Variance {
                    variance: 1e-4 * (spread * (f64::from(number) / 39.0 - 0.5)).exp(),
                    degrees: 29.0,
                })
                .collect()
        };
        let alike = Prior::of(&siblings(0.0), 0.01).0;
        assert_eq!(alike.degrees, DEGREES_MAX);
        assert!((alike.variance / 1e-4 - 1.0).abs() < 0.05);
        let scattered = Prior::of(&siblings(8.0), 0.01).0;
        assert!(scattered.degrees < 3.0, "{scattered:?}");
    }

    #[test]
    fn a_new_test_case_has_the_noise_of_its_siblings_and_an_old_one_its_own() {
        let siblings = [Variance {
            variance: 4e-6,
            degrees: 30.0,
        }; 10];
        let prior = Prior::of(&siblings, 0.01);
        let new = prior.moderate(Variance::UNKNOWN);
        assert!((new.variance / 4e-6 - 1.0).abs() < 0.1, "{new:?}");
        let own = Variance {
            variance: 4e-4,
            degrees: 3000.0,
        };
        let old = prior.moderate(own);
        assert!((old.variance / 4e-4 - 1.0).abs() < 0.02, "{old:?}");
    }

    #[test]
    fn without_siblings_the_usual_noise_is_assumed() {
        let known = Prior::of(&[], 0.01).moderate(Variance::UNKNOWN);
        assert!((known.variance - 1e-4).abs() < 1e-12);
        assert_eq!(known.degrees, ASSUMED_DEGREES);
    }
}
