//! Profiles, scenarios and metrics.

use std::process::Command;

use collector::measure::{InstructionCounter, WorkDirectory, available_metrics};
use shared_types::format::Versioned;
use shared_types::result_document::{FailureKind, ResultDocument};
use shared_types::{Profile, Replicate};

use crate::fixture::{Fixture, first_run, job, measure, measurement, real_toolchain, values};

const ALL_SCENARIOS: [&str; 4] = ["full", "incr-full", "incr-unchanged", "incr-patched:longer"];

#[test]
fn each_profile_and_scenario_gives_its_metrics() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let units = [
        ("tiny", Profile::Check, &ALL_SCENARIOS[..]),
        ("tiny", Profile::Debug, &ALL_SCENARIOS[..]),
        ("tiny", Profile::Opt, &["full"]),
        ("tiny", Profile::Doc, &["full"]),
        ("tiny", Profile::DocJson, &["full"]),
        ("tiny", Profile::Clippy, &ALL_SCENARIOS),
        ("tiny-program", Profile::Debug, &["full"]),
        ("tiny-program", Profile::Clippy, &["full"]),
        ("tiny-program", Profile::DocJson, &["full"]),
    ];
    let document = measure(&fixture.bench(), &job(&toolchain, &units), &toolchain).document;
    assert_eq!(document.failures, []);
    assert_eq!(document.measurements.len(), 18);
    for measurement in &document.measurements {
        let name = measurement.test_case.name();
        for metric in ["wall-time", "user-time", "max-rss", "page-faults"] {
            assert_eq!(
                values(&document, &name, metric).len(),
                1,
                "{metric} of {name}"
            );
        }
        assert_eq!(values(&document, &name, "wall-time").len(), 1);
        assert!(
            values(&document, &name, "max-rss")[0] > 10_000.0,
            "a rustc is larger than that"
        );
    }
    let size =
        |test_case: &str, metric: &str| values(&document, test_case, metric).first().copied();
    assert!(size("tiny/check/full", "size:metadata").unwrap() > 0.0);
    assert_eq!(size("tiny/check/full", "size:linked-artifact"), None);
    assert!(size("tiny/debug/full", "size:linked-artifact").unwrap() > 0.0);
    let html = size("tiny/doc/full", "size:documentation").unwrap();
    let json = size("tiny/doc-json/full", "size:documentation").unwrap();
    assert!(json > 0.0 && html > json, "{html} {json}");
    assert!(size("tiny/clippy/full", "size:metadata").unwrap() > 0.0);
    assert!(size("tiny/clippy/incr-full", "size:incremental-cache").unwrap() > 0.0);
    let program = size("tiny-program/debug/full", "size:linked-artifact").unwrap();
    assert!(program > 10.0 * size("tiny/debug/full", "size:linked-artifact").unwrap());
    for section in [".text", ".rodata", ".bss", ".debug"] {
        let metric = format!("size:section:{section}");
        assert!(
            size("tiny-program/debug/full", &metric).unwrap() > 0.0,
            "{metric}"
        );
        // A library is not linked yet, and a check builds none.
        assert_eq!(size("tiny/debug/full", &metric), None);
        assert_eq!(size("tiny/check/full", &metric), None);
    }
    let sections = values_beginning_with(&document, "tiny-program/debug/full", "size:section:");
    assert!(sections < program + size("tiny-program/debug/full", "size:section:.bss").unwrap());
    assert_eq!(size("tiny/check/full", "size:incremental-cache"), None);
    assert!(size("tiny/check/incr-full", "size:incremental-cache").unwrap() > 0.0);
}

/// The sum over all metrics of a test case that begin like this.
fn values_beginning_with(document: &ResultDocument, test_case: &str, beginning: &str) -> f64 {
    let values = &measurement(document, test_case).unwrap().values;
    values
        .iter()
        .filter(|values| values.metric.as_str().starts_with(beginning))
        .flat_map(|values| values.measured())
        .sum()
}

