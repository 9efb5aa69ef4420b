use proptest::prelude::*;
use shared_types::TestCase;

use super::*;
use crate::backtest::random::SeededNumbers;
use crate::sample_runs::epoch;

const CASES: usize = 8;
const RUNS: usize = 40;
const COUNTS: &str = "instructions:u";
const WALL: &str = "wall-time";
const CYCLES: &str = "cycles:u";

fn series(number: usize) -> (TestCase, shared_types::Epoch) {
    let name = format!("case-{number}").parse().unwrap();
    (TestCase::Imported { name }, epoch(1))
}

fn metric(name: &str) -> MetricName {
    name.parse().unwrap()
}

/// Test cases that vary by themselves and together, with the factors by which those of the run are
/// moved in each metric.
fn measured(factors: &[(&str, f64)]) -> RunAndWindow {
    let moved: Vec<(&str, [f64; CASES])> = factors
        .iter()
        .map(|(name, factor)| (*name, [*factor; CASES]))
        .collect();
    measured_each(&moved)
}

fn measured_each(factors: &[(&str, [f64; CASES])]) -> RunAndWindow {
    let mut numbers = SeededNumbers::new(7);
    let mut measured = RunAndWindow::default();
    for (name, factors) in factors {
        let noise = if *name == COUNTS { 1e-4 } else { 3e-3 };
        let together: Vec<f64> = (0..RUNS).map(|_| noise * numbers.normal()).collect();
        for (number, factor) in factors.iter().enumerate() {
            let mut value =
                |place: usize| 100.0 * (together[place] + noise * numbers.normal()).exp();
            let column = TestCaseColumn {
                before: (0..RUNS).map(|place| Some(value(place))).collect(),
                // The run itself is quiet, so that the factor is all of its shift.
                run: 100.0 * factor,
            };
            measured.add(&metric(name), &series(number), column);
        }
    }
    measured
}

#[test]
fn times_that_shift_together_without_instructions_are_a_disturbed_host() {
    let found = judge(&measured(&[(COUNTS, 1.0), (CYCLES, 1.025), (WALL, 1.03)]));
    assert_eq!(
        found.answer,
        DisturbanceAnswer::Disturbed,
        "{}",
        found.sentence
    );
    assert_eq!(found.still_test_cases, 8);
    insta::assert_snapshot!(found.sentence);
}

#[test]
fn a_run_like_those_before_is_not_disturbed() {
    let found = judge(&measured(&[(COUNTS, 1.0), (CYCLES, 1.001), (WALL, 0.998)]));
    assert_eq!(found.answer, DisturbanceAnswer::Undisturbed);
    insta::assert_snapshot!(found.sentence);
}

#[test]
fn a_regression_that_moves_instructions_is_no_disturbance() {
    for size in [1.001, 1.01, 1.05, 2.0, 0.9] {
        let found = judge(&measured(&[(COUNTS, size), (CYCLES, 1.05), (WALL, 1.05)]));
        assert_eq!(
            found.answer,
            DisturbanceAnswer::Undisturbed,
            "{}",
            found.sentence
        );
    }
    let found = judge(&measured(&[(COUNTS, 1.01), (CYCLES, 1.05), (WALL, 1.05)]));
    insta::assert_snapshot!(found.sentence);
}

#[test]
fn a_regression_of_some_test_cases_does_not_hide_a_disturbed_host_from_the_others() {
    let regressed = [1.1, 1.1, 1.1, 1.0, 1.0, 1.0, 1.0, 1.0];
    let alone = judge(&measured_each(&[(COUNTS, regressed), (WALL, regressed)]));
    assert_eq!(alone.answer, DisturbanceAnswer::Undisturbed);
    let slower = regressed.map(|factor| factor * 1.04);
    let both = judge(&measured_each(&[(COUNTS, regressed), (WALL, slower)]));
    assert_eq!(
        both.answer,
        DisturbanceAnswer::Disturbed,
        "{}",
        both.sentence
    );
    assert_eq!((both.still_test_cases, both.counted_test_cases), (5, 8));
}

#[test]
fn test_cases_that_go_different_ways_are_no_disturbed_host() {
    let ways = [1.05, 0.95, 1.05, 0.95, 1.05, 0.95, 1.05, 1.05];
    let found = judge(&measured_each(&[(COUNTS, [1.0; CASES]), (WALL, ways)]));
    assert_eq!(found.answer, DisturbanceAnswer::Undisturbed);
}

