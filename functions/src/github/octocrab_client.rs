//! The port to GitHub by octocrab. What GitHub's statuses and headers mean for whoever asked is
//! decided here, in [`failure`], and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{HeaderMap, Method};
use jiff::{SignedDuration, Timestamp};
use octocrab::Octocrab;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared_types::{CommitSha, Login, PullRequestId, RepositoryName};
use tokio::sync::Mutex;

use super::app_token::AppKey;
use super::settings::{AppIdentity, GitHubSettings, Secret};
use super::{GitHub, GitHubComment, GitHubCommit, GitHubError, RepositoryRole};
use crate::FunctionsError;
use crate::clock::Clock;

/// How long one call may take, in all.
const CALL: Duration = Duration::from_secs(20);
/// An installation's token is not used in the last minutes of its hour.
const SPARED: SignedDuration = SignedDuration::from_mins(5);
/// Where GitHub does not say for how long it wants to be left alone, it asks for a minute.
const SECONDARY_WAIT: Duration = Duration::from_secs(60);
/// Entries of a page, the most that GitHub gives.
const PAGE: usize = 100;
/// Pages that are read at most.
const PAGES_MAX: u32 = 10;
/// A file of a team is shorter.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// By what we show who we are.
pub enum Credentials {
    /// By an App's private key (PEM).
    App(AppIdentity, Secret),
    /// By a token.
    Token(Secret),
}

/// GitHub by octocrab.
pub struct OctocrabClient {
    api_url: String,
    identity: Identity,
    clock: Arc<dyn Clock>,
    connection: Mutex<Option<Connection>>,
}

enum Identity {
    App(AppIdentity, Box<AppKey>),
    Token(Secret),
}

/// A client with the token that it sends.
#[derive(Clone)]
struct Connection {
    octocrab: Octocrab,
    /// From when on another token is needed.
    until: Timestamp,
}

