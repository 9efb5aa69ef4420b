//! The index in SQLite. What each method does is in the module of its subject; here each is run as
//! one transaction, apart from the runtime.

mod artifacts;
mod collectors;
mod comparisons;
mod configurations;
mod jobs;
mod paging;
mod problems;
mod requests;
mod results;
mod runs;
mod tokens;

use std::path::Path;

use async_trait::async_trait;
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

use super::database::{Database, Durability};
use super::schema::INDEX_MIGRATIONS;
use crate::{
    AuditEntry, CollectedResult, Completion, FailureOutcome, Index, JobCounts, NewJobs,
    PageRequest, RequestFilter, RunResult, StoreError, TokenRecord,
};

/// The index, in one file.
pub(super) struct EmbeddedIndex {
    database: Database,
}

impl EmbeddedIndex {
    /// Opens the file, and makes it where there is none.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            database: Database::open(path, INDEX_MIGRATIONS, Durability::Every)?,
        })
    }
}

#[async_trait]
impl Index for EmbeddedIndex {
    async fn register_configuration(
        &self,
        configuration: &Configuration,
    ) -> Result<(), StoreError> {
        let configuration = configuration.clone();
        self.database
            .write("registering a configuration", move |transaction| {
                configurations::register(transaction, &configuration)
            })
            .await
    }

    async fn configuration(
        &self,
        id: &ConfigurationId,
    ) -> Result<Option<Configuration>, StoreError> {
        let id = id.clone();
        self.database
            .read("reading a configuration", move |transaction| {
                configurations::find(transaction, &id)
            })
            .await
    }

    async fn configurations(&self) -> Result<Vec<Configuration>, StoreError> {
        self.database
            .read("reading the configurations", |transaction| {
                configurations::all(transaction)
            })
            .await
    }

    async fn set_tier(&self, id: &ConfigurationId, tier: Tier) -> Result<(), StoreError> {
        let id = id.clone();
        self.database
            .write("setting a tier", move |transaction| {
                configurations::set_tier(transaction, &id, tier)
            })
            .await
    }

    async fn put_artifacts(&self, artifacts: &[Artifact]) -> Result<(), StoreError> {
        let artifacts = artifacts.to_vec();
        self.database
            .write("adding artifacts", move |transaction| {
                artifacts::put(transaction, &artifacts)
            })
            .await
    }

    async fn artifact(&self, id: &ArtifactId) -> Result<Option<Artifact>, StoreError> {
        let id = id.clone();
        self.database
            .read("reading an artifact", move |transaction| {
                artifacts::find(transaction, &id)
            })
            .await
    }

    async fn artifacts(
        &self,
        prefix: &str,
        page: &PageRequest,
    ) -> Result<Page<Artifact>, StoreError> {
        let (prefix, page) = (prefix.to_owned(), page.clone());
        self.database
            .read("listing artifacts", move |transaction| {
                artifacts::page(transaction, &prefix, &page)
            })
            .await
    }

    async fn predecessors(
        &self,
        before: &HistoryPosition,
        limit: u32,
    ) -> Result<Vec<Artifact>, StoreError> {
        let before = before.clone();
        self.database
            .read("looking for predecessors", move |transaction| {
                artifacts::predecessors(transaction, &before, limit)
            })
            .await
    }

    async fn line(&self, line: Line, first: i64, last: i64) -> Result<Vec<Artifact>, StoreError> {
        self.database
            .read("reading a line of history", move |transaction| {
                artifacts::line(transaction, line, first, last)
            })
            .await
    }

    async fn create_request(&self, request: &Request) -> Result<(), StoreError> {
        let request = request.clone();
        self.database
            .write("adding a request", move |transaction| {
                requests::create(transaction, &request)
            })
            .await
    }

    async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError> {
        self.database
            .read("reading a request", move |transaction| {
                requests::find(transaction, id)
            })
            .await
    }

    async fn requests(
        &self,
        filter: &RequestFilter,
        page: &PageRequest,
    ) -> Result<Page<Request>, StoreError> {
        let (filter, page) = (filter.clone(), page.clone());
        self.database
            .read("listing requests", move |transaction| {
                requests::page(transaction, &filter, &page)
            })
            .await
    }

    async fn set_request_state(
        &self,
        id: RequestId,
        state: RequestState,
        note: Option<&str>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let note = note.map(str::to_owned);
        self.database
            .write("moving a request", move |transaction| {
                requests::set_state(transaction, id, state, note.as_deref(), at)
            })
            .await
    }

