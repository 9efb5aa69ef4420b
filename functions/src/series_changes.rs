//! The changes of series in object storage: brought up to date as runs land, read for charts.

use std::io::Read;

use analysis::series_changes::{SeriesChanges, Update};
use shared_types::format::Versioned;
use shared_types::series::{BlockReference, MetricBlocks, SeriesBlock};
use shared_types::{ConfigurationId, InvalidInput, ObjectKey};
use store::ETag;

use crate::{Context, FunctionsError, series_blocks};

/// How often the changes of a metric are tried to be replaced while others replace them, too.
const REPLACEMENTS_MAX: usize = 50;

/// The most that the changes of a metric may hold once decompressed, in bytes.
const CHANGES_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Fast, and a tenth of the JSON.
const COMPRESSION_LEVEL: i32 = 3;

/// Finds what the runs that landed since changed, in every series of a configuration, and keeps it.
/// Costs a manifest and one small object for each metric where nothing landed.
///
/// # Errors
/// When the store fails, or a block is damaged.
pub(crate) async fn bring_up_to_date(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<(), FunctionsError> {
    let manifest = series_blocks::manifest(context, configuration).await?;
    for entry in manifest.entries() {
        keep(context, configuration, entry).await?;
    }
    Ok(())
}

/// The changes of what the series of an entry hold now: those that are kept, if they are of this, or
/// brought up to date without keeping them.
///
/// # Errors
/// As [`bring_up_to_date`].
pub(crate) async fn current(
    context: &Context,
    configuration: &ConfigurationId,
    entry: &MetricBlocks,
) -> Result<SeriesChanges, FunctionsError> {
    let kept = read(context, &key(configuration, entry)).await?;
    match kept.changes {
        Some(changes) if changes.are_of(entry) => Ok(changes),
        changes => find(context, configuration, entry, changes).await,
    }
}

/// What is kept under a key.
struct Kept {
    /// `None` also where it cannot be read: it is made again from the series.
    changes: Option<SeriesChanges>,
    tag: Option<ETag>,
}

fn key(configuration: &ConfigurationId, entry: &MetricBlocks) -> ObjectKey {
    ObjectKey::SeriesChanges {
        configuration: configuration.clone(),
        line: entry.line,
        metric: entry.metric.name.clone(),
    }
}

async fn keep(
    context: &Context,
    configuration: &ConfigurationId,
    entry: &MetricBlocks,
) -> Result<(), FunctionsError> {
    let key = key(configuration, entry);
    for _ in 0..REPLACEMENTS_MAX {
        let kept = read(context, &key).await?;
        if kept
            .changes
            .as_ref()
            .is_some_and(|changes| changes.are_of(entry))
        {
            return Ok(());
        }
        let changes = find(context, configuration, entry, kept.changes).await?;
        let bytes = encode(&changes)?;
        let replaced = context
            .store
            .objects
            .replace(&key, kept.tag.as_ref(), &bytes)
            .await?;
        if replaced.is_some() {
            return Ok(());
        }
        if !is_newest(context, configuration, entry).await? {
            // Whoever was faster read a newer manifest, and this would take its changes back.
            return Ok(());
        }
    }
    Err(FunctionsError::Server {
        action: format!("keeping the changes of the series of {configuration}"),
        reason: "others kept replacing them at the same time; it is tried again".to_owned(),
    })
}

async fn is_newest(
    context: &Context,
    configuration: &ConfigurationId,
    entry: &MetricBlocks,
) -> Result<bool, FunctionsError> {
    let manifest = series_blocks::manifest(context, configuration).await?;
    Ok(manifest.entries().any(|newest| newest == entry))
}

/// Reads what is needed, and finds the changes.
async fn find(
    context: &Context,
    configuration: &ConfigurationId,
    entry: &MetricBlocks,
    known: Option<SeriesChanges>,
) -> Result<SeriesChanges, FunctionsError> {
    let update = Update::new(configuration, entry, known);
    let open = blocks(context, configuration, update.open_blocks()).await?;
    let mut read = blocks(context, configuration, update.blocks_before(&open)?).await?;
    read.extend(open);
    // Hundreds of series take long enough to keep others waiting.
    let found = tokio::task::spawn_blocking(move || update.apply(&read));
    let found = found.await.map_err(|panic| {
        FunctionsError::Defect(format!("finding the changes of series failed: {panic}"))
    })?;
    Ok(found?)
}

async fn blocks(
    context: &Context,
    configuration: &ConfigurationId,
    references: &[BlockReference],
) -> Result<Vec<SeriesBlock>, FunctionsError> {
    let hashes: Vec<_> = references
        .iter()
        .map(|reference| reference.content_hash.clone())
        .collect();
    series_blocks::read_blocks(context, configuration, &hashes).await
}

async fn read(context: &Context, key: &ObjectKey) -> Result<Kept, FunctionsError> {
    let Some((bytes, tag)) = context.store.objects.get(key).await? else {
        return Ok(Kept {
            changes: None,
            tag: None,
        });
    };
    let changes = decode(&bytes)
        .inspect_err(|error| tracing::warn!(%key, %error, "the changes are found anew"))
        .ok();
    Ok(Kept {
        changes,
        tag: Some(tag),
    })
}

/// The bytes under which changes are kept: JSON, compressed with zstd.
fn encode(changes: &SeriesChanges) -> Result<Vec<u8>, FunctionsError> {
    let json = serde_json::to_vec(changes)
        .map_err(|error| FunctionsError::Defect(format!("changes have no JSON: {error}")))?;
    zstd::bulk::compress(&json, COMPRESSION_LEVEL)
        .map_err(FunctionsError::io("compressing the changes of series"))
}

/// The changes that some bytes hold.
///
/// # Errors
/// When they are not compressed with zstd, or hold no changes of a version that is understood.
pub fn decode(bytes: &[u8]) -> Result<SeriesChanges, InvalidInput> {
    let damaged = |error: std::io::Error| InvalidInput::Document {
        what: SeriesChanges::WHAT,
        reason: error.to_string(),
    };
    let mut json = Vec::new();
    zstd::stream::read::Decoder::new(bytes)
        .map_err(damaged)?
        .take(CHANGES_BYTES_MAX)
        .read_to_end(&mut json)
        .map_err(damaged)?;
    SeriesChanges::from_json(&json)
}
