//! All configurations at a glance. Asked for by every open page every few seconds, so that one answer
//! serves all of them, and what is dear in it is computed when the series changed and not before.

mod cache;
mod waiting;

use std::sync::Arc;

use analysis::trend::{RUNS_MAX, stretch, trend};
use shared_types::api::{ConfigurationGlance, Overview, Trend};
use shared_types::metric::default_metric;
use shared_types::series::{MetricBlocks, SeriesBlock};
use shared_types::{ConfigurationId, Line};

use crate::series_blocks::{self, Manifest};
use crate::{Context, FunctionsError};
pub(crate) use cache::OverviewCache;

/// For how long an answer serves all who ask, in seconds.
const KEPT_SECONDS: i64 = 5;

/// All configurations at a glance, as it is or was a moment ago.
pub(crate) async fn overview(context: &Context) -> Result<Arc<Overview>, FunctionsError> {
    let now = context.now();
    if let Some(kept) = context.overview.kept(now, KEPT_SECONDS) {
        return Ok(kept);
    }
    let made = Arc::new(make(context).await?);
    context.overview.keep(now, &made);
    Ok(made)
}

async fn make(context: &Context) -> Result<Overview, FunctionsError> {
    let index = &context.store.index;
    let waiting = waiting::gather(context).await?;
    let mut configurations = Vec::new();
    for configuration in index.configurations().await? {
        let id = configuration.id;
        let mut disturbed_hosts: Vec<String> = index
            .disturbed_runs(&id)
            .await?
            .into_iter()
            .filter(|run| run.state.is_set_aside())
            .flat_map(|run| run.hosts)
            .collect();
        disturbed_hosts.sort();
        disturbed_hosts.dedup();
        configurations.push(ConfigurationGlance {
            trend: trend_of(context, &id).await?,
            regressions: waiting.regressions.get(&id).copied().unwrap_or_default(),
            disturbed_hosts,
            configuration: id,
        });
    }
    Ok(Overview {
        configurations,
        attention: waiting.attention,
    })
}

/// The trend of a configuration, computed anew only if its series changed.
async fn trend_of(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<Option<Trend>, FunctionsError> {
    let manifest = series_blocks::manifest(context, configuration).await?;
    let Some(tag) = manifest.tag() else {
        return Ok(None);
    };
    if let Some(known) = context.overview.trend(configuration, tag) {
        return Ok(known);
    }
    let blocks = blocks_from_newest(context, configuration, &manifest, RUNS_MAX).await?;
    let found = match (stretch(&blocks), blocks.first()) {
        (Some((first, last)), Some(block)) => {
            let line = context.store.index.line(block.line, first, last).await?;
            let known = line.into_iter().filter_map(|artifact| artifact.history);
            let ordinals: Vec<i64> = known.map(|place| place.ordinal).collect();
            trend(&blocks, &ordinals)
        }
        _ => None,
    };
    context.overview.keep_trend(configuration, tag, &found);
    Ok(found)
}

/// The newest blocks of a configuration in its default metric on its foremost line, oldest first: as
/// many as hold `artifacts`, where there are so many.
pub(crate) async fn newest_blocks(
    context: &Context,
    configuration: &ConfigurationId,
    artifacts: usize,
) -> Result<Vec<SeriesBlock>, FunctionsError> {
    let manifest = series_blocks::manifest(context, configuration).await?;
    blocks_from_newest(context, configuration, &manifest, artifacts).await
}

async fn blocks_from_newest(
    context: &Context,
    configuration: &ConfigurationId,
    manifest: &Manifest,
    artifacts: usize,
) -> Result<Vec<SeriesBlock>, FunctionsError> {
    let Some(entry) = foremost(manifest) else {
        return Ok(Vec::new());
    };
    let mut held = 0;
    let mut hashes = Vec::new();
    for block in entry.blocks.iter().rev() {
        if held >= artifacts {
            break;
        }
        held += block.artifacts as usize;
        hashes.push(block.content_hash.clone());
    }
    hashes.reverse();
    series_blocks::read_blocks(context, configuration, &hashes).await
}

/// The blocks of the default metric on the first line that has any.
fn foremost(manifest: &Manifest) -> Option<&MetricBlocks> {
    let on = |line: Line| {
        let of_line = || manifest.entries().filter(move |entry| entry.line == line);
        let metric = default_metric(of_line().map(|entry| &entry.metric))?;
        of_line().find(|entry| entry.metric.name == metric.name)
    };
    Line::ALL.iter().copied().find_map(on)
}
