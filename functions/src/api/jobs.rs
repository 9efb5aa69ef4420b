//! `jobs`: where a job stands, and asking for a failed one once more.

use std::collections::BTreeSet;

use shared_types::api::{JobDetail, Problem};
use shared_types::ids::Attempt;
use shared_types::job::Job;
use shared_types::{JobId, ObjectKey};

use super::parameters::parse_named;
use super::problem;
use super::response::Success;
use crate::job_attempts::attempts_of;
use crate::{Context, coordinator};

/// Logs that are listed at once, and how often: more attempts than that no job has.
const LOGS_AT_ONCE: usize = 500;
const LOG_PAGES_MAX: usize = 4;

pub(super) async fn show(context: &Context, id: &str) -> Result<Success, Problem> {
    let job = find(context, id).await?;
    Success::json(&detail(context, job).await?)
}

pub(super) async fn retry(context: &Context, id: &str) -> Result<(Success, String), Problem> {
    let job = find(context, id).await?;
    let retried = context
        .store
        .index
        .retry_job(job.id)
        .await
        .map_err(problem::of_store)?;
    if !retried {
        return Err(problem::conflict(format!(
            "the job {} is {}, and only a failed job can be asked for once more",
            job.id, job.state
        )));
    }
    coordinator::announce(context, job.request).await;
    let job = find(context, id).await?;
    let subject = job.id.to_string();
    Ok((Success::json(&detail(context, job).await?)?, subject))
}

async fn find(context: &Context, id: &str) -> Result<Job, Problem> {
    let id: JobId = parse_named("the job in the path", id)?;
    context
        .store
        .index
        .job(id)
        .await
        .map_err(problem::of_store)?
        .ok_or_else(|| problem::not_found(format!("there is no job `{id}`")))
}

async fn detail(context: &Context, job: Job) -> Result<JobDetail, Problem> {
    let results = context
        .store
        .index
        .results_of_job(job.id)
        .await
        .map_err(problem::of_store)?;
    // A collector asks each minute, of a job of which its attempt is the first and left no log yet.
    let is_past_the_first =
        job.attempts.len() > 1 || !job.failures.is_empty() || job.state.is_final();
    let logs = match is_past_the_first {
        true => attempts_with_log(context, job.id).await?,
        false => BTreeSet::new(),
    };
    Ok(JobDetail {
        job: job.id,
        state: job.state,
        attempts: attempts_of(&job, &results, &logs),
        record: job,
        results,
    })
}

/// The attempts at a job that left a log.
pub(super) async fn attempts_with_log(
    context: &Context,
    job: JobId,
) -> Result<BTreeSet<Attempt>, Problem> {
    let objects = &context.store.objects;
    let prefix = format!("logs/v1/{job}/");
    let mut attempts = BTreeSet::new();
    let mut after = None;
    for _ in 0..LOG_PAGES_MAX {
        let page = objects.list(&prefix, after.as_deref(), LOGS_AT_ONCE);
        let page = page.await.map_err(problem::of_store)?;
        attempts.extend(page.keys.iter().filter_map(|key| match key.parse() {
            Ok(ObjectKey::Log { attempt, .. }) => Some(attempt),
            _ => None,
        }));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(attempts)
}