#[test]
fn a_patch_is_compiled_after_incr_full_and_taken_back_afterwards() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let bench = fixture.bench();
    let unit = [("tiny", Profile::Debug, &ALL_SCENARIOS[..])];
    let mut job = job(&toolchain, &unit);
    job.iterations = 2;
    let document = measure(&bench, &job, &toolchain).document;
    let size = |scenario: &str| {
        values(
            &document,
            &format!("tiny/debug/{scenario}"),
            "size:linked-artifact",
        )
    };
    // Each iteration starts from the same state, so that sizes do not differ between them.
    for scenario in ALL_SCENARIOS {
        let [first, second] = size(scenario).try_into().unwrap();
        assert_eq!(first, second, "{scenario}");
    }
    assert_eq!(size("incr-unchanged"), size("incr-full"));
    assert!(size("incr-patched:longer")[0] > size("incr-full")[0]);
    let again = measure(&bench, &job, &toolchain).document;
    assert_eq!(
        values(&again, "tiny/debug/full", "size:linked-artifact"),
        size("full")
    );
}

#[test]
fn one_compiler_against_itself_is_two_replicates_of_one_epoch() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut job = job(
        &toolchain,
        &[("tiny", Profile::Check, &["full", "incr-unchanged"])],
    );
    let mut second = first_run(&toolchain);
    second.replicate = Replicate::FIRST.next();
    job.runs.push(second);
    job.iterations = 2;
    let mut steps = Vec::new();
    let toolchains = crate::fixture::toolchains_of(&toolchain);
    let outcome = fixture
        .bench()
        .measure(
            &job,
            shared_types::ids::Attempt(1),
            &toolchains,
            &mut |progress| {
                steps.push(progress.done);
            },
        )
        .unwrap();
    let document = outcome.document;
    assert!(document.interleaved);
    assert_eq!(document.measurements.len(), 4);
    let epochs: Vec<_> = document
        .measurements
        .iter()
        .map(|measurement| &measurement.epoch)
        .collect();
    assert!(epochs.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(steps.last(), Some(&8));
    assert!(steps.is_sorted());
    let json = serde_json::to_vec(&document).unwrap();
    assert_eq!(ResultDocument::from_json(&json).unwrap(), document);
}

#[test]
fn instructions_are_counted_once_for_each_test_case_or_the_log_says_why_not() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut bench = fixture.bench();
    bench.counter = InstructionCounter::find(&bench.executor, &bench.work.tools());
    let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    job.iterations = 2;
    let outcome = measure(&bench, &job, &toolchain);
    let counted = |metric| values(&outcome.document, "tiny/check/full", metric);
    match bench.counter.metric() {
        None => assert!(
            outcome.log.contains("instructions are not counted: "),
            "{}",
            outcome.log
        ),
        Some("instructions:u") => assert_eq!(counted("instructions:u").len(), 2),
        Some(metric) => {
            let [count] = counted(metric).try_into().unwrap();
            assert!(
                count > 1e6,
                "a rustc executes more than {count} instructions"
            );
        }
    }
    let promised = available_metrics(&bench.counter, bench.executor.counters()).unwrap();
    let names = outcome.document.metrics.iter().map(|metric| &metric.name);
    for name in names.filter(|name| !name.is_size()) {
        assert!(
            promised.contains(name),
            "{name} was measured and not promised"
        );
    }
}

#[test]
fn what_takes_longer_than_the_limit_is_not_counted_and_the_log_says_so() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut bench = fixture.bench();
    bench.counter = InstructionCounter::find(&bench.executor, &bench.work.tools());
    if !matches!(bench.counter, InstructionCounter::Emulated(_)) {
        return;
    }
    bench.options.count_below_s = 0.0;
    let job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    let outcome = measure(&bench, &job, &toolchain);
    let metric = bench.counter.metric().unwrap();
    assert_eq!(
        values(&outcome.document, "tiny/check/full", metric),
        [] as [f64; 0]
    );
    assert!(
        outcome.log.contains("the limit (--count-below) is 0 s"),
        "{}",
        outcome.log
    );
}

#[test]
fn front_end_threads_are_given_to_the_measured_compilation() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    job.record.frontend_threads = 2;
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    assert_eq!(document.failures, []);
    assert!(measurement(&document, "tiny/check/full").is_some());
    let single = measure_single_threaded(&fixture);
    assert_ne!(
        measurement(&document, "tiny/check/full").unwrap().epoch,
        measurement(&single, "tiny/check/full").unwrap().epoch
    );
}

