//! The index in DynamoDB: one table, whose keys and accesses are listed in `docs/data-model.md`.
//!
//! Whatever is decided is decided from items that were read consistently, by the functions that all
//! adapters share, and written on the condition that the items are still what they were; else it is
//! decided again. Lists in an order other than that of the keys come from the index `by-order`, which
//! follows the table a moment later, and decide nothing.

mod artifacts;
mod changes;
mod collectors;
mod comparisons;
mod configurations;
mod disturbed_runs;
mod failures;
mod github;
mod jobs;
mod keys;
mod long_text;
mod paging;
mod problems;
mod requests;
mod results;
mod retractions;
mod runs;
mod scheduling;
mod table;
mod tally;
mod tokens;
mod triage;
mod upkeep;

use async_trait::async_trait;
use aws_config::SdkConfig;
use jiff::Timestamp;
use shared_types::api::{
    ComparisonReference, FailureRecord, Page, ReportedProblem, ResultRecord, RunOverview,
};
use shared_types::collector::CollectorRecord;
use shared_types::events::{CollectorReport, ProgressEvent};
use shared_types::job::{Job, JobFailure, JobState};
use shared_types::object_key::ContentHash;
use shared_types::request::{Request, RequestState};
use shared_types::{
    Artifact, ArtifactId, Configuration, ConfigurationId, HistoryPosition, JobId, Line, ObjectKey,
    RequestId, RunId, Tier,
};

use self::table::Table;
use super::names::AwsPlace;
use crate::{
    AuditEntry, CollectedResult, Completion, FailureOutcome, Index, JobCounts, NewJobs,
    PageRequest, RequestFilter, RunResult, StoreError, TokenRecord,
};

/// The index, in one table.
pub(super) struct DynamoIndex {
    table: Table,
}

impl DynamoIndex {
    /// The index of a place. Nothing is asked of it yet.
    pub(super) fn new(configuration: &SdkConfig, place: &AwsPlace) -> Self {
        Self {
            table: Table::new(configuration, place.table()),
        }
    }
}

#[async_trait]
impl Index for DynamoIndex {
    async fn register_configuration(
        &self,
        configuration: &Configuration,
    ) -> Result<(), StoreError> {
        configurations::register(&self.table, configuration).await
    }
    async fn configuration(
        &self,
        id: &ConfigurationId,
    ) -> Result<Option<Configuration>, StoreError> {
        configurations::find(&self.table, id).await
    }
    async fn configurations(&self) -> Result<Vec<Configuration>, StoreError> {
        configurations::all(&self.table).await
    }
    async fn set_tier(&self, id: &ConfigurationId, tier: Tier) -> Result<(), StoreError> {
        configurations::set_tier(&self.table, id, tier).await
    }

    async fn put_artifacts(&self, artifacts: &[Artifact]) -> Result<(), StoreError> {
        artifacts::put(&self.table, artifacts).await
    }
    async fn artifact(&self, id: &ArtifactId) -> Result<Option<Artifact>, StoreError> {
        artifacts::find(&self.table, id).await
    }
    async fn artifacts(
        &self,
        prefix: &str,
        page: &PageRequest,
    ) -> Result<Page<Artifact>, StoreError> {
        artifacts::page(&self.table, prefix, page).await
    }
    async fn predecessors(
        &self,
        before: &HistoryPosition,
        limit: u32,
    ) -> Result<Vec<Artifact>, StoreError> {
        artifacts::predecessors(&self.table, before, limit).await
    }
    async fn successors(
        &self,
        after: &HistoryPosition,
        limit: u32,
    ) -> Result<Vec<Artifact>, StoreError> {
        artifacts::successors(&self.table, after, limit).await
    }
    async fn line(&self, line: Line, first: i64, last: i64) -> Result<Vec<Artifact>, StoreError> {
        artifacts::line(&self.table, line, first, last).await
    }

    async fn create_request(&self, request: &Request) -> Result<(), StoreError> {
        requests::create(&self.table, request).await
    }
    async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError> {
        requests::find(&self.table, id).await
    }
    async fn requests(
        &self,
        filter: &RequestFilter,
        page: &PageRequest,
    ) -> Result<Page<Request>, StoreError> {
        requests::page(&self.table, filter, page).await
    }
    async fn set_request_state(
        &self,
        id: RequestId,
        state: RequestState,
        note: Option<&str>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        requests::set_state(&self.table, id, state, note, at).await
    }

