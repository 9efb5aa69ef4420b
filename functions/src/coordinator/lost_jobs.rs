//! Finds jobs that were put into their queue and of which nobody has heard since, although the
//! queue is empty: their message was lost, or given up on.

use shared_types::ConfigurationId;
use shared_types::ids::Attempt;
use shared_types::job::{DELIVERIES_PER_RELEASE, Job, JobFailure, JobState, LEASE_SECONDS};
use store::QueueName;

use super::events::fail_attempt;
use crate::{Context, FunctionsError};

/// How long a job may be silent, in seconds: longer than a lost delivery takes to come back.
const SILENT_SECONDS_MAX: i64 = 2 * LEASE_SECONDS as i64;
/// After so many releases that came to nothing, each further one counts as a failure, so that a job
/// that kills its collector does not go round for ever.
const FRUITLESS_RELEASES_MAX: u32 = 5;
/// How many jobs of each state are looked at.
const JOBS_MAX: u32 = 1000;

/// Takes lost jobs back into the coordinator's hand. Returns how many there were.
pub(super) async fn recover(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<u64, FunctionsError> {
    let index = &context.store.index;
    let mut silent = Vec::new();
    for state in [JobState::Queued, JobState::Running] {
        let jobs = index.jobs_in_state(configuration, state, JOBS_MAX).await?;
        silent.extend(jobs.into_iter().filter(|job| is_silent(context, job)));
    }
    if silent.is_empty() {
        return Ok(0);
    }
    let queue = QueueName::Jobs(configuration.clone());
    if context.store.queue.depth(&queue).await?.waiting > 0 {
        // It may be one of those that wait for a collector.
        return Ok(0);
    }
    let mut recovered = 0;
    for job in silent {
        if recover_one(context, &job).await? {
            recovered += 1;
        }
    }
    Ok(recovered)
}

fn is_silent(context: &Context, job: &Job) -> bool {
    let last_sign = job
        .progress
        .as_ref()
        .map(|progress| progress.at)
        .max(job.queued_at)
        .unwrap_or(job.created_at);
    context.now().as_second() - last_sign.as_second() > SILENT_SECONDS_MAX
}

async fn recover_one(context: &Context, job: &Job) -> Result<bool, FunctionsError> {
    if job.releases < FRUITLESS_RELEASES_MAX {
        let index = &context.store.index;
        return Ok(index.return_to_pending(job.id, job.releases).await?);
    }
    let failure = JobFailure {
        attempt: Attempt(job.releases * DELIVERIES_PER_RELEASE),
        collector: "the coordinator".to_owned(),
        reason: format!(
            "it was handed out {} times, and each time nothing more was heard of it",
            job.releases
        ),
        at: context.now(),
    };
    fail_attempt(context, job.id, &failure).await?;
    Ok(true)
}
