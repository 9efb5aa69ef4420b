//! Loads what was measured of a run: all its results that count.

use shared_types::result_document::ResultDocument;
use shared_types::run::Side;
use shared_types::{ConfigurationId, RunId};
use store::RunResult;

use crate::{Context, FunctionsError, disturbance, result_objects};

/// The results that count for a side: of every replicate that none counts instead of, or of the one
/// that it names.
pub(crate) async fn results_of_side(
    context: &Context,
    configuration: &ConfigurationId,
    side: &Side,
) -> Result<Vec<RunResult>, FunctionsError> {
    let run = RunId {
        artifact: side.artifact.clone(),
        configuration: configuration.clone(),
    };
    let index = &context.store.index;
    let mut results = index.results_of_run(&run).await?;
    if let Some(wanted) = side.replicate {
        results.retain(|result| result.run.replicate == wanted);
        return Ok(results);
    }
    let first = results.first().map(|result| result.run.replicate);
    if results
        .iter()
        .all(|result| Some(result.run.replicate) == first)
    {
        // Of one replicate there is none that could count instead.
        return Ok(results);
    }
    let known = index.disturbed_runs(configuration).await?;
    results.retain(|result| !disturbance::is_superseded(&known, &result.run));
    Ok(results)
}

/// The documents of some results.
pub(crate) async fn documents(
    context: &Context,
    results: &[RunResult],
) -> Result<Vec<ResultDocument>, FunctionsError> {
    let mut documents = Vec::with_capacity(results.len());
    for result in results {
        let object = context.store.objects.get(&result.key).await?;
        let (bytes, _) = object.ok_or_else(|| {
            FunctionsError::NotMeasured(format!(
                "the index knows the result {}, and it is not in the object storage any more: \
                 restore it from a backup",
                result.key
            ))
        })?;
        documents.push(result_objects::decode(&result.key, &bytes)?);
    }
    Ok(documents)
}
