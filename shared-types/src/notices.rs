//! What the functions tell each other, by way of the queues between them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::format::Versioned;
use crate::object_key::ContentHash;
use crate::pull_request::PullRequestState;
use crate::result_document::MeasuredRun;
use crate::{
    CommitSha, ConfigurationId, FormatVersion, Login, PullRequestId, RepositoryName, RequestId,
    RetractionId,
};

/// A run has no jobs left: it can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCompleted {
    /// The version of this format.
    pub format: FormatVersion,
    /// Under which configuration.
    pub configuration: ConfigurationId,
    /// The run.
    pub run: MeasuredRun,
    /// The request whose job was the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
}

impl Versioned for RunCompleted {
    const WHAT: &'static str = "a message of a complete run";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

impl RunCompleted {
    /// The message in the version that this program writes.
    pub fn new(
        configuration: ConfigurationId,
        run: MeasuredRun,
        request: Option<RequestId>,
    ) -> Self {
        Self {
            format: Self::VERSION,
            configuration,
            run,
            request,
        }
    }
}

/// Results were retracted, or a retraction was taken back: what rests on them is to be made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetractionMoved {
    /// The version of this format.
    pub format: FormatVersion,
    /// The retraction.
    pub retraction: RetractionId,
}

impl Versioned for RetractionMoved {
    const WHAT: &'static str = "a message of a retraction";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

impl RetractionMoved {
    /// The message in the version that this program writes.
    pub fn new(retraction: RetractionId) -> Self {
        Self {
            format: Self::VERSION,
            retraction,
        }
    }
}

/// A comparison of a request was made and is kept: it can be told where people work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonMade {
    /// The version of this format.
    pub format: FormatVersion,
    /// The request.
    pub request: RequestId,
    /// Under which configuration.
    pub configuration: ConfigurationId,
    /// The hash of all that went in.
    pub input_hash: ContentHash,
}

impl Versioned for ComparisonMade {
    const WHAT: &'static str = "a message of a comparison";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

impl ComparisonMade {
    /// The message in the version that this program writes.
    pub fn new(
        request: RequestId,
        configuration: ConfigurationId,
        input_hash: ContentHash,
    ) -> Self {
        Self {
            format: Self::VERSION,
            request,
            configuration,
            input_hash,
        }
    }
}

/// Something happened on GitHub that may want something of us. It was signed by GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitHubNotice {
    /// The version of this format.
    pub format: FormatVersion,
    /// GitHub's name of the delivery.
    pub delivery: String,
    /// What happened.
    pub event: GitHubEvent,
}

impl Versioned for GitHubNotice {
    const WHAT: &'static str = "a message of an event on GitHub";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

impl GitHubNotice {
    /// The message in the version that this program writes.
    pub fn new(delivery: String, event: GitHubEvent) -> Self {
        Self {
            format: Self::VERSION,
            delivery,
            event,
        }
    }
}

/// What happened on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GitHubEvent {
    /// A comment was written on a pull request, or changed.
    Comment(CommentEvent),
    /// A comment on a pull request was deleted.
    CommentDeleted {
        /// Where.
        pull_request: PullRequestId,
        /// Which.
        comment: u64,
    },
    /// A pull request was opened, closed, or has other commits.
    PullRequest(PullRequestEvent),
    /// The watched branch has other commits.
    Push(PushEvent),
}

/// A comment on a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentEvent {
    /// Where.
    pub pull_request: PullRequestId,
    /// Its id.
    pub comment: u64,
    /// Whose it is.
    pub author: Login,
    /// When it was first written.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub created_at: Timestamp,
    /// Whether it was changed since.
    pub edited: bool,
    /// Those of its lines that may concern us.
    pub text: String,
}

/// What became of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestEvent {
    /// Which.
    pub pull_request: PullRequestId,
    /// Where it stands.
    pub state: PullRequestState,
    /// The last commit of its branch.
    pub head: CommitSha,
    /// When this was so.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub at: Timestamp,
}

/// Commits on the watched branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushEvent {
    /// Where.
    pub repository: RepositoryName,
    /// The last commit before.
    pub before: CommitSha,
    /// The last commit now.
    pub after: CommitSha,
    /// Whether commits went that were there.
    pub forced: bool,
}

/// A request moved that has no comparison yet, or none any more: it is to be told where people work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestToTell {
    /// The version of this format.
    pub format: FormatVersion,
    /// The request.
    pub request: RequestId,
}

impl Versioned for RequestToTell {
    const WHAT: &'static str = "a message of a request that is to be told";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

impl RequestToTell {
    /// The message in the version that this program writes.
    pub fn new(request: RequestId) -> Self {
        Self {
            format: Self::VERSION,
            request,
        }
    }
}
