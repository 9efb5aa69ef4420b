//! One server for each data folder, and where it listens.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::FunctionsError;

/// The file in the data folder that says where the server listens. Collectors and the command line
/// on the same machine read it.
pub const ADDRESS_FILE: &str = "server-address";

/// The file whose lock tells that a server is at work. The lock goes with the process, however that
/// ends; the file stays.
const LOCK_FILE: &str = "server.lock";

/// The one server of a data folder.
pub(super) struct Instance {
    data_dir: PathBuf,
    _lock: File,
}

impl Instance {
    /// Makes this process the server of the folder.
    pub(super) fn acquire(data_dir: &Path) -> Result<Self, FunctionsError> {
        std::fs::create_dir_all(data_dir).map_err(FunctionsError::io(format!(
            "making the data folder {}",
            data_dir.display()
        )))?;
        let path = data_dir.join(LOCK_FILE);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(FunctionsError::io(format!("opening {}", path.display())))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                data_dir: data_dir.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(taken(data_dir)),
            Err(TryLockError::Error(error)) => Err(FunctionsError::io(format!(
                "locking {}",
                path.display()
            ))(error)),
        }
    }

    /// Writes down where the server listens, whole or not at all.
    pub(super) fn announce(&self, url: &str) -> Result<(), FunctionsError> {
        let path = self.data_dir.join(ADDRESS_FILE);
        let draft = self.data_dir.join(format!("{ADDRESS_FILE}.new"));
        let write = || {
            let mut file = File::create(&draft)?;
            writeln!(file, "{url}")?;
            file.sync_all()?;
            std::fs::rename(&draft, &path)
        };
        write().map_err(FunctionsError::io(format!("writing {}", path.display())))
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // A file that stays behind does no harm: whoever reads it finds nobody there.
        let _ = std::fs::remove_file(self.data_dir.join(ADDRESS_FILE));
    }
}

fn taken(data_dir: &Path) -> FunctionsError {
    let address = std::fs::read_to_string(data_dir.join(ADDRESS_FILE)).unwrap_or_default();
    let place = match address.trim() {
        "" => String::new(),
        address => format!(" and listens on {address}"),
    };
    FunctionsError::Usage(format!(
        "another `perfleet serve` works on {}{place}: stop it first, or choose another folder by \
         `--data-dir`",
        data_dir.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_server_of_a_folder_is_refused_and_told_where_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let first = Instance::acquire(folder.path()).unwrap();
        first.announce("http://127.0.0.1:1234").unwrap();
        let refused = Instance::acquire(folder.path()).err().unwrap().to_string();
        assert!(
            refused.contains("listens on http://127.0.0.1:1234"),
            "{refused}"
        );
        assert!(refused.contains("--data-dir"), "{refused}");

        drop(first);
        assert!(!folder.path().join(ADDRESS_FILE).exists());
        assert!(Instance::acquire(folder.path()).is_ok());
    }
}
