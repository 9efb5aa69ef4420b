//! Ingest: takes in each result that lands in object storage.
//!
//! A storage event names an object. The object is read, checked and indexed, its job is done with
//! it, the series of its configuration are brought up to date, and every run that became complete
//! is handed on to be compared. Events are doubled, reordered and now and then lost, so every step
//! may be repeated, and [`reconcile`] finds what no event told of.
//!
//! What cannot be understood stays where it is and is reported.

mod reconcile;

use shared_types::events::created_objects;
use shared_types::notices::RunCompleted;
use shared_types::result_document::{MeasuredRun, Origin, ResultDocument};
use shared_types::{Artifact, JobId, ObjectKey, RequestId, RunId};
use store::{CollectedResult, Completion, QueueName, StoreError};

pub use reconcile::{Reach, Reconciled, reconcile};

use crate::{
    Context, FunctionsError, coordinator, messages, result_objects, retraction, series_blocks,
};

/// What taking in an object came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ingested {
    /// It counts, now or since earlier.
    Counted,
    /// An earlier attempt at its job counts; this one is kept beside.
    Duplicate,
    /// It is not a result, and nothing is to be done with it.
    NotAResult,
    /// It could not be taken in. It stays where it is, and the reason was reported.
    Refused {
        /// Why, and what to do.
        reason: String,
    },
}

/// Takes in every object that a storage event names. One that cannot be understood does not keep
/// the others back.
///
/// # Errors
/// When the event cannot be read or an object was refused, both of which trying again does not
/// mend ([`FunctionsError::is_permanent`]); or when the store fails, and the whole event is to be
/// tried again.
pub async fn handle(context: &Context, body: &str) -> Result<(), FunctionsError> {
    let mut refused = Vec::new();
    for key in created_objects(body)? {
        let outcome = match key {
            Ok(key) => ingest_object(context, &key).await?,
            Err(error) => {
                let reason = format!("{error}: an object with a foreign name was stored; move it");
                report(context, "object storage", reason).await?
            }
        };
        if let Ingested::Refused { reason } = outcome {
            refused.push(reason);
        }
    }
    if refused.is_empty() {
        Ok(())
    } else {
        Err(FunctionsError::Refused(refused.join("; ")))
    }
}

/// Takes in one object.
///
/// # Errors
/// When the store fails; the object may then be tried again.
#[tracing::instrument(name = "ingest", skip_all, fields(trace, %key))]
pub async fn ingest_object(context: &Context, key: &ObjectKey) -> Result<Ingested, FunctionsError> {
    let ObjectKey::Result { job, .. } = key else {
        return Ok(Ingested::NotAResult);
    };
    let request = context.store.index.job(*job).await?.map(|job| job.request);
    let trace = request.map_or_else(|| job.to_string(), |request| request.to_string());
    tracing::Span::current().record("trace", trace);
    if is_known_import(context, key, *job).await? {
        return Ok(Ingested::Counted);
    }
    let Some((bytes, _)) = context.store.objects.get(key).await? else {
        let reason = "a storage event names it, and it is not there: if it was removed by hand, \
                      nothing is to be done; else ask for its job once more";
        return report(context, &key.to_string(), reason.to_owned()).await;
    };
    let document = match result_objects::decode(key, &bytes) {
        Ok(document) => document,
        Err(error) => {
            let reason = format!(
                "{error}. The object stays where it is; ask for its job once more with \
                 `perfleet retry {job}`"
            );
            return report(context, &key.to_string(), reason).await;
        }
    };
    if let Some(reason) = refusal(context, &document).await? {
        return report(context, &key.to_string(), reason).await;
    }
    let request = request.filter(|_| document.origin == Origin::Collector);
    index(context, key, &document, request).await
}

/// An import indexes and draws its results itself; the events of its thousands of objects have
/// nothing to add.
async fn is_known_import(
    context: &Context,
    key: &ObjectKey,
    job: JobId,
) -> Result<bool, FunctionsError> {
    let results = context.store.index.results_of_job(job).await?;
    Ok(results
        .iter()
        .any(|result| result.key == *key && result.origin == Origin::Import))
}

