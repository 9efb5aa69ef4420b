//! The comparison of the chosen configuration in full: what to know first, the summary, the test
//! cases.

use std::sync::Arc;

use crate::known_configuration::KnownConfiguration;
use crate::prelude::*;
use shared_types::api::{ArtifactDetail, Page};
use shared_types::comparison::Comparison;

use super::answers::Answer;
use super::beside::{BesideChoice, follow_columns};
use super::case_detail::CaseDetailPlace;
use super::explanations::Explanations;
use super::export::Export;
use super::grouped_summary::GroupedSummary;
use super::neighbours::Neighbours;
use super::notes::{Missing, Notes};
use super::row_table::{Extras, RowTable};
use super::sides::head_ordinal;
use super::why::Why;
use super::{CompareUrl, Selected, rows};
use crate::numbers;
use crate::remote::RemoteSignal;
use crate::series::blocks::{Choice, Series, follow_series};
use crate::series::history::Stretch;
use crate::test_case_filter::Choices;
use crate::url_state::{ChangeFilter, Direction};
use crate::widget::choice_field::ChoiceField;
use crate::widget::filter_bar::{FilterBar, FilterChange};

/// Everything below the answers.
#[component]
pub(super) fn Detail(
    url: CompareUrl,
    selected: Selected,
    answers: RwSignal<Vec<Answer>>,
    known: Known,
) -> impl IntoView {
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
            let series = follow_history(comparison, &known);
            let extras = Extras {
                history: series.history,
                columns: follow_columns(url, answers, selected),
            };
            let beside = view! { <BesideChoice url answers selected /> }.into_any();
            Some(view! { <Parts url comparison extras series beside /> })
        })
    };
    view! { {show} }
}

/// What is known beside the comparisons.
#[derive(Clone)]
pub(super) struct Known {
    /// The head's artifact, with its place in history.
    pub(super) head: RemoteSignal<ArtifactDetail>,
    /// Every configuration.
    pub(super) configurations: RemoteSignal<Page<KnownConfiguration>>,
}

/// The history around head, asked for once the comparison is there: nothing waits for it.
fn follow_history(comparison: Memo<Arc<Comparison>>, known: &Known) -> Series {
    let head = known.head.clone();
    let place = Memo::new(move |_| head.with(head_ordinal));
    let configuration = Memo::new(move |_| {
        place
            .with(Option::is_some)
            .then(|| comparison.with(|it| it.configuration.clone()))
    });
    let choice = Memo::new(move |_| {
        let (line, ordinal) = place.get().unzip();
        Choice {
            metric: comparison.with(|it| it.metric.parse().ok()),
            line,
            stretch: ordinal.map_or(Stretch::Newest, Stretch::Around),
        }
    });
    follow_series(configuration, choice)
}

#[component]
fn Parts(
    url: CompareUrl,
    comparison: Memo<Arc<Comparison>>,
    extras: Extras,
    series: Series,
    beside: AnyView,
) -> impl IntoView {
    let listed = Memo::new(move |_| {
        Arc::new(
            url.state
                .with(|state| comparison.with(|it| rows::listed(it, state))),
        )
    });
    view! {
        <Neighbours url comparison series />
        {live(move || view! { <Notes comparison=comparison.get() /> })}
        <section aria-labelledby="summary-title">
            <div class="section-head">
                <h2 id="summary-title">
                    "Summary of " {live(move || comparison.with(|it| it.configuration.to_string()))}
                </h2>
                <p class="muted small">{live(move || comparison.with(|it| method_in_words(it)))}</p>
            </div>
            <GroupedSummary url comparison />
            <Why url comparison />
        </section>
        {live(move || view! { <Explanations comparison=comparison.get() /> })}
        <section aria-labelledby="test-cases-title">
            <div class="section-head">
                <h2 id="test-cases-title">"Test cases"</h2>
                <p class="muted small" role="status" data-testid="row-count">
                    {live(move || count_in_words(listed.with(|it| it.len()), &comparison.get()))}
                </p>
            </div>
            <Filters url comparison />
            <div class="filters">
                {beside}
                <Export comparison listed />
            </div>
            <CaseDetailPlace url comparison series />
            <RowTable url comparison listed extras />
        </section>
        {live(move || view! { <Missing comparison=comparison.get() /> })}
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
