//! What of an export was not taken in, and why.

use std::collections::BTreeMap;

use serde::Serialize;

/// How many kinds of things that were left out are described; all are counted.
const DESCRIBED_MAX: usize = 20;

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// What: a series, an artifact, a row.
    pub what: String,
    /// What is wrong with it.
    pub reason: String,
    /// How many rows that cost; 0 where none was there.
    pub rows: u64,
}

/// Counts and describes what is left out.
#[derive(Debug, Default)]
pub(super) struct LeftOuts {
    rows: u64,
    described: BTreeMap<(String, String), u64>,
}

impl LeftOuts {
    /// Notes something that is not a row itself.
    pub(super) fn note(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        self.add(what.into(), reason.into(), 0);
    }

    /// Notes a row.
    pub(super) fn note_row(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        self.rows += 1;
        self.add(what.into(), reason.into(), 1);
    }

    fn add(&mut self, what: String, reason: String, rows: u64) {
        let key = (what, reason);
        if let Some(count) = self.described.get_mut(&key) {
            *count += rows;
        } else if self.described.len() < DESCRIBED_MAX {
            self.described.insert(key, rows);
        }
    }

    /// How many rows were left out.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The first of them, described.
    pub(super) fn described(self) -> Vec<LeftOut> {
        self.described
            .into_iter()
            .map(|((what, reason), rows)| LeftOut { what, reason, rows })
            .collect()
    }
}
