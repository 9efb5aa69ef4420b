//! How long the mathematics takes, without network or disk: `cargo xtask bench` runs it.
//!
//! `analysis_speed comparison CONFIGURATIONS METRICS` makes a comparison of 700 test cases over 100
//! runs of history for each metric of each configuration; `analysis_speed change-points SERIES` finds
//! the change points of so many series of 1,000 values. Prints the seconds that it took, without
//! making up the data.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on is to say where it stopped"
)]

use std::hint::black_box;
use std::time::Instant;

use analysis::backtest::random::SeededNumbers;
use analysis::change_points::change_points;
use analysis::{CaseValues, RunValues, SeriesHistory, compare, method};
use shared_types::format::Versioned;
use shared_types::series::{SeriesArtifact, SeriesBlock, SeriesColumns};
use shared_types::{
    ArtifactId, Backend, ConfigurationRecord, Epoch, HistoryPosition, Line, Metric, TestCase, Unit,
};

const TEST_CASES: usize = 700;
const HISTORY: u32 = 100;
const ITERATIONS: usize = 3;
const SERIES_VALUES: usize = 1000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse().ok());
    let seconds = match (arguments.first().map(String::as_str), number(1), number(2)) {
        (Some("comparison"), Some(configurations), Some(metrics)) => {
            time_comparisons(configurations, metrics)
        }
        (Some("change-points"), Some(series), None) => time_change_points(series),
        _ => {
            eprintln!(
                "usage: analysis_speed comparison CONFIGURATIONS METRICS | change-points SERIES"
            );
            std::process::exit(2);
        }
    };
    println!("{seconds}");
}

fn time_comparisons(configurations: usize, metrics: usize) -> f64 {
    let mut numbers = SeededNumbers::new(1);
    let metric = Metric::cost("wall-time".parse().unwrap(), Unit::Seconds);
    let block = block(&metric, &mut numbers);
    let newest_first: Vec<ArtifactId> = (0..HISTORY).rev().map(artifact).collect();
    let sides = [HISTORY, HISTORY + 1].map(|number| side(&metric, number, &mut numbers));
    let method = method("perfleet").unwrap();
    let mut seconds = 0.0;
    for _ in 0..configurations * metrics {
        let started = Instant::now();
        let history = SeriesHistory::assemble(std::slice::from_ref(&block), &newest_first);
        let [base, head] = &sides;
        let comparison = compare(base, head, &metric.name, &history, method.as_ref());
        black_box(comparison.unwrap());
        seconds += started.elapsed().as_secs_f64();
    }
    seconds
}

fn time_change_points(series: usize) -> f64 {
    let mut numbers = SeededNumbers::new(2);
    let mut seconds = 0.0;
    for number in 0..series {
        // Every third one takes two other levels.
        let step = if number % 3 == 0 { 0.05 } else { 0.0 };
        let values: Vec<f64> = (0..SERIES_VALUES)
            .map(|place| {
                let level = step * (place * 3 / SERIES_VALUES) as f64;
                (level + 0.005 * numbers.normal()).exp()
            })
            .collect();
        let started = Instant::now();
        black_box(change_points(black_box(&values)));
        seconds += started.elapsed().as_secs_f64();
    }
    seconds
}

fn artifact(number: u32) -> ArtifactId {
    format!("release-1.{number}.0").parse().unwrap()
}

fn test_case(number: usize) -> TestCase {
    TestCase::Imported {
        name: format!("case-{number}").parse().unwrap(),
    }
}

fn epoch() -> Epoch {
    Epoch::of([b"one".as_slice()])
}

fn value(numbers: &mut SeededNumbers) -> f64 {
    (0.01 * numbers.normal()).exp()
}

fn block(metric: &Metric, numbers: &mut SeededNumbers) -> SeriesBlock {
    let artifacts = (0..HISTORY).map(|number| SeriesArtifact {
        id: artifact(number),
        ordinal: i64::from(number),
        commit_date: None,
        hosts: vec!["host".to_owned()],
        setups: Vec::new(),
    });
    let series = (0..TEST_CASES).map(|number| {
        let values: Vec<Option<f64>> = (0..HISTORY).map(|_| Some(value(numbers))).collect();
        SeriesColumns {
            test_case: test_case(number),
            epoch: epoch(),
            category: None,
            minimum: values.clone(),
            median: values,
            iterations: vec![ITERATIONS as u32; HISTORY as usize],
        }
    });
    SeriesBlock {
        format: SeriesBlock::VERSION,
        configuration: "made-up".parse().unwrap(),
        metric: metric.clone(),
        line: Line::Releases,
        series: series.collect(),
        artifacts: artifacts.collect(),
    }
}

fn side(metric: &Metric, number: u32, numbers: &mut SeededNumbers) -> RunValues {
    let cases = (0..TEST_CASES).map(|case| CaseValues {
        test_case: test_case(case),
        epoch: epoch(),
        category: None,
        values: [(
            metric.name.clone(),
            (0..ITERATIONS).map(|_| value(numbers)).collect(),
        )]
        .into(),
        interleaved: Default::default(),
        self_profiles: Vec::new(),
    });
    RunValues {
        side: artifact(number).to_string().parse().unwrap(),
        configuration: "made-up".parse().unwrap(),
        record: ConfigurationRecord {
            target: "x86_64-unknown-linux-gnu".to_owned(),
            hardware_model: "made up".to_owned(),
            backend: Backend::Llvm,
            frontend_threads: 1,
            flags: Vec::new(),
        },
        metrics: vec![metric.clone()],
        cases: cases.collect(),
        hosts: vec!["host".to_owned()],
        setups: Vec::new(),
        replicates: vec![shared_types::Replicate::FIRST],
        history: Some(HistoryPosition {
            line: Line::Releases,
            ordinal: i64::from(number),
            parent: Some(artifact(number - 1)),
        }),
        failures: Vec::new(),
    }
}
