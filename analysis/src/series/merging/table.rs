//! A block while it is being changed: rows by test case and epoch, one place for each artifact.

use std::collections::BTreeMap;
use std::ops::Range;

use shared_types::format::Versioned;
use shared_types::series::{
    BLOCK_ARTIFACTS_MAX, MetricBlocks, SeriesArtifact, SeriesBlock, SeriesColumns,
};
use shared_types::{
    ArtifactId, Category, ConfigurationId, Epoch, Line, Metric, MetricName, TestCase,
};

use crate::AnalysisError;
use crate::series::RunColumn;

/// All series of one metric over some artifacts, oldest first.
pub(super) struct Table {
    artifacts: Vec<SeriesArtifact>,
    rows: BTreeMap<(TestCase, Epoch), Row>,
}

#[derive(Default)]
struct Row {
    category: Option<Category>,
    places: Vec<Option<Place>>,
}

#[derive(Clone, Copy)]
struct Place {
    minimum: Option<f64>,
    median: Option<f64>,
    iterations: u32,
}

impl Place {
    /// `None` where nothing was measured.
    fn of(values: &[f64]) -> Option<Self> {
        let mut values: Vec<f64> = values
            .iter()
            .copied()
            .filter(|value| value.is_finite())
            .collect();
        values.sort_by(f64::total_cmp);
        let minimum = *values.first()?;
        let upper = values[values.len() / 2];
        let lower = values[(values.len() - 1) / 2];
        Some(Self {
            minimum: Some(minimum),
            // The half of each, since the sum of two huge values is not finite.
            median: Some(lower / 2.0 + upper / 2.0),
            iterations: values.len() as u32,
        })
    }
}

/// The metric of an entry, where the column has it on that line.
pub(super) fn metric_of<'a>(
    entry: &MetricBlocks,
    column: &'a RunColumn,
) -> Result<Option<&'a Metric>, AnalysisError> {
    if entry.line != column.line {
        return Ok(None);
    }
    let mut metrics = column.metrics.iter();
    match metrics.find(|metric| metric.name == entry.metric.name) {
        Some(metric) if *metric != entry.metric => Err(AnalysisError::MetricDefinedDifferently {
            metric: metric.name.clone(),
        }),
        metric => Ok(metric),
    }
}

impl Table {
    pub(super) fn of_block(block: &SeriesBlock) -> Self {
        let rows = block.series.iter().map(|series| {
            let places = (0..block.artifacts.len()).map(|column| {
                let iterations = series.iterations.get(column).copied().unwrap_or(0);
                let minimum = series.minimum.get(column).copied().flatten();
                let median = series.median.get(column).copied().flatten();
                (iterations > 0 || minimum.is_some() || median.is_some()).then_some(Place {
                    minimum,
                    median,
                    iterations,
                })
            });
            let row = Row {
                category: series.category,
                places: places.collect(),
            };
            ((series.test_case.clone(), series.epoch.clone()), row)
        });
        Self {
            artifacts: block.artifacts.clone(),
            rows: rows.collect(),
        }
    }

    pub(super) fn of_columns(metric: &MetricName, columns: &[&RunColumn]) -> Self {
        let mut columns = columns.to_vec();
        columns.sort_by_key(|column| (column.ordinal, &column.artifact));
        let mut table = Self {
            artifacts: columns
                .iter()
                .map(|column| column.series_artifact())
                .collect(),
            rows: BTreeMap::new(),
        };
        for (place, column) in columns.iter().enumerate() {
            table.fill(place, column, metric);
        }
        table
    }

    /// Takes an artifact out, where it is in.
    pub(super) fn remove(&mut self, artifact: &ArtifactId) {
        let mut artifacts = self.artifacts.iter();
        if let Some(place) = artifacts.position(|held| held.id == *artifact) {
            self.artifacts.remove(place);
            for row in self.rows.values_mut() {
                row.places.remove(place);
            }
        }
    }