    async fn create_jobs(&self, jobs: &NewJobs) -> Result<bool, StoreError> {
        let jobs = jobs.clone();
        self.database
            .write("adding jobs", move |transaction| {
                jobs::create(transaction, &jobs)
            })
            .await
    }

    async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.database
            .read("reading a job", move |transaction| {
                jobs::find(transaction, id)
            })
            .await
    }

    async fn jobs_of_request(&self, id: RequestId) -> Result<Vec<Job>, StoreError> {
        self.database
            .read("reading the jobs of a request", move |transaction| {
                jobs::of_request(transaction, id)
            })
            .await
    }

    async fn jobs_in_state(
        &self,
        configuration: &ConfigurationId,
        state: JobState,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("reading jobs", move |transaction| {
                jobs::in_state(transaction, &configuration, state, limit)
            })
            .await
    }

    async fn job_counts(&self, configuration: &ConfigurationId) -> Result<JobCounts, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("counting jobs", move |transaction| {
                jobs::counts(transaction, &configuration)
            })
            .await
    }

    async fn seconds_per_compilation(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Option<f64>, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("averaging durations", move |transaction| {
                jobs::seconds_per_compilation(transaction, &configuration)
            })
            .await
    }

    async fn release_job(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        self.database
            .write("releasing a job", move |transaction| {
                jobs::release(transaction, id, at)
            })
            .await
    }

    async fn return_to_pending(&self, id: JobId, release: u32) -> Result<bool, StoreError> {
        self.database
            .write("taking a job back", move |transaction| {
                jobs::return_to_pending(transaction, id, release)
            })
            .await
    }

    async fn record_progress(
        &self,
        event: &ProgressEvent,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let event = event.clone();
        self.database
            .write("noting progress", move |transaction| {
                collectors::heard_of(transaction, &event.collector, at)?;
                jobs::record_progress(transaction, &event, at)
            })
            .await
    }

    async fn record_failure(
        &self,
        id: JobId,
        failure: &JobFailure,
    ) -> Result<FailureOutcome, StoreError> {
        let failure = failure.clone();
        self.database
            .write("noting a failure", move |transaction| {
                jobs::record_failure(transaction, id, &failure)
            })
            .await
    }

    async fn retry_job(&self, id: JobId) -> Result<bool, StoreError> {
        self.database
            .write("asking for a job once more", move |transaction| {
                jobs::retry(transaction, id)
            })
            .await
    }

    async fn complete_job(&self, result: &CollectedResult) -> Result<Completion, StoreError> {
        let result = result.clone();
        self.database
            .write("indexing a result", move |transaction| {
                results::complete_job(transaction, &result)
            })
            .await
    }

    async fn add_imported(&self, results: &[CollectedResult]) -> Result<u64, StoreError> {
        let results = results.to_vec();
        self.database
            .write("indexing imported results", move |transaction| {
                results::add_imported(transaction, &results)
            })
            .await
    }

    async fn results_of_run(&self, run: &RunId) -> Result<Vec<RunResult>, StoreError> {
        let run = run.clone();
        self.database
            .read("reading the results of a run", move |transaction| {
                results::of_run(transaction, &run)
            })
            .await
    }

    async fn is_indexed(&self, key: &ObjectKey) -> Result<bool, StoreError> {
        let key = key.clone();
        self.database
            .read("looking for a result", move |transaction| {
                results::is_indexed(transaction, &key)
            })
            .await
    }

    async fn results_of_job(&self, id: JobId) -> Result<Vec<ResultRecord>, StoreError> {
        self.database
            .read("reading the results of a job", move |transaction| {
                results::of_job(transaction, id)
            })
            .await
    }

    async fn run(&self, run: &RunId) -> Result<Vec<RunOverview>, StoreError> {
        let run = run.clone();
        self.database
            .read("reading a run", move |transaction| {
                runs::replicates(transaction, &run)
            })
            .await
    }

    async fn runs(
        &self,
        configuration: &ConfigurationId,
        page: &PageRequest,
    ) -> Result<Page<RunOverview>, StoreError> {
        let (configuration, page) = (configuration.clone(), page.clone());
        self.database
            .read("listing runs", move |transaction| {
                runs::page(transaction, &configuration, &page)
            })
            .await
    }

    async fn run_count(&self, configuration: &ConfigurationId) -> Result<u64, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("counting runs", move |transaction| {
                runs::measured_count(transaction, &configuration)
            })
            .await
    }

    async fn runs_of_artifact(&self, id: &ArtifactId) -> Result<Vec<RunOverview>, StoreError> {
        let id = id.clone();
        self.database
            .read("reading the runs of an artifact", move |transaction| {
                runs::of_artifact(transaction, &id)
            })
            .await
    }

    async fn failures_of_run(&self, run: &RunId) -> Result<Vec<FailureRecord>, StoreError> {
        let run = run.clone();
        self.database
            .read("reading what could not be measured", move |transaction| {
                results::failures_of_run(transaction, &run)
            })
            .await
    }

    async fn recent_failures(&self, limit: u32) -> Result<Vec<FailureRecord>, StoreError> {
        self.database
            .read("reading what could not be measured", move |transaction| {
                results::recent_failures(transaction, limit)
            })
            .await
    }

    async fn record_collector(
        &self,
        report: &CollectorReport,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let report = report.clone();
        self.database
            .write("noting a collector", move |transaction| {
                collectors::record(transaction, &report, at)
            })
            .await
    }

    async fn collectors(&self) -> Result<Vec<CollectorRecord>, StoreError> {
        self.database
            .read("reading the collectors", |transaction| {
                collectors::all(transaction)
            })
            .await
    }

    async fn set_draining(&self, collector: &str, draining: bool) -> Result<(), StoreError> {
        let collector = collector.to_owned();
        self.database
            .write("draining a collector", move |transaction| {
                collectors::set_draining(transaction, &collector, draining)
            })
            .await
    }

    async fn put_comparison(&self, comparison: &ComparisonReference) -> Result<(), StoreError> {
        let comparison = comparison.clone();
        self.database
            .write("noting a comparison", move |transaction| {
                comparisons::put(transaction, &comparison)
            })
            .await
    }

    async fn comparisons_of_request(
        &self,
        id: RequestId,
    ) -> Result<Vec<ComparisonReference>, StoreError> {
        self.database
            .read("reading the comparisons of a request", move |transaction| {
                comparisons::of_request(transaction, id)
            })
            .await
    }

    async fn comparisons(
        &self,
        configuration: &ConfigurationId,
        page: &PageRequest,
    ) -> Result<Page<ComparisonReference>, StoreError> {
        let (configuration, page) = (configuration.clone(), page.clone());
        self.database
            .read("listing comparisons", move |transaction| {
                comparisons::page(transaction, &configuration, &page)
            })
            .await
    }

    async fn comparison_by_input(
        &self,
        configuration: &ConfigurationId,
        input_hash: &ContentHash,
    ) -> Result<Option<ComparisonReference>, StoreError> {
        let (configuration, input_hash) = (configuration.clone(), input_hash.clone());
        self.database
            .read("looking for a comparison", move |transaction| {
                comparisons::by_input(transaction, &configuration, &input_hash)
            })
            .await
    }

    async fn report_problem(
        &self,
        subject: &str,
        message: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (subject, message) = (subject.to_owned(), message.to_owned());
        self.database
            .write("reporting a problem", move |transaction| {
                problems::report(transaction, &subject, &message, at)
            })
            .await
    }

    async fn problems(&self, limit: u32) -> Result<Vec<ReportedProblem>, StoreError> {
        self.database
            .read("reading the problems", move |transaction| {
                problems::latest(transaction, limit)
            })
            .await
    }

    async fn create_token(&self, token: &TokenRecord) -> Result<(), StoreError> {
        let token = token.clone();
        self.database
            .write("adding a token", move |transaction| {
                tokens::create(transaction, &token)
            })
            .await
    }

    async fn token(&self, sha256: &str) -> Result<Option<TokenRecord>, StoreError> {
        let sha256 = sha256.to_owned();
        self.database
            .read("looking for a token", move |transaction| {
                tokens::find(transaction, &sha256)
            })
            .await
    }

    async fn revoke_tokens(&self, person: &str) -> Result<u64, StoreError> {
        let person = person.to_owned();
        self.database
            .write("revoking tokens", move |transaction| {
                tokens::revoke(transaction, &person)
            })
            .await
    }

    async fn has_tokens(&self) -> Result<bool, StoreError> {
        self.database
            .read("looking for tokens", |transaction| tokens::any(transaction))
            .await
    }

    async fn record_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let entry = entry.clone();
        self.database
            .write("recording a write", move |transaction| {
                tokens::record_audit(transaction, &entry)
            })
            .await
    }

    async fn audit(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        self.database
            .read("reading the writes", move |transaction| {
                tokens::audit(transaction, limit)
            })
            .await
    }
}
