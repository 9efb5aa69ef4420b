//! Jobs and their transitions.
//!
//! Whatever ends a job, a result, a last failure or a cancellation, lowers the "jobs left" of its
//! runs in the same transaction, and asking for a failed job once more raises it again. So nothing
//! that goes wrong with a job keeps a run from becoming complete; what is missing of it is seen from
//! the job.

mod row;
mod transitions;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use shared_types::job::{Job, JobState};
use shared_types::{ConfigurationId, JobId, RequestId};

use super::{requests, runs};
use crate::embedded::database::Failure;
use crate::embedded::document::{execute, first_row, rows, to_nanoseconds};
use crate::transitions::job;
use crate::{JobCounts, NewJobs, StoreError};

pub(super) use transitions::{
    cancel_all, complete, record_failure, record_progress, release, retry, return_to_pending,
};

/// Adds jobs, unless their request is at its end: it may have been cancelled while they were cut.
pub(super) fn create(connection: &Connection, new: &NewJobs) -> Result<bool, Failure> {
    let request = requests::known(connection, new.request)?;
    job::check_new(new)?;
    let are_there = first_row(
        connection,
        "SELECT 1 FROM jobs WHERE request = ?1 AND configuration = ?2 LIMIT 1",
        params![new.request.to_string(), new.configuration.as_str()],
        |_| Ok(()),
    )?;
    if are_there.is_some() || request.state.is_final() || new.jobs.is_empty() {
        return Ok(false);
    }
    for job in &new.jobs {
        row::insert(connection, job, request.priority)?;
        runs::change_jobs_left(connection, job, 1)?;
    }
    Ok(true)
}

pub(super) fn find(connection: &Connection, id: JobId) -> Result<Option<Job>, Failure> {
    row::select(connection, "id = ?1", params![id.to_string()]).map(|jobs| jobs.into_iter().next())
}

/// A job that something else names, and that must therefore be there.
pub(super) fn known(connection: &Connection, id: JobId) -> Result<Job, Failure> {
    find(connection, id)?.ok_or_else(|| {
        Failure::Store(StoreError::NotFound {
            what: "job",
            id: id.to_string(),
        })
    })
}

pub(super) fn of_request(connection: &Connection, id: RequestId) -> Result<Vec<Job>, Failure> {
    row::select(
        connection,
        "request = ?1 ORDER BY created_at, sequence",
        params![id.to_string()],
    )
}

pub(super) fn in_state(
    connection: &Connection,
    configuration: &ConfigurationId,
    state: JobState,
    limit: u32,
) -> Result<Vec<Job>, Failure> {
    row::select(
        connection,
        "configuration = ?1 AND state = ?2
         ORDER BY priority DESC, created_at, sequence LIMIT ?3",
        params![configuration.as_str(), state.as_str(), limit],
    )
}

/// How many jobs of a configuration of a request are not at their end.
pub(super) fn left(
    connection: &Connection,
    request: RequestId,
    configuration: &ConfigurationId,
) -> Result<u32, Failure> {
    let count = first_row(
        connection,
        "SELECT count(*) FROM jobs WHERE request = ?1 AND configuration = ?2
             AND state IN ('pending', 'queued', 'running')",
        params![request.to_string(), configuration.as_str()],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

pub(super) fn counts(
    connection: &Connection,
    configuration: &ConfigurationId,
) -> Result<JobCounts, Failure> {
    let by_state: Vec<(String, u32, i64, i64)> = rows(
        connection,
        "SELECT state, count(*), sum(compilations_done), sum(compilations)
         FROM jobs WHERE configuration = ?1 GROUP BY state",
        params![configuration.as_str()],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    let mut counts = JobCounts::default();
    for (word, count, done, total) in by_state {
        let state: JobState =
            crate::embedded::document::from_word("the state of a job", &word, &word)?;
        match state {
            JobState::Pending => counts.pending = count,
            JobState::Queued => counts.queued = count,
            JobState::Running => counts.running = count,
            JobState::Done => counts.done = count,
            JobState::Failed => counts.failed = count,
            JobState::Cancelled => {}
        }
        if !state.is_final() {
            counts.compilations_done += done.unsigned_abs();
            counts.compilations_total += total.unsigned_abs();
        }
    }
    Ok(counts)
}

/// The time that the last jobs took, divided by what they compiled. Jobs that ended before any
/// progress was noted tell nothing.
pub(super) fn seconds_per_compilation(
    connection: &Connection,
    configuration: &ConfigurationId,
) -> Result<Option<f64>, Failure> {
    let last = row::select(
        connection,
        "configuration = ?1 AND state = 'done' AND json_extract(json, '$.started_at') IS NOT NULL
         ORDER BY finished_at DESC, sequence DESC LIMIT ?2",
        params![configuration.as_str(), job::JOBS_AVERAGED],
    )?;
    let mut seconds = 0.0;
    let mut compilations = 0;
    for job in &last {
        if let Some(taken) = job::seconds_taken(job) {
            seconds += taken;
            compilations += job.compilations();
        }
    }
    Ok((compilations > 0).then(|| seconds / compilations as f64))
}

pub(super) fn measured_seconds(
    connection: &Connection,
    configuration: &ConfigurationId,
    since: Timestamp,
) -> Result<f64, Failure> {
    let done = row::select(
        connection,
        "configuration = ?1 AND state = 'done' AND finished_at >= ?2",
        params![configuration.as_str(), to_nanoseconds(since)],
    )?;
    Ok(done.iter().filter_map(job::seconds_taken).sum())
}

/// Whether this is the first failure that was noted of an attempt.
fn note_failed_attempt(
    connection: &Connection,
    id: JobId,
    attempt: shared_types::ids::Attempt,
) -> Result<bool, Failure> {
    let added = execute(
        connection,
        "INSERT INTO failed_attempts (job, attempt) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![id.to_string(), attempt.0],
    )?;
    Ok(added == 1)
}
