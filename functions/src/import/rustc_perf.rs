//! Imports the SQLite exports of rustc-perf.
//!
//! ```text
//! file -> schema -> series, artifacts, requests -> values, one artifact after the other -> results
//! ```
//!
//! Every (target, backend, front-end threads) is a configuration of its own, and every collection of
//! an artifact an iteration. A thread reads, since SQLite makes its caller wait, and hands results
//! over one by one: no more than a few are in memory.

mod artifacts;
mod assembling;
mod drawing;
mod export_file;
mod failures;
mod known;
mod left_out;
mod measurements;
mod metrics;
mod requests;
mod schema;
mod series;

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Statement;
use serde::Serialize;
use shared_types::result_document::ResultDocument;
use shared_types::{Artifact, ArtifactId, ConfigurationId};
use tokio::sync::mpsc;

pub use artifacts::ArtifactKind;
pub use left_out::LeftOut;
pub use requests::ExportedRequest;

use super::storing::Storing;
use crate::{Context, FunctionsError};
use artifacts::ExportedArtifact;
use drawing::Runs;
use export_file::{ExportFile, unreadable};
use failures::FailuresByArtifact;
use left_out::LeftOuts;
use measurements::{Cursor, ValueTable, ValuesOfArtifact};
use schema::Schema;
use series::SeriesTable;

/// How many results wait to be stored while others are read.
const WAITING_MAX: usize = 8;
/// How many results are stored at once.
const BATCH: usize = 16;

/// What an import of an export did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportedExport {
    /// What was taken for granted of what the export does not say, in sentences.
    pub assumptions: Vec<String>,
    /// Rows with values that were read, good and bad.
    pub rows: u64,
    /// Values that were taken in, or were stored already.
    pub values: u64,
    /// Runs: an artifact under a configuration.
    pub runs: u64,
    /// Runs of which something was not stored yet.
    pub runs_new: u64,
    /// Artifacts that were measured.
    pub artifacts: u64,
    /// Those of them that have a place in history; the others stay out of series.
    pub artifacts_with_history: u64,
    /// Failures that were kept.
    pub failures: u64,
    /// Failures of which the export does not say under which configuration they came.
    pub failures_without_place: u64,
    /// The configurations, in alphabetical order.
    pub configurations: Vec<ConfigurationId>,
    /// Rows that were left out, all of them.
    pub rows_left_out: u64,
    /// What was left out and why, the first twenty kinds of it.
    pub left_out: Vec<LeftOut>,
    /// What the export was asked to measure, in order of time.
    #[serde(skip)]
    pub requests: Vec<ExportedRequest>,
}

/// Imports an export, compressed with zstd or gzip or not. What is stored already is not stored
/// again, so that importing it twice changes nothing, and a newer one adds what is new.
///
/// # Errors
/// When the file is no export, cannot be read to its end, or the store fails. What was stored until
/// then stays, and importing the file again carries on; nothing is stored of a file that is no
/// export.
pub async fn rustc_perf(context: &Context, file: &Path) -> Result<ImportedExport, FunctionsError> {
    let (sender, mut receiver) = mpsc::channel(WAITING_MAX);
    let (path, unique) = (file.to_owned(), context.random_bytes()?);
    let reading = tokio::task::spawn_blocking(move || {
        read(&path, &unique, &mut |document| {
            // Whoever stores failed, and says why.
            let given_up = |_| FunctionsError::Refused("the import was given up".to_owned());
            sender.blocking_send(document).map_err(given_up)
        })
    });
    let mut storing = Storing::default();
    let mut all = Runs::new();
    let mut new = Vec::with_capacity(BATCH);
    while let Some(document) = receiver.recv().await {
        let of_configuration = all.entry(document.configuration.clone()).or_default();
        of_configuration.extend(document.runs.iter().map(|run| run.artifact.clone()));
        new.extend(known::new_part(context, document).await?);
        if new.len() >= BATCH {
            storing.store(context, std::mem::take(&mut new)).await?;
        }
    }
    storing.store(context, new).await?;
    let (stored, drawn) = storing.into_parts();
    let read = reading
        .await
        .map_err(|panic| FunctionsError::Defect(panic.to_string()))??;
    // Also where the file turned out to be damaged: what was read before is to be seen.
    drawing::draw(context, &read.artifacts, &all, &drawn).await?;
    let read = match read.failure {
        Some(failure) => return Err(failure),
        None => read,
    };
    let placed = read.artifacts.iter().filter(|one| one.history.is_some());
    Ok(ImportedExport {
        assumptions: read.assumptions,
        rows: read.rows,
        values: read.values,
        runs: all.values().map(|artifacts| artifacts.len() as u64).sum(),
        runs_new: stored.runs_new,
        artifacts_with_history: placed.count() as u64,
        artifacts: read.artifacts.len() as u64,
        failures: read.failures,
        failures_without_place: read.failures_without_place,
        configurations: all.into_keys().collect(),
        rows_left_out: read.left_out.rows(),
        left_out: read.left_out.described(),
        requests: read.requests,
    })
}

