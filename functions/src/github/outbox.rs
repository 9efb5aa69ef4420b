//! The outbox: of each request the one comment that its pull request is to show, kept up to date as
//! configurations come in. It is computed from what the index knows and not from the messages, so
//! that it does not matter how often and in which order they come.

use shared_types::format::Versioned;
use shared_types::notices::ComparisonMade;
use shared_types::{ObjectKey, RequestId};
use store::StoreError;

use super::comment::comment;
use crate::{Context, FunctionsError, api, compare};

/// How often another writer may be faster before this one leaves it to a later delivery.
const ATTEMPTS_MAX: u32 = 10;

/// Brings the comment of the request of a comparison up to date.
///
/// # Errors
/// When the message cannot be read, or the store fails.
#[tracing::instrument(name = "github", skip_all, fields(trace))]
pub async fn handle(context: &Context, body: &str) -> Result<(), FunctionsError> {
    let message = ComparisonMade::from_json(body.as_bytes())?;
    tracing::Span::current().record("trace", message.request.to_string());
    write_comment(context, message.request).await
}

/// The comment on a request as it was written last, or `None` before its first comparison.
///
/// # Errors
/// When the store fails.
pub async fn written_comment(
    context: &Context,
    request: RequestId,
) -> Result<Option<String>, FunctionsError> {
    let key = ObjectKey::Comment { request };
    let stored = context.store.objects.get(&key).await?;
    Ok(stored.map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned()))
}

async fn write_comment(context: &Context, id: RequestId) -> Result<(), FunctionsError> {
    let objects = &context.store.objects;
    let key = ObjectKey::Comment { request: id };
    for _ in 0..ATTEMPTS_MAX {
        // Read before the index: whoever replaces it meanwhile knew no less than is read here.
        let (known, tag) = match objects.get(&key).await? {
            Some((bytes, tag)) => (bytes, Some(tag)),
            None => (Vec::new(), None),
        };
        let Some(request) = context.store.index.request(id).await? else {
            return Err(FunctionsError::Refused(format!(
                "a comparison was made for the request {id}, which is not known"
            )));
        };
        let comparisons = compare::comparisons_to_tell(context, &request).await?;
        let detail = api::request_detail(context, request).await?;
        let written = comment(&detail, &comparisons).markdown;
        if known == written.as_bytes() {
            return Ok(());
        }
        let replaced = objects
            .replace(&key, tag.as_ref(), written.as_bytes())
            .await?;
        if replaced.is_some() {
            tracing::info!(
                configurations = comparisons.len(),
                "the comment was written"
            );
            return Ok(());
        }
    }
    Err(FunctionsError::Store(StoreError::Unavailable {
        action: format!("writing the comment on the request {id}"),
        reason: format!("others replaced it {ATTEMPTS_MAX} times meanwhile"),
    }))
}
