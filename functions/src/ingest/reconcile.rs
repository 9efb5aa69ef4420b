//! Reconciliation: finds what no event told of, since events are now and then lost.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use shared_types::api::PAGE_LIMIT_MAX;
use shared_types::request::RequestState;
use shared_types::{ArtifactId, JobId, ObjectKey, RunId};
use store::{PageRequest, RequestFilter};

use super::{Ingested, ingest_object};
use crate::{Context, FunctionsError, compare, coordinator, retraction, series_changes};

/// How many objects one page of the listing holds.
const PAGE_OBJECTS: usize = 1000;
/// How many of the last requests are looked at for comparisons that are missing.
const REQUESTS_MAX: u32 = 200;
/// The comments of requests that ended within this time are written once more, which is two
/// reconciliations.
const LATELY: SignedDuration = SignedDuration::from_hours(2);
/// How many of the last cancelled requests are looked at for jobs that are left.
const CANCELLED_MAX: u32 = 20;
/// How many of the last runs of a configuration are looked at for comparisons that are missing.
const RUNS_MAX: u32 = 20;

/// What a reconciliation found and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Results that were stored and not indexed, and now are.
    pub results: u64,
    /// Objects that could not be taken in; each was reported.
    pub refused: u64,
    /// Comparisons that were missing.
    pub comparisons: u64,
}

/// How far back a reconciliation looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// At everything that was ever stored.
    Everything,
    /// At what was stored for jobs of registered configurations that were made in the last 45
    /// days, three times as long as a queue keeps a message: what is older was looked at before.
    Recent,
}

/// How old a job may be whose results are looked for by [`Reach::Recent`].
const RECENT: SignedDuration = SignedDuration::from_hours(45 * 24);

/// Takes in every stored result that is not indexed, carries on what was left of retractions, makes every comparison that is missing of the
/// last requests and runs, brings the changes of all series up to date, and ends what was left of
/// requests that were cancelled half way. Runs when a server starts and every hour.
///
/// # Errors
/// When the store fails; what was done until then stays done.
#[tracing::instrument(name = "reconcile", skip_all)]
pub async fn reconcile(context: &Context, reach: Reach) -> Result<Reconciled, FunctionsError> {
    let mut reconciled = Reconciled::default();
    match reach {
        Reach::Everything => take_in_all(context, "results/", None, &mut reconciled).await?,
        Reach::Recent => {
            let oldest = oldest_job(context.now());
            for configuration in context.store.index.configurations().await? {
                // The keys of a configuration are in the order in which their jobs were made.
                let prefix = format!("results/v1/{}/", configuration.id);
                let after = format!("{prefix}{oldest}");
                take_in_all(context, &prefix, Some(after), &mut reconciled).await?;
            }
        }
    }
    retraction::carry_out_open(context).await?;
    reconciled.comparisons = missing_comparisons(context).await?;
    for configuration in context.store.index.configurations().await? {
        series_changes::bring_up_to_date(context, &configuration.id).await?;
    }
    end_cancelled(context).await?;
    tracing::info!(
        ?reconciled,
        "what is stored was held against what is indexed"
    );
    Ok(reconciled)
}

/// The smallest id of a job that was made [`RECENT`] ago.
fn oldest_job(now: Timestamp) -> JobId {
    let made_at = now.as_millisecond() - i64::try_from(RECENT.as_millis()).unwrap_or(i64::MAX);
    JobId::from_parts(u64::try_from(made_at).unwrap_or(0), &[0; 10])
}

async fn take_in_all(
    context: &Context,
    prefix: &str,
    mut after: Option<String>,
    reconciled: &mut Reconciled,
) -> Result<(), FunctionsError> {
    loop {
        let objects = &context.store.objects;
        let page = objects.list(prefix, after.as_deref(), PAGE_OBJECTS).await?;
        for key in &page.keys {
            take_in(context, key, reconciled).await?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Cancels what jobs of cancelled requests are left: where the store cancels them one after the
/// other, whoever did it may have ended half way.
async fn end_cancelled(context: &Context) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let filter = RequestFilter {
        states: vec![RequestState::Cancelled],
    };
    let page = PageRequest::first(CANCELLED_MAX);
    for request in index.requests(&filter, &page).await?.items {
        let jobs = index.jobs_of_request(request.id).await?;
        if jobs.iter().any(|job| !job.state.is_final()) {
            let (state, note) = (RequestState::Cancelled, request.note.as_deref());
            index
                .set_request_state(request.id, state, note, context.now())
                .await?;
        }
    }
    Ok(())
}

async fn take_in(
    context: &Context,
    key: &str,
    reconciled: &mut Reconciled,
) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let key = match ObjectKey::from_str(key) {
        Ok(key) => key,
        Err(error) => {
            let message = format!("{error}: an object with a foreign name was stored; move it");
            index
                .report_problem("object storage", &message, context.now())
                .await?;
            reconciled.refused += 1;
            return Ok(());
        }
    };
    if index.is_indexed(&key).await? {
        return Ok(());
    }
    match ingest_object(context, &key).await? {
        Ingested::Counted | Ingested::Duplicate => reconciled.results += 1,
        Ingested::Refused { .. } => reconciled.refused += 1,
        Ingested::NotAResult => {}
    }
    Ok(())
}

async fn missing_comparisons(context: &Context) -> Result<u64, FunctionsError> {
    let index = &context.store.index;
    let filter = RequestFilter {
        states: vec![
            RequestState::Waiting,
            RequestState::Running,
            RequestState::Done,
        ],
    };
    let mut made = 0;
    let requests = index
        .requests(&filter, &PageRequest::first(REQUESTS_MAX))
        .await?;
    let lately = context.now() - LATELY;
    for request in requests.items {
        let known = index.comparisons_of_request(request.id).await?;
        if request.finished_at.is_some_and(|at| at >= lately) {
            coordinator::tell_end(context, request.id).await?;
        }
        for configuration in &request.configurations {
            if known.iter().all(|one| one.configuration != *configuration)
                && compare::compare_request(context, &request, configuration).await?
            {
                made += 1;
            }
        }
    }
    for configuration in index.configurations().await? {
        let known = index
            .comparisons(&configuration.id, &PageRequest::first(PAGE_LIMIT_MAX))
            .await?;
        let compared: BTreeSet<&ArtifactId> = known
            .items
            .iter()
            .map(|comparison| &comparison.head.artifact)
            .collect();
        let runs = index
            .runs(&configuration.id, &PageRequest::first(RUNS_MAX))
            .await?;
        for run in runs.items {
            if compared.contains(&run.artifact) {
                continue;
            }
            let run = RunId {
                artifact: run.artifact,
                configuration: run.configuration,
            };
            if compare::compare_with_parent(context, &run).await? {
                made += 1;
            }
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_job_that_is_looked_for_was_made_before_any_recent_one() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let made = |hours: i64| {
            let at = now - SignedDuration::from_hours(hours);
            JobId::from_parts(at.as_millisecond().unsigned_abs(), &[7; 10]).to_string()
        };
        let oldest = oldest_job(now).to_string();
        assert!(oldest < made(45 * 24 - 1));
        assert!(oldest > made(45 * 24 + 1));
    }
}
