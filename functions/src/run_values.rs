//! Loads what was measured of a run: all its results that count.

use shared_types::disturbance::DisturbedRun;
use shared_types::result_document::ResultDocument;
use shared_types::run::Side;
use shared_types::{ConfigurationId, RunId};
use store::RunResult;

use crate::{Context, FunctionsError, disturbance, result_objects, retraction};

/// The results that count for a side: of every replicate that none counts instead of, or of the one
/// that it names. What was retracted is not among them.
pub(crate) async fn results_of_side(
    context: &Context,
    configuration: &ConfigurationId,
    side: &Side,
) -> Result<Vec<RunResult>, FunctionsError> {
    Ok(side_results(context, configuration, side).await?.counting)
}

/// What was measured of a side.
pub(crate) struct SideResults {
    /// The results that count.
    pub(crate) counting: Vec<RunResult>,
    /// How many would count, were they not retracted.
    pub(crate) retracted: usize,
    /// The retractions because of which they do not, in words.
    pub(crate) because: Vec<String>,
}

/// The results that count for a side, and which were retracted.
pub(crate) async fn side_results(
    context: &Context,
    configuration: &ConfigurationId,
    side: &Side,
) -> Result<SideResults, FunctionsError> {
    let results = not_superseded(context, configuration, side).await?;
    let known = match results.as_slice() {
        [] => Vec::new(),
        _ => retraction::in_force(context, configuration).await?,
    };
    let (mut counting, mut because) = (Vec::with_capacity(results.len()), Vec::new());
    let all = results.len();
    for result in results {
        match retraction::retracting(&known, configuration, &result) {
            None => counting.push(result),
            Some(retraction) => because.push(retraction.sentence()),
        }
    }
    because.dedup();
    Ok(SideResults {
        retracted: all - counting.len(),
        counting,
        because,
    })
}

/// Why a result has no part in what is pooled of its side.
pub(crate) enum LeftOut {
    /// A later replicate counts instead, for this reason.
    Superseded(String),
    /// It was taken back, in these words.
    Retracted(String),
}

/// Every result of a side that was ever to count, oldest first, and why it does not where it does not.
pub(crate) async fn every_result(
    context: &Context,
    configuration: &ConfigurationId,
    side: &Side,
    disturbed: &[DisturbedRun],
) -> Result<Vec<(RunResult, Option<LeftOut>)>, FunctionsError> {
    let run = RunId {
        artifact: side.artifact.clone(),
        configuration: configuration.clone(),
    };
    let known = retraction::in_force(context, configuration).await?;
    let results = context.store.index.results_of_run(&run).await?;
    let of_side = results.into_iter().filter(|result| {
        side.replicate
            .is_none_or(|wanted| wanted == result.run.replicate)
    });
    let with_standing = of_side.map(|result| {
        let left_out = match retraction::retracting(&known, configuration, &result) {
            Some(retraction) => Some(LeftOut::Retracted(retraction.sentence())),
            // A replicate that is named counts, whatever counts instead of it otherwise.
            None if side.replicate.is_some() => None,
            None => disturbance::superseding(disturbed, &result.run)
                .map(|superseding| LeftOut::Superseded(superseding.why.clone())),
        };
        (result, left_out)
    });
    Ok(with_standing.collect())
}

async fn not_superseded(
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
