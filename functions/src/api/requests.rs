//! `requests`: what somebody wants measured and compared.

use shared_types::RequestId;
use shared_types::api::{Problem, RequestComment, RequestDetail};
use shared_types::job::Job;
use shared_types::request::{NewRequest, Request, RequestState};
use store::{RequestFilter, StoreError};

use super::parameters::{Parameters, parse_body, parse_named};
use super::problem;
use super::response::Success;
use super::status::{alive, compilations, known_collectors, seconds_left};
use crate::{Context, FunctionsError, compare, coordinator, github};

pub(super) async fn list(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let filter = RequestFilter {
        states: parameters.list("state")?,
    };
    let page = parameters.page()?;
    let requests = context
        .store
        .index
        .requests(&filter, &page)
        .await
        .map_err(problem::of_store)?;
    Success::json(&requests)
}

pub(super) async fn show(context: &Context, id: &str) -> Result<Success, Problem> {
    let request = find(context, id).await?;
    let detail = request_detail(context, request)
        .await
        .map_err(problem::of_error)?;
    Success::json(&detail)
}

/// The verdict of a request with all the numbers and rules that made it.
pub(super) async fn why(context: &Context, id: &str) -> Result<Success, Problem> {
    let request = find(context, id).await?;
    let decision = compare::request_verdict(context, &request)
        .await
        .map_err(problem::of_error)?;
    Success::json(&decision)
}

pub(super) async fn create(
    context: &Context,
    body: &[u8],
    person: &str,
) -> Result<(Success, String), Problem> {
    let wanted: NewRequest = parse_body(body)?;
    let request = coordinator::create_request(context, &wanted, person)
        .await
        .map_err(problem::of_error)?;
    let location = format!("{}requests/{}", super::PREFIX, request.id);
    let subject = request.id.to_string();
    Ok((Success::created(&request, location)?, subject))
}

pub(super) async fn cancel(
    context: &Context,
    id: &str,
    person: &str,
) -> Result<(Success, String), Problem> {
    let request = find(context, id).await?;
    let note = format!("cancelled by {person}");
    let moved = context
        .store
        .index
        .set_request_state(
            request.id,
            RequestState::Cancelled,
            Some(&note),
            context.now(),
        )
        .await
        .map_err(problem::of_store)?;
    if !moved {
        let request = find(context, id).await?;
        return Err(problem::conflict(format!(
            "the request {} is {} already, and what has ended cannot be cancelled",
            request.id, request.state
        )));
    }
    coordinator::announce(context, request.id).await;
    let request = find(context, id).await?;
    let subject = request.id.to_string();
    Ok((Success::json(&request)?, subject))
}

/// The comment that the pull request of a request is to show.
pub(super) async fn comment(context: &Context, id: &str) -> Result<Success, Problem> {
    let request = find(context, id).await?;
    let markdown = github::written_comment(context, request.id)
        .await
        .map_err(problem::of_error)?;
    match markdown {
        Some(markdown) => Success::json(&RequestComment {
            request: request.id,
            markdown,
        }),
        None => Err(problem::not_found(format!(
            "there is no comment on the request {} yet: it is written with the first comparison",
            request.id
        ))),
    }
}

async fn find(context: &Context, id: &str) -> Result<Request, Problem> {
    let id: RequestId = parse_named("the request in the path", id)?;
    context
        .store
        .index
        .request(id)
        .await
        .map_err(problem::of_store)?
        .ok_or_else(|| {
            problem::not_found(format!(
                "there is no request `{id}`: /api/v1/requests lists those there are"
            ))
        })
}

/// All that is known of a request.
///
/// # Errors
/// When the store fails, or the policy cannot be read.
pub async fn request_detail(
    context: &Context,
    request: Request,
) -> Result<RequestDetail, FunctionsError> {
    let index = &context.store.index;
    let jobs = index.jobs_of_request(request.id).await?;
    let comparisons = index.comparisons_of_request(request.id).await?;
    let (compilations_done, compilations_total) = compilations(&jobs);
    let seconds_left = time_left(context, &request, &jobs).await?;
    let decision = compare::request_verdict(context, &request).await?;
    Ok(RequestDetail {
        request,
        jobs,
        comparisons,
        verdict: decision.verdict,
        verdict_sentence: decision.sentence,
        compilations_done,
        compilations_total,
        seconds_left,
    })
}

