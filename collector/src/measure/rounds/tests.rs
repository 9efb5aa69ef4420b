use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn sample(wall_time_s: f64, stolen_s: f64) -> Option<Sample> {
    Some(Sample {
        values: BTreeMap::new(),
        wall_time_s,
        not_counted: BTreeMap::new(),
        activity: Activity {
            wall_time_s,
            processor_time_s: wall_time_s,
            stolen_s: Some(stolen_s),
            throttled: None,
            involuntary_switches: 0,
        },
    })
}

fn quiet(times: &[f64]) -> Vec<Option<Sample>> {
    times.iter().map(|time| sample(*time, 0.0)).collect()
}

fn next(plan: RoundPlan, sides: &[Vec<Option<Sample>>]) -> Next {
    plan.next(&Rounds::of(sides.iter().map(Vec::as_slice)))
}

const FIXED: RoundPlan = RoundPlan {
    iterations: 3,
    precision: None,
    repeat_disturbed: true,
    seconds_max: None,
};

const PRECISE: RoundPlan = RoundPlan {
    iterations: 3,
    precision: Some(Precision {
        half_width_basis_points: 100,
        iterations_max: 6,
    }),
    repeat_disturbed: true,
    seconds_max: None,
};

#[test]
fn without_a_precision_the_iterations_asked_for_are_enough() {
    assert_eq!(next(FIXED, &[quiet(&[1.0; 2]), quiet(&[1.0; 2])]), Next::Go);
    let wild = [quiet(&[1.0, 2.0, 3.0]), quiet(&[3.0, 2.0, 1.0])];
    assert_eq!(next(FIXED, &wild), Next::Enough);
}

#[test]
fn a_disturbed_iteration_is_repeated_within_the_budget() {
    let mut disturbed = quiet(&[1.0; 3]);
    disturbed[1] = sample(1.5, 0.5);
    let sides = [disturbed.clone(), quiet(&[1.0; 3])];
    assert_eq!(next(FIXED, &sides), Next::Go);
    disturbed.push(sample(1.0, 0.0));
    let sides = [disturbed, quiet(&[1.0; 4])];
    assert_eq!(next(FIXED, &sides), Next::Enough);
    let kept = RoundPlan {
        repeat_disturbed: false,
        ..FIXED
    };
    assert_eq!(next(kept, &[vec![sample(1.5, 0.5); 3]]), Next::Enough);
    let never: Vec<Option<Sample>> = (0..6).map(|_| sample(1.5, 0.5)).collect();
    assert_eq!(FIXED.rounds_max(), 6);
    assert_eq!(next(FIXED, &[never[..5].to_vec()]), Next::Go);
    assert_eq!(next(FIXED, &[never]), Next::OutOfBudget);
}

#[test]
fn iterations_go_on_until_the_interval_is_narrow_enough_or_the_budget_is_spent() {
    let wide = [quiet(&[1.0, 1.1, 0.9]), quiet(&[1.1, 0.9, 1.0])];
    assert_eq!(next(PRECISE, &wide), Next::Go);
    let narrow = [quiet(&[1.0, 1.1, 0.9]), quiet(&[1.001, 1.101, 0.901])];
    assert_eq!(next(PRECISE, &narrow), Next::Enough);
    let spent = [
        quiet(&[1.0, 1.1, 0.9, 1.0, 1.1, 0.9]),
        quiet(&[1.1, 0.9, 1.0, 1.1, 0.9, 1.0]),
    ];
    assert_eq!(next(PRECISE, &spent), Next::OutOfBudget);
}

#[test]
fn what_takes_long_is_repeated_for_precision_only_within_its_time() {
    // Three rounds of 2 s each: another would make it 8 s.
    let wide = [quiet(&[1.0, 1.1, 0.9]), quiet(&[1.1, 0.9, 1.0])];
    assert_eq!(next(PRECISE.within(8.5), &wide), Next::Go);
    assert_eq!(next(PRECISE.within(7.5), &wide), Next::OutOfBudget);
    // What was asked for is done however long it takes.
    let begun = [quiet(&[1.0, 1.1]), quiet(&[1.1, 0.9])];
    assert_eq!(next(PRECISE.within(0.1), &begun), Next::Go);
    let narrow = [quiet(&[1.0, 1.1, 0.9]), quiet(&[1.001, 1.101, 0.901])];
    assert_eq!(next(PRECISE.within(7.5), &narrow), Next::Enough);
    // In minutes something always disturbs.
    let disturbed: Vec<_> = (0..3).map(|_| sample(1.5, 0.5)).collect();
    let fixed = [disturbed, quiet(&[1.0; 3])];
    assert_eq!(next(FIXED.within(0.1), &fixed), Next::Enough);
    assert_eq!(
        next(PRECISE.within(99.0).once(), &[quiet(&[1.0])]),
        Next::Enough
    );
}

#[test]
fn what_failed_is_not_tried_for_ever() {
    let failed = [quiet(&[1.0; 3]), vec![None; 3]];
    assert_eq!(next(PRECISE, &failed), Next::Enough);
}

proptest! {
    #[test]
    fn measuring_always_ends_and_never_before_what_was_asked_for(
        iterations in 1_u32..6,
        precision in prop::option::of((1_u32..500, 1_u32..20)),
        repeat_disturbed in any::<bool>(),
        seconds_max in prop::option::of(0.0_f64..60.0),
        times in prop::collection::vec((0.5_f64..2.0, prop::bool::weighted(0.2)), 60),
    ) {
        let plan = RoundPlan {
            iterations,
            repeat_disturbed,
            seconds_max,
            precision: precision.map(|(half_width_basis_points, iterations_max)| Precision {
                half_width_basis_points,
                iterations_max,
            }),
        };
        let mut side = Vec::new();
        for (time, disturbed) in times {
            match next(plan, std::slice::from_ref(&side)) {
                Next::Go => side.push(sample(time, if disturbed { 1.0 } else { 0.0 })),
                Next::Enough | Next::OutOfBudget => break,
            }
        }
        prop_assert!(side.len() >= iterations as usize);
        prop_assert!(side.len() <= plan.rounds_max() as usize);
    }

    #[test]
    fn in_every_two_rounds_each_side_is_first_once(seed in any::<u64>(), pairs in 1_u32..20) {
        let mut turns = Turns::new(seed);
        for pair in 0..pairs {
            let [one, other] = [0, 1].map(|place| turns.order(2, 2 * pair + place));
            prop_assert_ne!(one[0], other[0]);
        }
    }
}

#[test]
fn who_is_first_is_drawn_by_lot_and_the_same_for_the_same_seed() {
    let firsts = |seed: u64| -> Vec<usize> {
        let mut turns = Turns::new(seed);
        (0..40).map(|round| turns.order(2, round)[0]).collect()
    };
    assert_eq!(firsts(7), firsts(7));
    let of_even_rounds: Vec<usize> = firsts(7).into_iter().step_by(2).collect();
    assert!(of_even_rounds.contains(&0) && of_even_rounds.contains(&1));
    assert_eq!(Turns::new(1).order(1, 0), [0]);
}
