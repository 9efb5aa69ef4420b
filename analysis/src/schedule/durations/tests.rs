use proptest::prelude::*;
use shared_types::job::JobUnit;
use shared_types::job_units::RuntimeUnit;

use super::*;
use crate::sample_runs::{HEAD, document, fail, measure, wall_time};

/// A result of a job that took so many seconds.
fn result_after(seconds: i64) -> ResultDocument {
    let mut result = document(HEAD, 1);
    let after = jiff::SignedDuration::from_secs(seconds);
    result.finished_at = result.started_at + after;
    result
}

/// Adds the wall-times of something, in seconds.
fn told(result: &mut ResultDocument, test_case: TestCase, times_s: &[f64]) {
    measure(result, 0, "made-up", &wall_time(), times_s);
    result.measurements.last_mut().unwrap().test_case = test_case;
}

fn program(group: &str, benchmark: &str) -> TestCase {
    TestCase::Runtime {
        group: group.parse().unwrap(),
        benchmark: benchmark.parse().unwrap(),
    }
}

fn component(name: &str) -> TestCase {
    TestCase::Toolchain {
        component: name.parse().unwrap(),
    }
}

fn programs(group: &str, count: usize) -> WantedUnit {
    WantedUnit::Runtime(RuntimeUnit {
        group: group.parse().unwrap(),
        benchmarks: (0..count)
            .map(|number| format!("program-{number}").parse().unwrap())
            .collect(),
    })
}

fn workspace() -> WantedUnit {
    WantedUnit::Toolchain(ToolchainUnit::Workspace {
        benchmark: "ripgrep-15.2.0".parse().unwrap(),
    })
}

fn after(results: &[ResultDocument]) -> MeasuredDurations {
    let mut durations = MeasuredDurations::default();
    for result in results {
        durations.remember_result(result);
    }
    durations
}

fn seconds(durations: &MeasuredDurations, unit: &WantedUnit, iterations: u32) -> f64 {
    let repeats = Repeats {
        iterations,
        iterations_max: iterations,
        recordings: 0,
    };
    durations.seconds_of_a_run(unit, repeats)
}

/// What two programs of a group take by assumption, at five iterations.
const TWO_PROGRAMS_ASSUMED: f64 = RUNTIME_BUILD_SECONDS + 10.0 * RUNTIME_SECONDS;

fn two_programs(took_s: i64) -> ResultDocument {
    let mut result = result_after(took_s);
    for name in ["program-0", "program-1"] {
        told(&mut result, program("sorting", name), &[0.02; 5]);
    }
    result
}

#[test]
fn a_compilation_takes_what_it_took_and_what_is_around_it() {
    let mut result = result_after(60);
    measure(&mut result, 0, "syn/check/full", &wall_time(), &[2.0, 3.0]);
    measure(&mut result, 0, "syn/check/incr-full", &wall_time(), &[1.0]);
    let unit = WantedUnit::Compile(JobUnit {
        benchmark: "syn".parse().unwrap(),
        profile: Profile::Check,
        scenarios: vec!["full".parse().unwrap(), "incr-full".parse().unwrap()],
    });
    let durations = after(&[result]);
    assert_eq!(
        seconds(&durations, &unit, 3),
        2.0 * 3.0 * (3.0 + SECONDS_BESIDE)
    );
    assert_eq!(durations.last(&unit).unwrap().host, "host-a");
    let unknown = MeasuredDurations::default();
    assert_eq!(seconds(&unknown, &unit, 1), 2.0 * ASSUMED_SECONDS);
}

#[test]
fn programs_take_the_part_of_a_job_that_they_took_of_the_last() {
    let unknown = MeasuredDurations::default();
    let two = programs("sorting", 2);
    assert_eq!(seconds(&unknown, &two, 5), TWO_PROGRAMS_ASSUMED);

    let durations = after(&[two_programs(75)]);
    assert_eq!(seconds(&durations, &two, 5), 75.0);
    // Fewer iterations than are measured at least are none the less measured.
    assert_eq!(seconds(&durations, &two, 1), 75.0);
    let more = seconds(&durations, &two, 10);
    assert!(
        more > 75.0 && more < 150.0,
        "the build is done once: {more}"
    );
    let other = programs("hashing", 2);
    assert_eq!(seconds(&durations, &other, 5), TWO_PROGRAMS_ASSUMED);
    assert_eq!(durations.last(&two).unwrap().host, "host-a");
}

