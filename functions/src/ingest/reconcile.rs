//! Reconciliation: finds what no event told of, since events are now and then lost.

use std::collections::BTreeSet;
use std::str::FromStr;

use shared_types::api::PAGE_LIMIT_MAX;
use shared_types::request::RequestState;
use shared_types::{ArtifactId, ObjectKey, RunId};
use store::{PageRequest, RequestFilter};

use super::{Ingested, ingest_object};
use crate::{Context, FunctionsError, compare};

/// How many objects one page of the listing holds.
const PAGE_OBJECTS: usize = 1000;
/// How many of the last requests are looked at for comparisons that are missing.
const REQUESTS_MAX: u32 = 200;
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

/// Takes in every stored result that is not indexed, and makes every comparison that is missing of
/// the last requests and runs. Runs when a server starts and every hour.
///
/// # Errors
/// When the store fails; what was done until then stays done.
pub async fn reconcile(context: &Context) -> Result<Reconciled, FunctionsError> {
    let mut reconciled = Reconciled::default();
    let mut after: Option<String> = None;
    loop {
        let objects = &context.store.objects;
        let page = objects
            .list("results/", after.as_deref(), PAGE_OBJECTS)
            .await?;
        for key in &page.keys {
            take_in(context, key, &mut reconciled).await?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    reconciled.comparisons = missing_comparisons(context).await?;
    Ok(reconciled)
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
    for request in requests.items {
        let known = index.comparisons_of_request(request.id).await?;
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
