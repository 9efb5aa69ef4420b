//! Brings a request to its end when all of its jobs have come to theirs.

use analysis::schedule::end_of_request;
use shared_types::RequestId;
use shared_types::job::{Job, JobState};
use shared_types::notices::{ComparisonMade, RequestToTell};
use shared_types::request::{Request, RequestState};
use store::QueueName;

use super::{announce, backfilling};
use crate::{Context, FunctionsError, compare, messages};

/// Ends a request whose jobs have all ended. Returns whether it did.
pub(super) async fn settle(context: &Context, request: &Request) -> Result<bool, FunctionsError> {
    if request.state != RequestState::Running {
        return Ok(false);
    }
    let index = &context.store.index;
    let jobs = index.jobs_of_request(request.id).await?;
    let Some(state) = end_of_request(request.state, &jobs) else {
        return Ok(false);
    };
    if backfilling::awaits_base(context, request).await? {
        return Ok(false);
    }
    if state == RequestState::Done && backfilling::make_up(context, request).await? {
        return Ok(false);
    }
    // Whoever sees that a request is done is to find what came out of it.
    let compared = index.comparisons_of_request(request.id).await?;
    for configuration in &request.configurations {
        if compared
            .iter()
            .all(|one| one.configuration != *configuration)
        {
            compare::compare_request(context, request, configuration).await?;
        }
    }
    let failed: Vec<&Job> = jobs
        .iter()
        .filter(|job| job.state == JobState::Failed)
        .collect();
    let note = failure_note(&failed, jobs.len());
    let now = context.now();
    let ended = index
        .set_request_state(request.id, state, note.as_deref(), now)
        .await?;
    if ended {
        tracing::info!(trace = %request.id, %state, "a request came to its end");
        tell_end(context, request.id).await?;
    }
    Ok(ended)
}

/// Has the comment of a request that is at its end written once more, where there is one: until
/// then it says how much is measured so far.
pub(crate) async fn tell_end(context: &Context, id: RequestId) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let request = index.request(id).await?;
    if !request.is_some_and(|request| request.state.is_final()) {
        return Ok(());
    }
    let Some(any) = index.comparisons_of_request(id).await?.pop() else {
        if index.pull_request_of(id).await?.is_some() {
            return messages::send(context, &QueueName::Github, &RequestToTell::new(id)).await;
        }
        return Ok(());
    };
    let message = ComparisonMade::new(id, any.configuration, any.input_hash);
    messages::send(context, &QueueName::Github, &message).await
}

/// Cancels a request of which nothing is being measured yet. Returns whether it did.
///
/// # Errors
/// When the store fails.
pub(crate) async fn cancel_unless_begun(
    context: &Context,
    id: RequestId,
    note: &str,
) -> Result<bool, FunctionsError> {
    let index = &context.store.index;
    let Some(request) = index.request(id).await? else {
        return Ok(false);
    };
    let jobs = index.jobs_of_request(id).await?;
    let begun = jobs
        .iter()
        .any(|job| job.started_at.is_some() || job.state.is_final());
    if request.state.is_final() || begun {
        return Ok(false);
    }
    let now = context.now();
    let moved = index
        .set_request_state(id, RequestState::Cancelled, Some(note), now)
        .await?;
    if moved {
        announce(context, id).await;
    }
    Ok(moved)
}

/// What failed, and why the first of it did.
fn failure_note(failed: &[&Job], jobs: usize) -> Option<String> {
    let first = failed.first()?;
    let reason = first
        .failures
        .last()
        .map_or("no reason was given", |failure| failure.reason.as_str());
    Some(format!(
        "{} of {jobs} jobs failed; the first, {} under {}: {reason}",
        failed.len(),
        first.id,
        first.configuration
    ))
}
