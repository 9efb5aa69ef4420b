//! Results that are measured and not yet delivered, on the collector's own disk.

use std::path::{Path, PathBuf};

use shared_types::ObjectKey;

use crate::{CollectorError, durable_file};

/// A folder of undelivered objects, each under its key.
#[derive(Debug, Clone)]
pub(super) struct Spool {
    directory: PathBuf,
}

/// An undelivered object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spooled {
    pub(super) key: ObjectKey,
    pub(super) path: PathBuf,
}

impl Spool {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Keeps an object. It survives a crash of the machine once this returns.
    pub(super) fn keep(&self, key: &ObjectKey, bytes: &[u8]) -> Result<(), CollectorError> {
        let path = self.directory.join(key.to_string());
        durable_file::write(&path, bytes).map_err(CollectorError::io("keep a result in", &path))
    }

    /// What is undelivered. A result comes after its log, since nobody waits for a log once the
    /// result is there.
    pub(super) fn undelivered(&self) -> Result<Vec<Spooled>, CollectorError> {
        let mut found = Vec::new();
        collect(&self.directory, &self.directory, &mut found)?;
        found.sort_by_key(|spooled| {
            let is_result = matches!(spooled.key, ObjectKey::Result { .. });
            (is_result, spooled.key.clone())
        });
        Ok(found)
    }

    /// Forgets an object that was delivered.
    pub(super) fn forget(&self, spooled: &Spooled) -> Result<(), CollectorError> {
        std::fs::remove_file(&spooled.path)
            .map_err(CollectorError::io("delete the delivered", &spooled.path))
    }
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Spooled>) -> Result<(), CollectorError> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(CollectorError::io("list the folder", folder))?,
    };
    for entry in entries {
        let path = entry
            .map_err(CollectorError::io("list the folder", folder))?
            .path();
        if path.is_dir() {
            collect(root, &path, found)?;
        } else if let Some(key) = key_of(root, &path) {
            found.push(Spooled { key, path });
        }
    }
    Ok(())
}

fn key_of(root: &Path, path: &Path) -> Option<ObjectKey> {
    path.strip_prefix(root).ok()?.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> ObjectKey {
        text.parse().unwrap()
    }

    const RESULT: &str = "results/v1/c/0190163d-8694-739b-aea5-966c26f8ad91/1.json.zst";
    const LOG: &str = "logs/v1/0190163d-8694-739b-aea5-966c26f8ad91/1.log.zst";

    #[test]
    fn what_is_kept_is_found_by_the_next_process_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        Spool::new(folder.path().to_owned())
            .keep(&key(RESULT), b"result")
            .unwrap();
        let spool = Spool::new(folder.path().to_owned());
        let [spooled] = spool.undelivered().unwrap().try_into().unwrap();
        assert_eq!(spooled.key, key(RESULT));
        assert_eq!(std::fs::read(&spooled.path).unwrap(), b"result");
        spool.forget(&spooled).unwrap();
        assert_eq!(spool.undelivered().unwrap(), []);
    }

    #[test]
    fn a_log_goes_before_its_result_and_a_partial_file_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::new(folder.path().to_owned());
        spool.keep(&key(RESULT), b"result").unwrap();
        spool.keep(&key(LOG), b"log").unwrap();
        std::fs::write(folder.path().join("logs/v1/x.partial"), b"half").unwrap();
        let keys: Vec<String> = spool
            .undelivered()
            .unwrap()
            .into_iter()
            .map(|spooled| spooled.key.to_string())
            .collect();
        assert_eq!(keys, [LOG, RESULT]);
    }
}
