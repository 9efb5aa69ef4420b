//! A run is put into the blocks of its configuration: inserted, or in place of what was there.

mod table;

use std::collections::BTreeMap;

use shared_types::format::Versioned;
use shared_types::object_key::ContentHash;
use shared_types::series::{BlockReference, MetricBlocks, SeriesBlock, SeriesManifest};
use shared_types::{ConfigurationId, Line, Metric, MetricName};

use self::table::{Table, metric_of};
use super::{EncodedBlock, RunColumn};
use crate::AnalysisError;

/// What has to be stored so that a run is part of its series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesUpdate {
    /// The manifest that replaces the old one, once the blocks are stored.
    pub manifest: SeriesManifest,
    /// The blocks that the old manifest did not have.
    pub blocks: Vec<EncodedBlock>,
}

/// The block into which an artifact at `ordinal` belongs: the one that covers it, else the last
/// one before it, else the first. `None` where the metric has no block on that line.
pub fn blocks_touched<'a>(
    manifest: &'a SeriesManifest,
    metric: &MetricName,
    line: Line,
    ordinal: i64,
) -> Option<&'a BlockReference> {
    let mut entries = manifest.metrics.iter();
    let entry = entries.find(|entry| entry.metric.name == *metric && entry.line == line)?;
    let blocks = &entry.blocks;
    let last_before = blocks
        .iter()
        .rev()
        .find(|block| block.first_ordinal <= ordinal);
    last_before.or_else(|| blocks.first())
}

/// The blocks that [`merge_run`] needs for a column: one for each metric on its line. Where an
/// artifact has moved to another place in history, every block has to be given, or its old column
/// stays.
pub fn blocks_to_read(manifest: &SeriesManifest, column: &RunColumn) -> Vec<ContentHash> {
    let on_line = manifest.metrics.iter();
    let mut hashes: Vec<ContentHash> = on_line
        .filter(|entry| entry.line == column.line)
        .filter_map(|entry| {
            blocks_touched(manifest, &entry.metric.name, column.line, column.ordinal)
        })
        .map(|block| block.content_hash.clone())
        .collect();
    hashes.sort();
    hashes.dedup();
    hashes
}

/// Puts a run into the series of its configuration, whether or not it was there before and in
/// whichever order runs arrive. `blocks` are those that [`blocks_to_read`] names; more may be
/// given, and the artifact is taken out of them where it has no place any more. Merging the same
/// run again changes nothing.
///
/// # Errors
/// When a block that is needed was not given, is of another configuration, or has the metric with
/// another unit.
pub fn merge_run(
    existing: Option<&SeriesManifest>,
    blocks: &[SeriesBlock],
    column: &RunColumn,
) -> Result<SeriesUpdate, AnalysisError> {
    let mut manifest = match existing {
        Some(manifest) => manifest.clone(),
        None => empty_manifest(&column.configuration),
    };
    if manifest.configuration != column.configuration {
        return Err(AnalysisError::Block {
            reason: format!(
                "a run of {} does not belong into the series of {}",
                column.configuration, manifest.configuration
            ),
        });
    }
    let mut new_blocks = Vec::new();
    for entry in &mut manifest.metrics {
        new_blocks.extend(merge_entry(entry, blocks, column)?);
    }
    for metric in &column.metrics {
        let known = manifest
            .metrics
            .iter()
            .any(|entry| entry.metric.name == metric.name && entry.line == column.line);
        if !known {
            let built = build(&column.configuration, metric, column.line, &[column])?;
            manifest.metrics.push(entry_of(metric, column.line, &built));
            new_blocks.extend(built);
        }
    }
    manifest.metrics.retain(|entry| !entry.blocks.is_empty());
    in_order(&mut manifest.metrics);
    Ok(SeriesUpdate {
        manifest,
        blocks: new_blocks,
    })
}

