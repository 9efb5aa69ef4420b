//! Releases: how each kind of test case changed from release to release, under one configuration.

mod chained_index;

use std::rc::Rc;
use std::sync::Arc;

use crate::prelude::*;
use shared_types::metric::default_metric;
use shared_types::object_key::ContentHash;
use shared_types::series::{MetricBlocks, SeriesArtifact, SeriesManifest};
use shared_types::{Line, MetricName};

use crate::app::set_page_title;
use crate::chart::{Chart, ChartCanvas, Marks};
use crate::numbers;
use crate::page::chosen_series::{
    ChosenSeries, ConfigurationChoice, OneConfigurationUrl, SeriesNotice, follow_series,
};
use crate::series::blocks::metric_names;
use crate::url_state::CompareState;
use crate::widget::choice_field::LoadedChoiceField;
use chained_index::{GroupIndex, group_indices, releases};

/// The height of a chart, in CSS pixels.
const HEIGHT_PX: f64 = 150.0;

/// The page at `/releases`.
#[component]
pub(crate) fn ReleasesPage() -> impl IntoView {
    set_page_title("Releases");
    let url = OneConfigurationUrl::follow("/releases");
    let series = follow_series(url, move |manifest| {
        let asked = url.state.with(|state| state.metric.clone());
        chosen_blocks(manifest, asked.as_ref())
    });
    let dashboard = Memo::new({
        let (blocks, configuration) = (series.blocks, series.configuration);
        move |_| {
            let blocks = blocks.get()?;
            let metric = blocks.first()?.metric.name.clone();
            Some(Arc::new(Dashboard {
                configuration: configuration.get()?.to_string(),
                metric,
                releases: releases(&blocks),
                groups: group_indices(&blocks),
            }))
        }
    });
    let has_none = {
        let blocks = series.blocks;
        move || blocks.with(|blocks| blocks.as_ref().is_some_and(Vec::is_empty))
    };
    view! {
        <div class="page">
            <h1>"Releases"</h1>
            <p class="muted">
                "How compiling and the compiled programs changed from one release to the next. Each \
                 group is one number for each release: the geometric mean over the test cases that a \
                 release shares with the one before it, beginning at the first release."
            </p>
            <div class="filters">
                <ConfigurationChoice url series=series.clone() />
                <MetricChoice url series=series.clone() />
            </div>
            <SeriesNotice url series=series.clone() />
            {shown_while(has_none, move || view! {
                <NoReleases />
            })}
            {live(move || dashboard.get().map(|dashboard| view! { <Groups url dashboard /> }))}
        </div>
    }
    .into_any()
}

/// What is drawn.
#[derive(Debug, PartialEq)]
struct Dashboard {
    configuration: String,
    metric: MetricName,
    releases: Vec<SeriesArtifact>,
    groups: Vec<GroupIndex>,
}

/// What was measured of releases, by metric.
fn of_releases(manifest: &SeriesManifest) -> impl Iterator<Item = &MetricBlocks> {
    manifest
        .metrics
        .iter()
        .filter(|blocks| blocks.line == Line::Releases)
}

fn chosen_blocks(manifest: &SeriesManifest, asked: Option<&MetricName>) -> Vec<ContentHash> {
    let Some(metric) = asked.cloned().or_else(|| {
        default_metric(of_releases(manifest).map(|it| &it.metric)).map(|it| it.name.clone())
    }) else {
        return Vec::new();
    };
    of_releases(manifest)
        .filter(|blocks| blocks.metric.name == metric)
        .flat_map(|blocks| blocks.blocks.iter().map(|block| block.content_hash.clone()))
        .collect()
}

#[component]
fn MetricChoice(url: OneConfigurationUrl, series: ChosenSeries) -> impl IntoView {
    let (manifest, blocks) = (series.manifest, series.blocks);
    view! {
        <LoadedChoiceField
            id="metric"
            test_id="metric"
            label="Metric"
            names=Signal::derive(move || {
                manifest.with(|it| metric_names(it.iter().flat_map(|manifest| of_releases(manifest))))
            })
            chosen=Signal::derive(move || {
                let shown = blocks.with(|blocks| Some(blocks.as_ref()?.first()?.metric.name.clone()));
                let asked = url.state.with(|state| state.metric.clone());
                asked.or(shown).map_or_else(String::new, |metric| metric.to_string())
            })
            on_choice=move |word: String| url.change(|state| state.metric = word.parse().ok())
        />
    }
    .into_any()
}

#[component]
fn NoReleases() -> impl IntoView {
    view! {
        <div class="empty" data-testid="no-releases">
            <p>"No release was measured under this configuration. Choose another, or ask for two releases:"</p>
            <pre>
                <code>
                    "perfleet request release-1.95.0 --base release-1.94.0 --configuration NAME"
                </code>
            </pre>
        </div>
    }
    .into_any()
}

