use super::*;
use crate::backtest::detectors::{EDivisive, Ours, Pelt};

#[test]
fn the_scores_are_those_of_the_definition() {
    assert_eq!(f1(&[], &[]), 1.0);
    assert_eq!(f1(&[50], &[50]), 1.0);
    assert_eq!(f1(&[55], &[50]), 1.0, "within the margin");
    assert_eq!(
        f1(&[56], &[50]),
        0.5,
        "one of two found is right, one of two annotated is found"
    );
    assert_eq!(f1(&[], &[50]), 2.0 / 3.0);
    assert_eq!(f1(&[49, 51], &[50]), 0.8, "one place is found once");
    assert_eq!(covering(&[], &[], 100), 1.0);
    assert_eq!(covering(&[50], &[50], 100), 1.0);
    assert_eq!(covering(&[], &[50], 100), 0.5);
    assert_eq!(covering(&[25], &[50], 100), 0.5 * 0.5 + 0.5 * (50.0 / 75.0));
}

#[test]
fn made_up_series_are_as_announced() {
    for seed in 0..20 {
        for series in made_up_series(seed) {
            let ascending = series
                .changes
                .windows(2)
                .all(|pair| pair[0] + MARGIN < pair[1]);
            let within = series
                .changes
                .iter()
                .all(|change| (1..series.values.len()).contains(change));
            assert!(ascending && within, "{}: {:?}", series.kind, series.changes);
            assert!(series.values.iter().all(|value| value.is_finite()));
        }
    }
}

#[test]
fn on_annotated_series_ours_is_better_than_the_others_and_than_never_alerting() {
    let series: Vec<AnnotatedSeries> = (0..5).flat_map(made_up_series).collect();
    let ours = annotated_score(&series, Some(&Ours));
    println!("ours {ours:?}");
    assert!(ours.f1 > 0.75 && ours.covering > 0.72, "{ours:?}");
    let others: [(&str, Option<&dyn Detector>); 4] = [
        ("never", None),
        ("E-divisive 0.001", Some(&EDivisive::OTAVA)),
        ("E-divisive 0.0001", Some(&EDivisive::with_p(0.0001))),
        ("PELT", Some(&Pelt::PUBLISHED)),
    ];
    for (name, other) in others {
        let score = annotated_score(&series, other);
        println!("{name} {score:?}");
        assert!(
            score.f1 < ours.f1 && score.covering < ours.covering,
            "{name}: {score:?}"
        );
    }
}
