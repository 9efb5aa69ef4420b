//! What the coordinator asks for of its own accord: from time to time the newest artifact against
//! itself, which is the only honest way to know how often noise alone is called a change.
//!
//! What is asked for is noted in the upkeep first, with the id of the request to come, so that of
//! two coordinators at once only one asks. Where one ended right behind that note, the next makes
//! the request, under the same id.

use std::collections::BTreeSet;

use analysis::schedule::upkeep::{ConfigurationStanding, a_a_due};
use jiff::SignedDuration;
use shared_types::request::{NewRequest, Request, Selection};
use shared_types::run::Side;
use shared_types::test_case::ScenarioKind;
use shared_types::upkeep::{OwnMeasuring, Purpose, Upkeep};
use shared_types::{ArtifactId, ConfigurationId, ObjectKey, Profile, RequestId, RunId};
use store::PageRequest;

use super::new_request::create_request_as;
use crate::{Context, FunctionsError, run_values, upkeep};

/// Who asks.
pub(crate) const REQUESTER: &str = "the coordinator";
/// Behind all that people ask for.
const A_A_PRIORITY: i32 = -1000;
/// How many of the last runs are looked at for one that a collector measured.
const RUNS_MAX: u32 = 20;
/// So long a request that was noted and not made is made after all.
const MADE_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Asks for what a configuration is due, `open` being all requests that are not at their end.
/// Returns how many requests were made.
pub(super) async fn ask(
    context: &Context,
    configuration: &ConfigurationId,
    open: &[Request],
) -> Result<u64, FunctionsError> {
    make_noted_requests(context, configuration).await?;
    Ok(u64::from(ask_for_a_a(context, configuration, open).await?))
}

/// Asks for an A/A measuring of a configuration, if one is due. Returns whether it did.
async fn ask_for_a_a(
    context: &Context,
    configuration: &ConfigurationId,
    open: &[Request],
) -> Result<bool, FunctionsError> {
    let hosts = hosts(context, configuration).await?;
    if hosts == 0 || !is_idle(context, configuration, open).await? {
        return Ok(false);
    }
    let Some(newest) = newest_measured(context, configuration).await? else {
        return Ok(false);
    };
    let known = context.store.index.upkeep(configuration).await?;
    if known.is_none() {
        // From now on there is a time to count from.
        upkeep::change(context, configuration, |_| Some(())).await?;
        return Ok(false);
    }
    let due = |upkeep: &Upkeep| {
        let standing = ConfigurationStanding {
            now: context.now(),
            is_idle: true,
            hosts,
            newest: Some(&newest),
            upkeep,
        };
        a_a_due(&standing, context.settings.upkeep)
    };
    if known.as_ref().and_then(due).is_none() {
        return Ok(false);
    }
    let request = context.new_request_id()?;
    let noted = upkeep::change(context, configuration, |upkeep| {
        let artifact = due(upkeep)?;
        upkeep.ask(OwnMeasuring {
            request,
            asked_at: context.now(),
            purpose: Purpose::AA {
                artifact: artifact.clone(),
            },
        });
        Some(artifact)
    });
    let Some(artifact) = noted.await? else {
        return Ok(false);
    };
    request_a_a(context, configuration, request, &artifact).await?;
    Ok(true)
}

/// Makes the A/A requests that were noted lately and are not there.
async fn make_noted_requests(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let Some(upkeep) = index.upkeep(configuration).await? else {
        return Ok(());
    };
    for asked in upkeep.own_measurings.iter().rev() {
        if context.now().duration_since(asked.asked_at) > MADE_WITHIN {
            break;
        }
        let Purpose::AA { artifact } = &asked.purpose else {
            continue;
        };
        if index.request(asked.request).await?.is_none() {
            request_a_a(context, configuration, asked.request, artifact).await?;
        }
    }
    Ok(())
}

async fn request_a_a(
    context: &Context,
    configuration: &ConfigurationId,
    id: RequestId,
    artifact: &ArtifactId,
) -> Result<(), FunctionsError> {
    let wanted = NewRequest {
        base: Some(artifact.clone()),
        head: artifact.clone(),
        configurations: vec![configuration.clone()],
        // The cheapest that still measures every benchmark.
        selection: Selection {
            profiles: vec![Profile::Check],
            scenarios: vec![ScenarioKind::Full],
            ..Selection::default()
        },
        paired: false,
        against_parent: false,
        backfill: false,
        iterations: None,
        precision: None,
        self_profile: false,
        time_limit_s: None,
        priority: A_A_PRIORITY,
        reason: Some("A/A: how often is noise alone called a change here?".to_owned()),
    };
    create_request_as(context, id, &wanted, REQUESTER).await?;
    tracing::info!(trace = %id, %configuration, "an A/A measuring was asked for");
    Ok(())
}

/// How many hosts could measure now.
pub(super) async fn hosts(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<u32, FunctionsError> {
    let now = context.now();
    let collectors = context.store.index.collectors().await?;
    let hosts: BTreeSet<&str> = collectors
        .iter()
        .filter(|collector| collector.report.configurations.contains(configuration))
        .filter(|collector| collector.is_alive(now) && !collector.draining)
        .map(|collector| collector.report.host.name.as_str())
        .collect();
    Ok(u32::try_from(hosts.len()).unwrap_or(u32::MAX))
}

/// Whether all that was asked for is measured.
async fn is_idle(
    context: &Context,
    configuration: &ConfigurationId,
    open: &[Request],
) -> Result<bool, FunctionsError> {
    if open
        .iter()
        .any(|request| request.configurations.contains(configuration))
    {
        return Ok(false);
    }
    let counts = context.store.index.job_counts(configuration).await?;
    Ok(counts.pending + counts.queued + counts.running == 0)
}

/// The artifact that a collector measured last: what was imported is not there to be measured.
async fn newest_measured(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<Option<ArtifactId>, FunctionsError> {
    let index = &context.store.index;
    let runs = index
        .runs(configuration, &PageRequest::first(RUNS_MAX))
        .await?;
    for run in runs.items.iter().filter(|run| run.measured_at.is_some()) {
        let id = RunId {
            artifact: run.artifact.clone(),
            configuration: configuration.clone(),
        };
        let side = Side::pooled(id.artifact.clone());
        let results = run_values::results_of_side(context, configuration, &side).await?;
        let Some(ObjectKey::Result { job, .. }) = results.last().map(|result| &result.key) else {
            continue;
        };
        if index.job(*job).await?.is_some() {
            return Ok(Some(id.artifact));
        }
    }
    Ok(None)
}