/// Builds all series of a configuration at once, from columns in any order. Of two columns of one
/// artifact the later one counts.
///
/// # Errors
/// When two columns have one metric with different units.
pub fn assemble(
    configuration: &ConfigurationId,
    columns: &[RunColumn],
) -> Result<SeriesUpdate, AnalysisError> {
    let latest: BTreeMap<_, &RunColumn> = columns
        .iter()
        .map(|column| (&column.artifact, column))
        .collect();
    let mut by_entry: BTreeMap<(&MetricName, Line), (&Metric, Vec<&RunColumn>)> = BTreeMap::new();
    for column in latest.into_values() {
        for metric in &column.metrics {
            let (known, columns) = by_entry
                .entry((&metric.name, column.line))
                .or_insert_with(|| (metric, Vec::new()));
            if *known != metric {
                return Err(AnalysisError::MetricDefinedDifferently {
                    metric: metric.name.clone(),
                });
            }
            columns.push(column);
        }
    }
    let mut update = SeriesUpdate {
        manifest: empty_manifest(configuration),
        blocks: Vec::new(),
    };
    for ((_, line), (metric, columns)) in by_entry {
        let built = build(configuration, metric, line, &columns)?;
        if !built.is_empty() {
            let metrics = &mut update.manifest.metrics;
            metrics.push(entry_of(metric, line, &built));
        }
        update.blocks.extend(built);
    }
    in_order(&mut update.manifest.metrics);
    Ok(update)
}

fn empty_manifest(configuration: &ConfigurationId) -> SeriesManifest {
    SeriesManifest {
        format: SeriesManifest::VERSION,
        configuration: configuration.clone(),
        metrics: Vec::new(),
    }
}

fn in_order(metrics: &mut [MetricBlocks]) {
    metrics
        .sort_by(|one, other| (&one.metric.name, one.line).cmp(&(&other.metric.name, other.line)));
}

fn entry_of(metric: &Metric, line: Line, blocks: &[EncodedBlock]) -> MetricBlocks {
    MetricBlocks {
        metric: metric.clone(),
        line,
        blocks: blocks.iter().filter_map(EncodedBlock::reference).collect(),
    }
}

fn build(
    configuration: &ConfigurationId,
    metric: &Metric,
    line: Line,
    columns: &[&RunColumn],
) -> Result<Vec<EncodedBlock>, AnalysisError> {
    let table = Table::of_columns(&metric.name, columns);
    let parts = table.parts_filled_up();
    let blocks = parts
        .into_iter()
        .map(|part| EncodedBlock::of(table.block(part, configuration, metric, line)));
    blocks.collect()
}

/// Merges a column into the blocks of one metric on one line, and gives the blocks that are new.
fn merge_entry(
    entry: &mut MetricBlocks,
    given: &[SeriesBlock],
    column: &RunColumn,
) -> Result<Vec<EncodedBlock>, AnalysisError> {
    let metric = metric_of(entry, column)?;
    let target = metric.and_then(|_| target_of(entry, column));
    let mut references = Vec::new();
    let mut new_blocks = Vec::new();
    for (place, reference) in entry.blocks.iter().enumerate() {
        let is_target = target == Some(place);
        let block = given.iter().find(|block| is_at(block, entry, reference));
        let Some(block) = block else {
            if is_target {
                return Err(AnalysisError::Block {
                    reason: format!("the block {} was not given", reference.content_hash),
                });
            }
            references.push(reference.clone());
            continue;
        };
        let had_it = block
            .artifacts
            .iter()
            .any(|held| held.id == column.artifact);
        if !is_target && !had_it {
            references.push(reference.clone());
            continue;
        }
        let mut table = Table::of_block(block);
        table.remove(&column.artifact);
        let is_last = place + 1 == entry.blocks.len();
        let parts = if is_target {
            table.insert(column, &entry.metric.name);
            table.parts_after_insertion(&column.artifact, is_last)
        } else {
            table.parts_filled_up()
        };
        for part in parts {
            let block = table.block(part, &column.configuration, &entry.metric, entry.line);
            let encoded = EncodedBlock::of(block)?;
            let unchanged = encoded.content_hash == reference.content_hash;
            references.extend(encoded.reference());
            if !unchanged {
                new_blocks.push(encoded);
            }
        }
    }
    entry.blocks = references;
    Ok(new_blocks)
}

/// The place of the block into which the column belongs.
fn target_of(entry: &MetricBlocks, column: &RunColumn) -> Option<usize> {
    if entry.blocks.is_empty() {
        return None;
    }
    let mut before = entry.blocks.iter();
    let last_before = before.rposition(|block| block.first_ordinal <= column.ordinal);
    Some(last_before.unwrap_or(0))
}

/// Whether a block is the one that `reference` leads to. Blocks of one metric and line do not
/// overlap, so the place tells.
fn is_at(block: &SeriesBlock, entry: &MetricBlocks, reference: &BlockReference) -> bool {
    let first = block.artifacts.first().map(|artifact| artifact.ordinal);
    block.metric.name == entry.metric.name
        && block.line == entry.line
        && first == Some(reference.first_ordinal)
        && block.artifacts.len() == reference.artifacts as usize
}
