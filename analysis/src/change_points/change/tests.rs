use super::*;
use crate::backtest::random::SeededNumbers;
use crate::backtest::series::{Injection, exponentials};

/// `length` values around 100 with noise of 1 %, changed by `injections`.
fn values(length: usize, injections: &[Injection]) -> Vec<f64> {
    let mut numbers = SeededNumbers::new(8);
    let mut logs: Vec<f64> = (0..length)
        .map(|_| 100f64.ln() + 0.01 * numbers.normal())
        .collect();
    for injection in injections {
        injection.put_into(&mut logs);
    }
    exponentials(&logs)
}

fn only(changes: &[Change]) -> Change {
    assert_eq!(changes.len(), 1, "{changes:?}");
    changes[0]
}

const STEP: Injection = Injection::Step { at: 50, size: 0.1 };

#[test]
fn a_step_is_suspected_then_confirmed_then_the_new_baseline() {
    let all = values(120, &[STEP]);
    let state_after = |count: usize| only(&changes(&all[..50 + count])).state;
    assert_eq!(state_after(2), ChangeState::Suspected);
    assert_eq!(state_after(CONFIRMED_VALUES - 1), ChangeState::Suspected);
    assert_eq!(state_after(CONFIRMED_VALUES), ChangeState::Confirmed);
    assert_eq!(state_after(BASELINE_VALUES - 1), ChangeState::Confirmed);
    assert_eq!(state_after(BASELINE_VALUES), ChangeState::Accepted);
    let change = only(&changes(&all));
    assert_eq!((change.kind, change.index), (ChangeKind::Step, 50));
    assert!(change.earliest <= 50 && 50 <= change.latest && change.latest - change.earliest < 3);
    let relative = change.relative().unwrap();
    assert!((0.09..0.12).contains(&relative), "{relative}");
    let noises = change.noises.unwrap();
    assert!((7.0..14.0).contains(&noises), "{noises}");
}

#[test]
fn a_step_that_went_back_early_is_told_once() {
    let bump = Injection::Bump {
        from: 50,
        to: 65,
        size: 0.1,
    };
    let change = only(&changes(&values(120, &[bump])));
    assert_eq!(
        (change.index, change.state),
        (50, ChangeState::Reverted { at: 65 })
    );
}

#[test]
fn a_level_that_went_back_late_changed_twice() {
    let bump = Injection::Bump {
        from: 50,
        to: 90,
        size: 0.1,
    };
    let told = changes(&values(140, &[bump]));
    let told: Vec<(usize, ChangeState)> = told
        .iter()
        .map(|change| (change.index, change.state))
        .collect();
    assert_eq!(
        told,
        [(50, ChangeState::Accepted), (90, ChangeState::Accepted)]
    );
}

#[test]
fn two_steps_up_are_two_changes_and_neither_went_back() {
    let second = Injection::Step { at: 60, size: 0.1 };
    let told = changes(&values(120, &[STEP, second]));
    let told: Vec<(usize, ChangeState)> = told
        .iter()
        .map(|change| (change.index, change.state))
        .collect();
    assert_eq!(
        told,
        [(50, ChangeState::Confirmed), (60, ChangeState::Accepted)]
    );
}

#[test]
fn a_drift_is_told_as_one_change_and_not_as_stairs() {
    let drift = Injection::Drift {
        from: 30,
        to: 80,
        size: 0.1,
    };
    let change = only(&changes(&values(120, &[drift])));
    let ChangeKind::Drift { until } = change.kind else {
        panic!("{change:?}");
    };
    assert!(
        change.index.abs_diff(30) <= 8 && until.abs_diff(80) <= 8,
        "{change:?}"
    );
    assert!(
        (0.07..0.13).contains(&change.relative().unwrap()),
        "{change:?}"
    );
    assert_eq!(change.state, ChangeState::Accepted);
}

#[test]
fn a_drift_from_the_first_value_on_is_told_with_index_zero() {
    let drift = Injection::Drift {
        from: 0,
        to: 100,
        size: 0.2,
    };
    let change = only(&changes(&values(100, &[drift])));
    assert_eq!(
        (change.index, change.kind),
        (0, ChangeKind::Drift { until: 100 })
    );
}

#[test]
fn one_bad_run_is_told_as_one_and_at_the_end_only_suspected() {
    let spike = Injection::Spike { at: 50, size: 0.3 };
    let all = values(120, &[spike]);
    let change = only(&changes(&all));
    assert_eq!(
        (change.index, change.kind),
        (50, ChangeKind::BadRun { runs: 1 })
    );
    assert_eq!(change.state, ChangeState::Reverted { at: 51 });
    assert!(change.after > 120.0 && change.before < 110.0, "{change:?}");
    let last = only(&changes(&all[..51]));
    assert_eq!(last.state, ChangeState::Suspected);
}

#[test]
fn a_change_without_noise_has_no_size_in_noises() {
    let sizes = [vec![500.0; 20], vec![501.0; 20]].concat();
    let change = only(&changes(&sizes));
    assert_eq!(
        (change.noises, change.before, change.after),
        (None, 500.0, 501.0)
    );
    assert_eq!((change.earliest, change.latest), (20, 20));
}

#[test]
fn a_change_from_zero_has_no_relative_size() {
    let change = only(&changes(&[vec![0.0; 20], vec![4.0; 20]].concat()));
    assert_eq!(
        (change.before, change.after, change.relative()),
        (0.0, 4.0, None)
    );
}
