//! `jobs`: where a job stands, and asking for a failed one once more.

use shared_types::JobId;
use shared_types::api::{JobDetail, Problem};
use shared_types::job::Job;

use super::parameters::parse_named;
use super::problem;
use super::response::Success;
use crate::{Context, coordinator};

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
    Ok(JobDetail {
        job: job.id,
        state: job.state,
        record: job,
        results,
    })
}
