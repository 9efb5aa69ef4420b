use proptest::prelude::*;
use shared_types::Unit;

use super::*;
use crate::significance::Sample;

fn metric(name: &str) -> Metric {
    Metric::cost(name.parse().unwrap(), Unit::Count)
}

fn history(minima: &[f64]) -> History {
    let points = minima.iter().map(|minimum| {
        Some(HistoryPoint {
            minimum: *minimum,
            median: f64::NAN,
            iterations: 1,
            on_hosts_of_head: true,
        })
    });
    History::of(points.collect())
}

fn sample(iterations: &[f64]) -> Sample {
    Sample {
        iterations: iterations.to_vec(),
        replicates: 1,
    }
}

fn judge(name: &str, base: &[f64], head: &[f64], history: History) -> Judgement {
    let evidence = Evidence {
        base: sample(base),
        head: sample(head),
        pairs: Vec::new(),
        history,
        on_one_host: true,
        incremental: false,
    };
    RustcPerfRule.judge(&metric(name), &[evidence]).remove(0)
}

/// 30 values whose 29 relative differences, newest first, are 1 %, 2 %, … 29 %: each value is so
/// much below the one before it.
fn falling_history() -> Vec<f64> {
    let mut values = vec![1000.0];
    for percent in 1..30 {
        let newer = values[values.len() - 1];
        values.push(newer * (1.0 - f64::from(percent) / 100.0));
    }
    values
}

#[test]
fn the_quartiles_of_29_differences_are_the_medians_of_14_below_and_14_above() {
    let sorted: Vec<f64> = (1..=29).map(f64::from).collect();
    // Below: 1 to 14, median (7 + 8) / 2. Above: 16 to 29, median (22 + 23) / 2.
    assert_eq!(quartiles(&sorted), Some((7.5, 22.5)));
}

#[test]
fn quartiles_of_few_values() {
    assert_eq!(quartiles(&[]), None);
    assert_eq!(quartiles(&[1.0]), None);
    assert_eq!(quartiles(&[1.0, 2.0]), Some((1.0, 2.0)));
    assert_eq!(quartiles(&[1.0, 2.0, 9.0]), Some((1.0, 9.0)));
    assert_eq!(quartiles(&[1.0, 2.0, 3.0, 4.0]), Some((1.5, 3.5)));
    assert_eq!(quartiles(&[1.0, 2.0, 3.0, 4.0, 5.0]), Some((1.5, 4.5)));
}

#[test]
fn the_threshold_is_three_interquartile_ranges_above_the_third_quartile() {
    let judged = judge(
        "instructions:u",
        &[1.0],
        &[1.0],
        history(&falling_history()),
    );
    // 0.225 + 3 * (0.225 - 0.075)
    assert!((judged.threshold.unwrap() - 0.675).abs() < 1e-12);
    assert_eq!(judged.history, 30);
}

#[test]
fn differences_are_divided_by_the_newer_value() {
    let mut minima = [100.0; 30];
    minima[29] = 50.0;
    let differences = relative_differences(&history(&minima).complete(HISTORY).unwrap());
    assert_eq!(differences.len(), 29);
    assert_eq!(differences[28], 0.5);
}

#[test]
fn one_missing_artifact_of_thirty_makes_the_threshold_the_default() {
    for history in [History::default(), history(&falling_history()[..29])] {
        let judged = judge("wall-time", &[1000.0], &[1002.0], history);
        assert_eq!(judged.threshold, Some(0.002));
        assert_eq!(judged.history, 0);
        assert!(judged.significant, "0.2 % is at the threshold");
    }
    let below = judge("wall-time", &[1000.0], &[1001.9], History::default());
    assert!(!below.significant);
}

#[test]
fn a_zero_in_the_history_allows_no_relative_difference_and_counts_as_missing() {
    let mut minima = vec![5.0; 30];
    minima[3] = 0.0;
    assert_eq!(
        judge("max-rss", &[5.0], &[5.0], history(&minima)).history,
        0
    );
}

#[test]
fn the_smallest_iterations_are_compared() {
    let judged = judge(
        "instructions:u",
        &[103.0, 100.0],
        &[102.0, 190.0],
        History::default(),
    );
    assert_eq!((judged.base, judged.head), (100.0, 102.0));
    assert_eq!(judged.change, Some(0.02));
    assert!(judged.significant && judged.relevant);
}

#[test]
fn the_rule_gives_no_interval_and_no_q() {
    let judged = judge("instructions:u", &[100.0], &[102.0], History::default());
    assert_eq!((judged.low, judged.high, judged.q), (None, None, None));
}

