use proptest::prelude::*;
use shared_types::Unit;

use super::*;
use crate::significance::{History, HistoryPoint, Sample};

/// Normal values, the same for the same seed: a linear congruential generator and the method of Box
/// and Muller.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (one, other) = (self.uniform(), self.uniform());
        (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
    }

    /// Values around 1, in standard deviations of the logarithm, oldest first.
    fn series(&mut self, deviation: f64, count: usize) -> Vec<f64> {
        (0..count)
            .map(|_| (deviation * self.normal()).exp())
            .collect()
    }
}

fn metric(name: &str) -> Metric {
    Metric::cost(name.parse().unwrap(), Unit::Count)
}

fn sample(iterations: &[f64]) -> Sample {
    Sample {
        iterations: iterations.to_vec(),
        replicates: 1,
    }
}

/// The last two values are base and head, those before them history.
fn evidence(series: &[f64]) -> Evidence {
    let (before, sides) = series.split_at(series.len() - 2);
    Evidence::of_single_values(before, sides[0], sides[1])
}

fn without_history(base: &[f64], head: &[f64]) -> Evidence {
    Evidence {
        base: sample(base),
        head: sample(head),
        ..evidence(&[1.0, 1.0])
    }
}

fn judge(name: &str, cases: &[Evidence]) -> Vec<Judgement> {
    SegmentLevel.judge(&metric(name), cases)
}

fn judge_one(name: &str, case: Evidence) -> Judgement {
    judge(name, &[case]).remove(0)
}

#[test]
fn a_step_beyond_the_noise_is_found_and_told_with_its_interval() {
    let mut series = Noise(1).series(0.002, 61);
    series.push(1.02);
    let judged = judge_one("instructions:u", evidence(&series));
    assert!(judged.significant && judged.relevant, "{judged:?}");
    assert_eq!(judged.answer, Some(Answer::Different));
    let (low, high) = (judged.low.unwrap(), judged.high.unwrap());
    assert!(low < 0.02 && 0.02 < high, "{judged:?}");
    assert!(high - low < 0.012, "{judged:?}");
    assert_eq!(judged.history, 60);
    assert!(judged.threshold.unwrap() < 0.01, "{judged:?}");
}

#[test]
fn a_noisy_parent_does_not_make_a_change() {
    // Base was measured 2.5 deviations too low, and head is where all before were.
    let mut series = Noise(2).series(0.01, 60);
    series.extend([0.975, 1.005]);
    let judged = judge_one("wall-time", evidence(&series));
    assert!(!judged.significant, "{judged:?}");
    assert!(judged.change.unwrap().abs() < 0.015, "{judged:?}");
}

#[test]
fn the_commit_after_a_change_is_not_blamed_for_it() {
    let mut series = Noise(3).series(0.002, 60);
    series.extend([1.05, 1.051]);
    let judged = judge_one("instructions:u", evidence(&series));
    assert!(!judged.significant, "{judged:?}");
    assert!(judged.change.unwrap().abs() < 0.005, "{judged:?}");
}

#[test]
fn the_end_of_a_bad_run_is_no_improvement() {
    let mut series = Noise(4).series(0.005, 60);
    series.extend([1.4, 1.0]);
    let judged = judge_one("wall-time", evidence(&series));
    assert!(!judged.significant, "{judged:?}");
}

#[test]
fn an_old_change_does_not_widen_the_interval_for_weeks() {
    let width = |series: &[f64]| {
        let judged = judge_one("instructions:u", evidence(series));
        judged.high.unwrap() - judged.low.unwrap()
    };
    let quiet = Noise(5).series(0.002, 92);
    let mut stepped = quiet.clone();
    for value in &mut stepped[..50] {
        *value *= 0.9;
    }
    assert!(width(&stepped) < 1.1 * width(&quiet));
}

#[test]
fn what_is_measured_well_enough_is_the_same_and_what_is_not_is_not_yet_known() {
    let answers = |deviation: f64| -> Vec<Answer> {
        let mut noise = Noise(6);
        let cases: Vec<Evidence> = (0..20)
            .map(|_| evidence(&noise.series(deviation, 62)))
            .collect();
        let judged = judge("wall-time", &cases);
        judged.iter().map(|one| one.answer.unwrap()).collect()
    };
    assert!(answers(0.001).iter().all(|one| *one == Answer::Same));
    assert!(answers(0.05).iter().all(|one| *one == Answer::NotYetKnown));
}

