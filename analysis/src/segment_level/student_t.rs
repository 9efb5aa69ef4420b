//! Student's t distribution.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// More degrees of freedom than these make no difference, and the library's series end here.
const DEGREES_MAX: f64 = 1e6;

/// How probable a value of at least this size is, to either side. 0 for an infinite value, 1 for one
/// that is not a number.
pub(crate) fn two_sided(value: f64, degrees: f64) -> f64 {
    if value.is_nan() {
        return 1.0;
    }
    match distribution(degrees) {
        Some(distribution) => (2.0 * distribution.sf(value.abs())).min(1.0),
        None => 1.0,
    }
}

/// The value below which a share of all values lies; infinite where there are no degrees of freedom.
pub(crate) fn quantile(share: f64, degrees: f64) -> f64 {
    distribution(degrees).map_or(f64::INFINITY, |distribution| {
        distribution.inverse_cdf(share)
    })
}

fn distribution(degrees: f64) -> Option<StudentsT> {
    (degrees > 0.0)
        .then(|| StudentsT::new(0.0, 1.0, degrees.min(DEGREES_MAX)).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_printed_tables() {
        for (value, degrees, p) in [
            (12.706, 1.0, 0.05),
            (2.228, 10.0, 0.05),
            (3.169, 10.0, 0.01),
            (1.960, 1e9, 0.05),
        ] {
            assert!((two_sided(value, degrees) - p).abs() < 1e-4, "{value}");
            let found = quantile(1.0 - p / 2.0, degrees);
            assert!((found - value).abs() < 2e-3, "{found} for {value}");
        }
    }

    #[test]
    fn what_is_no_value_proves_nothing() {
        assert_eq!(two_sided(f64::NAN, 5.0), 1.0);
        assert_eq!(two_sided(3.0, 0.0), 1.0);
        assert_eq!(two_sided(f64::INFINITY, 5.0), 0.0);
        assert_eq!(quantile(0.975, 0.0), f64::INFINITY);
    }
}
