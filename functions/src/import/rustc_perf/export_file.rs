//! The file of an export: unpacked where it is compressed, and opened for reading alone.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::FunctionsError;
use crate::import::decompressing::{GZIP_MAGIC, ZSTD_MAGIC, decompressed};

/// How a SQLite database begins.
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// An export that is open. What was unpacked for it is removed with it.
pub(super) struct ExportFile {
    /// The database. Nothing can be written to it.
    pub(super) connection: Connection,
    // Behind the connection, so that the file is closed before it is removed.
    _unpacked: Option<Unpacked>,
}

impl ExportFile {
    /// Opens a file, which is unpacked beside the machine's other temporary files where it is
    /// compressed: SQLite has to jump in it. `unique` keeps two of them apart.
    pub(super) fn open(path: &Path, unique: &[u8; 8]) -> Result<Self, FunctionsError> {
        let action = || format!("opening {}", path.display());
        let mut beginning = Vec::new();
        File::open(path)
            .and_then(|file| file.take(16).read_to_end(&mut beginning))
            .map_err(FunctionsError::io(action()))?;
        let unpacked = match beginning.as_slice() {
            bytes if bytes == SQLITE_MAGIC => None,
            bytes if bytes.starts_with(GZIP_MAGIC) || bytes.starts_with(ZSTD_MAGIC) => {
                Some(Unpacked::of(path, unique)?)
            }
            _ => return Err(no_database(path)),
        };
        let database = unpacked.as_ref().map_or(path, |unpacked| &unpacked.path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(database, flags).map_err(|error| unreadable(&error))?;
        // The first read is what finds that there is no database behind its first bytes.
        connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
                row.get::<_, i64>(0)
            })
            .map_err(|error| unreadable(&error))?;
        Ok(Self {
            connection,
            _unpacked: unpacked,
        })
    }
}

/// A copy that is not compressed.
struct Unpacked {
    path: PathBuf,
}

impl Unpacked {
    fn of(path: &Path, unique: &[u8; 8]) -> Result<Self, FunctionsError> {
        let name: String = unique.iter().map(|byte| format!("{byte:02x}")).collect();
        let target = std::env::temp_dir().join(format!("perfleet-import-{name}.sqlite"));
        let action = format!("unpacking {} into {}", path.display(), target.display());
        let failed = |error| FunctionsError::io(action.clone())(error);
        let file = File::open(path).map_err(failed)?;
        // Made by nobody else, so that it is ours to remove.
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&target);
        let mut writer = BufWriter::new(made.map_err(failed)?);
        let unpacked = Self { path: target };
        let mut reader = decompressed(file)?;
        std::io::copy(&mut reader, &mut writer)
            .and_then(|_| writer.flush())
            .map_err(failed)?;
        let mut beginning = Vec::new();
        File::open(&unpacked.path)
            .and_then(|file| file.take(16).read_to_end(&mut beginning))
            .map_err(failed)?;
        if beginning == SQLITE_MAGIC {
            Ok(unpacked)
        } else {
            Err(no_database(path))
        }
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // What stays behind is found among the temporary files by its name.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn no_database(path: &Path) -> FunctionsError {
    FunctionsError::Usage(format!(
        "{} is no SQLite database, nor one that is compressed with zstd or gzip: give the export \
         that rustc-perf's `postgres-to-sqlite` writes",
        path.display()
    ))
}

/// A read of the database that failed.
pub(super) fn unreadable(error: &rusqlite::Error) -> FunctionsError {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "it is no SQLite database",
        Some(ErrorCode::DatabaseCorrupt) => {
            "it is damaged or was cut short: get it once more. What was taken in until then stays, \
             and importing the whole file adds the rest"
        }
        Some(ErrorCode::DiskFull) => {
            "there is no room to sort its rows: TMPDIR names another place"
        }
        _ => "it may be damaged, or of a layout that is not known",
    };
    FunctionsError::Usage(format!("the export cannot be read ({error}): {advice}"))
}
