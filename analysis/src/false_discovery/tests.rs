use proptest::prelude::*;

use super::{benjamini_hochberg, cut_off};

/// The smallest rate, of all that can make a difference, at which the step-up rule of the article
/// rejects the p-value at `place`.
fn by_definition(p: &[f64], place: usize) -> f64 {
    let mut ascending = p.to_vec();
    ascending.sort_by(f64::total_cmp);
    let family = p.len() as f64;
    let rejects = |rate: f64| {
        let last = ascending
            .iter()
            .enumerate()
            .rev()
            .find(|(rank, value)| **value * (family / (rank + 1) as f64) <= rate);
        last.is_some_and(|(_, largest)| p[place] <= *largest)
    };
    let rates = ascending
        .iter()
        .enumerate()
        .map(|(rank, value)| value * (family / (rank + 1) as f64));
    let rejecting = rates.filter(|rate| rejects(*rate));
    rejecting.fold(1.0, f64::min)
}

fn p_values() -> impl Strategy<Value = Vec<f64>> {
    let p = prop_oneof![
        4 => 0.0..=1.0_f64,
        2 => (0.0..=1.0_f64).prop_map(|exponent| 10.0_f64.powf(-exponent * 12.0)),
        1 => prop::sample::select(vec![0.0, 1.0, 0.05, 0.01]),
    ];
    prop::collection::vec(p, 0..40)
}

proptest! {
    #[test]
    fn q_values_are_those_of_the_definition(p in p_values()) {
        let q = benjamini_hochberg(&p);
        prop_assert_eq!(q.len(), p.len());
        for (place, q) in q.iter().enumerate() {
            prop_assert!((q - by_definition(&p, place)).abs() <= 1e-12);
        }
    }

    #[test]
    fn a_q_value_lies_between_its_p_value_and_one(p in p_values()) {
        for (p, q) in p.iter().zip(benjamini_hochberg(&p)) {
            prop_assert!(*p <= q && q <= 1.0, "{p} became {q}");
        }
    }

    #[test]
    fn a_smaller_p_value_never_has_a_larger_q_value_and_equal_ones_have_equal_ones(p in p_values()) {
        let q = benjamini_hochberg(&p);
        for (a, q_a) in p.iter().zip(&q) {
            for (b, q_b) in p.iter().zip(&q) {
                prop_assert!(a > b || q_a <= q_b);
                prop_assert!(a != b || q_a == q_b);
            }
        }
    }

    #[test]
    fn the_order_of_the_p_values_does_not_matter(
        (p, shuffled) in p_values().prop_flat_map(|p| {
            let places: Vec<usize> = (0..p.len()).collect();
            (Just(p), Just(places).prop_shuffle())
        })
    ) {
        let in_another_order: Vec<f64> = shuffled.iter().map(|place| p[*place]).collect();
        let q = benjamini_hochberg(&p);
        let expected: Vec<f64> = shuffled.iter().map(|place| q[*place]).collect();
        prop_assert_eq!(benjamini_hochberg(&in_another_order), expected);
    }

    #[test]
    fn what_was_not_asked_changes_nothing_for_the_others(p in p_values(), place in 0..40_usize) {
        let mut with_nan = p.clone();
        let place = place.min(p.len());
        with_nan.insert(place, f64::NAN);
        let mut q = benjamini_hochberg(&with_nan);
        prop_assert!(q.remove(place).is_nan());
        prop_assert_eq!(q, benjamini_hochberg(&p));
    }

    #[test]
    fn what_is_called_a_change_is_exactly_what_is_not_above_the_cut_off(
        p in p_values(),
        rate in 0.001..0.5_f64,
    ) {
        let q = benjamini_hochberg(&p);
        let cut = cut_off(&p, rate);
        for (p, q) in p.iter().zip(q) {
            prop_assert_eq!(q <= rate, cut.is_some_and(|cut| *p <= cut));
        }
    }
}

#[test]
fn the_example_of_the_article_calls_the_first_four_of_fifteen() {
    let p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0000,
    ];
    let called = benjamini_hochberg(&p)
        .iter()
        .filter(|q| **q <= 0.05)
        .count();
    assert_eq!(called, 4);
    assert_eq!(cut_off(&p, 0.05), Some(0.0095));
}

#[test]
fn an_empty_family_has_neither_q_values_nor_a_cut_off() {
    assert!(benjamini_hochberg(&[]).is_empty());
    assert_eq!(cut_off(&[], 0.05), None);
    assert_eq!(cut_off(&[f64::NAN], 0.05), None);
}

#[test]
fn values_that_rounding_brought_out_of_range_count_as_the_nearest_end() {
    assert_eq!(benjamini_hochberg(&[-1e-18, 1.0 + 1e-15]), [0.0, 1.0]);
}