    async fn create_jobs(&self, jobs: &NewJobs) -> Result<bool, StoreError> {
        jobs::create(&self.table, jobs).await
    }
    async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        jobs::find(&self.table, id).await
    }
    async fn jobs_of_request(&self, id: RequestId) -> Result<Vec<Job>, StoreError> {
        jobs::of_request(&self.table, id).await
    }
    async fn jobs_in_state(
        &self,
        configuration: &ConfigurationId,
        state: JobState,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError> {
        jobs::in_state(&self.table, configuration, state, limit).await
    }
    async fn job_counts(&self, configuration: &ConfigurationId) -> Result<JobCounts, StoreError> {
        jobs::counts(&self.table, configuration).await
    }
    async fn seconds_per_compilation(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Option<f64>, StoreError> {
        tally::seconds_per_compilation(&self.table, configuration).await
    }
    async fn release_job(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        jobs::release(&self.table, id, at).await
    }
    async fn return_to_pending(&self, id: JobId, release: u32) -> Result<bool, StoreError> {
        jobs::return_to_pending(&self.table, id, release).await
    }
    async fn record_progress(
        &self,
        event: &ProgressEvent,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        collectors::heard_of(&self.table, &event.collector, at).await?;
        jobs::record_progress(&self.table, event, at).await
    }
    async fn record_failure(
        &self,
        id: JobId,
        failure: &JobFailure,
    ) -> Result<FailureOutcome, StoreError> {
        jobs::record_failure(&self.table, id, failure).await
    }
    async fn retry_job(&self, id: JobId) -> Result<bool, StoreError> {
        jobs::retry(&self.table, id).await
    }

    async fn complete_job(&self, result: &CollectedResult) -> Result<Completion, StoreError> {
        results::complete_job(&self.table, result).await
    }
    async fn add_imported(&self, results: &[CollectedResult]) -> Result<u64, StoreError> {
        results::add_imported(&self.table, results).await
    }
    async fn results_of_run(&self, run: &RunId) -> Result<Vec<RunResult>, StoreError> {
        results::of_run(&self.table, run).await
    }
    async fn is_indexed(&self, key: &ObjectKey) -> Result<bool, StoreError> {
        results::is_indexed(&self.table, key).await
    }
    async fn results_of_job(&self, id: JobId) -> Result<Vec<ResultRecord>, StoreError> {
        results::of_job(&self.table, id).await
    }
    async fn run(&self, run: &RunId) -> Result<Vec<RunOverview>, StoreError> {
        runs::replicates(&self.table, run).await
    }
    async fn runs(
        &self,
        configuration: &ConfigurationId,
        page: &PageRequest,
    ) -> Result<Page<RunOverview>, StoreError> {
        runs::page(&self.table, configuration, page).await
    }
    async fn run_count(&self, configuration: &ConfigurationId) -> Result<u64, StoreError> {
        tally::measured_runs(&self.table, configuration).await
    }
    async fn runs_of_artifact(&self, id: &ArtifactId) -> Result<Vec<RunOverview>, StoreError> {
        runs::of_artifact(&self.table, id).await
    }
    async fn failures_of_run(&self, run: &RunId) -> Result<Vec<FailureRecord>, StoreError> {
        failures::of_run(&self.table, run).await
    }
    async fn recent_failures(&self, limit: u32) -> Result<Vec<FailureRecord>, StoreError> {
        failures::recent(&self.table, limit).await
    }

    async fn record_collector(
        &self,
        report: &CollectorReport,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        collectors::record(&self.table, report, at).await
    }
    async fn collectors(&self) -> Result<Vec<CollectorRecord>, StoreError> {
        collectors::all(&self.table).await
    }
    async fn set_draining(&self, collector: &str, draining: bool) -> Result<(), StoreError> {
        collectors::set_draining(&self.table, collector, draining).await
    }

    async fn put_comparison(&self, comparison: &ComparisonReference) -> Result<(), StoreError> {
        comparisons::put(&self.table, comparison).await
    }
    async fn comparisons_of_request(
        &self,
        id: RequestId,
    ) -> Result<Vec<ComparisonReference>, StoreError> {
        comparisons::of_request(&self.table, id).await
    }
    async fn comparisons(
        &self,
        configuration: &ConfigurationId,
        page: &PageRequest,
    ) -> Result<Page<ComparisonReference>, StoreError> {
        comparisons::page(&self.table, configuration, page).await
    }
    async fn comparison_by_input(
        &self,
        configuration: &ConfigurationId,
        input_hash: &ContentHash,
    ) -> Result<Option<ComparisonReference>, StoreError> {
        comparisons::by_input(&self.table, configuration, input_hash).await
    }

    async fn report_problem(
        &self,
        subject: &str,
        message: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        problems::report(&self.table, subject, message, at).await
    }
    async fn problems(&self, limit: u32) -> Result<Vec<ReportedProblem>, StoreError> {
        problems::latest(&self.table, limit).await
    }

    async fn create_token(&self, token: &TokenRecord) -> Result<(), StoreError> {
        tokens::create(&self.table, token).await
    }
    async fn token(&self, sha256: &str) -> Result<Option<TokenRecord>, StoreError> {
        tokens::find(&self.table, sha256).await
    }
    async fn revoke_tokens(&self, person: &str) -> Result<u64, StoreError> {
        tokens::revoke(&self.table, person).await
    }
    async fn has_tokens(&self) -> Result<bool, StoreError> {
        tokens::any(&self.table).await
    }
    async fn record_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        tokens::record_audit(&self.table, entry).await
    }
    async fn audit(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        tokens::audit(&self.table, limit).await
    }
}
