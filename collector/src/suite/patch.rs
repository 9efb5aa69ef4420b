//! Patches: the changes after which an incr-patched scenario compiles a crate again.

use std::path::{Component, Path, PathBuf};

use diffy::patch_set::{FileOperation, ParseOptions, PatchSet};
use shared_types::test_case::PatchName;

use crate::CollectorError;

/// A change of a benchmark's sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Its name, which is also that of its scenario.
    pub name: PatchName,
    /// The change as a unified diff, with paths relative to the crate (`a/…`, `b/…`).
    pub text: String,
}

impl Patch {
    /// Reads the patch `name` from the folder of a benchmark's patches.
    pub(super) fn load(name: PatchName, directory: &Path) -> Result<Self, CollectorError> {
        let path = directory.join(format!("{name}.patch"));
        let text =
            std::fs::read_to_string(&path).map_err(CollectorError::io("read the patch", &path))?;
        Ok(Self { name, text })
    }
}

/// Applies a patch to the crate in `directory`. Either every file is changed, or, when a part does
/// not fit, none.
///
/// # Errors
/// When the patch cannot be understood, changes nothing, reaches outside the crate, creates or
/// removes files, or does not fit; and when a file cannot be read or written.
pub fn apply_patch(patch: &Patch, directory: &Path) -> Result<(), CollectorError> {
    let mut changed = Vec::new();
    for file_patch in PatchSet::parse(&patch.text, ParseOptions::unidiff()) {
        let refused = |reason: String| refused(patch, directory, reason);
        let file_patch = file_patch.map_err(|error| refused(error.to_string()))?;
        let path = modified_path(file_patch.operation()).map_err(refused)?;
        let path = directory.join(path);
        let Some(hunks) = file_patch.patch().as_text() else {
            return Err(refused("it is not a patch of text".to_owned()));
        };
        if changed.iter().any(|(earlier, _)| *earlier == path) {
            return Err(self::refused(
                patch,
                &path,
                "it names this file twice".to_owned(),
            ));
        }
        let before = std::fs::read_to_string(&path).map_err(CollectorError::io("read", &path))?;
        let after = diffy::apply(&before, hunks)
            .map_err(|error| self::refused(patch, &path, error.to_string()))?;
        if before == after {
            return Err(self::refused(patch, &path, "it changes nothing".to_owned()));
        }
        changed.push((path, after));
    }
    if changed.is_empty() {
        return Err(refused(patch, directory, "it changes no file".to_owned()));
    }
    for (path, content) in changed {
        std::fs::write(&path, content).map_err(CollectorError::io("write", &path))?;
    }
    Ok(())
}

/// The path that a patch of one file changes, if it stays inside the crate.
fn modified_path(operation: &FileOperation<'_, str>) -> Result<PathBuf, String> {
    let FileOperation::Modify { modified, .. } = operation.strip_prefix(1) else {
        return Err("it creates, removes or renames a file".to_owned());
    };
    let path = PathBuf::from(modified.as_ref());
    let inside = path
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    inside
        .then_some(path)
        .ok_or_else(|| format!("`{modified}` reaches outside the crate"))
}

fn refused(patch: &Patch, file: &Path, reason: String) -> CollectorError {
    CollectorError::Patch {
        patch: patch.name.to_string(),
        file: file.to_owned(),
        reason,
    }
}

#[cfg(test)]
#[path = "patch_tests.rs"]
mod tests;
