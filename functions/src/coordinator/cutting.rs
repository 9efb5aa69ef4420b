//! Cuts a request into the jobs of each of its configurations, as soon as a collector of that
//! configuration has said what it can measure.

use std::cmp::Reverse;

use shared_types::collector::{CollectorRecord, SuiteCatalogue};
use shared_types::format::Versioned;
use shared_types::request::{Request, RequestState};
use shared_types::{ConfigurationId, ObjectKey};
use store::NewJobs;

use super::compilers::{self, Awaited};
use super::{backfilling, durations, own_measurings};
use crate::{Context, FunctionsError};

/// Cuts what of a request can be cut now. Returns how many jobs that gave.
pub(super) async fn cut_request(
    context: &Context,
    request: &Request,
) -> Result<u64, FunctionsError> {
    if request.state != RequestState::Waiting {
        return Ok(0);
    }
    let index = &context.store.index;
    let cut_already = index.jobs_of_request(request.id).await?;
    // All are planned before any is made: a request that cannot be cut under one configuration is
    // not to be measured under the others either.
    let mut planned: Vec<NewJobs> = Vec::new();
    let mut waits_for: Vec<String> = Vec::new();
    for configuration in &request.configurations {
        if cut_already
            .iter()
            .any(|job| job.configuration == *configuration)
        {
            continue;
        }
        let Some(catalogue) = catalogue(context, configuration).await? else {
            waits_for.push(format!(
                "a collector of `{configuration}`: start one with `collector run --configuration …`"
            ));
            continue;
        };
        match compilers::awaited(context, request, configuration).await? {
            Awaited::Nothing => {}
            Awaited::Compiler(reason) => {
                waits_for.push(reason);
                continue;
            }
            Awaited::TooLong(reason) => {
                fail(context, request, &reason).await?;
                return Ok(0);
            }
        }
        match plan(context, request, configuration, &catalogue).await? {
            Ok(jobs) => planned.push(jobs),
            Err(reason) => {
                fail(context, request, &reason).await?;
                return Ok(0);
            }
        }
    }
    let mut jobs_cut = 0;
    for new in planned {
        if index.create_jobs(&new).await? {
            jobs_cut += new.jobs.len() as u64;
        }
    }
    if jobs_cut > 0 {
        tracing::info!(trace = %request.id, jobs = jobs_cut, "a request was cut into jobs");
    }
    note_standing(context, request, &waits_for).await?;
    Ok(jobs_cut)
}

async fn fail(context: &Context, request: &Request, reason: &str) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    index
        .set_request_state(
            request.id,
            RequestState::Failed,
            Some(reason),
            context.now(),
        )
        .await?;
    Ok(())
}

/// Says what a request waits for, or that it runs.
async fn note_standing(
    context: &Context,
    request: &Request,
    waits_for: &[String],
) -> Result<(), FunctionsError> {
    let (state, note) = if waits_for.is_empty() {
        (RequestState::Running, None)
    } else {
        let note = format!("waiting for {}", waits_for.join("; and for "));
        (RequestState::Waiting, Some(note))
    };
    if request.state == state && request.note == note {
        return Ok(());
    }
    let index = &context.store.index;
    index
        .set_request_state(request.id, state, note.as_deref(), context.now())
        .await?;
    Ok(())
}

/// The suite of a configuration's collectors: that of the one that was heard of last, those that
/// are alive and not draining before the others.
pub(crate) async fn catalogue(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<Option<SuiteCatalogue>, FunctionsError> {
    let now = context.now();
    let collectors = context.store.index.collectors().await?;
    let mut serving: Vec<CollectorRecord> = collectors
        .into_iter()
        .filter(|collector| collector.report.configurations.contains(configuration))
        .collect();
    serving.sort_by_key(|collector| {
        Reverse((
            collector.is_alive(now) && !collector.draining,
            collector.last_seen_at,
        ))
    });
    for collector in serving {
        let key = ObjectKey::Suite {
            content_hash: collector.report.suite.clone(),
        };
        if let Some(catalogue) = read_catalogue(context, &collector, &key).await? {
            return Ok(Some(catalogue));
        }
    }
    Ok(None)
}

async fn read_catalogue(
    context: &Context,
    collector: &CollectorRecord,
    key: &ObjectKey,
) -> Result<Option<SuiteCatalogue>, FunctionsError> {
    let problem = match context.store.objects.get(key).await? {
        None => format!("it announced the suite {key}, which it never stored: restart it"),
        Some((bytes, _)) => match SuiteCatalogue::from_json(&bytes) {
            Ok(catalogue) => return Ok(Some(catalogue)),
            Err(error) => format!("its suite {key} cannot be understood: {error}"),
        },
    };
    let subject = format!("collector {}", collector.report.collector);
    let index = &context.store.index;
    index
        .report_problem(&subject, &problem, context.now())
        .await?;
    Ok(None)
}

/// The jobs of one configuration, or why there can be none.
async fn plan(
    context: &Context,
    request: &Request,
    configuration: &ConfigurationId,
    catalogue: &SuiteCatalogue,
) -> Result<Result<NewJobs, String>, FunctionsError> {
    let durations = durations::measured(context, configuration).await?;
    let hosts = own_measurings::hosts(context, configuration).await?;
    let base_has = backfilling::base_has(context, request, configuration, catalogue).await?;
    let planned = match analysis::schedule::cut(request, catalogue, &durations, hosts, &base_has) {
        Ok(planned) => planned,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let now = context.now();
    let mut jobs = Vec::with_capacity(planned.len());
    for job in planned {
        let id = context.new_job_id()?;
        jobs.push(job.into_job(id, request, configuration, now));
    }
    // Jobs that were made within one millisecond have random ids, and ids are their order.
    let mut ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    ids.sort();
    for (job, id) in jobs.iter_mut().zip(ids) {
        job.id = id;
    }
    Ok(Ok(NewJobs {
        request: request.id,
        configuration: configuration.clone(),
        jobs,
    }))
}