#[component]
fn Groups(url: OneConfigurationUrl, dashboard: Arc<Dashboard>) -> impl IntoView {
    let cards: Vec<_> = (0..dashboard.groups.len())
        .map(|place| group_card(url, &dashboard, place))
        .collect();
    view! {
        <p class="muted small" role="status" data-testid="release-count">
            {numbers::count(dashboard.releases.len() as u64, "release")} ", "
            {dashboard.metric.to_string()}
        </p>
        <div class="charts">{cards}</div>
        <h2>"As a table"</h2>
        <IndexTable dashboard />
    }
    .into_any()
}

fn group_card(url: OneConfigurationUrl, dashboard: &Arc<Dashboard>, place: usize) -> AnyView {
    let group = &dashboard.groups[place];
    let name = group.group.name();
    let last = group.index.iter().flatten().next_back();
    let readout = match last {
        Some(level) => format!("{} since the first", numbers::change(level - 1.0)),
        None => "not measured".to_owned(),
    };
    let marks = Memo::new(|_| Marks::default());
    let end = dashboard.releases.len().saturating_sub(1) as f64;
    let stretch = if end > 0.0 { (0.0, end) } else { (-0.5, 0.5) };
    view! {
        <article class="chart-card" data-testid=format!("group-{}", name.replace(' ', "-"))>
            <h2>{name.clone()}</h2>
            <p class="readout">
                <b>{readout}</b>
                <span class="muted">
                    " \u{b7} " {numbers::count(group.test_cases as u64, "test case")}
                </span>
            </p>
            <ChartCanvas
                chart=index_chart(url, dashboard, place)
                view=Signal::stored(stretch)
                marks
                description=format!("{name}, change since the first release; the table below has the values")
            />
        </article>
    }
    .into_any()
}

fn index_chart(url: OneConfigurationUrl, dashboard: &Arc<Dashboard>, place: usize) -> Chart {
    let drawn = Arc::clone(dashboard);
    let changes = move || {
        let index = drawn.groups[place].index.iter();
        let changes = index.map(|level| level.map_or(f64::NAN, |level| level - 1.0));
        vec![(0, changes.collect())]
    };
    let (labels, picked) = (Arc::clone(dashboard), Arc::clone(dashboard));
    Chart {
        columns: Rc::new(changes),
        height_px: HEIGHT_PX,
        label: Rc::new(move |at| labels.releases.get(at).map_or_else(String::new, version)),
        amount: Rc::new(numbers::axis_change),
        hover: Rc::new(|_| {}),
        pick: Rc::new(move |at| {
            if let Some(address) = picked.comparison_with_the_release_before(at) {
                url.leave_for(address);
            }
        }),
        zoom: Rc::new(|_| {}),
    }
}

impl Dashboard {
    fn comparison_with_the_release_before(&self, at: usize) -> Option<String> {
        let (base, head) = (
            self.releases.get(at.checked_sub(1)?)?,
            self.releases.get(at)?,
        );
        let state = CompareState {
            configuration: self.configuration.parse().ok(),
            metric: Some(self.metric.clone()),
            ..CompareState::of(&base.id, &head.id)
        };
        Some(state.address())
    }
}

/// `1.95.0` of `release-1.95.0`.
fn version(release: &SeriesArtifact) -> String {
    let name = release.id.to_string();
    name.strip_prefix("release-").unwrap_or(&name).to_owned()
}

/// The newest release first, and each a link to its comparison with the one before.
#[component]
fn IndexTable(dashboard: Arc<Dashboard>) -> impl IntoView {
    let heads: Vec<_> = dashboard
        .groups
        .iter()
        .map(|group| view! { <th scope="col" class="number">{group.group.name()}</th> })
        .collect();
    let rows: Vec<_> = (0..dashboard.releases.len())
        .rev()
        .map(|at| {
            let name = version(&dashboard.releases[at]);
            let head = match dashboard.comparison_with_the_release_before(at) {
                Some(address) => view! { <a href=address data-row-link="">{name}</a> }.into_any(),
                None => name.into_any(),
            };
            let cells: Vec<_> = dashboard
                .groups
                .iter()
                .map(|group| view! { <td class="number">{cell(&group.index, at)}</td> })
                .collect();
            view! { <tr><th scope="row">{head}</th>{cells}</tr> }
        })
        .collect();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Releases as a table">
            <table class="dense" data-testid="release-table">
                <thead>
                    <tr><th scope="col">"Release"</th>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="small muted">
            "Each cell: the change since the first release, and in brackets since the release before."
        </p>
    }
    .into_any()
}

fn cell(index: &[Option<f64>], at: usize) -> String {
    let Some(level) = index[at] else {
        return "not measured".to_owned();
    };
    let since_first = numbers::change(level - 1.0);
    match index[..at].iter().rev().flatten().next() {
        Some(before) => format!("{since_first} ({})", numbers::change(level / before - 1.0)),
        None => since_first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_tells_the_change_since_the_first_and_since_the_one_before() {
        let index = [Some(1.0), None, Some(0.9), Some(0.99)];
        assert_eq!(cell(&index, 1), "not measured");
        assert_eq!(cell(&index, 0), numbers::change(0.0));
        assert_eq!(
            cell(&index, 3),
            format!("{} ({})", numbers::change(-0.01), numbers::change(0.1))
        );
    }
}
