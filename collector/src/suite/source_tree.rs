//! The files of a stress crate.

use std::path::{Path, PathBuf};

use crate::CollectorError;

/// The largest number of files that a stress crate may have; more is a mistake, such as a link to
/// some other place.
const FILES_MAX: usize = 1_000;

/// One file of a source tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path, relative to the tree.
    pub path: PathBuf,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Reads all files under a folder, sorted by path. What a build or an editor leaves there (hidden
/// files, the folder `target`) is left out, so that it cannot change what is measured.
pub(super) fn read(directory: &Path) -> Result<Vec<SourceFile>, CollectorError> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let absolute = directory.join(&folder);
        let entries = std::fs::read_dir(&absolute)
            .map_err(CollectorError::io("list the folder", &absolute))?;
        for entry in entries {
            let entry = entry.map_err(CollectorError::io("list the folder", &absolute))?;
            let name = entry.file_name();
            if name == "target" || name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = folder.join(&name);
            let kind = entry
                .file_type()
                .map_err(CollectorError::io("look at", &entry.path()))?;
            if kind.is_dir() {
                folders.push(path);
            } else {
                let content = std::fs::read(entry.path())
                    .map_err(CollectorError::io("read", &entry.path()))?;
                files.push(SourceFile { path, content });
            }
        }
        if files.len() > FILES_MAX {
            return Err(CollectorError::SuiteManifest {
                reason: format!("`{}` has more than {FILES_MAX} files", directory.display()),
            });
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

/// Writes files under a folder, and the folders that they need.
pub(super) fn write(files: &[SourceFile], directory: &Path) -> Result<(), CollectorError> {
    for file in files {
        let path = directory.join(&file.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(CollectorError::io("create the folder", folder))?;
        }
        std::fs::write(&path, &file.content).map_err(CollectorError::io("write", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_leaves_behind_is_no_part_of_the_sources() {
        let folder = tempfile::tempdir().unwrap();
        let file = |path: &str| SourceFile {
            path: path.into(),
            content: path.as_bytes().to_vec(),
        };
        let sources = [
            file("Cargo.toml"),
            file("src/lib.rs"),
            file("src/sub/module.rs"),
        ];
        let debris = [
            file("target/debug/libx.rlib"),
            file(".idea/x"),
            file(".gitignore"),
        ];
        write(&sources, folder.path()).unwrap();
        write(&debris, folder.path()).unwrap();
        assert_eq!(read(folder.path()).unwrap(), sources);
    }
}
