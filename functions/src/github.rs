//! What pull requests see of Perfleet: the commands that people write into comments, the comment that
//! answers them, and labels.
//!
//! ```text
//! webhook -> queue `github` -> command -> request -> jobs -> comparisons -> queue `github` -> comment, labels
//! ```
//!
//! GitHub itself stands behind a port, [`GitHub`]. Where none is configured, comments are written into
//! the outbox alone, where `GET requests/{id}/comment` shows them.

mod acts;
#[cfg(feature = "github")]
mod app_token;
mod awaited_builds;
mod command;
mod comment;
mod configuring;
mod error;
mod holding;
mod labels;
#[cfg(feature = "github")]
mod octocrab_client;
mod on_comment;
mod on_pull_request;
mod on_push;
mod outbox;
mod permissions;
mod port;
mod posting;
mod pull_requests;
mod reply;
mod rollups;
pub mod settings;
mod try_build;
mod wanted;
pub mod webhook;

pub(crate) use command::COMMANDS;
pub use command::{Action, Command, CommandOptions, Misunderstood, commands};
pub use comment::{Comment, Telling, comment};
pub use configuring::configured;
pub use error::GitHubError;
#[cfg(feature = "github")]
pub use octocrab_client::{Credentials, OctocrabClient};
pub use outbox::written_comment;
pub use permissions::parse_team;
pub use port::{GitHub, GitHubComment, GitHubCommit, RepositoryRole};
pub use settings::GitHubSettings;
pub use try_build::{FinishedTryBuild, finished_try_build};

pub(crate) use permissions::TeamCache;

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;
use shared_types::format::Versioned;
use shared_types::notices::{ComparisonMade, GitHubEvent, GitHubNotice, RequestToTell};

use crate::{Context, FunctionsError};

/// What whoever speaks with GitHub is given.
pub(crate) struct Access {
    pub(crate) settings: Arc<GitHubSettings>,
    pub(crate) api: Arc<dyn GitHub>,
    pub(crate) team: Arc<TeamCache>,
}

/// The access to GitHub, where one is configured.
fn access_if_configured(context: &Context) -> Option<Access> {
    Some(Access {
        settings: context.github.clone()?,
        api: context.github_api()?,
        team: Arc::clone(&context.github_team),
    })
}

/// By which member a message of the queue is told from the others.
#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    event: Option<IgnoredAny>,
    #[serde(default)]
    input_hash: Option<IgnoredAny>,
}

/// Handles a message of the queue `github`: that a comparison was made, that a request moved, or that
/// something happened on GitHub.
///
/// # Errors
/// When the message cannot be read, or the store or GitHub fails.
#[tracing::instrument(name = "github", skip_all, fields(trace, delivery))]
pub async fn handle(context: &Context, body: &str) -> Result<(), FunctionsError> {
    let span = tracing::Span::current();
    let kind: Option<Kind> = serde_json::from_str(body).ok();
    match kind {
        Some(Kind { event: Some(_), .. }) => {
            let notice = GitHubNotice::from_json(body.as_bytes())?;
            span.record("delivery", notice.delivery.as_str());
            handle_event(context, &notice.event).await
        }
        Some(Kind {
            input_hash: None, ..
        }) => {
            let message = RequestToTell::from_json(body.as_bytes())?;
            span.record("trace", message.request.to_string());
            outbox::write_comment(context, message.request).await
        }
        _ => {
            let message = ComparisonMade::from_json(body.as_bytes())?;
            span.record("trace", message.request.to_string());
            outbox::write_comment(context, message.request).await
        }
    }
}

async fn handle_event(context: &Context, event: &GitHubEvent) -> Result<(), FunctionsError> {
    if let Some(shadow) = &context.shadow {
        return Err(FunctionsError::Refused(format!(
            "an event of GitHub arrived, and this environment is the shadow of {}, which speaks to \
             nobody on pull requests: have it delivered again once it is none",
            shadow.settings.name
        )));
    }
    let Some(access) = access_if_configured(context) else {
        return Err(FunctionsError::Refused(
            "an event of GitHub arrived, and this function was given no access to GitHub: give it \
             `github.toml` and the App's key, as docs/deployment.md says, and have the message \
             delivered again"
                .to_owned(),
        ));
    };
    match event {
        GitHubEvent::Comment(comment) => on_comment::handle(context, &access, comment).await,
        GitHubEvent::CommentDeleted {
            pull_request,
            comment,
        } => on_comment::handle_deletion(context, pull_request, *comment).await,
        GitHubEvent::PullRequest(event) => on_pull_request::handle(context, &access, event).await,
        GitHubEvent::Push(event) => on_push::handle(context, &access, event).await,
    }
}
