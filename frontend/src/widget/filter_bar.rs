//! The filter of test cases, as the compare and the graphs page have it.

use std::fmt::Display;

use crate::prelude::*;
use shared_types::comparison::SummaryPart;
use shared_types::test_case::{Profile, ScenarioKind};

use crate::sorted_set::SortedSet;
use crate::test_case_filter::Choices;
use crate::url_state::TestCaseFilter;

/// How a filter was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilterChange {
    /// The filter as it is to be.
    pub(crate) filter: TestCaseFilter,
    /// Whether it was typed, so that the browser's history does not get an entry for each letter.
    pub(crate) is_typing: bool,
}

/// The fields of the filter.
#[component]
pub(crate) fn FilterBar(
    /// The filter as it is.
    filter: Signal<TestCaseFilter>,
    /// The choices that make sense.
    choices: Signal<Choices>,
    /// Changes it.
    change: Callback<FilterChange>,
) -> impl IntoView {
    let update = move |is_typing: bool, edit: &dyn Fn(&mut TestCaseFilter)| {
        let mut filter = filter.get_untracked();
        edit(&mut filter);
        change.run(FilterChange { filter, is_typing });
    };
    let name = Memo::new(move |_| filter.with(|filter| filter.name.clone()));
    view! {
        <div class="field grow">
            <label for="test-filter">"Test case"</label>
            <input
                id="test-filter"
                type="search"
                data-filter=""
                data-testid="filter-name"
                autocomplete="off"
                spellcheck="false"
                placeholder="part of a name ( / )"
                prop:value=move || name.get()
                on:input=move |event| {
                    let text = event_target_value(&event);
                    update(true, &|filter| filter.name.clone_from(&text));
                }
            />
        </div>
        <ToggleGroup
            label="Profile"
            toggles=Signal::derive(move || {
                filter.with(|filter| choices.with(|choices| {
                    toggles(Profile::ALL, &filter.profiles, &choices.profiles)
                }))
            })
            toggle=Callback::new(move |place| {
                update(false, &|filter| flip(&mut filter.profiles, Profile::ALL, place));
            })
        />
        <ToggleGroup
            label="Scenario"
            toggles=Signal::derive(move || {
                filter.with(|filter| choices.with(|choices| {
                    toggles(ScenarioKind::ALL, &filter.scenarios, &choices.scenarios)
                }))
            })
            toggle=Callback::new(move |place| {
                update(false, &|filter| flip(&mut filter.scenarios, ScenarioKind::ALL, place));
            })
        />
        <ToggleGroup
            label="Category"
            toggles=Signal::derive(move || {
                filter.with(|filter| choices.with(|choices| {
                    toggles(SummaryPart::ALL, &filter.categories, &choices.categories)
                }))
            })
            toggle=Callback::new(move |place| {
                update(false, &|filter| flip(&mut filter.categories, SummaryPart::ALL, place));
            })
        />
    }
}

/// One value to choose.
#[derive(Debug, Clone, PartialEq)]
struct Toggle {
    /// Its place among all values of its kind.
    place: usize,
    word: String,
    is_wanted: bool,
}

/// The values that are offered. None where there is nothing to choose.
fn toggles<T: Ord + Copy + Display>(
    all: &[T],
    wanted: &SortedSet<T>,
    offered: &SortedSet<T>,
) -> Vec<Toggle> {
    if offered.len() < 2 && wanted.is_empty() {
        return Vec::new();
    }
    let all = all.iter().enumerate();
    // What is wanted can be given up, offered or not.
    all.filter(|(_, value)| offered.contains(value) || wanted.contains(value))
        .map(|(place, value)| Toggle {
            place,
            word: value.to_string(),
            is_wanted: wanted.contains(value),
        })
        .collect()
}

/// Wants a value, or no more.
fn flip<T: Ord + Copy>(wanted: &mut SortedSet<T>, all: &[T], place: usize) {
    let Some(value) = all.get(place) else { return };
    if !wanted.remove(value) {
        wanted.insert(*value);
    }
}

/// Some values to choose from. None chosen means all.
#[component]
fn ToggleGroup(
    label: &'static str,
    toggles: Signal<Vec<Toggle>>,
    toggle: Callback<usize>,
) -> impl IntoView {
    let button = move |of: Toggle| {
        let Toggle { place, word, .. } = of;
        let test_id = format!("{}-{word}", label.to_ascii_lowercase());
        // A button stays while it is chosen and not, so that it keeps the focus.
        let is_wanted = Memo::new(move |_| {
            toggles.with(|toggles| toggles.iter().any(|it| it.place == place && it.is_wanted))
        });
        view! {
            <button
                type="button"
                class="toggle"
                data-testid=test_id
                aria-pressed=move || is_wanted.get().to_string()
                on:click=move |_| toggle.run(place)
            >
                {word}
            </button>
        }
    };
    let offered = Memo::new(move |_| {
        let of_none = |it: &Toggle| Toggle {
            is_wanted: false,
            ..it.clone()
        };
        toggles.with(|toggles| toggles.iter().map(of_none).collect::<Vec<_>>())
    });
    live(move || {
        let offered = offered.get();
        (!offered.is_empty()).then(|| {
            view! {
                <div class="field" role="group" aria-label=label>
                    <span class="label">{label}</span>
                    <div class="toggles">
                        {offered.into_iter().map(button).collect_view()}
                    </div>
                </div>
            }
        })
    })
}
