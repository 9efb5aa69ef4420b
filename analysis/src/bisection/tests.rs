use proptest::prelude::*;

use super::*;
use crate::backtest::random::SeededNumbers;
use crate::sample_runs::commit;

fn line(length: u32) -> Vec<Candidate> {
    let candidate = |number| Candidate {
        artifact: commit(number),
        known: Known::Nothing,
    };
    (0..length).map(candidate).collect()
}

fn place(line: &[Candidate], artifact: &ArtifactId) -> usize {
    line.iter()
        .position(|one| one.artifact == *artifact)
        .unwrap()
}

fn add(candidate: &mut Candidate, value: f64) {
    match &mut candidate.known {
        Known::Measured(values) => values.push(value),
        known => *known = Known::Measured(vec![value]),
    }
}

/// Measures what is asked for until there is an answer. Returns it, and how many measurings it took.
fn search(
    line: &mut [Candidate],
    noise: f64,
    mut measure: impl FnMut(usize) -> Option<f64>,
) -> (Step, usize) {
    for measurings in 0..=line.len() * REPLICATES_MAX + 2 {
        let step = next_step(line, noise);
        let Step::Measure { artifact } = &step else {
            return (step, measurings);
        };
        let place = place(line, artifact);
        match measure(place) {
            Some(value) => add(&mut line[place], value),
            None => line[place].known = Known::Unmeasurable,
        }
    }
    panic!("the search does not come to an end");
}

#[test]
fn the_two_ends_are_measured_first() {
    let mut two = line(5);
    assert_eq!(
        next_step(&two, 0.01),
        Step::Measure {
            artifact: commit(0)
        }
    );
    two[0].known = Known::Asked;
    assert_eq!(
        next_step(&two, 0.01),
        Step::Wait {
            artifact: commit(0)
        }
    );
    add(&mut two[0], 1.0);
    assert_eq!(
        next_step(&two, 0.01),
        Step::Measure {
            artifact: commit(4)
        }
    );
    add(&mut two[4], 2.0);
    assert_eq!(
        next_step(&two, 0.01),
        Step::Measure {
            artifact: commit(2)
        }
    );
}

#[test]
fn ends_that_differ_by_noise_alone_are_not_searched() {
    let mut two = line(5);
    add(&mut two[0], 1.0);
    add(&mut two[4], 1.01);
    let Step::Nothing { reason } = next_step(&two, 0.01) else {
        panic!();
    };
    assert!(reason.contains("less than 3 times the noise"), "{reason}");
}

#[test]
fn what_cannot_be_measured_is_gone_round_and_the_answer_is_a_range_where_it_must_be() {
    let mut eight = line(8);
    let (step, _) = search(&mut eight, 0.01, |place| match place {
        3..=5 => None,
        0..=2 => Some(1.0),
        _ => Some(1.5),
    });
    let Step::Among {
        after,
        until,
        reason,
    } = step
    else {
        panic!("{step:?}");
    };
    assert_eq!((after, until), (commit(2), commit(6)));
    assert_eq!(
        reason,
        "none of the 3 artifacts between them can be measured"
    );
}

#[test]
fn an_end_that_cannot_be_measured_ends_the_search() {
    let mut two = line(3);
    two[0].known = Known::Unmeasurable;
    assert!(matches!(next_step(&two, 0.01), Step::Nothing { .. }));
}

#[test]
fn a_value_between_the_levels_is_measured_once_more() {
    let mut three = line(3);
    add(&mut three[0], 1.0);
    add(&mut three[2], 1.1);
    add(&mut three[1], (1.1f64).sqrt());
    assert_eq!(
        next_step(&three, 0.02),
        Step::Measure {
            artifact: commit(1)
        }
    );
}

proptest! {
    #[test]
    fn a_clear_change_is_found_by_halving(length in 2u32..300, at in 0.0f64..1.0, factor in 1.05f64..3.0) {
        let mut line = line(length);
        let culprit = 1 + (at * f64::from(length - 1)) as usize;
        let (step, measurings) = search(&mut line, 0.002, |place| {
            Some(if place < culprit { 1.0 } else { factor })
        });
        let Step::Found { artifact, before, probability } = step else {
            return Err(TestCaseError::fail(format!("{step:?}")));
        };
        prop_assert_eq!(artifact, commit(culprit as u32));
        prop_assert_eq!(before, commit(culprit as u32 - 1));
        prop_assert!(probability >= CERTAIN);
        let halvings = f64::from(length).log2().ceil() as usize;
        prop_assert!(measurings <= halvings + 3, "{} of {}", measurings, length);
    }

    #[test]
    fn whatever_is_measured_the_search_ends_and_names_artifacts_of_the_range(
        length in 2u32..40, seed: u64, noise in 0.0f64..0.3
    ) {
        let mut numbers = SeededNumbers::new(seed);
        let mut line = line(length);
        let (step, _) = search(&mut line, noise, |_| {
            (numbers.uniform() > 0.2).then(|| 1.0 + numbers.uniform())
        });
        if let Step::Found { artifact, before, .. } = &step {
            prop_assert_eq!(place(&line, before) + 1, place(&line, artifact));
        }
        if let Step::Among { after, until, .. } = &step {
            prop_assert!(place(&line, after) < place(&line, until));
        }
    }
}

#[test]
fn a_noisy_change_is_found_most_of_the_time() {
    let found = (0..100u64).filter(|seed| {
        let mut numbers = SeededNumbers::new(*seed);
        let mut line = line(64);
        let culprit = 1 + numbers.below(63);
        let (step, _) = search(&mut line, 0.01, |place| {
            let level = if place < culprit { 1.0 } else { 1.05 };
            Some(level * (0.01 * numbers.normal()).exp())
        });
        matches!(step, Step::Found { artifact, .. } if artifact == commit(culprit as u32))
    });
    let found = found.count();
    assert!(found >= 85, "{found} of 100");
}