    /// Puts a column at its place.
    pub(super) fn insert(&mut self, column: &RunColumn, metric: &MetricName) {
        let key = (column.ordinal, &column.artifact);
        let place = self
            .artifacts
            .partition_point(|artifact| (artifact.ordinal, &artifact.id) < key);
        self.artifacts.insert(place, column.series_artifact());
        for row in self.rows.values_mut() {
            row.places.insert(place, None);
        }
        self.fill(place, column, metric);
    }

    fn fill(&mut self, place: usize, column: &RunColumn, metric: &MetricName) {
        let artifacts = self.artifacts.len();
        for case in &column.cases {
            let values = case.values.get(metric).map(Vec::as_slice);
            let Some(measured) = values.and_then(Place::of) else {
                continue;
            };
            let key = (case.test_case.clone(), case.epoch.clone());
            let row = self.rows.entry(key).or_default();
            row.places.resize(artifacts, None);
            row.places[place] = Some(measured);
            row.category = case.category.or(row.category);
        }
    }

    /// Parts as full as a block may be.
    pub(super) fn parts_filled_up(&self) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = 0;
        while self.artifacts.len() - start > BLOCK_ARTIFACTS_MAX {
            match self.cut_near(start + BLOCK_ARTIFACTS_MAX, start) {
                Some(cut) => {
                    parts.push(start..cut);
                    start = cut;
                }
                None => break,
            }
        }
        parts.push(start..self.artifacts.len());
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// Parts of a block into which `artifact` was just put. One that came in at the very end
    /// starts a block of its own, so that a series that only grows has full blocks; else both
    /// halves have room.
    pub(super) fn parts_after_insertion(
        &self,
        artifact: &ArtifactId,
        is_last_block: bool,
    ) -> Vec<Range<usize>> {
        let length = self.artifacts.len();
        if length <= BLOCK_ARTIFACTS_MAX {
            return self.parts_filled_up();
        }
        let newest = self
            .artifacts
            .last()
            .is_some_and(|last| last.id == *artifact);
        if newest && is_last_block {
            return self.parts_filled_up();
        }
        match self.cut_near(length / 2, 0) {
            Some(cut) => vec![0..cut, cut..length],
            None => self.parts_filled_up(),
        }
    }

    /// The place at or before `wanted`, else after it, that separates two ordinals: artifacts of
    /// one ordinal stay in one block, so that an ordinal leads to one block.
    fn cut_near(&self, wanted: usize, start: usize) -> Option<usize> {
        let separates =
            |cut: &usize| self.artifacts[*cut - 1].ordinal != self.artifacts[*cut].ordinal;
        let mut before = (start + 1..=wanted).rev();
        let mut after = wanted + 1..self.artifacts.len();
        before.find(separates).or_else(|| after.find(separates))
    }

    /// A part of the table as a block. Series without a value in it are left out.
    pub(super) fn block(
        &self,
        part: Range<usize>,
        configuration: &ConfigurationId,
        metric: &Metric,
        line: Line,
    ) -> SeriesBlock {
        let series = self.rows.iter().filter_map(|((test_case, epoch), row)| {
            let places = &row.places[part.clone()];
            let column = |value: fn(&Place) -> Option<f64>| {
                let values = places.iter().map(|place| place.as_ref().and_then(value));
                values.collect()
            };
            let iterations = places
                .iter()
                .map(|place| place.map_or(0, |place| place.iterations));
            places.iter().any(Option::is_some).then(|| SeriesColumns {
                test_case: test_case.clone(),
                epoch: epoch.clone(),
                category: row.category,
                minimum: column(|place| place.minimum),
                median: column(|place| place.median),
                iterations: iterations.collect(),
            })
        });
        SeriesBlock {
            format: SeriesBlock::VERSION,
            configuration: configuration.clone(),
            metric: metric.clone(),
            line,
            artifacts: self.artifacts[part.clone()].to_vec(),
            series: series.collect(),
        }
    }
}
