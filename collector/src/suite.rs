//! The benchmark suite: which crates are compiled, where they come from, and what of them is
//! measured.
//!
//! [`Suite::load`] reads the manifest and all that it refers to; [`Suite::select`] chooses;
//! [`fetch`] brings the chosen ones into a cache, once by the network; after that they are built
//! offline. Nothing here measures.

mod benchmark;
mod cargo_command;
mod fetch;
mod manifest;
mod patch;
mod prepared_crate;
mod registry_archive;
mod runtime_group;
mod selection;
mod small_manifest;
mod source_tree;
mod time_class;
mod whole_builds;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use shared_types::BenchmarkName;

pub use benchmark::{ArtifactKind, Benchmark, BenchmarkSource, Exclusion, lock_path};
pub use fetch::{
    FetchPlace, FetchProgress, FetchStep, FetchedBenchmark, fetch, fetch_group, generate_lock,
};
pub use manifest::RegistryCrate;
pub use patch::{Patch, apply_patch};
pub use prepared_crate::{prepared_manifest, unpack};
pub use runtime_group::RuntimeGroup;
pub use selection::{Selection, Subset};
pub use source_tree::SourceFile;
pub use time_class::{TimeClass, with_time_classes};

use crate::CollectorError;

/// The name of the variable that names the suite's folder.
pub const SUITE_DIR_VARIABLE: &str = "PERFLEET_SUITE_DIR";

/// All benchmarks that can be measured.
#[derive(Debug, Clone)]
pub struct Suite {
    /// In the order of the manifest.
    pub benchmarks: Vec<Benchmark>,
    /// The crates of runtime benchmarks.
    pub runtime_groups: Vec<RuntimeGroup>,
    /// The benchmarks that are built whole, with all that they depend on.
    pub whole_builds: Vec<BenchmarkName>,
}

impl Suite {
    /// Reads the suite in a folder: `suite.toml`, and the lock files, patches and stress crates
    /// that it names.
    ///
    /// # Errors
    /// When there is no suite, it is of another version, it is not understood, or one of its files
    /// is missing.
    pub fn load(directory: &Path) -> Result<Self, CollectorError> {
        let path = directory.join("suite.toml");
        if !path.is_file() {
            return Err(CollectorError::SuiteNotFound {
                directory: directory.to_owned(),
            });
        }
        let text = std::fs::read_to_string(&path).map_err(CollectorError::io("read", &path))?;
        let benchmarks = manifest::parse(&text)?
            .into_iter()
            .map(|entry| Benchmark::load(entry, directory))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            runtime_groups: RuntimeGroup::load_all(directory)?,
            whole_builds: whole_builds::load(directory, &benchmarks)?,
            benchmarks,
        })
    }

    /// The crate of runtime benchmarks of a name.
    ///
    /// # Errors
    /// When the suite has none of that name.
    pub fn runtime_group(&self, name: &BenchmarkName) -> Result<&RuntimeGroup, CollectorError> {
        let found = self.runtime_groups.iter().find(|group| group.name == *name);
        found.ok_or_else(|| {
            let known = self.runtime_groups.iter().map(|group| group.name.as_str());
            CollectorError::UnknownBenchmark {
                name: name.to_string(),
                known: known.collect::<Vec<_>>().join(", "),
            }
        })
    }

    /// The benchmark of a name.
    ///
    /// # Errors
    /// When the suite has none of that name.
    pub fn benchmark(&self, name: &BenchmarkName) -> Result<&Benchmark, CollectorError> {
        self.benchmarks
            .iter()
            .find(|benchmark| benchmark.name == *name)
            .ok_or_else(|| self.unknown(name.as_str()))
    }

    fn unknown(&self, name: &str) -> CollectorError {
        let known: Vec<&str> = self
            .benchmarks
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        CollectorError::UnknownBenchmark {
            name: name.to_owned(),
            known: known.join(", "),
        }
    }
}

/// The names of the benchmarks in the text of a manifest, in its order. Nothing that the manifest
/// refers to is looked for.
///
/// # Errors
/// When it is of another version, or not understood.
pub fn names_in_manifest(text: &str) -> Result<Vec<BenchmarkName>, CollectorError> {
    let entries = manifest::parse(text)?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

/// Where the suite lies: where the command line says, else where the environment says
/// ([`SUITE_DIR_VARIABLE`]), else in the checkout that this program was built from.
pub fn suite_directory(option: Option<&Path>, variable: Option<OsString>) -> PathBuf {
    match (option, variable) {
        (Some(directory), _) => directory.to_owned(),
        (None, Some(directory)) if !directory.is_empty() => directory.into(),
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).join("../suite"),
    }
}

#[cfg(test)]
#[path = "suite/suite_tests.rs"]
mod tests;
