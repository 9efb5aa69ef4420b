//! Results of made-up runs, for the tests of this crate.

use shared_types::host::HostFacts;
use shared_types::ids::Attempt;
use shared_types::result_document::{
    CollectorVersion, FailureKind, MeasuredRun, Measurement, MeasuringFailure, MetricValues,
    Origin, ResultDocument,
};
use shared_types::run::Side;
use shared_types::{
    ArtifactId, Backend, Category, ConfigurationRecord, Epoch, FormatVersion, JobId, Metric,
    Profile, Replicate, TestCase, Unit,
};

use crate::run_values::{RunValues, pool};

pub(crate) const BASE: &str = "release-1.95.0";
pub(crate) const HEAD: &str = "release-1.96.0";

pub(crate) fn instructions() -> Metric {
    Metric::cost("instructions:u".parse().unwrap(), Unit::Count)
}

pub(crate) fn wall_time() -> Metric {
    Metric::cost("wall-time".parse().unwrap(), Unit::Seconds)
}

/// `syn/check/full`, or an imported name where there are no slashes.
pub(crate) fn test_case(name: &str) -> TestCase {
    match name.split('/').collect::<Vec<_>>()[..] {
        [benchmark, profile, scenario] => TestCase::Compile {
            benchmark: benchmark.parse().unwrap(),
            profile: profile.parse().unwrap(),
            scenario: scenario.parse().unwrap(),
        },
        _ => TestCase::Imported {
            name: name.parse().unwrap(),
        },
    }
}

pub(crate) fn epoch(number: u8) -> Epoch {
    Epoch::of([&[number][..]])
}

pub(crate) fn side(text: &str) -> Side {
    text.parse().unwrap()
}

/// An empty result of one run, the `number`th of its configuration.
pub(crate) fn document(run: &str, number: u8) -> ResultDocument {
    let side = side(run);
    ResultDocument {
        format: FormatVersion::V1_0,
        job: JobId::from_parts(u64::from(number), &[number; 10]),
        attempt: Attempt(1),
        origin: Origin::Collector,
        configuration: "x86_64-llvm-t1".parse().unwrap(),
        record: ConfigurationRecord {
            target: "x86_64-unknown-linux-gnu".to_owned(),
            hardware_model: "AMD EPYC 9354P".to_owned(),
            backend: Backend::Llvm,
            frontend_threads: 1,
            flags: Vec::new(),
        },
        collector: CollectorVersion {
            name: "one".to_owned(),
            version: "0.1.0".to_owned(),
        },
        host: HostFacts::named("host-a", "x86_64-unknown-linux-gnu"),
        started_at: jiff::Timestamp::from_second(i64::from(number)).unwrap(),
        finished_at: jiff::Timestamp::from_second(i64::from(number) + 1).unwrap(),
        runs: vec![MeasuredRun {
            artifact: side.artifact,
            replicate: side.replicate.unwrap_or(Replicate::FIRST),
        }],
        interleaved: false,
        metrics: vec![instructions(), wall_time()],
        measurements: Vec::new(),
        failures: Vec::new(),
        log: None,
        resumed: Vec::new(),
    }
}

/// Adds the iterations of a test case to the `run`th run of a result.
pub(crate) fn measure(
    document: &mut ResultDocument,
    run: usize,
    name: &str,
    metric: &Metric,
    iterations: &[f64],
) {
    let MeasuredRun {
        artifact,
        replicate,
    } = document.runs[run].clone();
    let values = MetricValues {
        metric: metric.name.clone(),
        iterations: iterations.iter().copied().map(Some).collect(),
    };
    let test_case = test_case(name);
    let known = document.measurements.iter_mut().find(|measurement| {
        measurement.artifact == artifact
            && measurement.replicate == replicate
            && measurement.test_case == test_case
    });
    match known {
        Some(measurement) => measurement.values.push(values),
        None => document.measurements.push(Measurement {
            artifact,
            replicate,
            category: matches!(test_case, TestCase::Compile { .. }).then_some(Category::Primary),
            test_case,
            epoch: epoch(1),
            values: vec![values],
            disturbed: Vec::new(),
            self_profile: None,
        }),
    }
}

pub(crate) fn fail(document: &mut ResultDocument, benchmark: &str, scenario: Option<&str>) {
    let MeasuredRun {
        artifact,
        replicate,
    } = document.runs[0].clone();
    document.failures.push(MeasuringFailure {
        artifact,
        replicate,
        benchmark: benchmark.parse().unwrap(),
        profile: Profile::Check,
        scenario: scenario.map(|scenario| scenario.parse().unwrap()),
        test_case: None,
        kind: FailureKind::Crashed,
        message: "rustc was ended by signal 11".to_owned(),
        output: String::new(),
    });
}

/// A run with one iteration of `metric` for each test case.
pub(crate) fn run(run: &str, metric: &Metric, values: &[(&str, f64)]) -> RunValues {
    let mut document = document(run, 1);
    for (name, value) in values {
        measure(&mut document, 0, name, metric, &[*value]);
    }
    pool(&side(run), &[document], None).unwrap()
}

/// The commit artifact of that number.
pub(crate) fn commit(number: u32) -> ArtifactId {
    format!("{number:040x}").parse().unwrap()
}
