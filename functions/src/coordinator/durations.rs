//! How long units took lately and where, by which jobs are cut to an even length and given to
//! the same hosts again.

use analysis::schedule::MeasuredDurations;
use shared_types::ConfigurationId;
use shared_types::run::Side;
use store::PageRequest;

use crate::{Context, FunctionsError, run_values};

/// How many of the last runs are looked at: base and head of the last request.
const RUNS: u32 = 2;

/// What the last runs of a configuration took.
pub(crate) async fn measured(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<MeasuredDurations, FunctionsError> {
    let mut durations = MeasuredDurations::default();
    let index = &context.store.index;
    let runs = index.runs(configuration, &PageRequest::first(RUNS)).await?;
    for run in runs
        .items
        .into_iter()
        .filter(|run| run.measured_at.is_some())
    {
        let side = Side {
            artifact: run.artifact,
            replicate: Some(run.replicate),
        };
        let results = run_values::results_of_side(context, configuration, &side).await?;
        match run_values::documents(context, &results).await {
            Ok(documents) => documents
                .iter()
                .for_each(|document| durations.remember_result(document)),
            // What is lost was reported where it matters; here it only makes for uneven jobs.
            Err(FunctionsError::NotMeasured(_) | FunctionsError::Input(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(durations)
}
