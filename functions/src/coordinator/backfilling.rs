//! Of a base only that is measured which it lacks: what it has, and whether others still measure it.

use analysis::schedule::{WantedUnit, base_is_awaited, units, will_measure_base};
use shared_types::collector::SuiteCatalogue;
use shared_types::job::{Job, JobState, JobUnit};
use shared_types::job_units::RuntimeUnit;
use shared_types::request::{NewRequest, Request, RequestState, Selection};
use shared_types::run::Side;
use shared_types::{ArtifactId, ConfigurationId, ObjectKey, RequestId, TestCase};
use store::{PageRequest, RequestFilter};

use super::cutting::catalogue;
use super::{create_request_as, open_requests};
use crate::{Context, FunctionsError, run_values};

/// The units of a request's base that are measured under a configuration, or are going to be by other
/// requests. Empty where base is to be measured whole.
pub(super) async fn base_has(
    context: &Context,
    request: &Request,
    configuration: &ConfigurationId,
    catalogue: &SuiteCatalogue,
) -> Result<Vec<WantedUnit>, FunctionsError> {
    let Some(base) = request.base.as_ref().filter(|_| request.backfill) else {
        return Ok(Vec::new());
    };
    let side = Side::pooled(base.artifact.clone());
    let results = run_values::results_of_side(context, configuration, &side).await?;
    let mut has = Vec::new();
    for document in run_values::documents(context, &results).await? {
        let of_base = document
            .measurements
            .iter()
            .filter(|measurement| measurement.artifact == base.artifact);
        has.extend(
            of_base.filter_map(|measurement| match &measurement.test_case {
                TestCase::Compile {
                    benchmark,
                    profile,
                    scenario,
                } => Some(WantedUnit::Compile(JobUnit {
                    benchmark: benchmark.clone(),
                    profile: *profile,
                    scenarios: vec![scenario.clone()],
                })),
                TestCase::Runtime { group, benchmark } => Some(WantedUnit::Runtime(RuntimeUnit {
                    group: group.clone(),
                    benchmarks: vec![benchmark.clone()],
                })),
                _ => None,
            }),
        );
    }
    for result in &results {
        // Of what is measured of a toolchain, the job alone says which unit it was.
        if let ObjectKey::Result { job, .. } = &result.key
            && let Some(job) = context.store.index.job(*job).await?
        {
            has.extend(job.toolchain_units.into_iter().map(WantedUnit::Toolchain));
        }
    }
    let open = jobs_of_others(context, request).await?.into_iter();
    let of_base = open.filter(|job| {
        job.configuration == *configuration
            && !job.state.is_final()
            && job.runs.iter().any(|run| run.artifact == base.artifact)
    });
    has.extend(of_base.flat_map(|job| WantedUnit::of_job(&job)));
    for other in open_requests(context).await? {
        if will_measure_base(request, &other, configuration) {
            // Where its selection leaves nothing, it fails, and base is measured here.
            has.extend(units(catalogue, &other.selection).unwrap_or_default());
        }
    }
    Ok(has)
}

/// How many of the last requests that were cancelled are looked through.
const CANCELLED_MAX: u32 = 500;

