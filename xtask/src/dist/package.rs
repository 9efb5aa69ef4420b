//! The zip that Lambda takes: one file, called `bootstrap`. The same binary makes the same zip, so
//! that nothing is deployed that has not changed.

use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::Error;

/// The name that the runtime starts.
const ENTRY: &str = "bootstrap";

/// Writes the zip, and returns its size in bytes.
pub(super) fn write(
    binary: &[u8],
    compression: CompressionMethod,
    path: &Path,
) -> Result<u64, Error> {
    let zip = zipped(binary, compression).map_err(|error| Error::Unfit {
        what: path.display().to_string(),
        reason: format!("could not be packed: {error}"),
    })?;
    std::fs::write(path, &zip).map_err(Error::file("write", path))?;
    Ok(zip.len() as u64)
}

fn zipped(binary: &[u8], compression: CompressionMethod) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(compression)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(ENTRY, options)?;
    writer.write_all(binary)?;
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_same_binary_makes_the_same_zip_of_one_executable_file() {
        let binary = b"a binary".repeat(100);
        let zip = zipped(&binary, CompressionMethod::Deflated).unwrap();
        assert_eq!(zip, zipped(&binary, CompressionMethod::Deflated).unwrap());
        assert!(zip.len() < zipped(&binary, CompressionMethod::Stored).unwrap().len());
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        assert_eq!(archive.len(), 1);
        let mut entry = archive.by_index(0).unwrap();
        assert_eq!(entry.name().unwrap(), "bootstrap");
        assert_eq!(entry.unix_mode().unwrap() & 0o777, 0o755);
        let mut read = Vec::new();
        entry.read_to_end(&mut read).unwrap();
        assert_eq!(read, binary);
    }
}