#[test]
fn on_the_first_day_the_iterations_and_what_is_usual_say_how_much_is_noise() {
    let small = judge_one("wall-time", without_history(&[1.0, 1.01], &[1.012, 1.02]));
    assert!(!small.significant, "{small:?}");
    assert_eq!(small.answer, Some(Answer::NotYetKnown));
    let large = judge_one("wall-time", without_history(&[1.0, 1.01], &[1.3, 1.31]));
    assert!(large.significant && large.relevant, "{large:?}");
    // The same change among iterations that vary as much is not known.
    let wild = judge_one("wall-time", without_history(&[1.0, 1.4], &[1.3, 1.6]));
    assert!(!wild.significant, "{wild:?}");
}

#[test]
fn a_new_test_case_has_the_noise_of_its_siblings() {
    let mut noise = Noise(7);
    let mut cases: Vec<Evidence> = (0..30)
        .map(|_| evidence(&noise.series(0.0005, 62)))
        .collect();
    cases.push(without_history(&[1.0], &[1.006]));
    let judged = judge("instructions:u", &cases);
    assert!(judged[30].significant, "{:?}", judged[30]);
    let alone = judge_one("instructions:u", without_history(&[1.0], &[1.006]));
    assert!(alone.threshold > judged[30].threshold, "{alone:?}");
}

#[test]
fn a_counter_that_never_varies_does_not_make_everything_a_change() {
    let mut series = vec![1e9; 61];
    series.push(1e9 + 20.0);
    let judged = judge_one("instructions:u", evidence(&series));
    assert!(!judged.significant, "{judged:?}");
    assert_eq!(judged.answer, Some(Answer::Same));
    // A size that never varies is another thing: every byte is there.
    let judged = judge_one("size-text", evidence(&series));
    assert!(!judged.relevant, "{judged:?}");
    series[61] = 1.003e9;
    let judged = judge_one("size-text", evidence(&series));
    assert!(judged.relevant, "{judged:?}");
}

#[test]
fn pairs_find_what_the_noise_of_runs_hides() {
    let mut series = Noise(8).series(0.03, 62);
    series[61] = 1.01;
    let alone = judge_one("wall-time", evidence(&series));
    assert!(!alone.significant, "{alone:?}");
    let mut noise = Noise(9);
    let pairs: Vec<(f64, f64)> = noise
        .series(0.03, 12)
        .into_iter()
        .map(|disturbance| (disturbance, disturbance * 1.01))
        .zip(noise.series(0.001, 12))
        .map(|((base, head), rest)| (base, head * rest))
        .collect();
    let paired = Evidence {
        base: sample(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>()),
        head: sample(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>()),
        pairs,
        ..evidence(&series)
    };
    let paired = judge_one("wall-time", paired);
    assert!(paired.significant, "{paired:?}");
    assert!((paired.change.unwrap() - 0.01).abs() < 0.002, "{paired:?}");
}

#[test]
fn another_host_makes_times_less_sure_and_counts_hardly() {
    let width = |name: &str, on_one_host: bool| {
        let case = Evidence {
            on_one_host,
            ..evidence(&Noise(10).series(0.002, 62))
        };
        let judged = judge_one(name, case);
        judged.high.unwrap() - judged.low.unwrap()
    };
    assert!(width("wall-time", false) > 5.0 * width("wall-time", true));
    assert!(width("instructions:u", false) < 1.5 * width("instructions:u", true));
}

#[test]
fn what_another_host_measured_is_left_out_where_there_is_enough_of_this_one() {
    let mut case = evidence(&Noise(11).series(0.001, 62));
    let places: Vec<Option<HistoryPoint>> = case
        .history
        .places()
        .iter()
        .enumerate()
        .map(|(number, place)| {
            place.map(|point| match number % 2 {
                0 => point,
                _ => HistoryPoint {
                    median: point.median * 1.2,
                    on_hosts_of_head: false,
                    ..point
                },
            })
        })
        .collect();
    case.history = History::of(places);
    let judged = judge_one("wall-time", case);
    assert_eq!(judged.history, 30);
    assert!(judged.change.unwrap().abs() < 0.005, "{judged:?}");
}

#[test]
fn values_without_a_logarithm_are_judged_by_their_order() {
    let from_zero = judge_one("page-faults", without_history(&[0.0], &[5.0]));
    assert_eq!(from_zero.change, None);
    assert!(!from_zero.significant && from_zero.low.is_none());
    assert_eq!(from_zero.answer, Some(Answer::NotYetKnown));
    let too_few = judge_one("page-faults", without_history(&[5.0, 6.0], &[0.0, 0.0]));
    assert_eq!(too_few.answer, Some(Answer::NotYetKnown), "{too_few:?}");
    let one_value = judge_one("page-faults", without_history(&[5.0], &[0.0]));
    assert_eq!(one_value.answer, Some(Answer::NotYetKnown));
    let sure = judge_one(
        "page-faults",
        without_history(&[5.0, 6.0, 5.0, 7.0, 5.0], &[0.0; 5]),
    );
    assert!(sure.significant && sure.relevant, "{sure:?}");
    let exact = judge_one("size:linked-artifact", without_history(&[5.0], &[0.0]));
    assert!(exact.significant && exact.relevant, "{exact:?}");
    let equal = judge_one("page-faults", without_history(&[0.0], &[0.0]));
    assert_eq!(
        (equal.answer, equal.change),
        (Some(Answer::Same), Some(0.0))
    );
}

