//! The fields by which rows of the status are chosen, and how many they hide.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::api::Status;

use super::StatusUrl;
use crate::sorted_set::SortedSet;
use crate::url_state::{StatusOrder, StatusShown, StatusState};
use crate::widget::choice_field::{ChoiceField, options};

/// The fields.
#[component]
pub(super) fn Filters(url: StatusUrl, latest: Memo<Arc<Status>>) -> impl IntoView {
    let configurations = Memo::new(move |_| {
        latest.with(|status| {
            let ids = status.configurations.iter();
            ids.map(|one| one.configuration.to_string()).collect()
        })
    });
    let hosts = Memo::new(move |_| latest.with(|status| hosts(status)));
    let state = url.state;
    view! {
        <div class="filters" role="group" aria-label="Which rows">
            <ChoiceField
                id="status-show"
                label="Show"
                chosen=Signal::derive(move || state.with(|it| it.shown.to_string()))
                choices=StatusShown::ALL
                    .iter()
                    .map(|shown| (shown.to_string(), shown_in_words(*shown)))
                    .collect()
                on_choice=move |word: String| {
                    url.change(false, |state| state.shown = word.parse().unwrap_or_default());
                }
            />
            <OptionalField
                id="status-configuration"
                label="Configuration"
                names=configurations
                chosen=Signal::derive(move || {
                    state.with(|it| it.configuration.as_ref().map(ToString::to_string)).unwrap_or_default()
                })
                on_choice=Callback::new(move |word: String| {
                    url.change(false, |state| state.configuration = word.parse().ok());
                })
            />
            <OptionalField
                id="status-host"
                label="Host or collector"
                names=hosts
                chosen=Signal::derive(move || state.with(|it| it.host.clone()))
                on_choice=Callback::new(move |word: String| {
                    url.change(false, |state| state.host = word);
                })
            />
            <ChoiceField
                id="status-order"
                label="Order"
                chosen=Signal::derive(move || state.with(|it| it.order.to_string()))
                choices=StatusOrder::ALL
                    .iter()
                    .map(|order| (order.to_string(), order_in_words(*order)))
                    .collect()
                on_choice=move |word: String| {
                    url.change(false, |state| state.order = word.parse().unwrap_or_default());
                }
            />
            <Search url />
        </div>
    }
    .into_any()
}

#[component]
fn Search(url: StatusUrl) -> impl IntoView {
    let text = Memo::new(move |_| url.state.with(|state| state.text.clone()));
    view! {
        <div class="field grow">
            <label for="status-text">"Search"</label>
            <input
                id="status-text"
                type="search"
                data-filter=""
                data-testid="status-text"
                autocomplete="off"
                spellcheck="false"
                placeholder="artifact, person, reason, message ( / )"
                prop:value=move || text.get()
                on:input=move |event| {
                    let text = event_target_value(&event);
                    url.change(true, |state| state.text = text);
                }
            />
        </div>
    }
    .into_any()
}

/// A field in which one of several words is chosen, or none.
#[component]
fn OptionalField(
    id: &'static str,
    label: &'static str,
    names: Memo<Vec<String>>,
    chosen: Signal<String>,
    on_choice: Callback<String>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select
                id=id
                data-testid=id
                on:change=move |event| on_choice.run(event_target_value(&event))
            >
                {live(move || {
                    let chosen = chosen.get();
                    view! {
                        <option value="" selected=chosen.is_empty()>"all"</option>
                        {options(names.get(), &chosen)}
                    }
                })}
            </select>
        </div>
    }
    .into_any()
}

/// How many rows are hidden, and the way back to all of them.
#[component]
pub(super) fn HiddenRows(url: StatusUrl, hidden: Memo<Option<String>>) -> impl IntoView {
    let is_filter = Memo::new(move |_| url.state.with(StatusState::is_filter));
    view! {
        <p class="muted small" role="status" aria-live="polite" data-testid="hidden-rows">
            {live(move || {
                is_filter
                    .get()
                    .then(|| hidden.get().unwrap_or_else(|| "Every row fits this filter.".to_owned()))
            })}
            {live(move || {
                is_filter.get().then(|| {
                    view! {
                        " "
                        <button
                            type="button"
                            class="link"
                            data-testid="show-all-rows"
                            on:click=move |_| {
                                url.change(false, |state| {
                                    let order = state.order;
                                    *state = StatusState { order, ..StatusState::default() };
                                });
                            }
                        >
                            "Show all rows"
                        </button>
                    }
                })
            })}
        </p>
    }
    .into_any()
}

/// The names of collectors and of their hosts.
fn hosts(status: &Status) -> Vec<String> {
    let reports = status.collectors.iter().map(|one| &one.collector.report);
    let names: SortedSet<String> = reports
        .flat_map(|report| [report.collector.clone(), report.host.name.clone()])
        .chain(
            status
                .failures
                .iter()
                .filter_map(|failure| failure.host.clone()),
        )
        .collect();
    names.into_iter().collect()
}

fn shown_in_words(shown: StatusShown) -> &'static str {
    match shown {
        StatusShown::All => "everything",
        StatusShown::Waiting => "waiting, or idle",
        StatusShown::Running => "running",
        StatusShown::Held => "paused, or draining",
        StatusShown::Ended => "ended",
        StatusShown::Failed => "failed, or silent",
    }
}

fn order_in_words(order: StatusOrder) -> &'static str {
    match order {
        StatusOrder::Served => "as served",
        StatusOrder::Newest => "newest first",
        StatusOrder::Name => "by configuration or name",
        StatusOrder::State => "by state",
    }
}

/// What is said in place of rows that a filter hides.
pub(super) fn none_fits(what: &'static str) -> AnyView {
    view! { <p class="muted">{format!("No {what} fits this filter.")}</p> }.into_any()
}
