//! The webhook: what GitHub tells is verified, read, and put into the queue. It is handled from
//! there, so that GitHub never waits for more than a queue, and nothing is lost when we are busy.

mod payload;
mod signature;

pub use payload::{Payload, parse_payload};
pub use signature::{is_signed, signature_of};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared_types::notices::{GitHubEvent, GitHubNotice};
use store::QueueName;

use super::settings::GitHubSettings;
use crate::{Context, FunctionsError, messages};

/// The largest payload that is taken, in bytes. Those that concern us have a few dozen thousand.
pub const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;

/// How long a delivery is remembered. GitHub offers to repeat one for three days.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A longer name of a delivery is not GitHub's.
const DELIVERY_BYTES_MAX: usize = 100;

/// What GitHub's headers say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookHeaders {
    /// `X-GitHub-Event`: the kind of event.
    pub event: Option<String>,
    /// `X-GitHub-Delivery`: the name of the delivery.
    pub delivery: Option<String>,
    /// `X-Hub-Signature-256`: the HMAC of the body.
    pub signature: Option<String>,
}

/// What became of a webhook that GitHub signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Received {
    /// It is in the queue.
    Accepted,
    /// It came before, and nothing was done.
    Known,
    /// It asks for nothing.
    Ignored {
        /// Why.
        reason: String,
    },
}

/// Why a webhook was refused.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Nobody has told us of any GitHub.
    #[error(
        "this installation takes no webhooks: give it `github.toml` and the webhook's secret, as \
         docs/deployment.md says"
    )]
    NotConfigured,
    /// It is too long.
    #[error("the payload has more than {PAYLOAD_BYTES_MAX} bytes")]
    TooLarge,
    /// It is not signed by the secret.
    #[error(
        "the header `X-Hub-Signature-256` is not there or is not the payload's: the secret of the \
         webhook and the one that is configured here must be the same"
    )]
    NotSigned,
    /// It lacks what GitHub always sends.
    #[error("{0}")]
    Malformed(String),
    /// We failed. GitHub may send it again.
    #[error(transparent)]
    Failed(#[from] FunctionsError),
}

/// Takes in a webhook.
///
/// # Errors
/// When it is refused, or cannot be put into the queue.
pub async fn receive(
    context: &Context,
    headers: &WebhookHeaders,
    body: &[u8],
) -> Result<Received, WebhookError> {
    let settings = context
        .github
        .as_deref()
        .ok_or(WebhookError::NotConfigured)?;
    let secret = settings
        .webhook_secret
        .as_ref()
        .ok_or(WebhookError::NotConfigured)?;
    if body.len() > PAYLOAD_BYTES_MAX {
        return Err(WebhookError::TooLarge);
    }
    // Before anything of it is read: whoever cannot sign learns nothing.
    if !is_signed(secret, headers.signature.as_deref(), body) {
        return Err(WebhookError::NotSigned);
    }
    if let Some(shadow) = &context.shadow {
        return Ok(Received::Ignored {
            reason: format!(
                "this environment is the shadow of {}: it follows that, and no pull requests",
                shadow.settings.name
            ),
        });
    }
    let delivery = delivery(headers)?;
    let event = headers
        .event
        .as_deref()
        .ok_or_else(|| WebhookError::Malformed("the header `X-GitHub-Event` is missing".into()))?;
    let now = context.now();
    if context
        .store
        .index
        .knows_delivery(delivery, now)
        .await
        .map_err(FunctionsError::from)?
    {
        tracing::info!(delivery, "a delivery of GitHub came once more");
        return Ok(Received::Known);
    }
    let payload = parse_payload(settings, event, body)
        .map_err(|error| WebhookError::Malformed(error.to_string()))?;
    let received = match payload {
        Payload::Event(event) => accept(context, settings, delivery, event, now).await?,
        Payload::Ignored(reason) => Received::Ignored { reason },
    };
    // Last: what could not be put into the queue must be taken when it comes again. What comes
    // twice because of that is found out by who handles it.
    let until = now.saturating_add(REMEMBERED).unwrap_or(Timestamp::MAX);
    let index = &context.store.index;
    index
        .remember_delivery(delivery, now, until)
        .await
        .map_err(FunctionsError::from)?;
    Ok(received)
}

async fn accept(
    context: &Context,
    settings: &GitHubSettings,
    delivery: &str,
    event: GitHubEvent,
    now: Timestamp,
) -> Result<Received, WebhookError> {
    if let Some(reason) = reason_to_ignore(settings, &event, now) {
        return Ok(Received::Ignored { reason });
    }
    let notice = GitHubNotice::new(delivery.to_owned(), event);
    messages::send(context, &QueueName::Github, &notice).await?;
    tracing::info!(delivery, "an event of GitHub was put into the queue");
    Ok(Received::Accepted)
}

/// Why an event concerns nobody here, where it does not.
fn reason_to_ignore(
    settings: &GitHubSettings,
    event: &GitHubEvent,
    now: Timestamp,
) -> Option<String> {
    let repository = match event {
        GitHubEvent::Comment(comment) => &comment.pull_request.repository,
        GitHubEvent::CommentDeleted { pull_request, .. } => &pull_request.repository,
        GitHubEvent::PullRequest(event) => &event.pull_request.repository,
        GitHubEvent::Push(event) => &event.repository,
    };
    if !settings.repositories.contains(repository) {
        return Some(format!(
            "the repository {repository} is none of those that are configured"
        ));
    }
    match event {
        GitHubEvent::Comment(comment) if comment.text.is_empty() => {
            Some("the comment has no command".to_owned())
        }
        // Deliveries are remembered for as long: what is older may be a replay.
        GitHubEvent::Comment(comment) if now.duration_since(comment.created_at) >= REMEMBERED => {
            Some("the comment is older than 30 days".to_owned())
        }
        _ => None,
    }
}

fn delivery(headers: &WebhookHeaders) -> Result<&str, WebhookError> {
    let is_name = |name: &&str| {
        (1..=DELIVERY_BYTES_MAX).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    headers.delivery.as_deref().filter(is_name).ok_or_else(|| {
        WebhookError::Malformed("the header `X-GitHub-Delivery` is missing or no name".into())
    })
}
