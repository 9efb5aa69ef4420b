//! The data folder, and the file that says which version of this program made it.

use std::fs;
use std::io;
use std::path::Path;

use shared_types::{FormatVersion, InvalidInput};

use crate::StoreError;

const VERSION: FormatVersion = FormatVersion::V1_0;

/// Makes the folder where there is none, and refuses one that this program would misunderstand.
///
/// # Errors
/// When the folder cannot be made or read, or is of another major version.
pub(super) fn prepare(data_dir: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(data_dir).map_err(|error| io_failure(&error, "making", data_dir))?;
    let file = data_dir.join("format");
    match fs::read_to_string(&file) {
        Ok(text) => check(data_dir, text.trim()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => write_version(&file),
        Err(error) => Err(io_failure(&error, "reading", &file)),
    }
}

fn check(data_dir: &Path, text: &str) -> Result<(), StoreError> {
    let refused = |source| StoreError::Corrupt {
        what: "the data folder",
        id: data_dir.display().to_string(),
        source,
    };
    let found: FormatVersion = text.parse().map_err(refused)?;
    if VERSION.reads(found) {
        return Ok(());
    }
    Err(refused(InvalidInput::Version {
        what: "it",
        found: found.to_string(),
        supported: format!("{VERSION}"),
    }))
}

fn write_version(file: &Path) -> Result<(), StoreError> {
    // By way of a second file, so that another process never reads half a version.
    let written = file.with_extension(format!("new-{}", std::process::id()));
    fs::write(&written, format!("{VERSION}\n"))
        .and_then(|()| fs::rename(&written, file))
        .map_err(|error| io_failure(&error, "writing", file))
}

/// What a failure of the file system means to a caller.
pub(super) fn io_failure(error: &io::Error, action: &str, path: &Path) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::NoSpace {
            what: path.display().to_string(),
        },
        _ => StoreError::Unavailable {
            action: format!("{action} {}", path.display()),
            reason: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_called_a_full_disk() {
        let error = io::Error::from(io::ErrorKind::StorageFull);
        let failure = io_failure(&error, "writing", Path::new("objects/results"));
        assert_eq!(
            failure.to_string(),
            "no space is left for objects/results: free some disk space, then try again"
        );
    }

    #[test]
    fn a_folder_of_another_major_version_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("format"), "2.0\n").unwrap();
        let message = prepare(folder.path()).unwrap_err().to_string();
        assert!(message.contains("format version 2.0"), "{message}");
        assert!(message.contains("upgrade the older"), "{message}");
        let kept = fs::read_to_string(folder.path().join("format")).unwrap();
        assert_eq!(kept, "2.0\n");
    }

    #[test]
    fn a_prepared_folder_is_accepted_again() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("made/on/the/way");
        prepare(&inner).unwrap();
        prepare(&inner).unwrap();
        assert_eq!(fs::read_to_string(inner.join("format")).unwrap(), "1.0\n");
    }
}
