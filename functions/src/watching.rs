//! Commits of a branch, and releases, are asked for by themselves.

mod git;
mod github;
pub(crate) mod history;
mod settings;
mod withdrawing;

use async_trait::async_trait;
use jiff::Timestamp;
use shared_types::request::NewRequest;
use shared_types::{Artifact, ArtifactId, RequestId};

pub use git::GitRepository;
pub use github::GitHubRepository;
pub(crate) use settings::check_names;
pub use settings::{Watch, WatchedPlace, Watches};

use crate::coordinator::create_request_as;
use crate::{Context, FunctionsError, artifacts_became_known};

/// How many of the last commits of a branch are looked at.
pub const COMMITS_MAX: u32 = 200;

/// A commit of a branch, along its first parents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCommit {
    /// Its sha.
    pub sha: String,
    /// Its first parent, where it has one.
    pub parent: Option<String>,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// Its place on the branch, as the source tells it: those before it have smaller ones, as far as the
    /// source knows.
    pub position: i64,
    /// The first line of its message.
    pub title: String,
}

/// Where commits come from: a local repository, or a service.
#[async_trait]
pub trait CommitSource: Send + Sync {
    /// The commits along first parents from a branch's last one, or from a commit, which is the first;
    /// the newest first, `limit` at most. What is further back is asked for from there.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn commits(&self, from: &str, limit: u32) -> Result<Vec<SourceCommit>, FunctionsError>;
}

/// Looks at what one watch watches. Returns how many artifacts were asked for.
///
/// # Errors
/// When the artifacts cannot be read, or the store fails.
pub async fn look(context: &Context, watch: &Watch) -> Result<u64, FunctionsError> {
    match &watch.place {
        WatchedPlace::Repository { repository, branch } => {
            let source = GitRepository::at(repository);
            look_at_branch(context, watch, branch, &source).await
        }
        WatchedPlace::GitHub { repository, branch } => {
            let Some(api) = context.github_api() else {
                return Err(FunctionsError::Usage(format!(
                    "the watch `{}` reads {repository} on GitHub, and this program has no access to \
                     GitHub: give it `github.toml` and the App's key or a token, as \
                     docs/deployment.md says",
                    watch.name
                )));
            };
            let source = GitHubRepository::named(repository, api);
            look_at_branch(context, watch, branch, &source).await
        }
        WatchedPlace::Releases { releases } => {
            let text = std::fs::read(releases).map_err(FunctionsError::io(format!(
                "reading {}",
                releases.display()
            )))?;
            let releases: Vec<Artifact> = serde_json::from_slice(&text).map_err(|error| {
                FunctionsError::Usage(format!(
                    "{} is no list of artifacts: {error}",
                    releases.display()
                ))
            })?;
            look_at_releases(context, watch, &releases).await
        }
    }
}

/// Asks for the commits of a branch that were not asked for yet. Returns how many that were. What was
/// asked for and has left the branch before it was measured is withdrawn.
///
/// The id of a commit's request follows from the commit and the name of the watch, so that looking
/// twice, or two at once, asks once. Whoever cancels such a request is not asked again.
///
/// # Errors
/// When the commits cannot be read, or the store fails; what is left is asked for next time.
pub async fn look_at_branch(
    context: &Context,
    watch: &Watch,
    branch: &str,
    source: &dyn CommitSource,
) -> Result<u64, FunctionsError> {
    let seen = last_commits(context, watch, branch, source).await?;
    withdrawing::withdraw(context, watch, branch, &seen).await?;
    let mut asked = 0;
    for commit in seen.iter().rev() {
        let id = request_id(watch, &commit.sha, commit.committed_at);
        let is_known = context.store.index.request(id).await?.is_some();
        if is_known || commit.committed_at < watch.since {
            continue;
        }
        let artifact = artifact(context, commit).await?;
        artifacts_became_known(context, std::slice::from_ref(&artifact)).await?;
        ask(context, watch, id, &artifact).await?;
        asked += 1;
    }
    Ok(asked)
}

/// The last commits of a branch, the newest first: up to one that was asked for, or that is too old.
async fn last_commits(
    context: &Context,
    watch: &Watch,
    branch: &str,
    source: &dyn CommitSource,
) -> Result<Vec<SourceCommit>, FunctionsError> {
    let most = COMMITS_MAX as usize;
    let mut seen: Vec<SourceCommit> = Vec::new();
    let mut from = Some(branch.to_owned());
    while let Some(start) = from.take().filter(|_| seen.len() < most) {
        for commit in source.commits(&start, COMMITS_MAX).await? {
            let id = request_id(watch, &commit.sha, commit.committed_at);
            // They are asked for the oldest first, so that all before it were.
            let is_known = context.store.index.request(id).await?.is_some();
            let is_last = is_known || commit.committed_at < watch.since;
            from.clone_from(&commit.parent);
            seen.push(commit);
            if is_last {
                return Ok(seen);
            }
        }
    }
    seen.truncate(most);
    Ok(seen)
}

/// Asks for the releases of a list that were not asked for yet. Returns how many that were.
///
/// # Errors
/// When the store fails.
pub async fn look_at_releases(
    context: &Context,
    watch: &Watch,
    releases: &[Artifact],
) -> Result<u64, FunctionsError> {
    let mut asked = 0;
    for artifact in releases {
        let at = artifact.commit_date.unwrap_or(watch.since);
        let id = request_id(watch, &artifact.id.to_string(), at);
        if at < watch.since || context.store.index.request(id).await?.is_some() {
            continue;
        }
        artifacts_became_known(context, std::slice::from_ref(artifact)).await?;
        ask(context, watch, id, artifact).await?;
        asked += 1;
    }
    Ok(asked)
}

async fn ask(
    context: &Context,
    watch: &Watch,
    id: RequestId,
    artifact: &Artifact,
) -> Result<(), FunctionsError> {
    let parent = artifact
        .history
        .as_ref()
        .and_then(|history| history.parent.clone());
    let title = artifact.title.as_ref();
    let wanted = NewRequest {
        base: parent.clone(),
        head: artifact.id.clone(),
        configurations: watch.configurations.clone(),
        selection: watch.selection.clone(),
        paired: false,
        against_parent: false,
        // A parent that nobody measured before is measured with its child.
        backfill: parent.is_some(),
        iterations: watch.iterations,
        precision: None,
        self_profile: false,
        time_limit_s: None,
        priority: watch.priority,
        reason: title.map(|title| format!("{}: {title}", watch.name)),
    };
    create_request_as(context, id, &wanted, &watch.requester()).await?;
    tracing::info!(trace = %id, artifact = %artifact.id, watch = watch.name, "was seen and asked for");
    Ok(())
}

async fn artifact(context: &Context, commit: &SourceCommit) -> Result<Artifact, FunctionsError> {
    let id: ArtifactId = commit.sha.parse()?;
    let parent = commit.parent.as_ref().map(|sha| sha.parse()).transpose()?;
    let history = history::place(context, &id, parent, commit.position).await?;
    let title = Some(commit.title.clone()).filter(|title| !title.is_empty());
    Ok(Artifact {
        title,
        commit_date: Some(commit.committed_at),
        history: Some(history),
        ..Artifact::named(id)
    })
}

/// The one id that the request of an artifact under a watch has.
fn request_id(watch: &Watch, artifact: &str, at: Timestamp) -> RequestId {
    use sha2::{Digest, Sha256};
    let name = format!("{} {artifact}", watch.name);
    let hash = Sha256::digest(name.as_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    RequestId::from_parts(u64::try_from(at.as_millisecond()).unwrap_or(0), &random)
}
