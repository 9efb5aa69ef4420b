//! What GitHub's payloads say, as far as it concerns us.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared_types::notices::{CommentEvent, GitHubEvent, PullRequestEvent, PushEvent};
use shared_types::pull_request::PullRequestState;
use shared_types::{CommitSha, InvalidInput, Login, PullRequestId, RepositoryName};

use crate::github::command::command_lines;
use crate::github::rollups::lines_of_unrolled_builds;
use crate::github::settings::GitHubSettings;
use crate::github::try_build::lines_of_try_build;

/// The most of a comment that is handed on, in bytes. No sensible command is longer.
const TEXT_BYTES_MAX: usize = 8 * 1024;

/// What a payload means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// It may want something.
    Event(GitHubEvent),
    /// It wants nothing, for this reason.
    Ignored(String),
}

/// Reads a payload of an event.
///
/// # Errors
/// When it lacks what GitHub's documentation promises.
pub fn parse_payload(
    settings: &GitHubSettings,
    event: &str,
    body: &[u8],
) -> Result<Payload, InvalidInput> {
    match event {
        "issue_comment" => of_comment(settings, &read(body)?),
        "pull_request" => of_pull_request(&read(body)?),
        "push" => of_push(settings, read(body)?),
        "ping" => Ok(ignored("GitHub asks whether we are there, and we are")),
        "installation" | "installation_repositories" => Ok(ignored(
            "where the App is installed is configured here, by its id",
        )),
        other => Ok(Payload::Ignored(format!(
            "events of the kind `{}` are not asked for",
            other.chars().take(60).collect::<String>()
        ))),
    }
}

#[derive(Deserialize)]
struct CommentPayload {
    action: String,
    issue: Issue,
    comment: Comment,
    repository: Repository,
}

#[derive(Deserialize)]
struct Issue {
    number: u64,
    /// Only there where the issue is a pull request.
    #[serde(default)]
    pull_request: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Comment {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    user: User,
    created_at: Timestamp,
}

#[derive(Deserialize)]
struct User {
    login: Login,
}

#[derive(Deserialize)]
struct Repository {
    full_name: RepositoryName,
}

#[derive(Deserialize)]
struct PullRequestPayload {
    action: String,
    pull_request: PullRequestPart,
    repository: Repository,
}

#[derive(Deserialize)]
struct PullRequestPart {
    number: u64,
    state: String,
    #[serde(default)]
    merged: Option<bool>,
    head: Head,
    updated_at: Timestamp,
}

#[derive(Deserialize)]
struct Head {
    sha: CommitSha,
}

#[derive(Deserialize)]
struct PushPayload {
    #[serde(rename = "ref")]
    reference: String,
    before: CommitSha,
    after: CommitSha,
    forced: bool,
    repository: Repository,
}

fn of_comment(
    settings: &GitHubSettings,
    payload: &CommentPayload,
) -> Result<Payload, InvalidInput> {
    if payload.issue.pull_request.is_none() {
        return Ok(ignored(
            "the comment is on an issue, and not on a pull request",
        ));
    }
    let pull_request = PullRequestId {
        repository: payload.repository.full_name.clone(),
        number: payload.issue.number,
    };
    let edited = match payload.action.as_str() {
        "created" => false,
        "edited" => true,
        "deleted" => {
            return Ok(Payload::Event(GitHubEvent::CommentDeleted {
                pull_request,
                comment: payload.comment.id,
            }));
        }
        other => return Ok(no_action("a comment", other)),
    };
    let author = &payload.comment.user.login;
    let body = payload.comment.body.as_deref().unwrap_or_default();
    let text = if settings.is_merge_bot(author) {
        let mut parts = vec![lines_of_try_build(body), lines_of_unrolled_builds(body)];
        parts.retain(|part| !part.is_empty());
        parts.join("\n")
    } else if settings.is_program(author) {
        return Ok(ignored("the comment is our own"));
    } else {
        command_lines(body, &settings.bot_names).join("\n")
    };
    Ok(Payload::Event(GitHubEvent::Comment(CommentEvent {
        pull_request,
        comment: payload.comment.id,
        author: author.clone(),
        created_at: payload.comment.created_at,
        edited,
        text: shortened(text),
    })))
}

fn of_pull_request(payload: &PullRequestPayload) -> Result<Payload, InvalidInput> {
    let of_interest = ["opened", "reopened", "closed", "synchronize"];
    if !of_interest.contains(&payload.action.as_str()) {
        return Ok(no_action("a pull request", &payload.action));
    }
    let part = &payload.pull_request;
    let state = match (part.state.as_str(), part.merged) {
        ("open", _) => PullRequestState::Open,
        ("closed", Some(true)) => PullRequestState::Merged,
        ("closed", _) => PullRequestState::Closed,
        (other, _) => {
            return Err(InvalidInput::inconsistent(
                "the payload of a pull request",
                format!(
                    "its state is `{}`",
                    other.chars().take(60).collect::<String>()
                ),
            ));
        }
    };
    Ok(Payload::Event(GitHubEvent::PullRequest(PullRequestEvent {
        pull_request: PullRequestId {
            repository: payload.repository.full_name.clone(),
            number: part.number,
        },
        state,
        head: part.head.sha.clone(),
        at: part.updated_at,
    })))
}

fn of_push(settings: &GitHubSettings, payload: PushPayload) -> Result<Payload, InvalidInput> {
    let branch = payload.reference.strip_prefix("refs/heads/");
    if branch != Some(settings.watched_branch.as_str()) {
        return Ok(ignored(
            "the push is to another branch than the watched one",
        ));
    }
    let is_nothing = |sha: &CommitSha| sha.as_str().bytes().all(|byte| byte == b'0');
    if is_nothing(&payload.after) {
        return Ok(ignored("the branch was deleted"));
    }
    Ok(Payload::Event(GitHubEvent::Push(PushEvent {
        repository: payload.repository.full_name,
        before: payload.before,
        after: payload.after,
        forced: payload.forced,
    })))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, InvalidInput> {
    serde_json::from_slice(body).map_err(|error| InvalidInput::Document {
        what: "GitHub's payload",
        reason: error.to_string(),
    })
}

fn ignored(reason: &str) -> Payload {
    Payload::Ignored(reason.to_owned())
}

fn no_action(of: &str, action: &str) -> Payload {
    let action: String = action.chars().take(60).collect();
    Payload::Ignored(format!("that {of} was `{action}` asks for nothing"))
}

fn shortened(mut text: String) -> String {
    let mut end = TEXT_BYTES_MAX.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests;