/// An answer of GitHub, read whole.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl OctocrabClient {
    /// A client that has not spoken with GitHub yet.
    ///
    /// # Errors
    /// When the App's key cannot be used.
    pub fn new(
        settings: &GitHubSettings,
        credentials: Credentials,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, FunctionsError> {
        let identity = match credentials {
            Credentials::App(app, pem) => Identity::App(app, Box::new(AppKey::from_pem(&pem)?)),
            Credentials::Token(token) => Identity::Token(token),
        };
        Ok(Self {
            api_url: settings.api_url.clone(),
            identity,
            clock,
            connection: Mutex::new(None),
        })
    }

    /// A client that sends a token that is good for now.
    async fn connection(&self, action: &str) -> Result<Octocrab, GitHubError> {
        let now = self.clock.now();
        let mut kept = self.connection.lock().await;
        if let Some(connection) = kept.as_ref().filter(|connection| now < connection.until) {
            return Ok(connection.octocrab.clone());
        }
        let new = match &self.identity {
            Identity::Token(token) => Connection {
                octocrab: self.octocrab(action, token.reveal())?,
                until: Timestamp::MAX,
            },
            Identity::App(app, key) => self.installation(action, *app, key, now).await?,
        };
        let octocrab = new.octocrab.clone();
        *kept = Some(new);
        Ok(octocrab)
    }

    /// Asks for the token of the App's installation.
    async fn installation(
        &self,
        action: &str,
        app: AppIdentity,
        key: &AppKey,
        now: Timestamp,
    ) -> Result<Connection, GitHubError> {
        #[derive(Deserialize)]
        struct Token {
            token: String,
            expires_at: Timestamp,
        }
        let unusable = |error: FunctionsError| GitHubError::Unauthorised {
            action: action.to_owned(),
            reason: error.to_string(),
        };
        let octocrab = self.octocrab(action, &key.token(app.id, now).map_err(unusable)?)?;
        let path = format!("/app/installations/{}/access_tokens", app.installation);
        let answer = ask(&octocrab, action, Method::POST, &path, Some(&json!({}))).await?;
        let token: Token = match read(action, &answer, now) {
            Ok(token) => token,
            // Not what was asked for, but the installation itself, is not there.
            Err(GitHubError::NotFound { action }) => {
                return Err(GitHubError::Unauthorised {
                    action,
                    reason: format!("the App has no installation {}", app.installation),
                });
            }
            Err(error) => return Err(error),
        };
        let until = token.expires_at.saturating_sub(SPARED).unwrap_or(now);
        Ok(Connection {
            octocrab: self.octocrab(action, &token.token)?,
            until,
        })
    }

    fn octocrab(&self, action: &str, token: &str) -> Result<Octocrab, GitHubError> {
        let unavailable = |error: octocrab::Error| unavailable(action, &error);
        Octocrab::builder()
            .base_uri(self.api_url.as_str())
            .map_err(unavailable)?
            .set_connect_timeout(Some(CALL))
            .set_read_timeout(Some(CALL))
            .personal_token(token.to_owned())
            .build()
            .map_err(unavailable)
    }

    /// Asks GitHub, with a new token once more where it does not take ours.
    async fn call(
        &self,
        action: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, GitHubError> {
        let octocrab = self.connection(action).await?;
        let answer = ask(&octocrab, action, method.clone(), path, body).await?;
        if answer.status != 401 || matches!(self.identity, Identity::Token(_)) {
            return Ok(answer);
        }
        *self.connection.lock().await = None;
        let octocrab = self.connection(action).await?;
        ask(&octocrab, action, method, path, body).await
    }

    async fn get<T: DeserializeOwned>(&self, action: &str, path: &str) -> Result<T, GitHubError> {
        let answer = self.call(action, Method::GET, path, None).await?;
        read(action, &answer, self.clock.now())
    }

    async fn send<T: DeserializeOwned>(
        &self,
        action: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<T, GitHubError> {
        let answer = self.call(action, method, path, Some(body)).await?;
        read(action, &answer, self.clock.now())
    }

    /// Every entry of a list, page by page.
    async fn pages<T: DeserializeOwned>(
        &self,
        action: &str,
        path: &str,
    ) -> Result<Vec<T>, GitHubError> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut all = Vec::new();
        for page in 1..=PAGES_MAX {
            let path = format!("{path}{joint}per_page={PAGE}&page={page}");
            let entries: Vec<T> = self.get(action, &path).await?;
            let is_last = entries.len() < PAGE;
            all.extend(entries);
            if is_last {
                break;
            }
        }
        Ok(all)
    }
}

async fn ask(
    octocrab: &Octocrab,
    action: &str,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Answer, GitHubError> {
    let asked = async {
        let response = match method {
            Method::POST => octocrab._post(path, body).await?,
            Method::PATCH => octocrab._patch(path, body).await?,
            Method::DELETE => octocrab._delete(path, body).await?,
            _ => octocrab._get(path).await?,
        };
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = octocrab.body_to_string(response).await?;
        Ok::<Answer, octocrab::Error>(Answer {
            status,
            headers,
            body,
        })
    };
    match tokio::time::timeout(CALL, asked).await {
        Ok(answer) => answer.map_err(|error| unavailable(action, &error)),
        Err(_) => Err(GitHubError::Unavailable {
            action: action.to_owned(),
            reason: format!("it took longer than {} s", CALL.as_secs()),
        }),
    }
}

fn unavailable(action: &str, error: &octocrab::Error) -> GitHubError {
    // Only the first line: octocrab adds where in its code it came about.
    let text = error.to_string();
    GitHubError::Unavailable {
        action: action.to_owned(),
        reason: text.lines().next().unwrap_or_default().to_owned(),
    }
}

fn read<T: DeserializeOwned>(
    action: &str,
    answer: &Answer,
    now: Timestamp,
) -> Result<T, GitHubError> {
    if let Some(failure) = failure(action, answer, now) {
        return Err(failure);
    }
    // An answer without a body stands for nothing.
    let body = match answer.body.trim() {
        "" => "null",
        body => body,
    };
    serde_json::from_str(body).map_err(|error| GitHubError::Unreadable {
        action: action.to_owned(),
        reason: error.to_string(),
    })
}

/// What a status other than one of success means.
fn failure(action: &str, answer: &Answer, now: Timestamp) -> Option<GitHubError> {
    let action = action.to_owned();
    let reason = message(&answer.body);
    let wait = wait(&answer.headers, now);
    Some(match answer.status {
        200..300 => return None,
        // Both limits come as either status. The primary one is spent when nothing remains; the
        // secondary one says for how long, or says so in words.
        403 | 429 if answer.status == 429 || wait.is_some() || reason.contains("rate limit") => {
            GitHubError::RateLimited {
                action,
                wait: wait.unwrap_or(SECONDARY_WAIT),
            }
        }
        401 => GitHubError::Unauthorised { action, reason },
        403 => GitHubError::Forbidden { action, reason },
        404 | 410 => GitHubError::NotFound { action },
        400..500 => GitHubError::Invalid { action, reason },
        status => GitHubError::Unavailable {
            action,
            reason: format!("status {status}: {reason}"),
        },
    })
}

/// For how long GitHub says that it wants to be left alone.
fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds.max(1).cast_unsigned()));
    }
    let reset = number("x-ratelimit-reset")?;
    (number("x-ratelimit-remaining")? == 0)
        .then(|| Duration::from_secs((reset - now.as_second()).max(1).cast_unsigned()))
}

