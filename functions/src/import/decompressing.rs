//! Files that are compressed, or not: it is seen by how they begin.

use std::io::{BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::FunctionsError;

/// How a file compressed with gzip begins.
pub(super) const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
/// How a file compressed with zstd begins.
pub(super) const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// The file, decompressed where it begins like gzip or zstd.
pub(super) fn decompressed<'a>(
    mut file: impl Read + 'a,
) -> Result<Box<dyn Read + 'a>, FunctionsError> {
    let mut start = Vec::with_capacity(ZSTD_MAGIC.len());
    file.by_ref()
        .take(ZSTD_MAGIC.len() as u64)
        .read_to_end(&mut start)
        .map_err(FunctionsError::io("reading the file"))?;
    let (is_gzip, is_zstd) = (start.starts_with(GZIP_MAGIC), start == ZSTD_MAGIC);
    let whole = BufReader::new(Cursor::new(start).chain(file));
    if is_gzip {
        Ok(Box::new(MultiGzDecoder::new(whole)))
    } else if is_zstd {
        let decoder = zstd::stream::read::Decoder::with_buffer(whole);
        Ok(Box::new(
            decoder.map_err(FunctionsError::io("decompressing the file"))?,
        ))
    } else {
        Ok(Box::new(whole))
    }
}
