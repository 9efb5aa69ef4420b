//! One benchmark of the suite, with everything that decides what is compiled.

use std::path::Path;

use sha2::{Digest, Sha256};
use shared_types::test_case::{PatchName, ScenarioKind};
use shared_types::{BenchmarkName, Category, Profile, Scenario};

use super::manifest::{Entry, EntrySource, RegistryCrate};
use super::patch::Patch;
use super::source_tree::{self, SourceFile};
use crate::CollectorError;

/// A crate that is compiled, and how.
#[derive(Debug, Clone)]
pub struct Benchmark {
    /// Its name: crate and version, or the stress crate's folder.
    pub name: BenchmarkName,
    /// A real crate, or one that stresses a part of the compiler.
    pub category: Category,
    /// Which of the crate's targets is measured.
    pub artifact: ArtifactKind,
    /// Where its sources come from.
    pub source: BenchmarkSource,
    /// Features that are switched on.
    pub features: Vec<String>,
    /// Whether the crate's default features are on.
    pub default_features: bool,
    /// The lock file that pins its dependencies; absent while it is being added to the suite.
    pub lock: Option<String>,
    /// The changes for the incr-patched scenario, in the order in which they are applied, each on
    /// top of those before it.
    pub patches: Vec<Patch>,
    /// Combinations that are not measured.
    pub exclusions: Vec<Exclusion>,
    /// Whether it is one of the three that are measured in the shortest demonstration.
    pub quick: bool,
    /// Whether it is one of those that are measured in the demonstration.
    pub demo: bool,
    /// Whether it stays at its version, so that releases of many years are measured by it.
    pub stable: bool,
}

/// Which target of a crate is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArtifactKind {
    /// The library.
    Library,
    /// A program.
    Binary {
        /// The name of the program's target: `rg`.
        target: String,
    },
}

/// Where a benchmark's sources come from.
#[derive(Debug, Clone)]
pub enum BenchmarkSource {
    /// A crate of the registry.
    Registry(RegistryCrate),
    /// A crate of the suite, which has no dependencies.
    Stress {
        /// The name of its package, which is that of its folder.
        package: String,
        /// Its files, sorted by path, without the lock file.
        files: Vec<SourceFile>,
    },
}

/// A combination of profile and scenario that is not measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The profile; all of them if absent.
    pub profile: Option<Profile>,
    /// The scenario; all of them if absent.
    pub scenario: Option<ScenarioKind>,
    /// Why.
    pub reason: String,
}

