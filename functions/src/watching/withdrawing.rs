//! Commits that have left a watched branch, as by a force-push: what was asked for of them and has not
//! begun is withdrawn.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared_types::{ArtifactId, RequestId};

use super::{SourceCommit, Watch};
use crate::{Context, FunctionsError, coordinator};

/// So many commits before those that were looked at are searched for one that is open.
const STEPS_MAX: usize = 1000;

/// Cancels the requests of a watch whose commits are not on its branch any more, and which have not
/// begun. `seen` are the last commits of the branch, the newest first.
///
/// # Errors
/// When the store fails.
pub(super) async fn withdraw(
    context: &Context,
    watch: &Watch,
    branch: &str,
    seen: &[SourceCommit],
) -> Result<(), FunctionsError> {
    let mut elsewhere = open_commits(context, watch).await?;
    let Some(last) = seen.last() else {
        return Ok(());
    };
    let mut oldest = last.committed_at;
    for commit in seen {
        elsewhere.remove(&commit.sha.parse()?);
        oldest = oldest.min(commit.committed_at);
    }
    let mut next: Option<ArtifactId> = last.parent.as_ref().map(|sha| sha.parse()).transpose()?;
    for _ in 0..STEPS_MAX {
        let Some(id) = next.take().filter(|_| !elsewhere.is_empty()) else {
            break;
        };
        elsewhere.remove(&id);
        let Some(artifact) = context.store.index.artifact(&id).await? else {
            break;
        };
        oldest = oldest.min(artifact.commit_date.unwrap_or(oldest));
        next = artifact.history.and_then(|history| history.parent);
    }
    // What is older than all that was looked at may still be there.
    for (request, committed_at) in elsewhere.into_values() {
        let note = format!("its commit left the branch {branch} before it was measured");
        if committed_at > oldest
            && coordinator::cancel_unless_begun(context, request, &note).await?
        {
            tracing::info!(trace = %request, branch, "was withdrawn, since its commit is gone");
        }
    }
    Ok(())
}

/// The commits that a watch has asked for and that are not at their end, with their requests and dates.
async fn open_commits(
    context: &Context,
    watch: &Watch,
) -> Result<BTreeMap<ArtifactId, (RequestId, Timestamp)>, FunctionsError> {
    let requester = watch.requester();
    let mut open = BTreeMap::new();
    for request in coordinator::open_requests(context).await? {
        if request.requester != requester {
            continue;
        }
        let head = request.head.artifact;
        let known = context.store.index.artifact(&head).await?;
        if let Some(committed_at) = known.and_then(|artifact| artifact.commit_date) {
            open.insert(head, (request.id, committed_at));
        }
    }
    Ok(open)
}
