//! What the artifacts before base measured, for every test case at once.

use std::collections::BTreeMap;

use shared_types::series::SeriesBlock;
use shared_types::{ArtifactId, Epoch, MetricName, TestCase};

use crate::significance::{HISTORY_ARTIFACTS, History, HistoryPoint};

/// The values of the artifacts before base: each (metric, test case, epoch) has one place for each
/// of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeriesHistory {
    /// How many of the wanted predecessors exist.
    predecessors: usize,
    points: BTreeMap<MetricName, PointsByCase>,
}

/// One place for each predecessor, nearest to base first.
type PointsByCase = BTreeMap<(TestCase, Epoch), Vec<Option<HistoryPoint>>>;

impl SeriesHistory {
    /// No history: every test case is [`History::Incomplete`].
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
                        places[*place] = Some(HistoryPoint { minimum, median });
                    }
                }
            }
        }
        Self {
            predecessors: predecessors.len(),
            points,
        }
    }

    /// The history of one test case: complete only if all [`HISTORY_ARTIFACTS`] artifacts exist and
    /// measured it in this epoch.
    pub fn of(&self, metric: &MetricName, test_case: &TestCase, epoch: &Epoch) -> History {
        let incomplete = |present| History::Incomplete {
            present,
            wanted: HISTORY_ARTIFACTS,
        };
        let Some(places) = self
            .points
            .get(metric)
            .and_then(|by_case| by_case.get(&(test_case.clone(), epoch.clone())))
        else {
            return incomplete(0);
        };
        let present: Vec<HistoryPoint> = places.iter().flatten().copied().collect();
        if present.len() == HISTORY_ARTIFACTS {
            History::Complete(present)
        } else {
            incomplete(present.len())
        }
    }

    /// How many of the wanted artifacts exist, measured or not. At most [`HISTORY_ARTIFACTS`].
    pub fn predecessors(&self) -> usize {
        self.predecessors
    }
}

#[cfg(test)]
mod tests;
