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

/// Copies a folder with all that is in it to a path where nothing is. Links stay links: what one
/// points to may be nothing that whoever made it could read, and a copy of that would be. What is
/// neither file nor folder nor link is left out.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<(), CollectorError> {
    std::fs::create_dir_all(to).map_err(CollectorError::io("create the folder", to))?;
    let entries = std::fs::read_dir(from).map_err(CollectorError::io("list the folder", from))?;
    for entry in entries {
        let entry = entry.map_err(CollectorError::io("list the folder", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry
            .file_type()
            .map_err(CollectorError::io("look at", &source))?;
        if kind.is_dir() {
            copy_folder(&source, &target)?;
        } else if kind.is_symlink() {
            copy_link(&source, &target).map_err(CollectorError::io("copy the link", &source))?;
        } else if kind.is_file() {
            std::fs::copy(&source, &target).map_err(CollectorError::io("copy", &source))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn copy_link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(std::fs::read_link(from)?, to)
}

/// Elsewhere nothing makes links that would be missed.
#[cfg(not(unix))]
fn copy_link(_from: &Path, _to: &Path) -> std::io::Result<()> {
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_copy_holds_a_link_and_not_what_it_points_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("cache/deep")).unwrap();
        std::fs::write(path("key"), "a secret").unwrap();
        std::fs::write(path("cache/deep/file"), "plain").unwrap();
        std::os::unix::fs::symlink(path("key"), path("cache/deep/link")).unwrap();
        std::os::unix::fs::symlink(folder.path(), path("cache/all")).unwrap();
        copy_folder(&path("cache"), &path("copy")).unwrap();
        assert_eq!(std::fs::read(path("copy/deep/file")).unwrap(), b"plain");
        assert_eq!(
            std::fs::read_link(path("copy/deep/link")).unwrap(),
            path("key")
        );
        assert_eq!(std::fs::read_link(path("copy/all")).unwrap(), folder.path());
    }
}
