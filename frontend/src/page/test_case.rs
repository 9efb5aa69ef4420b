//! The page of one test case: its history under every configuration, each on an axis of its own, and two
//! configurations of one artifact as ratios.

mod configuration_chart;
mod ratios;

use std::sync::Arc;

use crate::known_configuration::KnownConfiguration;
use crate::prelude::*;
use shared_types::ConfigurationId;
use shared_types::api::Page;

use crate::api_client;
use crate::app::set_page_title;
use crate::last_choice;
use crate::page::graphs::source::first_measured;
use crate::remote::fetched;
use crate::router::{NavigateOptions, use_location, use_navigate};
use crate::series::blocks::{Choice, Series, follow_series, metric_names};
use crate::series::history::Stretch;
use crate::url_state::{Range, TestCaseState};
use crate::widget::choice_field::LoadedChoiceField;
use crate::widget::history_fields::{KindField, RangeField};
use crate::widget::notice::{IgnoredParameters, when_ready};
use configuration_chart::ConfigurationChart;
use ratios::Ratios;

/// The address of this page.
const PAGE: &str = "/test-case";

/// The page's state, and how to change it.
#[derive(Clone, Copy)]
pub(super) struct TestCaseUrl {
    /// The state, as the address has it.
    pub(super) state: Memo<TestCaseState>,
    go: Callback<(String, bool)>,
}

impl TestCaseUrl {
    /// Changes the state; the browser's back button leads to the one before.
    pub(super) fn change(self, edit: impl FnOnce(&mut TestCaseState)) {
        let mut state = self.state.get_untracked();
        edit(&mut state);
        self.go.run((state.address(), false));
    }
}

/// The page at `/test-case`.
#[component]
pub(crate) fn TestCasePage() -> impl IntoView {
    let search = use_location().search;
    let parsed = Memo::new(move |_| TestCaseState::parse(&search.get()));
    let navigate = use_navigate();
    let url = TestCaseUrl {
        state: Memo::new(move |_| parsed.with(|parsed| parsed.state.clone())),
        go: Callback::new(move |(address, replace): (String, bool)| {
            let options = NavigateOptions {
                replace,
                scroll: false,
            };
            navigate(&address, options);
        }),
    };
    if url.state.get_untracked() == TestCaseState::default()
        && let Some(address) = last_choice::recall(PAGE)
    {
        url.go.run((address, true));
    }
    Effect::new(move |_| {
        url.state.with(|state| {
            let name = if state.test.is_empty() {
                "Test case"
            } else {
                &state.test
            };
            set_page_title(name);
            if !state.test.is_empty() {
                last_choice::keep(PAGE, &state.address());
            }
        });
    });
    let configurations = fetched::<Page<KnownConfiguration>>(Signal::stored(Some(
        api_client::CONFIGURATIONS.to_owned(),
    )));
    view! {
        <div class="page">
            <h1 class="break">
                {live(move || url.state.with(|state| match state.test.as_str() {
                    "" => "Choose a test case".to_owned(),
                    test => test.to_owned(),
                }))}
            </h1>
            <IgnoredParameters ignored=Signal::derive(move || parsed.with(|it| it.ignored.clone())) />
            {when_ready(configurations, "configurations", move |page| parts(url, &page))}
        </div>
    }
}

fn parts(url: TestCaseUrl, page: &Arc<Page<KnownConfiguration>>) -> AnyView {
    let measured: Vec<ConfigurationId> = page
        .items
        .iter()
        .filter(|overview| overview.runs > 0)
        .map(|overview| overview.configuration.id.clone())
        .collect();
    if measured.is_empty() {
        return view! {
            <p class="empty">
                "Nothing is measured yet: run " <code>"cargo xtask demo"</code> ", or "
                <code>"perfleet import csv FILE.csv.gz"</code> "."
            </p>
        }
        .into_any();
    }
    // The names and metrics to choose from are those of the first configuration.
    let first = first_measured(page);
    let first = Memo::new(move |_| first.clone());
    let offered = follow_series(first, choice(url));
    let has_test = Memo::new(move |_| url.state.with(|state| !state.test.is_empty()));
    let charts = measured.clone();
    view! {
        <Controls url offered />
        {shown_while(move || has_test.get(), move || view! {
            <div class="charts wide-charts" data-testid="configurations">
                {charts
                    .iter()
                    .map(|id| view! { <ConfigurationChart url configuration=id.clone() /> })
                    .collect_view()}
            </div>
        })}
        <Ratios url configurations=measured />
    }
    .into_any()
}

/// What the address asks of a configuration's series.
pub(super) fn choice(url: TestCaseUrl) -> Memo<Choice> {
    Memo::new(move |_| {
        url.state.with(|state| Choice {
            metric: state.metric.clone(),
            line: None,
            stretch: match state.range {
                Range::Newest => Stretch::Newest,
                Range::All => Stretch::All,
            },
        })
    })
}

#[component]
fn Controls(url: TestCaseUrl, offered: Series) -> impl IntoView {
    let test = Memo::new(move |_| url.state.with(|state| state.test.clone()));
    let names = Memo::new(move |_| {
        offered.history.with(|history| {
            let lines = history.as_ref().map(|history| history.lines.as_slice());
            let names = lines
                .unwrap_or_default()
                .iter()
                .map(|line| line.test_case.name());
            names.collect::<Vec<_>>()
        })
    });
    let manifest = offered.manifest;
    let metrics =
        Memo::new(move |_| manifest.with(|it| metric_names(it.iter().flat_map(|it| &it.metrics))));
    let shown_metric = move || {
        let asked = url.state.with(|state| state.metric.clone());
        let metric = asked.or_else(|| offered.chosen.get().map(|(metric, _)| metric));
        metric.map(|it| it.to_string()).unwrap_or_default()
    };
    view! {
        <div class="filters" role="group" aria-label="What to draw">
            <div class="field grow">
                <label for="test-case">"Test case"</label>
                <input
                    id="test-case"
                    type="search"
                    list="test-cases"
                    data-filter=""
                    data-testid="test-case"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="a name ( / )"
                    prop:value=move || test.get()
                    on:change=move |event| {
                        let name = event_target_value(&event).trim().to_owned();
                        url.change(|state| state.test = name);
                    }
                />
                <datalist id="test-cases">
                    {live(move || {
                        names.get().into_iter().map(|name| view! { <option value=name></option> })
                            .collect_view()
                    })}
                </datalist>
            </div>
            <LoadedChoiceField
                id="test-case-metric"
                test_id="metric"
                label="Metric"
                names=metrics
                chosen=Signal::derive(shown_metric)
                on_choice=move |word: String| url.change(|state| state.metric = word.parse().ok())
            />
            <RangeField
                id="test-case-range"
                chosen=Signal::derive(move || url.state.with(|it| it.range))
                on_choice=move |range| url.change(|state| state.range = range)
            />
            <KindField
                id="test-case-values"
                chosen=Signal::derive(move || url.state.with(|it| it.kind))
                on_choice=move |kind| url.change(|state| state.kind = kind)
            />
        </div>
        <ul class="plain names" class:visually-hidden=move || !test.with(String::is_empty)>
            {live(move || {
                let chosen = test.with(|test| !test.is_empty());
                let names = if chosen { Vec::new() } else { names.get() };
                names.into_iter().map(name_link).collect_view()
            })}
        </ul>
    }
    .into_any()
}

fn name_link(name: String) -> AnyView {
    let address = TestCaseState::of(&name, None).address();
    view! { <li><a href=address data-row-link="">{name}</a></li> }.into_any()
}
