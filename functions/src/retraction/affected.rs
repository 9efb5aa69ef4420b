//! What is in the range of a retraction, and what rests on it.

use std::collections::{BTreeMap, BTreeSet};

use analysis::retraction::{MadeAgain, TouchedArtifacts, to_make_again};
use analysis::significance::HISTORY_ARTIFACTS;
use jiff::Timestamp;
use shared_types::api::{ComparisonReference, PAGE_LIMIT_MAX, RunOverview};
use shared_types::comparison::Verdict;
use shared_types::retraction::{
    AffectedRun, AffectedSeries, NewRetraction, RetractionEffects, RetractionRange,
};
use shared_types::run::SidePair;
use shared_types::{Artifact, ConfigurationId, RunId};
use store::{PageRequest, RequestFilter};

use super::place_of;
use crate::{Context, FunctionsError, series_blocks};

/// How many pages of runs, of comparisons and of requests are looked through: 20,000 of each.
const PAGES_MAX: u32 = 40;

/// What a retraction of this range would touch. Nothing is changed.
///
/// # Errors
/// When the range makes no sense, or the store fails.
pub async fn effects(
    context: &Context,
    range: &RetractionRange,
) -> Result<RetractionEffects, FunctionsError> {
    let wanted = NewRetraction {
        range: range.clone(),
        reason: "what would it touch?".to_owned(),
    };
    wanted.check()?;
    let runs = runs(context, range).await?;
    let mut effects = RetractionEffects {
        runs: Vec::new(),
        comparisons: Vec::new(),
        series: Vec::new(),
        findings: Vec::new(),
        requests: Vec::new(),
    };
    let (mut findings, mut requests) = (BTreeSet::new(), BTreeSet::new());
    for (configuration, runs) in by_configuration(&runs) {
        let artifacts = artifacts(context, &runs).await?;
        let touched = touched(context, &runs, &artifacts).await?;
        requests.extend(requests_of(context, &configuration, &touched).await?);
        let again = made_again(context, &configuration, &touched, context.now()).await?;
        for one in again {
            let is_a_a = one.newest.base.artifact == one.newest.head.artifact;
            let worse = matches!(one.newest.verdict, Verdict::Regressed | Verdict::Mixed);
            if worse && !is_a_a {
                findings.insert(one.sides());
            }
            effects.comparisons.push(one.newest);
        }
        let series = affected_series(context, &configuration, &artifacts).await?;
        effects.series.extend(series);
    }
    effects.runs = runs;
    effects.findings = findings.into_iter().collect::<Vec<SidePair>>();
    effects.requests = requests.into_iter().collect();
    Ok(effects)
}

/// The replicates of which results are in a range, by configuration, artifact and replicate.
pub(super) async fn runs(
    context: &Context,
    range: &RetractionRange,
) -> Result<Vec<AffectedRun>, FunctionsError> {
    let index = &context.store.index;
    let mut found = Vec::new();
    for configuration in index.configurations().await? {
        let id = configuration.id;
        if !range.may_cover(&id) {
            continue;
        }
        for overview in overviews(context, &id, range).await? {
            found.extend(affected_run(context, range, overview).await?);
        }
    }
    found.sort_by(|one: &AffectedRun, other| {
        let key = |run: &AffectedRun| (run.configuration.to_string(), run.artifact.to_string());
        key(one)
            .cmp(&key(other))
            .then(one.replicate.cmp(&other.replicate))
    });
    Ok(found)
}

/// The runs of a configuration that may have results in the range.
async fn overviews(
    context: &Context,
    id: &ConfigurationId,
    range: &RetractionRange,
) -> Result<Vec<RunOverview>, FunctionsError> {
    let index = &context.store.index;
    if let Some(run) = &range.run {
        return Ok(index.run(&run.run).await?);
    }
    let mut found = Vec::new();
    let mut page = PageRequest::first(PAGE_LIMIT_MAX);
    for _ in 0..PAGES_MAX {
        let listed = index.runs(id, &page).await?;
        // The last measured come first, and a run is listed by its last result.
        let is_past = |run: &RunOverview| run.measured_at < range.from || run.measured_at.is_none();
        let ends_here = listed.items.last().is_some_and(is_past);
        found.extend(listed.items.into_iter().filter(|run| {
            let host = range.host.as_ref();
            !is_past(run) && host.is_none_or(|host| run.hosts.contains(host))
        }));
        match listed.next_cursor {
            Some(next) if !ends_here => page.cursor = Some(next),
            _ => break,
        }
    }
    Ok(found)
}

async fn affected_run(
    context: &Context,
    range: &RetractionRange,
    overview: RunOverview,
) -> Result<Option<AffectedRun>, FunctionsError> {
    let id = RunId {
        artifact: overview.artifact,
        configuration: overview.configuration,
    };
    let results = context.store.index.results_of_run(&id).await?;
    let (covered, left): (Vec<_>, Vec<_>) = results
        .into_iter()
        .filter(|result| result.run.replicate == overview.replicate)
        .partition(|result| range.covers(place_of(&id.configuration, result)));
    if covered.is_empty() {
        return Ok(None);
    }
    let hosts: BTreeSet<String> = covered.iter().map(|result| result.host.clone()).collect();
    let count = |results: &[_]| u32::try_from(results.len()).unwrap_or(u32::MAX);
    Ok(Some(AffectedRun {
        artifact: id.artifact,
        configuration: id.configuration,
        replicate: overview.replicate,
        hosts: hosts.into_iter().collect(),
        results: count(&covered),
        results_left: u32::try_from(left.len()).unwrap_or(u32::MAX),
    }))
}