/// Asks for what the base of a request lacks, where somebody who was to measure it was cancelled
/// meanwhile. Returns whether it is asked for now. It is asked for once: who cancels that, too, is heeded.
pub(super) async fn make_up(context: &Context, request: &Request) -> Result<bool, FunctionsError> {
    let Some(base) = request.base.as_ref().filter(|_| request.backfill) else {
        return Ok(false);
    };
    let id = request_for_base(request);
    let index = &context.store.index;
    if index.request(id).await?.is_some() || !was_let_down(context, request, &base.artifact).await?
    {
        return Ok(false);
    }
    let (mut configurations, mut include) = (Vec::new(), Vec::new());
    for configuration in &request.configurations {
        let Some(suite) = catalogue(context, configuration).await? else {
            continue;
        };
        let has = base_has(context, request, configuration, &suite).await?;
        let mut lacking = units(&suite, &request.selection).unwrap_or_default();
        lacking.retain(|unit| !unit.is_within(&has));
        if lacking.is_empty() {
            continue;
        }
        // A selection names crates whole: what base has of one already is measured once more.
        include.extend(lacking.iter().filter_map(|unit| match unit {
            WantedUnit::Compile(unit) => Some(unit.benchmark.clone()),
            _ => None,
        }));
        configurations.push(configuration.clone());
    }
    if configurations.is_empty() {
        return Ok(false);
    }
    include.sort();
    include.dedup();
    let wanted = NewRequest {
        base: None,
        head: base.artifact.clone(),
        configurations,
        selection: Selection {
            include: if only_compiles(request) {
                include
            } else {
                request.selection.include.clone()
            },
            ..request.selection.clone()
        },
        paired: false,
        against_parent: false,
        backfill: false,
        iterations: Some(request.iterations),
        precision: request.precision,
        self_profile: request.self_profile,
        time_limit_s: Some(request.time_limit_s),
        priority: request.priority,
        reason: Some(format!(
            "the base of {}, whose measuring was cancelled",
            request.id
        )),
    };
    create_request_as(context, id, &wanted, &request.requester).await?;
    tracing::info!(trace = %request.id, base = %id, "its base is measured for it after all");
    Ok(true)
}

/// Whether a selection is of crates alone, whose names tell them apart from what is not lacking.
fn only_compiles(request: &Request) -> bool {
    use shared_types::BenchmarkKind::{Runtime, Toolchain};
    ![Runtime, Toolchain]
        .into_iter()
        .any(|kind| request.selection.wants(kind))
}

/// Whether a request that was to measure an artifact was cancelled while another waited for it.
async fn was_let_down(
    context: &Context,
    request: &Request,
    artifact: &ArtifactId,
) -> Result<bool, FunctionsError> {
    let filter = RequestFilter {
        states: vec![RequestState::Cancelled],
    };
    let page = PageRequest::first(CANCELLED_MAX);
    let cancelled = context.store.index.requests(&filter, &page).await?.items;
    Ok(cancelled.iter().any(|other| {
        let since = other.finished_at.is_some_and(|at| at >= request.created_at);
        since && other.runs().any(|run| run.artifact == *artifact)
    }))
}

/// The one request that makes up for a base: its id follows from that of the request that needs it.
fn request_for_base(request: &Request) -> RequestId {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(format!("base of {}", request.id));
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    let at = u64::try_from(request.created_at.as_millisecond()).unwrap_or(0);
    RequestId::from_parts(at, &random)
}

/// Whether a request has nothing to compare with yet, since others still measure its base.
pub(super) async fn awaits_base(
    context: &Context,
    request: &Request,
) -> Result<bool, FunctionsError> {
    if !request.backfill {
        return Ok(false);
    }
    let jobs = jobs_of_others(context, request).await?;
    let open = open_requests(context).await?;
    let is_to_come = open.iter().any(|other| {
        let mut configurations = request.configurations.iter();
        configurations.any(|id| will_measure_base(request, other, id))
    });
    Ok(is_to_come || base_is_awaited(request, &jobs))
}

/// The jobs of the other open requests that measure a request's base, and are not at their end.
async fn jobs_of_others(context: &Context, request: &Request) -> Result<Vec<Job>, FunctionsError> {
    let Some(base) = &request.base else {
        return Ok(Vec::new());
    };
    let mut jobs = Vec::new();
    for other in open_requests(context).await? {
        let measures_base = other.runs().any(|run| run.artifact == base.artifact);
        if other.id != request.id && measures_base {
            jobs.extend(context.store.index.jobs_of_request(other.id).await?);
        }
    }
    jobs.retain(|job| {
        !matches!(
            job.state,
            JobState::Done | JobState::Failed | JobState::Cancelled
        )
    });
    Ok(jobs)
}
