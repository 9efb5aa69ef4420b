//! Whether a result is what its job asked for.

use std::collections::BTreeSet;

use shared_types::api::FailureRecord;
use shared_types::job::Job;
use shared_types::result_document::{MeasuredRun, MeasuringFailure, Origin};

use crate::{CollectedResult, StoreError};

/// Refuses a result of another configuration or of other runs than its job names.
pub(crate) fn check_fits(result: &CollectedResult, job: &Job) -> Result<(), StoreError> {
    if result.configuration != job.configuration {
        let reason = format!(
            "was measured under {}, and its job is of {}",
            result.configuration, job.configuration
        );
        return Err(conflict(result, &reason));
    }
    let measured: BTreeSet<&MeasuredRun> = result.runs.iter().map(|(run, _)| run).collect();
    let wanted: BTreeSet<&MeasuredRun> = job.runs.iter().collect();
    if measured != wanted {
        return Err(conflict(result, "measured other runs than its job names"));
    }
    Ok(())
}

/// Refuses a result that was not imported.
pub(crate) fn check_imported(result: &CollectedResult) -> Result<(), StoreError> {
    if result.origin == Origin::Import {
        return Ok(());
    }
    Err(conflict(
        result,
        "was not imported, and has a job to complete",
    ))
}

/// The failures of a result that are of one run.
pub(crate) fn failures_of<'a>(
    result: &'a CollectedResult,
    run: &'a MeasuredRun,
) -> impl Iterator<Item = &'a MeasuringFailure> {
    result
        .failures
        .iter()
        .filter(|failure| failure.artifact == run.artifact && failure.replicate == run.replicate)
}

/// A failure as people are told of it.
pub(crate) fn failure_record(
    result: &CollectedResult,
    failure: &MeasuringFailure,
) -> FailureRecord {
    FailureRecord {
        job: result.job,
        configuration: result.configuration.clone(),
        host: Some(result.host.clone()),
        at: result.measured_at,
        failure: failure.clone(),
    }
}

fn conflict(result: &CollectedResult, reason: &str) -> StoreError {
    StoreError::Conflict {
        what: "result",
        id: result.key.to_string(),
        reason: reason.to_owned(),
    }
}
