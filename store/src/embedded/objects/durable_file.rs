//! Files that are whole and durable, or not there at all.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::embedded::data_folder::io_failure;
use crate::{PutOutcome, StoreError};

/// Where files are written before they get their names.
const INCOMING: &str = ".incoming";

/// A file that has been incoming for so long was left behind by a killed process.
const LEFT_BEHIND_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// From how many files on one sync of the whole file system is cheaper than one of each file.
const FILES_WORTH_A_WHOLE_SYNC: usize = 32;

/// A folder in which files appear whole.
pub(super) struct DurableFolder {
    root: PathBuf,
    /// Folders that are known to be there, durably.
    known: Mutex<HashSet<PathBuf>>,
}

impl DurableFolder {
    /// Opens the folder, makes it where there is none, and removes what killed processes left.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn open(root: &Path) -> Result<Self, StoreError> {
        let incoming = root.join(INCOMING);
        fs::create_dir_all(&incoming).map_err(|error| io_failure(&error, "making", &incoming))?;
        remove_left_behind(&incoming, SystemTime::now())
            .map_err(|error| io_failure(&error, "tidying", &incoming))?;
        Ok(Self {
            root: root.to_owned(),
            known: Mutex::new(HashSet::from([root.to_owned()])),
        })
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the object of this name is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Stores objects under names that were never used. Each step is done for all of them before
    /// the next, so that many share a sync.
    ///
    /// # Errors
    /// When the disk is full or fails. Then each object is whole or not there.
    pub(super) fn put_many_once(
        &self,
        objects: &[(String, Vec<u8>)],
    ) -> Result<Vec<PutOutcome>, StoreError> {
        let mut incoming = Vec::with_capacity(objects.len());
        for (name, bytes) in objects {
            let path = self.path(name);
            let file = if path.exists() {
                None
            } else {
                Some(IncomingFile::write(self, bytes)?)
            };
            incoming.push((path, file));
        }
        let many = objects.len() >= FILES_WORTH_A_WHOLE_SYNC;
        if !(many && self.sync_file_system()?) {
            for file in incoming.iter().filter_map(|(_, file)| file.as_ref()) {
                file.sync()?;
            }
        }
        let mut folders = BTreeSet::new();
        let mut outcomes = Vec::with_capacity(objects.len());
        for (path, file) in &incoming {
            folders.extend(self.make_parents(path)?);
            outcomes.push(match file {
                Some(file) => file.name_once(path)?,
                None => PutOutcome::AlreadyThere,
            });
        }
        // Also for those that were there: whoever named them may have been killed before this.
        if !(many && self.sync_file_system()?) {
            self.sync_folders(&folders)?;
        }
        Ok(outcomes)
    }

    /// Makes everything on the file system durable, where the operating system can. Returns whether
    /// it can.
    #[cfg(target_os = "linux")]
    fn sync_file_system(&self) -> Result<bool, StoreError> {
        File::open(&self.root)
            .and_then(|root| Ok(rustix::fs::syncfs(root)?))
            .map_err(|error| io_failure(&error, "syncing the file system of", &self.root))?;
        Ok(true)
    }

    /// Other systems have no such call that waits.
    #[cfg(not(target_os = "linux"))]
    fn sync_file_system(&self) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Makes the folders above `path`. Returns those that are to be synced once the file has its
    /// name: its own, and the one above each that is new.
    ///
    /// # Errors
    /// When they cannot be made.
    pub(super) fn make_parents(&self, path: &Path) -> Result<BTreeSet<PathBuf>, StoreError> {
        let Some(parent) = path.parent() else {
            return Ok(BTreeSet::new());
        };
        let mut to_sync = BTreeSet::from([parent.to_owned()]);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for folder in parent.ancestors() {
            if known.contains(folder) || folder == self.root {
                break;
            }
            to_sync.extend(folder.parent().map(Path::to_owned));
        }
        drop(known);
        if to_sync.len() > 1 {
            fs::create_dir_all(parent).map_err(|error| io_failure(&error, "making", parent))?;
        }
        Ok(to_sync)
    }

    /// Makes the names in these folders durable.
    ///
    /// # Errors
    /// When the disk fails.
    pub(super) fn sync_folders(&self, folders: &BTreeSet<PathBuf>) -> Result<(), StoreError> {
        for folder in folders {
            File::open(folder)
                .and_then(|opened| opened.sync_all())
                .map_err(|error| io_failure(&error, "syncing", folder))?;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // The folder of one job is used once or twice; remembering all of them would be a leak.
        known.extend(
            folders
                .iter()
                .filter(|folder| folders.iter().any(|other| other.parent() == Some(folder)))
                .cloned(),
        );
        Ok(())
    }
}

/// A file that has no lasting name yet. Dropping it removes it.
pub(super) struct IncomingFile {
    path: PathBuf,
}

impl IncomingFile {
    /// Writes `bytes`.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub(super) fn write(folder: &DurableFolder, bytes: &[u8]) -> Result<Self, StoreError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let nanoseconds = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        // A number of a process may come again after a restart, hence the time.
        let name = format!("{}-{nanoseconds}-{count}", std::process::id());
        let incoming = Self {
            path: folder.root.join(INCOMING).join(name),
        };
        File::create_new(&incoming.path)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|error| incoming.failure(&error, "writing"))?;
        Ok(incoming)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes its bytes durable.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        File::open(&self.path)
            .and_then(|file| file.sync_all())
            .map_err(|error| self.failure(&error, "syncing"))
    }

    /// Gives it the name `path` unless that is taken.
    fn name_once(&self, path: &Path) -> Result<PutOutcome, StoreError> {
        // A rename would replace what is there.
        match fs::hard_link(&self.path, path) {
            Ok(()) => Ok(PutOutcome::Stored),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Ok(PutOutcome::AlreadyThere)
            }
            Err(error) => Err(io_failure(&error, "naming", path)),
        }
    }

    fn failure(&self, error: &io::Error, action: &str) -> StoreError {
        io_failure(error, action, &self.path)
    }
}

impl Drop for IncomingFile {
    fn drop(&mut self) {
        // What cannot be removed now is removed a day after, when the folder is opened.
        let _ = fs::remove_file(&self.path);
    }
}

fn remove_left_behind(incoming: &Path, now: SystemTime) -> io::Result<()> {
    for entry in fs::read_dir(incoming)? {
        let entry = entry?;
        // Another process may name or remove its file at this very moment.
        let age = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .map_or(Duration::ZERO, |modified| {
                now.duration_since(modified).unwrap_or(Duration::ZERO)
            });
        if age > LEFT_BEHIND_AFTER {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_removed_a_day_later() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1-2-3"), "half").unwrap();
        let now = SystemTime::now();
        remove_left_behind(folder.path(), now).unwrap();
        assert!(folder.path().join("1-2-3").exists());
        remove_left_behind(folder.path(), now + 2 * LEFT_BEHIND_AFTER).unwrap();
        assert!(!folder.path().join("1-2-3").exists());
    }

    #[test]
    fn a_file_that_gets_no_name_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = DurableFolder::open(place.path()).unwrap();
        let taken = place.path().join("a");
        fs::write(&taken, "first").unwrap();
        let file = IncomingFile::write(&folder, b"second").unwrap();
        assert_eq!(file.name_once(&taken).unwrap(), PutOutcome::AlreadyThere);
        drop(file);
        assert_eq!(fs::read_to_string(&taken).unwrap(), "first");
        let left = fs::read_dir(place.path().join(INCOMING)).unwrap().count();
        assert_eq!(left, 0);
    }
}
