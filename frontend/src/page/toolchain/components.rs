//! The toolchain's own series along history: sizes of its components, and the time to build with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared_types::series::{SeriesArtifact, SeriesBlock};
use shared_types::{Epoch, Metric, TestCase};

/// What was measured of the toolchain in one metric.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ToolchainTable {
    pub(super) metric: Metric,
    /// Oldest first.
    pub(super) artifacts: Vec<SeriesArtifact>,
    /// The largest first.
    pub(super) components: Vec<Component>,
}

/// One component or crate, in its newest epoch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Component {
    pub(super) name: String,
    /// One for each artifact. `None` where it was not measured.
    pub(super) values: Vec<Option<f64>>,
}

impl Component {
    /// The newest value, with the place where it was measured.
    pub(super) fn newest(&self) -> Option<(usize, f64)> {
        last_before(&self.values, self.values.len())
    }

    /// The change of the newest value from the one before, relative.
    pub(super) fn last_change(&self) -> Option<f64> {
        let (place, newest) = self.newest()?;
        let (_, before) = last_before(&self.values, place)?;
        (before != 0.0).then(|| newest / before - 1.0)
    }

    /// The change of the newest value from the first, relative.
    pub(super) fn change_since_first(&self) -> Option<f64> {
        let (place, newest) = self.newest()?;
        let (at, first) = self
            .values
            .iter()
            .enumerate()
            .find_map(|(at, value)| Some((at, (*value)?)))?;
        (at < place && first != 0.0).then(|| newest / first - 1.0)
    }
}

fn last_before(values: &[Option<f64>], end: usize) -> Option<(usize, f64)> {
    values[..end]
        .iter()
        .enumerate()
        .rev()
        .find_map(|(place, value)| Some((place, (*value)?)))
}

/// Each metric of the toolchain in some blocks of one configuration and line; the blocks of a
/// metric oldest first. Metrics of which the toolchain has nothing are left out.
pub(super) fn toolchain_tables(blocks: &[Arc<SeriesBlock>]) -> Vec<ToolchainTable> {
    let mut by_metric: Vec<(Metric, Vec<&SeriesBlock>)> = Vec::new();
    for block in blocks {
        match by_metric
            .iter_mut()
            .find(|(metric, _)| *metric == block.metric)
        {
            Some((_, blocks)) => blocks.push(block),
            None => by_metric.push((block.metric.clone(), vec![block])),
        }
    }
    let mut tables: Vec<ToolchainTable> = by_metric
        .into_iter()
        .map(|(metric, blocks)| table(metric, &blocks))
        .filter(|table| !table.components.is_empty())
        .collect();
    tables.sort_by_key(|table| {
        let name = &table.metric.name;
        (!name.is_size(), name.preference(), name.clone())
    });
    tables
}

fn table(metric: Metric, blocks: &[&SeriesBlock]) -> ToolchainTable {
    let artifacts: Vec<SeriesArtifact> = blocks
        .iter()
        .flat_map(|block| block.artifacts.iter().cloned())
        .collect();
    let mut columns: BTreeMap<(String, Epoch), Vec<Option<f64>>> = BTreeMap::new();
    let mut begin = 0;
    for block in blocks {
        for series in &block.series {
            if let TestCase::Toolchain { component } = &series.test_case {
                let key = (component.to_string(), series.epoch.clone());
                let column = columns
                    .entry(key)
                    .or_insert_with(|| vec![None; artifacts.len()]);
                column[begin..begin + series.minimum.len()].copy_from_slice(&series.minimum);
            }
        }
        begin += block.artifacts.len();
    }
    let mut components: BTreeMap<String, Component> = BTreeMap::new();
    for ((name, _), values) in columns {
        let candidate = Component {
            name: name.clone(),
            values,
        };
        let newest_at = |component: &Component| component.newest().map(|(place, _)| place);
        match components.get(&name) {
            Some(known) if newest_at(known) >= newest_at(&candidate) => {}
            _ => {
                components.insert(name, candidate);
            }
        }
    }
    let mut components: Vec<Component> = components.into_values().collect();
    components.sort_by(|one, other| {
        let size = |component: &Component| component.newest().map_or(0.0, |(_, value)| value);
        size(other).total_cmp(&size(one))
    });
    ToolchainTable {
        metric,
        artifacts,
        components,
    }
}

#[cfg(test)]
mod tests {
    use shared_types::series::SeriesColumns;
    use shared_types::{FormatVersion, Line, Unit};

    use super::*;

    fn block(metric: &str, first: i64, series: &[(&str, u8, &[Option<f64>])]) -> Arc<SeriesBlock> {
        let places = series[0].2.len() as i64;
        Arc::new(SeriesBlock {
            format: FormatVersion::V1_0,
            configuration: "c1".parse().unwrap(),
            metric: Metric::cost(metric.parse().unwrap(), Unit::Bytes),
            line: Line::Main,
            artifacts: (first..first + places)
                .map(|ordinal| SeriesArtifact {
                    id: format!("{ordinal:040x}").parse().unwrap(),
                    ordinal,
                    commit_date: None,
                    hosts: Vec::new(),
                    setups: Vec::new(),
                })
                .collect(),
            series: series
                .iter()
                .map(|(name, epoch, values)| SeriesColumns {
                    test_case: match name.strip_prefix("imported ") {
                        Some(name) => TestCase::Imported {
                            name: name.parse().unwrap(),
                        },
                        None => TestCase::Toolchain {
                            component: name.parse().unwrap(),
                        },
                    },
                    epoch: Epoch::of([&[*epoch][..]]),
                    category: None,
                    minimum: values.to_vec(),
                    median: values.to_vec(),
                    iterations: vec![1; values.len()],
                })
                .collect(),
        })
    }

    #[test]
    fn components_are_listed_by_size_over_all_blocks_and_nothing_else_is() {
        let tables = toolchain_tables(&[
            block("wall-time", 0, &[("imported x", 1, &[Some(1.0)])]),
            block("size:component", 0, &[("rustc", 1, &[Some(5.0), None])]),
            block(
                "size:component",
                2,
                &[("rustc", 1, &[Some(6.0)]), ("libstd", 1, &[Some(60.0)])],
            ),
        ]);
        assert_eq!(tables.len(), 1);
        let names: Vec<&str> = tables[0]
            .components
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        assert_eq!(names, ["libstd", "rustc"]);
        let rustc = &tables[0].components[1];
        assert_eq!(rustc.values, [Some(5.0), None, Some(6.0)]);
        assert!((rustc.last_change().unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(tables[0].components[0].last_change(), None);
        assert_eq!(tables[0].components[0].change_since_first(), None);
    }

    #[test]
    fn an_older_epoch_of_a_component_is_no_part_of_its_change() {
        let tables = toolchain_tables(&[block(
            "size:component",
            0,
            &[
                ("rustc", 1, &[Some(1.0), Some(1.0), None]),
                ("rustc", 2, &[None, Some(8.0), Some(4.0)]),
            ],
        )]);
        let rustc = &tables[0].components[0];
        assert_eq!(rustc.newest(), Some((2, 4.0)));
        assert_eq!(rustc.last_change(), Some(-0.5));
    }
}
