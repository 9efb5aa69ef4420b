use shared_types::ids::Attempt;
use shared_types::job::{JobProgress, JobState};
use shared_types::{JobId, RequestId};

use super::*;

const NOW_S: i64 = 100_000;

fn job(number: u8, state: JobState, silent_s: i64) -> Job {
    let sign = Timestamp::from_second(NOW_S - silent_s).unwrap();
    let progress = (state == JobState::Running).then(|| JobProgress {
        attempt: Attempt(1),
        collector: "c".to_owned(),
        host: "h".to_owned(),
        done: 0,
        total: 9,
        current: String::new(),
        at: sign,
    });
    Job {
        id: JobId::from_parts(1, &[number; 10]),
        request: RequestId::from_parts(1, &[0; 10]),
        configuration: "c".parse().unwrap(),
        runs: Vec::new(),
        units: Vec::new(),
        runtime_units: Vec::new(),
        toolchain_units: Vec::new(),
        iterations: 1,
        precision: None,
        self_profile: false,
        time_limit_s: 1,
        seconds_expected: None,
        preferred_host: None,
        state,
        releases: 1,
        failures: Vec::new(),
        attempts: Vec::new(),
        progress,
        created_at: Timestamp::UNIX_EPOCH,
        queued_at: (state == JobState::Queued).then_some(sign),
        started_at: None,
        finished_at: None,
    }
}

/// The numbers of the jobs that are lost.
fn lost(out: &[Job], messages: u64) -> Vec<usize> {
    let now = Timestamp::from_second(NOW_S).unwrap();
    let place = |job: &Job| out.iter().position(|one| one.id == job.id).unwrap();
    lost_jobs(now, out, messages)
        .into_iter()
        .map(place)
        .collect()
}

#[test]
fn a_job_is_lost_when_it_is_silent_and_no_message_is_there() {
    let silent = SILENT_SECONDS_MAX + 1;
    assert_eq!(lost(&[job(1, JobState::Queued, silent)], 0), [0]);
    assert_eq!(lost(&[job(1, JobState::Running, silent)], 0), [0]);
    assert!(lost(&[job(1, JobState::Queued, SILENT_SECONDS_MAX)], 0).is_empty());
    assert!(lost(&[job(1, JobState::Queued, silent)], 1).is_empty());
}

#[test]
fn messages_of_jobs_that_were_heard_of_hide_no_lost_one() {
    let silent = SILENT_SECONDS_MAX + 1;
    let out = [
        job(1, JobState::Queued, 5),
        job(2, JobState::Queued, silent),
        job(3, JobState::Queued, silent + 9),
    ];
    assert_eq!(lost(&out, 1), [2, 1]);
    // One of the two messages is that of a silent job: the longest silent is the lost one.
    assert_eq!(lost(&out, 2), [2]);
    assert!(lost(&out, 3).is_empty());
}

#[test]
fn a_job_that_comes_to_nothing_again_and_again_is_a_failure() {
    let mut job = job(1, JobState::Queued, 9);
    assert_eq!(recovery(&job), Recovery::Again);
    job.releases = FRUITLESS_RELEASES_MAX;
    assert_eq!(recovery(&job), Recovery::Failure);
}
