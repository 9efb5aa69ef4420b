//! Pull requests on GitHub: what is remembered of one, so that whatever arrives twice, late or out
//! of order does nothing a second time.

mod mention;
mod names;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::object_key::ContentHash;
use crate::request::NewRequest;
use crate::text::word_enum;
use crate::{ArtifactId, RequestId};

pub use mention::PullRequestMention;
pub use names::{CommitSha, Login, PullRequestId, RepositoryName};

/// How many comments whose commands were handled are remembered: the last ones.
pub const HANDLED_MAX: usize = 100;
/// How many commands may wait for a try build at once.
pub const AWAITING_MAX: usize = 10;
/// How many try builds are remembered: the last ones.
pub const TRY_BUILDS_MAX: usize = 20;
/// How many builds of a rollup's members are remembered: the last ones.
pub const UNROLLED_MAX: usize = 100;
/// How many requests are remembered: the last ones.
pub const REQUESTS_MAX: usize = 50;
/// How many comments of ours are remembered: the last ones.
pub const POSTS_MAX: usize = 100;

word_enum! {
    /// Where a pull request stands.
    PullRequestState, "a state of a pull request: open, closed or merged" {
        /// It is worked on.
        Open => "open",
        /// It was closed without being merged.
        Closed => "closed",
        /// It was merged.
        Merged => "merged",
    }
}

/// What is remembered of a pull request. Replaced as a whole, on the condition that nobody else did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// Which.
    pub id: PullRequestId,
    /// Where it stands.
    pub state: PullRequestState,
    /// The last commit of its branch, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<CommitSha>,
    /// Of when its state and head are: what is older than this changes neither.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub as_of: Option<Timestamp>,
    /// The comments whose commands were handled, the oldest first.
    #[serde(default)]
    pub handled: Vec<HandledComment>,
    /// Commands that wait for a try build, the oldest first.
    #[serde(default)]
    pub awaiting: Vec<AwaitedBuild>,
    /// The try builds that the merge bot told of, the oldest first.
    #[serde(default)]
    pub try_builds: Vec<TryBuild>,
    /// Of a rollup: the builds of its members alone that the merge bot told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unrolled: Vec<UnrolledBuild>,
    /// What was asked for, the oldest first.
    #[serde(default)]
    pub requests: Vec<LinkedRequest>,
    /// Our comments, the oldest first.
    #[serde(default)]
    pub posts: Vec<Post>,
}

/// A comment whose commands were handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandledComment {
    /// The comment.
    pub comment: u64,
    /// The hash of its commands, by which an edit is told from a repetition.
    pub text_hash: ContentHash,
    /// Whether any of its commands was carried out. An edit of such a comment changes nothing.
    pub acted: bool,
}

/// A command that waits for a try build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitedBuild {
    /// The comment that asked.
    pub comment: u64,
    /// Which command of that comment, from 0.
    pub command: u32,
    /// When it was written.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub asked_at: Timestamp,
    /// Who asked.
    pub by: Login,
    /// What is wanted. Its `head` is not yet known, and stands for none.
    pub wanted: WantedMeasuring,
}

/// What a command asks for, apart from what is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedMeasuring {
    /// Under which configurations.
    pub configurations: Vec<crate::ConfigurationId>,
    /// Which part of the suite.
    #[serde(default)]
    pub selection: crate::request::Selection,
    /// Iterations of each test case, where the command says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u32>,
}

impl WantedMeasuring {
    /// The request, once base and head are known.
    pub fn into_request(
        self,
        base: Option<ArtifactId>,
        head: ArtifactId,
        reason: String,
    ) -> NewRequest {
        NewRequest {
            base,
            head,
            configurations: self.configurations,
            selection: self.selection,
            paired: false,
            against_parent: false,
            backfill: true,
            iterations: self.iterations,
            precision: None,
            self_profile: false,
            time_limit_s: None,
            priority: 0,
            reason: Some(reason),
        }
    }
}

/// A try build that the merge bot told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TryBuild {
    /// The merge bot's comment.
    pub comment: u64,
    /// The commit that was built.
    pub commit: CommitSha,
    /// What it was built upon, where the comment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<CommitSha>,
}

/// A request that was made for a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedRequest {
    /// The request.
    pub request: RequestId,
    /// The comment that asked for it.
    pub comment: u64,
    /// Who asked.
    pub by: Login,
    /// The last commit of the pull request's branch at that time, where it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<CommitSha>,
    /// Whether that commit has left the pull request since.
    #[serde(default)]
    pub head_gone: bool,
    /// The labels that were set because of it.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The rollup for whose sake it was asked for, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollup: Option<RollupComment>,
}

impl LinkedRequest {
    /// A request that a comment asked for, of which nothing more is known.
    pub fn new(request: RequestId, comment: u64, by: Login) -> Self {
        Self {
            request,
            comment,
            by,
            head: None,
            head_gone: false,
            labels: Vec::new(),
            rollup: None,
        }
    }
}