/// Why the configuration of a document does not let it in, or `None` where it does.
async fn refusal(
    context: &Context,
    document: &ResultDocument,
) -> Result<Option<String>, FunctionsError> {
    let id = &document.configuration;
    let Some(configuration) = context.store.index.configuration(id).await? else {
        return Ok(Some(format!(
            "it was measured under the configuration `{id}`, which is not registered: register it \
             with `perfleet configuration add FILE`; the result is then taken in within the hour"
        )));
    };
    if configuration.record == document.record {
        return Ok(None);
    }
    Ok(Some(format!(
        "it says that `{id}` is {:?}, and registered is {:?}: another record is another \
         configuration; give one of the two another name and measure again",
        document.record, configuration.record
    )))
}

async fn index(
    context: &Context,
    key: &ObjectKey,
    document: &ResultDocument,
    request: Option<RequestId>,
) -> Result<Ingested, FunctionsError> {
    let collected = collected_result(key, document);
    let completion = match context.store.index.complete_job(&collected).await {
        Ok(completion) => completion,
        Err(error @ StoreError::NotFound { .. }) => {
            let reason = format!(
                "{error}: the result is of a job that this server never made; if the index was \
                 restored from a backup, it is older than the result"
            );
            return report(context, &key.to_string(), reason).await;
        }
        Err(error @ StoreError::Conflict { .. }) => {
            let reason = format!("{error}: the collector did not do what its job asked for");
            return report(context, &key.to_string(), reason).await;
        }
        Err(error) => return Err(error.into()),
    };
    if completion == Completion::Duplicate {
        return Ok(Ingested::Duplicate);
    }
    if document.origin == Origin::Import {
        make_known(context, document).await?;
    }
    if matches!(completion, Completion::Counted { .. }) {
        retraction::note_arrival(context, key, document).await?;
    }
    // Also of a known result, since the attempt that indexed it may have ended right behind that.
    series_blocks::update(context, &document.configuration, &document.runs).await?;
    announce_complete_runs(context, document, request).await?;
    if let Some(request) = request {
        coordinator::announce(context, request).await;
    }
    tracing::info!("a result was taken in");
    Ok(Ingested::Counted)
}

/// Makes the compilers of a result that was measured elsewhere known by their names; those of a job
/// are known since its request was made.
async fn make_known(context: &Context, document: &ResultDocument) -> Result<(), FunctionsError> {
    let artifacts: Vec<Artifact> = document
        .runs
        .iter()
        .map(|run| Artifact::named(run.artifact.clone()))
        .collect();
    Ok(context.store.index.put_artifacts(&artifacts).await?)
}

/// Hands the runs of a document that have no jobs left on to be compared.
async fn announce_complete_runs(
    context: &Context,
    document: &ResultDocument,
    request: Option<RequestId>,
) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    for run in &document.runs {
        let id = RunId {
            artifact: run.artifact.clone(),
            configuration: document.configuration.clone(),
        };
        let replicates = index.run(&id).await?;
        let complete = replicates
            .iter()
            .any(|overview| overview.replicate == run.replicate && overview.jobs_left == 0);
        if complete {
            let message = RunCompleted::new(document.configuration.clone(), run.clone(), request);
            messages::send(context, &QueueName::Compare, &message).await?;
        }
    }
    Ok(())
}

/// What the index keeps of a document.
pub(crate) fn collected_result(key: &ObjectKey, document: &ResultDocument) -> CollectedResult {
    let test_cases = |run: &MeasuredRun| {
        let of_run = document
            .measurements
            .iter()
            .filter(|measurement| {
                measurement.artifact == run.artifact && measurement.replicate == run.replicate
            })
            .count();
        u32::try_from(of_run).unwrap_or(u32::MAX)
    };
    CollectedResult {
        key: key.clone(),
        job: document.job,
        attempt: document.attempt,
        origin: document.origin,
        configuration: document.configuration.clone(),
        runs: document
            .runs
            .iter()
            .map(|run| (run.clone(), test_cases(run)))
            .collect(),
        host: document.host.name.clone(),
        measured_at: document.finished_at,
        failures: document.failures.clone(),
    }
}

async fn report(
    context: &Context,
    subject: &str,
    reason: String,
) -> Result<Ingested, FunctionsError> {
    tracing::warn!(subject, reason, "an object could not be taken in");
    let index = &context.store.index;
    index
        .report_problem(subject, &reason, context.now())
        .await?;
    Ok(Ingested::Refused { reason })
}
