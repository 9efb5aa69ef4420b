use proptest::prelude::*;
use shared_types::collector::{CatalogueEntry, RuntimeGroupEntry};
use shared_types::request::{RequestState, Selection};
use shared_types::{BenchmarkKind, Category, FormatVersion, Profile, Replicate, RequestId};

use super::super::LastMeasured;
use super::super::durations::ASSUMED_SECONDS;
use super::*;

fn catalogue(benchmarks: usize, patches: usize) -> SuiteCatalogue {
    let entries = (0..benchmarks).map(|number| CatalogueEntry {
        name: format!("crate-{number}").parse().unwrap(),
        category: Category::Primary,
        stable: false,
        patches: (0..patches)
            .map(|patch| format!("patch-{patch}").parse().unwrap())
            .collect(),
        excluded: Vec::new(),
    });
    SuiteCatalogue {
        format: FormatVersion::V1_0,
        benchmarks: entries.collect(),
        runtime_groups: Vec::new(),
        toolchain_units: Vec::new(),
    }
}

fn request(paired: bool, iterations: u32) -> Request {
    let run = |artifact: &str| MeasuredRun {
        artifact: artifact.parse().unwrap(),
        replicate: Replicate::FIRST,
    };
    Request {
        id: RequestId::from_parts(1, &[1; 10]),
        base: Some(run("release-1.95.0")),
        head: run("release-1.96.0"),
        configurations: Vec::new(),
        selection: Selection {
            profiles: vec![Profile::Check],
            ..Selection::default()
        },
        paired,
        backfill: false,
        iterations,
        precision: None,
        self_profile: false,
        time_limit_s: 1800,
        priority: 0,
        reason: None,
        requester: "a person".to_owned(),
        state: RequestState::Waiting,
        note: None,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        finished_at: None,
    }
}

fn on(host: &str, seconds: f64) -> LastMeasured {
    LastMeasured {
        seconds,
        host: host.to_owned(),
    }
}

/// For one host, nothing of base being there.
fn cut(
    request: &Request,
    catalogue: &SuiteCatalogue,
    durations: &MeasuredDurations,
) -> Result<Vec<PlannedJob>, AnalysisError> {
    super::cut(request, catalogue, durations, 1, &[])
}

/// Every compilation takes 9 s more than nothing, with all around it.
fn measured(benchmarks: usize, seconds: f64) -> MeasuredDurations {
    let mut durations = MeasuredDurations::default();
    for entry in catalogue(benchmarks, 0).benchmarks {
        durations.remember(&entry.name, Profile::Check, on("one", seconds));
    }
    durations
}

fn first_artifacts(jobs: &[PlannedJob]) -> Vec<String> {
    let jobs = jobs.iter();
    jobs.map(|job| job.runs[0].artifact.to_string()).collect()
}

#[test]
fn a_paired_request_has_base_and_head_in_each_job() {
    let jobs = cut(&request(true, 3), &catalogue(2, 0), &measured(2, 9.0)).unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].runs.len(), 2);
    // 2 benchmarks, 3 scenarios, 3 iterations, 2 runs, 10 s each.
    assert_eq!(jobs[0].seconds_expected, 360.0);
}

#[test]
fn a_compilation_that_records_a_self_profile_takes_its_time_too() {
    let mut request = request(true, 3);
    request.self_profile = true;
    let jobs = cut(&request, &catalogue(2, 0), &measured(2, 9.0)).unwrap();
    // 2 benchmarks, 3 scenarios, 3 iterations and a recording, 2 runs, 10 s each.
    assert_eq!(jobs[0].seconds_expected, 480.0);
}

#[test]
fn else_base_goes_first_and_head_follows() {
    let jobs = cut(&request(false, 3), &catalogue(2, 0), &measured(2, 9.0)).unwrap();
    assert_eq!(first_artifacts(&jobs), ["release-1.95.0", "release-1.96.0"]);
    assert!(jobs.iter().all(|job| job.runs.len() == 1));
}

#[test]
fn jobs_take_thirty_minutes_at_most_and_as_even_a_time_as_their_number_allows() {
    // One unit takes 10 s * 3 scenarios * 10 iterations = 300 s, so six fit, and three jobs do.
    let jobs = cut(&request(false, 10), &catalogue(13, 0), &measured(13, 9.0)).unwrap();
    let sizes: Vec<usize> = jobs.iter().map(|job| job.units.len()).collect();
    assert_eq!(sizes, [5, 5, 3, 5, 5, 3]);
}

