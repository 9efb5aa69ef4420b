//! A pull request was closed, or has other commits: what was asked for is told so, and what is not
//! wanted any more is not begun.

use shared_types::notices::PullRequestEvent;
use shared_types::pull_request::{PullRequest, PullRequestState};
use shared_types::{CommitSha, PullRequestId};

use super::pull_requests::update;
use super::{Access, GitHubError, outbox};
use crate::{Context, FunctionsError, coordinator};

/// GitHub tells no more commits of a pull request than this.
const COMMITS_TOLD: usize = 250;

/// Handles what became of a pull request.
pub(super) async fn handle(
    context: &Context,
    access: &Access,
    event: &PullRequestEvent,
) -> Result<(), FunctionsError> {
    let id = &event.pull_request;
    if context.store.index.pull_request(id).await?.is_none() {
        // Nothing was asked for there; most pull requests are so.
        return Ok(());
    }
    let (record, moved) = update(context, id, |record| note(record, event)).await?;
    let wanting: Vec<&CommitSha> = record
        .requests
        .iter()
        .filter(|linked| !linked.head_gone)
        .filter_map(|linked| linked.head.as_ref())
        .filter(|head| Some(*head) != record.head.as_ref())
        .collect();
    if !wanting.is_empty() && record.state == PullRequestState::Open {
        find_gone_heads(context, access, id).await?;
    }
    if moved || !wanting.is_empty() {
        tell(context, id).await?;
    }
    Ok(())
}

/// Notes state and head, unless something later is known. Returns whether anything is another now.
fn note(record: &mut PullRequest, event: &PullRequestEvent) -> bool {
    if record.as_of.is_some_and(|as_of| event.at < as_of) {
        return false;
    }
    let head = Some(event.head.clone());
    let moved = record.state != event.state || record.head != head;
    record.as_of = Some(event.at);
    record.state = event.state;
    // Asked for before its head was known: it was this one, or one before it that is gone by now.
    record.head = head;
    if event.state != PullRequestState::Open {
        record.awaiting.clear();
    }
    moved
}

/// Finds the requests whose commit has left the pull request, as by a force-push, and cancels those
/// that have not begun.
async fn find_gone_heads(
    context: &Context,
    access: &Access,
    id: &PullRequestId,
) -> Result<(), FunctionsError> {
    let commits = match access.api.commits_of(id).await {
        Ok(commits) => commits,
        Err(GitHubError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if commits.is_empty() || commits.len() >= COMMITS_TOLD {
        // What is not among those that GitHub tells may still be there.
        return Ok(());
    }
    let (record, ()) = update(context, id, |record| {
        for linked in &mut record.requests {
            if let Some(head) = &linked.head {
                linked.head_gone = linked.head_gone || !commits.contains(head);
            }
        }
    })
    .await?;
    if !access.settings.cancel_when_head_is_gone {
        return Ok(());
    }
    for linked in record.requests.iter().filter(|linked| linked.head_gone) {
        let note = "its commit left the pull request before it was measured";
        let request = linked.request;
        if coordinator::cancel_unless_begun(context, request, note).await? {
            tracing::info!(trace = %request, "a request was cancelled, since its commit is gone");
        }
    }
    Ok(())
}

/// Brings the comments of a pull request's requests up to date.
async fn tell(context: &Context, id: &PullRequestId) -> Result<(), FunctionsError> {
    let known = context.store.index.pull_request(id).await?;
    for linked in known.iter().flat_map(|known| &known.requests) {
        let request = context.store.index.request(linked.request).await?;
        // What is known of one that ended long ago is not told again, but for that its commit went.
        if request.is_some_and(|request| !request.state.is_final() || linked.head_gone) {
            outbox::write_comment(context, linked.request).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, state: PullRequestState, head: char) -> PullRequestEvent {
        PullRequestEvent {
            pull_request: "rust-lang/rust#1".parse().unwrap(),
            state,
            head: head.to_string().repeat(40).parse().unwrap(),
            at: jiff::Timestamp::from_second(at).unwrap(),
        }
    }

    #[test]
    fn what_is_heard_late_changes_nothing() {
        let mut record = PullRequest::new("rust-lang/rust#1".parse().unwrap());
        assert!(note(&mut record, &event(10, PullRequestState::Closed, 'b')));
        assert!(!note(&mut record, &event(5, PullRequestState::Open, 'a')));
        assert_eq!(record.state, PullRequestState::Closed);
        assert!(!note(
            &mut record,
            &event(10, PullRequestState::Closed, 'b')
        ));
        assert!(note(&mut record, &event(11, PullRequestState::Open, 'c')));
    }
}
