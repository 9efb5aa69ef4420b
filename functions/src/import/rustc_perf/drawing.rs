//! Brings the series up to date after an import: what is new is drawn, and what an import that ended
//! half way stored and did not draw.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::result_document::MeasuredRun;
use shared_types::{Artifact, ArtifactId, ConfigurationId, Replicate};

use crate::{Context, FunctionsError, artifact_has_moved, series_blocks, series_changes};

/// From so many artifacts on, all series of a configuration are built again, which is cheaper.
const REBUILD_FROM: usize = 50;

/// The artifacts of each configuration.
pub(super) type Runs = BTreeMap<ConfigurationId, BTreeSet<ArtifactId>>;

/// Writes down what is known of the artifacts, and draws `new` of the runs and those of `all` that
/// no series has.
///
/// # Errors
/// When the store fails.
pub(super) async fn draw(
    context: &Context,
    artifacts: &[Artifact],
    all: &Runs,
    new: &Runs,
) -> Result<(), FunctionsError> {
    let moved = moved(context, artifacts).await?;
    context.store.index.put_artifacts(artifacts).await?;
    let with_place = artifacts.iter().filter(|one| one.history.is_some());
    let placed: BTreeSet<&ArtifactId> = with_place.map(|one| &one.id).collect();
    let none = BTreeSet::new();
    for (configuration, runs) in all {
        let drawn = series_blocks::artifacts(context, configuration).await?;
        let new = new.get(configuration).unwrap_or(&none);
        let mut missing: BTreeSet<ArtifactId> = runs.difference(&drawn).cloned().collect();
        missing.extend(new.iter().cloned());
        missing.retain(|artifact| placed.contains(artifact));
        if missing.is_empty() {
            continue;
        }
        let missing: Vec<ArtifactId> = missing.into_iter().collect();
        if missing.len() < REBUILD_FROM {
            let runs = missing.into_iter().map(|artifact| MeasuredRun {
                artifact,
                replicate: Replicate::FIRST,
            });
            series_blocks::update(context, configuration, &runs.collect::<Vec<_>>()).await?;
        } else {
            series_blocks::rebuild(context, configuration, &missing).await?;
        }
        series_changes::bring_up_to_date(context, configuration).await?;
    }
    for artifact in &moved {
        artifact_has_moved(context, artifact).await?;
    }
    Ok(())
}

/// The artifacts whose known place is not the given one.
async fn moved(
    context: &Context,
    artifacts: &[Artifact],
) -> Result<Vec<ArtifactId>, FunctionsError> {
    let mut moved = Vec::new();
    for artifact in artifacts {
        let known = context.store.index.artifact(&artifact.id).await?;
        let known = known.and_then(|known| known.history);
        if known.is_some() && artifact.history.is_some() && known != artifact.history {
            moved.push(artifact.id.clone());
        }
    }
    Ok(moved)
}
