//! Compares what became complete: the pair of a request, and an artifact with its parent.

use shared_types::comparison::Comparison;
use shared_types::format::Versioned;
use shared_types::notices::{RetractionMoved, RunCompleted};
use shared_types::request::Request;
use shared_types::result_document::MeasuredRun;
use shared_types::run::{Side, SidePair};
use shared_types::{ConfigurationId, Replicate, RunId};

use super::{ComparisonQuery, compute_and_keep};
use crate::{Context, FunctionsError, disturbance, retraction, run_values, series_changes};

/// How many artifacts behind one are looked at for its children. A child follows at once, but where
/// the ordinals of a line are dates.
const SUCCESSORS: u32 = 10;

/// Makes the comparisons that a complete run makes possible: that of its request, and that with its
/// parent. A run whose other side is not complete yet is compared when that is. Then finds what
/// changed in the series that the run is a part of. What rests on results that were retracted is made
/// again here as well, since it is the same work.
///
/// # Errors
/// When the message cannot be read, or the store fails.
#[tracing::instrument(name = "compare", skip_all, fields(trace, run))]
pub async fn handle(context: &Context, body: &str) -> Result<(), FunctionsError> {
    if let Ok(moved) = RetractionMoved::from_json(body.as_bytes()) {
        return retraction::carry_out(context, moved.retraction).await;
    }
    let message = RunCompleted::from_json(body.as_bytes())?;
    let span = tracing::Span::current();
    span.record("run", message.run.artifact.to_string());
    if let Some(request) = message.request {
        span.record("trace", request.to_string());
    }
    // Before anything is compared: what is set aside is no baseline.
    disturbance::judge_run(context, &message.configuration, &message.run).await?;
    if let Some(id) = message.request
        && let Some(request) = context.store.index.request(id).await?
    {
        compare_request(context, &request, &message.configuration).await?;
    }
    let run = RunId {
        artifact: message.run.artifact,
        configuration: message.configuration,
    };
    compare_with_parent(context, &run).await?;
    compare_with_children(context, &run).await?;
    series_changes::bring_up_to_date(context, &run.configuration).await
}

/// Compares what was measured before its parent was: results arrive in any order.
async fn compare_with_children(context: &Context, run: &RunId) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let artifact = index.artifact(&run.artifact).await?;
    let Some(position) = artifact.and_then(|artifact| artifact.history) else {
        return Ok(());
    };
    for next in index.successors(&position, SUCCESSORS).await? {
        let parent = next.history.and_then(|history| history.parent);
        if parent.as_ref() != Some(&run.artifact) {
            continue;
        }
        let child = RunId {
            artifact: next.id,
            configuration: run.configuration.clone(),
        };
        compare_with_parent(context, &child).await?;
    }
    Ok(())
}

/// Compares head and base of a request under one of its configurations, if both are complete.
/// Returns whether they were.
///
/// # Errors
/// When the store fails.
pub async fn compare_request(
    context: &Context,
    request: &Request,
    configuration: &ConfigurationId,
) -> Result<bool, FunctionsError> {
    let Some(base) = &request.base else {
        return Ok(false);
    };
    // What base lacked is a replicate of its own, and what it had is none of this request's.
    let base_is_complete = if request.backfill {
        let run = RunId {
            artifact: base.artifact.clone(),
            configuration: configuration.clone(),
        };
        is_measured(context, &run).await?
    } else {
        is_complete(context, configuration, base).await?
    };
    if !base_is_complete || !is_complete(context, configuration, &request.head).await? {
        return Ok(false);
    }
    let query = ComparisonQuery {
        configuration: configuration.clone(),
        sides: sides(request, base),
        metric: None,
        method: None,
    };
    let Some(comparison) = keep(context, &query, Some(request)).await? else {
        return Ok(false);
    };
    let mut metrics = crate::policy_in_force::policy_in_force(context)
        .await?
        .metrics;
    if request.is_a_a() {
        // How often noise is called a change is a question of every metric.
        metrics = comparison
            .metrics
            .iter()
            .map(|one| one.name.clone())
            .collect();
    }
    for metric in metrics {
        let is_new = metric != comparison.metric_details.name;
        if is_new
            && comparison
                .metrics
                .iter()
                .any(|shared| shared.name == metric)
        {
            let query = ComparisonQuery {
                metric: Some(metric),
                ..query.clone()
            };
            keep(context, &query, Some(request)).await?;
        }
    }
    Ok(true)
}

