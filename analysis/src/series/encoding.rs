//! A series block as bytes: JSON, compressed with gzip so that browsers decompress it themselves.

use std::io::{Read, Write};

use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use shared_types::format::Versioned;
use shared_types::object_key::ContentHash;
use shared_types::series::{BlockReference, SeriesBlock};

use crate::AnalysisError;

/// The most that a block may hold once decompressed, in bytes: a damaged or hostile block must not
/// fill the memory.
const BLOCK_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// A block that is to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodedBlock {
    /// The last part of its key.
    pub content_hash: ContentHash,
    /// What is stored.
    pub bytes: Vec<u8>,
    /// What the bytes hold.
    pub block: SeriesBlock,
}

impl EncodedBlock {
    pub(super) fn of(block: SeriesBlock) -> Result<Self, AnalysisError> {
        let bytes = encode_block(&block)?;
        Ok(Self {
            content_hash: ContentHash::of(&bytes),
            bytes,
            block,
        })
    }

    /// The entry of the manifest that leads to this block.
    pub(super) fn reference(&self) -> Option<BlockReference> {
        let artifacts = &self.block.artifacts;
        Some(BlockReference {
            content_hash: self.content_hash.clone(),
            first_ordinal: artifacts.first()?.ordinal,
            last_ordinal: artifacts.last()?.ordinal,
            artifacts: artifacts.len() as u32,
        })
    }
}

/// The bytes of a block. Equal blocks have equal bytes: they hold no time.
///
/// # Errors
/// When the block cannot be written as JSON.
pub fn encode_block(block: &SeriesBlock) -> Result<Vec<u8>, AnalysisError> {
    let failed = |reason: String| AnalysisError::Block { reason };
    let json = serde_json::to_vec(block).map_err(|error| failed(error.to_string()))?;
    let mut encoder: GzEncoder<Vec<u8>> = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::default());
    encoder
        .write_all(&json)
        .and_then(|()| encoder.finish())
        .map_err(|error| failed(error.to_string()))
}

/// The block that `bytes` hold.
///
/// # Errors
/// When they are not gzip, or what they hold is not a block of a version that is understood.
pub fn decode_block(bytes: &[u8]) -> Result<SeriesBlock, AnalysisError> {
    let json = decompress(bytes, BLOCK_BYTES_MAX)?;
    Ok(SeriesBlock::from_json(&json)?)
}

fn decompress(bytes: &[u8], bytes_max: u64) -> Result<Vec<u8>, AnalysisError> {
    let failed = |reason: String| AnalysisError::Block { reason };
    let mut json = Vec::new();
    GzDecoder::new(bytes)
        .take(bytes_max + 1)
        .read_to_end(&mut json)
        .map_err(|error| failed(error.to_string()))?;
    if json.len() as u64 > bytes_max {
        return Err(failed(format!("it holds more than {bytes_max} bytes")));
    }
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_fill_the_memory_is_refused_before_it_does() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&[b' '; 1_000_000]).unwrap();
        let small = encoder.finish().unwrap();
        assert!(small.len() < 2_000);
        assert_eq!(decompress(&small, 1_000_000).unwrap().len(), 1_000_000);
        let refused = decompress(&small, 999_999).unwrap_err().to_string();
        assert!(refused.contains("more than 999999 bytes"), "{refused}");
    }
}
