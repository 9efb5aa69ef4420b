//! How often a test case is measured: until its time is known well enough, within a budget; and which
//! iterations do not count since something else had the host meanwhile.

mod activity;

use crate::segment_level::student_t;

pub use activity::{Activity, Disturbance, disturbances};

/// How sure the interval is.
const CONFIDENCE: f64 = 0.95;

/// The fewest values that say anything of a spread: below them the spread is hardly known, and
/// stopping on it would favour those that are close by chance.
pub const VALUES_MIN: usize = 3;

/// Half of the interval of a time, relative (0.01 is 1 %): of head relative to base where there are
/// two sides, whose iterations alternate, else of the only side. Values that are `None` did not
/// count. `None` where fewer than [`VALUES_MIN`] count.
///
/// The mean of the logarithms, with Student's t. Whoever stops once this is small enough looks at
/// the spread alone and never at the difference, so that the interval keeps its meaning but for what
/// small numbers cost (Chow and Robbins 1965, doi:10.1214/aoms/1177700156).
pub fn relative_half_width(sides: &[Vec<Option<f64>>]) -> Option<f64> {
    let logarithms = |values: &[Option<f64>]| -> Vec<Option<f64>> {
        let logarithm = |value: &Option<f64>| value.filter(|it| *it > 0.0).map(f64::ln);
        values.iter().map(logarithm).collect()
    };
    let values: Vec<f64> = match sides {
        [only] => logarithms(only).into_iter().flatten().collect(),
        [base, head] => {
            let pairs = logarithms(base).into_iter().zip(logarithms(head));
            pairs
                .filter_map(|(base, head)| Some(head? - base?))
                .collect()
        }
        _ => return None,
    };
    half_width(&values).map(f64::exp_m1)
}

/// Half of the interval of the mean of some values.
fn half_width(values: &[f64]) -> Option<f64> {
    if values.len() < VALUES_MIN {
        return None;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let standard_error = (squares / (count - 1.0) / count).sqrt();
    Some(standard_error * student_t::quantile(f64::midpoint(1.0, CONFIDENCE), count - 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn what_disturbs_both_sides_alike_does_not_widen_the_interval() {
        let base = [1.0, 2.0, 1.5, 1.2];
        let head = base.map(|value| value * 1.01);
        let paired = relative_half_width(&[all(&base), all(&head)]).unwrap();
        let alone = relative_half_width(&[all(&base)]).unwrap();
        assert!(paired < 1e-9 && alone > 0.3, "{paired} {alone}");
    }

    #[test]
    fn too_few_values_say_nothing() {
        assert_eq!(relative_half_width(&[all(&[1.0, 1.0])]), None);
        let half = [Some(1.0), None, Some(1.0), Some(1.0)].to_vec();
        assert_eq!(relative_half_width(&[half, all(&[1.0; 4])]), Some(0.0));
        let gone = [Some(1.0), None, None, Some(1.0)].to_vec();
        assert_eq!(relative_half_width(&[gone, all(&[1.0; 4])]), None);
        assert_eq!(relative_half_width(&[]), None);
    }

    #[test]
    fn the_interval_is_that_of_the_t_distribution() {
        // Deviation 1 of 4 values: 3.182 / 2, in logarithms.
        let values = [-1.0_f64, 1.0, -1.0, 1.0].map(|it| (it * 0.75_f64.sqrt() / 100.0).exp());
        let half = relative_half_width(&[all(&values)]).unwrap();
        assert!((half.ln_1p() - 0.01591).abs() < 1e-4, "{half}");
    }

    proptest! {
        #[test]
        fn it_is_never_negative_and_never_a_panic(
            sides in prop::collection::vec(
                prop::collection::vec(prop::option::of(any::<f64>()), 0..9), 0..4),
        ) {
            if let Some(half) = relative_half_width(&sides) {
                prop_assert!(half >= 0.0 || half.is_nan());
            }
        }
    }
}
