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
fn one_byte_of_a_size_that_never_varies_is_a_step_and_a_flicker_is_none() {
    let mut sizes = [vec![1_321_909.0; 40], vec![1_321_910.0; 40]].concat();
    assert_eq!(change_points(&sizes), [40]);
    sizes[20] += 16.0;
    assert_eq!(change_points(&sizes), [40]);
    let flicker: Vec<f64> = (0..80)
        .map(|place| f64::from(180 + (place * 7 % 5) / 3))
        .collect();
    assert_eq!(change_points(&flicker), [] as [usize; 0]);
}

#[test]
fn a_long_series_is_read_through_windows_and_every_step_is_found_once() {
    let mut values = series(11, 2_000, 2_000, 0.0);
    let steps: Vec<usize> = (1..17).map(|step| step * 113).collect();
    for step in &steps {
        for value in &mut values[*step..] {
            *value *= 1.08;
        }
    }
    let points = change_points(&values);
    assert_eq!(points.len(), steps.len(), "{points:?}");
    for (point, step) in points.iter().zip(&steps) {
        assert!(point.abs_diff(*step) <= 1, "{points:?}");
    }
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

/// Levels with noise, slopes, gaps and bad runs.
fn eventful() -> impl Strategy<Value = Vec<f64>> {
    let stretch = (90f64..110.0, 1usize..200, -0.05f64..0.05);
    let stretches = prop::collection::vec(stretch, 1..7);
    (stretches, any::<u64>(), 0f64..2.0).prop_map(|(stretches, seed, deviation)| {
        let mut noise = Noise(seed);
        let mut values = Vec::new();
        for (level, length, slope) in stretches {
            for place in 0..length {
                let value = level + slope * place as f64 + deviation * noise.normal();
                let chance = noise.uniform();
                values.push(match chance {
                    _ if chance < 0.03 => f64::NAN,
                    _ if chance < 0.05 => value * 1.5,
                    _ => value,
                });
            }
        }
        values
    })
}

/// Whatever a caller may hold, sensible or not.
fn anything() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        any::<f64>(),
        0f64..10.0,
        Just(0.0),
        Just(-0.0),
        Just(f64::NAN),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
        Just(f64::NEG_INFINITY),
    ];
    prop::collection::vec(value, 0..400)
}

proptest! {
    #[test]
    fn whatever_the_values_the_answer_is_ascending_apart_and_never_zero(values in anything()) {
        let points = change_points(&values);
        prop_assert!(points.iter().all(|point| values[*point].is_finite()));
        let bounds = [&[0][..], &points, &[values.len()]].concat();
        for pair in bounds.windows(2).filter(|_| !points.is_empty()) {
            let last = pair[1] == values.len();
            let shortest = if last { TIP_VALUES_MIN } else { SEGMENT_VALUES_MIN };
            prop_assert!(pair[1] >= pair[0] + shortest, "{:?}", points);
        }
    }

    #[test]
    fn whatever_the_values_segments_cover_them_and_every_number_is_finite(values in anything()) {
        let segments = segments(&values);
        let mut end = 0;
        for segment in &segments {
            prop_assert_eq!(segment.start, end);
            prop_assert!(segment.end > segment.start);
            prop_assert!(segment.earliest <= segment.start && segment.start <= segment.latest);
            prop_assert!(segment.first_level.is_finite() && segment.last_level.is_finite());
            prop_assert!(segment.noise.is_finite() && segment.noise >= 0.0);
            end = segment.end;
        }
        prop_assert_eq!(end, values.len());
        for change in changes(&values) {
            prop_assert!(change.index < values.len());
            prop_assert!(change.before.is_finite() && change.after.is_finite());
            prop_assert!(change.noises.is_none_or(f64::is_finite));
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

    #[test]
    fn reading_on_gives_what_reading_the_whole_gives_and_needs_nothing_older(
        values in eventful(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..5)
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(values.len())).collect();
        cuts.sort_unstable();
        let mut settled = Settled::default();
        for cut in cuts {
            (_, settled) = changes_since(&settled, &values[..cut]);
        }
        let whole = windows::read(&Settled::default(), &values);
        let on = windows::read(&settled, &values);
        prop_assert_eq!(&on.segments, &whole.segments);
        prop_assert_eq!(&on.bad_runs, &whole.bad_runs);
        prop_assert_eq!(&on.settled, &whole.settled);
        // What lies before is not looked at: it may as well be gone.
        let mut forgotten = values.clone();
        forgotten[..settled.needs_from()].fill(f64::NAN);
        let on = windows::read(&settled, &forgotten);
        prop_assert_eq!(&on.segments, &whole.segments);
        prop_assert_eq!(&on.bad_runs, &whole.bad_runs);
    }

    #[test]
    fn what_is_settled_stays_whatever_comes_after(
        values in eventful(), more in eventful()
    ) {
        let before = windows::read(&Settled::default(), &values).settled;
        let longer = [values, more].concat();
        let after = segments(&longer);
        let kept = before.segments();
        prop_assert_eq!(kept, &after[..kept.len()]);
    }
}