impl Benchmark {
    /// Reads what an entry of the manifest in the suite's folder `suite_dir` refers to.
    pub(super) fn load(entry: Entry, suite_dir: &Path) -> Result<Self, CollectorError> {
        let (source, lock_path) = match entry.source {
            EntrySource::Registry(registry) => {
                let lock_path = lock_path(suite_dir, &entry.name);
                (BenchmarkSource::Registry(registry), lock_path)
            }
            EntrySource::Stress(path) => {
                let directory = suite_dir.join(&path);
                let mut files = source_tree::read(&directory)?;
                files.retain(|file| file.path != Path::new("Cargo.lock"));
                let package = path.rsplit('/').next().unwrap_or(&path).to_owned();
                let lock_path = directory.join("Cargo.lock");
                (BenchmarkSource::Stress { package, files }, lock_path)
            }
        };
        let patches = entry
            .patches
            .into_iter()
            .map(|patch| Patch::load(patch, &suite_dir.join("patches").join(entry.name.as_str())))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            lock: read_if_there(&lock_path)?,
            name: entry.name,
            category: entry.category,
            artifact: entry.artifact,
            source,
            features: entry.features,
            default_features: entry.default_features,
            patches,
            exclusions: entry.exclusions,
            quick: entry.quick,
            demo: entry.demo,
            stable: entry.stable,
        })
    }

    /// The name of the package that is measured, `CARGO_PKG_NAME` of its compilation.
    pub fn package(&self) -> &str {
        match &self.source {
            BenchmarkSource::Registry(registry) => &registry.package,
            BenchmarkSource::Stress { package, .. } => package,
        }
    }

    /// The name of the package without its version, as people abbreviate the benchmark.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.as_str() == name || self.package() == name
    }

    /// Cargo's options that choose features. They hold for every cargo command on the crate.
    pub fn feature_options(&self) -> Vec<String> {
        let mut options = Vec::new();
        if !self.default_features {
            options.push("--no-default-features".to_owned());
        }
        if !self.features.is_empty() {
            options.push("--features".to_owned());
            options.push(self.features.join(","));
        }
        options
    }

    /// Cargo's options that choose the measured target.
    pub fn target_options(&self) -> Vec<String> {
        match &self.artifact {
            ArtifactKind::Library => vec!["--lib".to_owned()],
            ArtifactKind::Binary { target } => vec!["--bin".to_owned(), target.clone()],
        }
    }

    /// Why a combination is not measured, or `None` if it is.
    pub fn excludes(&self, profile: Profile, scenario: &Scenario) -> Option<&str> {
        let excluded = self.exclusions.iter().find(|exclusion| {
            exclusion.profile.is_none_or(|excluded| excluded == profile)
                && exclusion
                    .scenario
                    .is_none_or(|excluded| excluded == scenario.kind())
        });
        excluded.map(|exclusion| exclusion.reason.as_str())
    }

    /// The scenarios of the wanted kinds that are measured under a profile, in the order in which
    /// they depend on each other.
    pub fn scenarios(&self, profile: Profile, wanted: &[ScenarioKind]) -> Vec<Scenario> {
        let patched = self
            .patches
            .iter()
            .map(|patch| Scenario::IncrPatched(patch.name.clone()));
        [Scenario::Full, Scenario::IncrFull, Scenario::IncrUnchanged]
            .into_iter()
            .chain(patched)
            .filter(|scenario| wanted.contains(&scenario.kind()))
            .filter(|scenario| self.excludes(profile, scenario).is_none())
            .collect()
    }

    /// The patches up to and with the named one: what an incr-patched scenario has applied.
    pub fn patches_until(&self, name: &PatchName) -> &[Patch] {
        let position = self.patches.iter().position(|patch| &patch.name == name);
        position.map_or(&[], |position| &self.patches[..=position])
    }

    /// A hash (SHA-256, 64 hexadecimal digits) of all that decides what is compiled: sources,
    /// lock file, features, target and patches. A series goes on as long as it stays the same.
    pub fn epoch_inputs_hash(&self) -> String {
        let mut inputs = HashedInputs::new();
        match &self.source {
            BenchmarkSource::Registry(registry) => {
                inputs.add("registry", registry.package.as_bytes());
                inputs.add("version", registry.version.as_bytes());
                inputs.add("sha256", registry.sha256.as_bytes());
            }
            BenchmarkSource::Stress { package, files } => {
                inputs.add("stress", package.as_bytes());
                for file in files {
                    inputs.add("path", file.path.as_os_str().as_encoded_bytes());
                    inputs.add("content", &file.content);
                }
            }
        }
        if let Some(lock) = &self.lock {
            inputs.add("lock", lock.as_bytes());
        }
        for option in self.feature_options().iter().chain(&self.target_options()) {
            inputs.add("option", option.as_bytes());
        }
        for patch in &self.patches {
            inputs.add("patch", patch.name.as_str().as_bytes());
            inputs.add("diff", patch.text.as_bytes());
        }
        inputs.finish()
    }
}

/// Where the suite keeps the lock file of a registry benchmark.
pub fn lock_path(suite_dir: &Path, name: &BenchmarkName) -> std::path::PathBuf {
    suite_dir.join("locks").join(format!("{name}.lock"))
}

fn read_if_there(path: &Path) -> Result<Option<String>, CollectorError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CollectorError::io("read the lock file", path)(error)),
    }
}

/// A hash over labelled inputs, each with its length, so that no two lists of inputs look alike.
pub(super) struct HashedInputs(Sha256);

impl HashedInputs {
    pub(super) fn new() -> Self {
        Self(Sha256::new())
    }

    pub(super) fn add(&mut self, label: &str, input: &[u8]) {
        for part in [label.as_bytes(), input] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    pub(super) fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "benchmark_tests.rs"]
mod tests;
