//! The transitions of a job, by which every index and the simulator move it. Each is conditional, so
//! that it changes nothing the second time.
//!
//! A run's "jobs left" is at all times the number of its jobs that are not at their end: whoever
//! stores a job after a transition adds [`jobs_left_change`] to its runs in the same transaction.

use jiff::Timestamp;

use crate::events::ProgressEvent;
use crate::ids::Attempt;
use crate::job::{
    ATTEMPT_REASON_BYTES_MAX, ATTEMPTS_MAX, FAILURES_UNTIL_FAILED, Job, JobAttempt, JobFailure,
    JobProgress, JobState,
};

/// Over how many jobs the duration is averaged.
pub const JOBS_AVERAGED: u32 = 50;

/// What became of a job after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureOutcome {
    /// It is pending again.
    Retry,
    /// It has failed for good.
    Failed,
    /// It was at its end, or this attempt's failure was known; nothing changed.
    Unchanged,
}

/// By how much "jobs left" of a job's runs changes when its state does.
pub fn jobs_left_change(before: JobState, after: JobState) -> i64 {
    i64::from(before.is_final()) - i64::from(after.is_final())
}

/// Moves a pending job to queued. Returns whether it was moved.
pub fn release(job: &mut Job, at: Timestamp) -> bool {
    if job.state != JobState::Pending {
        return false;
    }
    job.state = JobState::Queued;
    job.releases += 1;
    job.queued_at = Some(at);
    true
}

/// Moves a job that is out back to pending, if `release` was its last. Returns whether it was moved.
pub fn return_to_pending(job: &mut Job, release: u32) -> bool {
    if !is_out(job) || job.releases != release {
        return false;
    }
    make_pending(job);
    true
}

fn is_out(job: &Job) -> bool {
    matches!(job.state, JobState::Queued | JobState::Running)
}

/// What was done of it is lost, and the next attempt starts a new clock.
fn make_pending(job: &mut Job) {
    remember_progress(job);
    job.state = JobState::Pending;
    job.progress = None;
    job.started_at = None;
}

/// Notes progress, unless something later is known. A job that is pending again is not touched: its
/// old attempt is given up. Of one at its end only the attempt is noted, where nothing is known of it: who
/// made it is told by what it tells, and that may come after its result. Returns whether anything changed.
pub fn note_progress(job: &mut Job, event: &ProgressEvent, at: Timestamp) -> bool {
    if job.state.is_final() {
        let is_new = !knows(job, event.attempt);
        if is_new {
            remember(job, attempt_of(event, at));
        }
        return is_new;
    }
    let is_later = job.progress.as_ref().is_none_or(|noted| {
        (event.attempt, at, event.done) > (noted.attempt, noted.at, noted.done)
    });
    if !is_out(job) || !is_later {
        return false;
    }
    if !knows(job, event.attempt) {
        remember_progress(job);
        remember(job, attempt_of(event, at));
    }
    job.state = JobState::Running;
    job.started_at = job.started_at.or(Some(at));
    job.progress = Some(JobProgress {
        attempt: event.attempt,
        collector: event.collector.clone(),
        host: event.host.clone(),
        done: event.done,
        total: event.total,
        current: event.current.clone(),
        at,
    });
    true
}

fn attempt_of(event: &ProgressEvent, at: Timestamp) -> JobAttempt {
    JobAttempt {
        attempt: event.attempt,
        collector: event.collector.clone(),
        host: Some(event.host.clone()),
        begun_at: at,
        last_heard_at: at,
        done: event.done,
        total: event.total,
        failure: None,
    }
}

/// Notes a failure, of which the caller knows that it is the first of its attempt.
pub fn fail(job: &mut Job, failure: &JobFailure) -> FailureOutcome {
    if job.state.is_final() {
        return FailureOutcome::Unchanged;
    }
    remember_failure(job, failure);
    job.failures.push(failure.clone());
    if job.failures.len() < FAILURES_UNTIL_FAILED as usize {
        make_pending(job);
        return FailureOutcome::Retry;
    }
    end(job, JobState::Failed, failure.at);
    FailureOutcome::Failed
}

fn knows(job: &Job, attempt: Attempt) -> bool {
    job.attempts.iter().any(|known| known.attempt == attempt)
}

fn remember(job: &mut Job, attempt: JobAttempt) {
    job.attempts.push(attempt);
    job.attempts.sort_by_key(|known| known.attempt);
    let too_many = job.attempts.len().saturating_sub(ATTEMPTS_MAX);
    job.attempts.drain(..too_many);
}

/// Notes how far the attempt has come that was heard of last, before another takes its place.
fn remember_progress(job: &mut Job) {
    let Some(progress) = &job.progress else {
        return;
    };
    let mut attempts = job.attempts.iter_mut();
    if let Some(known) = attempts.find(|known| known.attempt == progress.attempt) {
        known.last_heard_at = progress.at;
        known.done = progress.done;
        known.total = progress.total;
    }
}

fn remember_failure(job: &mut Job, failure: &JobFailure) {
    remember_progress(job);
    if !knows(job, failure.attempt) {
        remember(
            job,
            JobAttempt {
                attempt: failure.attempt,
                collector: failure.collector.clone(),
                host: None,
                begun_at: failure.at,
                last_heard_at: failure.at,
                done: 0,
                total: 0,
                failure: None,
            },
        );
    }
    let mut attempts = job.attempts.iter_mut();
    if let Some(known) = attempts.find(|known| known.attempt == failure.attempt) {
        known.last_heard_at = failure.at;
        known.failure = Some(beginning(&failure.reason));
    }
}

fn beginning(reason: &str) -> String {
    let end = reason.floor_char_boundary(ATTEMPT_REASON_BYTES_MAX);
    reason[..end].to_owned()
}

/// Makes a failed job pending once more, its failures forgotten. Returns whether it had failed.
pub fn retry(job: &mut Job) -> bool {
    if job.state != JobState::Failed {
        return false;
    }
    make_pending(job);
    job.failures.clear();
    job.finished_at = None;
    true
}

/// Notes that a result of the job counts. A job that had failed is done after all, so that nobody
/// asks for it again; a cancelled one stays cancelled. Returns whether anything changed.
pub fn complete(job: &mut Job, at: Timestamp) -> bool {
    if job.state == JobState::Cancelled {
        return false;
    }
    end(job, JobState::Done, at);
    true
}

/// Cancels a job that is not at its end. Returns whether it was.
pub fn cancel(job: &mut Job, at: Timestamp) -> bool {
    if job.state.is_final() {
        return false;
    }
    end(job, JobState::Cancelled, at);
    true
}

fn end(job: &mut Job, state: JobState, at: Timestamp) {
    job.state = state;
    job.finished_at = Some(at);
}

/// How many compilations of a job are known to be done.
pub fn compilations_done(job: &Job) -> u64 {
    let done = job.progress.as_ref().map_or(0, |progress| progress.done);
    done.min(job.compilations())
}

/// How long a job that is done took, in seconds. `None` when it ended before any progress was
/// noted. Clocks of two hosts may disagree; nothing takes less than no time.
pub fn seconds_taken(job: &Job) -> Option<f64> {
    let (started_at, finished_at) = (job.started_at?, job.finished_at?);
    Some(
        finished_at
            .duration_since(started_at)
            .as_secs_f64()
            .max(0.0),
    )
}