/// Seconds until a request is done, once it is its turn: as long as its slowest configuration takes,
/// and no less than what all of them take together, shared among the collectors that serve them.
async fn time_left(
    context: &Context,
    request: &Request,
    jobs: &[Job],
) -> Result<Option<u64>, StoreError> {
    if request.state.is_final() || jobs.is_empty() {
        return Ok(None);
    }
    let collectors = known_collectors(context).await?;
    let serving = collectors
        .iter()
        .filter(|status| {
            let serves = &status.collector.report.configurations;
            status.alive && request.configurations.iter().any(|id| serves.contains(id))
        })
        .count();
    let (mut slowest, mut together) = (0, 0);
    for id in &request.configurations {
        let of_configuration: Vec<_> = jobs
            .iter()
            .filter(|job| job.configuration == *id)
            .cloned()
            .collect();
        let (done, total) = compilations(&of_configuration);
        if done == total {
            continue;
        }
        let of_finished = context.store.index.seconds_per_compilation(id).await?;
        let pace = of_finished
            .or_else(|| pace_so_far(&of_configuration))
            .or_else(|| pace_so_far(jobs));
        let Some(pace) = pace else {
            return Ok(None);
        };
        slowest = slowest.max(seconds_left(total - done, pace, alive(&collectors, id)));
        together += seconds_left(total - done, pace, 1);
    }
    let shared = together.div_ceil((serving as u64).max(1));
    Ok(Some(slowest.max(shared)))
}

/// Seconds for each compilation that some jobs have done so far, finished or not. `None` before the
/// first. It is what there is to tell from while a configuration's first job is measured.
fn pace_so_far(jobs: &[Job]) -> Option<f64> {
    let (mut seconds, mut done) = (0.0, 0);
    for job in jobs {
        let (Some(started), Some(progress)) = (job.started_at, &job.progress) else {
            continue;
        };
        let (until, compilations) = match job.finished_at {
            Some(finished) => (finished, progress.total),
            None => (progress.at, progress.done),
        };
        seconds += (until.as_second() - started.as_second()).max(0) as f64;
        done += compilations;
    }
    (done > 0).then(|| seconds / done as f64)
}

#[cfg(test)]
mod tests {
    use shared_types::JobId;
    use shared_types::ids::Attempt;
    use shared_types::job::{JobProgress, JobState};

    use super::*;

    fn job(started_s: i64, reported_s: i64, done: u64, finished_s: Option<i64>) -> Job {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        Job {
            id: JobId::from_parts(0, &[0; 10]),
            request: RequestId::from_parts(0, &[0; 10]),
            configuration: "c".parse().unwrap(),
            runs: Vec::new(),
            units: Vec::new(),
            runtime_units: Vec::new(),
            toolchain_units: Vec::new(),
            iterations: 1,
            precision: None,
            self_profile: false,
            time_limit_s: 1,
            state: JobState::Running,
            releases: 1,
            failures: Vec::new(),
            progress: Some(JobProgress {
                attempt: Attempt(1),
                collector: "one".to_owned(),
                host: "host".to_owned(),
                done,
                total: 10,
                current: String::new(),
                at: at(reported_s),
            }),
            created_at: at(0),
            queued_at: None,
            started_at: Some(at(started_s)),
            finished_at: finished_s.map(at),
        }
    }

    #[test]
    fn the_pace_is_known_while_the_first_job_is_still_measured() {
        assert_eq!(pace_so_far(&[job(100, 120, 4, None)]), Some(5.0));
        assert_eq!(pace_so_far(&[job(100, 120, 0, None)]), None);
        assert_eq!(pace_so_far(&[]), None);
    }

    #[test]
    fn a_finished_job_counts_with_all_of_its_compilations() {
        let jobs = [job(100, 120, 9, Some(130)), job(200, 210, 10, None)];
        assert_eq!(pace_so_far(&jobs), Some(2.0));
    }
}
