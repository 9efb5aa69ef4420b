//! What a collector has finished of a job, read by the next one on the same disk.

use collector::journal::FinishedUnit;
use shared_types::object_key::ContentHash;

/// A unit that is understood had its checksum before it, and what it says is of the journal's folder.
pub(crate) fn unit(bytes: &[u8]) {
    // Damage behind the checksum would end there: so the rest is tried with a checksum of its own.
    let json = bytes.iter().position(|byte| *byte == b'\n');
    let json = json.map_or(bytes, |end| &bytes[end + 1..]);
    let line = format!("perfleet-unit {}\n", ContentHash::of(json));
    for file in [bytes.to_vec(), [line.as_bytes(), json].concat()] {
        match FinishedUnit::from_bytes(&file) {
            Ok(unit) => {
                assert!(file.starts_with(b"perfleet-unit "));
                assert!(unit.profiles.iter().all(|kept| !kept.file.contains('/')));
            }
            Err(refusal) => crate::assert_says_why(&refusal),
        }
    }
}

pub(crate) fn unit_seeds() -> Vec<Vec<u8>> {
    let json = r#"{"format":"1.0","unit":"{\"benchmark\":\"syn\"}","name":"syn/check","attempt":1,"started_at":"2026-05-19T10:00:00Z","finished_at":"2026-05-19T10:00:09Z","conditions":{"kernel":"6.1.0"},"metrics":[],"measurements":[],"failures":[],"log":"a line\n","profiles":[{"number":0,"file":"0.mm_profdata.zst","content":"0123456789abcdef0123456789abcdef"}]}"#;
    let line = format!("perfleet-unit {}\n", ContentHash::of(json.as_bytes()));
    vec![[line.as_bytes(), json.as_bytes()].concat()]
}
