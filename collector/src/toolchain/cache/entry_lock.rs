//! The lock of one artifact in a cache: shared by those who use its toolchain, exclusive to whoever
//! brings or removes it. It ends with the process that holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::CollectorError;

/// A lock that is held.
#[derive(Debug)]
pub(super) struct EntryLock {
    file: File,
    path: PathBuf,
}

/// A way to hold a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Together with others.
    Shared,
    /// Alone.
    Exclusive,
}

impl EntryLock {
    /// Takes a lock as soon as it is free. `wait` is called between two tries, and says with an
    /// error that waiting is to end.
    pub(super) fn take(
        path: &Path,
        hold: Hold,
        mut wait: impl FnMut() -> Result<(), CollectorError>,
    ) -> Result<Self, CollectorError> {
        loop {
            if let Some(lock) = Self::try_take(path, hold)? {
                return Ok(lock);
            }
            wait()?;
        }
    }

    /// Takes a lock if it is free.
    pub(super) fn try_take(path: &Path, hold: Hold) -> Result<Option<Self>, CollectorError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(CollectorError::io("create", path))?;
        let taken = match hold {
            Hold::Shared => file.try_lock_shared(),
            Hold::Exclusive => file.try_lock(),
        };
        match taken {
            // The file may have been removed between its opening and its locking, and another been
            // made: the lock of a file that nobody else finds keeps nobody out.
            Ok(()) if is_at(&file, path) => Ok(Some(Self {
                file,
                path: path.to_owned(),
            })),
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(CollectorError::io("lock", path)(error)),
        }
    }

    /// Gives an exclusive lock back and removes its file, since what it was for is gone.
    pub(super) fn remove(self) {
        // A file that stays is only a file too many.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(found)) => identity(held) == identity(found),
        _ => false,
    }
}

/// Where files have no number, no lock's file is removed while it is open.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_share_a_lock_and_whoever_removes_waits_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let take = |hold| EntryLock::try_take(&path, hold).unwrap();
        let first = take(Hold::Shared).unwrap();
        let second = take(Hold::Shared).unwrap();
        assert!(take(Hold::Exclusive).is_none());
        drop((first, second));
        let alone = take(Hold::Exclusive).unwrap();
        assert!(take(Hold::Shared).is_none());
        alone.remove();
        assert!(!path.exists());
        assert!(take(Hold::Shared).is_some());
    }

    #[test]
    fn waiting_ends_when_it_is_to_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let _held = EntryLock::try_take(&path, Hold::Exclusive)
            .unwrap()
            .unwrap();
        let mut waits = 0;
        let ended = EntryLock::take(&path, Hold::Shared, || {
            waits += 1;
            if waits < 3 {
                Ok(())
            } else {
                Err(CollectorError::CalledOff)
            }
        });
        assert!(matches!(ended, Err(CollectorError::CalledOff)));
        assert_eq!(waits, 3);
    }
}
