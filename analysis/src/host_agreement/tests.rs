use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn the_interval_of_a_median_holds_the_median(
        mut values in proptest::collection::vec(-1.0f64..1.0, 0..60)
    ) {
        values.sort_by(f64::total_cmp);
        match (median(&values), interval_of_median(&values)) {
            (Some(middle), Some((low, high))) => prop_assert!(low <= middle && middle <= high),
            (_, None) => prop_assert!(values.len() < 6),
            (None, Some(_)) => prop_assert!(false, "an interval of nothing"),
        }
    }

    #[test]
    fn more_called_changes_never_make_two_hosts_the_same(
        compared in 1u32..100, called in 0u32..100, low in 0.9f64..1.1, width in 0.0f64..0.1,
    ) {
        let interval = Some((low, low + width));
        let more = answer(interval, compared, called + 1);
        if answer(interval, compared, called) == AgreementAnswer::Step {
            prop_assert_eq!(more, AgreementAnswer::Step);
        }
        let share = f64::from(called) / f64::from(compared);
        let is_step = answer(interval, compared, called) == AgreementAnswer::Step;
        prop_assert_eq!(is_step, share > CALLED_SHARE_MAX);
    }
}

#[test]
fn the_ranks_are_those_of_the_tables() {
    // Conover, table of the sign test: of 6 the outermost, of 20 the 6th from either end.
    let values = |count: u32| -> Vec<f64> { (1..=count).map(f64::from).collect() };
    assert_eq!(interval_of_median(&values(5)), None);
    assert_eq!(interval_of_median(&values(6)), Some((1.0, 6.0)));
    assert_eq!(interval_of_median(&values(20)), Some((6.0, 15.0)));
    let many = interval_of_median(&values(5000)).unwrap();
    assert!(many.0 > 2400.0 && many.1 < 2600.0, "{many:?}");
}

#[test]
fn an_interval_that_is_too_wide_settles_nothing() {
    assert_eq!(answer(None, 10, 0), AgreementAnswer::NotYetKnown);
    assert_eq!(
        answer(Some((0.98, 1.02)), 10, 0),
        AgreementAnswer::NotYetKnown
    );
    assert_eq!(answer(Some((0.999, 1.001)), 10, 0), AgreementAnswer::Same);
    assert_eq!(answer(Some((1.02, 1.03)), 10, 9), AgreementAnswer::Step);
}
