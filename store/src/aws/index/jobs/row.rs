//! The items of a job: the job itself, and beside it, while it is worked on, how far it has come.
//!
//! Progress is noted every ten seconds and the job is much larger than that, so that only its own
//! item is written. It belongs to one release of the job and holds only while the job runs: progress
//! that is noted late can neither hide a job's end nor count for a release that comes after.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use shared_types::job::{Job, JobProgress, JobState};
use shared_types::{ConfigurationId, JobId};

use super::super::keys::{self, Key, Order};
use super::super::table::{Item, Row, Stored, Table, Version};
use super::WHAT;
use crate::StoreError;

/// A job and what else is kept with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct StoredJob {
    /// The job.
    pub(in super::super) job: Job,
    /// The priority of its request.
    priority: i32,
    /// Its place among the jobs that were added with it.
    position: u32,
    /// Attempts whose failure was noted. Kept when the job is asked for once more, so that a
    /// failure that is reported again late does not count against the new try.
    #[serde(default)]
    pub(super) failed_attempts: BTreeSet<u32>,
    /// Whether a result of it counts.
    #[serde(default)]
    pub(in super::super) has_result: bool,
    /// Whether somebody asked for it once more after its request was cancelled.
    #[serde(default)]
    pub(super) outlives_request: bool,
}

impl StoredJob {
    /// A new job.
    pub(super) fn new(job: &Job, position: u32, priority: i32) -> Self {
        Self {
            job: job.clone(),
            priority,
            position,
            failed_attempts: BTreeSet::new(),
            has_result: false,
            outlives_request: false,
        }
    }

    /// Its item.
    pub(super) fn row(&self) -> Result<Row, StoreError> {
        let job = &self.job;
        let sort = format!(
            "{}#{}#{}#{}",
            keys::priority(self.priority),
            keys::time(job.created_at),
            job.request,
            keys::count(self.position)
        );
        let order = Order::new(keys::jobs_in_state(&job.configuration, job.state), sort);
        Ok(Row::new(WHAT, keys::job(job.id), self)?.ordered(order))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StoredProgress {
    release: u32,
    progress: JobProgress,
}

/// A job as it was read.
#[derive(Debug, Clone)]
pub(in super::super) struct KnownJob {
    /// The job, with its last progress.
    pub(in super::super) stored: StoredJob,
    /// Of the job's item.
    pub(super) version: Version,
    /// Of the item of its progress.
    pub(super) progress_version: Option<Version>,
}

impl KnownJob {
    /// One job.
    pub(super) async fn find(table: &Table, id: JobId) -> Result<Option<Self>, StoreError> {
        let items = table
            .partition(keys::of_job(id))
            .between(keys::JOB, keys::PROGRESS)
            .items()
            .await?;
        let mut found = HashMap::new();
        for item in items {
            found.insert(item.key()?, item);
        }
        let Some(job) = found.get(&keys::job(id)) else {
            return Ok(None);
        };
        Self::new(job.read(WHAT)?, found.get(&keys::progress(id))).map(Some)
    }

    /// Those of many jobs that are there.
    pub(super) async fn find_many(table: &Table, ids: &[JobId]) -> Result<Vec<Self>, StoreError> {
        let found = table.get_many(ids.iter().copied().map(keys::job)).await?;
        let jobs: Result<Vec<_>, _> = found.values().map(|item| item.read(WHAT)).collect();
        Self::with_progress(table, jobs?).await
    }

    /// Jobs in a state, by priority and age.
    pub(super) async fn in_state(
        table: &Table,
        configuration: &ConfigurationId,
        state: JobState,
        limit: u32,
    ) -> Result<Vec<Self>, StoreError> {
        let items = table
            .order(keys::jobs_in_state(configuration, state))
            .limit(limit)
            .items()
            .await?;
        let jobs: Result<Vec<_>, _> = items.iter().map(|item| item.read(WHAT)).collect();
        Self::with_progress(table, jobs?).await
    }

    async fn with_progress(
        table: &Table,
        jobs: Vec<Stored<StoredJob>>,
    ) -> Result<Vec<Self>, StoreError> {
        let running = jobs
            .iter()
            .map(|stored| &stored.document.job)
            .filter(|job| job.state == JobState::Running)
            .map(|job| keys::progress(job.id));
        let progress: HashMap<Key, Item> = table.get_many(running).await?;
        jobs.into_iter()
            .map(|stored| {
                let key = keys::progress(stored.document.job.id);
                Self::new(stored, progress.get(&key))
            })
            .collect()
    }

    fn new(stored: Stored<StoredJob>, progress: Option<&Item>) -> Result<Self, StoreError> {
        let mut known = Self {
            stored: stored.document,
            version: stored.version,
            progress_version: None,
        };
        if let Some(item) = progress {
            let noted: Stored<StoredProgress> = item.read("progress of a job")?;
            known.progress_version = Some(noted.version);
            known.take_progress(noted.document);
        }
        Ok(known)
    }

    fn take_progress(&mut self, noted: StoredProgress) {
        let job = &mut self.stored.job;
        let is_of_this_release = job.state == JobState::Running && job.releases == noted.release;
        let order = |progress: &JobProgress| (progress.attempt, progress.at, progress.done);
        let is_later = job
            .progress
            .as_ref()
            .is_none_or(|first| order(&noted.progress) > order(first));
        if is_of_this_release && is_later {
            job.progress = Some(noted.progress);
        }
    }

    /// The job alone.
    pub(super) fn into_job(self) -> Job {
        self.stored.job
    }
}

/// The item of a job's progress, or `None` where it has none.
pub(super) fn progress_row(job: &Job) -> Result<Option<Row>, StoreError> {
    let Some(progress) = job.progress.clone() else {
        return Ok(None);
    };
    let noted = StoredProgress {
        release: job.releases,
        progress,
    };
    Row::new(WHAT, keys::progress(job.id), &noted).map(Some)
}
