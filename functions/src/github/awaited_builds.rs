//! Try builds that commands wait for: whichever of the two is heard of first, the one that is heard
//! of last makes the request.

use shared_types::notices::CommentEvent;
use shared_types::pull_request::{AwaitedBuild, LinkedRequest, PostSubject, PullRequest, TryBuild};
use shared_types::{CommitSha, PullRequestId, RequestId};

use super::on_comment::{publish_reply, record_write};
use super::pull_requests::{CommandPlace, request_of_command, update};
use super::try_build::FinishedTryBuild;
use super::{Access, GitHubError, acts, outbox};
use crate::{Context, FunctionsError};

/// Notes a try build that the merge bot told of, and measures it where somebody waits for it.
pub(super) async fn note(
    context: &Context,
    access: &Access,
    event: &CommentEvent,
    build: FinishedTryBuild,
) -> Result<(), FunctionsError> {
    let build = TryBuild {
        comment: event.comment,
        commit: build.commit,
        parent: build.parent,
    };
    update(context, &event.pull_request, |record| {
        record.note_try_build(build.clone())
    })
    .await?;
    settle(context, access, &event.pull_request).await
}

/// Makes the request of every command whose try build is there.
pub(super) async fn settle(
    context: &Context,
    access: &Access,
    pull_request: &PullRequestId,
) -> Result<(), FunctionsError> {
    let Some(known) = context.store.index.pull_request(pull_request).await? else {
        return Ok(());
    };
    for awaited in &known.awaiting {
        if let Some(build) = known.build_for(awaited) {
            measure(context, access, pull_request, awaited, build).await?;
        }
    }
    Ok(())
}

async fn measure(
    context: &Context,
    access: &Access,
    pull_request: &PullRequestId,
    awaited: &AwaitedBuild,
    build: &TryBuild,
) -> Result<(), FunctionsError> {
    let place = CommandPlace {
        pull_request,
        comment: awaited.comment,
        number: awaited.command,
        written_at: awaited.asked_at,
    };
    let id = request_of_command(&place);
    let made = match parent_of(access, pull_request, build).await? {
        Ok(parent) => {
            let reason = format!("the try build {} of {pull_request}", build.commit);
            let base = parent.map(|parent| parent.artifact());
            let new = awaited
                .wanted
                .clone()
                .into_request(base, build.commit.artifact(), reason);
            acts::make(context, id, &place, &awaited.by, &new).await?
        }
        Err(reason) => Err(reason),
    };
    let (_, was_waiting) = update(context, pull_request, |record| {
        end_waiting(record, awaited, &made, id)
    })
    .await?;
    if made.is_ok() {
        if was_waiting {
            let action = "comment: request";
            record_write(context, awaited.by.as_str(), action, id.to_string()).await?;
        }
        outbox::write_comment(context, id).await?;
        fold_reply(context, access, pull_request, awaited.comment).await;
        return Ok(());
    }
    publish_reply(context, access, pull_request, awaited.comment).await
}

/// Notes what became of a command that waited. Returns whether it still did.
fn end_waiting(
    record: &mut PullRequest,
    awaited: &AwaitedBuild,
    made: &Result<(), String>,
    request: RequestId,
) -> bool {
    let before = record.awaiting.len();
    record
        .awaiting
        .retain(|one| (one.comment, one.command) != (awaited.comment, awaited.command));
    match made {
        Ok(()) => {
            record.link(LinkedRequest {
                head: record.head.clone(),
                ..LinkedRequest::new(request, awaited.comment, awaited.by.clone())
            });
        }
        Err(reason) => {
            let subject = PostSubject::Reply(awaited.comment);
            if let Some(post) = record.post_mut(subject) {
                let marker = subject.marker();
                let by = &awaited.by;
                post.text = Some(format!(
                    "{marker}\n@{by}\n\nThe try build is not measured: {reason}\n"
                ));
            }
        }
    }
    record.awaiting.len() < before
}

/// What a try build is compared with, or why that cannot be told.
async fn parent_of(
    access: &Access,
    pull_request: &PullRequestId,
    build: &TryBuild,
) -> Result<Result<Option<CommitSha>, String>, FunctionsError> {
    if build.parent.is_some() {
        return Ok(Ok(build.parent.clone()));
    }
    match access
        .api
        .commit(&pull_request.repository, &build.commit)
        .await
    {
        Ok(found) => Ok(Ok(found.parents.into_iter().next())),
        Err(GitHubError::NotFound { .. } | GitHubError::Invalid { .. }) => {
            let commit = &build.commit;
            Ok(Err(format!(
                "{} has no commit `{commit}`",
                pull_request.repository
            )))
        }
        Err(error) => Err(error.into()),
    }
}

/// Folds the reply that said that a try build is waited for. Nothing depends on it.
async fn fold_reply(
    context: &Context,
    access: &Access,
    pull_request: &PullRequestId,
    comment: u64,
) {
    let known = context
        .store
        .index
        .pull_request(pull_request)
        .await
        .ok()
        .flatten();
    let post = known
        .as_ref()
        .and_then(|known| known.post(PostSubject::Reply(comment)));
    let Some(reply) = post.and_then(|post| post.comment) else {
        return;
    };
    if let Err(error) = access
        .api
        .minimise_comment(&pull_request.repository, reply)
        .await
    {
        tracing::warn!(%pull_request, %error, "a reply that has had its time was not folded");
    }
}
