//! Result objects: JSON compressed with zstd, to and from documents.

use std::io::Read;

use shared_types::format::Versioned;
use shared_types::result_document::ResultDocument;
use shared_types::{InvalidInput, ObjectKey};

/// The largest result that is decompressed, in bytes. A result of the whole suite is a few
/// megabytes; what claims to be larger than this is damaged, or was made to fill the memory.
pub const RESULT_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Fast, and a tenth of the JSON.
const COMPRESSION_LEVEL: i32 = 3;

/// Reads the object at `key`.
///
/// # Errors
/// When it cannot be decompressed, is not a result of a version that is understood, contradicts
/// itself, or is not the result that its key names.
pub fn decode(key: &ObjectKey, bytes: &[u8]) -> Result<ResultDocument, InvalidInput> {
    let json = decompress(bytes, RESULT_BYTES_MAX)?;
    let document = ResultDocument::from_json(&json)?;
    check_key(key, &document)?;
    Ok(document)
}

/// The object of a document.
///
/// # Errors
/// When a value of the document has no JSON.
pub fn encode(document: &ResultDocument) -> Result<Vec<u8>, InvalidInput> {
    let unwritable = |reason: String| InvalidInput::Document {
        what: ResultDocument::WHAT,
        reason,
    };
    let json = serde_json::to_vec(document).map_err(|error| unwritable(error.to_string()))?;
    zstd::bulk::compress(&json, COMPRESSION_LEVEL).map_err(|error| unwritable(error.to_string()))
}

/// The key under which a document belongs.
pub fn key_of(document: &ResultDocument) -> ObjectKey {
    ObjectKey::Result {
        configuration: document.configuration.clone(),
        job: document.job,
        attempt: document.attempt,
    }
}

fn decompress(bytes: &[u8], bytes_max: u64) -> Result<Vec<u8>, InvalidInput> {
    let damaged = |reason: String| InvalidInput::Document {
        what: ResultDocument::WHAT,
        reason,
    };
    let decoder = zstd::stream::read::Decoder::new(bytes)
        .map_err(|error| damaged(format!("it is not compressed with zstd: {error}")))?;
    let mut json = Vec::new();
    decoder
        .take(bytes_max + 1)
        .read_to_end(&mut json)
        .map_err(|error| {
            damaged(format!(
                "it is not compressed with zstd, or cut short: {error}"
            ))
        })?;
    if json.len() as u64 > bytes_max {
        return Err(damaged(format!("it is larger than {bytes_max} bytes")));
    }
    Ok(json)
}

fn check_key(key: &ObjectKey, document: &ResultDocument) -> Result<(), InvalidInput> {
    let belongs_to = key_of(document);
    if *key == belongs_to {
        Ok(())
    } else {
        Err(InvalidInput::inconsistent(
            ResultDocument::WHAT,
            format!("it is stored as {key}, and by its content it is {belongs_to}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_fill_the_memory_is_refused_before_it_does() {
        let small = zstd::bulk::compress(&[b' '; 1_000_000], 19).unwrap();
        assert!(small.len() < 200);
        assert_eq!(decompress(&small, 1_000_000).unwrap().len(), 1_000_000);
        let refused = decompress(&small, 999_999).unwrap_err().to_string();
        assert!(refused.contains("larger than 999999 bytes"), "{refused}");
    }
}
