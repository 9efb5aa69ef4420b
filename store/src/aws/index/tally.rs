//! What is counted of a configuration: added up in the transactions of what is counted, since
//! nothing here is ever counted by reading all of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared_types::ConfigurationId;
use shared_types::job::{Job, JobState};

use super::keys::{self, Key};
use super::table::{Row, Table, Transaction};
use crate::transitions::job::{JOBS_AVERAGED, seconds_taken};
use crate::{JobCounts, StoreError};

const MEASURED_RUNS: &str = "measured_runs";
const OPEN_COMPILATIONS: &str = "open_compilations";

/// What is to be added to the tally of a configuration.
pub(super) struct Addition {
    key: Key,
    numbers: BTreeMap<&'static str, i64>,
}

impl Addition {
    /// Nothing yet.
    pub(super) fn to(configuration: &ConfigurationId) -> Self {
        Self {
            key: keys::tally(configuration),
            numbers: BTreeMap::new(),
        }
    }

    /// A job that was in one state, or is new, is in another.
    pub(super) fn move_job(&mut self, job: &Job, before: Option<JobState>, after: JobState) {
        if let Some(before) = before {
            self.count_job(job, before, -1);
        }
        self.count_job(job, after, 1);
    }

    fn count_job(&mut self, job: &Job, state: JobState, count: i64) {
        *self.numbers.entry(number_of(state)).or_default() += count;
        if !state.is_final() {
            let compilations = i64::try_from(job.compilations()).unwrap_or(i64::MAX);
            *self.numbers.entry(OPEN_COMPILATIONS).or_default() += count * compilations;
        }
    }

    /// So many runs have their first result.
    pub(super) fn count_measured_runs(&mut self, runs: usize) {
        let runs = i64::try_from(runs).unwrap_or(i64::MAX);
        *self.numbers.entry(MEASURED_RUNS).or_default() += runs;
    }

    /// Adds it in a transaction.
    pub(super) fn write(self, transaction: &mut Transaction) {
        transaction.add(self.key, self.numbers);
    }
}

fn number_of(state: JobState) -> &'static str {
    match state {
        JobState::Pending => "jobs_pending",
        JobState::Queued => "jobs_queued",
        JobState::Running => "jobs_running",
        JobState::Done => "jobs_done",
        JobState::Failed => "jobs_failed",
        JobState::Cancelled => "jobs_cancelled",
    }
}

/// The jobs in numbers. What is done of those that are worked on is not among what is added up.
pub(super) async fn job_counts(
    table: &Table,
    configuration: &ConfigurationId,
) -> Result<JobCounts, StoreError> {
    let Some(tally) = table.get(&keys::tally(configuration)).await? else {
        return Ok(JobCounts::default());
    };
    let jobs = |state| u32::try_from(tally.count(number_of(state))).unwrap_or_default();
    Ok(JobCounts {
        pending: jobs(JobState::Pending),
        queued: jobs(JobState::Queued),
        running: jobs(JobState::Running),
        done: jobs(JobState::Done),
        failed: jobs(JobState::Failed),
        compilations_done: 0,
        compilations_total: u64::try_from(tally.count(OPEN_COMPILATIONS)).unwrap_or_default(),
    })
}

/// How many runs have a result.
pub(super) async fn measured_runs(
    table: &Table,
    configuration: &ConfigurationId,
) -> Result<u64, StoreError> {
    let tally = table.get(&keys::tally(configuration)).await?;
    let runs = tally.map_or(0, |tally| tally.count(MEASURED_RUNS));
    Ok(u64::try_from(runs).unwrap_or_default())
}

/// What a job that is done took.
#[derive(Debug, Serialize, Deserialize)]
struct Duration {
    finished_at: Timestamp,
    seconds: f64,
    compilations: u64,
}

/// Notes what a job took that is done, where that is known.
pub(super) fn note_duration(job: &Job, transaction: &mut Transaction) -> Result<(), StoreError> {
    let (Some(seconds), Some(finished_at)) = (seconds_taken(job), job.finished_at) else {
        return Ok(());
    };
    let duration = Duration {
        finished_at,
        seconds,
        compilations: job.compilations(),
    };
    let key = keys::duration(&job.configuration, finished_at, job.id);
    transaction.put(Row::new("duration", key, &duration)?);
    Ok(())
}

/// The time that the last jobs took, divided by what they compiled.
pub(super) async fn seconds_per_compilation(
    table: &Table,
    configuration: &ConfigurationId,
) -> Result<Option<f64>, StoreError> {
    let last: Vec<Duration> = table
        .partition(keys::of_configuration(configuration))
        .prefix(keys::DURATION)
        .descending()
        .limit(JOBS_AVERAGED)
        .documents("duration")
        .await?;
    let compilations: u64 = last.iter().map(|duration| duration.compilations).sum();
    let seconds: f64 = last.iter().map(|duration| duration.seconds).sum();
    Ok((compilations > 0).then(|| seconds / compilations as f64))
}

/// The time that the jobs took which were done since a time.
pub(super) async fn measured_seconds(
    table: &Table,
    configuration: &ConfigurationId,
    since: Timestamp,
) -> Result<f64, StoreError> {
    let done: Vec<Duration> = table
        .partition(keys::of_configuration(configuration))
        .between(keys::durations_from(since), keys::durations_end())
        .documents("duration")
        .await?;
    Ok(done.iter().map(|duration| duration.seconds).sum())
}
