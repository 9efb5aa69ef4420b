//! The zip that Lambda takes: one file, called `bootstrap`. The same binary makes the same zip, so
//! that nothing is deployed that has not changed.

use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::Error;

/// The name that the runtime starts.
const ENTRY: &str = "bootstrap";

/// What Lambda takes in a direct upload, in bytes: the quota "deployment package (.zip file archive)
/// size" of the Lambda developer guide.
const BYTES_MAX: u64 = 50 * 1024 * 1024;

/// How long to look for a shorter form of the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// As long as it takes.
    Full,
    /// Hardly, since somebody waits for it.
    Little,
}

/// Writes the zip, and returns its size in bytes.
///
/// # Errors
///
/// That it is larger than Lambda takes, or cannot be written.
pub(super) fn write(binary: &[u8], effort: Effort, path: &Path) -> Result<u64, Error> {
    let unfit = |reason| Error::Unfit {
        what: path.display().to_string(),
        reason,
    };
    let zip =
        zipped(binary, effort).map_err(|error| unfit(format!("could not be packed: {error}")))?;
    let bytes = zip.len() as u64;
    if bytes > BYTES_MAX {
        return Err(unfit(format!(
            "has {bytes} bytes, and Lambda takes {BYTES_MAX} at most: leave something out of the function"
        )));
    }
    std::fs::write(path, &zip).map_err(Error::file("write", path))?;
    Ok(bytes)
}

fn zipped(binary: &[u8], effort: Effort) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(match effort {
            Effort::Full => None,
            Effort::Little => Some(1),
        })
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
        let zip = zipped(&binary, Effort::Full).unwrap();
        assert_eq!(zip, zipped(&binary, Effort::Full).unwrap());
        assert!(zip.len() < binary.len());
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        assert_eq!(archive.len(), 1);
        let mut entry = archive.by_index(0).unwrap();
        assert_eq!(entry.name().unwrap(), "bootstrap");
        assert_eq!(entry.unix_mode().unwrap() & 0o777, 0o755);
        let mut read = Vec::new();
        entry.read_to_end(&mut read).unwrap();
        assert_eq!(read, binary);
    }

    #[test]
    fn a_zip_that_lambda_would_refuse_is_refused_before_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api.zip");
        let incompressible = incompressible_bytes(BYTES_MAX as usize + 1);
        let error = write(&incompressible, Effort::Little, &path).unwrap_err();
        assert!(
            error.to_string().contains("Lambda takes 52428800 at most"),
            "{error}"
        );
        assert!(!path.exists());
    }

    fn incompressible_bytes(count: usize) -> Vec<u8> {
        // Xorshift, by Marsaglia (2003): nothing that deflate could shorten.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .flatten()
        .take(count)
        .collect()
    }
}