#[test]
fn of_comparisons_without_any_change_hardly_one_in_a_hundred_says_different() {
    const COMPARISONS: usize = 300;
    let mut noise = Noise(12);
    let alarms = (0..COMPARISONS)
        .filter(|_| {
            let cases: Vec<Evidence> = (0..40)
                .map(|number| {
                    let deviation = 0.001 * 1.1_f64.powi(number);
                    evidence(&noise.series(deviation, 42))
                })
                .collect();
            judge("wall-time", &cases).iter().any(|one| one.significant)
        })
        .count();
    // Three are expected; 12 would come once in ten thousand times, if the rate were right.
    assert!(alarms <= 11, "{alarms} of {COMPARISONS}");
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    const CASES: usize = 2000;
    let mut noise = Noise(13);
    let cases: Vec<Evidence> = (0..CASES)
        .map(|_| {
            let mut series = noise.series(0.01, 42);
            series[41] *= 1.03;
            evidence(&series)
        })
        .collect();
    let held = judge("wall-time", &cases)
        .iter()
        .filter(|one| (one.low.unwrap()..=one.high.unwrap()).contains(&0.03))
        .count();
    let share = held as f64 / CASES as f64;
    assert!((0.93..0.97).contains(&share), "{share}");
}

/// A base and a head with a history, positive or not.
fn any_evidence() -> impl Strategy<Value = Evidence> {
    let value = prop_oneof![
        8 => 1e-3..1e3_f64,
        1 => Just(0.0),
        1 => -5.0..5.0_f64,
        1 => Just(f64::MAX),
        1 => Just(f64::MIN_POSITIVE),
    ];
    let values = |count: std::ops::Range<usize>| prop::collection::vec(value.clone(), count);
    (values(1..4), values(1..4), values(0..40), any::<bool>()).prop_map(
        |(base, head, history, on_one_host)| {
            let points = history.iter().map(|value| {
                Some(HistoryPoint {
                    minimum: *value,
                    median: *value,
                    iterations: 1,
                    on_hosts_of_head: true,
                })
            });
            Evidence {
                pairs: base.iter().copied().zip(head.iter().copied()).collect(),
                base: sample(&base),
                head: sample(&head),
                history: History::of(points.collect()),
                on_one_host,
                incremental: !on_one_host,
            }
        },
    )
}

proptest! {
    #[test]
    fn whatever_was_measured_the_answer_is_sound(cases in prop::collection::vec(any_evidence(), 0..8)) {
        let judged = judge("wall-time", &cases);
        prop_assert_eq!(judged.len(), cases.len());
        for one in &judged {
            prop_assert!(!one.relevant || one.significant);
            prop_assert_eq!(one.significant, one.answer == Some(Answer::Different));
            for share in [one.p, one.q].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&share), "{:?}", one);
            }
            if let (Some(low), Some(change), Some(high)) = (one.low, one.change, one.high) {
                prop_assert!(low <= change && change <= high, "{:?}", one);
            }
            for number in [one.change, one.low, one.high, one.threshold].into_iter().flatten() {
                prop_assert!(number.is_finite());
            }
        }
    }

    #[test]
    fn the_unit_does_not_matter(seed in any::<u64>(), unit in 1e-6..1e6_f64) {
        let series = Noise(seed).series(0.01, 42);
        let scaled: Vec<f64> = series.iter().map(|value| value * unit).collect();
        let one = judge_one("wall-time", evidence(&series));
        let other = judge_one("wall-time", evidence(&scaled));
        prop_assert!((one.change.unwrap() - other.change.unwrap()).abs() < 1e-9);
        prop_assert!((one.p.unwrap() - other.p.unwrap()).abs() < 1e-6);
    }

    #[test]
    fn more_of_the_same_change_is_never_less_sure(seed in any::<u64>(), step in 0.0..0.2_f64) {
        let mut series = Noise(seed).series(0.01, 42);
        let level = series[..41].iter().map(|value| value.ln()).sum::<f64>() / 41.0;
        series[40] = level.exp();
        let mut p = |step: f64| {
            series[41] = (level + step).exp();
            judge_one("wall-time", evidence(&series)).p.unwrap()
        };
        let (less, more) = (p(step), p(step + 0.01));
        prop_assert!(more <= less + 1e-9, "{} and {}", less, more);
    }
}
