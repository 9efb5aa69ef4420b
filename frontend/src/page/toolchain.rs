//! The toolchain itself: how large its components are, and how long it takes to build much code, the
//! compiler first of all, with it.

mod components;

use std::sync::Arc;

use crate::prelude::*;
use shared_types::object_key::ContentHash;
use shared_types::series::{MetricBlocks, SeriesManifest};
use shared_types::{ConfigurationId, Line, MetricName};

use crate::app::set_page_title;
use crate::numbers;
use crate::page::chosen_series::{
    ConfigurationChoice, OneConfigurationUrl, SeriesNotice, follow_series,
};
use crate::series::sparkline::Sparkline;
use crate::url_state::{GraphsState, TestCaseFilter};
use components::{Component, ToolchainTable, toolchain_tables};

/// Blocks of each metric that are read, the newest: some hundred artifacts.
const BLOCKS_OF_A_METRIC: usize = 1;

/// The page at `/toolchain`.
#[component]
pub(crate) fn ToolchainPage() -> impl IntoView {
    set_page_title("Toolchain");
    let url = OneConfigurationUrl::follow("/toolchain");
    let series = follow_series(url, newest_blocks);
    let (blocks, configuration) = (series.blocks, series.configuration);
    let tables = Memo::new(move |_| {
        let tables = toolchain_tables(&blocks.get()?);
        Some(Arc::new((configuration.get()?, tables)))
    });
    view! {
        <div class="page">
            <h1>"Toolchain"</h1>
            <p class="muted">
                "The compiler as a product: how large each of its components is, and how long it \
                 takes to build a large workspace, or itself, with it."
            </p>
            <div class="filters">
                <ConfigurationChoice url series=series.clone() />
            </div>
            <SeriesNotice url series />
            {live(move || {
                tables
                    .get()
                    .map(|found| {
                        let (configuration, tables) = found.as_ref();
                        if tables.is_empty() {
                            return nothing_measured();
                        }
                        tables
                            .iter()
                            .map(|table| section(configuration, table))
                            .collect_view()
                            .into_any()
                    })
            })}
        </div>
    }
    .into_any()
}

/// Of each metric that a toolchain can have, the newest block on the line that has most of it.
fn newest_blocks(manifest: &SeriesManifest) -> Vec<ContentHash> {
    let mut lines: Vec<&MetricBlocks> = manifest
        .metrics
        .iter()
        .filter(|blocks| of_a_toolchain(&blocks.metric.name))
        .collect();
    let artifacts =
        |blocks: &MetricBlocks| -> u32 { blocks.blocks.iter().map(|block| block.artifacts).sum() };
    lines.sort_by_key(|blocks| (blocks.line != Line::Main, u32::MAX - artifacts(blocks)));
    let mut seen: Vec<&MetricName> = Vec::new();
    lines.retain(|blocks| {
        let is_new = !seen.contains(&&blocks.metric.name);
        seen.push(&blocks.metric.name);
        is_new
    });
    let newest = |blocks: &&MetricBlocks| {
        let begin = blocks.blocks.len().saturating_sub(BLOCKS_OF_A_METRIC);
        blocks.blocks[begin..]
            .iter()
            .map(|block| block.content_hash.clone())
            .collect::<Vec<_>>()
    };
    lines.iter().flat_map(newest).collect()
}

/// Whether the toolchain's own test cases are measured in a metric.
fn of_a_toolchain(metric: &MetricName) -> bool {
    matches!(metric.as_str(), "size:component" | "wall-time" | "max-rss")
}

fn nothing_measured() -> AnyView {
    view! {
        <div class="empty" data-testid="no-toolchain">
            <p>"Nothing of the toolchain itself was measured under this configuration. Ask for it:"</p>
            <pre>
                <code>"perfleet request HEAD --base BASE --configuration NAME --kinds toolchain"</code>
            </pre>
        </div>
    }
    .into_any()
}

fn section(configuration: &ConfigurationId, table: &ToolchainTable) -> AnyView {
    let name = table.metric.name.to_string();
    let title = match name.as_str() {
        "size:component" => "Sizes of components",
        "wall-time" => "Time to build",
        "max-rss" => "Memory to build",
        other => other,
    }
    .to_owned();
    let total: f64 = table
        .components
        .iter()
        .filter_map(|component| component.newest())
        .map(|(_, value)| value)
        .sum();
    let newest = table.artifacts.last().map(|artifact| artifact.id.short());
    let is_size = table.metric.name.is_size();
    let test_id = format!("toolchain-{name}");
    let rows: Vec<_> = table
        .components
        .iter()
        .map(|component| row(configuration, table, component))
        .collect();
    view! {
        <section data-testid=test_id>
            <h2>{title}</h2>
            <p class="muted small">
                {name} ", " {numbers::count(table.artifacts.len() as u64, "artifact")} ", newest "
                {newest}
            </p>
            <div class="scroll-x" tabindex="0" role="group" aria-label="Table of the toolchain">
                <table class="dense">
                    <thead>
                        <tr>
                            <th scope="col">{if is_size { "Component" } else { "What is built" }}</th>
                            <th scope="col" class="number">"Newest"</th>
                            <th scope="col" class="number">"Since the one before"</th>
                            <th scope="col" class="number">"Since the first shown"</th>
                            <th scope="col">"History"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                    {is_size
                        .then(|| {
                            view! {
                                <tfoot>
                                    <tr>
                                        <th scope="row">"Together"</th>
                                        <td class="number">{numbers::value(total, table.metric.unit)}</td>
                                        <td colspan="3"></td>
                                    </tr>
                                </tfoot>
                            }
                        })}
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(configuration: &ConfigurationId, table: &ToolchainTable, component: &Component) -> AnyView {
    let graph = GraphsState {
        configuration: Some(configuration.clone()),
        metric: Some(table.metric.name.clone()),
        filter: TestCaseFilter {
            name: component.name.clone(),
            ..TestCaseFilter::default()
        },
        ..GraphsState::default()
    }
    .address();
    let value = component
        .newest()
        .map(|(_, value)| numbers::value(value, table.metric.unit));
    let change =
        |change: Option<f64>| change.map_or_else(|| "\u{2013}".to_owned(), numbers::change);
    view! {
        <tr>
            <th scope="row"><a href=graph data-row-link="">{component.name.clone()}</a></th>
            <td class="number">{value}</td>
            <td class="number">{change(component.last_change())}</td>
            <td class="number">{change(component.change_since_first())}</td>
            <td>
                <Sparkline values=component.values.clone() />
            </td>
        </tr>
    }
    .into_any()
}
