//! From the archive of a crate to a folder that can be built offline.
//!
//! A published crate is made to be a dependency. To be built for itself, in a place inside some
//! other project and always in the same way, it is changed in a few points; see [`prepare`].

use std::io::Read;
use std::path::{Component, Path};

use super::registry_archive::VerifiedArchive;
use crate::CollectorError;

/// Part of the name of prepared folders: another number when this module prepares differently.
pub(super) const PREPARATION: &str = "1";

/// The largest unpacked crate, in bytes, so that a broken archive cannot fill the disk.
const UNPACKED_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Files and folders of a published crate that would change how it is built: a pinned toolchain
/// (which rustup would try to install), cargo's configuration, and the crate's own lock file.
const LEFT_OUT: [&str; 4] = [
    "rust-toolchain",
    "rust-toolchain.toml",
    ".cargo",
    "Cargo.lock",
];

/// Unpacks the archive of crate `package` (`NAME-VERSION`) into the empty folder `directory` and
/// prepares it:
/// - dev-dependencies are dropped, since tests are not built and would triple the downloads;
/// - `[profile]` tables are dropped, so that debug and opt mean the same for every benchmark;
/// - it becomes a workspace of its own, since the cache may lie inside another one;
/// - what is listed in [`LEFT_OUT`] is dropped.
pub(super) fn prepare(
    archive: &VerifiedArchive,
    package: &str,
    directory: &Path,
) -> Result<(), CollectorError> {
    let unusable = |reason: String| CollectorError::CrateArchive {
        package: package.to_owned(),
        reason,
    };
    unpack(&archive.content, package, directory).map_err(|error| unusable(error.to_string()))?;
    let path = directory.join("Cargo.toml");
    let published = std::fs::read_to_string(&path).map_err(CollectorError::io("read", &path))?;
    let prepared = prepared_manifest(&published).map_err(unusable)?;
    std::fs::write(&path, prepared).map_err(CollectorError::io("write", &path))
}

/// Unpacks the archive of crate `package` into the empty folder `directory`, without what is listed
/// in [`LEFT_OUT`].
///
/// # Errors
/// When it is no archive, is cut short, is too large, or holds something outside of the crate; and
/// when a file cannot be written.
pub fn unpack(archive: &[u8], package: &str, directory: &Path) -> std::io::Result<()> {
    let unzipped = flate2::read::GzDecoder::new(archive);
    let mut entries = tar::Archive::new(unzipped.take(UNPACKED_BYTES_MAX));
    for entry in entries.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Ok(inner) = path.strip_prefix(package) else {
            let reason = format!("`{}` lies outside `{package}/`", path.display());
            return Err(std::io::Error::other(reason));
        };
        let mut components = inner.components();
        let Some(Component::Normal(first)) = components.next() else {
            continue;
        };
        let is_inside = components.all(|component| matches!(component, Component::Normal(_)));
        let is_file = entry.header().entry_type().is_file();
        if !is_inside || !is_file {
            continue;
        }
        if LEFT_OUT.iter().any(|left_out| first == *left_out) {
            continue;
        }
        let target = directory.join(inner);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        entry.unpack(&target)?;
    }
    Ok(())
}

/// The manifest of a published crate, changed as [`prepare`] says.
///
/// # Errors
/// Says why it cannot be read or written.
pub fn prepared_manifest(published: &str) -> Result<String, String> {
    let mut manifest: toml::Table = published
        .parse()
        .map_err(|error| format!("its Cargo.toml cannot be read: {error}"))?;
    manifest.remove("profile");
    manifest.insert("workspace".to_owned(), toml::Table::new().into());
    drop_dev_dependencies(&mut manifest);
    if let Some(targets) = manifest
        .get_mut("target")
        .and_then(toml::Value::as_table_mut)
    {
        for (_, target) in targets.iter_mut() {
            if let Some(target) = target.as_table_mut() {
                drop_dev_dependencies(target);
            }
        }
    }
    drop_dangling_features(&mut manifest);
    toml::to_string(&manifest).map_err(|error| error.to_string())
}

fn drop_dev_dependencies(table: &mut toml::Table) {
    table.remove("dev-dependencies");
    table.remove("dev_dependencies");
}

/// Removes `crate/feature` from features where the crate was a dev-dependency only.
fn drop_dangling_features(manifest: &mut toml::Table) {
    let mut dependencies = dependency_names(manifest);
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        for target in targets.values().filter_map(toml::Value::as_table) {
            dependencies.extend(dependency_names(target));
        }
    }
    let Some(features) = manifest
        .get_mut("features")
        .and_then(toml::Value::as_table_mut)
    else {
        return;
    };
    for (_, feature) in features.iter_mut() {
        let Some(parts) = feature.as_array_mut() else {
            continue;
        };
        parts.retain(|part| {
            let dependency = part.as_str().and_then(|part| part.split_once('/'));
            dependency.is_none_or(|(name, _)| {
                dependencies
                    .iter()
                    .any(|known| known == name.trim_end_matches('?'))
            })
        });
    }
}

fn dependency_names(table: &toml::Table) -> Vec<String> {
    ["dependencies", "build-dependencies", "build_dependencies"]
        .iter()
        .filter_map(|key| table.get(*key)?.as_table())
        .flat_map(|dependencies| dependencies.keys().cloned())
        .collect()
}

#[cfg(test)]
#[path = "prepared_crate_tests.rs"]
mod tests;
