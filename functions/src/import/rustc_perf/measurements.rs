//! The values of an export, one artifact after the other: every table is read once, in the order of
//! its artifacts, and no more than one artifact is in memory.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::ValueRef;
use rusqlite::{Row, Rows, Statement};
use shared_types::{Category, ConfigurationId, MetricName, TestCase};

use super::artifacts::text;
use super::export_file::unreadable;
use super::left_out::LeftOuts;
use super::schema::{Schema, TARGET_BEFORE};
use super::series::{Series, SeriesTable};
use crate::FunctionsError;

/// A table of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueTable {
    /// Compilations.
    Compile,
    /// Programs that are run.
    Runtime,
    /// The compiler's own build.
    Build,
    /// Sizes of components.
    Sizes,
}

impl ValueTable {
    pub(super) const ALL: [Self; 4] = [Self::Compile, Self::Runtime, Self::Build, Self::Sizes];

    fn name(self) -> &'static str {
        match self {
            Self::Compile => "pstat",
            Self::Runtime => "runtime_pstat",
            Self::Build => "rustc_compilation",
            Self::Sizes => "artifact_size",
        }
    }

    /// Reads artifact, series or name, iteration, value and target, in the order of artifacts: where
    /// no index has that order, SQLite sorts in a file.
    pub(super) fn query(self, schema: &Schema) -> Option<String> {
        let name = self.name();
        let target = schema.or(name, &["target"], "NULL");
        let columns = match self {
            Self::Compile => "series, cid, value, NULL".to_owned(),
            Self::Runtime => "series, cid, value, NULL".to_owned(),
            Self::Build => format!("crate, cid, duration, {target}"),
            Self::Sizes => format!("component, 0, size, {target}"),
        };
        let series_are_there = self != Self::Runtime || schema.has("runtime_pstat_series");
        (schema.has(name) && series_are_there)
            .then(|| format!("SELECT aid, {columns} FROM {name} ORDER BY aid"))
    }
}

/// The values of one artifact: by configuration, test case and metric, each with its iteration.
pub(super) type ValuesOfArtifact = BTreeMap<ConfigurationId, BTreeMap<TestCase, ValuesOfCase>>;

/// The values of one test case.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ValuesOfCase {
    pub(super) category: Option<Category>,
    pub(super) metrics: BTreeMap<MetricName, BTreeMap<i64, f64>>,
}

/// A row of a table of values.
struct ValueRow {
    artifact: i64,
    key: SeriesKey,
    iteration: Option<i64>,
    /// The value, none where it was not measured, or why it is none.
    value: Result<Option<f64>, &'static str>,
    target: Option<String>,
}

/// What a row names its series by.
enum SeriesKey {
    Id(i64),
    Name(String),
    Neither,
}

impl ValueRow {
    /// What a row says, or `None` where it names no artifact.
    fn of(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let ValueRef::Integer(artifact) = row.get_ref(0)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            artifact,
            key: match row.get_ref(1)? {
                ValueRef::Integer(id) => SeriesKey::Id(id),
                other => {
                    let name = text(other).map(str::to_owned);
                    name.map_or(SeriesKey::Neither, SeriesKey::Name)
                }
            },
            iteration: row.get_ref(2)?.as_i64().ok(),
            value: number(row.get_ref(3)?),
            target: text(row.get_ref(4)?).map(str::to_owned),
        }))
    }
}

/// Reads one table from its first artifact to its last.
pub(super) struct Cursor<'statement> {
    table: ValueTable,
    rows: Rows<'statement>,
    /// The row that the cursor stands at; none at the end.
    at: Option<ValueRow>,
    /// Rows that were read.
    pub(super) read: u64,
}

impl<'statement> Cursor<'statement> {
    pub(super) fn at_first(
        table: ValueTable,
        statement: &'statement mut Statement<'_>,
        left_out: &mut LeftOuts,
    ) -> Result<Self, FunctionsError> {
        let rows = statement.query([]).map_err(|error| unreadable(&error))?;
        let mut cursor = Self {
            table,
            rows,
            at: None,
            read: 0,
        };
        cursor.advance(left_out)?;
        Ok(cursor)
    }

