//! The commits of a branch on GitHub, by its API.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use shared_types::{CommitSha, RepositoryName};

use super::{CommitSource, SourceCommit};
use crate::FunctionsError;
use crate::github::{GitHub, GitHubCommit};

/// A repository on GitHub.
pub struct GitHubRepository {
    api: Arc<dyn GitHub>,
    name: RepositoryName,
}

impl GitHubRepository {
    /// The repository of a name.
    pub fn named(name: &RepositoryName, api: Arc<dyn GitHub>) -> Self {
        Self {
            api,
            name: name.clone(),
        }
    }
}

#[async_trait]
impl CommitSource for GitHubRepository {
    async fn commits(&self, from: &str, limit: u32) -> Result<Vec<SourceCommit>, FunctionsError> {
        let listed = self.api.commits_from(&self.name, from).await?;
        let mut line = first_parents(listed);
        line.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(line.into_iter().map(source_commit).collect())
    }
}

/// Of all commits that are reached from the first one, those along first parents. What was merged
/// stands between them in what GitHub lists.
fn first_parents(listed: Vec<GitHubCommit>) -> Vec<GitHubCommit> {
    let mut next = listed.first().map(|tip| tip.sha.clone());
    let mut by_sha: BTreeMap<CommitSha, GitHubCommit> = listed
        .into_iter()
        .map(|commit| (commit.sha.clone(), commit))
        .collect();
    let mut line = Vec::new();
    while let Some(commit) = next.and_then(|sha| by_sha.remove(&sha)) {
        next = commit.parents.first().cloned();
        line.push(commit);
    }
    line
}

/// GitHub does not count commits: the time stands for the place, which is then put after its parent's.
fn source_commit(commit: GitHubCommit) -> SourceCommit {
    SourceCommit {
        sha: commit.sha.to_string(),
        parent: commit.parents.first().map(CommitSha::to_string),
        committed_at: commit.committed_at,
        position: commit.committed_at.as_second(),
        title: commit.title,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn sha(number: usize) -> CommitSha {
        format!("{number:040x}").parse().unwrap()
    }

    fn commit(number: usize, parents: &[usize]) -> GitHubCommit {
        GitHubCommit {
            sha: sha(number),
            parents: parents.iter().map(|parent| sha(*parent)).collect(),
            committed_at: Timestamp::UNIX_EPOCH,
            title: String::new(),
        }
    }

    #[test]
    fn what_was_merged_is_left_out() {
        let listed = vec![
            commit(5, &[3, 4]),
            commit(4, &[2]),
            commit(3, &[1]),
            commit(2, &[1]),
            commit(1, &[0]),
        ];
        let line: Vec<CommitSha> = first_parents(listed)
            .into_iter()
            .map(|one| one.sha)
            .collect();
        assert_eq!(line, [sha(5), sha(3), sha(1)]);
    }

    proptest! {
        #[test]
        fn each_commit_of_the_line_follows_the_next_and_none_is_there_twice(
            parents in prop::collection::vec(prop::collection::vec(0usize..12, 0..3), 0..12)
        ) {
            let listed: Vec<GitHubCommit> = parents
                .iter()
                .enumerate()
                .map(|(number, parents)| commit(number, parents))
                .collect();
            let line = first_parents(listed);
            for pair in line.windows(2) {
                prop_assert_eq!(pair[0].parents.first(), Some(&pair[1].sha));
            }
            prop_assert!(line.len() <= parents.len());
        }
    }
}
