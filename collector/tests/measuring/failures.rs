//! What cannot be measured is reported, and the rest goes on.

use collector::CollectorError;
use shared_types::ids::Attempt;
use shared_types::result_document::{FailureKind, MeasuringFailure, ResultDocument};
use shared_types::{Backend, Profile};

use crate::fixture::{Fixture, job, measure, measurement, real_toolchain, toolchains_of};

fn only_failure(document: &ResultDocument) -> &MeasuringFailure {
    let [failure] = document.failures.as_slice() else {
        panic!("one failure was expected: {:?}", document.failures);
    };
    failure
}

#[test]
fn a_crate_that_does_not_compile_is_reported_and_the_rest_goes_on() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let units = [
        ("broken", Profile::Check, &["full"][..]),
        ("tiny", Profile::Check, &["full"]),
    ];
    let document = measure(&fixture.bench(), &job(&toolchain, &units), &toolchain).document;
    let failure = only_failure(&document);
    assert_eq!(failure.kind, FailureKind::BuildFailed);
    assert_eq!(failure.scenario, Some("full".parse().unwrap()));
    assert!(
        failure.message.contains("compiling broken/check/full"),
        "{}",
        failure.message
    );
    assert!(
        failure.output.contains("mismatched types"),
        "{}",
        failure.output
    );
    assert!(measurement(&document, "tiny/check/full").is_some());
}

#[test]
fn a_compiler_that_crashes_is_reported_and_the_rest_goes_on() {
    let fixture = Fixture::new();
    let crashing = fixture.fake_toolchain("echo 'going down'; kill -SEGV $$");
    let units = [
        ("tiny", Profile::Check, &["full"][..]),
        ("broken", Profile::Check, &["full"]),
    ];
    let document = measure(&fixture.bench(), &job(&crashing, &units), &crashing).document;
    let [crashed, refused] = in_order(document.failures, ["tiny", "broken"]);
    assert_eq!(crashed.kind, FailureKind::Crashed);
    assert!(
        crashed.message.contains("ended by signal 11 (SIGSEGV"),
        "{}",
        crashed.message
    );
    assert_eq!(crashed.output, "going down");
    assert_eq!(refused.kind, FailureKind::BuildFailed);
}

#[test]
fn a_compiler_that_panics_is_told_from_one_that_refuses_the_crate() {
    let fixture = Fixture::new();
    let message = "error: internal compiler error: unexpected";
    let panicking = fixture.fake_toolchain(&format!("echo '{message}' >&2; exit 101"));
    let units = [("tiny", Profile::Check, &["full"][..])];
    let document = measure(&fixture.bench(), &job(&panicking, &units), &panicking).document;
    let failure = only_failure(&document);
    assert_eq!(failure.kind, FailureKind::Crashed);
    assert_eq!(failure.output, message);
}

#[test]
fn a_compiler_that_finds_the_disk_full_is_not_to_blame() {
    let fixture = Fixture::new();
    let message = "error: failed to write: No space left on device (os error 28)";
    let stuck = fixture.fake_toolchain(&format!("echo '{message}' >&2; exit 1"));
    let units = [("tiny", Profile::Check, &["full"][..])];
    let document = measure(&fixture.bench(), &job(&stuck, &units), &stuck).document;
    let failure = only_failure(&document);
    assert_eq!(failure.kind, FailureKind::Host);
    assert!(
        failure.message.contains("no space on the disk"),
        "{}",
        failure.message
    );
}

#[test]
fn a_compiler_that_hangs_is_killed_with_all_its_processes() {
    let fixture = Fixture::new();
    // One child ignores SIGTERM, another has left the process group.
    let marker = fixture.path("children");
    let hang = format!(
        "sh -c 'trap \"\" TERM; echo $$ >> {0}; while :; do sleep 1; done' & \
         setsid sh -c 'echo $$ >> {0}; while :; do sleep 1; done' & \
         while [ $(wc -l < {0}) -lt 2 ]; do sleep 0.05; done; sleep 1000",
        marker.display()
    );
    std::fs::write(&marker, "").unwrap();
    let hanging = fixture.fake_toolchain(&hang);
    let mut job = job(&hanging, &[("tiny", Profile::Check, &["full"][..])]);
    job.time_limit_s = 3;
    let document = measure(&fixture.bench(), &job, &hanging).document;
    let failure = only_failure(&document);
    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert!(
        failure.message.contains("not done after 3 s"),
        "{}",
        failure.message
    );
    let children = std::fs::read_to_string(&marker).unwrap();
    assert_eq!(children.lines().count(), 2);
    for child in children.lines() {
        let alive = std::path::Path::new("/proc").join(child).exists();
        assert!(!alive, "process {child} outlived the time limit");
    }
}

#[test]
fn a_benchmark_and_an_artifact_that_are_not_there_are_reported() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let units = [("no-such-crate", Profile::Check, &["full"][..])];
    let message = job(&toolchain, &units);
    let document = measure(&fixture.bench(), &message, &toolchain).document;
    let benchmark = only_failure(&document);
    assert_eq!(benchmark.kind, FailureKind::Unavailable);
    assert!(
        benchmark.message.contains("no benchmark `no-such-crate`"),
        "{}",
        benchmark.message
    );

    let nothing = collector::toolchain::JobToolchains::default();
    let bench = fixture.bench();
    let outcome = bench
        .measure(&message, Attempt(1), &nothing, &mut |_| ())
        .unwrap();
    let failure = &outcome.document.failures[0];
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert!(
        failure.message.contains("has no toolchain local-"),
        "{}",
        failure.message
    );
}

#[test]
fn a_job_for_other_hardware_is_refused_with_both_names() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let bench = fixture.bench();
    let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"][..])]);
    job.record.hardware_model = "Cray-1".to_owned();
    let refused = bench.measure(&job, Attempt(1), &toolchains_of(&toolchain), &mut |_| ());
    let Err(CollectorError::Unsuitable { reason }) = refused else {
        panic!("a job for other hardware was measured");
    };
    assert!(reason.contains("`Cray-1`"), "{reason}");
    job.record.hardware_model = collector::host::hardware_model(&bench.host);
    job.record.backend = Backend::Unknown;
    let refused = bench.measure(&job, Attempt(1), &toolchains_of(&toolchain), &mut |_| ());
    assert!(matches!(refused, Err(CollectorError::Unsuitable { .. })));
}

/// The only failures there are, one of each benchmark: units are measured in an order by lot.
fn in_order<const COUNT: usize>(
    failures: Vec<MeasuringFailure>,
    benchmarks: [&str; COUNT],
) -> [MeasuringFailure; COUNT] {
    assert_eq!(failures.len(), COUNT, "{failures:?}");
    benchmarks.map(|benchmark| {
        let mut failures = failures.iter();
        let failure = failures.find(|failure| failure.benchmark.as_str() == benchmark);
        failure.unwrap().clone()
    })
}