fn measure_single_threaded(fixture: &Fixture) -> ResultDocument {
    let toolchain = real_toolchain();
    let job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    measure(&fixture.bench(), &job, &toolchain).document
}

#[test]
fn json_documentation_and_lints_are_what_their_programs_wrote() {
    let fixture = Fixture::new();
    fixture.write_suite(
        "#![deny(clippy::all)]\n\
         pub fn doubled(number: u32) -> u32 { return number * 2; }\n",
    );
    // Clippy would take it for its settings.
    crate::fixture::write(&fixture.path("clippy.toml"), "no such setting\n");
    let toolchain = real_toolchain();
    let units = [
        ("tiny", Profile::DocJson, &["full"][..]),
        ("tiny", Profile::Clippy, &["full"]),
    ];
    let document = measure(&fixture.bench(), &job(&toolchain, &units), &toolchain).document;
    assert_eq!(document.failures, []);
    let builds = WorkDirectory::open(&fixture.path("work"))
        .unwrap()
        .builds_of_benchmark(&toolchain, &"tiny".parse().unwrap());
    let json = std::fs::read(builds.join("doc-json/output/tiny.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert!(json["format_version"].as_u64().unwrap() > 0);
    let lints = std::fs::read_to_string(builds.join("clippy/messages.txt")).unwrap();
    assert!(lints.contains("needless_return"), "{lints}");
}

#[test]
fn flags_that_the_compiler_refuses_make_it_unavailable() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    job.record.flags = vec!["-Zno-such-flag".to_owned()];
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    let [failure] = document.failures.try_into().unwrap();
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert!(
        failure.message.contains("asked for `-Zno-such-flag`"),
        "{}",
        failure.message
    );
    assert!(
        failure.output.contains("no-such-flag"),
        "{}",
        failure.output
    );
    assert_eq!(document.measurements, []);
}

#[test]
fn a_compiler_of_another_architecture_is_not_measured_whatever_the_kernel_would_start_it_in() {
    let fixture = Fixture::new();
    let mut toolchain = real_toolchain();
    toolchain.host = "riscv64gc-unknown-linux-gnu".to_owned();
    let job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    let [failure] = document.failures.try_into().unwrap();
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert!(
        failure
            .message
            .contains("runs on riscv64gc-unknown-linux-gnu, and this host is"),
        "{}",
        failure.message
    );
    assert_eq!(document.measurements, []);
}

#[test]
fn an_emulated_host_tells_counts_and_sizes_and_the_same_count_twice() {
    let emulator = format!("qemu-{}", std::env::consts::ARCH);
    let real = real_toolchain().rustc;
    let fixture = Fixture::new();
    if Command::new(&emulator).arg("--version").output().is_err() {
        eprintln!("left out: there is no {emulator} (package qemu-user)");
        return;
    }
    let toolchain = fixture.fake_toolchain(&format!("exec {emulator} {} \"$@\"", real.display()));
    let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    job.iterations = 2;
    let mut bench = fixture.bench();
    bench.counter = InstructionCounter::of_emulated_host(&bench.work.tools()).unwrap();
    let document = measure(&bench, &job, &toolchain).document;

    assert_eq!(document.failures, []);
    let told: Vec<&str> = document
        .metrics
        .iter()
        .map(|metric| metric.name.as_str())
        .collect();
    assert_eq!(told, ["instructions:qemu", "size:metadata"]);
    let counts = values(&document, "tiny/check/full", "instructions:qemu");
    let [one, other] = counts[..] else {
        panic!("two iterations have two counts: {counts:?}");
    };
    // So small a compilation varies by some ten thousand instructions on a busy host.
    assert!(one > 1e6 && (one / other - 1.0).abs() < 5e-3, "{counts:?}");
}

#[test]
fn a_compiler_that_nothing_emulates_is_a_failure_of_an_emulated_host_and_not_its_result() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    let mut bench = fixture.bench();
    bench.counter = InstructionCounter::of_emulated_host(&bench.work.tools()).unwrap();
    let document = measure(&bench, &job, &toolchain).document;
    let [failure] = document.failures.try_into().unwrap();
    assert_eq!(failure.kind, FailureKind::Host);
    assert_eq!(document.measurements, []);
}
