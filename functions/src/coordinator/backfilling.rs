//! Of a base only that is measured which it lacks: what it has, and whether others still measure it.

use analysis::schedule::{WantedUnit, base_is_awaited, units, will_measure_base};
use shared_types::collector::SuiteCatalogue;
use shared_types::job::{Job, JobState, JobUnit};
use shared_types::job_units::RuntimeUnit;
use shared_types::request::Request;
use shared_types::run::Side;
use shared_types::{ConfigurationId, ObjectKey, TestCase};

use super::open_requests;
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
