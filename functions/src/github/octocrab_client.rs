//! The port to GitHub by octocrab: who we are, and how each call is put. What GitHub answers means is
//! decided in [`answer`], and nowhere else.

mod answer;
mod documents;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use octocrab::Octocrab;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared_types::{CommitSha, Login, PullRequestId, RepositoryName};
use tokio::sync::Mutex;

use super::app_token::AppKey;
use super::settings::{AppIdentity, GitHubSettings};
use super::{GitHub, GitHubComment, GitHubCommit, GitHubError, RepositoryRole};
use crate::clock::Clock;
use crate::{FunctionsError, Secret};
use answer::{Answer, failure, read};
use documents::{CommentPart, CommitPart, LabelPart, ParentPart, RolePart};

/// How long one call may take, in all.
const CALL: Duration = Duration::from_secs(20);
/// An installation's token is not used in the last minutes of its hour.
const SPARED: SignedDuration = SignedDuration::from_mins(5);
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

    async fn commits_from(
        &self,
        repository: &RepositoryName,
        from: &str,
    ) -> Result<Vec<GitHubCommit>, GitHubError> {
        let action = format!("reading the commits of {repository} from {from}");
        let from = encoded(from);
        let path = format!("/repos/{repository}/commits?sha={from}&per_page={PAGE}");
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
