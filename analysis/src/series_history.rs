//! What the artifacts before base measured, for every test case at once.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::series::SeriesBlock;
use shared_types::{ArtifactId, Epoch, MetricName, TestCase};

use crate::significance::{HISTORY_ARTIFACTS, History, HistoryPoint};

/// The values of the artifacts before base: each (metric, test case, epoch) has one place for each
/// of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeriesHistory {
    /// The hosts of each of the wanted predecessors that exists, nearest to base first.
    hosts: Vec<BTreeSet<String>>,
    points: BTreeMap<MetricName, PointsByCase>,
}

/// One place for each predecessor, nearest to base first.
type PointsByCase = BTreeMap<(TestCase, Epoch), Vec<Option<Point>>>;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    minimum: f64,
    median: f64,
    iterations: u32,
}

impl SeriesHistory {
    /// No history: no test case has any.
    pub fn none() -> Self {
        Self::default()
    }

    /// Takes the columns of `predecessors` out of `blocks`. Predecessors come nearest to base
    /// first and without base; those beyond [`HISTORY_ARTIFACTS`] are not looked at. Blocks may
    /// come in any order and cover more than is needed.
    pub fn assemble(blocks: &[SeriesBlock], predecessors: &[ArtifactId]) -> Self {
        let predecessors = &predecessors[..predecessors.len().min(HISTORY_ARTIFACTS)];
        let place_of: BTreeMap<&ArtifactId, usize> = predecessors.iter().zip(0..).collect();
        let mut points: BTreeMap<MetricName, PointsByCase> = BTreeMap::new();
        let mut hosts = vec![BTreeSet::new(); predecessors.len()];
        for block in blocks {
            let columns: Vec<(usize, usize)> = block
                .artifacts
                .iter()
                .enumerate()
                .filter_map(|(column, artifact)| Some((column, *place_of.get(&artifact.id)?)))
                .collect();
            if columns.is_empty() {
                continue;
            }
            for (column, place) in &columns {
                hosts[*place].extend(block.artifacts[*column].hosts.iter().cloned());
            }
            let by_case = points.entry(block.metric.name.clone()).or_default();
            for series in &block.series {
                let key = (series.test_case.clone(), series.epoch.clone());
                let places = by_case
                    .entry(key)
                    .or_insert_with(|| vec![None; predecessors.len()]);
                for (column, place) in &columns {
                    let minimum = series.minimum.get(*column).copied().flatten();
                    let median = series.median.get(*column).copied().flatten();
                    if let (Some(minimum), Some(median)) = (minimum, median) {
                        places[*place] = Some(Point {
                            minimum,
                            median,
                            iterations: series.iterations.get(*column).copied().unwrap_or(1),
                        });
                    }
                }
            }
        }
        Self { hosts, points }
    }

    /// The history of one test case, in this epoch, for a head that was measured on these hosts.
    pub fn of(
        &self,
        metric: &MetricName,
        test_case: &TestCase,
        epoch: &Epoch,
        hosts_of_head: &[String],
    ) -> History {
        let key = (test_case.clone(), epoch.clone());
        let of_metric = self.points.get(metric);
        let Some(points) = of_metric.and_then(|by_case| by_case.get(&key)) else {
            return History::default();
        };
        let places = points.iter().zip(&self.hosts).map(|(point, hosts)| {
            point.map(|point| HistoryPoint {
                minimum: point.minimum,
                median: point.median,
                iterations: point.iterations,
                on_hosts_of_head: hosts_of_head.iter().any(|host| hosts.contains(host)),
            })
        });
        History::of(places.collect())
    }

    /// How many of the wanted artifacts exist, measured or not. At most [`HISTORY_ARTIFACTS`].
    pub fn predecessors(&self) -> usize {
        self.hosts.len()
    }
}

#[cfg(test)]
mod tests;
