//! What a confined program may reach of the disk, beside the system's own programs and libraries.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Files and folders that a confined program may reach. All lie inside at the paths that they have
/// outside: results and incremental caches depend on paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// What it may read and execute. What is not there is left out.
    pub readable: Vec<PathBuf>,
    /// What it may change, too. Each must be there.
    pub writable: Vec<PathBuf>,
}

/// How a path may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    Read,
    Write,
}

impl Access {
    /// Each path once, those that hold others before them, so that what is inside a folder can be
    /// of another use than the folder.
    pub(super) fn by_path(&self) -> BTreeMap<&PathBuf, Use> {
        let readable = self.readable.iter().map(|path| (path, Use::Read));
        let writable = self.writable.iter().map(|path| (path, Use::Write));
        readable.chain(writable).collect()
    }
}