/// What GitHub says is wrong.
fn message(body: &str) -> String {
    #[derive(Deserialize)]
    struct Message {
        message: String,
        #[serde(default)]
        errors: Vec<Value>,
    }
    let text = match serde_json::from_str::<Message>(body) {
        Ok(told) if told.errors.is_empty() => told.message,
        Ok(told) => {
            let errors: Vec<String> = told.errors.iter().map(Value::to_string).collect();
            format!("{}: {}", told.message, errors.join(", "))
        }
        Err(_) => body.lines().next().unwrap_or_default().to_owned(),
    };
    text.chars().take(300).collect()
}

#[derive(Deserialize)]
struct CommentPart {
    id: u64,
    #[serde(default)]
    node_id: String,
    #[serde(default)]
    body: Option<String>,
    user: UserPart,
}

#[derive(Deserialize)]
struct UserPart {
    login: String,
}

#[derive(Deserialize)]
struct CommitPart {
    sha: CommitSha,
    parents: Vec<ParentPart>,
    commit: CommitDetails,
}

#[derive(Deserialize)]
struct ParentPart {
    sha: CommitSha,
}

#[derive(Deserialize)]
struct CommitDetails {
    committer: Signature,
}

#[derive(Deserialize)]
struct Signature {
    date: Timestamp,
}

#[derive(Deserialize)]
struct LabelPart {
    name: String,
}

#[derive(Deserialize)]
struct RolePart {
    permission: String,
    #[serde(default)]
    role_name: String,
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
        }
    }
}

