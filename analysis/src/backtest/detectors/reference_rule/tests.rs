use shared_types::{Metric, Unit};

use super::*;
use crate::backtest::random::SeededNumbers;
use crate::rustc_perf::RustcPerfRule;
use crate::significance::{Evidence, SignificanceMethod};

/// The last two values as base and head of a comparison.
fn as_comparison(values: &[f64]) -> Evidence {
    let (before, tip) = values.split_at(values.len() - 2);
    Evidence::of_single_values(before, tip[0], tip[1])
}

#[test]
fn it_says_of_series_what_the_rule_says_of_comparisons() {
    let metric = Metric::cost("wall-time".parse().unwrap(), Unit::Seconds);
    let mut both = [0, 0];
    for seed in 0..300 {
        let mut numbers = SeededNumbers::new(seed);
        let noise = |_| 100.0 * (0.01 * numbers.normal()).exp();
        let mut values: Vec<f64> = (0..40).map(noise).collect();
        values[39] *= 1.0 + 0.1 * numbers.uniform();
        let expected = RustcPerfRule.judge(&metric, &[as_comparison(&values)])[0].significant;
        let said = ReferenceRule::PUBLISHED.is_significant(&values);
        assert_eq!(said, expected, "seed {seed}");
        both[usize::from(said)] += 1;
    }
    assert!(both[0] > 50 && both[1] > 50, "{both:?}");
}
