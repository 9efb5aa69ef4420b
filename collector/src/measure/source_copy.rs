//! Copies of folders, and the copy of a benchmark's sources that is compiled.

use std::path::{Path, PathBuf};

use crate::CollectorError;
use crate::suite::{Patch, apply_patch};

/// The sources of a benchmark at the path where they are compiled. They are as they were fetched,
/// but for the time in which a patch is applied.
#[derive(Debug)]
pub(super) struct SourceCopy {
    fetched: PathBuf,
    path: PathBuf,
}

impl SourceCopy {
    /// The copy at `path` of what was `fetched`. It is made anew unless it is known to be whole and
    /// unpatched.
    pub(super) fn of(fetched: &Path, path: PathBuf) -> Result<Self, CollectorError> {
        let copy = Self {
            fetched: fetched.to_owned(),
            path,
        };
        let origin = std::fs::read(copy.origin_file()).unwrap_or_default();
        if origin != fetched.as_os_str().as_encoded_bytes() {
            copy.make()?;
        }
        Ok(copy)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Does something while patches are applied, and takes them back whatever comes of it.
    pub(super) fn while_patched<T>(
        &self,
        patches: &[Patch],
        work: impl FnOnce() -> T,
    ) -> Result<T, CollectorError> {
        if patches.is_empty() {
            return Ok(work());
        }
        // Until the copy is made anew it has no origin: a collector that is killed meanwhile
        // leaves a copy that nobody takes for an unpatched one.
        let origin_file = self.origin_file();
        std::fs::remove_file(&origin_file).map_err(CollectorError::io("delete", &origin_file))?;
        let applied = patches
            .iter()
            .try_for_each(|patch| apply_patch(patch, &self.path));
        let outcome = applied.map(|()| work());
        self.make()?;
        outcome
    }

    fn make(&self) -> Result<(), CollectorError> {
        remove_folder(&self.path)?;
        copy_folder(&self.fetched, &self.path)?;
        let origin = self.fetched.as_os_str().as_encoded_bytes();
        let origin_file = self.origin_file();
        std::fs::write(&origin_file, origin).map_err(CollectorError::io("write", &origin_file))
    }

    fn origin_file(&self) -> PathBuf {
        self.path.with_extension("origin")
    }
}

/// Removes a folder with all that is in it. One that is not there is no error.
pub(super) fn remove_folder(path: &Path) -> Result<(), CollectorError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(CollectorError::io("delete the folder", path)(error))
        }
        _ => Ok(()),
    }
}

/// Makes a folder empty.
pub(super) fn empty_folder(path: &Path) -> Result<(), CollectorError> {
    remove_folder(path)?;
    std::fs::create_dir_all(path).map_err(CollectorError::io("create the folder", path))
}

/// Copies a folder with all that is in it to a path where nothing is.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<(), CollectorError> {
    std::fs::create_dir_all(to).map_err(CollectorError::io("create the folder", to))?;
    let entries = std::fs::read_dir(from).map_err(CollectorError::io("list the folder", from))?;
    for entry in entries {
        let entry = entry.map_err(CollectorError::io("list the folder", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            std::fs::copy(&source, &target).map_err(CollectorError::io("copy", &source))?;
        }
    }
    Ok(())
}

/// The sizes of all files under a folder: path relative to it, and bytes.
pub(super) fn files_under(folder: &Path) -> Result<Vec<(PathBuf, u64)>, CollectorError> {
    let mut files = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(relative) = waiting.pop() {
        let absolute = folder.join(&relative);
        let entries = std::fs::read_dir(&absolute)
            .map_err(CollectorError::io("list the folder", &absolute))?;
        for entry in entries {
            let entry = entry.map_err(CollectorError::io("list the folder", &absolute))?;
            let path = relative.join(entry.file_name());
            let metadata = entry
                .metadata()
                .map_err(CollectorError::io("look at", &entry.path()))?;
            if metadata.is_dir() {
                waiting.push(path);
            } else {
                files.push((path, metadata.len()));
            }
        }
    }
    Ok(files)
}
