//! What of a result is stored already. A newer export holds all that an older one held, and may hold
//! more of an artifact that was being measured when the older one was made.

use std::collections::BTreeMap;

use shared_types::result_document::{Measurement, MetricValues, Origin, ResultDocument};
use shared_types::{MetricName, RunId, TestCase};

use super::assembling::with_id_of_content;
use crate::{Context, FunctionsError, result_objects, run_values};

/// The part of a result that is not stored yet, or none where all of it is.
///
/// # Errors
/// When the store fails.
pub(super) async fn new_part(
    context: &Context,
    document: ResultDocument,
) -> Result<Option<ResultDocument>, FunctionsError> {
    let index = &context.store.index;
    if index.is_indexed(&result_objects::key_of(&document)).await? {
        return Ok(None);
    }
    let mut known = Vec::new();
    for run in &document.runs {
        let run = RunId {
            artifact: run.artifact.clone(),
            configuration: document.configuration.clone(),
        };
        let results = index.results_of_run(&run).await?;
        known.extend(run_values::documents(context, &results).await?);
    }
    known.retain(|known| known.origin == Origin::Import);
    if known.is_empty() {
        return Ok(Some(document));
    }
    let rest = without(document, &known);
    if rest.measurements.is_empty() && rest.failures.is_empty() {
        return Ok(None);
    }
    with_id_of_content(rest).map(Some)
}

/// A result without the values and failures that others hold, each as often as they hold it.
fn without(mut document: ResultDocument, known: &[ResultDocument]) -> ResultDocument {
    let mut held: BTreeMap<&TestCase, BTreeMap<&MetricName, Vec<f64>>> = BTreeMap::new();
    for measurement in known.iter().flat_map(|known| &known.measurements) {
        for values in &measurement.values {
            let of_case = held.entry(&measurement.test_case).or_default();
            let of_metric = of_case.entry(&values.metric).or_default();
            of_metric.extend(values.measured());
        }
    }
    for measurement in &mut document.measurements {
        let Some(of_case) = held.get_mut(&measurement.test_case) else {
            continue;
        };
        for values in &mut measurement.values {
            if let Some(held) = of_case.get_mut(&values.metric) {
                take_away(&mut values.iterations, held);
            }
        }
        drop_what_is_empty(measurement);
    }
    document
        .measurements
        .retain(|measurement| !measurement.values.is_empty());
    document.failures.retain(|failure| {
        let mut known = known.iter().flat_map(|known| &known.failures);
        !known.any(|known| known == failure)
    });
    let named = |metric: &MetricName| {
        let mut measurements = document.measurements.iter();
        measurements.any(|one| one.values.iter().any(|values| values.metric == *metric))
    };
    let metrics = std::mem::take(&mut document.metrics);
    document.metrics = metrics
        .into_iter()
        .filter(|metric| named(&metric.name))
        .collect();
    document
}

fn take_away(iterations: &mut [Option<f64>], held: &mut Vec<f64>) {
    for value in iterations {
        let place = value.and_then(|value| held.iter().position(|one| *one == value));
        if let Some(place) = place {
            held.swap_remove(place);
            *value = None;
        }
    }
}

/// Leaves out iterations of which nothing is left, and metrics without any.
fn drop_what_is_empty(measurement: &mut Measurement) {
    let values = &mut measurement.values;
    let length = values.iter().map(|values| values.iterations.len()).max();
    for iteration in (0..length.unwrap_or(0)).rev() {
        let is_left = |values: &MetricValues| values.iterations.get(iteration) != Some(&None);
        if !values.iter().any(is_left) {
            for values in values.iter_mut() {
                values.iterations.remove(iteration);
            }
        }
    }
    values.retain(|values| values.measured().next().is_some());
}