fn issue(of: &PullRequestId) -> String {
    format!("/repos/{}/issues/{}", of.repository, of.number)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[async_trait]
impl GitHub for OctocrabClient {
    async fn create_comment(&self, on: &PullRequestId, text: &str) -> Result<u64, GitHubError> {
        let action = format!("writing a comment on {on}");
        let path = format!("{}/comments", issue(on));
        let body = json!({ "body": text });
        let made: CommentPart = self.send(&action, Method::POST, &path, &body).await?;
        Ok(made.id)
    }

    async fn edit_comment(
        &self,
        repository: &RepositoryName,
        comment: u64,
        text: &str,
    ) -> Result<(), GitHubError> {
        let action = format!("editing the comment {comment} of {repository}");
        let path = format!("/repos/{repository}/issues/comments/{comment}");
        let body = json!({ "body": text });
        let _: CommentPart = self.send(&action, Method::PATCH, &path, &body).await?;
        Ok(())
    }

    async fn minimise_comment(
        &self,
        repository: &RepositoryName,
        comment: u64,
    ) -> Result<(), GitHubError> {
        const MUTATION: &str = "mutation($id: ID!) { minimizeComment(input: \
                                {subjectId: $id, classifier: OUTDATED}) { minimizedComment \
                                { isMinimized } } }";
        let action = format!("folding the comment {comment} of {repository}");
        let path = format!("/repos/{repository}/issues/comments/{comment}");
        let found: CommentPart = self.get(&action, &path).await?;
        let body = json!({ "query": MUTATION, "variables": { "id": found.node_id } });
        // GraphQL answers 200 also where it refuses.
        let answer: Value = self.send(&action, Method::POST, "/graphql", &body).await?;
        match answer.get("errors") {
            None => Ok(()),
            Some(errors) => Err(GitHubError::Invalid {
                action,
                reason: errors.to_string().chars().take(300).collect(),
            }),
        }
    }

    async fn comment(
        &self,
        repository: &RepositoryName,
        comment: u64,
    ) -> Result<GitHubComment, GitHubError> {
        let action = format!("reading the comment {comment} of {repository}");
        let path = format!("/repos/{repository}/issues/comments/{comment}");
        let found: CommentPart = self.get(&action, &path).await?;
        Ok(found.into())
    }

    async fn comments_since(
        &self,
        on: &PullRequestId,
        since: Timestamp,
    ) -> Result<Vec<GitHubComment>, GitHubError> {
        let action = format!("reading the comments of {on}");
        let path = format!(
            "{}/comments?since={}",
            issue(on),
            encoded(&whole_second(since))
        );
        let found: Vec<CommentPart> = self.pages(&action, &path).await?;
        Ok(found.into_iter().map(GitHubComment::from).collect())
    }

    async fn commits_of(&self, of: &PullRequestId) -> Result<Vec<CommitSha>, GitHubError> {
        let action = format!("reading the commits of {of}");
        let path = format!("/repos/{}/pulls/{}/commits", of.repository, of.number);
        let found: Vec<ParentPart> = self.pages(&action, &path).await?;
        Ok(found.into_iter().map(|commit| commit.sha).collect())
    }

    async fn commit(
        &self,
        repository: &RepositoryName,
        commit: &CommitSha,
    ) -> Result<GitHubCommit, GitHubError> {
        let action = format!("reading the commit {commit} of {repository}");
        let path = format!("/repos/{repository}/commits/{commit}");
        let found: CommitPart = self.get(&action, &path).await?;
        Ok(found.into())
    }

    async fn commits_since(
        &self,
        repository: &RepositoryName,
        branch: &str,
        since: Timestamp,
    ) -> Result<Vec<GitHubCommit>, GitHubError> {
        let action = format!("reading the commits of {repository} on {branch}");
        let path = format!(
            "/repos/{repository}/commits?sha={}&since={}&per_page={PAGE}",
            encoded(branch),
            encoded(&whole_second(since))
        );
        let found: Vec<CommitPart> = self.get(&action, &path).await?;
        Ok(found.into_iter().map(GitHubCommit::from).collect())
    }

    async fn labels_of(&self, of: &PullRequestId) -> Result<Vec<String>, GitHubError> {
        let action = format!("reading the labels of {of}");
        let found: Vec<LabelPart> = self
            .pages(&action, &format!("{}/labels", issue(of)))
            .await?;
        Ok(found.into_iter().map(|label| label.name).collect())
    }

    async fn add_labels(&self, to: &PullRequestId, labels: &[String]) -> Result<(), GitHubError> {
        let action = format!("labelling {to}");
        let path = format!("{}/labels", issue(to));
        let body = json!({ "labels": labels });
        let _: Vec<LabelPart> = self.send(&action, Method::POST, &path, &body).await?;
        Ok(())
    }

    async fn remove_label(&self, from: &PullRequestId, label: &str) -> Result<(), GitHubError> {
        let action = format!("taking a label from {from}");
        let path = format!("{}/labels/{}", issue(from), encoded(label));
        let answer = self.call(&action, Method::DELETE, &path, None).await?;
        match failure(&action, &answer, self.clock.now()) {
            None | Some(GitHubError::NotFound { .. }) => Ok(()),
            Some(error) => Err(error),
        }
    }

    async fn role_of(
        &self,
        repository: &RepositoryName,
        login: &Login,
    ) -> Result<RepositoryRole, GitHubError> {
        let action = format!("reading what {login} may do in {repository}");
        let login = encoded(login.as_str());
        let path = format!("/repos/{repository}/collaborators/{login}/permission");
        match self.get::<RolePart>(&action, &path).await {
            Ok(found) => Ok(RepositoryRole::of_words(
                &found.role_name,
                &found.permission,
            )),
            // Who is no collaborator, or no user at all.
            Err(GitHubError::NotFound { .. }) => Ok(RepositoryRole::None),
            Err(error) => Err(error),
        }
    }

    async fn file(&self, url: &str) -> Result<String, GitHubError> {
        let action = format!("reading {url}");
        // Without a token, which is nobody's business there.
        let octocrab = Octocrab::builder()
            .set_connect_timeout(Some(CALL))
            .set_read_timeout(Some(CALL))
            .build()
            .map_err(|error| unavailable(&action, &error))?;
        let answer = ask(&octocrab, &action, Method::GET, url, None).await?;
        match failure(&action, &answer, self.clock.now()) {
            Some(failure) => Err(failure),
            None if answer.body.len() > FILE_BYTES_MAX => Err(GitHubError::Unreadable {
                action,
                reason: format!("it has more than {FILE_BYTES_MAX} bytes"),
            }),
            None => Ok(answer.body),
        }
    }
}

/// A time as GitHub writes it.
fn whole_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| {
            let name: axum::http::HeaderName = name.parse().unwrap();
            (name, value.parse().unwrap())
        });
        Answer {
            status,
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }

    fn told(answer: &Answer) -> String {
        let now = Timestamp::from_second(1_000).unwrap();
        match failure("asking", answer, now) {
            None => "success".to_owned(),
            Some(error) => {
                let end = if error.is_permanent() {
                    "for good"
                } else {
                    "later"
                };
                format!("{error} [{end}, {} s]", error.pause(1).as_secs())
            }
        }
    }

    #[test]
    fn every_status_means_something_to_whoever_asked() {
        let spent = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1300"),
        ];
        let left = [
            ("x-ratelimit-remaining", "9"),
            ("x-ratelimit-reset", "1300"),
        ];
        let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        let invalid = r#"{"message":"Validation Failed","errors":[{"code":"invalid"}]}"#;
        let answers = [
            answer(201, &[], "{}"),
            answer(401, &[], r#"{"message":"Bad credentials"}"#),
            answer(
                403,
                &left,
                r#"{"message":"Resource not accessible by integration"}"#,
            ),
            answer(403, &spent, r#"{"message":"API rate limit exceeded"}"#),
            answer(429, &[("retry-after", "7")], secondary),
            answer(403, &[], secondary),
            answer(404, &[], r#"{"message":"Not Found"}"#),
            answer(410, &[], ""),
            answer(422, &[], invalid),
            answer(502, &[], "<html>\nbad gateway"),
        ];
        let told: Vec<String> = answers
            .iter()
            .map(|one| format!("{}: {}", one.status, told(one)))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
