//! Each request of the one that is followed is made here once, and cancelled where it was there.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use shared_types::request::{NewRequest, RequestState};
use shared_types::{Artifact, ArtifactId, ConfigurationId, RequestId};

use super::followed::FollowedRequest;
use super::{Shadow, ShadowSettings};
use crate::coordinator::create_request_as;
use crate::{Context, FunctionsError, artifacts_became_known, coordinator};

/// How far back a look goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Two days: for looks that come each minute.
    Recent,
    /// Thirty days: finds what was missed while nobody looked, and cancellations that came late.
    Month,
}

impl Reach {
    pub(super) fn since(self, settings: &ShadowSettings, now: Timestamp) -> Timestamp {
        let back = match self {
            Self::Recent => SignedDuration::from_hours(2 * 24),
            Self::Month => SignedDuration::from_hours(30 * 24),
        };
        let earliest = now.saturating_sub(back).unwrap_or(Timestamp::MIN);
        earliest.max(settings.since)
    }
}

/// What a look did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// Requests that were made.
    pub made: u64,
    /// Requests that were cancelled.
    pub cancelled: u64,
    /// Requests of which nothing can be measured here; each was reported.
    pub refused: u64,
}

/// Makes the requests of the one that is followed that were not made yet, and cancels those that were
/// cancelled there. Does nothing where the environment is no shadow.
///
/// # Errors
/// When the one that is followed cannot be read, or the store fails; what is left is done next time.
#[tracing::instrument(name = "mirror", skip_all)]
pub async fn mirror(context: &Context, reach: Reach) -> Result<Mirrored, FunctionsError> {
    let mut mirrored = Mirrored::default();
    let Some(shadow) = context.shadow.clone() else {
        return Ok(mirrored);
    };
    let since = reach.since(&shadow.settings, context.now());
    let mut requests = shadow.followed.requests(context, since).await?;
    // In the order in which they were made there, so that parents come before their children.
    requests.sort_by(|one, other| (one.at, &one.name).cmp(&(other.at, &other.name)));
    let registered = registered(context).await?;
    for request in &requests {
        match mirror_one(context, &shadow, request, &registered).await {
            Ok(done) => {
                mirrored.made += u64::from(done == Done::Made);
                mirrored.cancelled += u64::from(done == Done::Cancelled);
            }
            // One that makes no sense here must not keep the others back.
            Err(error @ (FunctionsError::Usage(_) | FunctionsError::Input(_))) => {
                mirrored.refused += 1;
                let subject = format!("the request {} of {}", request.name, shadow.settings.name);
                let message = format!("it is not mirrored: {error}");
                let index = &context.store.index;
                index
                    .report_problem(&subject, &message, context.now())
                    .await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(mirrored)
}

/// The configurations that are registered here.
pub(super) async fn registered(context: &Context) -> Result<Vec<ConfigurationId>, FunctionsError> {
    let all = context.store.index.configurations().await?;
    Ok(all.into_iter().map(|one| one.id).collect())
}

/// The one id that the mirror of a request has: it follows from the other's name for it, and from
/// what the other is called.
pub(super) fn request_id(settings: &ShadowSettings, request: &FollowedRequest) -> RequestId {
    let mut hasher = Sha256::new();
    // The length keeps a name apart from what comes behind it.
    hasher.update((settings.name.len() as u64).to_le_bytes());
    hasher.update(settings.name.as_bytes());
    hasher.update(request.name.as_bytes());
    let hash = hasher.finalize();
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    RequestId::from_parts(
        u64::try_from(request.at.as_millisecond()).unwrap_or(0),
        &random,
    )
}

/// Which configurations here stand for those of a request, each with the one that it stands for.
pub(super) fn mapped(
    settings: &ShadowSettings,
    request: &FollowedRequest,
    registered: &[ConfigurationId],
) -> Vec<(ConfigurationId, ConfigurationId)> {
    let theirs = request.wanted.configurations.iter();
    theirs
        .filter_map(|theirs| Some((theirs.clone(), settings.ours(theirs, registered)?)))
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Made,
    Cancelled,
    Nothing,
}

async fn mirror_one(
    context: &Context,
    shadow: &Shadow,
    request: &FollowedRequest,
    registered: &[ConfigurationId],
) -> Result<Done, FunctionsError> {
    let id = request_id(&shadow.settings, request);
    let known = context.store.index.request(id).await?;
    match known {
        Some(known) if request.is_cancelled && !known.state.is_final() => {
            cancel(context, shadow, id).await
        }
        Some(_) => Ok(Done::Nothing),
        // Nobody wants it, and nobody did so here.
        None if request.is_cancelled => Ok(Done::Nothing),
        None => make(context, shadow, request, registered).await,
    }
}

async fn make(
    context: &Context,
    shadow: &Shadow,
    request: &FollowedRequest,
    registered: &[ConfigurationId],
) -> Result<Done, FunctionsError> {
    let settings = &shadow.settings;
    let mut configurations: Vec<ConfigurationId> = mapped(settings, request, registered)
        .into_iter()
        .map(|(_, ours)| ours)
        .collect();
    configurations.dedup();
    if configurations.is_empty() {
        return Ok(Done::Nothing);
    }
    let artifacts = request.wanted.base.iter().chain([&request.wanted.head]);
    for artifact in artifacts {
        make_known(context, shadow, artifact).await?;
    }
    let theirs = &request.wanted;
    let reason = match &theirs.reason {
        Some(reason) => format!("request {} of {}: {reason}", request.name, settings.name),
        None => format!("request {} of {}", request.name, settings.name),
    };
    let wanted = NewRequest {
        configurations,
        selection: settings
            .selection
            .clone()
            .unwrap_or_else(|| theirs.selection.clone()),
        iterations: settings.iterations.or(theirs.iterations),
        priority: settings.priority,
        reason: Some(shortened(reason)),
        ..theirs.clone()
    };
    let id = request_id(settings, request);
    create_request_as(context, id, &wanted, &shadow.requester()).await?;
    tracing::info!(trace = %id, theirs = request.name, "a request was mirrored");
    Ok(Done::Made)
}

/// A reason that is short enough for a request.
fn shortened(mut reason: String) -> String {
    const BYTES_MAX: usize = 1000;
    reason.truncate(reason.floor_char_boundary(BYTES_MAX));
    reason
}

/// Writes down what the other knows of an artifact: its place in history above all, without which it
/// stays out of series.
async fn make_known(
    context: &Context,
    shadow: &Shadow,
    id: &ArtifactId,
) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let known = index.artifact(id).await?;
    if known.is_some_and(|known| known.history.is_some()) {
        return Ok(());
    }
    let told = shadow.followed.artifact(context, id).await?;
    let artifact = told.unwrap_or_else(|| Artifact::named(id.clone()));
    artifacts_became_known(context, &[artifact]).await
}

async fn cancel(context: &Context, shadow: &Shadow, id: RequestId) -> Result<Done, FunctionsError> {
    let note = format!("cancelled at {}, which is followed", shadow.settings.name);
    let index = &context.store.index;
    let state = RequestState::Cancelled;
    if !index
        .set_request_state(id, state, Some(&note), context.now())
        .await?
    {
        return Ok(Done::Nothing);
    }
    coordinator::announce(context, id).await;
    coordinator::tell_end(context, id).await?;
    Ok(Done::Cancelled)
}
