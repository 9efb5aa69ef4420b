//! Which configuration, metric, line and test cases are drawn, and how.

use crate::known_configuration::KnownConfiguration;
use crate::prelude::*;
use shared_types::api::Page;

use super::GraphsUrl;
use crate::remote::RemoteSignal;
use crate::series::blocks::{Series, metric_names};
use crate::test_case_filter::Choices;
use crate::widget::choice_field::LoadedChoiceField;
use crate::widget::filter_bar::{FilterBar, FilterChange};
use crate::widget::history_fields::{KindField, RangeField};

/// The fields at the top of the page.
#[component]
pub(super) fn Controls(
    url: GraphsUrl,
    configurations: RemoteSignal<Page<KnownConfiguration>>,
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
            <RangeField
                id="range"
                chosen=Signal::derive(move || url.state.with(|it| it.range))
                on_choice=move |range| url.change(|state| state.range = range)
            />
            <KindField
                id="values"
                chosen=Signal::derive(move || url.state.with(|it| it.kind))
                on_choice=move |kind| url.change(|state| state.kind = kind)
            />
            {shown_while(move || url.state.with(|it| it.from.is_some() || it.to.is_some()), move || view! {
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
            })}
        </div>
    }
}

#[component]
fn ConfigurationField(
    url: GraphsUrl,
    configurations: RemoteSignal<Page<KnownConfiguration>>,
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
        <LoadedChoiceField
            id="configuration"
            test_id="configuration"
            label="Configuration"
            names
            chosen=Signal::derive(move || shown.get().map_or_else(String::new, |id| id.to_string()))
            on_choice=move |word: String| {
                url.change(|state| {
                    state.configuration = word.parse().ok();
                    state.from = None;
                    state.to = None;
                });
            }
        />
    }
}

#[component]
fn MetricField(url: GraphsUrl, source: Series) -> impl IntoView {
    let (manifest, chosen) = (source.manifest, source.chosen);
    let metrics =
        Memo::new(move |_| manifest.with(|it| metric_names(it.iter().flat_map(|it| &it.metrics))));
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
        <LoadedChoiceField
            id="graph-metric"
            test_id="metric"
            label="Metric"
            names=metrics
            chosen=Signal::derive(move || shown_metric().map_or_else(String::new, |it| it.to_string()))
            on_choice=move |word: String| url.change(|state| state.metric = word.parse().ok())
        />
        {shown_while(move || lines.with(|lines| lines.len() > 1), move || view! {
            <LoadedChoiceField
                id="line"
                test_id="line"
                label="Line"
                names=Signal::derive(move || lines.get().iter().map(ToString::to_string).collect())
                chosen=Signal::derive(shown_line)
                on_choice=move |word: String| url.change(|state| state.line = word.parse().ok())
            />
        })}
    }
}
