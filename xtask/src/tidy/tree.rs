//! What is in the checkout.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::command;
use crate::error::Error;

/// A text file of the checkout.
#[derive(Debug)]
pub(super) struct TextFile {
    /// Relative to the top, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl TextFile {
    #[cfg(test)]
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// Without folders.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// Every file that git keeps or would keep, relative to the top. Files that are deleted and not
/// yet committed are not there.
pub(super) fn paths(root: &Path) -> Result<BTreeSet<String>, Error> {
    let listed = command::capture(
        Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            // Paths with other letters than ASCII as they are, not quoted.
            .args(["-z"])
            .current_dir(root),
    )?;
    let paths = listed.split('\0').filter(|path| !path.is_empty());
    Ok(paths
        .filter(|path| root.join(path).is_file())
        .map(str::to_owned)
        .collect())
}

/// Those of `paths` that are text.
pub(super) fn text_files(root: &Path, paths: &BTreeSet<String>) -> Result<Vec<TextFile>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let full = root.join(path);
        let content = std::fs::read(&full).map_err(Error::file("read", &full))?;
        if let Ok(text) = String::from_utf8(content)
            && !text.contains('\0')
        {
            files.push(TextFile {
                path: path.clone(),
                text,
            });
        }
    }
    Ok(files)
}