#[test]
fn what_a_job_of_programs_took_is_dealt_out_to_its_groups_as_it_was_assumed() {
    let mut result = two_programs(0);
    told(&mut result, program("hashing", "program-0"), &[0.1; 5]);
    let one_program = RUNTIME_BUILD_SECONDS + 5.0 * RUNTIME_SECONDS;
    let twice = 2.0 * (TWO_PROGRAMS_ASSUMED + one_program);
    result.finished_at = result.started_at + jiff::SignedDuration::from_secs(twice as i64);
    let durations = after(&[result]);
    let sorting = seconds(&durations, &programs("sorting", 2), 5);
    assert_eq!(sorting, 2.0 * TWO_PROGRAMS_ASSUMED);
    let hashing = seconds(&durations, &programs("hashing", 1), 5);
    assert_eq!(hashing, 2.0 * one_program);
}

#[test]
fn a_job_of_programs_that_did_not_do_everything_tells_nothing() {
    let mut failed = two_programs(3);
    fail(&mut failed, "sorting", None);
    let mut resumed = two_programs(3);
    resumed
        .resumed
        .push(shared_types::result_document::ResumedUnit {
            unit: "sorting".to_owned(),
            attempt: shared_types::ids::Attempt(1),
            finished_at: resumed.started_at,
        });
    let mut imported = two_programs(3);
    imported.origin = Origin::Import;
    assert_eq!(
        after(&[failed, resumed, imported]),
        MeasuredDurations::default()
    );
}

#[test]
fn a_host_that_slept_and_one_that_had_built_all_before_are_not_quite_believed() {
    let two = programs("sorting", 2);
    let slept = after(&[two_programs(1_000_000)]);
    assert_eq!(seconds(&slept, &two, 5), PACE_MAX * TWO_PROGRAMS_ASSUMED);
    let built = after(&[two_programs(0)]);
    assert_eq!(seconds(&built, &two, 5), PACE_MIN * TWO_PROGRAMS_ASSUMED);
}

#[test]
fn a_build_takes_what_it_took_and_its_crates_say_nothing_of_it() {
    let unknown = MeasuredDurations::default();
    assert_eq!(seconds(&unknown, &workspace(), 2), 2.0 * WORKSPACE_SECONDS);

    let mut result = result_after(999);
    told(
        &mut result,
        component("workspace-ripgrep-15.2.0"),
        &[40.0, 50.0],
    );
    told(
        &mut result,
        component("workspace-ripgrep-15.2.0.regex"),
        &[90.0],
    );
    told(&mut result, component("bootstrap"), &[600.0]);
    let durations = after(&[result]);
    assert_eq!(seconds(&durations, &workspace(), 2), 100.0);
    let bootstrap = WantedUnit::Toolchain(ToolchainUnit::Bootstrap);
    assert_eq!(seconds(&durations, &bootstrap, 9), 600.0);
    let sizes = WantedUnit::Toolchain(ToolchainUnit::ComponentSizes);
    assert_eq!(seconds(&durations, &sizes, 9), SIZES_SECONDS);
}

#[test]
fn precision_asks_for_no_more_builds_than_their_budget_allows() {
    let of = |iterations, iterations_max| {
        let repeats = Repeats {
            iterations,
            iterations_max,
            recordings: 0,
        };
        MeasuredDurations::default().seconds_of_a_run(&workspace(), repeats)
    };
    assert_eq!(of(3, 6), 6.0 * WORKSPACE_SECONDS);
    assert_eq!(of(3, 1_000), WHOLE_BUILD_SECONDS_MAX);
    assert_eq!(of(20, 1_000), 20.0 * WORKSPACE_SECONDS);
}

#[test]
fn what_is_no_length_of_time_is_not_remembered() {
    let mut durations = MeasuredDurations::default();
    for seconds in [f64::NAN, -1.0, f64::INFINITY] {
        let last = LastMeasured {
            seconds,
            host: "one".to_owned(),
        };
        durations.remember(&"syn".parse().unwrap(), Profile::Check, last);
    }
    assert_eq!(durations, MeasuredDurations::default());
}

proptest! {
    #[test]
    fn whatever_a_result_says_a_unit_takes_some_time_and_not_for_ever(
        took_s in -1_000_i64..1_000_000,
        times_s in prop::collection::vec(any::<f64>(), 0..6),
        iterations in 1_u32..20,
    ) {
        let mut result = result_after(took_s);
        told(&mut result, program("sorting", "program-0"), &times_s);
        let durations = after(&[result]);
        let unit = programs("sorting", 1);
        let expected = seconds(&durations, &unit, iterations);
        let assumed = seconds(&MeasuredDurations::default(), &unit, iterations);
        prop_assert!(expected >= PACE_MIN * assumed && expected <= PACE_MAX * assumed);
    }
}
