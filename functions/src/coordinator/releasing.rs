//! Releases jobs into a configuration's queue only as fast as its collectors take them, so that
//! order and cancellation stay in the coordinator's hand.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use analysis::schedule::{
    ServingCollector, WaitingJob, preferred_host, release_count, releases, seconds_remaining,
};
use shared_types::format::Versioned;
use shared_types::ids::Attempt;
use shared_types::job::{DELIVERIES_PER_RELEASE, Job, JobMessage, JobState, Trust};
use shared_types::request::{Request, RequestState};
use shared_types::scheduling::Scheduling;
use shared_types::{ArtifactId, Configuration, ConfigurationId, JobId, Line, RequestId};
use store::QueueName;

use crate::{Context, FunctionsError};

/// How many pending jobs of a configuration are put into order at a time.
const PENDING_MAX: u32 = 2000;
/// How many jobs that are worked on are looked at.
const RUNNING_MAX: u32 = 1000;

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
    let collectors = serving_collectors(context, id).await?;
    if release_count(&collectors, counts.queued) == 0 {
        return Ok(0);
    }
    let known = index.scheduling(id).await?;
    let mut scheduling = known
        .clone()
        .unwrap_or_else(|| Scheduling::beginning(id.clone()));
    if scheduling.paused.is_some() {
        return Ok(0);
    }
    let waiting = waiting_jobs(context, id).await?;
    let jobs = releases(&waiting, counts.queued, &collectors, &mut scheduling.turns);
    // Noted first: of two coordinators at once one hands out, and nobody has a turn twice.
    if jobs.is_empty()
        || !index
            .replace_scheduling(known.as_ref(), &scheduling)
            .await?
    {
        return Ok(0);
    }
    let mut released = 0;
    for job in jobs {
        if release_one(context, configuration, job).await? {
            released += 1;
        }
    }
    Ok(released)
}

/// Who serves a configuration, and how long each is still at work.
pub(super) async fn serving_collectors(
    context: &Context,
    id: &ConfigurationId,
) -> Result<Vec<ServingCollector>, FunctionsError> {
    let index = &context.store.index;
    let now = context.now();
    let running = index
        .jobs_in_state(id, JobState::Running, RUNNING_MAX)
        .await?;
    let busy_s = |collector: &str| {
        let at_work_on = running.iter().find(|job| {
            let progress = job.progress.as_ref();
            progress.is_some_and(|progress| progress.collector == collector)
        });
        at_work_on.map_or(0.0, |job| {
            seconds_remaining(job, now).unwrap_or(f64::INFINITY)
        })
    };
    let collectors = index.collectors().await?;
    let serving = collectors
        .iter()
        .filter(|collector| collector.report.configurations.contains(id));
    Ok(serving
        .map(|collector| ServingCollector {
            host: collector.report.host.name.clone(),
            is_alive: collector.is_alive(now),
            is_draining: collector.draining,
            busy_s: busy_s(&collector.report.collector),
        })
        .collect())
}

/// The pending jobs that nobody holds, with what decides their order.
pub(crate) async fn waiting_jobs(
    context: &Context,
    id: &ConfigurationId,
) -> Result<Vec<WaitingJob>, FunctionsError> {
    let index = &context.store.index;
    let pending = index
        .jobs_in_state(id, JobState::Pending, PENDING_MAX)
        .await?;
    let mut requests: BTreeMap<RequestId, Option<Request>> = BTreeMap::new();
    let mut parents: BTreeMap<&ArtifactId, Option<ArtifactId>> = BTreeMap::new();
    for job in &pending {
        if let Entry::Vacant(unknown) = requests.entry(job.request) {
            unknown.insert(index.request(job.request).await?);
        }
        for run in &job.runs {
            if let Entry::Vacant(unknown) = parents.entry(&run.artifact) {
                unknown.insert(parent_of(context, &run.artifact).await?);
            }
        }
    }
    let mut siblings: BTreeMap<RequestId, Vec<Job>> = BTreeMap::new();
    for (id, request) in &requests {
        // Where each job has both sides, or only one side is measured, there is none to follow.
        if request
            .as_ref()
            .is_some_and(|request| request.base.is_some() && !request.paired)
        {
            siblings.insert(*id, index.jobs_of_request(*id).await?);
        }
    }
    let waiting = pending.iter().filter_map(|job| {
        let request = requests.get(&job.request).and_then(Option::as_ref);
        if request.is_some_and(|request| request.state == RequestState::Paused) {
            return None;
        }
        let artifacts = job.runs.iter().map(|run| &run.artifact);
        Some(WaitingJob {
            id: job.id,
            request: job.request,
            requester: request.map_or_else(String::new, |request| request.requester.clone()),
            priority: request.map_or(0, |request| request.priority),
            base: request
                .and_then(|request| request.base.as_ref())
                .map(|base| base.artifact.clone()),
            parents: artifacts
                .clone()
                .filter_map(|artifact| parents.get(artifact).cloned().flatten())
                .collect(),
            artifacts: artifacts.cloned().collect(),
            preferred_host: preferred_host(
                job,
                siblings.get(&job.request).map_or(&[], Vec::as_slice),
            ),
            requested_at: request.map_or(job.created_at, |request| request.created_at),
        })
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
