//! Jobs that are interrupted and gone on with: nothing is measured twice, and nothing is mixed.

use std::path::Path;

use collector::journal::Journals;
use collector::measure::{DeliveredJob, JobOutcome, Workbench};
use collector::toolchain::Toolchain;
use shared_types::ids::Attempt;
use shared_types::job::JobMessage;
use shared_types::result_document::ResultDocument;
use shared_types::{ObjectKey, Profile};

use crate::agent::{result, send};
use crate::collector_program::{ITERATIONS, ScriptedFleet};
use crate::fixture::{Fixture, first_run, job, real_toolchain, toolchains_of};

const PROFILES: [Profile; 3] = [Profile::Check, Profile::Debug, Profile::Opt];
const NAMES: [&str; 3] = ["check", "debug", "opt"];

/// Compilations of each unit, the fewest first.
fn compilations(fleet: &ScriptedFleet) -> [usize; 3] {
    let mut counts = NAMES.map(|name| fleet.compilations(Some(name)));
    counts.sort_unstable();
    counts
}

fn resumed(document: &ResultDocument) -> Vec<&str> {
    let units = document.resumed.iter();
    units.map(|resumed| resumed.unit.as_str()).collect()
}

async fn log(fleet: &ScriptedFleet, document: &ResultDocument) -> String {
    let key = document.log.clone().unwrap();
    let (log, _) = fleet.ports.objects.get(&key).await.unwrap().unwrap();
    String::from_utf8(zstd::decode_all(log.as_slice()).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_collector_goes_on_where_it_was_and_measures_no_finished_unit_again() {
    let fleet = ScriptedFleet::new();
    let job = fleet.job(1, &PROFILES);
    let each = ITERATIONS as usize;
    // A message that comes twice: the second is there while the first is still leased.
    send(&fleet.ports, &job).await;
    send(&fleet.ports, &job).await;
    fleet.hang_at(2 * each);
    let mut killed = fleet.start(&job, &[]);
    killed.wait_until(|| fleet.compilations(None) >= 2 * each);
    killed.signal(libc::SIGKILL);
    killed.wait();
    assert_eq!(compilations(&fleet), [0, each, each]);
    assert_eq!(result(&fleet.ports, &job, 1).await, None);

    fleet.go_on();
    let mut next = fleet.start(&job, &["--once"]);
    assert!(next.wait().success());
    let document = result(&fleet.ports, &job, 1).await.unwrap();
    assert_eq!(document.measurements.len(), 3);
    assert_eq!(document.failures, []);
    // What was finished is as it was, the rest is whole, and what was interrupted began anew.
    assert_eq!(compilations(&fleet), [each, each, 2 * each]);
    for measurement in &document.measurements {
        assert_eq!(measurement.values[0].iterations.len(), each);
    }
    let [unit] = resumed(&document).try_into().unwrap();
    assert_eq!(fleet.compilations(unit.strip_prefix("tiny/")), each);
    let log = log(&fleet, &document).await;
    let words = format!("{unit} was finished by attempt 1");
    assert!(log.contains(&words), "{log}");
    let journals = fleet.fixture.path("work/journal");
    assert_eq!(std::fs::read_dir(journals).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_was_given_back_keeps_its_finished_units_and_their_self_profiles() {
    let fleet = ScriptedFleet::new();
    let mut job = fleet.job(1, &PROFILES);
    job.self_profile = true;
    let each = ITERATIONS as usize + 1;
    send(&fleet.ports, &job).await;
    fleet.hang_at(2 * each);
    let mut stopped = fleet.start(&job, &[]);
    stopped.wait_until(|| fleet.compilations(None) >= 2 * each);
    stopped.signal(libc::SIGTERM);
    assert!(stopped.wait().success());

    fleet.go_on();
    let mut next = fleet.start(&job, &["--once"]);
    assert!(next.wait().success());
    let document = result(&fleet.ports, &job, 2).await.unwrap();
    assert_eq!(compilations(&fleet), [each, each, 2 * each]);
    assert_eq!(document.resumed.len(), 1);
    assert_eq!(document.resumed[0].attempt, Attempt(1));
    let raw: Vec<ObjectKey> = document
        .measurements
        .iter()
        .filter_map(|measurement| measurement.self_profile.as_ref()?.raw.clone())
        .collect();
    assert_eq!(raw.len(), 3);
    for key in &raw {
        assert!(
            fleet.ports.objects.get(key).await.unwrap().is_some(),
            "{key}"
        );
        let ObjectKey::SelfProfile { attempt, .. } = key else {
            panic!("{key} is no self-profile");
        };
        assert_eq!(*attempt, Attempt(2), "the attempt that delivers it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_job_leaves_no_journal() {
    let fleet = ScriptedFleet::new();
    let job = fleet.job(1, &PROFILES);
    send(&fleet.ports, &job).await;
    fleet.hang_at(2 * ITERATIONS as usize);
    let mut stopped = fleet.start(&job, &[]);
    stopped.wait_until(|| fleet.compilations(None) >= 2 * ITERATIONS as usize);
    stopped.signal(libc::SIGTERM);
    stopped.wait();
    let journals = fleet.fixture.path("work/journal");
    assert_eq!(std::fs::read_dir(&journals).unwrap().count(), 1);

    fleet.go_on();
    let server = crate::agent::server_that_says("{\"state\":\"cancelled\"}");
    let mut next = fleet.start(&job, &["--exit-when-idle", "1", "--server", &server]);
    assert!(next.wait().success());
    assert_eq!(result(&fleet.ports, &job, 2).await, None);
    assert_eq!(std::fs::read_dir(&journals).unwrap().count(), 0);
}

/// Measures what a journal does not have.
fn measure(bench: &Workbench, job: &JobMessage, toolchain: &Toolchain, attempt: u32) -> JobOutcome {
    let delivered = DeliveredJob {
        job,
        attempt: Attempt(attempt),
        journal: Some(Journals::new(bench.work.journal()).of_job(job.job)),
        log_of_failure: &mut String::new(),
    };
    bench
        .measure_delivered(delivered, &toolchains_of(toolchain), &mut |_| ())
        .unwrap()
}

fn two_units(toolchain: &Toolchain) -> JobMessage {
    let units = [
        ("tiny", Profile::Check, &["full", "incr-full"][..]),
        ("tiny", Profile::Debug, &["full"]),
    ];
    job(toolchain, &units)
}

#[test]
fn what_is_taken_from_the_journal_is_the_very_same() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let job = two_units(&toolchain);
    let first = measure(&fixture.bench(), &job, &toolchain, 1).document;
    assert_eq!(resumed(&first).len(), 0);
    let again = measure(&fixture.bench(), &job, &toolchain, 2).document;
    assert_eq!(resumed(&again).len(), 2);
    let sorted = |document: &ResultDocument| {
        let mut measurements = document.measurements.clone();
        measurements.sort_by_key(|measurement| measurement.test_case.name());
        measurements
    };
    assert_eq!(sorted(&again), sorted(&first));
    assert_eq!(again.attempt, Attempt(2));
    assert!(again.started_at <= first.finished_at, "its oldest part");
}

#[test]
fn what_was_measured_under_other_conditions_is_measured_anew_and_the_log_says_why() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let job = two_units(&toolchain);
    measure(&fixture.bench(), &job, &toolchain, 1);

    let expect_anew = |bench: &Workbench, job: &JobMessage, toolchain: &Toolchain, why: &str| {
        let outcome = measure(bench, job, toolchain, 2);
        assert_eq!(resumed(&outcome.document), [""; 0], "{why}");
        assert_eq!(outcome.document.measurements.len(), 3, "{why}");
        assert_eq!(outcome.log.matches(why).count(), 2, "{}", outcome.log);
    };
    let mut bench = fixture.bench();
    bench.options.count_below_s += 1.0;
    expect_anew(&bench, &job, &toolchain, "options was");
    bench.collector.version = "1".to_owned();
    expect_anew(
        &bench,
        &job,
        &toolchain,
        "collector's version was `0` and is `1`",
    );
    let mut longer = job.clone();
    longer.iterations += 1;
    expect_anew(&bench, &longer, &toolchain, "wish was");
    let mut other_build = toolchain.clone();
    other_build.version_text.push_str("rebuilt\n");
    expect_anew(&bench, &longer, &other_build, "toolchain ");
    // Under the same conditions nothing is left to do.
    assert_eq!(
        resumed(&measure(&bench, &longer, &other_build, 3).document).len(),
        2
    );
}

#[test]
fn a_torn_unit_is_measured_anew_and_the_others_are_not() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let job = two_units(&toolchain);
    measure(&fixture.bench(), &job, &toolchain, 1);
    let journal = fixture.path("work/journal").join(job.job.to_string());
    tear_one_of(&journal);
    let outcome = measure(&fixture.bench(), &job, &toolchain, 2);
    assert_eq!(resumed(&outcome.document).len(), 1);
    assert_eq!(outcome.document.measurements.len(), 3);
    assert!(
        outcome
            .log
            .contains("it was not written to its end, or is damaged"),
        "{}",
        outcome.log
    );
}

fn tear_one_of(journal: &Path) {
    let mut files = std::fs::read_dir(journal).unwrap();
    let torn = files.next().unwrap().unwrap().path();
    let bytes = std::fs::read(&torn).unwrap();
    std::fs::write(&torn, &bytes[..bytes.len() - 1]).unwrap();
}

#[test]
fn what_could_not_be_measured_for_want_of_a_compiler_is_tried_again() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut job = two_units(&toolchain);
    let mut missing = first_run(&toolchain);
    missing.artifact = "release-1.0.0".parse().unwrap();
    job.runs.push(missing);
    let first = measure(&fixture.bench(), &job, &toolchain, 1).document;
    assert_eq!(first.failures.len(), 2);
    let again = measure(&fixture.bench(), &job, &toolchain, 2).document;
    assert_eq!(resumed(&again).len(), 0);
}
