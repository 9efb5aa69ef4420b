//! Takes lost jobs back: their message was lost, or given up on.

use analysis::schedule::{Recovery, is_silent, lost_jobs, recovery};
use shared_types::ConfigurationId;
use shared_types::ids::Attempt;
use shared_types::job::{DELIVERIES_PER_RELEASE, Job, JobFailure, JobState};
use store::QueueName;

use super::events::fail_attempt;
use crate::{Context, FunctionsError};

/// How many jobs of each state are looked at.
const JOBS_MAX: u32 = 1000;

/// Takes lost jobs back into the coordinator's hand. Returns how many there were.
pub(super) async fn recover(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<u64, FunctionsError> {
    let index = &context.store.index;
    let mut out = Vec::new();
    for state in [JobState::Queued, JobState::Running] {
        out.extend(index.jobs_in_state(configuration, state, JOBS_MAX).await?);
    }
    let now = context.now();
    if !out.iter().any(|job| is_silent(now, job)) {
        return Ok(0);
    }
    let queue = QueueName::Jobs(configuration.clone());
    let depth = context.store.queue.depth(&queue).await?;
    let mut recovered = 0;
    for job in lost_jobs(now, &out, depth.waiting + depth.leased) {
        if recover_one(context, job).await? {
            recovered += 1;
        }
    }
    Ok(recovered)
}

async fn recover_one(context: &Context, job: &Job) -> Result<bool, FunctionsError> {
    if recovery(job) == Recovery::Again {
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
