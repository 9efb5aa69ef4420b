//! Computes again what rests on a run of which another replicate counts now.

use std::collections::BTreeSet;

use shared_types::api::ComparisonReference;
use shared_types::result_document::MeasuredRun;
use shared_types::run::{Side, SidePair};
use shared_types::{ConfigurationId, RequestId};
use store::PageRequest;

use crate::compare::{ComparisonQuery, compute_and_keep};
use crate::{Context, FunctionsError, series_blocks};

/// How many of the last comparisons of a configuration are looked through.
const COMPARISONS_MAX: u32 = 500;

/// Brings the series up to date, and makes the comparisons of the artifact once more, for the same
/// requests. What is made a second time is the same object under the same name.
pub(super) async fn compute_again(
    context: &Context,
    configuration: &ConfigurationId,
    run: &MeasuredRun,
) -> Result<(), FunctionsError> {
    series_blocks::update(context, configuration, std::slice::from_ref(run)).await?;
    let index = &context.store.index;
    let latest = PageRequest::first(COMPARISONS_MAX);
    let made = index.comparisons(configuration, &latest).await?.items;
    let pooled = Side::pooled(run.artifact.clone());
    let mut wanted: BTreeSet<(SidePair, String, String, Option<RequestId>)> = BTreeSet::new();
    for reference in made {
        if reference.base == pooled || reference.head == pooled {
            wanted.insert(name(reference));
        }
    }
    for (sides, metric, method, request) in wanted {
        let query = ComparisonQuery {
            configuration: configuration.clone(),
            sides,
            metric: Some(metric.parse()?),
            method: Some(method),
        };
        match compute_and_keep(context, &query, request).await {
            Ok(_) => {}
            // What cannot be compared any more was reported when it was to be.
            Err(FunctionsError::NotMeasured(_) | FunctionsError::Analysis(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn name(reference: ComparisonReference) -> (SidePair, String, String, Option<RequestId>) {
    let sides = SidePair {
        base: reference.base,
        head: reference.head,
    };
    (sides, reference.metric, reference.method, reference.request)
}
