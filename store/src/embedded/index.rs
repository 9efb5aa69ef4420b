//! The index in SQLite. What each method does is in the module of its subject; here each is run as
//! one transaction, apart from the runtime.

mod artifacts;
mod collectors;
mod comparisons;
mod configurations;
mod disturbed_runs;
mod jobs;
mod paging;
mod problems;
mod requests;
mod results;
mod runs;
mod tokens;
mod upkeep;

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
            .write("registering a configuration", move |index| {
                configurations::register(index, &configuration)
            })
            .await
    }
    async fn configuration(
        &self,
        id: &ConfigurationId,
    ) -> Result<Option<Configuration>, StoreError> {
        let id = id.clone();
        self.database
            .read("reading a configuration", move |index| {
                configurations::find(index, &id)
            })
            .await
    }
    async fn configurations(&self) -> Result<Vec<Configuration>, StoreError> {
        self.database
            .read("reading the configurations", |index| {
                configurations::all(index)
            })
            .await
    }
    async fn set_tier(&self, id: &ConfigurationId, tier: Tier) -> Result<(), StoreError> {
        let id = id.clone();
        self.database
            .write("setting a tier", move |index| {
                configurations::set_tier(index, &id, tier)
            })
            .await
    }

    async fn put_artifacts(&self, artifacts: &[Artifact]) -> Result<(), StoreError> {
        let artifacts = artifacts.to_vec();
        self.database
            .write("adding artifacts", move |index| {
                artifacts::put(index, &artifacts)
            })
            .await
    }
    async fn artifact(&self, id: &ArtifactId) -> Result<Option<Artifact>, StoreError> {
        let id = id.clone();
        self.database
            .read("reading an artifact", move |index| {
                artifacts::find(index, &id)
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
            .read("listing artifacts", move |index| {
                artifacts::page(index, &prefix, &page)
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
            .read("looking for predecessors", move |index| {
                artifacts::predecessors(index, &before, limit)
            })
            .await
    }
    async fn line(&self, line: Line, first: i64, last: i64) -> Result<Vec<Artifact>, StoreError> {
        self.database
            .read("reading a line of history", move |index| {
                artifacts::line(index, line, first, last)
            })
            .await
    }

    async fn create_request(&self, request: &Request) -> Result<(), StoreError> {
        let request = request.clone();
        self.database
            .write("adding a request", move |index| {
                requests::create(index, &request)
            })
            .await
    }
    async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError> {
        self.database
            .read("reading a request", move |index| requests::find(index, id))
            .await
    }
    async fn requests(
        &self,
        filter: &RequestFilter,
        page: &PageRequest,
    ) -> Result<Page<Request>, StoreError> {
        let (filter, page) = (filter.clone(), page.clone());
        self.database
            .read("listing requests", move |index| {
                requests::page(index, &filter, &page)
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
            .write("moving a request", move |index| {
                requests::set_state(index, id, state, note.as_deref(), at)
            })
            .await
    }

    async fn create_jobs(&self, jobs: &NewJobs) -> Result<bool, StoreError> {
        let jobs = jobs.clone();
        self.database
            .write("adding jobs", move |index| jobs::create(index, &jobs))
            .await
    }
    async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.database
            .read("reading a job", move |index| jobs::find(index, id))
            .await
    }
    async fn jobs_of_request(&self, id: RequestId) -> Result<Vec<Job>, StoreError> {
        self.database
            .read("reading the jobs of a request", move |index| {
                jobs::of_request(index, id)
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
            .read("reading jobs", move |index| {
                jobs::in_state(index, &configuration, state, limit)
            })
            .await
    }
    async fn job_counts(&self, configuration: &ConfigurationId) -> Result<JobCounts, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("counting jobs", move |index| {
                jobs::counts(index, &configuration)
            })
            .await
    }
    async fn seconds_per_compilation(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Option<f64>, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("averaging durations", move |index| {
                jobs::seconds_per_compilation(index, &configuration)
            })
            .await
    }
    async fn release_job(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        self.database
            .write("releasing a job", move |index| jobs::release(index, id, at))
            .await
    }
    async fn return_to_pending(&self, id: JobId, release: u32) -> Result<bool, StoreError> {
        self.database
            .write("taking a job back", move |index| {
                jobs::return_to_pending(index, id, release)
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
            .write("noting progress", move |index| {
                collectors::heard_of(index, &event.collector, at)?;
                jobs::record_progress(index, &event, at)
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
            .write("noting a failure", move |index| {
                jobs::record_failure(index, id, &failure)
            })
            .await
    }
    async fn retry_job(&self, id: JobId) -> Result<bool, StoreError> {
        self.database
            .write("asking for a job once more", move |index| {
                jobs::retry(index, id)
            })
            .await
    }

    async fn complete_job(&self, result: &CollectedResult) -> Result<Completion, StoreError> {
        let result = result.clone();
        self.database
            .write("indexing a result", move |index| {
                results::complete_job(index, &result)
            })
            .await
    }
    async fn add_imported(&self, results: &[CollectedResult]) -> Result<u64, StoreError> {
        let results = results.to_vec();
        self.database
            .write("indexing imported results", move |index| {
                results::add_imported(index, &results)
            })
            .await
    }
    async fn results_of_run(&self, run: &RunId) -> Result<Vec<RunResult>, StoreError> {
        let run = run.clone();
        self.database
            .read("reading the results of a run", move |index| {
                results::of_run(index, &run)
            })
            .await
    }
    async fn is_indexed(&self, key: &ObjectKey) -> Result<bool, StoreError> {
        let key = key.clone();
        self.database
            .read("looking for a result", move |index| {
                results::is_indexed(index, &key)
            })
            .await
    }
    async fn results_of_job(&self, id: JobId) -> Result<Vec<ResultRecord>, StoreError> {
        self.database
            .read("reading the results of a job", move |index| {
                results::of_job(index, id)
            })
            .await
    }
    async fn run(&self, run: &RunId) -> Result<Vec<RunOverview>, StoreError> {
        let run = run.clone();
        self.database
            .read("reading a run", move |index| runs::replicates(index, &run))
            .await
    }
    async fn runs(
        &self,
        configuration: &ConfigurationId,
        page: &PageRequest,
    ) -> Result<Page<RunOverview>, StoreError> {
        let (configuration, page) = (configuration.clone(), page.clone());
        self.database
            .read("listing runs", move |index| {
                runs::page(index, &configuration, &page)
            })
            .await
    }
    async fn run_count(&self, configuration: &ConfigurationId) -> Result<u64, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("counting runs", move |index| {
                runs::measured_count(index, &configuration)
            })
            .await
    }
    async fn runs_of_artifact(&self, id: &ArtifactId) -> Result<Vec<RunOverview>, StoreError> {
        let id = id.clone();
        self.database
            .read("reading the runs of an artifact", move |index| {
                runs::of_artifact(index, &id)
            })
            .await
    }
    async fn failures_of_run(&self, run: &RunId) -> Result<Vec<FailureRecord>, StoreError> {
        let run = run.clone();
        self.database
            .read("reading what could not be measured", move |index| {
                results::failures_of_run(index, &run)
            })
            .await
    }
    async fn recent_failures(&self, limit: u32) -> Result<Vec<FailureRecord>, StoreError> {
        self.database
            .read("reading what could not be measured", move |index| {
                results::recent_failures(index, limit)
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
            .write("noting a collector", move |index| {
                collectors::record(index, &report, at)
            })
            .await
    }
    async fn collectors(&self) -> Result<Vec<CollectorRecord>, StoreError> {
        self.database
            .read("reading the collectors", |index| collectors::all(index))
            .await
    }
    async fn set_draining(&self, collector: &str, draining: bool) -> Result<(), StoreError> {
        let collector = collector.to_owned();
        self.database
            .write("draining a collector", move |index| {
                collectors::set_draining(index, &collector, draining)
            })
            .await
    }

    async fn put_comparison(&self, comparison: &ComparisonReference) -> Result<(), StoreError> {
        let comparison = comparison.clone();
        self.database
            .write("noting a comparison", move |index| {
                comparisons::put(index, &comparison)
            })
            .await
    }
    async fn comparisons_of_request(
        &self,
        id: RequestId,
    ) -> Result<Vec<ComparisonReference>, StoreError> {
        self.database
            .read("reading the comparisons of a request", move |index| {
                comparisons::of_request(index, id)
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
            .read("listing comparisons", move |index| {
                comparisons::page(index, &configuration, &page)
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
            .read("looking for a comparison", move |index| {
                comparisons::by_input(index, &configuration, &input_hash)
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
            .write("reporting a problem", move |index| {
                problems::report(index, &subject, &message, at)
            })
            .await
    }
    async fn problems(&self, limit: u32) -> Result<Vec<ReportedProblem>, StoreError> {
        self.database
            .read("reading the problems", move |index| {
                problems::latest(index, limit)
            })
            .await
    }
    async fn create_token(&self, token: &TokenRecord) -> Result<(), StoreError> {
        let token = token.clone();
        self.database
            .write("adding a token", move |index| tokens::create(index, &token))
            .await
    }
    async fn token(&self, sha256: &str) -> Result<Option<TokenRecord>, StoreError> {
        let sha256 = sha256.to_owned();
        self.database
            .read("looking for a token", move |index| {
                tokens::find(index, &sha256)
            })
            .await
    }
    async fn revoke_tokens(&self, person: &str) -> Result<u64, StoreError> {
        let person = person.to_owned();
        self.database
            .write("revoking tokens", move |index| {
                tokens::revoke(index, &person)
            })
            .await
    }
    async fn has_tokens(&self) -> Result<bool, StoreError> {
        self.database
            .read("looking for tokens", |index| tokens::any(index))
            .await
    }
    async fn record_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let entry = entry.clone();
        self.database
            .write("recording a write", move |index| {
                tokens::record_audit(index, &entry)
            })
            .await
    }
    async fn audit(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        self.database
            .read("reading the writes", move |index| {
                tokens::audit(index, limit)
            })
            .await
    }
}
