//! Getting the archive of a crate from the registry.
//!
//! Cargo does it, so that mirrors, proxies and credentials which the user has configured hold here
//! as well: a throw-away project that depends on exactly one version is fetched, and the archive is
//! taken from cargo's own cache.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::benchmark::hexadecimal;
use super::cargo_command::CargoIn;
use super::manifest::RegistryCrate;
use crate::CollectorError;

/// Only the crate itself is wanted here, not what it needs on all the targets that there are.
const ANY_TARGET: &str = "x86_64-unknown-linux-gnu";

/// The archive of a crate, known to be the right one.
#[derive(Debug)]
pub(super) struct VerifiedArchive {
    pub(super) content: Vec<u8>,
}

/// Fetches a crate and checks it.
///
/// `lock` is the lock file of the benchmark: it makes cargo choose those versions of the
/// dependencies that will be needed anyway. `cargo` runs in an empty folder, which becomes the
/// throw-away project.
pub(super) fn fetch(
    registry: &RegistryCrate,
    lock: Option<&str>,
    cargo: CargoIn<'_>,
) -> Result<VerifiedArchive, CollectorError> {
    let write = |path: PathBuf, content: &str| {
        std::fs::write(&path, content).map_err(CollectorError::io("write", &path))
    };
    let project = cargo.directory;
    let sources = project.join("src");
    std::fs::create_dir(&sources).map_err(CollectorError::io("create the folder", &sources))?;
    write(sources.join("lib.rs"), "")?;
    write(project.join("Cargo.toml"), &throw_away_manifest(registry))?;
    if let Some(lock) = lock {
        write(project.join("Cargo.lock"), lock)?;
    }
    let package = format!("crate {} {}", registry.package, registry.version);
    cargo.run(&["fetch", "--target", ANY_TARGET], &package)?;
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .unwrap_or_default();
    find_archive(registry, &cargo_home)
}

fn throw_away_manifest(registry: &RegistryCrate) -> String {
    let RegistryCrate {
        package, version, ..
    } = registry;
    format!(
        "[package]\nname = \"perfleet-fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n\
         {package} = {{ version = \"={version}\", default-features = false }}\n\n\
         [workspace]\n"
    )
}

/// Finds the right archive in cargo's cache, which has a folder for each registry and mirror that
/// was ever used. `cargo metadata` would name the folder, but does not list crates that are only
/// programs.
fn find_archive(
    registry: &RegistryCrate,
    cargo_home: &Path,
) -> Result<VerifiedArchive, CollectorError> {
    let package = format!("{} {}", registry.package, registry.version);
    let file_name = format!("{}-{}.crate", registry.package, registry.version);
    let cache = cargo_home.join("registry").join("cache");
    let mut wrong = None;
    let folders =
        std::fs::read_dir(&cache).map_err(CollectorError::io("list the folder", &cache))?;
    for folder in folders {
        let folder = folder.map_err(CollectorError::io("list the folder", &cache))?;
        let archive = folder.path().join(&file_name);
        if !archive.is_file() {
            continue;
        }
        let content =
            std::fs::read(&archive).map_err(CollectorError::io("read the crate", &archive))?;
        let found = hexadecimal(&Sha256::digest(&content));
        if found == registry.sha256 {
            return Ok(VerifiedArchive { content });
        }
        wrong = Some((archive, found));
    }
    Err(match wrong {
        Some((archive, found)) => CollectorError::ChecksumMismatch {
            package,
            expected: registry.sha256.clone(),
            found,
            archive,
        },
        None => CollectorError::CrateArchive {
            package,
            reason: format!(
                "cargo has fetched it, and no `{file_name}` is in `{}`: if your configuration \
                 replaces the registry by a vendored folder, fetch once without it",
                cache.display()
            ),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn itoa() -> RegistryCrate {
        RegistryCrate {
            package: "itoa".to_owned(),
            version: "1.0.0".to_owned(),
            sha256: hexadecimal(&Sha256::digest(b"right")),
        }
    }

    /// A cargo home whose cache has one folder for each of `contents`, each with an archive.
    fn cargo_home(contents: &[(&str, &str)]) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        for (registry, content) in contents {
            let folder = home.path().join("registry/cache").join(registry);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("itoa-1.0.0.crate"), content).unwrap();
        }
        home
    }

    #[test]
    fn the_right_archive_is_found_among_those_of_several_registries() {
        let home = cargo_home(&[("a", "wrong"), ("b", "right"), ("c", "wrong")]);
        let archive = find_archive(&itoa(), home.path()).unwrap();
        assert_eq!(archive.content, b"right");
    }

    #[test]
    fn a_wrong_checksum_names_crate_both_sums_and_what_to_do() {
        let home = cargo_home(&[("index", "wrong")]);
        let error = find_archive(&itoa(), home.path()).unwrap_err().to_string();
        insta::assert_snapshot!(error.replace(&home.path().display().to_string(), "CARGO_HOME"));
    }

    #[test]
    fn a_vendored_registry_is_named_as_the_likely_reason() {
        let home = cargo_home(&[]);
        std::fs::create_dir_all(home.path().join("registry/cache")).unwrap();
        let error = find_archive(&itoa(), home.path()).unwrap_err().to_string();
        assert!(error.contains("vendored folder"), "{error}");
    }
}
