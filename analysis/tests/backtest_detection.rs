//! The methods side by side on real series, where the record of them is there: a folder `shared`
//! beside the checkout. Without it the test says that it is skipped. Only what tuning may see is
//! looked at.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use analysis::backtest::detection::{detection_scores, detection_table};
use analysis::backtest::series::{RecordPart, RecordedSeries};
use shared_types::{Metric, Unit};

const CONFIGURATION: &str = "stage1-O3";
const METRICS: [&str; 2] = ["instructions:u", "wall-time"];

/// The record of LLVM's own compile times in 2026, one configuration, artifacts on main in order.
fn recorded() -> Option<Vec<RecordedSeries>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/llvm_compile_time_2026.csv.gz");
    let Ok(file) = File::open(&path) else {
        eprintln!(
            "skipped: there is no shared/data/llvm_compile_time_2026.csv.gz beside the checkout"
        );
        return None;
    };
    let mut reader = csv::Reader::from_reader(flate2::read::GzDecoder::new(file));
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let mut series: BTreeMap<(String, &str), BTreeMap<u32, f64>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let Ok(order) = record[column("main_order")].parse() else {
            continue;
        };
        if &record[column("configuration")] != CONFIGURATION {
            continue;
        }
        for metric in METRICS {
            let key = (record[column("benchmark")].to_owned(), metric);
            let value = record[column(metric)].parse().unwrap();
            series.entry(key).or_default().insert(order, value);
        }
    }
    let recorded = series
        .into_iter()
        .map(|((test_case, metric), values)| RecordedSeries {
            configuration: CONFIGURATION.to_owned(),
            test_case,
            metric: Metric::cost(metric.parse().unwrap(), Unit::Count),
            values: values.into_values().collect(),
        });
    Some(recorded.collect())
}

#[test]
fn at_equal_false_alarms_ours_finds_more_real_noise_notwithstanding() {
    let Some(series) = recorded() else {
        return;
    };
    assert_eq!(series.len(), 20);
    let scores = detection_scores(&series, RecordPart::Tuning { held_out: 30 }, 1);
    println!("{}", detection_table(&scores));
    for metric in METRICS {
        let of_metric: Vec<_> = scores
            .iter()
            .filter(|score| score.metric.name.as_str() == metric)
            .collect();
        let ours = of_metric[0];
        assert_eq!(ours.method, "ours");
        assert!(ours.false_alarms_per_1000.mean < 1.0, "{ours:?}");
        assert!(ours.alerts_for_a_spike < 0.2, "{ours:?}");
        let quiet = of_metric[1..]
            .iter()
            .filter(|score| score.false_alarms_per_1000.mean <= ours.false_alarms_per_1000.mean);
        for other in quiet {
            // From two noises up. Ten series leave wide intervals: they have to meet at least.
            for (ours, other_step) in ours.steps.iter().zip(&other.steps).skip(2) {
                let found = ours.recall.high >= other_step.recall.low;
                assert!(found, "{}: {other_step:?} against {ours:?}", other.method);
            }
            assert!(
                other.alerts_for_a_drift > ours.alerts_for_a_drift
                    || other.steps[3].recall.mean < 0.5
            );
        }
        let five = ours.steps.last().unwrap();
        assert!(
            five.recall.mean > 0.9 && five.median_delay.unwrap() <= 3,
            "{five:?}"
        );
    }
}
