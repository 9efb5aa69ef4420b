//! Which tables and columns an export has: exports of different ages differ.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::export_file::unreadable;
use crate::FunctionsError;

/// The target of everything that was measured before exports told targets apart.
pub(super) const TARGET_BEFORE: &str = "x86_64-unknown-linux-gnu";
/// The backend of everything that was measured before exports told backends apart, and of what has
/// none.
pub(super) const BACKEND_BEFORE: &str = "llvm";

/// Tables without which there is nothing to import, each with the columns that are read, where a
/// column may have one of several names.
const NEEDED: [(&str, &[&[&str]]); 3] = [
    ("artifact", &[&["id"], &["name"]]),
    (
        "pstat_series",
        &[&["id"], &["crate"], &["profile"], SCENARIO, METRIC],
    ),
    ("pstat", &[&["series"], &["aid"], &["cid"], &["value"]]),
];

/// Tables that may be missing, each with the columns without which it is left out.
const WANTED: [(&str, &[&[&str]]); 7] = [
    ("benchmark", &[&["name"], &["category"]]),
    ("runtime_pstat_series", &[&["id"], &["benchmark"], METRIC]),
    (
        "runtime_pstat",
        &[&["series"], &["aid"], &["cid"], &["value"]],
    ),
    (
        "rustc_compilation",
        &[&["aid"], &["cid"], &["crate"], &["duration"]],
    ),
    ("artifact_size", &[&["aid"], &["component"], &["size"]]),
    ("error", &[&["aid"], CONTEXT, MESSAGE]),
    ("benchmark_request", &[&["tag"], &["commit_type"]]),
];

/// The names of the columns that were renamed, the newest first.
pub(super) const SCENARIO: &[&str] = &["scenario", "cache"];
pub(super) const METRIC: &[&str] = &["metric", "statistic"];
pub(super) const CONTEXT: &[&str] = &["context", "benchmark", "crate"];
pub(super) const MESSAGE: &[&str] = &["message", "error"];

/// The tables and columns of an export.
pub(super) struct Schema {
    columns: BTreeMap<String, BTreeSet<String>>,
    /// What is taken for granted of what this export does not say, in sentences.
    pub(super) assumptions: Vec<String>,
}

impl Schema {
    /// Finds out what there is.
    ///
    /// # Errors
    /// When it is no export of rustc-perf: names what is missing.
    pub(super) fn read(connection: &Connection) -> Result<Self, FunctionsError> {
        let mut columns = BTreeMap::new();
        for (table, _) in NEEDED.iter().chain(&WANTED) {
            let found = columns_of(connection, table).map_err(|error| unreadable(&error))?;
            if !found.is_empty() {
                columns.insert((*table).to_owned(), found);
            }
        }
        let job_queue = columns_of(connection, "job_queue").map_err(|error| unreadable(&error))?;
        columns.insert("job_queue".to_owned(), job_queue);
        let mut schema = Self {
            columns,
            assumptions: Vec::new(),
        };
        let missing: Vec<String> = NEEDED
            .iter()
            .flat_map(|(table, needed)| schema.lacks(table, needed))
            .collect();
        if !missing.is_empty() {
            return Err(FunctionsError::Usage(format!(
                "the file is a SQLite database and no export of rustc-perf: it lacks {}",
                missing.join(", ")
            )));
        }
        schema.assume();
        Ok(schema)
    }

    /// Whether a table is there with the columns that are read.
    pub(super) fn has(&self, table: &str) -> bool {
        let known = NEEDED.iter().chain(&WANTED);
        let needed = known.clone().find(|(name, _)| *name == table);
        needed.is_some_and(|(table, needed)| self.lacks(table, needed).is_empty())
    }

    /// The column of a table that has one of these names.
    pub(super) fn column<'a>(&self, table: &str, names: &[&'a str]) -> Option<&'a str> {
        let columns = self.columns.get(table)?;
        names.iter().copied().find(|name| columns.contains(*name))
    }

    /// The column of a table as an expression, or `otherwise` where it is not there.
    pub(super) fn or<'a>(&self, table: &str, names: &[&'a str], otherwise: &'a str) -> &'a str {
        self.column(table, names).unwrap_or(otherwise)
    }

    /// What a table lacks of what is needed of it.
    fn lacks(&self, table: &str, needed: &[&[&str]]) -> Vec<String> {
        let Some(columns) = self.columns.get(table) else {
            return vec![format!("the table `{table}`")];
        };
        let absent = needed
            .iter()
            .filter(|names| !names.iter().any(|name| columns.contains(*name)));
        absent
            .map(|names| format!("the column `{}` of the table `{table}`", names[0]))
            .collect()
    }

    fn assume(&mut self) {
        let mut said = Vec::new();
        for (column, value) in [
            ("backend", BACKEND_BEFORE),
            ("target", TARGET_BEFORE),
            ("frontend_threads", "1"),
        ] {
            if self.column("pstat_series", &[column]).is_none() {
                said.push(format!(
                    "`pstat_series` has no column `{column}`: all of it is taken as {value}"
                ));
            }
        }
        for (column, value) in [("date", "no date"), ("type", "try builds")] {
            if self.column("artifact", &[column]).is_none() {
                said.push(format!(
                    "`artifact` has no column `{column}`: its artifacts are taken as {value}, \
                     without a place in history"
                ));
            }
        }
        for (table, wanted) in WANTED {
            let lacks = self.lacks(table, wanted);
            if !lacks.is_empty() {
                said.push(format!(
                    "it lacks {}: {}",
                    lacks.join(" and "),
                    without(table)
                ));
            }
        }
        for table in ["runtime_pstat_series", "rustc_compilation", "artifact_size"] {
            if self.has(table) && self.column(table, &["target"]).is_none() {
                said.push(format!(
                    "`{table}` tells no target: all of it is taken as {TARGET_BEFORE}"
                ));
            }
        }
        self.assumptions = said;
    }
}

/// What follows where a table is missing.
fn without(table: &str) -> &'static str {
    match table {
        "benchmark" => "no benchmark has a category",
        "runtime_pstat_series" | "runtime_pstat" => "there are no runtime benchmarks",
        "rustc_compilation" => "there are no times of the compiler's own build",
        "artifact_size" => "there are no sizes of components",
        "error" => "it is not known what could not be measured",
        _ => "parents follow from the order of dates",
    }
}

fn columns_of(connection: &Connection, table: &str) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get::<_, String>(0))?;
    names.collect()
}
