//! Where things are in a cache of toolchains.

use std::path::{Path, PathBuf};

use shared_types::ArtifactId;
use shared_types::object_key::ContentHash;

use crate::CollectorError;
use crate::toolchain::fetch::FetchFolders;

/// The folders of a cache. All are on one file system, so that a toolchain can be moved into its
/// place at once.
#[derive(Debug, Clone)]
pub(super) struct CacheFolders {
    root: PathBuf,
}

/// The name of an artifact's folders and files in a cache. All names have one length, since the
/// length of a path changes how much work a compiler has with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EntryKey(String);

impl EntryKey {
    /// The key of an artifact for a host.
    pub(super) fn of(artifact: &ArtifactId, target: &str) -> Self {
        let hash = ContentHash::of(format!("{artifact}\0{target}").as_bytes());
        Self(hash.as_str()[..16].to_owned())
    }
}

impl CacheFolders {
    /// The folders below `root`, which are made where they are not there.
    pub(super) fn open(root: &Path) -> Result<Self, CollectorError> {
        for name in ["ready", "fetching", "locks", "checksums"] {
            let folder = root.join(name);
            std::fs::create_dir_all(&folder)
                .map_err(CollectorError::io("create the folder", &folder))?;
        }
        let root = root
            .canonicalize()
            .map_err(CollectorError::io("find the folder", root))?;
        Ok(Self { root })
    }

    /// A whole toolchain with its record.
    pub(super) fn ready(&self, key: &EntryKey) -> PathBuf {
        self.root.join("ready").join(&key.0)
    }

    /// What is being fetched, or removed.
    pub(super) fn fetching(&self, key: &EntryKey) -> PathBuf {
        self.root.join("fetching").join(&key.0)
    }

    pub(super) fn lock(&self, key: &EntryKey) -> PathBuf {
        self.root.join("locks").join(format!("{}.lock", key.0))
    }

    pub(super) fn checksums(&self, key: &EntryKey) -> PathBuf {
        self.root.join("checksums").join(format!("{}.json", key.0))
    }

    /// The keys of all toolchains that are ready.
    pub(super) fn ready_keys(&self) -> Result<Vec<EntryKey>, CollectorError> {
        keys_in(&self.root.join("ready"))
    }

    /// The keys of all that is being fetched, or was.
    pub(super) fn fetching_keys(&self) -> Result<Vec<EntryKey>, CollectorError> {
        keys_in(&self.root.join("fetching"))
    }

    /// The folders of a fetch; the toolchain is to be complete in [`CacheFolders::complete`].
    pub(super) fn of_fetch(&self, key: &EntryKey) -> FetchFolders {
        let fetching = self.fetching(key);
        FetchFolders {
            downloads: fetching.join("downloads"),
            staging: fetching.join("staging"),
            sysroot: sysroot_in(&self.complete(key)),
        }
    }

    /// What becomes the folder of a ready toolchain.
    pub(super) fn complete(&self, key: &EntryKey) -> PathBuf {
        self.fetching(key).join("complete")
    }

    /// Where a toolchain is moved that is to be removed.
    pub(super) fn removed(&self, key: &EntryKey) -> PathBuf {
        self.fetching(key).join("removed")
    }
}

/// The sysroot in the folder of a toolchain.
pub(super) fn sysroot_in(entry: &Path) -> PathBuf {
    entry.join("sysroot")
}

/// The record in the folder of a toolchain.
pub(super) fn record_in(entry: &Path) -> PathBuf {
    entry.join("record.json")
}

/// The time of the last use in the folder of a toolchain.
pub(super) fn last_use_in(entry: &Path) -> PathBuf {
    entry.join("last-use")
}

fn keys_in(folder: &Path) -> Result<Vec<EntryKey>, CollectorError> {
    let refused = |error| CollectorError::io("list the folder", folder)(error);
    let mut keys = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        if let Ok(name) = entry.file_name().into_string()
            && entry.path().is_dir()
        {
            keys.push(EntryKey(name));
        }
    }
    keys.sort();
    Ok(keys)
}

/// What all files below a folder take, in bytes.
pub(super) fn bytes_below(folder: &Path) -> u64 {
    let mut bytes: u64 = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // What goes away meanwhile takes nothing.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let own = if metadata.is_dir() {
            bytes_below(&entry.path())
        } else {
            metadata.len()
        };
        bytes = bytes.saturating_add(own);
    }
    bytes
}

/// Makes sure that the folders below `folder`, and it itself, survive a loss of power with the
/// names that are in them.
pub(super) fn keep_names(folder: &Path) -> Result<(), CollectorError> {
    for entry in std::fs::read_dir(folder).map_err(CollectorError::io("list the folder", folder))? {
        let entry = entry.map_err(CollectorError::io("list the folder", folder))?;
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            keep_names(&entry.path())?;
        }
    }
    keep_own_names(folder)
}

/// The same, without the folders below.
#[cfg(unix)]
pub(super) fn keep_own_names(folder: &Path) -> Result<(), CollectorError> {
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(CollectorError::io("write", folder))
}

/// Elsewhere folders cannot be written out by themselves, and the file system keeps names in order.
#[cfg(not(unix))]
pub(super) fn keep_own_names(_folder: &Path) -> Result<(), CollectorError> {
    Ok(())
}
