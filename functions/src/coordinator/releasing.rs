//! Releases jobs into a configuration's queue only as fast as its collectors take them, so that
//! order and cancellation stay in the coordinator's hand.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use analysis::schedule::{WaitingJob, release_count, release_order};
use shared_types::format::Versioned;
use shared_types::ids::Attempt;
use shared_types::job::{DELIVERIES_PER_RELEASE, Job, JobMessage, JobState, Trust};
use shared_types::request::Request;
use shared_types::{ArtifactId, Configuration, ConfigurationId, JobId, Line, RequestId};
use store::QueueName;

use crate::{Context, FunctionsError};

/// How many pending jobs of a configuration are put into order at a time.
const PENDING_MAX: u32 = 1000;

/// Puts as many jobs into the queue of a configuration as its collectors can take. Returns how
/// many that were.
pub(super) async fn release(
    context: &Context,
    configuration: &Configuration,
) -> Result<u64, FunctionsError> {
    let index = &context.store.index;
    let id = &configuration.id;
    let counts = index.job_counts(id).await?;
    if counts.pending == 0 {
        return Ok(0);
    }
    let room = room(context, id, counts.queued).await?;
    if room == 0 {
        return Ok(0);
    }
    let pending = index
        .jobs_in_state(id, JobState::Pending, PENDING_MAX)
        .await?;
    let order = release_order(&waiting_jobs(context, &pending).await?);
    let mut released = 0;
    for job in order.into_iter().take(room as usize) {
        if release_one(context, configuration, job).await? {
            released += 1;
        }
    }
    Ok(released)
}

/// How many jobs the queue of a configuration has room for.
async fn room(context: &Context, id: &ConfigurationId, queued: u32) -> Result<u32, FunctionsError> {
    let now = context.now();
    let collectors = context.store.index.collectors().await?;
    let mut serving = collectors
        .iter()
        .filter(|collector| collector.report.configurations.contains(id))
        .peekable();
    let none_was_ever_heard_of = serving.peek().is_none();
    let (mut alive, mut all_draining) = (0, true);
    for collector in serving {
        all_draining &= collector.draining;
        if collector.is_alive(now) && !collector.draining {
            alive += 1;
        }
    }
    if all_draining && !none_was_ever_heard_of {
        return Ok(0);
    }
    Ok(release_count(alive, queued))
}

/// What is known of pending jobs that decides their order.
async fn waiting_jobs(
    context: &Context,
    pending: &[Job],
) -> Result<Vec<WaitingJob>, FunctionsError> {
    let mut requests: BTreeMap<RequestId, Option<Request>> = BTreeMap::new();
    let mut parents: BTreeMap<&ArtifactId, Option<ArtifactId>> = BTreeMap::new();
    for job in pending {
        if let Entry::Vacant(unknown) = requests.entry(job.request) {
            unknown.insert(context.store.index.request(job.request).await?);
        }
        for run in &job.runs {
            if let Entry::Vacant(unknown) = parents.entry(&run.artifact) {
                unknown.insert(parent_of(context, &run.artifact).await?);
            }
        }
    }
    let waiting = pending.iter().map(|job| {
        let request = requests.get(&job.request).and_then(Option::as_ref);
        let base = request.and_then(|request| request.base.as_ref());
        let of_runs = job.runs.iter();
        let after = of_runs
            .filter_map(|run| parents.get(&run.artifact).cloned().flatten())
            .chain(base.map(|base| base.artifact.clone()));
        WaitingJob {
            id: job.id,
            request: job.request,
            priority: request.map_or(0, |request| request.priority),
            artifacts: job.runs.iter().map(|run| run.artifact.clone()).collect(),
            after: after.collect(),
            requested_at: request.map_or(job.created_at, |request| request.created_at),
        }
    });
    Ok(waiting.collect())
}

async fn parent_of(
    context: &Context,
    artifact: &ArtifactId,
) -> Result<Option<ArtifactId>, FunctionsError> {
    let artifact = context.store.index.artifact(artifact).await?;
    let history = artifact.and_then(|artifact| artifact.history);
    Ok(history.and_then(|history| history.parent))
}

/// Moves a job into the queue. The index is told first: a message that is then not sent is found
/// to be lost and sent later, while a message without a release would be worked on twice.
async fn release_one(
    context: &Context,
    configuration: &Configuration,
    id: JobId,
) -> Result<bool, FunctionsError> {
    let index = &context.store.index;
    let Some(job) = index.release_job(id, context.now()).await? else {
        return Ok(false);
    };
    let message = message_of(&job, configuration, trust_of(context, &job).await?);
    let body = serde_json::to_string(&message)
        .map_err(|error| FunctionsError::Defect(format!("a job has no JSON: {error}")))?;
    let queue = QueueName::Jobs(configuration.id.clone());
    if let Err(error) = context.store.queue.send(&queue, &body).await {
        index.return_to_pending(id, job.releases).await?;
        return Err(error.into());
    }
    tracing::info!(trace = %job.request, job = %id, %queue, "a job was handed out");
    Ok(true)
}

/// Whether somebody vouches for all compilers of a job. Those of the main branch and releases were
/// reviewed; a commit that is not known to be on it may be a try build of anybody's pull request,
/// and a local toolchain may be anything.
async fn trust_of(context: &Context, job: &Job) -> Result<Trust, FunctionsError> {
    for run in &job.runs {
        let is_vouched_for = match &run.artifact {
            ArtifactId::Release(_) => true,
            ArtifactId::Local { .. } => false,
            ArtifactId::Commit(_) => {
                let artifact = context.store.index.artifact(&run.artifact).await?;
                let history = artifact.and_then(|artifact| artifact.history);
                history.is_some_and(|history| history.line == Line::Main)
            }
        };
        if !is_vouched_for {
            return Ok(Trust::Untrusted);
        }
    }
    Ok(Trust::Trusted)
}

fn message_of(job: &Job, configuration: &Configuration, trust: Trust) -> JobMessage {
    let earlier_releases = job.releases.saturating_sub(1);
    JobMessage {
        format: JobMessage::VERSION,
        job: job.id,
        request: job.request,
        first_attempt: Attempt(earlier_releases * DELIVERIES_PER_RELEASE + 1),
        configuration: configuration.id.clone(),
        record: configuration.record.clone(),
        runs: job.runs.clone(),
        units: job.units.clone(),
        runtime_units: job.runtime_units.clone(),
        toolchain_units: job.toolchain_units.clone(),
        iterations: job.iterations,
        precision: job.precision,
        self_profile: job.self_profile,
        time_limit_s: job.time_limit_s,
        trace_id: job.request.to_string(),
        trust: Some(trust),
    }
}
