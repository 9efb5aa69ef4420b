//! The transitions of a job, each decided by [`crate::transitions::job`] and kept here.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use shared_types::events::ProgressEvent;
use shared_types::job::{Job, JobFailure};
use shared_types::{JobId, RequestId};

use super::{known, note_failed_attempt, row};
use crate::FailureOutcome;
use crate::embedded::database::Failure;
use crate::embedded::index::runs;
use crate::transitions::job;

pub(in super::super) fn release(
    connection: &Connection,
    id: JobId,
    at: Timestamp,
) -> Result<Option<Job>, Failure> {
    let known = known(connection, id)?;
    moved(connection, known, |job| job::release(job, at))
}

pub(in super::super) fn return_to_pending(
    connection: &Connection,
    id: JobId,
    release: u32,
) -> Result<bool, Failure> {
    let known = known(connection, id)?;
    let returned = moved(connection, known, |job| {
        job::return_to_pending(job, release)
    })?;
    Ok(returned.is_some())
}

pub(in super::super) fn record_progress(
    connection: &Connection,
    event: &ProgressEvent,
    at: Timestamp,
) -> Result<(), Failure> {
    let known = known(connection, event.job)?;
    moved(connection, known, |job| job::note_progress(job, event, at))?;
    Ok(())
}

pub(in super::super) fn record_failure(
    connection: &Connection,
    id: JobId,
    failure: &JobFailure,
) -> Result<FailureOutcome, Failure> {
    let known = known(connection, id)?;
    if known.state.is_final() || !note_failed_attempt(connection, id, failure.attempt)? {
        return Ok(FailureOutcome::Unchanged);
    }
    let mut outcome = FailureOutcome::Unchanged;
    moved(connection, known, |job| {
        outcome = job::fail(job, failure);
        outcome != FailureOutcome::Unchanged
    })?;
    Ok(outcome)
}

pub(in super::super) fn retry(connection: &Connection, id: JobId) -> Result<bool, Failure> {
    let known = known(connection, id)?;
    Ok(moved(connection, known, job::retry)?.is_some())
}

pub(in super::super) fn complete(
    connection: &Connection,
    known: Job,
    at: Timestamp,
) -> Result<(), Failure> {
    moved(connection, known, |job| job::complete(job, at))?;
    Ok(())
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
    for known in open {
        moved(connection, known, |job| job::cancel(job, at))?;
    }
    Ok(())
}

/// Keeps what a transition made of a job. Returns the job as it now is, or `None` when the
/// transition did not apply.
fn moved(
    connection: &Connection,
    mut job: Job,
    transition: impl FnOnce(&mut Job) -> bool,
) -> Result<Option<Job>, Failure> {
    let before = job.state;
    if !transition(&mut job) {
        return Ok(None);
    }
    match job::jobs_left_change(before, job.state) {
        0 => {}
        change => runs::change_jobs_left(connection, &job, change)?,
    }
    row::update(connection, &job)?;
    Ok(Some(job))
}
