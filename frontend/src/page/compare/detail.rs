//! The comparison of the chosen configuration in full: what to know first, the summary, the test
//! cases.

use std::sync::Arc;

use leptos::prelude::*;
use shared_types::comparison::Comparison;

use super::explanations::Explanations;
use super::notes::{Missing, Notes};
use super::row_table::RowTable;
use super::summary_table::SummaryTable;
use super::why::Why;
use super::{CompareUrl, Selected, rows};
use crate::numbers;
use crate::test_case_filter::Choices;
use crate::url_state::{ChangeFilter, Direction};
use crate::widget::choice_field::ChoiceField;
use crate::widget::filter_bar::{FilterBar, FilterChange};

/// Everything below the answers.
#[component]
pub(super) fn Detail(url: CompareUrl, selected: Selected) -> impl IntoView {
    let is_there = Memo::new(move |_| selected.comparison.with(Option::is_some));
    let show = move || {
        is_there.get().then(|| {
            let first = selected.comparison.get_untracked()?;
            // The comparison that is shown stays until another takes its place.
            let comparison = Memo::new_with_compare(
                move |before: Option<&Arc<Comparison>>| {
                    selected
                        .comparison
                        .get()
                        .or_else(|| before.cloned())
                        .unwrap_or_else(|| Arc::clone(&first))
                },
                |before, now| match (before, now) {
                    (Some(before), Some(now)) => !Arc::ptr_eq(before, now),
                    _ => true,
                },
            );
            Some(view! { <Parts url comparison /> })
        })
    };
    view! { {show} }
}

#[component]
fn Parts(url: CompareUrl, comparison: Memo<Arc<Comparison>>) -> impl IntoView {
    let listed = Memo::new(move |_| {
        Arc::new(
            url.state
                .with(|state| comparison.with(|it| rows::listed(it, state))),
        )
    });
    view! {
        {move || view! { <Notes comparison=comparison.get() /> }}
        <section aria-labelledby="summary-title">
            <div class="section-head">
                <h2 id="summary-title">
                    "Summary of " {move || comparison.with(|it| it.configuration.to_string())}
                </h2>
                <p class="muted small">{move || comparison.with(|it| method_in_words(it))}</p>
            </div>
            {move || view! { <SummaryTable comparison=comparison.get() /> }}
            <Why url comparison />
        </section>
        {move || view! { <Explanations comparison=comparison.get() /> }}
        <section aria-labelledby="test-cases-title">
            <div class="section-head">
                <h2 id="test-cases-title">"Test cases"</h2>
                <p class="muted small" role="status" data-testid="row-count">
                    {move || count_in_words(listed.with(|it| it.len()), &comparison.get())}
                </p>
            </div>
            <Filters url comparison />
            <RowTable url comparison listed />
        </section>
        {move || view! { <Missing comparison=comparison.get() /> }}
    }
}

fn method_in_words(comparison: &Comparison) -> String {
    let direction = if comparison.metric_details.lower_is_better {
        "lower is better"
    } else {
        "higher is better"
    };
    format!(
        "{} ({direction}), judged by the method {} {}",
        comparison.metric, comparison.method, comparison.method_version
    )
}

fn count_in_words(listed: usize, comparison: &Comparison) -> String {
    let all = comparison.test_cases.len() as u64;
    if listed as u64 == all {
        format!("All {} are listed", numbers::count(all, "test case"))
    } else {
        format!(
            "{} of {}",
            numbers::grouped(listed as f64),
            numbers::count(all, "test case")
        )
    }
}

#[component]
fn Filters(url: CompareUrl, comparison: Memo<Arc<Comparison>>) -> impl IntoView {
    let filter = Signal::derive(move || url.state.with(|state| state.filter.clone()));
    let choices = Memo::new(move |_| {
        comparison.with(|it| {
            Choices::of(
                it.test_cases
                    .iter()
                    .map(|case| (&case.test_case, case.category)),
            )
        })
    });
    let change = Callback::new(move |change: FilterChange| {
        if change.is_typing {
            url.replace(|state| state.filter = change.filter);
        } else {
            url.change(|state| state.filter = change.filter);
        }
    });
    view! {
        <div class="filters" role="group" aria-label="Filters">
            <FilterBar filter choices=choices.into() change />
            <ChoiceField
                id="changes"
                label="Changes"
                chosen=Signal::derive(move || url.state.with(|it| it.changes.to_string()))
                choices=vec![
                    (ChangeFilter::All.to_string(), "all, relevant first"),
                    (ChangeFilter::Significant.to_string(), "significant only"),
                    (ChangeFilter::Relevant.to_string(), "relevant only"),
                ]
                on_choice=move |word: String| {
                    url.change(|state| state.changes = word.parse().unwrap_or_default());
                }
            />
            <ChoiceField
                id="direction"
                label="Direction"
                chosen=Signal::derive(move || url.state.with(|it| it.direction.to_string()))
                choices=vec![
                    (Direction::Both.to_string(), "both"),
                    (Direction::Worse.to_string(), "worse"),
                    (Direction::Better.to_string(), "better"),
                ]
                on_choice=move |word: String| {
                    url.change(|state| state.direction = word.parse().unwrap_or_default());
                }
            />
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="raw"
                    prop:checked=move || url.state.with(|state| state.raw)
                    on:change=move |event| {
                        let is_raw = event_target_checked(&event);
                        url.change(|state| state.raw = is_raw);
                    }
                />
                "Values"
            </label>
        </div>
    }
}