#[test]
fn without_instruction_counts_a_shift_is_shown_and_nobody_is_blamed() {
    let found = judge(&measured(&[(WALL, 1.05)]));
    assert_eq!(found.answer, DisturbanceAnswer::NotKnown);
    assert!((found.shifts[0].change - 0.05).abs() < 0.01);
    insta::assert_snapshot!(found.sentence);
}

#[test]
fn without_times_or_without_a_history_nothing_is_known() {
    assert_eq!(
        judge(&RunAndWindow::default()).answer,
        DisturbanceAnswer::NotKnown
    );
    assert_eq!(
        judge(&measured(&[(COUNTS, 1.0)])).answer,
        DisturbanceAnswer::NotKnown
    );
    let mut short = RunAndWindow::default();
    for number in 0..CASES {
        let column = TestCaseColumn {
            before: vec![Some(1.0); 10],
            run: 2.0,
        };
        short.add(&metric(WALL), &series(number), column.clone());
        short.add(&metric(COUNTS), &series(number), column);
    }
    let found = judge(&short);
    assert_eq!(found.answer, DisturbanceAnswer::NotKnown);
    insta::assert_snapshot!(found.sentence);
}

#[test]
fn what_the_run_before_did_as_well_has_lasted() {
    let mut lasting = RunAndWindow::default();
    for (name, factor) in [(COUNTS, 1.0), (WALL, 1.04)] {
        for number in 0..CASES {
            let place = |place: usize| {
                let wobble = 1.0 + 0.001 * (place % 3) as f64;
                Some(if place + 1 == RUNS {
                    100.0 * factor
                } else {
                    100.0 * wobble
                })
            };
            let before = (0..RUNS).map(place).collect();
            let column = TestCaseColumn {
                before,
                run: 100.0 * factor,
            };
            lasting.add(&metric(name), &series(number), column);
        }
    }
    let found = judge(&lasting);
    assert_eq!(
        found.answer,
        DisturbanceAnswer::Undisturbed,
        "{}",
        found.sentence
    );
    insta::assert_snapshot!(found.sentence);
}

#[test]
fn a_rerun_with_the_same_shift_is_told_from_one_without() {
    let first = judge(&measured(&[(COUNTS, 1.0), (WALL, 1.04)]));
    let alike = judge(&measured(&[(COUNTS, 1.0), (WALL, 1.038)]));
    let quiet = judge(&measured(&[(COUNTS, 1.0), (WALL, 1.0)]));
    let elsewhere = judge(&measured(&[(COUNTS, 1.0), (WALL, 0.9)]));
    assert_eq!(after_rerun(&first, &alike), AfterRerun::Stand);
    assert_eq!(after_rerun(&first, &quiet), AfterRerun::Supersede);
    assert_eq!(after_rerun(&first, &elsewhere), AfterRerun::NotKnown);
    let unknown = judge(&RunAndWindow::default());
    assert_eq!(after_rerun(&first, &unknown), AfterRerun::NotKnown);
}

proptest! {
    #[test]
    fn nothing_that_is_measured_makes_it_stumble(
        values in prop::collection::vec(
            prop_oneof![Just(None), any::<f64>().prop_map(Some), Just(Some(0.0)), (1.0..2.0f64).prop_map(Some)],
            0..400,
        ),
        run in any::<f64>(),
    ) {
        let mut measured = RunAndWindow::default();
        for (number, before) in values.chunks(33).enumerate() {
            let column = TestCaseColumn { before: before.to_vec(), run };
            measured.add(&metric(WALL), &series(number), column.clone());
            measured.add(&metric(COUNTS), &series(number), column);
        }
        let found = judge(&measured);
        prop_assert!(!found.sentence.is_empty());
        for shift in &found.shifts {
            prop_assert!(shift.noise > 0.0 && !shift.deviations.is_nan());
        }
    }

    #[test]
    fn whatever_moves_instructions_alike_is_never_a_disturbed_host(factor in 0.2..5.0f64) {
        let found = judge(&measured(&[(COUNTS, factor), (CYCLES, factor), (WALL, factor)]));
        prop_assert_ne!(found.answer, DisturbanceAnswer::Disturbed);
    }
}
