//! The series of a configuration in object storage: immutable blocks, and a manifest that leads to
//! them and is replaced by compare-and-swap.

use std::collections::BTreeSet;

use analysis::series::{
    RunColumn, SeriesUpdate, assemble, blocks_to_read, decode_block, merge_run,
};
use shared_types::format::Versioned;
use shared_types::object_key::ContentHash;
use shared_types::result_document::MeasuredRun;
use shared_types::run::Side;
use shared_types::series::{MetricBlocks, SeriesBlock, SeriesManifest};
use shared_types::{Artifact, ArtifactId, ConfigurationId, MetricName, ObjectKey};
use store::ETag;

use crate::{Context, FunctionsError, run_values};

/// How often the manifest is tried to be replaced while others replace it, too. Each failure means
/// that another writer succeeded, so this many writers at once are needed to exhaust it.
const REPLACEMENTS_MAX: usize = 50;

/// The manifest of a configuration as it was read, or that there is none yet.
pub(crate) struct Manifest {
    configuration: ConfigurationId,
    stored: Option<(SeriesManifest, ETag)>,
}

impl Manifest {
    /// Changes whenever any of the series does. `None` before there are any.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.stored.as_ref().map(|(_, tag)| tag.0.as_str())
    }

    /// One entry for each metric on each line of history.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &MetricBlocks> {
        self.document()
            .into_iter()
            .flat_map(|document| &document.metrics)
    }

    fn document(&self) -> Option<&SeriesManifest> {
        self.stored.as_ref().map(|(document, _)| document)
    }

    fn key(&self) -> ObjectKey {
        ObjectKey::SeriesManifest {
            configuration: self.configuration.clone(),
        }
    }
}

