//! The index in SQLite.

mod artifacts;
mod collectors;
mod comparisons;
mod configurations;
mod disturbed_runs;
mod github;
mod jobs;
mod paging;
mod port;
mod problems;
mod requests;
mod results;
mod retractions;
mod runs;
mod scheduling;
mod tokens;
mod triage;
mod upkeep;

use std::path::Path;

use super::database::{Database, Durability};
use super::schema::INDEX_MIGRATIONS;
use crate::StoreError;

/// The index, in one file.
pub(super) struct EmbeddedIndex {
    database: Database,
}

impl EmbeddedIndex {
    /// Opens the file, and makes it where there is none.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            database: Database::open(path, INDEX_MIGRATIONS, Durability::Every)?,
        })
    }
}
