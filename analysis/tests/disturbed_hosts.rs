//! How many disturbances of a known size are found on real series, and how often a host is blamed
//! for nothing, or for a change of the compiler. The figures are those of `docs/analysis.md`; run
//! with `--nocapture` to see them. The record is read where it is there: a folder `shared` beside
//! the checkout. Without it the test says that it is skipped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::Path;

use analysis::disturbance::{RunAndWindow, TestCaseColumn, WINDOW_ARTIFACTS, judge};
use shared_types::disturbance::{DisturbanceAnswer, DisturbanceFinding};
use shared_types::{Epoch, TestCase};

const COUNTS: &str = "instructions:u";
const TIMES: [&str; 3] = ["cycles", "task-clock", "wall-time"];
/// Artifacts that were not looked at while the limits were chosen.
const HELD_OUT: usize = 30;

/// Values by place on the main branch, by test case and metric, of one configuration.
type Record = BTreeMap<(String, &'static str), BTreeMap<usize, f64>>;

fn records() -> Option<BTreeMap<String, Record>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/llvm_compile_time_2026.csv.gz");
    let Ok(file) = File::open(&path) else {
        eprintln!("skipped: there is no shared/data/llvm_compile_time_2026.csv.gz");
        return None;
    };
    let mut reader = csv::Reader::from_reader(flate2::read::GzDecoder::new(file));
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|one| one == name).unwrap();
    let (order, configuration) = (column("main_order"), column("configuration"));
    let benchmark = column("benchmark");
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let Ok(place) = record[order].parse::<usize>() else {
            continue;
        };
        let of_configuration = records.entry(record[configuration].to_owned()).or_default();
        for metric in TIMES.into_iter().chain([COUNTS]) {
            if let Ok(value) = record[column(metric)].parse() {
                let series = (record[benchmark].to_owned(), metric);
                of_configuration
                    .entry(series)
                    .or_default()
                    .insert(place, value);
            }
        }
    }
    Some(records)
}

/// What is put into the run at the tip: factors of its times and of its instruction counts.
#[derive(Debug, Clone, Copy)]
struct Moved {
    times: f64,
    counts: f64,
}

fn judged(record: &Record, places: &[usize], moved: Moved) -> DisturbanceFinding {
    let (run, before) = places.split_last().unwrap();
    let before = &before[before.len().saturating_sub(WINDOW_ARTIFACTS)..];
    let mut measured = RunAndWindow::default();
    for ((benchmark, metric), values) in record {
        let factor = if *metric == COUNTS {
            moved.counts
        } else {
            moved.times
        };
        let test_case = TestCase::Imported {
            name: benchmark.parse().unwrap(),
        };
        if let Some(value) = values.get(run) {
            let column = TestCaseColumn {
                before: before
                    .iter()
                    .map(|place| values.get(place).copied())
                    .collect(),
                run: value * factor,
            };
            let series = (test_case, Epoch::of([b"1".as_slice()]));
            measured.add(&metric.parse().unwrap(), &series, column);
        }
    }
    judge(&measured)
}

/// The share of runs at the `tips` whose host is called disturbed.
fn share_disturbed(
    records: &BTreeMap<String, Record>,
    tips: impl Fn(usize) -> Vec<usize>,
    moved: Moved,
) -> (f64, usize) {
    let (mut disturbed, mut runs) = (0, 0);
    for record in records.values() {
        let mut places: Vec<usize> = record
            .values()
            .flat_map(|one| one.keys().copied())
            .collect();
        places.sort_unstable();
        places.dedup();
        for tip in tips(places.len()) {
            let found = judged(record, &places[..=tip], moved);
            runs += 1;
            if found.answer == DisturbanceAnswer::Disturbed {
                disturbed += 1;
                if moved.times == 1.0 {
                    println!("    {}", found.sentence);
                }
            }
        }
    }
    (f64::from(disturbed) / runs as f64, runs)
}

fn tuning(places: usize) -> Range<usize> {
    WINDOW_ARTIFACTS..places - HELD_OUT
}

fn held_out(places: usize) -> Range<usize> {
    places - HELD_OUT..places
}

/// Every so many runs alone where all would take long and show the same.
const EVERY: usize = 10;

#[test]
fn disturbed_hosts_are_found_and_the_compiler_is_never_excused() {
    let Some(records) = records() else {
        return;
    };
    for (part, tips) in [
        ("tuning", tuning as fn(usize) -> Range<usize>),
        ("held out", held_out),
    ] {
        let share = |times: f64, counts: f64| {
            let all = |places| tips(places).collect();
            share_disturbed(&records, all, Moved { times, counts })
        };
        let share_of_some = |times: f64, counts: f64| {
            let some = |places| tips(places).step_by(EVERY).collect();
            share_disturbed(&records, some, Moved { times, counts })
        };
        let (as_recorded, runs) = share(1.0, 1.0);
        println!(
            "{part}: {runs} runs; called disturbed as recorded: {:.1} ‰",
            as_recorded * 1e3
        );
        assert!(as_recorded < 0.04, "{as_recorded}");
        let mut before = 0.0;
        for size in [0.01, 0.02, 0.03, 0.05] {
            let (found, _) = share(1.0 + size, 1.0);
            let (faster, _) = share(1.0 - size, 1.0);
            println!(
                "{part}: times {:+.0} %: {:.0} % found; {:+.0} %: {:.0} %",
                size * 100.0,
                found * 100.0,
                -size * 100.0,
                faster * 100.0
            );
            assert!(found >= before, "larger shifts are easier");
            before = found;
            for share_of_counts in [1.0, 0.25, -1.0] {
                let (excused, _) = share_of_some(1.0 + size, 1.0 + size * share_of_counts);
                assert_eq!(excused, 0.0, "{size} with instructions {share_of_counts}");
            }
        }
        assert!(before > 0.9, "{before}");
    }
}