/// Compares an artifact with its parent in history, if both are complete. Returns whether a
/// comparison was made that was not there.
///
/// # Errors
/// When the store fails.
pub async fn compare_with_parent(context: &Context, run: &RunId) -> Result<bool, FunctionsError> {
    let index = &context.store.index;
    let artifact = index.artifact(&run.artifact).await?;
    let Some(parent) = artifact
        .and_then(|artifact| artifact.history)
        .and_then(|history| history.parent)
    else {
        return Ok(false);
    };
    let parent = RunId {
        artifact: parent,
        configuration: run.configuration.clone(),
    };
    if !is_measured(context, run).await? || !is_measured(context, &parent).await? {
        return Ok(false);
    }
    let query = ComparisonQuery {
        configuration: run.configuration.clone(),
        sides: SidePair {
            base: Side::pooled(parent.artifact),
            head: Side::pooled(run.artifact.clone()),
        },
        metric: None,
        method: None,
    };
    Ok(keep(context, &query, None).await?.is_some())
}

/// Replicates are pooled, except where one artifact is compared with itself.
fn sides(request: &Request, base: &MeasuredRun) -> SidePair {
    let side = |run: &MeasuredRun| Side {
        artifact: run.artifact.clone(),
        replicate: request.is_a_a().then_some(run.replicate),
    };
    SidePair {
        base: side(base),
        head: side(&request.head),
    }
}

/// Makes and keeps a comparison. Where there is nothing to compare, this is reported and is no
/// failure: trying again would not change it.
async fn keep(
    context: &Context,
    query: &ComparisonQuery,
    request: Option<&Request>,
) -> Result<Option<Comparison>, FunctionsError> {
    match compute_and_keep(context, query, request.map(|request| request.id)).await {
        Ok(comparison) => {
            let configuration = &query.configuration;
            tracing::info!(%configuration, verdict = ?comparison.verdict, "a comparison was made");
            Ok(Some(comparison))
        }
        Err(
            error @ (FunctionsError::NotMeasured(_)
            | FunctionsError::Analysis(_)
            | FunctionsError::Input(_)),
        ) => {
            let subject = format!("{} under {}", query.sides, query.configuration);
            let index = &context.store.index;
            index
                .report_problem(&subject, &error.to_string(), context.now())
                .await?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn is_complete(
    context: &Context,
    configuration: &ConfigurationId,
    run: &MeasuredRun,
) -> Result<bool, FunctionsError> {
    let id = RunId {
        artifact: run.artifact.clone(),
        configuration: configuration.clone(),
    };
    has_results_and_no_jobs_left(context, &id, Some(run.replicate)).await
}

async fn is_measured(context: &Context, run: &RunId) -> Result<bool, FunctionsError> {
    has_results_and_no_jobs_left(context, run, None).await
}

async fn has_results_and_no_jobs_left(
    context: &Context,
    run: &RunId,
    replicate: Option<Replicate>,
) -> Result<bool, FunctionsError> {
    let mut replicates = context.store.index.run(run).await?;
    replicates.retain(|one| replicate.is_none_or(|wanted| wanted == one.replicate));
    let measured = replicates.iter().any(|one| one.measured_at.is_some());
    if !measured || replicates.iter().any(|one| one.jobs_left > 0) {
        return Ok(false);
    }
    // What was retracted is as if it had never been measured.
    let side = Side {
        artifact: run.artifact.clone(),
        replicate,
    };
    let counting = run_values::results_of_side(context, &run.configuration, &side).await?;
    Ok(!counting.is_empty())
}
