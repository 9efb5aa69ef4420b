//! Raw self-profiles go into the spool before the result that names them.

use shared_types::ObjectKey;
use shared_types::result_document::ResultDocument;

use super::spool::Spool;
use crate::CollectorError;
use crate::measure::RawProfile;

/// Keeps the raw self-profiles of a result. One that cannot be kept is left out, and the result does
/// not name it: the times of its queries are in the result all the same, which is worth more. Returns
/// what a log should say.
pub(super) fn keep(
    spool: &Spool,
    document: &mut ResultDocument,
    profiles: &[RawProfile],
) -> Vec<String> {
    let (job, attempt) = (document.job, document.attempt);
    let mut notes = Vec::new();
    for RawProfile { number, path } in profiles {
        let key = ObjectKey::SelfProfile {
            job,
            attempt,
            unit: *number,
        };
        let kept = std::fs::read(path)
            .map_err(CollectorError::io("read", path))
            .and_then(|bytes| spool.keep(&key, &bytes));
        if let Err(error) = kept {
            notes.push(format!("the raw self-profile {key} is left out: {error}"));
            forget(document, &key);
        }
    }
    notes
}

fn forget(document: &mut ResultDocument, key: &ObjectKey) {
    let profiles = document.measurements.iter_mut();
    for profile in profiles.filter_map(|measurement| measurement.self_profile.as_mut()) {
        if profile.raw.as_ref() == Some(key) {
            profile.raw = None;
        }
    }
}
