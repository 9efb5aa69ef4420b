//! Listing a folder as if it were flat: keys in the order of their bytes, from any place on.

use std::fs;
use std::io;
use std::path::Path;

use crate::embedded::data_folder::io_failure;
use crate::{ObjectPage, StoreError};

/// Lists the keys that begin with `prefix`, in order, from after `after`. Folders that hold none of
/// them are not opened.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn list(
    root: &Path,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<ObjectPage, StoreError> {
    let mut walk = Walk {
        prefix,
        after: after.unwrap_or(""),
        // One more than asked for tells whether there is a next page.
        limit: limit.saturating_add(1),
        keys: Vec::new(),
    };
    walk.folder(root, "")?;
    let mut keys = walk.keys;
    let next = if keys.len() > limit {
        keys.truncate(limit);
        keys.last().cloned()
    } else {
        None
    };
    Ok(ObjectPage { keys, next })
}

struct Walk<'a> {
    prefix: &'a str,
    after: &'a str,
    limit: usize,
    keys: Vec<String>,
}

impl Walk<'_> {
    /// Walks the folder whose keys begin with `above`.
    fn folder(&mut self, path: &Path, above: &str) -> Result<(), StoreError> {
        for entry in sorted_entries(path, above)? {
            if self.keys.len() >= self.limit {
                return Ok(());
            }
            if let Some(key) = entry.strip_suffix('/') {
                if self.may_hold(&entry) {
                    let name = key.rsplit('/').next().unwrap_or(key);
                    self.folder(&path.join(name), &entry)?;
                }
            } else if entry.starts_with(self.prefix) && entry.as_str() > self.after {
                self.keys.push(entry);
            }
        }
        Ok(())
    }

    /// Whether a folder, whose keys all begin with `folder`, can hold a key that is wanted.
    fn may_hold(&self, folder: &str) -> bool {
        let in_prefix = folder.starts_with(self.prefix) || self.prefix.starts_with(folder);
        in_prefix && (folder > self.after || self.after.starts_with(folder))
    }
}

/// The keys of a folder's files, and its folders with a slash at their end, which is where their
/// keys sort.
fn sorted_entries(path: &Path, above: &str) -> Result<Vec<String>, StoreError> {
    let failed = |error: io::Error| io_failure(&error, "listing", path);
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut keys = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if above.is_empty() && name.starts_with('.') {
            continue;
        }
        let slash = if entry.file_type().map_err(failed)?.is_dir() {
            "/"
        } else {
            ""
        };
        keys.push(format!("{above}{name}{slash}"));
    }
    keys.sort_unstable();
    Ok(keys)
}
