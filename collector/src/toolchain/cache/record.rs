//! What a cache keeps about a toolchain beside it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared_types::format::Versioned;
use shared_types::{ArtifactId, FormatVersion};

use crate::CollectorError;
use crate::toolchain::fetch::{FetchedArchive, Sha256Sum};

/// What is known of a toolchain in a cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ToolchainRecord {
    pub(super) format: FormatVersion,
    pub(super) artifact: ArtifactId,
    /// The target triple that it runs on.
    pub(super) target: String,
    /// What it calls itself.
    pub(super) title: Option<String>,
    /// The name of the source that had it.
    pub(super) source: String,
    pub(super) archives: Vec<FetchedArchive>,
    pub(super) fetched_at: Timestamp,
    /// What its files take, in bytes.
    pub(super) bytes: u64,
}

impl Versioned for ToolchainRecord {
    const WHAT: &'static str = "the record of a toolchain";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

/// The checksums of the archives that were once fetched for an artifact. They outlive its
/// toolchain, so that another archive under the same URL is found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ChecksumRecord {
    pub(super) format: FormatVersion,
    pub(super) artifact: ArtifactId,
    /// By URL.
    pub(super) sha256: BTreeMap<String, Sha256Sum>,
}

impl Versioned for ChecksumRecord {
    const WHAT: &'static str = "the record of an artifact's checksums";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

/// Reads a document, or says that there is none.
pub(super) fn read<T: Versioned>(path: &Path) -> Result<Option<T>, CollectorError> {
    match std::fs::read(path) {
        Ok(json) => Ok(Some(T::from_json(&json)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CollectorError::io("read", path)(error)),
    }
}

/// Writes a document, so that it is there whole or not at all.
pub(super) fn write(path: &Path, document: &impl Serialize) -> Result<(), CollectorError> {
    let json = serde_json::to_vec_pretty(document).map_err(|error| {
        CollectorError::io("write", path)(std::io::Error::other(error.to_string()))
    })?;
    replace(path, &json)
}

/// The time in a file that [`write_time`] has written.
pub(super) fn read_time(path: &Path) -> Option<Timestamp> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Writes a time.
pub(super) fn write_time(path: &Path, time: Timestamp) -> Result<(), CollectorError> {
    replace(path, format!("{time}\n").as_bytes())
}

fn replace(path: &Path, content: &[u8]) -> Result<(), CollectorError> {
    let folder = path.parent().unwrap_or(path);
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(content)?;
        file.as_file().sync_all()?;
        Ok(file)
    });
    written
        .and_then(|file| file.persist(path).map_err(|error| error.error))
        .map(drop)
        .map_err(CollectorError::io("write", path))
}
