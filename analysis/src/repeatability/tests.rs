use proptest::prelude::*;
use shared_types::format::Versioned;
use shared_types::host::HostFacts;
use shared_types::{FormatVersion, Metric};

use super::*;
use crate::backtest::random::SeededNumbers;
use crate::sample_runs::{instructions, test_case, wall_time};

/// What disturbs a pair of compilations, and what disturbs each of them: standard deviations,
/// relative.
#[derive(Clone, Copy)]
struct Noise {
    of_pair: f64,
    of_each: f64,
}

/// Pairs of one second each, with noise of the normal distribution.
fn series(case: usize, metric: &Metric, noise: Noise) -> PairSeries {
    let mut numbers = SeededNumbers::part(7, case as u64);
    let pairs = (0..20).map(|_| {
        let common = noise.of_pair * numbers.normal();
        let mut value = || (common + noise.of_each * numbers.normal()).exp();
        (value(), value())
    });
    PairSeries {
        test_case: test_case(&format!("crate-{case}/check/full")),
        metric: metric.clone(),
        seconds_per_pair: 2.0,
        pairs: pairs.collect(),
    }
}

fn samples(series: Vec<PairSeries>) -> RepeatabilitySamples {
    RepeatabilitySamples {
        format: FormatVersion::V1_0,
        host: HostFacts::named("bench-1", "x86_64-unknown-linux-gnu"),
        compiler: "rustc 1.95.0".to_owned(),
        load_before: Some(0.05),
        load_after: Some(1.0),
        started_at: "2026-11-26T08:00:00Z".parse().unwrap(),
        series,
    }
}

fn three(metric: &Metric, noise: Noise) -> RepeatabilitySamples {
    samples((0..3).map(|case| series(case, metric, noise)).collect())
}

const QUESTION: StepQuestion = StepQuestion {
    power: 0.95,
    false_alarms: 0.01,
    draws: 60,
    seed: 3,
};

const QUIET: Noise = Noise {
    of_pair: 0.0,
    of_each: 0.01,
};

fn found(steps: &Steps) -> f64 {
    steps.median.unwrap()
}

#[test]
fn the_coefficient_of_variation_is_the_deviation_over_the_mean() {
    let coefficient = coefficient_of_variation(&[9.0, 10.0, 11.0]).unwrap();
    assert!((coefficient - 0.1).abs() < 1e-12, "{coefficient}");
    assert_eq!(coefficient_of_variation(&[5.0, 5.0]), Some(0.0));
    assert_eq!(coefficient_of_variation(&[0.0, 0.0]), Some(0.0));
    assert_eq!(coefficient_of_variation(&[5.0]), None);
    assert_eq!(coefficient_of_variation(&[-1.0, 1.0]), None);
}

#[test]
fn the_metric_that_varies_most_stands_first() {
    let noisy = series(0, &wall_time(), QUIET);
    let mut exact = series(0, &instructions(), QUIET);
    exact.pairs = vec![(5.0, 5.0); 20];
    let variation = variation(&samples(vec![exact, noisy]));
    let names: Vec<&str> = variation.iter().map(|it| it.metric.name.as_str()).collect();
    assert_eq!(names, ["wall-time", "instructions:u"]);
    assert_eq!(variation[1].largest, 0.0);
    assert_eq!(variation[0].values, 40);
    assert!(
        (0.007..0.013).contains(&variation[0].median),
        "{variation:?}"
    );
}

#[test]
fn the_smallest_step_is_that_of_the_theory_and_shrinks_with_the_root_of_the_pairs() {
    let rows = smallest_steps(
        &three(&wall_time(), QUIET),
        &wall_time(),
        &[1, 5, 20],
        QUESTION,
    );
    let lengths: Vec<usize> = rows.iter().map(|row| row.pairs).collect();
    assert_eq!(lengths, [5, 20], "one pair says nothing of its noise");
    for row in &rows {
        // Quantiles of the normal distribution for 1 % false alarms on two sides and 95 % power.
        let deviation = 0.01 * 2.0_f64.sqrt() / (row.pairs as f64).sqrt();
        let theory = deviation * (2.576 + 1.645);
        let ratio = found(&row.ours.at_equal_alarms) / theory;
        assert!((0.6..1.7).contains(&ratio), "{} pairs: {ratio}", row.pairs);
        assert!((row.seconds - 6.0 * row.pairs as f64).abs() < 1e-9);
    }
    let ratio = found(&rows[0].ours.at_equal_alarms) / found(&rows[1].ours.at_equal_alarms);
    assert!((1.4..3.2).contains(&ratio), "{ratio}");
}

#[test]
fn what_disturbs_both_of_a_pair_hides_nothing_from_pairs_and_all_from_the_minimum_of_two() {
    let disturbed = Noise {
        of_pair: 0.05,
        of_each: 0.001,
    };
    let rows = smallest_steps(
        &three(&wall_time(), disturbed),
        &wall_time(),
        &[5],
        QUESTION,
    );
    let ours = found(&rows[0].ours.at_equal_alarms);
    let reference = found(&rows[0].reference.at_equal_alarms);
    assert!(ours * 10.0 < reference, "{ours} {reference}");
}

