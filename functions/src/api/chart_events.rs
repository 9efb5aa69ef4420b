//! `series` and `events`: what charts are drawn from, and what is marked on them.

mod host_setups;
mod marks;

use analysis::series::decode_block;
use shared_types::api::{ChartEvent, Problem};
use shared_types::format::Versioned;
use shared_types::metric::default_metric;
use shared_types::series::{BlockReference, MetricBlocks, SeriesBlock, SeriesManifest};
use shared_types::{ConfigurationId, Line, MetricName, ObjectKey};
use store::StoreError;

use super::artifacts::known_configuration;
use super::paging::page_of;
use super::parameters::Parameters;
use super::problem;
use super::response::Success;
use crate::{Context, retraction, series_changes};
use marks::{NewestArtifacts, SetAside, Wanted};

/// How many blocks are looked at for hosts, from the newest back: about a thousand artifacts.
const BLOCKS_MAX: usize = 4;

pub(super) async fn manifest(
    context: &Context,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let configuration = parameters.configuration()?;
    known_configuration(context, &configuration).await?;
    Success::json(&read_manifest(context, &configuration).await?)
}

/// The manifest of a configuration; an empty one where nothing is in series yet.
async fn read_manifest(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<SeriesManifest, Problem> {
    let key = ObjectKey::SeriesManifest {
        configuration: configuration.clone(),
    };
    let stored = context
        .store
        .objects
        .get(&key)
        .await
        .map_err(problem::of_store)?;
    let Some((bytes, _)) = stored else {
        return Ok(SeriesManifest {
            format: SeriesManifest::VERSION,
            configuration: configuration.clone(),
            metrics: Vec::new(),
        });
    };
    SeriesManifest::from_json(&bytes).map_err(|source| {
        problem::of_store(StoreError::Corrupt {
            what: "the series manifest",
            id: key.to_string(),
            source,
        })
    })
}

/// What is marked on the charts of a configuration, on its foremost line, the newest first.
pub(super) async fn list(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let configuration = parameters.configuration()?;
    let metric: Option<MetricName> = parameters.optional("metric")?;
    let wanted = Wanted {
        test_case: parameters.text("test_case").map(str::to_owned),
        standing: parameters.optional("standing")?.unwrap_or(false),
    };
    let page = parameters.page()?;
    known_configuration(context, &configuration).await?;
    let manifest = read_manifest(context, &configuration).await?;
    let Some(drawn) = drawn(&manifest, metric)? else {
        return Success::json(&page_of(Vec::new(), &page, name)?);
    };
    let changes = series_changes::current(context, &configuration, drawn)
        .await
        .map_err(problem::of_error)?;
    let (mut artifacts, mut set_aside) = (NewestArtifacts::default(), SetAside::default());
    if wanted.is_everything() {
        artifacts = newest_artifacts(context, &configuration, drawn).await?;
        let found = context.store.index.disturbed_runs(&configuration).await;
        set_aside.disturbed = found.map_err(problem::of_store)?;
        let known = retraction::in_force(context, &configuration).await;
        set_aside.stretches = marks::retracted_stretches(
            &known.map_err(problem::of_error)?,
            &configuration,
            drawn.line,
        );
    }
    let events = marks::marks(&changes, &wanted, &artifacts, &set_aside);
    Success::json(&page_of(events, &page, name)?)
}

/// The artifacts of the newest blocks.
async fn newest_artifacts(
    context: &Context,
    configuration: &ConfigurationId,
    drawn: &MetricBlocks,
) -> Result<NewestArtifacts, Problem> {
    let (older, newest) = drawn
        .blocks
        .split_at(drawn.blocks.len().saturating_sub(BLOCKS_MAX));
    let mut artifacts = NewestArtifacts {
        first_place: older.iter().map(|block| block.artifacts as usize).sum(),
        artifacts: Vec::new(),
    };
    for reference in newest {
        let block = read_block(context, configuration, reference).await?;
        artifacts.artifacts.extend(block.artifacts);
    }
    Ok(artifacts)
}

/// The blocks of the metric that is wanted, else of the default one, on the first line that has any.
fn drawn(
    manifest: &SeriesManifest,
    wanted: Option<MetricName>,
) -> Result<Option<&MetricBlocks>, Problem> {
    let all = manifest.metrics.iter().map(|blocks| &blocks.metric);
    let Some(metric) = wanted.or_else(|| default_metric(all).map(|metric| metric.name.clone()))
    else {
        return Ok(None);
    };
    let of_metric = |line: Line| {
        let mut blocks = manifest.metrics.iter();
        blocks.find(|blocks| blocks.metric.name == metric && blocks.line == line)
    };
    match Line::ALL.iter().copied().find_map(of_metric) {
        Some(blocks) => Ok(Some(blocks)),
        None => Err(problem::not_found(format!(
            "the parameter `metric`: `{}` has no series of `{metric}`; /api/v1/series lists those \
             there are",
            manifest.configuration
        ))),
    }
}

async fn read_block(
    context: &Context,
    configuration: &ConfigurationId,
    reference: &BlockReference,
) -> Result<SeriesBlock, Problem> {
    let key = ObjectKey::SeriesBlock {
        configuration: configuration.clone(),
        content_hash: reference.content_hash.clone(),
    };
    let stored = context
        .store
        .objects
        .get(&key)
        .await
        .map_err(problem::of_store)?;
    let (bytes, _) = stored
        .ok_or_else(|| problem::bug(format!("the manifest names `{key}`, and it is not there")))?;
    decode_block(&bytes).map_err(|error| problem::bug(format!("{key}: {error}")))
}

/// Tells an event from the others of its list.
fn name(event: &ChartEvent) -> String {
    match event {
        ChartEvent::ChangePoint(change) => format!("{}/{}", change.artifact, change.test_case),
        ChartEvent::Host { artifact, .. } => artifact.to_string(),
        ChartEvent::HostSetup { artifact, host, .. } => format!("{artifact}@{host}"),
        ChartEvent::DisturbedHost {
            artifact,
            replicate,
            ..
        } => format!("{artifact}#{}", replicate.number()),
        ChartEvent::Retracted {
            retraction,
            artifact,
            ..
        } => format!("{retraction}/{artifact}"),
    }
}