pub(super) fn by_configuration(
    runs: &[AffectedRun],
) -> BTreeMap<ConfigurationId, Vec<&AffectedRun>> {
    let mut by_configuration: BTreeMap<ConfigurationId, Vec<&AffectedRun>> = BTreeMap::new();
    for run in runs {
        let of_configuration = by_configuration.entry(run.configuration.clone());
        of_configuration.or_default().push(run);
    }
    by_configuration
}

/// The artifacts of some runs, with their places in history.
pub(super) async fn artifacts(
    context: &Context,
    runs: &[&AffectedRun],
) -> Result<Vec<Artifact>, FunctionsError> {
    let ids: BTreeSet<_> = runs.iter().map(|run| &run.artifact).collect();
    let mut artifacts = Vec::with_capacity(ids.len());
    for id in ids {
        artifacts.extend(context.store.index.artifact(id).await?);
    }
    Ok(artifacts)
}

/// The artifacts of some runs of one configuration, and those to whose history they belong.
pub(super) async fn touched(
    context: &Context,
    runs: &[&AffectedRun],
    artifacts: &[Artifact],
) -> Result<TouchedArtifacts, FunctionsError> {
    let mut touched = TouchedArtifacts {
        retracted: runs.iter().map(|run| run.artifact.clone()).collect(),
        behind: BTreeSet::new(),
    };
    let reach = u32::try_from(HISTORY_ARTIFACTS).unwrap_or(u32::MAX);
    for place in artifacts.iter().filter_map(|one| one.history.as_ref()) {
        let successors = context.store.index.successors(place, reach).await?;
        touched
            .behind
            .extend(successors.into_iter().map(|one| one.id));
    }
    Ok(touched)
}

/// The comparisons of a configuration that are to be made again.
pub(super) async fn made_again(
    context: &Context,
    configuration: &ConfigurationId,
    touched: &TouchedArtifacts,
    moved_at: Timestamp,
) -> Result<Vec<MadeAgain>, FunctionsError> {
    let index = &context.store.index;
    let mut made: Vec<ComparisonReference> = Vec::new();
    let mut page = PageRequest::first(PAGE_LIMIT_MAX);
    for _ in 0..PAGES_MAX {
        let listed = index.comparisons(configuration, &page).await?;
        made.extend(listed.items);
        match listed.next_cursor {
            Some(next) => page.cursor = Some(next),
            None => break,
        }
    }
    // A comparison that several wanted is listed above for the first of them.
    for request in requests_of(context, configuration, touched).await? {
        let of_request = index.comparisons_of_request(request).await?;
        made.extend(
            of_request
                .into_iter()
                .filter(|one| one.configuration == *configuration),
        );
    }
    Ok(to_make_again(made, touched, moved_at))
}

/// The requests under a configuration whose comparisons are touched.
async fn requests_of(
    context: &Context,
    configuration: &ConfigurationId,
    touched: &TouchedArtifacts,
) -> Result<Vec<shared_types::RequestId>, FunctionsError> {
    let index = &context.store.index;
    let mut found = Vec::new();
    let mut page = PageRequest::first(PAGE_LIMIT_MAX);
    for _ in 0..PAGES_MAX {
        let listed = index.requests(&RequestFilter::default(), &page).await?;
        let of_configuration = listed
            .items
            .iter()
            .filter(|request| request.configurations.contains(configuration));
        found.extend(
            of_configuration
                .filter(|request| {
                    let head = &request.head.artifact;
                    let base = request.base.as_ref().map_or(head, |base| &base.artifact);
                    touched.touch(base, head)
                })
                .map(|request| request.id),
        );
        match listed.next_cursor {
            Some(next) => page.cursor = Some(next),
            None => break,
        }
    }
    Ok(found)
}

async fn affected_series(
    context: &Context,
    configuration: &ConfigurationId,
    artifacts: &[Artifact],
) -> Result<Vec<AffectedSeries>, FunctionsError> {
    let manifest = series_blocks::manifest(context, configuration).await?;
    let series = manifest.entries().filter_map(|entry| {
        let places = artifacts.iter().filter_map(|one| one.history.as_ref());
        let held = places.filter(|place| {
            let mut blocks = entry.blocks.iter();
            place.line == entry.line
                && blocks.any(|block| {
                    (block.first_ordinal..=block.last_ordinal).contains(&place.ordinal)
                })
        });
        let artifacts = u32::try_from(held.count()).unwrap_or(u32::MAX);
        (artifacts > 0).then(|| AffectedSeries {
            configuration: configuration.clone(),
            metric: entry.metric.name.clone(),
            artifacts,
        })
    });
    Ok(series.collect())
}
