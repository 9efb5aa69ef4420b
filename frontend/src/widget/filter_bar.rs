//! The filter of test cases, as the compare and the graphs page have it.

use std::fmt::Display;

use crate::prelude::*;

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
            wanted=Signal::derive(move || filter.with(|filter| filter.profiles.clone()))
            offered=Signal::derive(move || choices.with(|choices| choices.profiles.clone()))
            set=Callback::new(move |set: SortedSet<_>| {
                update(false, &|filter| filter.profiles.clone_from(&set));
            })
        />
        <ToggleGroup
            label="Scenario"
            wanted=Signal::derive(move || filter.with(|filter| filter.scenarios.clone()))
            offered=Signal::derive(move || choices.with(|choices| choices.scenarios.clone()))
            set=Callback::new(move |set: SortedSet<_>| {
                update(false, &|filter| filter.scenarios.clone_from(&set));
            })
        />
        <ToggleGroup
            label="Category"
            wanted=Signal::derive(move || filter.with(|filter| filter.categories.clone()))
            offered=Signal::derive(move || choices.with(|choices| choices.categories.clone()))
            set=Callback::new(move |set: SortedSet<_>| {
                update(false, &|filter| filter.categories.clone_from(&set));
            })
        />
    }
}

/// Some values to choose from. None chosen means all.
#[component]
fn ToggleGroup<T>(
    label: &'static str,
    wanted: Signal<SortedSet<T>>,
    offered: Signal<SortedSet<T>>,
    set: Callback<SortedSet<T>>,
) -> impl IntoView
where
    T: Ord + Copy + Display + Send + Sync + 'static,
{
    let toggle = move |value: T| {
        let mut wanted = wanted.get_untracked();
        if !wanted.remove(&value) {
            wanted.insert(value);
        }
        set.run(wanted);
    };
    let button = move |value: T| {
        let is_wanted = Memo::new(move |_| wanted.with(|wanted| wanted.contains(&value)));
        view! {
            <button
                type="button"
                class="toggle"
                data-testid=format!("{}-{value}", label.to_ascii_lowercase())
                aria-pressed=move || is_wanted.get().to_string()
                on:click=move |_| toggle(value)
            >
                {value.to_string()}
            </button>
        }
    };
    let offered = Memo::new(move |_| offered.get());
    move || {
        let offered = offered.get();
        (offered.len() > 1 || wanted.with(|wanted| !wanted.is_empty())).then(|| {
            view! {
                <div class="field" role="group" aria-label=label>
                    <span class="label">{label}</span>
                    <div class="toggles">
                        {offered.into_iter().map(button).collect_view()}
                    </div>
                </div>
            }
        })
    }
}