/// Reads the manifest of a configuration.
pub(crate) async fn manifest(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<Manifest, FunctionsError> {
    let mut manifest = Manifest {
        configuration: configuration.clone(),
        stored: None,
    };
    if let Some((bytes, tag)) = context.store.objects.get(&manifest.key()).await? {
        manifest.stored = Some((SeriesManifest::from_json(&bytes)?, tag));
    }
    Ok(manifest)
}

/// The blocks that hold a metric of some artifacts.
pub(crate) async fn blocks_of(
    context: &Context,
    manifest: &Manifest,
    metric: &MetricName,
    artifacts: &[Artifact],
) -> Result<Vec<SeriesBlock>, FunctionsError> {
    let Some(document) = manifest.document() else {
        return Ok(Vec::new());
    };
    let entries = document
        .metrics
        .iter()
        .filter(|entry| entry.metric.name == *metric);
    let mut hashes = Vec::new();
    for entry in entries {
        for block in &entry.blocks {
            let holds_one = artifacts
                .iter()
                .filter_map(|one| one.history.as_ref())
                .any(|place| {
                    place.line == entry.line
                        && (block.first_ordinal..=block.last_ordinal).contains(&place.ordinal)
                });
            if holds_one {
                hashes.push(block.content_hash.clone());
            }
        }
    }
    read_blocks(context, &manifest.configuration, &hashes).await
}

/// All blocks of these metrics, or of all metrics.
pub(crate) async fn blocks_of_metrics(
    context: &Context,
    configuration: &ConfigurationId,
    metrics: &[MetricName],
) -> Result<Vec<SeriesBlock>, FunctionsError> {
    let manifest = manifest(context, configuration).await?;
    let entries = manifest.document().map(|document| document.metrics.iter());
    let hashes: Vec<ContentHash> = entries
        .into_iter()
        .flatten()
        .filter(|entry| metrics.is_empty() || metrics.contains(&entry.metric.name))
        .flat_map(|entry| &entry.blocks)
        .map(|block| block.content_hash.clone())
        .collect();
    read_blocks(context, configuration, &hashes).await
}

/// Brings the series up to date with all that was measured of some runs. Artifacts without a place
/// in history stay out of series.
pub(crate) async fn update(
    context: &Context,
    configuration: &ConfigurationId,
    runs: &[MeasuredRun],
) -> Result<(), FunctionsError> {
    let mut artifacts: Vec<&ArtifactId> = runs.iter().map(|run| &run.artifact).collect();
    artifacts.dedup();
    for artifact in artifacts {
        put_column(context, configuration, artifact, Reach::ItsBlocks).await?;
    }
    Ok(())
}

/// Makes artifacts known, or adds to what is known of them, and brings the series up to date with their
/// places in history.
///
/// # Errors
/// When the store fails; what is left is made up for by doing it again.
pub async fn artifacts_became_known(
    context: &Context,
    artifacts: &[Artifact],
) -> Result<(), FunctionsError> {
    context.store.index.put_artifacts(artifacts).await?;
    for artifact in artifacts.iter().filter(|one| one.history.is_some()) {
        artifact_has_moved(context, &artifact.id).await?;
    }
    Ok(())
}

/// Brings all series up to date with an artifact whose place in history became known or changed.
///
/// # Errors
/// When the store fails.
pub async fn artifact_has_moved(
    context: &Context,
    artifact: &ArtifactId,
) -> Result<(), FunctionsError> {
    let runs = context.store.index.runs_of_artifact(artifact).await?;
    let mut configurations: Vec<ConfigurationId> = runs
        .into_iter()
        .filter(|run| run.measured_at.is_some())
        .map(|run| run.configuration)
        .collect();
    configurations.dedup();
    for configuration in configurations {
        put_column(context, &configuration, artifact, Reach::AllBlocks).await?;
    }
    Ok(())
}

/// Builds all series of a configuration again, from the results of the artifacts that they have and
/// of `further` ones. Dear, and for imports of many runs far cheaper than one after the other.
///
/// # Errors
/// When the store fails.
pub(crate) async fn rebuild(
    context: &Context,
    configuration: &ConfigurationId,
    further: &[ArtifactId],
) -> Result<(), FunctionsError> {
    for _ in 0..REPLACEMENTS_MAX {
        let manifest = manifest(context, configuration).await?;
        let mut artifacts = artifacts_of(context, configuration, &manifest).await?;
        artifacts.extend(further.iter().cloned());
        let mut columns = Vec::with_capacity(artifacts.len());
        for artifact in &artifacts {
            let column = column_of(context, configuration, artifact).await?;
            columns.extend(column.filter(|column| !column.metrics.is_empty()));
        }
        let update = assemble(configuration, &columns)?;
        let is_as_before = match manifest.document() {
            Some(document) => *document == update.manifest,
            None => update.manifest.metrics.is_empty(),
        };
        if is_as_before || replace(context, &manifest, &update).await? {
            return Ok(());
        }
    }
    Err(too_many_writers(configuration))
}

/// The artifacts that the series of a configuration have.
///
/// # Errors
/// When the store fails.
pub(crate) async fn artifacts(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<BTreeSet<ArtifactId>, FunctionsError> {
    let manifest = manifest(context, configuration).await?;
    artifacts_of(context, configuration, &manifest).await
}

async fn artifacts_of(
    context: &Context,
    configuration: &ConfigurationId,
    manifest: &Manifest,
) -> Result<BTreeSet<ArtifactId>, FunctionsError> {
    let Some(document) = manifest.document() else {
        return Ok(BTreeSet::new());
    };
    let blocks = read_blocks(context, configuration, &all_blocks(document)).await?;
    let held = blocks.iter().flat_map(|block| &block.artifacts);
    Ok(held.map(|artifact| artifact.id.clone()).collect())
}

/// Which blocks an artifact's column may be in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those that cover its place.
    ItsBlocks,
    /// Any, since its place may have been another.
    AllBlocks,
}

async fn put_column(
    context: &Context,
    configuration: &ConfigurationId,
    artifact: &ArtifactId,
    reach: Reach,
) -> Result<(), FunctionsError> {
    for _ in 0..REPLACEMENTS_MAX {
        let manifest = manifest(context, configuration).await?;
        // Read behind the manifest: whoever replaced it may have indexed a result that an earlier
        // reading of this run did not have yet.
        let Some(column) = column_of(context, configuration, artifact).await? else {
            return Ok(());
        };
        if manifest.document().is_none() && column.metrics.is_empty() {
            return Ok(());
        }
        let hashes = match (manifest.document(), reach) {
            (None, _) => Vec::new(),
            (Some(document), Reach::ItsBlocks) => blocks_to_read(document, &column),
            (Some(document), Reach::AllBlocks) => all_blocks(document),
        };
        let blocks = read_blocks(context, configuration, &hashes).await?;
        let update = merge_run(manifest.document(), &blocks, &column)?;
        if manifest.document() == Some(&update.manifest)
            || replace(context, &manifest, &update).await?
        {
            return Ok(());
        }
    }
    Err(too_many_writers(configuration))
}

/// All that counts of what was measured of an artifact, as a column; an empty one, which takes it out
/// of its series, where nothing does. `None` where its place in history is not known.
async fn column_of(
    context: &Context,
    configuration: &ConfigurationId,
    artifact: &ArtifactId,
) -> Result<Option<RunColumn>, FunctionsError> {
    let Some(artifact) = context.store.index.artifact(artifact).await? else {
        return Ok(None);
    };
    let Some(place) = artifact.history else {
        return Ok(None);
    };
    let side = Side::pooled(artifact.id.clone());
    let results = run_values::results_of_side(context, configuration, &side).await?;
    if results.is_empty() {
        return Ok(Some(RunColumn::empty(configuration, &artifact.id, &place)));
    }
    let documents = run_values::documents(context, &results).await?;
    let values = analysis::pool(&side, &documents, Some(place.clone()))?;
    Ok(Some(RunColumn::of(&values, &place, artifact.commit_date)))
}

/// Stores new blocks, then the manifest that leads to them. Returns whether no other writer was
/// faster.
async fn replace(
    context: &Context,
    manifest: &Manifest,
    update: &SeriesUpdate,
) -> Result<bool, FunctionsError> {
    let objects = &context.store.objects;
    for block in &update.blocks {
        let key = ObjectKey::SeriesBlock {
            configuration: manifest.configuration.clone(),
            content_hash: block.content_hash.clone(),
        };
        objects.put_once(&key, &block.bytes).await?;
    }
    let json = serde_json::to_vec(&update.manifest)
        .map_err(|error| FunctionsError::Defect(format!("a manifest has no JSON: {error}")))?;
    let expected = manifest.stored.as_ref().map(|(_, tag)| tag);
    Ok(objects
        .replace(&manifest.key(), expected, &json)
        .await?
        .is_some())
}

/// The blocks of these hashes, in order.
pub(crate) async fn read_blocks(
    context: &Context,
    configuration: &ConfigurationId,
    hashes: &[ContentHash],
) -> Result<Vec<SeriesBlock>, FunctionsError> {
    let mut blocks = Vec::with_capacity(hashes.len());
    for content_hash in hashes {
        let key = ObjectKey::SeriesBlock {
            configuration: configuration.clone(),
            content_hash: content_hash.clone(),
        };
        let (bytes, _) = context.store.objects.get(&key).await?.ok_or_else(|| {
            FunctionsError::NotMeasured(format!(
                "the series of {configuration} lack the block {key}: restore it from a backup"
            ))
        })?;
        blocks.push(decode_block(&bytes)?);
    }
    Ok(blocks)
}

fn all_blocks(manifest: &SeriesManifest) -> Vec<ContentHash> {
    let entries = manifest.metrics.iter();
    entries
        .flat_map(|entry| &entry.blocks)
        .map(|block| block.content_hash.clone())
        .collect()
}

fn too_many_writers(configuration: &ConfigurationId) -> FunctionsError {
    FunctionsError::Server {
        action: format!("bringing the series of {configuration} up to date"),
        reason: "others kept replacing them at the same time; it is tried again".to_owned(),
    }
}