#[test]
fn a_unit_of_more_than_thirty_minutes_has_a_job_of_its_own() {
    let jobs = cut(&request(false, 10), &catalogue(2, 0), &measured(2, 99.0)).unwrap();
    assert_eq!(jobs.len(), 4);
    assert_eq!(jobs[0].seconds_expected, 3000.0);
}

#[test]
fn a_unit_of_more_than_two_hours_is_refused_with_what_to_do() {
    let error = cut(&request(false, 100), &catalogue(1, 0), &measured(1, 99.0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "crate-0/check is expected to take 30000 s in one job, and a job may take 7200 s: ask for \
         fewer iterations"
    );
}

#[test]
fn what_was_never_measured_is_assumed() {
    let jobs = cut(
        &request(false, 1),
        &catalogue(1, 0),
        &MeasuredDurations::default(),
    )
    .unwrap();
    assert_eq!(jobs[0].seconds_expected, 3.0 * ASSUMED_SECONDS);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_unit_is_in_exactly_one_job_and_every_job_fits_its_limits(
        benchmarks in 1usize..400,
        patches in 0usize..8,
        seconds in 0.0f64..60.0,
        iterations in 1u32..4,
        paired: bool,
    ) {
        let catalogue = catalogue(benchmarks, patches);
        let request = request(paired, iterations);
        let all = units(&catalogue, &request.selection).unwrap();
        let of_unit = |unit: &WantedUnit| match unit {
            WantedUnit::Compile(unit) => unit.scenarios.len(),
            _ => 0,
        };
        let compilations: usize = all.iter().map(of_unit).sum();
        let work_s = (seconds + 1.0) * compilations as f64 * 2.0 * f64::from(iterations);
        let jobs = match cut(&request, &catalogue, &measured(benchmarks, seconds)) {
            // Two jobs that follow each other do not fit into one, so that all are half full.
            Err(AnalysisError::TooManyJobs { .. }) => {
                prop_assert!(work_s > JOB_SECONDS_MAX as f64 * (JOBS_MAX / 2 - 2) as f64);
                return Ok(());
            }
            jobs => jobs.unwrap(),
        };
        let is_small = work_s <= JOB_SECONDS_WANTED * (JOBS_MAX / 2 - 2) as f64;
        prop_assert!(jobs.len() <= JOBS_MAX);
        let parts = if paired { 1 } else { 2 };
        let units = jobs.iter().flat_map(|job| &job.units);
        let cut: Vec<WantedUnit> = units.cloned().map(WantedUnit::Compile).collect();
        prop_assert_eq!(cut.len(), all.len() * parts);
        for part in cut.chunks(all.len()) {
            prop_assert!(part.iter().eq(all.iter()));
        }
        for job in &jobs {
            let alone = job.units.len() == 1;
            prop_assert!(job.seconds_expected <= JOB_SECONDS_MAX as f64);
            prop_assert!(job.seconds_expected <= JOB_SECONDS_WANTED || alone || !is_small);
            let bytes = serde_json::to_vec(&job.units).unwrap().len();
            prop_assert!(bytes <= MESSAGE_BYTES_MAX - 8 * 1024, "{} bytes", bytes);
        }
    }
}

#[test]
fn where_jobs_would_be_too_many_they_become_longer() {
    // 45 units of 25 min for each of two runs fill 90 jobs; one more makes them longer.
    let jobs = |benchmarks: usize| {
        cut(
            &request(false, 1),
            &catalogue(benchmarks, 0),
            &measured(benchmarks, 499.0),
        )
    };
    assert_eq!(jobs(45).unwrap().len(), JOBS_MAX);
    let longer = jobs(46).unwrap();
    assert!(longer.len() < JOBS_MAX, "{}", longer.len());
    assert!(longer[0].seconds_expected > JOB_SECONDS_WANTED);
    let units: usize = longer.iter().map(|job| job.units.len()).sum();
    assert_eq!(units, 2 * 46);
}

#[test]
fn where_even_the_longest_jobs_are_too_many_this_is_said() {
    let error = cut(
        &request(false, 1),
        &catalogue(400, 0),
        &measured(400, 999.0),
    )
    .unwrap_err();
    assert!(
        matches!(error, AnalysisError::TooManyJobs { .. }),
        "{error}"
    );
}

#[test]
fn each_host_gets_the_same_share_where_that_is_worth_a_job() {
    // 13 units of 300 s: 65 minutes.
    let jobs = |hosts| {
        let catalogue = catalogue(13, 0);
        super::cut(
            &request(false, 10),
            &catalogue,
            &measured(13, 9.0),
            hosts,
            &[],
        )
        .unwrap()
    };
    let sizes = |hosts| -> Vec<usize> {
        let jobs = jobs(hosts);
        let of_base = jobs.iter().take(jobs.len() / 2);
        of_base.map(|job| job.units.len()).collect()
    };
    assert_eq!(sizes(1), [5, 5, 3]);
    assert_eq!(sizes(2), [4, 4, 4, 1]);
    assert_eq!(sizes(4), [4, 4, 4, 1]);
    // Nothing is cut below five minutes.
    assert_eq!(jobs(100).len(), 2 * 13);
}

#[test]
fn a_job_prefers_the_host_that_measured_most_of_it_last() {
    let mut durations = MeasuredDurations::default();
    for (number, host, seconds) in [(0, "one", 2.0), (1, "two", 9.0), (2, "two", 9.0)] {
        let name = format!("crate-{number}").parse().unwrap();
        durations.remember(&name, Profile::Check, on(host, seconds));
    }
    let jobs = cut(&request(false, 1), &catalogue(4, 0), &durations).unwrap();
    let hosts: Vec<_> = jobs
        .iter()
        .map(|job| job.preferred_host.as_deref())
        .collect();
    assert_eq!(hosts, [Some("two"), Some("two")]);
    let unknown = MeasuredDurations::default();
    let jobs = cut(&request(false, 1), &catalogue(4, 0), &unknown).unwrap();
    assert_eq!(jobs[0].preferred_host, None);
}

#[test]
fn of_a_base_that_is_filled_in_only_units_that_lack_something_are_measured() {
    let mut wanted = request(false, 1);
    wanted.backfill = true;
    let catalogue = catalogue(3, 0);
    let all = units(&catalogue, &wanted.selection).unwrap();
    let mut has = all.clone();
    if let WantedUnit::Compile(unit) = &mut has[2] {
        unit.scenarios.truncate(1);
    }
    let durations = measured(3, 1.0);
    let jobs = super::cut(&wanted, &catalogue, &durations, 1, &has).unwrap();
    assert_eq!(first_artifacts(&jobs), ["release-1.95.0", "release-1.96.0"]);
    assert_eq!(jobs[0].units.len(), 1);
    assert_eq!(jobs[1].units.len(), 3);

    let jobs = super::cut(&wanted, &catalogue, &durations, 1, &all).unwrap();
    assert_eq!(first_artifacts(&jobs), ["release-1.96.0"]);
    wanted.backfill = false;
    let jobs = super::cut(&wanted, &catalogue, &durations, 1, &all).unwrap();
    assert_eq!(jobs.len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_job_has_units_of_several_kinds_and_none_is_lost(
        crates in 0usize..40,
        groups in 1usize..30,
        paired: bool,
        iterations in 1u32..4,
    ) {
        let group = |number: usize| RuntimeGroupEntry {
            name: format!("group-{number}").parse().unwrap(),
            category: Category::Secondary,
            benchmarks: vec!["one".parse().unwrap(), "other".parse().unwrap()],
        };
        let catalogue = SuiteCatalogue {
            runtime_groups: (0..groups).map(group).collect(),
            toolchain_units: vec![ToolchainUnit::ComponentSizes, ToolchainUnit::Bootstrap],
            ..catalogue(crates, 0)
        };
        let mut request = request(paired, iterations);
        request.selection.kinds = BenchmarkKind::ALL.to_vec();
        let jobs = cut(&request, &catalogue, &measured(crates, 1.0)).unwrap();
        let parts = if paired { 1 } else { 2 };
        let mut counts = [0; 3];
        for job in &jobs {
            let of_job = [job.units.len(), job.runtime_units.len(), job.toolchain_units.len()];
            prop_assert_eq!(of_job.iter().filter(|count| **count > 0).count(), 1);
            counts = std::array::from_fn(|kind| counts[kind] + of_job[kind]);
            prop_assert!(job.seconds_expected <= JOB_SECONDS_MAX as f64);
        }
        prop_assert_eq!(counts, [crates * parts, groups * parts, 2 * parts]);
    }
}
