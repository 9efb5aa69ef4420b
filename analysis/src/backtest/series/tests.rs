use proptest::prelude::*;

use super::*;

/// 80 values of which the last 40 are a tenth higher, with noise of 1 %.
fn stepped() -> Vec<f64> {
    let mut numbers = SeededNumbers::new(1);
    let mut logs: Vec<f64> = (0..80).map(|_| 4.0 + 0.01 * numbers.normal()).collect();
    Injection::Step { at: 40, size: 0.1 }.put_into(&mut logs);
    exponentials(&logs)
}

#[test]
fn levels_and_residuals_are_told_apart() {
    let series = PreparedSeries::new(&stepped(), &[40]).unwrap();
    assert_eq!(series.len(), 80);
    assert!((series.noise() - 0.01).abs() < 0.003, "{}", series.noise());
    let rise = series.levels()[40] - series.levels()[39];
    assert!((rise - 0.1).abs() < 0.01, "{rise}");
}

#[test]
fn a_series_that_never_changes_keeps_the_residuals_and_loses_the_levels() {
    let series = PreparedSeries::new(&stepped(), &[40]).unwrap();
    for block in [1, 7] {
        let logs = series.unchanging_in_blocks(block, &mut SeededNumbers::new(3));
        assert_eq!(logs.len(), 80);
        let spread = logs
            .iter()
            .fold(0.0, |max: f64, log| max.max((log - logs[0]).abs()));
        assert!(spread < 0.08, "{spread}");
        assert_ne!(
            logs,
            series.unchanging_in_blocks(block, &mut SeededNumbers::new(4))
        );
    }
}

#[test]
fn blocks_stay_together() {
    let series = PreparedSeries::new(&stepped(), &[40]).unwrap();
    let level = median(series.levels().to_vec());
    let logs = series.unchanging_in_blocks(10, &mut SeededNumbers::new(9));
    let first = logs[0] - level;
    let from = series
        .residuals()
        .iter()
        .position(|residual| (residual - first).abs() < 1e-12);
    let from = from.unwrap();
    assert_eq!(from % 10, 0);
    for (log, residual) in logs[..10].iter().zip(&series.residuals()[from..]) {
        assert!((log - (level + residual)).abs() < 1e-12);
    }
}

#[test]
fn what_cannot_be_taken_apart_is_refused() {
    assert_eq!(PreparedSeries::new(&[5.0; 80], &[]), None, "no noise");
    assert_eq!(
        PreparedSeries::new(&stepped()[..20], &[]),
        None,
        "too short"
    );
    let mut with_zero = stepped();
    with_zero[3] = 0.0;
    assert_eq!(PreparedSeries::new(&with_zero, &[]), None, "no logarithm");
    let mut with_gap = stepped();
    with_gap[3] = f64::NAN;
    assert_eq!(PreparedSeries::new(&with_gap, &[39]).unwrap().len(), 79);
}

#[test]
fn the_parts_of_a_record_do_not_meet() {
    let values: Vec<f64> = (0..150).map(f64::from).collect();
    assert_eq!(RecordPart::Whole.of(&values), (&values[..], 0));
    assert_eq!(
        RecordPart::Tuning { held_out: 30 }.of(&values),
        (&values[..120], 0)
    );
    let held_out = RecordPart::HeldOut {
        held_out: 30,
        lead_in: 50,
    };
    assert_eq!(held_out.of(&values), (&values[70..], 50));
    assert_eq!(held_out.of(&values[..20]), (&values[..20], 0));
}

#[test]
fn every_injection_has_its_shape() {
    let put = |injection: Injection| {
        let mut logs = [0.0; 6];
        injection.put_into(&mut logs);
        logs
    };
    let size = 2.0;
    assert_eq!(
        put(Injection::Step { at: 4, size }),
        [0.0, 0.0, 0.0, 0.0, 2.0, 2.0]
    );
    assert_eq!(
        put(Injection::Spike { at: 1, size }),
        [0.0, 2.0, 0.0, 0.0, 0.0, 0.0]
    );
    let bump = Injection::Bump {
        from: 1,
        to: 3,
        size,
    };
    assert_eq!(put(bump), [0.0, 2.0, 2.0, 0.0, 0.0, 0.0]);
    let drift = Injection::Drift {
        from: 0,
        to: 4,
        size,
    };
    assert_eq!(put(drift), [0.0, 0.5, 1.0, 1.5, 2.0, 2.0]);
}

proptest! {
    #[test]
    fn whatever_the_values_and_starts_nothing_panics(
        values in prop::collection::vec(prop_oneof![any::<f64>(), 0.5f64..2.0], 0..120),
        starts in prop::collection::vec(any::<usize>(), 0..9),
        block: usize,
    ) {
        if let Some(series) = PreparedSeries::new(&values, &starts) {
            prop_assert!(series.noise() > 0.0);
            let logs = series.unchanging_in_blocks(block, &mut SeededNumbers::new(1));
            prop_assert_eq!(logs.len(), series.len());
        }
    }
}
