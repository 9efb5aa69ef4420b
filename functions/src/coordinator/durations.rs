//! How long compilations took lately and where, by which jobs are cut to an even length and given to
//! the same hosts again.

use analysis::schedule::{LastMeasured, MeasuredDurations};
use shared_types::result_document::ResultDocument;
use shared_types::run::Side;
use shared_types::{ConfigurationId, TestCase, Unit};
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
                .for_each(|document| remember(&mut durations, document)),
            // What is lost was reported where it matters; here it only makes for uneven jobs.
            Err(FunctionsError::NotMeasured(_) | FunctionsError::Input(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(durations)
}

fn remember(durations: &mut MeasuredDurations, document: &ResultDocument) {
    let Some(wall_time) = document
        .metrics
        .iter()
        .find(|metric| metric.name.as_str() == "wall-time")
    else {
        return;
    };
    let in_seconds = match wall_time.unit {
        Unit::Seconds => 1.0,
        Unit::Milliseconds => 1e-3,
        Unit::Nanoseconds => 1e-9,
        Unit::Count | Unit::Bytes | Unit::Kilobytes | Unit::Megabytes => return,
    };
    for measurement in &document.measurements {
        let TestCase::Compile {
            benchmark, profile, ..
        } = &measurement.test_case
        else {
            continue;
        };
        let values = measurement.values.iter();
        for value in values
            .filter(|values| values.metric == wall_time.name)
            .flat_map(|values| values.measured())
        {
            let last = LastMeasured {
                seconds: value * in_seconds,
                host: document.host.name.clone(),
            };
            durations.remember(benchmark, *profile, last);
        }
    }
}
