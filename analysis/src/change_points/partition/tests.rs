use proptest::prelude::*;

use super::*;
use crate::backtest::random::SeededNumbers;

/// What a partition costs by its definition, without running sums.
fn cost_of(values: &[f64], stretches: &[Stretch]) -> f64 {
    let logarithm = (values.len() as f64).ln();
    let changes = (stretches.len() - 1) as f64;
    let costs = stretches.iter().map(|stretch| {
        let part = &values[stretch.start..stretch.end];
        let count = part.len() as f64;
        let middle = (count - 1.0) / 2.0;
        let mean = part.iter().sum::<f64>() / count;
        let places = || {
            part.iter()
                .enumerate()
                .map(|(place, value)| (place as f64 - middle, value))
        };
        let along: f64 = places().map(|(place, value)| place * value).sum();
        let spread: f64 = places().map(|(place, _)| place * place).sum();
        let slope = if stretch.sloped { along / spread } else { 0.0 };
        let squares = places().map(|(place, value)| (value - mean - slope * place).powi(2));
        let penalty = if stretch.sloped {
            SLOPE_PENALTY * logarithm
        } else {
            0.0
        };
        squares.sum::<f64>() + penalty
    });
    costs.sum::<f64>() + changes * PENALTY * logarithm
}

/// The least cost of all partitions into at most three stretches, tried one by one.
fn least_by_trying(values: &[f64]) -> f64 {
    let kinds = |start: usize, end: usize| {
        let may_slope = end - start >= SLOPED_VALUES_MIN;
        let kinds: &[bool] = if may_slope { &[false, true] } else { &[false] };
        kinds.iter().map(move |sloped| Stretch {
            start,
            end,
            sloped: *sloped,
        })
    };
    let length = values.len();
    let mut least = f64::INFINITY;
    let mut try_all = |bounds: &[usize]| {
        let mut partitions = vec![Vec::new()];
        for pair in bounds.windows(2) {
            partitions = partitions
                .iter()
                .flat_map(|partition| {
                    kinds(pair[0], pair[1]).map(move |kind| [&partition[..], &[kind]].concat())
                })
                .collect();
        }
        for partition in partitions {
            least = least.min(cost_of(values, &partition));
        }
    };
    try_all(&[0, length]);
    for first in SEGMENT_VALUES_MIN..=length - SEGMENT_VALUES_MIN {
        try_all(&[0, first, length]);
        for second in first + SEGMENT_VALUES_MIN..=length - SEGMENT_VALUES_MIN {
            try_all(&[0, first, second, length]);
        }
    }
    least
}

#[test]
fn a_slow_rise_is_one_slope_and_no_stairs() {
    let mut numbers = SeededNumbers::new(2);
    let values: Vec<f64> = (0..120)
        .map(|place| f64::from(place - 30).clamp(0.0, 60.0) * 0.2 + numbers.normal())
        .collect();
    let found = stretches(&values);
    let kinds: Vec<bool> = found.iter().map(|stretch| stretch.sloped).collect();
    assert_eq!(kinds, [false, true, false], "{found:?}");
}

#[test]
fn a_step_that_does_not_hold_against_its_own_noise_is_taken_back() {
    // Quiet, then ten times as noisy around the same level.
    let mut numbers = SeededNumbers::new(5);
    for _ in 0..20 {
        let values: Vec<f64> = (0..100)
            .map(|place| numbers.normal() * if place < 60 { 1.0 } else { 10.0 })
            .collect();
        let (partition, kept) = (best_partition(&values), stretches(&values));
        assert!(kept.len() <= partition.len());
        for pair in kept.windows(2) {
            assert!(levels_apart(&values, pair[0], pair[1]) >= APART_MIN);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_partition_into_three_costs_less_than_the_best(
        levels in prop::collection::vec((-9f64..9.0, 3usize..14), 1..4),
        slope in -1f64..1.0,
        seed: u64,
    ) {
        let mut numbers = SeededNumbers::new(seed);
        let flat = levels.iter().flat_map(|(level, length)| std::iter::repeat_n(*level, *length));
        let values: Vec<f64> = flat
            .enumerate()
            .map(|(place, level)| level + slope * place as f64 + numbers.normal())
            .collect();
        prop_assume!(values.len() >= 2 * SEGMENT_VALUES_MIN);
        let best = best_partition(&values);
        prop_assert!(cost_of(&values, &best) <= least_by_trying(&values) + 1e-6);
    }
}