#[test]
fn a_rule_with_fewer_false_alarms_needs_a_larger_step() {
    let steps = |false_alarms| {
        let question = StepQuestion {
            false_alarms,
            ..QUESTION
        };
        let rows = smallest_steps(&three(&wall_time(), QUIET), &wall_time(), &[5], question);
        let row = &rows[0];
        [&row.ours, &row.reference].map(|method| found(&method.at_equal_alarms))
    };
    let (lax, strict) = (steps(0.2), steps(0.01));
    assert!(
        lax[0] < strict[0] && lax[1] < strict[1],
        "{lax:?} {strict:?}"
    );
}

#[test]
fn an_exact_counter_finds_every_step_that_is_above_what_is_called_negligible() {
    let noise = Noise {
        of_pair: 0.0,
        of_each: 0.0,
    };
    // Fewer than these say too little of the noise of their siblings.
    let six = (0..6).map(|case| series(case, &instructions(), noise));
    let question = StepQuestion {
        draws: 20,
        ..QUESTION
    };
    let rows = smallest_steps(&samples(six.collect()), &instructions(), &[3], question);
    let row = &rows[0];
    assert_eq!(row.ours.false_alarms, 0.0);
    assert_eq!(row.reference.false_alarms, 0.0);
    // 0.01 % of instructions is called negligible, however sure it is.
    let as_it_is = found(&row.ours.as_it_is);
    assert!((1e-4..3e-4).contains(&as_it_is), "{as_it_is}");
    assert_eq!(row.reference.at_equal_alarms.median, Some(1e-6));
}

#[test]
fn what_is_too_noisy_for_any_step_is_not_said_to_be_found() {
    let noise = Noise {
        of_pair: 0.0,
        of_each: 3.0,
    };
    let rows = smallest_steps(&three(&wall_time(), noise), &wall_time(), &[3], QUESTION);
    assert_eq!(rows[0].ours.at_equal_alarms.median, None);
    let text = steps_markdown(&rows, QUESTION);
    assert!(text.contains("over 100 %"), "{text}");
}

#[test]
fn nothing_measured_gives_no_row() {
    let mut empty = series(0, &wall_time(), QUIET);
    empty.pairs.clear();
    let samples = samples(vec![empty]);
    assert_eq!(smallest_steps(&samples, &wall_time(), &[5], QUESTION), []);
    assert_eq!(
        smallest_steps(&samples, &instructions(), &[5], QUESTION),
        []
    );
    assert_eq!(variation(&samples), []);
}

#[test]
fn the_same_samples_give_the_same_report_in_the_same_words() {
    let mut samples = three(&wall_time(), QUIET);
    samples.host.cpu_model = Some("AMD EPYC 9354P".to_owned());
    samples.host.logical_cpus = Some(2);
    let mut exact = series(0, &instructions(), QUIET);
    exact.pairs = vec![(5.0, 5.0); 20];
    samples.series.push(exact);
    let question = StepQuestion {
        draws: 20,
        ..QUESTION
    };
    let report = || {
        let steps = smallest_steps(&samples, &wall_time(), &[5, 20], question);
        markdown(&samples, &variation(&samples), &steps, question)
    };
    assert_eq!(report(), report());
    insta::assert_snapshot!(report());
}

#[test]
fn samples_that_are_no_measurements_are_refused() {
    let read = |samples: &RepeatabilitySamples| {
        RepeatabilitySamples::from_json(&serde_json::to_vec(samples).unwrap())
    };
    let mut samples = three(&wall_time(), QUIET);
    assert_eq!(read(&samples).unwrap(), samples);
    samples.series[1].pairs[0].0 = -1.0;
    let error = read(&samples).unwrap_err().to_string();
    assert!(error.contains("wall-time of crate-1/check/full"), "{error}");
    samples.series[1] = samples.series[0].clone();
    let error = read(&samples).unwrap_err().to_string();
    assert!(error.contains("is there twice"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn the_unit_of_a_metric_does_not_change_what_is_found(power_of_two in -20i32..20) {
        let question = StepQuestion { draws: 20, ..QUESTION };
        let plain = three(&wall_time(), QUIET);
        let mut scaled = plain.clone();
        for series in &mut scaled.series {
            for pair in &mut series.pairs {
                *pair = (pair.0 * 2f64.powi(power_of_two), pair.1 * 2f64.powi(power_of_two));
            }
        }
        let steps = |samples| {
            let rows = smallest_steps(samples, &wall_time(), &[5], question);
            [found(&rows[0].ours.at_equal_alarms), found(&rows[0].reference.at_equal_alarms)]
        };
        let (one, other) = (steps(&plain), steps(&scaled));
        for (one, other) in one.into_iter().zip(other) {
            prop_assert!((one / other - 1.0).abs() < 0.05, "{one} {other}");
        }
    }

    #[test]
    fn any_samples_are_answered(
        values in proptest::collection::vec((0.0f64..1e12, 0.0f64..1e12), 0..6),
        pairs in 0usize..6,
    ) {
        let question = StepQuestion { draws: 5, ..QUESTION };
        let mut odd = series(0, &wall_time(), QUIET);
        odd.pairs = values;
        let samples = samples(vec![odd]);
        let rows = smallest_steps(&samples, &wall_time(), &[pairs], question);
        let text = markdown(&samples, &variation(&samples), &rows, question);
        prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}", text);
    }
}
