//! The rule and the change points on real series, where the record of them is there: a folder
//! `shared` beside the checkout. Without it the test says that it is skipped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use analysis::change_points::change_points;
use analysis::method;
use analysis::rustc_perf::HISTORY;
use analysis::significance::{Evidence, Judgement};
use shared_types::{Metric, Unit};

/// Total pass time of rustc commits in 2017, by benchmark and patch, in the order of dates.
fn pass_times() -> Option<Vec<Vec<f64>>> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/rustc_timing_2017.csv.gz");
    let Ok(file) = File::open(&path) else {
        eprintln!("skipped: there is no shared/data/rustc_timing_2017.csv.gz beside the checkout");
        return None;
    };
    let mut reader = csv::Reader::from_reader(flate2::read::GzDecoder::new(file));
    let mut series: BTreeMap<(String, String), BTreeMap<(String, String), f64>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let text = |column: usize| record[column].to_owned();
        series
            .entry((text(2), text(3)))
            .or_default()
            .insert((text(0), text(1)), record[4].parse().unwrap());
    }
    let series = series.into_values();
    Some(
        series
            .map(|series| series.into_values().collect())
            .collect(),
    )
}

/// What the rule says of every commit and the one after it that have a complete history.
fn judged(series: &[f64]) -> Vec<Judgement> {
    let cases: Vec<Evidence> = (HISTORY..series.len().saturating_sub(1))
        .map(|base| {
            let before = &series[base - HISTORY..base];
            Evidence::of_single_values(before, series[base], series[base + 1])
        })
        .collect();
    let metric = Metric::cost("pass-time".parse().unwrap(), Unit::Seconds);
    method("rustc-perf").unwrap().judge(&metric, &cases)
}

#[test]
fn the_reference_rule_flags_few_of_the_commits_of_2017_and_is_blind_below_a_few_percent() {
    let Some(series) = pass_times() else {
        return;
    };
    let all: Vec<Judgement> = series.iter().flat_map(|series| judged(series)).collect();
    // A series that was often too fast to be timed holds zeros, which allow no relative difference.
    let judged: Vec<&Judgement> = all.iter().filter(|case| case.history == 30).collect();
    assert!(
        judged.len() * 10 > all.len() * 9,
        "{} of {}",
        judged.len(),
        all.len()
    );
    let significant = judged.iter().filter(|case| case.significant).count();
    let share = significant as f64 / judged.len() as f64;
    let mut thresholds: Vec<f64> = judged.iter().filter_map(|case| case.threshold).collect();
    thresholds.sort_by(f64::total_cmp);
    let median = thresholds[thresholds.len() / 2];
    println!(
        "{} series, {} pairs: {significant} significant ({:.2} %), median threshold {:.2} %",
        series.len(),
        judged.len(),
        share * 100.0,
        median * 100.0
    );
    // The longer record of 590 commits gives 3.25 % and 4.8 %.
    assert!((0.01..0.08).contains(&share), "{share}");
    assert!((0.02..0.10).contains(&median), "{median}");
}

#[test]
fn change_points_of_the_commits_of_2017_are_few_and_their_levels_differ() {
    let Some(series) = pass_times() else {
        return;
    };
    let mut found = 0;
    let mut values = 0;
    for series in &series {
        let points = change_points(series);
        found += points.len();
        values += series.len();
        let bounds = [&[0], &points[..], &[series.len()]].concat();
        let levels = bounds.windows(2).map(|pair| {
            let mut level = series[pair[0]..pair[1]].to_vec();
            level.sort_by(f64::total_cmp);
            level[level.len() / 2]
        });
        let levels: Vec<f64> = levels.collect();
        let steps = levels
            .windows(2)
            .map(|pair| format!("{:+.1} %", (pair[1] / pair[0] - 1.0) * 100.0));
        println!("{points:?}: {}", steps.collect::<Vec<_>>().join(", "));
        assert!(levels.windows(2).all(|pair| pair[0] != pair[1]));
    }
    println!("{found} change points in {values} values");
    assert!(found > 0 && found * 20 < values, "{found} in {values}");
}
