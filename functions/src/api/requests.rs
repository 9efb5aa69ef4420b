//! `requests`: what somebody wants measured and compared.

use shared_types::api::{Problem, RequestComment, RequestDetail};
use shared_types::request::{NewRequest, Request, RequestState};
use shared_types::{ArtifactId, RequestId};
use store::RequestFilter;

use super::parameters::{Parameters, parse_body, parse_named};
use super::problem;
use super::response::Success;
use super::status::compilations;
use crate::{Context, FunctionsError, compare, coordinator, forecasting, github};

pub(super) async fn list(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let filter = RequestFilter {
        states: parameters.list("state")?,
    };
    let artifact: Option<ArtifactId> = parameters.optional("artifact")?;
    let page = parameters.page()?;
    let mut requests = context
        .store
        .index
        .requests(&filter, &page)
        .await
        .map_err(problem::of_store)?;
    if let Some(artifact) = artifact {
        let names_it = |request: &Request| request.runs().any(|run| run.artifact == artifact);
        requests.items.retain(names_it);
    }
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
    // What is lost here is found by the reconciliation.
    if let Err(error) = coordinator::tell_end(context, request.id).await {
        tracing::warn!(trace = %request.id, %error, "that it was cancelled is told later");
    }
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
    let seconds_left = time_left(context, &request).await?;
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

/// Seconds until a request is done, with what goes before it.
async fn time_left(context: &Context, request: &Request) -> Result<Option<u64>, FunctionsError> {
    if request.state.is_final() {
        return Ok(None);
    }
    let expected = forecasting::expected(context).await?;
    let seconds = expected.requests.get(&request.id);
    Ok(seconds.map(|seconds| seconds.ceil() as u64))
}
