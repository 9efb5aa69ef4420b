//! Random bytes, for ids.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::CollectorError;

/// Bytes from the system's source of randomness.
///
/// # Errors
/// When the system has none.
pub(crate) fn random_bytes() -> Result<[u8; 10], CollectorError> {
    let path = Path::new("/dev/urandom");
    let mut bytes = [0; 10];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(CollectorError::io("read", path))?;
    Ok(bytes)
}
