//! The watched branch has other commits: they become known as artifacts with their place in history,
//! and are asked for where a watch wants that.

use shared_types::notices::PushEvent;
use shared_types::{Artifact, CommitSha};

use super::{Access, GitHubCommit, GitHubError};
use crate::artifacts_became_known;
use crate::watching::{self, WatchedPlace, history};
use crate::{Context, FunctionsError};

/// So many commits of one push are looked at. What is older is found by who reads the branch.
const COMMITS_MAX: usize = 50;

/// Makes the commits of a push known, and asks for what its branch's watches want. A watch looks at the
/// branch itself, so that it also finds what a push brought of which nobody heard.
pub(super) async fn handle(
    context: &Context,
    access: &Access,
    event: &PushEvent,
) -> Result<(), FunctionsError> {
    make_known(context, access, event).await?;
    for watch in &access.settings.watches {
        let is_of_push = matches!(&watch.place, WatchedPlace::GitHub { repository, .. }
            if *repository == event.repository);
        if is_of_push {
            watching::look(context, watch).await?;
        }
    }
    Ok(())
}

/// Makes the commits of a push known. Of a merge, what was merged into is what it follows, so that
/// the branch stays one line.
async fn make_known(
    context: &Context,
    access: &Access,
    event: &PushEvent,
) -> Result<(), FunctionsError> {
    let mut commits: Vec<GitHubCommit> = Vec::new();
    let mut next = Some(event.after.clone());
    while let Some(sha) = next.take() {
        if sha == event.before || commits.len() >= COMMITS_MAX {
            break;
        }
        let commit = match access.api.commit(&event.repository, &sha).await {
            Ok(commit) => commit,
            // A force-push that was followed by another: that one tells what is there now.
            Err(GitHubError::NotFound { .. } | GitHubError::Invalid { .. }) => break,
            Err(error) => return Err(error.into()),
        };
        next = commit.parents.first().cloned();
        commits.push(commit);
        if event.forced {
            break;
        }
    }
    for commit in commits.iter().rev() {
        let artifact = artifact(context, commit).await?;
        artifacts_became_known(context, &[artifact]).await?;
    }
    tracing::info!(
        commits = commits.len(),
        "commits of the watched branch became known"
    );
    Ok(())
}

async fn artifact(context: &Context, commit: &GitHubCommit) -> Result<Artifact, FunctionsError> {
    let id = commit.sha.artifact();
    let parent = commit.parents.first().map(CommitSha::artifact);
    let counted = commit.committed_at.as_second();
    Ok(Artifact {
        title: Some(commit.title.clone()).filter(|title| !title.is_empty()),
        commit_date: Some(commit.committed_at),
        history: Some(history::place(context, &id, parent, counted).await?),
        ..Artifact::named(id)
    })
}
