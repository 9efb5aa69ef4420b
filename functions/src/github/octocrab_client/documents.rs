//! The parts of GitHub's answers that are read.

use jiff::Timestamp;
use serde::Deserialize;
use shared_types::CommitSha;

use crate::github::{GitHubComment, GitHubCommit};

#[derive(Deserialize)]
pub(super) struct CommentPart {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) node_id: String,
    #[serde(default)]
    pub(super) body: Option<String>,
    pub(super) user: UserPart,
}

#[derive(Deserialize)]
pub(super) struct UserPart {
    pub(super) login: String,
}

#[derive(Deserialize)]
pub(super) struct CommitPart {
    pub(super) sha: CommitSha,
    pub(super) parents: Vec<ParentPart>,
    pub(super) commit: CommitDetails,
}

#[derive(Deserialize)]
pub(super) struct ParentPart {
    pub(super) sha: CommitSha,
}

#[derive(Deserialize)]
pub(super) struct CommitDetails {
    #[serde(default)]
    pub(super) message: String,
    pub(super) committer: Signature,
}

#[derive(Deserialize)]
pub(super) struct Signature {
    pub(super) date: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct LabelPart {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct RolePart {
    pub(super) permission: String,
    #[serde(default)]
    pub(super) role_name: String,
}

impl From<CommentPart> for GitHubComment {
    fn from(part: CommentPart) -> Self {
        Self {
            id: part.id,
            author: part.user.login,
            text: part.body.unwrap_or_default(),
        }
    }
}

impl From<CommitPart> for GitHubCommit {
    fn from(part: CommitPart) -> Self {
        Self {
            sha: part.sha,
            parents: part.parents.into_iter().map(|parent| parent.sha).collect(),
            committed_at: part.commit.committer.date,
            title: part
                .commit
                .message
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}