/// A comment on a rollup that asked for its members to be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollupComment {
    /// The rollup.
    pub pull_request: PullRequestId,
    /// The comment.
    pub comment: u64,
}

/// A compiler that was built with one member of a rollup alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnrolledBuild {
    /// The number of the member.
    pub pull_request: u64,
    /// The title of the member, perhaps shortened; empty where it was not told.
    pub title: String,
    /// The commit that was built.
    pub commit: CommitSha,
}

/// A comment of ours, or the intention to write one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// What it is about.
    pub subject: PostSubject,
    /// Its id on GitHub, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<u64>,
    /// The hash of what it says there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_hash: Option<ContentHash>,
    /// What it is to say, where that is kept nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Until when somebody is at writing it.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub claimed_until: Option<Timestamp>,
    /// Since when somebody may have written it without our knowing.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub tried_since: Option<Timestamp>,
    /// How often somebody has deleted it there.
    #[serde(default)]
    pub deletions: u32,
}

/// What a comment of ours is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PostSubject {
    /// A request.
    Request(RequestId),
    /// The commands of somebody's comment.
    Reply(u64),
}

impl PostSubject {
    /// What its text begins with, which readers do not see, and by which it is found again.
    pub fn marker(self) -> String {
        match self {
            Self::Request(request) => format!("<!-- perfleet request={request} -->"),
            Self::Reply(comment) => format!("<!-- perfleet reply-to={comment} -->"),
        }
    }
}

impl PullRequest {
    /// A pull request of which nothing is known.
    pub fn new(id: PullRequestId) -> Self {
        Self {
            id,
            state: PullRequestState::Open,
            head: None,
            as_of: None,
            handled: Vec::new(),
            awaiting: Vec::new(),
            try_builds: Vec::new(),
            unrolled: Vec::new(),
            requests: Vec::new(),
            posts: Vec::new(),
        }
    }

    /// What was made of a comment, where it was handled.
    pub fn handled(&self, comment: u64) -> Option<&HandledComment> {
        self.handled.iter().find(|one| one.comment == comment)
    }

    /// Notes that a comment was handled, in place of what was noted before.
    pub fn note_handled(&mut self, handled: HandledComment) {
        self.handled.retain(|one| one.comment != handled.comment);
        self.handled.push(handled);
        forget_oldest(&mut self.handled, HANDLED_MAX);
    }

    /// Notes a try build, once for each comment of the merge bot.
    pub fn note_try_build(&mut self, build: TryBuild) {
        if self
            .try_builds
            .iter()
            .all(|one| one.comment != build.comment)
        {
            self.try_builds.push(build);
            self.try_builds.sort_by_key(|one| one.comment);
            forget_oldest(&mut self.try_builds, TRY_BUILDS_MAX);
        }
    }

    /// Notes builds of a rollup's members, each commit once, in the place of what was known of it.
    pub fn note_unrolled_builds(&mut self, builds: &[UnrolledBuild]) {
        for build in builds {
            self.unrolled.retain(|known| known.commit != build.commit);
            self.unrolled.push(build.clone());
        }
        forget_oldest(&mut self.unrolled, UNROLLED_MAX);
    }

    /// The try build that a command waits for: the first that the merge bot told of after it. The
    /// ids of comments grow, so the order in which we hear of them does not matter.
    pub fn build_for(&self, command: &AwaitedBuild) -> Option<&TryBuild> {
        self.try_builds
            .iter()
            .find(|build| build.comment > command.comment)
    }

    /// Notes a request, once.
    pub fn link(&mut self, request: LinkedRequest) {
        if self.linked(request.request).is_none() {
            self.requests.push(request);
            forget_oldest(&mut self.requests, REQUESTS_MAX);
        }
    }

    /// What is known of a request of this pull request.
    pub fn linked(&self, request: RequestId) -> Option<&LinkedRequest> {
        self.requests.iter().find(|one| one.request == request)
    }

    /// Our comment on a subject.
    pub fn post(&self, subject: PostSubject) -> Option<&Post> {
        self.posts.iter().find(|post| post.subject == subject)
    }

    /// Our comment on a subject, to be changed. One that is not known is added.
    pub fn post_mut(&mut self, subject: PostSubject) -> Option<&mut Post> {
        if self.post(subject).is_none() {
            self.posts.push(Post {
                subject,
                comment: None,
                text_hash: None,
                text: None,
                claimed_until: None,
                tried_since: None,
                deletions: 0,
            });
            forget_oldest(&mut self.posts, POSTS_MAX);
        }
        self.posts.iter_mut().find(|post| post.subject == subject)
    }
}

fn forget_oldest<T>(entries: &mut Vec<T>, kept: usize) {
    let surplus = entries.len().saturating_sub(kept);
    entries.drain(..surplus);
}

#[cfg(test)]
mod tests;
