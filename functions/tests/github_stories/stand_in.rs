//! A stand-in for GitHub: a real server that holds the API's own rules. It wants a signed token of the
//! App and then that of its installation (401), knows what is there and what is not (404), refuses
//! what GitHub refuses (422), limits how often it may be asked, and can be told to fail.

mod routes;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use functions::clock::{Clock, ManualClock};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

pub(crate) const REPOSITORY: &str = "rust-lang/rust";
pub(crate) const PULL_REQUEST: u64 = 12;
/// Members of the pull request, where that is a rollup.
pub(crate) const MEMBERS: [u64; 2] = [34, 35];
pub(crate) const APP: u64 = 77;
pub(crate) const INSTALLATION: u64 = 88;
pub(crate) const OUR_LOGIN: &str = "our-app[bot]";
pub(crate) const KEY: &str = include_str!("../fixtures/github-app-key.pem");

/// How the stand-in answers whatever it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// By the rules.
    Well,
    /// With 503.
    Down,
    /// Does what it is asked for, and then breaks the connection's promise with 502.
    LosesAnswers,
    /// With the secondary limit, for so many seconds.
    Limits(u32),
}

#[derive(Debug, Clone)]
pub(crate) struct StoredComment {
    pub(crate) on: u64,
    pub(crate) author: String,
    pub(crate) body: String,
    pub(crate) updated_at: Timestamp,
    pub(crate) edits: u32,
    pub(crate) folded: bool,
}

#[derive(Debug, Clone)]
struct StoredCommit {
    message: String,
    parents: Vec<String>,
    committed_at: Timestamp,
}

pub(super) struct State {
    pub(super) mood: Mood,
    pub(super) tokens: BTreeMap<String, Timestamp>,
    pub(super) tokens_made: u32,
    pub(super) comments: BTreeMap<u64, StoredComment>,
    pub(super) next_comment: u64,
    /// The labels of each pull request.
    pub(super) labels: BTreeMap<u64, BTreeSet<String>>,
    commits: BTreeMap<String, StoredCommit>,
    /// The commits of the pull request.
    pub(super) branch: Vec<String>,
    /// The last commit of each branch of the repository.
    tips: BTreeMap<String, String>,
    pub(super) roles: BTreeMap<String, String>,
    pub(super) team: Option<String>,
    /// `POST /repos/…`, in order.
    pub(super) calls: Vec<String>,
    /// When content was made, for the secondary limit.
    pub(super) made_at: Vec<Timestamp>,
}

