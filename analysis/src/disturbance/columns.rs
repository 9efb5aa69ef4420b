//! A run and the artifacts before it, as one column for each test case and metric.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::series::SeriesBlock;
use shared_types::{ArtifactId, Epoch, MetricName, TestCase};

use super::{WINDOW_ARTIFACTS, is_time};
use crate::robust;
use crate::run_values::RunValues;

/// Which series: what was measured, in which epoch.
pub(super) type SeriesName = (TestCase, Epoch);

/// One metric of one test case: what the artifacts before the run measured, and what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct TestCaseColumn {
    /// A place for each artifact before the run, oldest first; `None` where it was not measured.
    pub before: Vec<Option<f64>>,
    /// The value of the run.
    pub run: f64,
}

/// What one run measured, and what the artifacts before it did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunAndWindow {
    columns: BTreeMap<MetricName, BTreeMap<SeriesName, TestCaseColumn>>,
}

impl RunAndWindow {
    /// Puts the median iterations of `run` behind those of the artifacts before it, which come
    /// nearest first, as they are in `blocks`. Of those only the nearest [`WINDOW_ARTIFACTS`] that
    /// one of the run's hosts measured count: times of two hosts cannot be held against each other.
    /// Blocks may come in any order and cover more than is needed.
    pub fn assemble(blocks: &[SeriesBlock], predecessors: &[ArtifactId], run: &RunValues) -> Self {
        let window = window(blocks, predecessors, &run.hosts);
        let mut assembled = Self::default();
        for case in &run.cases {
            let series = (case.test_case.clone(), case.epoch.clone());
            for (metric, values) in &case.values {
                let wanted = is_time(metric) || metric.counts_instructions();
                if let Some(median) = median(values.clone()).filter(|_| wanted) {
                    let before = vec![None; window.len()];
                    assembled.add(
                        metric,
                        &series,
                        TestCaseColumn {
                            before,
                            run: median,
                        },
                    );
                }
            }
        }
        for block in blocks {
            assembled.fill(block, &window);
        }
        assembled
    }

    /// Adds the column of one metric of one test case, in place of one that is there.
    pub fn add(&mut self, metric: &MetricName, series: &(TestCase, Epoch), column: TestCaseColumn) {
        let of_metric = self.columns.entry(metric.clone()).or_default();
        of_metric.insert(series.clone(), column);
    }

    fn fill(&mut self, block: &SeriesBlock, window: &BTreeMap<&ArtifactId, usize>) {
        let Some(columns) = self.columns.get_mut(&block.metric.name) else {
            return;
        };
        for series in &block.series {
            let name = (series.test_case.clone(), series.epoch.clone());
            let Some(column) = columns.get_mut(&name) else {
                continue;
            };
            for (artifact, value) in block.artifacts.iter().zip(&series.median) {
                if let Some(place) = window.get(&artifact.id) {
                    column.before[*place] = *value;
                }
            }
        }
    }

    /// The metrics that are times.
    pub(super) fn of_times(
        &self,
    ) -> impl Iterator<Item = (&MetricName, &BTreeMap<SeriesName, TestCaseColumn>)> {
        self.columns.iter().filter(|(metric, _)| is_time(metric))
    }

    /// The instruction counts, by the counter that is preferred.
    pub(super) fn of_counts(&self) -> Option<(&MetricName, &BTreeMap<SeriesName, TestCaseColumn>)> {
        let counters = self.columns.iter();
        counters
            .filter(|(metric, _)| metric.counts_instructions())
            .min_by_key(|(metric, _)| metric.preference())
    }
}

/// The place of each artifact of the window, oldest first.
fn window<'a>(
    blocks: &[SeriesBlock],
    predecessors: &'a [ArtifactId],
    hosts: &[String],
) -> BTreeMap<&'a ArtifactId, usize> {
    let artifacts = blocks.iter().flat_map(|block| &block.artifacts);
    let on_these_hosts: BTreeSet<&ArtifactId> = artifacts
        .filter(|artifact| artifact.hosts.iter().any(|host| hosts.contains(host)))
        .map(|artifact| &artifact.id)
        .collect();
    let nearest: Vec<&ArtifactId> = predecessors
        .iter()
        .filter(|artifact| on_these_hosts.contains(artifact))
        .take(WINDOW_ARTIFACTS)
        .collect();
    nearest.into_iter().rev().zip(0..).collect()
}

/// The median of the values that are numbers.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|value| value.is_finite());
    robust::median(&mut values)
}
