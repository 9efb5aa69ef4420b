//! Whether two hosts of a configuration measure the same, from what both have measured.

use std::collections::{BTreeMap, BTreeSet};

use analysis::host_agreement::{HostAgreement, HostPair, agreement};
use analysis::significance::HISTORY_ARTIFACTS;
use analysis::{RunValues, SeriesHistory};
use shared_types::api::PAGE_LIMIT_MAX;
use shared_types::result_document::ResultDocument;
use shared_types::run::Side;
use shared_types::{Artifact, ArtifactId, ConfigurationId, MetricName};
use store::PageRequest;

use crate::{Context, FunctionsError, run_values, series_blocks};

/// How many pages of runs are looked through, the last measured first.
const PAGES_MAX: u32 = 4;
/// How many artifacts are looked at.
const ARTIFACTS_MAX: usize = 20;

/// Which hosts are held against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostQuery {
    /// The configuration that both serve.
    pub configuration: ConfigurationId,
    /// The host that is there.
    pub one: String,
    /// The host that is to come.
    pub other: String,
    /// In which metric, or in all that both measured.
    pub metric: Option<MetricName>,
}

/// Holds two hosts against each other, by the artifacts that both have measured.
///
/// # Errors
/// When there is no such configuration, both have measured no artifact, or the store fails.
pub async fn of(context: &Context, query: &HostQuery) -> Result<HostAgreement, FunctionsError> {
    let id = &query.configuration;
    if query.one == query.other {
        return Err(FunctionsError::Usage(format!(
            "`{}` is named twice: name the host that is there and the one that is to come",
            query.one
        )));
    }
    if context.store.index.configuration(id).await?.is_none() {
        return Err(FunctionsError::NotMeasured(format!(
            "there is no configuration `{id}`: `perfleet configuration list` lists those there are"
        )));
    }
    let artifacts = measured_by_both(context, query).await?;
    if artifacts.is_empty() {
        return Err(FunctionsError::NotMeasured(format!(
            "there is no artifact that both `{}` and `{}` measured lately under `{id}`: drain one \
             of them (`perfleet drain COLLECTOR`) and measure once more what it measured (`perfleet \
             rerun REQUEST`)",
            query.one, query.other
        )));
    }
    let mut pairs = Vec::with_capacity(artifacts.len());
    for artifact in &artifacts {
        pairs.extend(pair(context, query, artifact).await?);
    }
    let method = analysis::method(analysis::DEFAULT_METHOD)?;
    let wanted: BTreeSet<MetricName> = match &query.metric {
        Some(metric) => BTreeSet::from([metric.clone()]),
        None => pairs.iter().flat_map(|pair| names(&pair.one)).collect(),
    };
    let mut metrics = Vec::with_capacity(wanted.len());
    for metric in wanted {
        let mut with_history = Vec::with_capacity(pairs.len());
        for (pair, artifact) in pairs.iter().zip(&artifacts) {
            with_history.push(HostPair {
                history: history(context, id, artifact, &metric).await?,
                ..pair.clone()
            });
        }
        metrics.extend(agreement(&with_history, &metric, method.as_ref())?);
    }
    Ok(HostAgreement {
        configuration: id.clone(),
        one: query.one.clone(),
        other: query.other.clone(),
        artifacts,
        metrics,
    })
}

fn names(values: &RunValues) -> impl Iterator<Item = MetricName> {
    values.metrics.iter().map(|metric| metric.name.clone())
}

async fn measured_by_both(
    context: &Context,
    query: &HostQuery,
) -> Result<Vec<ArtifactId>, FunctionsError> {
    let index = &context.store.index;
    let mut hosts: BTreeMap<ArtifactId, BTreeSet<String>> = BTreeMap::new();
    let mut order = Vec::new();
    let mut page = PageRequest::first(PAGE_LIMIT_MAX);
    for _ in 0..PAGES_MAX {
        let listed = index.runs(&query.configuration, &page).await?;
        for run in listed.items {
            let known = hosts.entry(run.artifact.clone()).or_insert_with(|| {
                order.push(run.artifact.clone());
                BTreeSet::new()
            });
            known.extend(run.hosts);
        }
        match listed.next_cursor {
            Some(next) => page.cursor = Some(next),
            None => break,
        }
    }
    let both = |artifact: &ArtifactId| {
        let known = hosts.get(artifact);
        known.is_some_and(|known| known.contains(&query.one) && known.contains(&query.other))
    };
    let mut found = Vec::new();
    for artifact in order.into_iter().filter(both) {
        if found.len() < ARTIFACTS_MAX && pair(context, query, &artifact).await?.is_some() {
            found.push(artifact);
        }
    }
    Ok(found)
}

/// What both hosts measured of an artifact. `None` where one of them has nothing that counts.
async fn pair(
    context: &Context,
    query: &HostQuery,
    artifact: &ArtifactId,
) -> Result<Option<HostPair>, FunctionsError> {
    let side = Side::pooled(artifact.clone());
    let mut results = run_values::results_of_side(context, &query.configuration, &side).await?;
    results.retain(|result| result.host == query.one || result.host == query.other);
    let documents = run_values::documents(context, &results).await?;
    let of_host = |host: &str| -> Vec<ResultDocument> {
        let mut of_host = documents.clone();
        of_host.retain(|document| document.host.name == host);
        of_host
    };
    let (one, other) = (of_host(&query.one), of_host(&query.other));
    if one.is_empty() || other.is_empty() {
        return Ok(None);
    }
    let known = context.store.index.artifact(artifact).await?;
    let place = known.and_then(|known| known.history);
    Ok(Some(HostPair {
        one: analysis::pool(&side, &one, place.clone())?,
        other: analysis::pool(&side, &other, place)?,
        history: SeriesHistory::none(),
    }))
}

async fn history(
    context: &Context,
    configuration: &ConfigurationId,
    artifact: &ArtifactId,
    metric: &MetricName,
) -> Result<SeriesHistory, FunctionsError> {
    let index = &context.store.index;
    let known = index.artifact(artifact).await?;
    let Some(place) = known.and_then(|known| known.history) else {
        return Ok(SeriesHistory::none());
    };
    let reach = u32::try_from(HISTORY_ARTIFACTS).unwrap_or(u32::MAX);
    let predecessors: Vec<Artifact> = index.predecessors(&place, reach).await?;
    let manifest = series_blocks::manifest(context, configuration).await?;
    let blocks = series_blocks::blocks_of(context, &manifest, metric, &predecessors).await?;
    let ids: Vec<ArtifactId> = predecessors.into_iter().map(|one| one.id).collect();
    Ok(SeriesHistory::assemble(&blocks, &ids))
}
