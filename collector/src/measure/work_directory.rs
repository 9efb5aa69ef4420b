//! The folder that a collector works in: caches, builds, and results that are not yet delivered.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use shared_types::BenchmarkName;
use shared_types::object_key::ContentHash;

use crate::CollectorError;
use crate::toolchain::Toolchain;

/// A work folder, held by one collector at a time, since two that measure at once disturb each
/// other.
#[derive(Debug)]
pub struct WorkDirectory {
    root: PathBuf,
    _held: File,
}

impl WorkDirectory {
    /// Takes hold of a folder, and makes it where it is not there.
    ///
    /// # Errors
    /// When another collector holds it, or the disk refuses.
    pub fn open(root: &Path) -> Result<Self, CollectorError> {
        std::fs::create_dir_all(root).map_err(CollectorError::io("create the folder", root))?;
        let root = root
            .canonicalize()
            .map_err(CollectorError::io("find the folder", root))?;
        let lock_path = root.join("collector.lock");
        let held = File::create(&lock_path).map_err(CollectorError::io("create", &lock_path))?;
        match held.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CollectorError::WorkDirectoryInUse { directory: root });
            }
            Err(TryLockError::Error(error)) => {
                return Err(CollectorError::io("lock", &lock_path)(error));
            }
        }
        let work = Self { root, _held: held };
        for folder in [work.scratch(), work.tools(), work.spool()] {
            std::fs::create_dir_all(&folder)
                .map_err(CollectorError::io("create the folder", &folder))?;
        }
        Ok(work)
    }

    /// The folder itself, which is also the suite's cache.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// For what lives as long as one execution.
    pub fn scratch(&self) -> PathBuf {
        self.root.join("scratch")
    }

    /// For what is compiled once for this host.
    pub fn tools(&self) -> PathBuf {
        self.root.join("tools")
    }

    /// For results that are not yet delivered.
    pub fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// For what is finished of jobs that are not done.
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }

    /// For profiles that a person looks at. They stay until somebody deletes them.
    pub fn profiles(&self) -> PathBuf {
        self.root.join("profiles")
    }

    /// For the builds of one toolchain. The paths of all toolchains have one length, since the
    /// length of a path changes how much work a compiler has with it.
    pub fn builds_of(&self, toolchain: &Toolchain) -> PathBuf {
        let rustc = toolchain.rustc.as_os_str().as_encoded_bytes();
        let identity = [toolchain.version_text.as_bytes(), b"\0", rustc].concat();
        let hash = ContentHash::of(&identity);
        self.root.join("builds").join(&hash.as_str()[..12])
    }

    /// For the builds of one benchmark by one toolchain.
    pub fn builds_of_benchmark(&self, toolchain: &Toolchain, benchmark: &BenchmarkName) -> PathBuf {
        self.builds_of(toolchain).join(benchmark.as_str())
    }
}

/// Where a collector works when nobody says otherwise: `PERFLEET_WORK_DIR`, else `perfleet` in the
/// user's cache folder.
pub fn default_work_directory(variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let folder = |name: &str| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    folder("PERFLEET_WORK_DIR").unwrap_or_else(|| {
        let cache = folder("XDG_CACHE_HOME")
            .or_else(|| Some(folder("HOME")?.join(".cache")))
            .unwrap_or_else(std::env::temp_dir);
        cache.join("perfleet")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_collectors_do_not_work_in_one_folder() {
        let folder = tempfile::tempdir().unwrap();
        let held = WorkDirectory::open(folder.path()).unwrap();
        let refused = WorkDirectory::open(folder.path());
        assert!(matches!(
            refused,
            Err(CollectorError::WorkDirectoryInUse { .. })
        ));
        drop(held);
        WorkDirectory::open(folder.path()).unwrap();
    }
}
