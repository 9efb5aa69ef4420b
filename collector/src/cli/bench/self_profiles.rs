//! The raw self-profiles of `collector bench --self-profile`, where a person finds them.

use std::fs::File;
use std::io;
use std::path::Path;

use shared_types::ObjectKey;
use shared_types::result_document::ResultDocument;

use crate::measure::{RawProfile, WorkDirectory};
use crate::{CollectorError, self_profile};

/// Unpacks the raw profiles of a result into a folder of its own, each under the name of its test case
/// and compiler, and says where. The result does not name them, since there is no store.
pub(super) fn keep(
    work: &WorkDirectory,
    document: &mut ResultDocument,
    profiles: &[RawProfile],
) -> Result<(), CollectorError> {
    if profiles.is_empty() {
        return Ok(());
    }
    let folder = work.profiles().join(document.job.to_string());
    std::fs::create_dir_all(&folder).map_err(CollectorError::io("create the folder", &folder))?;
    for measurement in &mut document.measurements {
        let Some(profile) = measurement.self_profile.as_mut() else {
            continue;
        };
        let Some(ObjectKey::SelfProfile { unit, .. }) = profile.raw.take() else {
            continue;
        };
        let found = profiles.iter().find(|profile| profile.number == unit);
        let name = format!(
            "{}.{}-{}",
            measurement.test_case.name().replace('/', "."),
            measurement.artifact,
            measurement.replicate.number()
        );
        let to = folder.join(format!("{name}.{}", self_profile::EXTENSION));
        if let Some(raw) = found {
            unpack(&raw.path, &to).map_err(CollectorError::io("write", &to))?;
        }
    }
    eprintln!(
        "raw self-profiles, for measureme's tools (`summarize`, `crox`, `flamegraph`): {}",
        folder.display()
    );
    Ok(())
}

fn unpack(from: &Path, to: &Path) -> io::Result<()> {
    zstd::stream::copy_decode(File::open(from)?, File::create(to)?)
}
