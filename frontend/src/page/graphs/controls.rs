//! Which configuration, metric, line and test cases are drawn, and how.

use leptos::prelude::*;
use shared_types::api::{ConfigurationOverview, Page};

use super::GraphsUrl;
use crate::remote::Remote;
use crate::series::blocks::Series;
use crate::test_case_filter::Choices;
use crate::url_state::{Range, ValueKind};
use crate::widget::choice_field::{ChoiceField, options};
use crate::widget::filter_bar::{FilterBar, FilterChange};

/// The fields at the top of the page.
#[component]
pub(super) fn Controls(
    url: GraphsUrl,
    configurations: ArcRwSignal<Remote<Page<ConfigurationOverview>>>,
    source: Series,
) -> impl IntoView {
    let history = source.history;
    let choices = Memo::new(move |_| {
        history.with(|history| {
            history.as_ref().map_or_else(Choices::default, |history| {
                Choices::of(
                    history
                        .lines
                        .iter()
                        .map(|line| (&line.test_case, line.category)),
                )
            })
        })
    });
    let change = Callback::new(move |change: FilterChange| {
        if change.is_typing {
            url.replace(|state| state.filter = change.filter);
        } else {
            url.change(|state| state.filter = change.filter);
        }
    });
    let filter = Signal::derive(move || url.state.with(|state| state.filter.clone()));
    view! {
        <div class="filters" role="group" aria-label="What to draw">
            <ConfigurationField url configurations source />
            <MetricField url source />
            <FilterBar filter choices=choices.into() change />
            <RangeField url />
            <KindField url />
            <Show when=move || url.state.with(|it| it.from.is_some() || it.to.is_some())>
                <button
                    type="button"
                    class="align-end"
                    data-testid="zoom-out"
                    on:click=move |_| {
                        url.change(|state| {
                            state.from = None;
                            state.to = None;
                        });
                    }
                >
                    "Zoom out"
                </button>
            </Show>
        </div>
    }
}

#[component]
fn ConfigurationField(
    url: GraphsUrl,
    configurations: ArcRwSignal<Remote<Page<ConfigurationOverview>>>,
    source: Series,
) -> impl IntoView {
    let names = Memo::new(move |_| {
        configurations.with(|configurations| {
            let items = configurations
                .value
                .as_ref()
                .map(|page| page.items.as_slice());
            items
                .unwrap_or_default()
                .iter()
                .map(|overview| overview.configuration.id.to_string())
                .collect::<Vec<_>>()
        })
    });
    let shown = source.configuration;
    view! {
        <div class="field">
            <label for="configuration">"Configuration"</label>
            <select
                id="configuration"
                data-testid="configuration"
                on:change=move |event| {
                    let chosen = event_target_value(&event).parse().ok();
                    url.change(|state| {
                        state.configuration = chosen;
                        state.from = None;
                        state.to = None;
                    });
                }
            >
                {move || {
                    let shown = shown.get().map(|it| it.to_string()).unwrap_or_default();
                    options(names.get(), &shown)
                }}
            </select>
        </div>
    }
}

#[component]
fn MetricField(url: GraphsUrl, source: Series) -> impl IntoView {
    let (manifest, chosen) = (source.manifest, source.chosen);
    let metrics = Memo::new(move |_| {
        manifest.with(|manifest| {
            let blocks = manifest
                .as_ref()
                .map(|it| it.metrics.as_slice())
                .unwrap_or_default();
            let mut metrics: Vec<_> = blocks.iter().map(|it| it.metric.name.clone()).collect();
            metrics.sort_by_key(|name| (name.preference(), name.clone()));
            metrics.dedup();
            metrics
        })
    });
    let lines = Memo::new(move |_| {
        manifest.with(|manifest| {
            let blocks = manifest
                .as_ref()
                .map(|it| it.metrics.as_slice())
                .unwrap_or_default();
            let mut lines: Vec<_> = blocks.iter().map(|it| it.line).collect();
            lines.sort_unstable();
            lines.dedup();
            lines
        })
    });
    let shown_metric = move || {
        let asked = url.state.with(|state| state.metric.clone());
        asked.or_else(|| chosen.get().map(|(metric, _)| metric))
    };
    let shown_line = move || {
        chosen
            .get()
            .map(|(_, line)| line.to_string())
            .unwrap_or_default()
    };
    view! {
        <div class="field">
            <label for="graph-metric">"Metric"</label>
            <select
                id="graph-metric"
                data-testid="metric"
                on:change=move |event| {
                    let chosen = event_target_value(&event).parse().ok();
                    url.change(|state| state.metric = chosen);
                }
            >
                {move || {
                    let shown = shown_metric().map(|it| it.to_string()).unwrap_or_default();
                    options(metrics.get().iter().map(ToString::to_string).collect(), &shown)
                }}
            </select>
        </div>
        <Show when=move || lines.with(|lines| lines.len() > 1)>
            <div class="field">
                <label for="line">"Line"</label>
                <select
                    id="line"
                    data-testid="line"
                    on:change=move |event| {
                        let chosen = event_target_value(&event).parse().ok();
                        url.change(|state| state.line = chosen);
                    }
                >
                    {move || {
                        options(lines.get().iter().map(ToString::to_string).collect(), &shown_line())
                    }}
                </select>
            </div>
        </Show>
    }
}

#[component]
fn RangeField(url: GraphsUrl) -> impl IntoView {
    view! {
        <ChoiceField
            id="range"
            label="History"
            chosen=Signal::derive(move || url.state.with(|it| it.range.to_string()))
            choices=vec![
                (Range::Newest.to_string(), "newest artifacts"),
                (Range::All.to_string(), "all artifacts"),
            ]
            on_choice=move |word: String| {
                url.change(|state| state.range = word.parse().unwrap_or_default());
            }
        />
    }
}

#[component]
fn KindField(url: GraphsUrl) -> impl IntoView {
    view! {
        <ChoiceField
            id="values"
            label="Values"
            chosen=Signal::derive(move || url.state.with(|it| it.kind.to_string()))
            choices=vec![
                (ValueKind::Raw.to_string(), "as measured"),
                (ValueKind::FromFirst.to_string(), "change from first"),
                (ValueKind::Normalised.to_string(), "multiple of the median"),
            ]
            on_choice=move |word: String| {
                url.change(|state| state.kind = word.parse().unwrap_or_default());
            }
        />
    }
}
