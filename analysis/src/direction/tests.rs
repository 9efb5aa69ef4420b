use Magnitude::{Medium, Small, VeryLarge};
use Verdict::{Improved, Mixed, Neutral, Regressed};
use proptest::prelude::*;

use super::*;

/// So many improvements and regressions, one of each side as large as said and the rest small.
fn of(improvements: (usize, Magnitude), regressions: (usize, Magnitude)) -> Verdict {
    let side = |regression: bool, (count, largest): (usize, Magnitude)| {
        (0..count).map(move |place| {
            let magnitude = if place == 0 { largest } else { Small };
            (regression, magnitude)
        })
    };
    direction(side(false, improvements).chain(side(true, regressions)))
}

#[test]
fn without_relevant_changes_it_is_neutral() {
    assert_eq!(direction([]), Neutral);
}

#[test]
fn changes_on_one_side_alone_have_its_direction_whatever_their_size() {
    assert_eq!(of((1, Small), (0, Small)), Improved);
    assert_eq!(of((0, Small), (7, VeryLarge)), Regressed);
}

#[test]
fn large_changes_on_both_sides_are_mixed_whatever_their_numbers() {
    assert_eq!(of((99, Medium), (1, Medium)), Mixed);
    assert_eq!(of((1, Medium), (99, VeryLarge)), Mixed);
}

#[test]
fn large_improvements_prevail_over_few_small_regressions() {
    assert_eq!(of((86, Medium), (14, Small)), Improved);
    assert_eq!(of((85, Medium), (15, Small)), Mixed);
}

#[test]
fn large_regressions_prevail_over_few_small_improvements() {
    assert_eq!(of((15, Small), (85, Medium)), Regressed);
    assert_eq!(of((16, Small), (84, Medium)), Mixed);
}

#[test]
fn small_changes_are_mixed_between_a_tenth_and_nine_tenths() {
    assert_eq!(of((91, Small), (9, Small)), Improved);
    assert_eq!(of((90, Small), (10, Small)), Mixed);
    assert_eq!(of((10, Small), (90, Small)), Mixed);
    assert_eq!(of((9, Small), (91, Small)), Regressed);
}

#[test]
fn more_is_worse_or_better_as_the_metric_says() {
    let mut metric = Metric::cost("wall-time".parse().unwrap(), shared_types::Unit::Seconds);
    assert!(is_regression(&metric, 0.1) && !is_regression(&metric, -0.1));
    metric.lower_is_better = false;
    assert!(is_regression(&metric, -0.1) && !is_regression(&metric, 0.1));
    assert!(!is_regression(&metric, 0.0));
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    prop::sample::select(vec![Neutral, Improved, Regressed, Mixed])
}

proptest! {
    #[test]
    fn the_join_is_one_of_a_lattice(one in verdicts(), other in verdicts(), third in verdicts()) {
        prop_assert_eq!(join(one, other), join(other, one));
        prop_assert_eq!(join(one, one), one);
        prop_assert_eq!(join(join(one, other), third), join(one, join(other, third)));
        prop_assert_eq!(join(one, Neutral), one);
        prop_assert_eq!(join(one, Mixed), Mixed);
    }

    #[test]
    fn exchanging_better_and_worse_turns_the_direction_around_but_for_its_limits(
        changes in prop::collection::vec((any::<bool>(), 1..5usize), 0..40)
    ) {
        let magnitudes = changes.iter().map(|(side, level)| (*side, Magnitude::ALL[*level]));
        let turned = changes.iter().map(|(side, level)| (!side, Magnitude::ALL[*level]));
        let (one, other) = (direction(magnitudes), direction(turned));
        match one {
            Neutral => prop_assert_eq!(other, Neutral),
            Improved => prop_assert_ne!(other, Improved),
            Regressed => prop_assert_ne!(other, Regressed),
            _ => prop_assert!(true),
        }
    }
}
