//! Values that the cases use. Numbers make them differ.

use jiff::Timestamp;
use shared_types::events::{CollectorReport, ProgressEvent};
use shared_types::host::HostFacts;
use shared_types::ids::Attempt;
use shared_types::job::{Job, JobFailure, JobState, JobUnit};
use shared_types::object_key::ContentHash;
use shared_types::request::{Request, RequestState, Selection};
use shared_types::result_document::{FailureKind, MeasuredRun, MeasuringFailure, Origin};
use shared_types::{
    Artifact, ArtifactId, Backend, Configuration, ConfigurationId, ConfigurationRecord,
    HistoryPosition, JobId, Line, ObjectKey, Profile, Replicate, RequestId, RunId, Scenario, Tier,
};

use crate::{CollectedResult, Index, NewJobs};

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub fn configuration_id() -> ConfigurationId {
    "x86_64-llvm-t1".parse().unwrap()
}

pub fn configuration(slug: &str) -> Configuration {
    Configuration {
        id: slug.parse().unwrap(),
        record: ConfigurationRecord {
            target: "x86_64-unknown-linux-gnu".to_owned(),
            hardware_model: "AMD EPYC 9354P".to_owned(),
            backend: Backend::Llvm,
            frontend_threads: 1,
            flags: Vec::new(),
        },
        tier: Tier::Gating,
    }
}

pub fn artifact_id(number: u32) -> ArtifactId {
    format!("release-1.{number}.0").parse().unwrap()
}

pub fn artifact(number: u32) -> Artifact {
    Artifact {
        id: artifact_id(number),
        title: None,
        commit_sha: None,
        commit_date: None,
        history: Some(position(i64::from(number))),
    }
}

pub fn position(ordinal: i64) -> HistoryPosition {
    HistoryPosition {
        line: Line::Releases,
        ordinal,
        parent: None,
    }
}

pub fn measured_run(number: u32) -> MeasuredRun {
    MeasuredRun {
        artifact: artifact_id(number),
        replicate: Replicate::FIRST,
    }
}

pub fn run_id(number: u32) -> RunId {
    RunId {
        artifact: artifact_id(number),
        configuration: configuration_id(),
    }
}

pub fn request_id(number: u64) -> RequestId {
    RequestId::from_parts(1_000_000 + number, &[1; 10])
}

/// Compares artifact 2 with artifact 1.
pub fn request(number: u64) -> Request {
    Request {
        id: request_id(number),
        base: Some(measured_run(1)),
        head: measured_run(2),
        configurations: vec![configuration_id()],
        selection: Selection::default(),
        paired: false,
        backfill: false,
        iterations: 3,
        precision: None,
        self_profile: false,
        time_limit_s: 60,
        priority: 0,
        reason: None,
        requester: "a person".to_owned(),
        state: RequestState::Waiting,
        note: None,
        created_at: at(i64::try_from(number).unwrap()),
        finished_at: None,
    }
}

pub fn job_id(number: u64) -> JobId {
    JobId::from_parts(2_000_000 + number, &[2; 10])
}

/// A job of [`request`] 1 with 2 test cases and 3 iterations: 6 compilations of each run.
pub fn job(number: u64, runs: &[u32]) -> Job {
    Job {
        id: job_id(number),
        request: request_id(1),
        configuration: configuration_id(),
        runs: runs.iter().map(|number| measured_run(*number)).collect(),
        units: vec![JobUnit {
            benchmark: "syn-2.0.119".parse().unwrap(),
            profile: Profile::Check,
            scenarios: vec![Scenario::Full, Scenario::IncrFull],
        }],
        runtime_units: Vec::new(),
        toolchain_units: Vec::new(),
        iterations: 3,
        precision: None,
        self_profile: false,
        time_limit_s: 60,
        seconds_expected: None,
        preferred_host: None,
        state: JobState::Pending,
        releases: 0,
        failures: Vec::new(),
        attempts: Vec::new(),
        progress: None,
        created_at: at(i64::try_from(number).unwrap()),
        queued_at: None,
        started_at: None,
        finished_at: None,
    }
}

pub fn new_jobs(jobs: Vec<Job>) -> NewJobs {
    NewJobs {
        request: request_id(1),
        configuration: configuration_id(),
        jobs,
    }
}

/// [`request`] 1 with these jobs.
pub async fn with_jobs(index: &dyn Index, jobs: Vec<Job>) {
    index.create_request(&request(1)).await.unwrap();
    assert!(index.create_jobs(&new_jobs(jobs)).await.unwrap());
}

pub fn result_key(job: u64, attempt: u32) -> ObjectKey {
    ObjectKey::Result {
        configuration: configuration_id(),
        job: job_id(job),
        attempt: Attempt(attempt),
    }
}

/// The result of an attempt at a job of these runs, each with 2 test cases.
pub fn result(job: u64, attempt: u32, runs: &[u32]) -> CollectedResult {
    CollectedResult {
        key: result_key(job, attempt),
        job: job_id(job),
        attempt: Attempt(attempt),
        origin: Origin::Collector,
        configuration: configuration_id(),
        runs: runs
            .iter()
            .map(|number| (measured_run(*number), 2))
            .collect(),
        host: "host-a".to_owned(),
        measured_at: at(100 + i64::from(attempt)),
        failures: Vec::new(),
    }
}

/// An imported result of one run.
pub fn imported(number: u64, run: u32) -> CollectedResult {
    CollectedResult {
        origin: Origin::Import,
        ..result(number, 1, &[run])
    }
}

pub fn measuring_failure(run: u32) -> MeasuringFailure {
    MeasuringFailure {
        artifact: artifact_id(run),
        replicate: Replicate::FIRST,
        benchmark: "syn-2.0.119".parse().unwrap(),
        profile: Profile::Check,
        scenario: None,
        test_case: None,
        kind: FailureKind::Crashed,
        message: "rustc was ended by signal 11".to_owned(),
        output: String::new(),
    }
}

pub fn job_failure(attempt: u32) -> JobFailure {
    JobFailure {
        attempt: Attempt(attempt),
        collector: "collector-a".to_owned(),
        reason: "the toolchain could not be fetched".to_owned(),
        at: at(i64::from(attempt)),
    }
}

pub fn progress(job: u64, attempt: u32, done: u64) -> ProgressEvent {
    ProgressEvent {
        job: job_id(job),
        attempt: Attempt(attempt),
        collector: "collector-a".to_owned(),
        done,
        total: 6,
        current: "syn-2.0.119/check/full".to_owned(),
        host: "host-a".to_owned(),
    }
}

pub fn collector_report(name: &str) -> CollectorReport {
    CollectorReport {
        collector: name.to_owned(),
        version: "0.1.0".to_owned(),
        configurations: vec![configuration_id()],
        host: HostFacts::named("host-a", "x86_64-unknown-linux-gnu"),
        metrics: Vec::new(),
        suite: ContentHash::of(b"a suite"),
        job: None,
    }
}
