//! The port to GitHub: what we ask of it, and nothing else.

use async_trait::async_trait;
use jiff::Timestamp;
use shared_types::{CommitSha, Login, PullRequestId, RepositoryName};

use super::GitHubError;

/// GitHub.
#[async_trait]
pub trait GitHub: Send + Sync {
    /// Writes a comment on a pull request, and returns its id.
    ///
    /// # Errors
    /// As every call here: when GitHub cannot be reached, or refuses.
    async fn create_comment(&self, on: &PullRequestId, text: &str) -> Result<u64, GitHubError>;
    /// Replaces the text of a comment.
    ///
    /// # Errors
    /// [`GitHubError::NotFound`] when it was deleted.
    async fn edit_comment(
        &self,
        repository: &RepositoryName,
        comment: u64,
        text: &str,
    ) -> Result<(), GitHubError>;
    /// Folds a comment that has had its time.
    async fn minimise_comment(
        &self,
        repository: &RepositoryName,
        comment: u64,
    ) -> Result<(), GitHubError>;
    /// A comment.
    async fn comment(
        &self,
        repository: &RepositoryName,
        comment: u64,
    ) -> Result<GitHubComment, GitHubError>;
    /// The comments of a pull request that were written or changed since a time, the oldest first.
    async fn comments_since(
        &self,
        on: &PullRequestId,
        since: Timestamp,
    ) -> Result<Vec<GitHubComment>, GitHubError>;
    /// The commits of a pull request, the oldest first; GitHub tells the first 250.
    async fn commits_of(&self, of: &PullRequestId) -> Result<Vec<CommitSha>, GitHubError>;
    /// A commit.
    ///
    /// # Errors
    /// [`GitHubError::NotFound`] and [`GitHubError::Invalid`] when there is none of that name.
    async fn commit(
        &self,
        repository: &RepositoryName,
        commit: &CommitSha,
    ) -> Result<GitHubCommit, GitHubError>;
    /// The commits that are reached from a branch or a commit, which is the first, the newest first;
    /// GitHub tells 100 of them.
    ///
    /// # Errors
    /// [`GitHubError::NotFound`] when there is no such branch or commit.
    async fn commits_from(
        &self,
        repository: &RepositoryName,
        from: &str,
    ) -> Result<Vec<GitHubCommit>, GitHubError>;
    /// The labels of a pull request.
    async fn labels_of(&self, of: &PullRequestId) -> Result<Vec<String>, GitHubError>;
    /// Adds labels to a pull request. Those that it has stay.
    async fn add_labels(&self, to: &PullRequestId, labels: &[String]) -> Result<(), GitHubError>;
    /// Takes a label from a pull request. One that it does not have is no error.
    async fn remove_label(&self, from: &PullRequestId, label: &str) -> Result<(), GitHubError>;
    /// What somebody may do in a repository.
    async fn role_of(
        &self,
        repository: &RepositoryName,
        login: &Login,
    ) -> Result<RepositoryRole, GitHubError>;
    /// A file from anywhere by its address, such as that of a team.
    async fn file(&self, url: &str) -> Result<String, GitHubError>;
}

/// A comment as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubComment {
    /// Its id.
    pub id: u64,
    /// Whose it is.
    pub author: String,
    /// Its text.
    pub text: String,
}

/// A commit as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubCommit {
    /// Its name.
    pub sha: CommitSha,
    /// What it follows: of a merge, what was merged into is the first.
    pub parents: Vec<CommitSha>,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// The first line of its message; empty where that is.
    pub title: String,
}

/// What somebody may do in a repository, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepositoryRole {
    /// Nothing.
    None,
    /// Read it.
    Read,
    /// Manage its issues.
    Triage,
    /// Write to it.
    Write,
    /// Manage it.
    Maintain,
    /// All.
    Admin,
}

impl RepositoryRole {
    /// The role of GitHub's word. A role of an organisation's own making counts as what GitHub calls
    /// its permission.
    pub fn of_words(role: &str, permission: &str) -> Self {
        let known = |word: &str| match word {
            "admin" => Some(Self::Admin),
            "maintain" => Some(Self::Maintain),
            "write" => Some(Self::Write),
            "triage" => Some(Self::Triage),
            "read" => Some(Self::Read),
            "none" => Some(Self::None),
            _ => None,
        };
        known(role)
            .or_else(|| known(permission))
            .unwrap_or(Self::None)
    }
}