/// The stand-in. Ends with the test.
pub(crate) struct StandIn {
    pub(crate) url: String,
    shared: Shared,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
pub(super) struct Shared {
    state: Arc<Mutex<State>>,
    clock: Arc<ManualClock>,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl StandIn {
    pub(crate) async fn start(clock: Arc<ManualClock>) -> Self {
        let state = State {
            mood: Mood::Well,
            tokens: BTreeMap::new(),
            tokens_made: 0,
            comments: BTreeMap::new(),
            next_comment: 1000,
            labels: BTreeMap::new(),
            commits: BTreeMap::new(),
            branch: Vec::new(),
            tips: BTreeMap::new(),
            roles: BTreeMap::from([("ada".to_owned(), "write".to_owned())]),
            team: None,
            calls: Vec::new(),
            made_at: Vec::new(),
        };
        let shared = Shared {
            state: Arc::new(Mutex::new(state)),
            clock,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = routes::router(shared.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            url,
            shared,
            server,
        }
    }

    pub(crate) fn be(&self, mood: Mood) {
        self.shared.state().mood = mood;
    }

    /// Writes a comment as a user of GitHub does, and returns its id.
    pub(crate) fn write(&self, author: &str, body: &str) -> u64 {
        let now = self.shared.now();
        self.shared
            .state()
            .add_comment(PULL_REQUEST, author, body, now)
    }

    /// Deletes a comment as a moderator does.
    pub(crate) fn delete(&self, comment: u64) {
        self.shared.state().comments.remove(&comment).unwrap();
    }

    /// The comments that we wrote, with their ids.
    pub(crate) fn ours(&self) -> Vec<(u64, StoredComment)> {
        let state = self.shared.state();
        let ours = state
            .comments
            .iter()
            .filter(|(_, one)| one.author == OUR_LOGIN);
        ours.map(|(id, comment)| (*id, comment.clone())).collect()
    }

    /// Our comments that begin with a text, behind the line that readers do not see.
    pub(crate) fn ours_with(&self, part: &str) -> Vec<(u64, StoredComment)> {
        let mut ours = self.ours();
        ours.retain(|(_, comment)| comment.body.contains(part));
        ours
    }

    pub(crate) fn labels(&self) -> Vec<String> {
        self.labels_of(PULL_REQUEST)
    }

    pub(crate) fn labels_of(&self, pull_request: u64) -> Vec<String> {
        let state = self.shared.state();
        let labels = state.labels.get(&pull_request);
        labels.into_iter().flatten().cloned().collect()
    }

    pub(crate) fn label(&self, name: &str) {
        let mut state = self.shared.state();
        let labels = state.labels.entry(PULL_REQUEST).or_default();
        labels.insert(name.to_owned());
    }

    pub(crate) fn add_commit(&self, sha: &str, parents: &[&str]) {
        self.add_commit_saying(sha, parents, "a change\n\nand why");
    }

    /// The same with a message.
    pub(crate) fn add_commit_saying(&self, sha: &str, parents: &[&str], message: &str) {
        let commit = StoredCommit {
            message: message.to_owned(),
            parents: parents.iter().map(|sha| (*sha).to_owned()).collect(),
            committed_at: self.shared.now(),
        };
        self.shared.state().commits.insert(sha.to_owned(), commit);
    }

    /// The commits of the pull request, the last of which is its head.
    pub(crate) fn set_branch(&self, commits: &[&str]) {
        self.shared.state().branch = commits.iter().map(|sha| (*sha).to_owned()).collect();
    }

    /// Pushes to a branch of the repository, by force where that is needed.
    pub(crate) fn push(&self, branch: &str, tip: &str) {
        let mut state = self.shared.state();
        state.tips.insert(branch.to_owned(), tip.to_owned());
    }

    pub(crate) fn set_role(&self, login: &str, role: &str) {
        let mut state = self.shared.state();
        state.roles.insert(login.to_owned(), role.to_owned());
    }

    pub(crate) fn set_team(&self, file: &str) {
        self.shared.state().team = Some(file.to_owned());
    }

    /// Forgets every token that it gave out, as when the App is installed anew.
    pub(crate) fn revoke_tokens(&self) {
        self.shared.state().tokens.clear();
    }

    pub(crate) fn tokens_made(&self) -> u32 {
        self.shared.state().tokens_made
    }

    /// What was called, in order, that begins with a method and path.
    pub(crate) fn calls(&self, beginning: &str) -> usize {
        let state = self.shared.state();
        state
            .calls
            .iter()
            .filter(|call| call.starts_with(beginning))
            .count()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl State {
    pub(super) fn add_comment(&mut self, on: u64, author: &str, body: &str, now: Timestamp) -> u64 {
        self.next_comment += 1;
        let comment = StoredComment {
            on,
            author: author.to_owned(),
            body: body.to_owned(),
            updated_at: now,
            edits: 0,
            folded: false,
        };
        self.comments.insert(self.next_comment, comment);
        self.next_comment
    }

    pub(super) fn commit(&self, sha: &str) -> Option<serde_json::Value> {
        let commit = self.commits.get(sha)?;
        let parents = commit
            .parents
            .iter()
            .map(|sha| serde_json::json!({ "sha": sha }));
        Some(serde_json::json!({
            "sha": sha,
            "parents": parents.collect::<Vec<_>>(),
            "commit": {
                "message": commit.message,
                "committer": { "date": commit.committed_at },
            },
        }))
    }

    /// All commits that are reached from a branch or commit, which is the first, the newest first.
    pub(super) fn commits_from(&self, from: &str) -> Option<Vec<serde_json::Value>> {
        let tip = self.tips.get(from).map_or(from, String::as_str);
        self.commits.get(tip)?;
        let mut reached = vec![tip];
        let mut next = 0;
        while let Some(sha) = reached.get(next).copied() {
            next += 1;
            for parent in self.commits.get(sha).iter().flat_map(|one| &one.parents) {
                if self.commits.contains_key(parent) && !reached.contains(&parent.as_str()) {
                    reached.push(parent);
                }
            }
        }
        reached[1..].sort_by_key(|sha| std::cmp::Reverse(self.commits[*sha].committed_at));
        reached.into_iter().map(|sha| self.commit(sha)).collect()
    }

    pub(super) fn make_token(&mut self, now: Timestamp) -> (String, Timestamp) {
        self.tokens_made += 1;
        let token = format!("ghs_{}", self.tokens_made);
        let until = now + SignedDuration::from_hours(1);
        self.tokens.insert(token.clone(), until);
        (token, until)
    }
}
