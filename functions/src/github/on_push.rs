//! The watched branch has other commits: they become known as artifacts with their place in history.

use shared_types::notices::PushEvent;
use shared_types::{Artifact, HistoryPosition, Line};

use super::{Access, GitHubCommit, GitHubError};
use crate::series_blocks::artifact_has_moved;
use crate::{Context, FunctionsError};

/// So many commits of one push are looked at. What is older is found by who reads the branch.
const COMMITS_MAX: usize = 50;

/// Makes the commits of a push known. Of a merge, what was merged into is what it follows, so that
/// the branch stays one line.
pub(super) async fn handle(
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
    let artifacts: Vec<Artifact> = commits.iter().rev().map(artifact).collect();
    if artifacts.is_empty() {
        return Ok(());
    }
    context.store.index.put_artifacts(&artifacts).await?;
    for artifact in &artifacts {
        artifact_has_moved(context, &artifact.id).await?;
    }
    tracing::info!(
        commits = artifacts.len(),
        "commits of the watched branch became known"
    );
    Ok(())
}

fn artifact(commit: &GitHubCommit) -> Artifact {
    Artifact {
        commit_date: Some(commit.committed_at),
        history: Some(HistoryPosition {
            line: Line::Main,
            ordinal: commit.committed_at.as_second(),
            parent: commit.parents.first().map(|parent| parent.artifact()),
        }),
        ..Artifact::named(commit.sha.artifact())
    }
}