    /// Goes to the next row that names an artifact.
    fn advance(&mut self, left_out: &mut LeftOuts) -> Result<(), FunctionsError> {
        loop {
            let Some(row) = self.rows.next().map_err(|error| unreadable(&error))? else {
                self.at = None;
                return Ok(());
            };
            self.read += 1;
            self.at = ValueRow::of(row).map_err(|error| unreadable(&error))?;
            if self.at.is_some() {
                return Ok(());
            }
            left_out.note_row(self.a_row(), "it is of no artifact");
        }
    }

    /// Takes the rows of `artifact`, and passes those of artifacts before it, which are of none that
    /// is known.
    pub(super) fn take(
        &mut self,
        artifact: i64,
        series: &mut SeriesTable,
        left_out: &mut LeftOuts,
        values: &mut ValuesOfArtifact,
    ) -> Result<(), FunctionsError> {
        while let Some(row) = self.at.take_if(|row| row.artifact <= artifact) {
            if row.artifact < artifact {
                left_out.note_row(self.a_row(), NO_ARTIFACT);
            } else if let Err(reason) = self.take_row(row, (series, left_out), values) {
                left_out.note_row(self.a_row(), reason);
            }
            self.advance(left_out)?;
        }
        Ok(())
    }

    /// Passes what is left, which is of no artifact that is known.
    pub(super) fn pass_rest(&mut self, left_out: &mut LeftOuts) -> Result<(), FunctionsError> {
        while self.at.is_some() {
            left_out.note_row(self.a_row(), NO_ARTIFACT);
            self.advance(left_out)?;
        }
        Ok(())
    }

    /// Takes a row in, or says why not.
    fn take_row(
        &self,
        row: ValueRow,
        (table, left_out): (&mut SeriesTable, &mut LeftOuts),
        values: &mut ValuesOfArtifact,
    ) -> Result<(), &'static str> {
        // Not measured; SQLite keeps what is no number so, too.
        let Some(value) = row.value? else {
            return Ok(());
        };
        let target = row.target.as_deref().unwrap_or(TARGET_BEFORE);
        let of_toolchain;
        let series: Option<&Series> = match (self.table, &row.key) {
            (ValueTable::Compile, SeriesKey::Id(id)) => known(&table.compile, *id),
            (ValueTable::Runtime, SeriesKey::Id(id)) => known(&table.runtime, *id),
            (ValueTable::Build | ValueTable::Sizes, SeriesKey::Name(name)) => {
                of_toolchain = table.toolchain(self.table.name(), name, target, left_out);
                of_toolchain.as_ref()
            }
            _ => None,
        };
        let series = series.ok_or("its series is unknown or was left out")?;
        let iteration = row.iteration.ok_or("it is of no iteration")?;
        let case = values
            .entry(series.measure.configuration.clone())
            .or_default()
            .entry(series.test_case.clone())
            .or_default();
        case.category = case.category.or(series.category);
        let metric = case
            .metrics
            .entry(series.measure.metric.clone())
            .or_default();
        metric.insert(iteration, value * series.measure.factor);
        Ok(())
    }

    fn a_row(&self) -> String {
        format!("a row of `{}`", self.table.name())
    }
}

const NO_ARTIFACT: &str = "its artifact is unknown or was left out";

fn known(series: &HashMap<i64, Option<Series>>, id: i64) -> Option<&Series> {
    series.get(&id)?.as_ref()
}

/// A value, or none where it was not measured.
fn number(value: ValueRef<'_>) -> Result<Option<f64>, &'static str> {
    let value = match value {
        ValueRef::Null => return Ok(None),
        ValueRef::Integer(value) => value as f64,
        ValueRef::Real(value) => value,
        ValueRef::Text(_) | ValueRef::Blob(_) => return Err("its value is no number"),
    };
    if value.is_finite() && value >= 0.0 {
        Ok(Some(value))
    } else {
        Err("its value is negative or infinite")
    }
}
