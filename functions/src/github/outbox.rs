//! The outbox: of each request the one comment that its pull request is to show, kept up to date as
//! configurations come in. It is computed from what the index knows and not from the messages, so
//! that it does not matter how often and in which order they come. Where the request belongs to a
//! pull request, what is in the outbox is then shown there.

use analysis::policy::Decision;
use shared_types::pull_request::{PostSubject, PullRequest};
use shared_types::request::{Request, RequestState};
use shared_types::{ObjectKey, PullRequestId, RequestId};
use store::StoreError;

use super::comment::{Telling, address_of_comment, comment, title};
use super::{Access, access_if_configured, labels, posting, rollups};
use crate::{Context, FunctionsError, api, compare};

/// How often another writer may be faster before this one leaves it to a later delivery.
const ATTEMPTS_MAX: u32 = 10;

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

/// Brings the comment of a request up to date, in the outbox and on its pull request.
///
/// # Errors
/// When the store or GitHub fails: what is in the outbox by then is shown with a later delivery.
pub(super) async fn write_comment(context: &Context, id: RequestId) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let record = match index.pull_request_of(id).await? {
        Some(pull_request) => index.pull_request(&pull_request).await?,
        None => None,
    };
    let text = write_to_outbox(context, id, record.as_ref()).await?;
    let (Some(record), Some(access)) = (record, access_if_configured(context)) else {
        return Ok(());
    };
    let subject = PostSubject::Request(id);
    posting::publish(context, &access, &record.id, subject, &text).await?;
    let Some(request) = index.request(id).await? else {
        return Ok(());
    };
    let decision = compare::request_verdict(context, &request).await?;
    labels::bring_up_to_date(context, &access, &record, &request, &decision).await?;
    let linked = record.linked(id).filter(|linked| linked.rollup.is_some());
    let Some(linked) = linked else {
        return Ok(());
    };
    let said = match request.state.is_final() {
        false => request.state.to_string(),
        true => said_on_rollup(context, &access, &record.id, &request, &decision).await?,
    };
    rollups::tell(context, &access, linked, &said).await
}

/// What the rollup is told of a member's request that is at its end, with a link to the whole comment.
async fn said_on_rollup(
    context: &Context,
    access: &Access,
    member: &PullRequestId,
    request: &Request,
    decision: &Decision,
) -> Result<String, FunctionsError> {
    let known = context.store.index.pull_request(member).await?;
    let subject = PostSubject::Request(request.id);
    let post = known.as_ref().and_then(|known| known.post(subject));
    let link = post.and_then(|post| post.comment).map(|comment| {
        let address = address_of_comment(access.settings.web_url(), member, comment);
        format!(" ([comment]({address}))")
    });
    let title = title(request.state, decision.verdict);
    let sentence = match request.state {
        RequestState::Done => decision.sentence.clone(),
        _ => String::new(),
    };
    Ok(format!(
        "**{title}** {sentence}{}",
        link.unwrap_or_default()
    ))
}

/// Writes the comment into the outbox, and returns what it says.
async fn write_to_outbox(
    context: &Context,
    id: RequestId,
    record: Option<&PullRequest>,
) -> Result<String, FunctionsError> {
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
                "the request {id} is to be told of, and is not known"
            )));
        };
        let comparisons = compare::comparisons_to_tell(context, &request).await?;
        let decision = compare::request_verdict(context, &request).await?;
        let detail = api::request_detail(context, request).await?;
        let telling = Telling {
            detail: &detail,
            decision: &decision,
            comparisons: &comparisons,
            pull_request: record,
            settings: context.github.as_deref(),
        };
        let written = comment(&telling).markdown;
        if known == written.as_bytes() {
            return Ok(written);
        }
        let replaced = objects
            .replace(&key, tag.as_ref(), written.as_bytes())
            .await?;
        if replaced.is_some() {
            tracing::info!(
                configurations = comparisons.len(),
                "the comment was written"
            );
            return Ok(written);
        }
    }
    Err(FunctionsError::Store(StoreError::Unavailable {
        action: format!("writing the comment on the request {id}"),
        reason: format!("others replaced it {ATTEMPTS_MAX} times meanwhile"),
    }))
}
