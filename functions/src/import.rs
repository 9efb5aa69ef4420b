//! Import: takes in what was measured elsewhere, as if collectors had measured it.
//!
//! Every run of a file becomes one result object under a key that is made from its content, so that
//! importing a file twice changes nothing, and importing a longer one adds what is new.

mod decompressing;
mod documents;
mod layout;
mod rows;
pub mod rustc_perf;
mod storing;

use std::io::Read;

use serde::Serialize;
use shared_types::ConfigurationId;
use shared_types::result_document::ResultDocument;

pub use layout::Layout;
pub use rustc_perf::rustc_perf;

use crate::{Context, FunctionsError};
use documents::Documents;
use rows::Rows;
use storing::Storing;

/// How many bad rows are described; all are counted.
const DESCRIBED_ROWS_MAX: usize = 20;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// The layout of the file.
    pub layout: Layout,
    /// Rows that were read, good and bad.
    pub rows: u64,
    /// Values that were taken in.
    pub values: u64,
    /// Runs: an artifact under a configuration.
    pub runs: u64,
    /// Runs that were not known before.
    pub runs_new: u64,
    /// Artifacts.
    pub artifacts: u64,
    /// Artifacts whose place in history the file gives; the others stay out of series.
    pub artifacts_with_history: u64,
    /// The configurations, in alphabetical order.
    pub configurations: Vec<ConfigurationId>,
    /// Rows that were left out, all of them.
    pub bad_rows: u64,
    /// The first bad rows, and what is wrong with them.
    pub bad_rows_described: Vec<BadRow>,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadRow {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

/// Imports a CSV file whose layout is known by its header, compressed with gzip or not. Bad rows
/// are left out and described; an empty field is a value that was not measured.
///
/// # Errors
/// When the header is of no layout that is known, the file cannot be read to its end, or the store
/// fails. What was stored until then stays, and importing the file again carries on.
pub async fn csv(context: &Context, file: impl Read) -> Result<Imported, FunctionsError> {
    let mut rows = Rows::open(file)?;
    let mut documents = Documents::new(rows.layout(), rows.metrics());
    let mut storing = Storing::default();
    let mut bad_rows = 0;
    let mut bad_rows_described = Vec::new();
    while let Some(row) = rows.next_row()? {
        match row {
            Ok(row) => documents.add(row),
            Err(bad_row) => {
                bad_rows += 1;
                if bad_rows_described.len() < DESCRIBED_ROWS_MAX {
                    bad_rows_described.push(bad_row);
                }
            }
        }
        if documents.is_full() {
            storing.store(context, documents.take_oldest()?).await?;
        }
    }
    storing.store(context, documents.take_all()?).await?;
    let stored = storing
        .finish(context, &documents.places().placed())
        .await?;
    Ok(Imported {
        layout: rows.layout(),
        rows: rows.read(),
        values: documents.values(),
        runs: stored.runs,
        runs_new: stored.runs_new,
        artifacts: documents.places().artifacts(),
        artifacts_with_history: stored.artifacts_with_history,
        configurations: stored.configurations,
        bad_rows,
        bad_rows_described,
    })
}

/// The results that [`csv`] would store of a file, and how many of its rows are bad. Nothing is
/// stored, and the whole file is kept in memory.
///
/// # Errors
/// When the header is of no layout that is known, or the file cannot be read to its end.
pub fn results_of_csv(file: impl Read) -> Result<(Vec<ResultDocument>, u64), FunctionsError> {
    let mut rows = Rows::open(file)?;
    let mut documents = Documents::new(rows.layout(), rows.metrics());
    let mut bad_rows = 0;
    while let Some(row) = rows.next_row()? {
        match row {
            Ok(row) => documents.add(row),
            Err(_) => bad_rows += 1,
        }
    }
    Ok((documents.take_all()?, bad_rows))
}
