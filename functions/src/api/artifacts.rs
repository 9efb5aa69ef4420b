//! `runs` and `artifacts`: which compilers there are, and what was measured of them.

use shared_types::api::{ArtifactDetail, Problem};
use shared_types::{Artifact, ArtifactId};

use super::parameters::{Parameters, parse_body, parse_named};
use super::problem;
use super::response::Success;
use crate::{Context, artifacts_became_known, pull_request_of_artifact, retraction};

/// How many artifacts one write may hold.
const ARTIFACTS_MAX: usize = 500;

pub(super) async fn runs(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let configuration = parameters.configuration()?;
    let page = parameters.page()?;
    let index = &context.store.index;
    known_configuration(context, &configuration).await?;
    let mut runs = index
        .runs(&configuration, &page)
        .await
        .map_err(problem::of_store)?;
    retraction::mark_runs(context, &mut runs.items)
        .await
        .map_err(problem::of_error)?;
    Success::json(&runs)
}

/// Refuses a configuration that is not registered: an empty list would look like an answer.
pub(super) async fn known_configuration(
    context: &Context,
    id: &shared_types::ConfigurationId,
) -> Result<(), Problem> {
    let configuration = context
        .store
        .index
        .configuration(id)
        .await
        .map_err(problem::of_store)?;
    match configuration {
        Some(_) => Ok(()),
        None => Err(problem::not_found(format!(
            "there is no configuration `{id}`: /api/v1/configurations lists those there are"
        ))),
    }
}

pub(super) async fn list(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let prefix = parameters.text("prefix").unwrap_or_default();
    let page = parameters.page()?;
    let artifacts = context
        .store
        .index
        .artifacts(prefix, &page)
        .await
        .map_err(problem::of_store)?;
    Success::json(&artifacts)
}

pub(super) async fn show(context: &Context, id: &str) -> Result<Success, Problem> {
    let id: ArtifactId = parse_named("the artifact in the path", id)?;
    let index = &context.store.index;
    let artifact = index
        .artifact(&id)
        .await
        .map_err(problem::of_store)?
        .ok_or_else(|| {
            problem::not_found(format!(
                "there is no artifact `{id}`: /api/v1/artifacts?prefix= finds those there are"
            ))
        })?;
    let mut runs = index
        .runs_of_artifact(&id)
        .await
        .map_err(problem::of_store)?;
    retraction::mark_runs(context, &mut runs)
        .await
        .map_err(problem::of_error)?;
    let successor = successor(context, &artifact).await?;
    let pull_request = pull_request_of_artifact::of_artifact(context, &artifact)
        .await
        .map_err(problem::of_error)?;
    Success::json(&ArtifactDetail {
        artifact,
        runs,
        successor,
        pull_request,
    })
}

/// The next artifact on the line.
async fn successor(context: &Context, artifact: &Artifact) -> Result<Option<ArtifactId>, Problem> {
    let Some(position) = &artifact.history else {
        return Ok(None);
    };
    let successors = context
        .store
        .index
        .successors(position, 1)
        .await
        .map_err(problem::of_store)?;
    Ok(successors.into_iter().next().map(|next| next.id))
}

pub(super) async fn put(context: &Context, body: &[u8]) -> Result<(Success, String), Problem> {
    let artifacts: Vec<Artifact> = parse_body(body)?;
    if artifacts.is_empty() || artifacts.len() > ARTIFACTS_MAX {
        return Err(problem::bad_request(format!(
            "the body names {} artifacts, and 1 to {ARTIFACTS_MAX} can be added at once",
            artifacts.len()
        )));
    }
    let index = &context.store.index;
    artifacts_became_known(context, &artifacts)
        .await
        .map_err(problem::of_error)?;
    let mut stored = Vec::with_capacity(artifacts.len());
    for artifact in &artifacts {
        stored.extend(
            index
                .artifact(&artifact.id)
                .await
                .map_err(problem::of_store)?,
        );
    }
    let subject = match artifacts.as_slice() {
        [one] => one.id.to_string(),
        [first, ..] => format!("{} and {} more", first.id, artifacts.len() - 1),
        [] => String::new(),
    };
    Ok((Success::json(&stored)?, subject))
}
