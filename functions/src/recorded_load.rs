//! The load of a fleet as it was: what was asked for, by whom and when, and how long it took.

use std::collections::BTreeMap;

use analysis::simulation::{
    Load, LoadBenchmark, LoadCollector, LoadConfiguration, LoadDuration, LoadRequest,
};
use shared_types::format::Versioned;
use shared_types::request::{Request, RequestState};
use shared_types::{ArtifactId, ConfigurationId, Profile};
use store::{PageRequest, RequestFilter};

use crate::coordinator::{catalogue, measured_durations};
use crate::{Context, FunctionsError};

/// How many requests are taken at most: the last.
const REQUESTS_MAX: u32 = 500;

/// What a job takes beside its compilations, in seconds, since that is not recorded.
const SECONDS_PER_JOB: f64 = 30.0;

/// The load of the last requests, with the suite, durations and collectors of today. A collector is
/// taken to be as fast as what was measured last.
///
/// # Errors
/// [`FunctionsError::NotMeasured`] where nothing was asked for or measured; else when the store fails.
pub(crate) async fn recorded(context: &Context, seed: u64) -> Result<Load, FunctionsError> {
    let index = &context.store.index;
    let page = PageRequest::first(REQUESTS_MAX);
    let mut requests = index
        .requests(&RequestFilter::default(), &page)
        .await?
        .items;
    requests.sort_by_key(|request| request.created_at);
    let Some(first) = requests.first() else {
        return Err(FunctionsError::NotMeasured(
            "nothing was asked for here yet: without `--recorded` a load is made up".to_owned(),
        ));
    };
    let beginning = first.created_at.as_second();
    let configurations = index.configurations().await?;
    let mut parents = BTreeMap::new();
    for request in &requests {
        let head = &request.head.artifact;
        let artifact = index.artifact(head).await?;
        if let Some(parent) = artifact
            .and_then(|one| one.history)
            .and_then(|one| one.parent)
        {
            parents.insert(head.clone(), parent);
        }
    }
    let ids: Vec<ConfigurationId> = configurations.into_iter().map(|one| one.id).collect();
    let collectors = index.collectors().await?;
    Ok(Load {
        format: Load::VERSION,
        seed,
        seconds_per_job: SECONDS_PER_JOB,
        benchmarks: suite(context, &ids).await?,
        configurations: ids
            .iter()
            .map(|id| LoadConfiguration {
                id: id.clone(),
                slowness: 1.0,
            })
            .collect(),
        collectors: collectors
            .into_iter()
            .map(|one| LoadCollector {
                name: one.report.collector,
                configurations: one.report.configurations,
                slowness: 1.0,
                absences: Vec::new(),
                drains: Vec::new(),
            })
            .collect(),
        requests: requests
            .iter()
            .map(|request| load_request(request, beginning, &parents))
            .collect(),
    })
}

/// The suite of the first configuration that has one, with what its compilations took last.
async fn suite(
    context: &Context,
    configurations: &[ConfigurationId],
) -> Result<Vec<LoadBenchmark>, FunctionsError> {
    for id in configurations {
        let Some(catalogue) = catalogue(context, id).await? else {
            continue;
        };
        let durations = measured_durations(context, id).await?;
        let of = |name: &_| {
            let profiles = Profile::ALL.iter().copied();
            profiles
                .filter_map(|profile| {
                    let seconds = durations.seconds(name, profile)?;
                    Some(LoadDuration { profile, seconds })
                })
                .filter(|one| one.seconds > 0.0)
                .collect::<Vec<_>>()
        };
        let benchmarks = catalogue.benchmarks.into_iter();
        return Ok(benchmarks
            .map(|entry| LoadBenchmark {
                durations: of(&entry.name),
                entry,
            })
            .collect());
    }
    Err(FunctionsError::NotMeasured(
        "no collector has announced its suite here yet: start one by `collector run`".to_owned(),
    ))
}

fn load_request(
    request: &Request,
    beginning: i64,
    parents: &BTreeMap<ArtifactId, ArtifactId>,
) -> LoadRequest {
    let since = |at: jiff::Timestamp| u64::try_from(at.as_second() - beginning).unwrap_or(0);
    let cancelled = request.state == RequestState::Cancelled;
    LoadRequest {
        at_s: since(request.created_at),
        requester: request.requester.clone(),
        priority: request.priority,
        base: request.base.as_ref().map(|base| base.artifact.clone()),
        head: request.head.artifact.clone(),
        parent: parents.get(&request.head.artifact).cloned(),
        configurations: request.configurations.clone(),
        selection: request.selection.clone(),
        paired: request.paired,
        backfill: request.backfill,
        iterations: request.iterations.max(1),
        cancelled_at_s: request.finished_at.filter(|_| cancelled).map(since),
        paused: None,
    }
}
