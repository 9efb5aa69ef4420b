//! The transitions of a job, each decided by [`crate::transitions::job`] and kept here.

use jiff::Timestamp;
use shared_types::events::ProgressEvent;
use shared_types::job::{Job, JobFailure, JobState};
use shared_types::request::RequestState;
use shared_types::{JobId, RequestId};

use super::super::changes::Changes;
use super::super::keys;
use super::super::long_text;
use super::super::table::{Attempts, Row, Table};
use super::super::{requests, tally};
use super::row::{KnownJob, StoredJob, progress_row};
use super::{JobsLeft, WHAT, known, known_of_request, left};
use crate::transitions::job;
use crate::{FailureOutcome, StoreError};

/// Of the reason of a failure so much is kept, from its end: a job has several, and must fit into one
/// item.
const REASON_BYTES_MAX: usize = 16 * 1024;

pub(in super::super) async fn release(
    table: &Table,
    id: JobId,
    at: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let mut attempts = Attempts::at(format!("releasing the job {id}"));
    loop {
        let known = known(table, id).await?;
        let mut after = known.stored.clone();
        let cancelled_at = time_of_cancelling(table, &known.stored, at).await?;
        let is_moved = match cancelled_at {
            Some(at) => job::cancel(&mut after.job, at),
            None => job::release(&mut after.job, at),
        };
        if !is_moved {
            return Ok(None);
        }
        if change(table, &mut attempts, &known, &after).await? {
            return Ok(cancelled_at.is_none().then_some(after.job));
        }
    }
}

/// When the request of a pending job was cancelled, if that ended before it came to this job.
async fn time_of_cancelling(
    table: &Table,
    stored: &StoredJob,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    if stored.job.state != JobState::Pending || stored.outlives_request {
        return Ok(None);
    }
    let request = requests::known(table, stored.job.request).await?.document;
    let is_cancelled = request.state == RequestState::Cancelled;
    Ok(is_cancelled.then(|| request.finished_at.unwrap_or(now)))
}

pub(in super::super) async fn return_to_pending(
    table: &Table,
    id: JobId,
    release: u32,
) -> Result<bool, StoreError> {
    let mut attempts = Attempts::at(format!("taking the job {id} back"));
    loop {
        let known = known(table, id).await?;
        let mut after = known.stored.clone();
        if !job::return_to_pending(&mut after.job, release) {
            return Ok(false);
        }
        if change(table, &mut attempts, &known, &after).await? {
            return Ok(true);
        }
    }
}

pub(in super::super) async fn record_progress(
    table: &Table,
    event: &ProgressEvent,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut attempts = Attempts::at(format!("noting progress of the job {}", event.job));
    loop {
        let known = known(table, event.job).await?;
        let mut after = known.stored.clone();
        if !job::note_progress(&mut after.job, event, at) {
            return Ok(());
        }
        let (before, now) = (&known.stored.job, &after.job);
        let only_progress = before.state == now.state && before.attempts == now.attempts;
        let is_noted = match progress_row(&after.job)? {
            Some(row) if only_progress => attempts.put(table, row, known.progress_version).await?,
            _ => change(table, &mut attempts, &known, &after).await?,
        };
        if is_noted {
            return Ok(());
        }
    }
}

pub(in super::super) async fn record_failure(
    table: &Table,
    id: JobId,
    failure: &JobFailure,
) -> Result<FailureOutcome, StoreError> {
    let mut attempts = Attempts::at(format!("noting a failure of the job {id}"));
    let failure = JobFailure {
        reason: long_text::end(&failure.reason, REASON_BYTES_MAX).into_owned(),
        ..failure.clone()
    };
    loop {
        let known = known(table, id).await?;
        let mut after = known.stored.clone();
        let is_first = after.failed_attempts.insert(failure.attempt.0);
        if known.stored.job.state.is_final() || !is_first {
            return Ok(FailureOutcome::Unchanged);
        }
        let outcome = job::fail(&mut after.job, &failure);
        if change(table, &mut attempts, &known, &after).await? {
            return Ok(outcome);
        }
    }
}

pub(in super::super) async fn retry(table: &Table, id: JobId) -> Result<bool, StoreError> {
    let mut attempts = Attempts::at(format!("asking for the job {id} once more"));
    loop {
        let known = known(table, id).await?;
        let mut after = known.stored.clone();
        if !job::retry(&mut after.job) {
            return Ok(false);
        }
        let request = requests::known(table, after.job.request).await?.document;
        after.outlives_request = request.state == RequestState::Cancelled;
        if change(table, &mut attempts, &known, &after).await? {
            return Ok(true);
        }
    }
}

pub(in super::super) async fn cancel_all(
    table: &Table,
    request: RequestId,
    at: Timestamp,
) -> Result<(), StoreError> {
    for known in known_of_request(table, request).await? {
        if !known.stored.job.state.is_final() {
            cancel(table, known, at).await?;
        }
    }
    Ok(())
}

async fn cancel(table: &Table, mut known: KnownJob, at: Timestamp) -> Result<(), StoreError> {
    let id = known.stored.job.id;
    let mut attempts = Attempts::at(format!("cancelling the job {id}"));
    loop {
        let mut after = known.stored.clone();
        if known.stored.outlives_request || !job::cancel(&mut after.job, at) {
            return Ok(());
        }
        if change(table, &mut attempts, &known, &after).await? {
            return Ok(());
        }
        known = self::known(table, id).await?;
    }
}

/// Adds to `changes` that a result of a job counts. Returns how many of the jobs of its configuration
/// of its request are not at their end then.
pub(in super::super) async fn complete(
    table: &Table,
    changes: &mut Changes,
    known: &KnownJob,
    at: Timestamp,
) -> Result<u32, StoreError> {
    let mut after = known.stored.clone();
    after.has_result = true;
    if job::complete(&mut after.job, at) {
        tally::note_duration(&after.job, &mut changes.transaction)?;
    }
    match add_change(table, changes, known, &after).await? {
        Some(left) => Ok(left),
        None => Ok(left(table, &after.job).await?.document.left),
    }
}

/// Keeps what a transition made of a job. Returns whether it was kept, and not another that came
/// before it.
async fn change(
    table: &Table,
    attempts: &mut Attempts,
    known: &KnownJob,
    after: &StoredJob,
) -> Result<bool, StoreError> {
    let (job, before) = (&after.job, known.stored.job.state);
    let runs = match job::jobs_left_change(before, job.state) {
        0 => &[],
        _ => job.runs.as_slice(),
    };
    let mut changes = Changes::to(table, &job.configuration, runs).await?;
    add_change(table, &mut changes, known, after).await?;
    attempts.commit(table, changes.into_transaction()?).await
}

/// Returns how many jobs are not at their end then, if that changes.
async fn add_change(
    table: &Table,
    changes: &mut Changes,
    known: &KnownJob,
    after: &StoredJob,
) -> Result<Option<u32>, StoreError> {
    let (job, before) = (&after.job, known.stored.job.state);
    changes
        .transaction
        .replace(after.row()?, Some(known.version));
    changes.tally.move_job(job, Some(before), job.state);
    let change = job::jobs_left_change(before, job.state);
    if change == 0 {
        return Ok(None);
    }
    changes.runs.change_jobs_left(&job.runs, change);
    let known = left(table, job).await?;
    let left = u32::try_from(i64::from(known.document.left) + change).unwrap_or_default();
    let key = keys::jobs_left(job.request, &job.configuration);
    let row = Row::new(WHAT, key, &JobsLeft { left })?;
    changes.transaction.replace(row, Some(known.version));
    Ok(Some(left))
}
