//! `triage`: comparisons that a person should look at.

use std::cmp::Reverse;

use shared_types::api::{ComparisonReference, PAGE_LIMIT_MAX, Problem, TriageEntry};
use shared_types::comparison::Verdict;
use store::PageRequest;

use super::paging::page_of;
use super::parameters::Parameters;
use super::problem;
use super::response::Success;
use crate::Context;

/// The comparisons that found something for the worse, newest first, among the last
/// [`PAGE_LIMIT_MAX`] of each configuration. Of the comparisons of the same two sides and the same
/// metric the last one stands.
pub(super) async fn list(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let page = parameters.page()?;
    let index = &context.store.index;
    let mut entries: Vec<ComparisonReference> = Vec::new();
    for configuration in index.configurations().await.map_err(problem::of_store)? {
        let newest = index
            .comparisons(&configuration.id, &PageRequest::first(PAGE_LIMIT_MAX))
            .await
            .map_err(problem::of_store)?;
        entries.extend(standing(newest.items).into_iter().filter(is_for_triage));
    }
    entries.sort_by_key(|entry| (Reverse(entry.computed_at), entry.input_hash.clone()));
    let entries = entries
        .into_iter()
        .map(|comparison| TriageEntry { comparison })
        .collect();
    Success::json(&page_of(entries, &page, |entry: &TriageEntry| {
        format!(
            "{}/{}",
            entry.comparison.configuration, entry.comparison.input_hash
        )
    })?)
}

fn is_for_triage(comparison: &ComparisonReference) -> bool {
    matches!(comparison.verdict, Verdict::Regressed | Verdict::Mixed)
}

/// Leaves out what was computed again since; `newest_first` is of one configuration.
fn standing(newest_first: Vec<ComparisonReference>) -> Vec<ComparisonReference> {
    let mut seen = std::collections::BTreeSet::new();
    newest_first
        .into_iter()
        .filter(|comparison| {
            seen.insert((
                comparison.base.clone(),
                comparison.head.clone(),
                comparison.metric.clone(),
            ))
        })
        .collect()
}