/// The results of an export, all in memory: for an export that is small.
///
/// # Errors
/// When the file is no export, or cannot be read to its end.
pub fn results(file: &Path, unique: &[u8; 8]) -> Result<Vec<ResultDocument>, FunctionsError> {
    let mut documents = Vec::new();
    let read = read(file, unique, &mut |document| {
        documents.push(document);
        Ok(())
    })?;
    match read.failure {
        Some(failure) => Err(failure),
        None => Ok(documents),
    }
}

/// Where results go, one by one. An error ends the reading.
type HandOver<'a> = &'a mut dyn FnMut(ResultDocument) -> Result<(), FunctionsError>;

/// What was read of an export, beside its results.
struct ReadExport {
    assumptions: Vec<String>,
    rows: u64,
    values: u64,
    artifacts: Vec<Artifact>,
    failures: u64,
    failures_without_place: u64,
    requests: Vec<ExportedRequest>,
    left_out: LeftOuts,
    /// Why it could not be read to its end.
    failure: Option<FunctionsError>,
}

/// Reads an export, and hands its results over.
fn read(
    path: &Path,
    unique: &[u8; 8],
    results: HandOver<'_>,
) -> Result<ReadExport, FunctionsError> {
    let file = ExportFile::open(path, unique)?;
    let connection = &file.connection;
    let schema = Schema::read(connection)?;
    let mut left_out = LeftOuts::default();
    let mut series = SeriesTable::read(connection, &schema, &mut left_out)?;
    let artifacts = artifacts::read(connection, &schema, &mut left_out)?;
    let requests = requests::read(connection, &schema, &artifacts, &mut left_out)?;
    let names = artifacts.iter().map(|one| (one.row, one.id.clone()));
    let names: BTreeMap<i64, ArtifactId> = names.collect();
    let failures = failures::read(connection, &schema, &names, &mut left_out)?;
    let mut statements = Vec::new();
    for table in ValueTable::ALL {
        if let Some(sql) = table.query(&schema) {
            let statement = connection.prepare(&sql).map_err(|e| unreadable(&e))?;
            statements.push((table, statement));
        }
    }
    let mut reading = Reading {
        series: &mut series,
        failures,
        left_out,
        results,
        rows: 0,
        values: 0,
        failures_kept: 0,
        failures_without_place: 0,
        measured: Vec::new(),
    };
    let failure = reading.all(&artifacts, &mut statements).err();
    let unknown = reading.series.metrics.keys();
    let unknown: Vec<&str> = unknown
        .map(|metric| metric.as_str())
        .filter(|metric| !metrics::is_known(metric))
        .collect();
    let mut assumptions = schema.assumptions;
    if !unknown.is_empty() {
        assumptions.push(format!(
            "the unit of {} is not known: it is kept as a count of which less is better",
            unknown.join(", ")
        ));
    }
    Ok(ReadExport {
        assumptions,
        rows: reading.rows,
        values: reading.values,
        artifacts: artifacts::placed(&reading.measured, &requests::parents(&requests)),
        failures: reading.failures_kept,
        failures_without_place: reading.failures_without_place,
        left_out: reading.left_out,
        requests,
        failure,
    })
}

/// Reads the values.
struct Reading<'a> {
    series: &'a mut SeriesTable,
    failures: FailuresByArtifact,
    left_out: LeftOuts,
    results: HandOver<'a>,
    rows: u64,
    values: u64,
    failures_kept: u64,
    failures_without_place: u64,
    /// The artifacts of which there was something.
    measured: Vec<&'a ExportedArtifact>,
}

impl<'a> Reading<'a> {
    /// Reads every table to its end.
    fn all(
        &mut self,
        artifacts: &'a [ExportedArtifact],
        statements: &mut [(ValueTable, Statement<'_>)],
    ) -> Result<(), FunctionsError> {
        let mut cursors = Vec::with_capacity(statements.len());
        for (table, statement) in statements {
            cursors.push(Cursor::at_first(*table, statement, &mut self.left_out)?);
        }
        for artifact in artifacts {
            let mut values = ValuesOfArtifact::new();
            for cursor in &mut cursors {
                cursor.take(artifact.row, self.series, &mut self.left_out, &mut values)?;
            }
            if self.hand_over(artifact, values)? {
                self.measured.push(artifact);
            }
        }
        for cursor in &mut cursors {
            cursor.pass_rest(&mut self.left_out)?;
            self.rows += cursor.read;
        }
        Ok(())
    }

    /// Hands over what there is of an artifact. Returns whether there is anything.
    fn hand_over(
        &mut self,
        artifact: &ExportedArtifact,
        values: ValuesOfArtifact,
    ) -> Result<bool, FunctionsError> {
        let failures = self.failures.remove(&artifact.row).unwrap_or_default();
        let (documents, without_place) =
            assembling::documents(artifact, values, failures, self.series)?;
        self.failures_without_place += without_place.len() as u64;
        let is_measured = !documents.is_empty();
        for document in documents {
            let all_values = document.measurements.iter().flat_map(|one| &one.values);
            self.values += all_values
                .map(|values| values.measured().count() as u64)
                .sum::<u64>();
            self.failures_kept += document.failures.len() as u64;
            (self.results)(document)?;
        }
        Ok(is_measured)
    }
}
