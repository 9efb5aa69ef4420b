//! How sure a difference is of which no more is known than the order of the values.

use crate::significance::Evidence;

use super::noise_kind::NoiseKind;

/// How probable it is, were nothing changed, that all of head lies above or all of it below whatever
/// was measured before, if it does; 1 if it does not.
///
/// Of `n` earlier values and `m` of head every choice of `m` is equally probable to be the largest:
/// `2 / C(n + m, m)`, the extreme of the rank-sum test (Mann and Whitney 1947,
/// doi:10.1214/aoms/1177730491). What is exact by its nature needs no second value.
pub(super) fn probability(kind: NoiseKind, evidence: &Evidence) -> f64 {
    let history = evidence.history.places().iter().flatten();
    let before: Vec<f64> = history
        .map(|point| point.median)
        .chain(evidence.base.iterations.iter().copied())
        .collect();
    let head = &evidence.head.iterations;
    let above = |value: &f64| before.iter().all(|earlier| value > earlier);
    let below = |value: &f64| before.iter().all(|earlier| value < earlier);
    let is_outside = head.iter().all(above) || head.iter().all(below);
    match (is_outside, kind) {
        (false, _) => 1.0,
        (true, NoiseKind::Exact) => 0.0,
        (true, _) => (2.0 / choices(before.len(), head.len())).min(1.0),
    }
}

/// How many ways there are to choose `m` of `n + m`.
fn choices(n: usize, m: usize) -> f64 {
    (1..=m).fold(1.0, |choices, place| {
        choices * (n + place) as f64 / place as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::significance::{History, Sample};

    fn of(base: &[f64], head: &[f64]) -> f64 {
        let sample = |iterations: &[f64]| Sample {
            iterations: iterations.to_vec(),
            replicates: 1,
        };
        let evidence = Evidence {
            base: sample(base),
            head: sample(head),
            history: History::default(),
            ..Evidence::of_single_values(&[], 0.0, 0.0)
        };
        probability(NoiseKind::Memory, &evidence)
    }

    #[test]
    fn it_is_the_share_of_orders_that_are_as_extreme() {
        assert!((choices(5, 5) - 252.0).abs() < 1e-9);
        assert!((of(&[0.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]) - 2.0 / 252.0).abs() < 1e-12);
        assert!((of(&[5.0, 6.0], &[0.0, 0.0]) - 2.0 / 6.0).abs() < 1e-12);
        assert!((of(&[1.0], &[0.0]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_overlaps_or_is_not_a_number_says_nothing() {
        assert!((of(&[0.0, 2.0], &[1.0]) - 1.0).abs() < 1e-12);
        assert!((of(&[0.0, f64::NAN], &[1.0]) - 1.0).abs() < 1e-12);
        assert!((of(&[0.0, 1.0], &[1.0, 1.0]) - 1.0).abs() < 1e-12);
    }
}
