//! Which pull request a compiler belongs to, as far as that is known: by the request that was made for
//! a pull request, by what whoever asked wrote, or by the title of the commit.

use shared_types::api::{PullRequestLink, TriageEntry};
use shared_types::pull_request::PullRequestMention;
use shared_types::{Artifact, ArtifactId, RequestId};
use store::{PageRequest, RequestFilter};

use crate::{Context, FunctionsError};

/// How many of the last requests are looked at for one that measured the artifact.
const REQUESTS_MAX: u32 = 200;

/// The pull request of what a finding judges.
///
/// # Errors
/// When the store fails.
pub(crate) async fn of_finding(
    context: &Context,
    entry: &TriageEntry,
) -> Result<Option<PullRequestLink>, FunctionsError> {
    if !may_be_of_one(&entry.head.artifact) {
        return Ok(None);
    }
    if let Some(id) = entry.request
        && let Some(mention) = of_request(context, id).await?
    {
        return Ok(Some(link(context, mention)));
    }
    let artifact = context.store.index.artifact(&entry.head.artifact).await?;
    Ok(artifact.and_then(|artifact| of_title(context, &artifact)))
}

/// The pull request of an artifact.
///
/// # Errors
/// When the store fails.
pub(crate) async fn of_artifact(
    context: &Context,
    artifact: &Artifact,
) -> Result<Option<PullRequestLink>, FunctionsError> {
    if !may_be_of_one(&artifact.id) {
        return Ok(None);
    }
    if let Some(link) = of_title(context, artifact) {
        return Ok(Some(link));
    }
    let (any, page) = (RequestFilter::default(), PageRequest::first(REQUESTS_MAX));
    let requests = context.store.index.requests(&any, &page).await?.items;
    for request in requests {
        if request.head.artifact != artifact.id {
            continue;
        }
        if let Some(mention) = of_request(context, request.id).await? {
            return Ok(Some(link(context, mention)));
        }
    }
    Ok(None)
}

/// A release and a toolchain of somebody's machine are of no pull request.
fn may_be_of_one(artifact: &ArtifactId) -> bool {
    matches!(artifact, ArtifactId::Commit(_))
}

async fn of_request(
    context: &Context,
    id: RequestId,
) -> Result<Option<PullRequestMention>, FunctionsError> {
    let index = &context.store.index;
    if let Some(linked) = index.pull_request_of(id).await? {
        return Ok(Some(linked.into()));
    }
    let reason = index.request(id).await?.and_then(|request| request.reason);
    Ok(reason.and_then(|reason| PullRequestMention::first_in(&reason)))
}

fn of_title(context: &Context, artifact: &Artifact) -> Option<PullRequestLink> {
    let mention = PullRequestMention::first_in(artifact.title.as_deref()?)?;
    Some(link(context, mention))
}

/// What people read and follow. A number alone is of the one repository that is listened to, where it
/// is one.
fn link(context: &Context, mention: PullRequestMention) -> PullRequestLink {
    let settings = context.github.as_deref();
    let only = settings.and_then(|settings| match settings.repositories.as_slice() {
        [only] => Some(only),
        _ => None,
    });
    let mention = mention.within(only);
    let web_url = settings.map_or("https://github.com", |settings| settings.web_url());
    PullRequestLink {
        name: mention.to_string(),
        url: mention.address(web_url),
    }
}
