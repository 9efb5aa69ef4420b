//! Files that are whole or not there, whatever crashes while they are written.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How files are named that are not yet whole.
const PARTIAL: &str = "partial";

/// Writes a file with the folders above it. It survives a crash of the machine once this returns.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    std::fs::create_dir_all(folder)?;
    let partial = partial(path);
    let mut file = File::create(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&partial, path)?;
    File::open(folder)?.sync_all()
}

/// Where a file is written before it takes its place.
fn partial(path: &Path) -> PathBuf {
    let mut partial = path.to_owned().into_os_string();
    partial.push(".");
    partial.push(PARTIAL);
    partial.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/file");
        write(&path, b"long content").unwrap();
        write(&path, b"short").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"short");
        let entries = std::fs::read_dir(folder.path().join("deep")).unwrap();
        assert_eq!(entries.count(), 1);
    }
}
