//! The transitions of a job. Each is conditional, so that it changes nothing the second time.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use shared_types::events::ProgressEvent;
use shared_types::job::{FAILURES_UNTIL_FAILED, Job, JobFailure, JobProgress, JobState};
use shared_types::{JobId, RequestId};

use super::{known, note_failed_attempt, row};
use crate::FailureOutcome;
use crate::embedded::database::Failure;
use crate::embedded::index::runs;

pub(in super::super) fn release(
    connection: &Connection,
    id: JobId,
    at: Timestamp,
) -> Result<Option<Job>, Failure> {
    let mut job = known(connection, id)?;
    if job.state != JobState::Pending {
        return Ok(None);
    }
    job.state = JobState::Queued;
    job.releases += 1;
    job.queued_at = Some(at);
    row::update(connection, &job)?;
    Ok(Some(job))
}

pub(in super::super) fn return_to_pending(
    connection: &Connection,
    id: JobId,
    release: u32,
) -> Result<bool, Failure> {
    let mut job = known(connection, id)?;
    let is_out = matches!(job.state, JobState::Queued | JobState::Running);
    if !is_out || job.releases != release {
        return Ok(false);
    }
    make_pending(&mut job);
    row::update(connection, &job)?;
    Ok(true)
}

/// What was done of it is lost, and the next attempt starts a new clock.
fn make_pending(job: &mut Job) {
    job.state = JobState::Pending;
    job.progress = None;
    job.started_at = None;
}

/// Notes progress. A job that is pending again is not touched: its old attempt is given up.
pub(in super::super) fn record_progress(
    connection: &Connection,
    event: &ProgressEvent,
    at: Timestamp,
) -> Result<(), Failure> {
    let mut job = known(connection, event.job)?;
    if !matches!(job.state, JobState::Queued | JobState::Running) {
        return Ok(());
    }
    let is_later = job.progress.as_ref().is_none_or(|noted| {
        (event.attempt, at, event.done) > (noted.attempt, noted.at, noted.done)
    });
    if !is_later {
        return Ok(());
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
    row::update(connection, &job)
}

pub(in super::super) fn record_failure(
    connection: &Connection,
    id: JobId,
    failure: &JobFailure,
) -> Result<FailureOutcome, Failure> {
    let mut job = known(connection, id)?;
    if job.state.is_final() || !note_failed_attempt(connection, id, failure.attempt)? {
        return Ok(FailureOutcome::Unchanged);
    }
    job.failures.push(failure.clone());
    let outcome = if job.failures.len() >= FAILURES_UNTIL_FAILED as usize {
        end(connection, &mut job, JobState::Failed, failure.at)?;
        FailureOutcome::Failed
    } else {
        make_pending(&mut job);
        FailureOutcome::Retry
    };
    row::update(connection, &job)?;
    Ok(outcome)
}

pub(in super::super) fn retry(connection: &Connection, id: JobId) -> Result<bool, Failure> {
    let mut job = known(connection, id)?;
    if job.state != JobState::Failed {
        return Ok(false);
    }
    make_pending(&mut job);
    job.failures.clear();
    job.finished_at = None;
    row::update(connection, &job)?;
    runs::add_job(connection, &job)?;
    Ok(true)
}

/// Notes that a result of the job counts. A job that had failed is done after all, so that nobody
/// asks for it again; a cancelled one stays cancelled.
pub(in super::super) fn complete(
    connection: &Connection,
    mut job: Job,
    at: Timestamp,
) -> Result<(), Failure> {
    match job.state {
        JobState::Cancelled => return Ok(()),
        JobState::Failed => job.state = JobState::Done,
        _ => end(connection, &mut job, JobState::Done, at)?,
    }
    job.finished_at = Some(at);
    row::update(connection, &job)
}

pub(in super::super) fn cancel_all(
    connection: &Connection,
    request: RequestId,
    at: Timestamp,
) -> Result<(), Failure> {
    let open = row::select(
        connection,
        "request = ?1 AND state IN ('pending', 'queued', 'running')",
        params![request.to_string()],
    )?;
    for mut job in open {
        end(connection, &mut job, JobState::Cancelled, at)?;
        row::update(connection, &job)?;
    }
    Ok(())
}

/// Ends a job that was not at its end: the one place that lowers "jobs left".
fn end(
    connection: &Connection,
    job: &mut Job,
    state: JobState,
    at: Timestamp,
) -> Result<(), Failure> {
    job.state = state;
    job.finished_at = Some(at);
    runs::end_job(connection, job)
}