#[test]
fn magnitude_is_the_mean_of_two_levels_rounded_down() {
    use Magnitude::{Large, Medium, Small, VeryLarge, VerySmall};
    // (size, threshold, instructions, expected): levels by threshold and by percent beside.
    let cases = [
        (0.00009, 0.000_001, true, VerySmall), // below 0.01 %, always
        (0.0025, 0.002, true, VerySmall),      // 0 and 1
        (0.004, 0.002, true, Small),           // 1 and 1
        (0.004, 0.002, false, Small),          // 1 and 1: 0.4 % is the limit once doubled
        (0.0039, 0.002, false, VerySmall),     // 1 and 0
        (0.011, 0.002, true, Medium),          // 2 and 2
        (0.011, 0.002, false, Small),          // 2 and 1
        (0.021, 0.002, true, Large),           // 3 and 3
        (0.05, 0.002, true, VeryLarge),        // 4 and 4
        (0.05, 0.002, false, Large),           // 4 and 3: 10 % would be very large
        (0.05, 0.04, true, Medium),            // 0 and 4
        (0.001, 0.0, true, Medium),            // 4 and 0: anything is many times nothing
    ];
    for (size, threshold, instructions, expected) in cases {
        assert_eq!(
            magnitude(size, threshold, instructions),
            expected,
            "{size} at {threshold}, instructions: {instructions}"
        );
    }
}

#[test]
fn a_significant_but_very_small_change_is_not_relevant() {
    let judged = judge(
        "instructions:u",
        &[10_000.0],
        &[10_022.0],
        History::default(),
    );
    assert!(judged.significant);
    assert_eq!(judged.magnitude, Magnitude::VerySmall);
    assert!(!judged.relevant);
}

#[test]
fn no_difference_is_no_change_even_where_the_history_is_perfectly_quiet() {
    let quiet = history(&[7.0; 30]);
    let same = judge("size:metadata", &[7.0], &[7.0], quiet.clone());
    assert_eq!(same.threshold, Some(0.0));
    assert!(!same.significant);
    let different = judge("size:metadata", &[7.0], &[7.7], quiet);
    assert!(different.significant && different.relevant);
}

#[test]
fn a_change_from_zero_is_not_judged() {
    let judged = judge("page-faults", &[0.0], &[5.0], History::default());
    assert_eq!(judged.change, None);
    assert!(!judged.significant && !judged.relevant);
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.5f64..2e12,
        1 => Just(0.0),
        1 => Just(f64::MAX),
        1 => Just(f64::MIN_POSITIVE),
    ]
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![value(), any::<f64>()]
}

proptest! {
    #[test]
    fn no_input_makes_it_panic_or_contradict_itself(
        base in prop::collection::vec(any_value(), 0..4),
        head in prop::collection::vec(any_value(), 0..4),
        minima in prop::collection::vec(any_value(), 0..40),
    ) {
        for name in ["instructions:u", "wall-time"] {
            let judged = judge(name, &base, &head, history(&minima));
            prop_assert!(judged.significant || !judged.relevant);
            prop_assert!(judged.change.is_none_or(f64::is_finite));
            prop_assert!(judged.threshold.is_some_and(|limit| limit.is_finite()));
            prop_assert!(judged.change.is_some() || !judged.significant);
        }
    }

    #[test]
    fn the_same_values_on_both_sides_are_no_change(
        values in prop::collection::vec(value(), 1..5),
        minima in prop::collection::vec(value(), 30),
    ) {
        let judged = judge("wall-time", &values, &values, history(&minima));
        prop_assert_eq!(judged.change, Some(0.0));
        prop_assert!(!judged.significant);
    }

    #[test]
    fn the_order_of_iterations_does_not_matter(
        values in prop::collection::vec(1f64..1e9, 2..6),
        head in 1f64..1e9,
    ) {
        let mut turned = values.clone();
        turned.rotate_left(1);
        prop_assert_eq!(
            judge("wall-time", &values, &[head], History::default()),
            judge("wall-time", &turned, &[head], History::default())
        );
    }

    #[test]
    fn another_unit_gives_the_same_answer(
        base in 1f64..1e6,
        head in 1f64..1e6,
        minima in prop::collection::vec(1f64..1e6, 30),
        // A power of two scales without rounding.
        scale in (-20i32..20).prop_map(|exponent| 2f64.powi(exponent)),
    ) {
        let one = judge("wall-time", &[base], &[head], history(&minima));
        let scaled: Vec<f64> = minima.iter().map(|value| value * scale).collect();
        let other = judge("wall-time", &[base * scale], &[head * scale], history(&scaled));
        prop_assert_eq!(one.change, other.change);
        prop_assert_eq!(one.threshold, other.threshold);
        prop_assert_eq!(one.magnitude, other.magnitude);
        prop_assert_eq!(one.relevant, other.relevant);
    }

    #[test]
    fn a_change_and_its_reverse_have_opposite_signs(base in 1f64..1e6, head in 1f64..1e6) {
        let there = judge("wall-time", &[base], &[head], History::default()).change.unwrap();
        let back = judge("wall-time", &[head], &[base], History::default()).change.unwrap();
        prop_assert!(there * back <= 0.0);
        prop_assert!(((1.0 + there) * (1.0 + back) - 1.0).abs() < 1e-9);
    }
}
