use super::*;
use crate::backtest::random::SeededNumbers;

/// 100 values around 100 with noise of 1 %, from the 60th on `noises` of it higher.
fn stepped(seed: u64, noises: f64) -> Vec<f64> {
    let mut numbers = SeededNumbers::new(seed);
    (0..100)
        .map(|place| {
            let step = if place < 60 { 0.0 } else { noises };
            100.0 * (0.01 * (numbers.normal() + step)).exp()
        })
        .collect()
}

#[test]
fn every_method_finds_a_step_that_nobody_overlooks() {
    for detector in detectors() {
        let points = detector.change_points(&stepped(1, 25.0));
        let near = points.iter().any(|point| point.abs_diff(60) <= 1);
        assert!(near, "{}: {points:?}", detector.name());
    }
}

#[test]
fn no_method_finds_anything_in_a_constant_or_in_nothing() {
    for detector in detectors() {
        for length in [0, 1, 2, 5, 80] {
            let points = detector.change_points(&vec![5.0; length]);
            assert_eq!(points, [] as [usize; 0], "{}", detector.name());
        }
    }
}

#[test]
fn stricter_settings_give_fewer_false_alarms_and_come_to_an_end() {
    let series: Vec<Vec<f64>> = (0..40).map(|seed| stepped(seed, 0.0)).collect();
    for detector in detectors() {
        let alarms = |detector: &dyn Detector| -> usize {
            series
                .iter()
                .map(|values| detector.change_points(values).len())
                .sum()
        };
        let shipped = alarms(detector.as_ref());
        let mut strictest = detector;
        let mut settings = 0;
        while let Some(stricter) = strictest.stricter() {
            strictest = stricter;
            settings += 1;
            assert!(settings < 100, "{}", strictest.name());
        }
        assert!(
            alarms(strictest.as_ref()) <= shipped,
            "{}",
            strictest.name()
        );
    }
}

#[test]
fn the_published_e_divisive_divides_where_a_t_test_agrees() {
    let values = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 9.0, 8.0, 9.0, 8.0, 9.0, 8.0];
    assert_eq!(EDivisive::OTAVA.change_points(&values), [6]);
    assert_eq!(
        EDivisive::with_p(1e-12).change_points(&values),
        [] as [usize; 0]
    );
}
