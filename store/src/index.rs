//! The port to the index: what is known of configurations, artifacts, requests, runs, jobs,
//! results, collectors and comparisons.
//!
//! Every transition is conditional, so that the same message handled twice changes nothing the
//! second time. Times come in as arguments.

use async_trait::async_trait;
use jiff::Timestamp;
use shared_types::api::{
    ComparisonReference, FailureRecord, Page, ReportedProblem, ResultRecord, RunOverview,
};
use shared_types::collector::CollectorRecord;
use shared_types::events::{CollectorReport, ProgressEvent};
use shared_types::ids::Attempt;
use shared_types::job::{Job, JobFailure, JobState};
use shared_types::object_key::ContentHash;
use shared_types::request::{Request, RequestState};
use shared_types::result_document::{MeasuredRun, MeasuringFailure, Origin};
use shared_types::{
    Artifact, ArtifactId, Configuration, ConfigurationId, HistoryPosition, JobId, Line, ObjectKey,
    RequestId, RunId, Tier,
};

use crate::{GitHubIndex, RetractionIndex, SchedulingIndex, StoreError, TriageIndex, UpkeepIndex};

/// The index.
#[async_trait]
pub trait Index:
    UpkeepIndex + SchedulingIndex + GitHubIndex + TriageIndex + RetractionIndex
{
    /// Registers a configuration. Registering the same record again changes the tier at most.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the slug has another record: another record is another
    /// configuration.
    async fn register_configuration(&self, configuration: &Configuration)
    -> Result<(), StoreError>;
    /// One configuration.
    async fn configuration(
        &self,
        id: &ConfigurationId,
    ) -> Result<Option<Configuration>, StoreError>;
    /// All configurations, by slug. There are few.
    async fn configurations(&self) -> Result<Vec<Configuration>, StoreError>;
    /// Changes what a configuration's verdicts are used for.
    async fn set_tier(&self, id: &ConfigurationId, tier: Tier) -> Result<(), StoreError>;

    /// Adds an artifact, or adds to one that is there what was not known of it. A known history
    /// position is replaced by a given one.
    async fn put_artifacts(&self, artifacts: &[Artifact]) -> Result<(), StoreError>;
    /// One artifact.
    async fn artifact(&self, id: &ArtifactId) -> Result<Option<Artifact>, StoreError>;
    /// Artifacts whose name begins with `prefix`, by name.
    async fn artifacts(
        &self,
        prefix: &str,
        page: &PageRequest,
    ) -> Result<Page<Artifact>, StoreError>;
    /// The last `limit` artifacts before `before` on its line, the nearest first.
    async fn predecessors(
        &self,
        before: &HistoryPosition,
        limit: u32,
    ) -> Result<Vec<Artifact>, StoreError>;
    /// The first `limit` artifacts after `after` on its line, the nearest first.
    async fn successors(
        &self,
        after: &HistoryPosition,
        limit: u32,
    ) -> Result<Vec<Artifact>, StoreError>;
    /// The artifacts of a line between two ordinals, both included, oldest first.
    async fn line(&self, line: Line, first: i64, last: i64) -> Result<Vec<Artifact>, StoreError>;

    /// Adds a request. Adding the same id again changes nothing.
    async fn create_request(&self, request: &Request) -> Result<(), StoreError>;
    /// One request.
    async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError>;
    /// Requests, newest first.
    async fn requests(
        &self,
        filter: &RequestFilter,
        page: &PageRequest,
    ) -> Result<Page<Request>, StoreError>;
    /// Moves a request to another state if it is not at its end, and notes why. Returns whether it
    /// was moved. Cancelling also cancels its jobs that are not at their end.
    async fn set_request_state(
        &self,
        id: RequestId,
        state: RequestState,
        note: Option<&str>,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Adds the jobs of one configuration of a request, [`JOBS_MAX`] at most, with their runs, in
    /// one transaction. If that configuration of the request already has jobs, or the request is at
    /// its end, nothing is added. Returns whether they were added.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the jobs are not new ones of that configuration and request,
    /// or too many.
    async fn create_jobs(&self, jobs: &NewJobs) -> Result<bool, StoreError>;
    /// One job.
    async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError>;
    /// The jobs of a request, oldest first.
    async fn jobs_of_request(&self, id: RequestId) -> Result<Vec<Job>, StoreError>;
    /// Jobs of a configuration in a state, in the order in which they are to be done: priority of
    /// the request, then age.
    async fn jobs_in_state(
        &self,
        configuration: &ConfigurationId,
        state: JobState,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError>;
    /// How many jobs of a configuration are in each state, and their compilations.
    async fn job_counts(&self, configuration: &ConfigurationId) -> Result<JobCounts, StoreError>;
    /// What finished jobs of a configuration took on average, in seconds a compilation, over the
    /// last 50. `None` before the first.
    async fn seconds_per_compilation(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Option<f64>, StoreError>;
    /// Moves a pending job to queued and counts the release. Returns the job as it now is, or
    /// `None` when it was not pending. Called before the message is sent: a message that was never
    /// sent is repaired by [`Self::return_to_pending`].
    async fn release_job(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError>;
    /// Moves a queued or running job back to pending, if its last release was its `release`th.
    /// Returns whether it was moved.
    async fn return_to_pending(&self, id: JobId, release: u32) -> Result<bool, StoreError>;
    /// Notes progress: a queued job becomes running, and a later report of a later attempt wins.
    /// Reports for a job at its end change nothing.
    async fn record_progress(&self, event: &ProgressEvent, at: Timestamp)
    -> Result<(), StoreError>;
    /// Notes a real failure of an attempt, once for each attempt. With the
    /// [`FAILURES_UNTIL_FAILED`](shared_types::job::FAILURES_UNTIL_FAILED)th the job has failed,
    /// else it is pending again.
    async fn record_failure(
        &self,
        id: JobId,
        failure: &JobFailure,
    ) -> Result<FailureOutcome, StoreError>;
    /// Asks for a failed job once more: pending, with its failures forgotten. Returns whether it
    /// had failed.
    async fn retry_job(&self, id: JobId) -> Result<bool, StoreError>;

    /// Indexes a result. In one transaction: the result is recorded; the first of a job counts and
    /// makes the job done and "jobs left" of its runs one less; later ones are recorded as
    /// duplicates. A result of origin `import` needs no job and always counts. A result whose job
    /// was cancelled is recorded and counts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when a collector's result names a job that the index does not know,
    /// and [`StoreError::Conflict`] when it names another configuration or other runs than the job.
    async fn complete_job(&self, result: &CollectedResult) -> Result<Completion, StoreError>;
    /// Indexes many imported results, each in one transaction or all in one; those that are there
    /// change nothing. Returns how many were new.
    async fn add_imported(&self, results: &[CollectedResult]) -> Result<u64, StoreError>;
    /// The results that count for a run, oldest first, with the replicates that each holds of it.
    async fn results_of_run(&self, run: &RunId) -> Result<Vec<RunResult>, StoreError>;
    /// Whether a result is indexed, counted or not.
    async fn is_indexed(&self, key: &ObjectKey) -> Result<bool, StoreError>;
    /// The results of a job, in order of attempt.
    async fn results_of_job(&self, id: JobId) -> Result<Vec<ResultRecord>, StoreError>;
    /// One run and its replicates.
    async fn run(&self, run: &RunId) -> Result<Vec<RunOverview>, StoreError>;
    /// The runs of a configuration, the last measured first.
    async fn runs(
        &self,
        configuration: &ConfigurationId,
        page: &PageRequest,
    ) -> Result<Page<RunOverview>, StoreError>;
    /// How many runs of a configuration have a result.
    async fn run_count(&self, configuration: &ConfigurationId) -> Result<u64, StoreError>;
    /// The runs of an artifact, by configuration and replicate.
    async fn runs_of_artifact(&self, id: &ArtifactId) -> Result<Vec<RunOverview>, StoreError>;
    /// What could not be measured of a run.
    async fn failures_of_run(&self, run: &RunId) -> Result<Vec<FailureRecord>, StoreError>;
    /// What could not be measured lately, newest first.
    async fn recent_failures(&self, limit: u32) -> Result<Vec<FailureRecord>, StoreError>;

    /// Notes what a collector says of itself, unless something later is known.
    async fn record_collector(
        &self,
        report: &CollectorReport,
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// All collectors, by name.
    async fn collectors(&self) -> Result<Vec<CollectorRecord>, StoreError>;
    /// Tells a collector to take no more jobs, or to take jobs again.
    async fn set_draining(&self, collector: &str, draining: bool) -> Result<(), StoreError>;

    /// Notes a comparison, unless one of the same input hash is there.
    async fn put_comparison(&self, comparison: &ComparisonReference) -> Result<(), StoreError>;
    /// The comparisons of a request.
    async fn comparisons_of_request(
        &self,
        id: RequestId,
    ) -> Result<Vec<ComparisonReference>, StoreError>;
    /// The comparisons of a configuration, newest first.
    async fn comparisons(
        &self,
        configuration: &ConfigurationId,
        page: &PageRequest,
    ) -> Result<Page<ComparisonReference>, StoreError>;
    /// A comparison by the hash of all that went in.
    async fn comparison_by_input(
        &self,
        configuration: &ConfigurationId,
        input_hash: &ContentHash,
    ) -> Result<Option<ComparisonReference>, StoreError>;

    /// Reports something that a person should see. The same subject and message again counts up.
    async fn report_problem(
        &self,
        subject: &str,
        message: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// What was reported lately, newest first.
    async fn problems(&self, limit: u32) -> Result<Vec<ReportedProblem>, StoreError>;

    /// Adds a token, of which only a hash is stored.
    async fn create_token(&self, token: &TokenRecord) -> Result<(), StoreError>;
    /// The token of this hash, unless it was revoked.
    async fn token(&self, sha256: &str) -> Result<Option<TokenRecord>, StoreError>;
    /// Revokes every token of a person. Returns how many.
    async fn revoke_tokens(&self, person: &str) -> Result<u64, StoreError>;
    /// Whether any token was ever made.
    async fn has_tokens(&self) -> Result<bool, StoreError>;
    /// Records a write: who, what and when.
    async fn record_audit(&self, entry: &AuditEntry) -> Result<(), StoreError>;
    /// The last writes, newest first.
    async fn audit(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The `next_cursor` of the page before; `None` for the first page.
    pub cursor: Option<String>,
    /// Entries at most, 1 to [`PAGE_LIMIT_MAX`](shared_types::api::PAGE_LIMIT_MAX).
    pub limit: u32,
}

impl PageRequest {
    /// The first page, of `limit` entries.
    pub fn first(limit: u32) -> Self {
        Self {
            cursor: None,
            limit,
        }
    }
}

/// Which requests are wanted. `None` and an empty list leave a dimension as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// In one of these states.
    pub states: Vec<RequestState>,
}

pub use shared_types::job::JOBS_MAX;
pub use shared_types::job_transitions::FailureOutcome;

/// The jobs of one configuration of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJobs {
    /// The request.
    pub request: RequestId,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The jobs, all of that request and configuration, all pending.
    pub jobs: Vec<Job>,
}

/// A configuration's jobs in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs in the coordinator's hand.
    pub pending: u32,
    /// Jobs in the queue.
    pub queued: u32,
    /// Jobs that are worked on.
    pub running: u32,
    /// Jobs that are done.
    pub done: u32,
    /// Jobs that failed.
    pub failed: u32,
    /// Compilations done of the jobs that are not at their end.
    pub compilations_done: u64,
    /// Compilations of the jobs that are not at their end.
    pub compilations_total: u64,
}

/// What the index needs to know of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectedResult {
    /// Where it is.
    pub key: ObjectKey,
    /// The job.
    pub job: JobId,
    /// Which delivery.
    pub attempt: Attempt,
    /// Where it comes from.
    pub origin: Origin,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The runs that it measured, each with the number of its test cases.
    pub runs: Vec<(MeasuredRun, u32)>,
    /// The host.
    pub host: String,
    /// When the measuring ended.
    pub measured_at: Timestamp,
    /// What could not be measured.
    pub failures: Vec<MeasuringFailure>,
}

/// What indexing a result changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// It counts.
    Counted {
        /// Runs that have no jobs left now.
        completed_runs: Vec<MeasuredRun>,
        /// The request, and how many of its jobs of this configuration are not at their end.
        /// `None` for an import.
        request: Option<(RequestId, u32)>,
    },
    /// An earlier attempt counts; this one was recorded as a duplicate.
    Duplicate,
    /// This very result was indexed before; nothing changed.
    Known,
}

/// A result that counts for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunResult {
    /// Where it is.
    pub key: ObjectKey,
    /// The replicate of the run that it measured.
    pub run: MeasuredRun,
    /// The host.
    pub host: String,
    /// When it was measured.
    pub measured_at: Timestamp,
}

/// A token: whose it is and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// The SHA-256 of the token, in hexadecimal.
    pub sha256: String,
    /// The person.
    pub person: String,
    /// What it may do.
    pub role: TokenRole,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenRole {
    /// Read, which needs no token.
    Read,
    /// Take jobs, store results and report events, and nothing that is a person's business: a
    /// collector's host may be less well kept than a person's desk.
    Collector,
    /// Ask for measurements, and cancel or repeat them.
    Request,
    /// Decide what changes mean.
    Triage,
    /// Drain collectors, and all else.
    Admin,
}

impl TokenRole {
    /// Whether a token of this role may do what `needed` may. Of people's roles each may do what
    /// those before it may; only an administrator may also do what a collector does, since whoever
    /// can store a result can make one up.
    pub fn allows(self, needed: Self) -> bool {
        match (self, needed) {
            (Self::Admin, _) | (Self::Collector, Self::Collector | Self::Read) => true,
            (Self::Collector, _) | (_, Self::Collector) => false,
            (own, needed) => own >= needed,
        }
    }
}

/// A write that somebody made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub person: String,
    /// What: `POST requests`.
    pub action: String,
    /// To what: an id.
    pub subject: String,
}

#[cfg(test)]
mod tests {
    use super::TokenRole::{Admin, Collector, Read, Request, Triage};

    #[test]
    fn a_collector_may_do_nothing_that_is_a_persons_business() {
        assert!(Collector.allows(Collector) && Collector.allows(Read));
        assert!(
            !Collector.allows(Request) && !Collector.allows(Triage) && !Collector.allows(Admin)
        );
    }

    #[test]
    fn nobody_but_an_administrator_may_store_results_by_hand() {
        assert!(!Read.allows(Collector) && !Request.allows(Collector) && !Triage.allows(Collector));
        assert!(Admin.allows(Collector) && Admin.allows(Request));
    }

    #[test]
    fn of_peoples_roles_each_may_do_what_those_before_it_may() {
        assert!(Triage.allows(Request) && !Request.allows(Triage));
    }
}
