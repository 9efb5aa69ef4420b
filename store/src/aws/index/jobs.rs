//! Jobs and their transitions.
//!
//! Whatever ends a job, a result, a last failure or a cancellation, lowers the "jobs left" of its
//! runs in the same transaction, and asking for a failed job once more raises it again.

mod row;
mod transitions;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use shared_types::job::{Job, JobState};
use shared_types::request::Request;
use shared_types::{ConfigurationId, InvalidInput, JobId, RequestId};

use super::changes::Changes;
use super::keys;
use super::table::{Attempts, Row, Stored, Table, Transaction};
use super::{requests, tally};
use crate::transitions::job;
use crate::{JobCounts, NewJobs, StoreError};

pub(super) use row::KnownJob;
pub(super) use transitions::{
    cancel_all, complete, record_failure, record_progress, release, retry, return_to_pending,
};

const WHAT: &str = "job";

/// The jobs of one configuration of a request, in order. It is written once and never changed.
#[derive(Debug, Serialize, Deserialize)]
struct JobList {
    jobs: Vec<JobId>,
}

/// How many jobs of one configuration of a request are not at their end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct JobsLeft {
    left: u32,
}

/// Adds jobs, unless their request is at its end: it may have been cancelled while they were cut.
pub(super) async fn create(table: &Table, new: &NewJobs) -> Result<bool, StoreError> {
    let mut attempts = Attempts::at(format!("adding jobs to the request {}", new.request));
    loop {
        let request = requests::known(table, new.request).await?;
        job::check_new(new)?;
        let list = keys::job_list(new.request, &new.configuration);
        let are_there = table.get(&list).await?.is_some();
        if are_there || request.document.state.is_final() || new.jobs.is_empty() {
            return Ok(false);
        }
        check_not_there(table, new, attempts.have_failed()).await?;
        let transaction = addition(table, new, &request).await?;
        if attempts.commit(table, transaction).await? {
            return Ok(true);
        }
    }
}

async fn addition(
    table: &Table,
    new: &NewJobs,
    request: &Stored<Request>,
) -> Result<Transaction, StoreError> {
    let measured = new.jobs.iter().flat_map(|job| &job.runs);
    let mut changes = Changes::to(table, &new.configuration, measured).await?;
    let transaction = &mut changes.transaction;
    transaction.check(keys::request(new.request), request.version);
    let list = keys::job_list(new.request, &new.configuration);
    let jobs = new.jobs.iter().map(|job| job.id).collect();
    transaction.replace(Row::new(WHAT, list, &JobList { jobs })?, None);
    let left = keys::jobs_left(new.request, &new.configuration);
    let count = u32::try_from(new.jobs.len()).unwrap_or(u32::MAX);
    transaction.replace(Row::new(WHAT, left, &JobsLeft { left: count })?, None);
    for (position, job) in (0..).zip(&new.jobs) {
        let stored = row::StoredJob::new(job, position, request.document.priority);
        transaction.replace(stored.row()?, None);
        changes.tally.move_job(job, None, job.state);
        changes.runs.change_jobs_left(&job.runs, 1);
    }
    changes.into_transaction()
}

/// Refuses jobs that are not new. Those in the table are looked for when an attempt failed, as it
/// does on each of them.
async fn check_not_there(
    table: &Table,
    new: &NewJobs,
    in_the_table: bool,
) -> Result<(), StoreError> {
    let refused = |id: &dyn std::fmt::Display| {
        Err(StoreError::Conflict {
            what: WHAT,
            id: id.to_string(),
            reason: "is there already, and is to be added".to_owned(),
        })
    };
    let mut seen = BTreeSet::new();
    if let Some(twice) = new.jobs.iter().find(|job| !seen.insert(job.id)) {
        return refused(&twice.id);
    }
    if !in_the_table {
        return Ok(());
    }
    let found = table.get_many(seen.into_iter().map(keys::job)).await?;
    match found.keys().next() {
        Some(key) => refused(key),
        None => Ok(()),
    }
}

pub(super) async fn find(table: &Table, id: JobId) -> Result<Option<Job>, StoreError> {
    Ok(KnownJob::find(table, id).await?.map(KnownJob::into_job))
}

/// A job that something else names, and that must therefore be there.
pub(super) async fn known(table: &Table, id: JobId) -> Result<KnownJob, StoreError> {
    let found = KnownJob::find(table, id).await?;
    found.ok_or_else(|| StoreError::NotFound {
        what: WHAT,
        id: id.to_string(),
    })
}

pub(super) async fn of_request(table: &Table, id: RequestId) -> Result<Vec<Job>, StoreError> {
    let known = known_of_request(table, id).await?;
    let mut jobs: Vec<Job> = known.into_iter().map(KnownJob::into_job).collect();
    jobs.sort_by_key(|job| job.created_at);
    Ok(jobs)
}

async fn known_of_request(table: &Table, id: RequestId) -> Result<Vec<KnownJob>, StoreError> {
    let lists: Vec<JobList> = table
        .partition(keys::of_request(id))
        .prefix(keys::JOB_LISTS)
        .documents(WHAT)
        .await?;
    let ids: Vec<JobId> = lists.into_iter().flat_map(|list| list.jobs).collect();
    let mut found: BTreeMap<JobId, KnownJob> = KnownJob::find_many(table, &ids)
        .await?
        .into_iter()
        .map(|known| (known.stored.job.id, known))
        .collect();
    let missing = |job: &JobId| StoreError::Corrupt {
        what: "request",
        id: id.to_string(),
        source: InvalidInput::inconsistent("it", format!("its job {job} is not there")),
    };
    ids.iter()
        .map(|job| found.remove(job).ok_or_else(|| missing(job)))
        .collect()
}

pub(super) async fn in_state(
    table: &Table,
    configuration: &ConfigurationId,
    state: JobState,
    limit: u32,
) -> Result<Vec<Job>, StoreError> {
    let found = KnownJob::in_state(table, configuration, state, limit).await?;
    Ok(found.into_iter().map(KnownJob::into_job).collect())
}

pub(super) async fn counts(
    table: &Table,
    configuration: &ConfigurationId,
) -> Result<JobCounts, StoreError> {
    let mut counts = tally::job_counts(table, configuration).await?;
    if counts.running > 0 {
        let running = in_state(table, configuration, JobState::Running, u32::MAX).await?;
        counts.compilations_done = running.iter().map(job::compilations_done).sum();
    }
    Ok(counts)
}

/// How many jobs of a job's configuration of its request are not at their end.
async fn left(table: &Table, job: &Job) -> Result<Stored<JobsLeft>, StoreError> {
    let key = keys::jobs_left(job.request, &job.configuration);
    let found = table.find(WHAT, &key).await?;
    found.ok_or_else(|| StoreError::Corrupt {
        what: "request",
        id: job.request.to_string(),
        source: InvalidInput::inconsistent("it", format!("`{key}` is not there")),
    })
}
