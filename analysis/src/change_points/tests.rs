use proptest::prelude::*;

use super::*;

/// Noise without randomness: a linear congruential generator, and the sum of twelve of its numbers,
/// which is close to normal with a standard deviation of 1.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// `length` values around 100 with noise of 1 %, and from `step_at` on `deviations` of it higher.
fn series(seed: u64, length: usize, step_at: usize, deviations: f64) -> Vec<f64> {
    let mut noise = Noise(seed);
    (0..length)
        .map(|place| {
            let step = if place >= step_at { deviations } else { 0.0 };
            100.0 * (0.01 * (noise.normal() + step)).exp()
        })
        .collect()
}

#[test]
fn a_step_is_found_where_it_is() {
    let values = [10.0, 10.1, 9.9, 10.0, 10.1, 12.0, 12.1, 11.9, 12.0, 12.1];
    assert_eq!(change_points(&values), [5]);
}

#[test]
fn a_step_of_a_counter_that_never_varies_is_found() {
    let values = [vec![1_000_000.0; 40], vec![1_005_000.0; 40]].concat();
    assert_eq!(change_points(&values), [40]);
}

#[test]
fn a_change_and_its_reversal_are_two_change_points() {
    let values = [vec![5.0; 20], vec![6.0; 20], vec![5.0; 20]].concat();
    assert_eq!(change_points(&values), [20, 40]);
}

#[test]
fn one_bad_run_or_two_are_no_change_of_level() {
    let mut values = series(7, 60, 60, 0.0);
    values[30] *= 1.5;
    assert_eq!(change_points(&values), [] as [usize; 0]);
    values[31] *= 1.5;
    assert_eq!(change_points(&values), [] as [usize; 0]);
}

#[test]
fn a_constant_series_has_no_change_point() {
    for constant in [0.0, 1.0, -3.0, f64::MAX] {
        assert_eq!(change_points(&[constant; 50]), [] as [usize; 0]);
    }
}

#[test]
fn too_few_values_have_no_change_point() {
    assert_eq!(change_points(&[]), [] as [usize; 0]);
    assert_eq!(change_points(&[1.0]), [] as [usize; 0]);
    assert_eq!(change_points(&[1.0, 1.0, 9.0, 9.0, 9.0]), [] as [usize; 0]);
    assert_eq!(change_points(&[1.0, 1.0, 1.0, 9.0, 9.0, 9.0]), [3]);
}

#[test]
fn gaps_are_skipped_and_the_indices_stay() {
    let mut values = [vec![5.0; 10], vec![6.0; 10]].concat();
    values[3] = f64::NAN;
    values[10] = f64::NAN;
    values[12] = f64::INFINITY;
    assert_eq!(change_points(&values), [11]);
    assert_eq!(change_points(&[f64::NAN; 20]), [] as [usize; 0]);
}

#[test]
fn a_series_that_is_not_positive_is_judged_by_differences() {
    let values = [vec![-1.0; 12], vec![0.0; 12], vec![3.0; 12]].concat();
    assert_eq!(change_points(&values), [12, 24]);
}

#[test]
fn noise_alone_gives_fewer_than_one_false_alarm_in_a_thousand_values() {
    let alarms: usize = (0..200)
        .map(|seed| change_points(&series(seed, 200, 200, 0.0)).len())
        .sum();
    assert!(alarms < 40, "{alarms} in 40,000 values");
}

#[test]
fn nine_of_ten_steps_of_four_deviations_are_found_to_within_two_values() {
    let found = (0..200).filter(|seed| {
        let points = change_points(&series(*seed, 60, 40, 4.0));
        points.iter().any(|point| point.abs_diff(40) <= 2)
    });
    assert!(found.count() >= 180);
}

/// The partition by its definition, without pruning.
fn by_definition(values: &[f64]) -> f64 {
    let penalty = PENALTY * (values.len() as f64).ln();
    let sums = Sums::of(values);
    let mut best = vec![f64::INFINITY; values.len() + 1];
    best[0] = -penalty;
    for end in SEGMENT_VALUES_MIN..=values.len() {
        for start in 0..=end - SEGMENT_VALUES_MIN {
            best[end] = best[end].min(best[start] + sums.cost(start, end) + penalty);
        }
    }
    best[values.len()]
}

/// What a partition costs.
fn cost_of(values: &[f64], starts: &[usize]) -> f64 {
    let penalty = PENALTY * (values.len() as f64).ln();
    let sums = Sums::of(values);
    let bounds = [&[0], starts, &[values.len()]].concat();
    let costs = bounds.windows(2).map(|pair| sums.cost(pair[0], pair[1]));
    costs.sum::<f64>() + penalty * starts.len() as f64
}

proptest! {
    #[test]
    fn pruning_never_loses_the_best_partition(
        levels in prop::collection::vec((0f64..30.0, 1usize..12), 1..7),
        seed: u64,
    ) {
        let mut noise = Noise(seed);
        let values: Vec<f64> = levels
            .iter()
            .flat_map(|(level, length)| std::iter::repeat_n(*level, *length))
            .map(|level| level + noise.normal())
            .collect();
        prop_assume!(values.len() >= SEGMENT_VALUES_MIN);
        let found = cost_of(&values, &best_partition(&values));
        prop_assert!((found - by_definition(&values)).abs() < 1e-6);
    }

    #[test]
    fn whatever_the_values_the_answer_is_ascending_apart_and_never_zero(
        values in prop::collection::vec(
            prop_oneof![any::<f64>(), 0f64..10.0, Just(0.0), Just(f64::NAN)], 0..80
        )
    ) {
        let points = change_points(&values);
        prop_assert!(points.iter().all(|point| values[*point].is_finite()));
        let bounds = [&[0][..], &points, &[values.len()]].concat();
        for pair in bounds.windows(2).filter(|_| !points.is_empty()) {
            prop_assert!(pair[1] >= pair[0] + SEGMENT_VALUES_MIN, "{:?}", points);
        }
    }

    #[test]
    fn another_unit_gives_the_same_change_points(
        seed: u64, step in 0f64..8.0, exponent in -30i32..30
    ) {
        let values = series(seed, 50, 25, step);
        let scaled: Vec<f64> = values.iter().map(|value| value * 2f64.powi(exponent)).collect();
        prop_assert_eq!(change_points(&values), change_points(&scaled));
    }
}
