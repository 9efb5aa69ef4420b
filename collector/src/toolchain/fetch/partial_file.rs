//! A file that is being downloaded, and beside it what is known of the whole that it is part of.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::reply::Part;
use crate::CollectorError;

/// A file that is being downloaded.
#[derive(Debug)]
pub(super) struct PartialFile {
    path: PathBuf,
    origin: PathBuf,
}

/// What the file is part of.
#[derive(Debug, Serialize, Deserialize)]
struct Origin {
    url: String,
    length: Option<u64>,
    validator: Option<String>,
}

impl PartialFile {
    /// The file at `path`, of which nothing need be there yet.
    pub(super) fn at(path: &Path) -> Self {
        let mut origin = path.as_os_str().to_owned();
        origin.push(".origin.json");
        Self {
            path: path.to_owned(),
            origin: origin.into(),
        }
    }

    /// What is here of the file at `url`. Something that came from elsewhere counts as nothing.
    pub(super) fn part(&self, url: &str) -> Part {
        let read = || -> Option<Part> {
            let origin: Origin = serde_json::from_slice(&std::fs::read(&self.origin).ok()?).ok()?;
            let bytes = std::fs::metadata(&self.path).ok()?.len();
            (origin.url == url).then_some(Part {
                bytes,
                length: origin.length,
                validator: origin.validator,
            })
        };
        read().unwrap_or_default()
    }

    /// Begins the file anew, as the one that the server now describes.
    pub(super) fn begin(&self, url: &str, described: &Part) -> Result<(), CollectorError> {
        // Empty first: if all ends here, nothing old is taken for a part of the new.
        File::create(&self.path).map_err(CollectorError::io("create", &self.path))?;
        let origin = Origin {
            url: url.to_owned(),
            length: described.length,
            validator: described.validator.clone(),
        };
        let json = serde_json::to_vec(&origin).unwrap_or_default();
        std::fs::write(&self.origin, json).map_err(CollectorError::io("write", &self.origin))
    }

    /// The file, to write behind what is there.
    pub(super) fn append(&self) -> Result<Appending<'_>, CollectorError> {
        let file = OpenOptions::new()
            .append(true)
            .open(&self.path)
            .map_err(CollectorError::io("open", &self.path))?;
        Ok(Appending {
            file,
            path: &self.path,
        })
    }

    /// Drops what is here.
    pub(super) fn discard(&self) -> Result<(), CollectorError> {
        for path in [&self.path, &self.origin] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(CollectorError::io("remove", path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A file that is written to.
pub(super) struct Appending<'a> {
    file: File,
    path: &'a Path,
}

impl Appending<'_> {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), CollectorError> {
        self.file
            .write_all(bytes)
            .map_err(CollectorError::io("write", self.path))
    }

    /// Makes sure that what was written survives a loss of power.
    pub(super) fn keep(self) -> Result<(), CollectorError> {
        self.file
            .sync_all()
            .map_err(CollectorError::io("write", self.path))
    }
}
