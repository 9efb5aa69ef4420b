//! The suite's manifest, `suite.toml`: its format, and its border into checked types.

use std::collections::BTreeSet;

use serde::Deserialize;
use shared_types::test_case::{PatchName, ScenarioKind};
use shared_types::{BenchmarkName, Category, FormatVersion, Profile};

use super::benchmark::{ArtifactKind, Exclusion};
use crate::CollectorError;

/// The version of the format that this program knows.
/// 1.1 added `stable`.
const VERSION: FormatVersion = FormatVersion { major: 1, minor: 1 };

/// What [`parse`] reads, in words.
const SUPPORTED: &str = "1.0 to 1.2";

/// One benchmark as the manifest names it; nothing has been read from the disk yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: BenchmarkName,
    pub(super) category: Category,
    pub(super) artifact: ArtifactKind,
    pub(super) source: EntrySource,
    pub(super) features: Vec<String>,
    pub(super) default_features: bool,
    pub(super) patches: Vec<PatchName>,
    pub(super) exclusions: Vec<Exclusion>,
    pub(super) quick: bool,
    pub(super) demo: bool,
    pub(super) stable: bool,
}

/// Where the sources of an entry come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EntrySource {
    /// A crate of the registry, with a lock file of the suite.
    Registry(RegistryCrate),
    /// A crate of our own; its folder, relative to the suite.
    Stress(String),
}

/// A crate of the registry: one version, known by its checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryCrate {
    /// Its name on the registry.
    pub package: String,
    /// Its exact version.
    pub version: String,
    /// The SHA-256 of its archive, as 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Reads the manifest. Keys that are not known are refused, unless the manifest states a newer
/// minor version, which may have added them.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, CollectorError> {
    let document: toml::Table = text.parse().map_err(refused)?;
    let stated = stated_version(&document)?;
    if !VERSION.reads(stated) {
        return Err(CollectorError::SuiteVersion {
            found: stated.to_string(),
            supported: SUPPORTED,
        });
    }
    let mut unknown = Vec::new();
    let raw: RawManifest =
        serde_ignored::deserialize(toml::Deserializer::parse(text).map_err(refused)?, |path| {
            unknown.push(path.to_string());
        })
        .map_err(refused)?;
    if stated <= VERSION && !unknown.is_empty() {
        let keys = unknown.join("`, `");
        return Err(refused(format!("it has keys that are not known: `{keys}`")));
    }
    let entries = raw
        .benchmark
        .into_iter()
        .map(RawBenchmark::check)
        .collect::<Result<Vec<_>, _>>()?;
    let mut names = BTreeSet::new();
    for entry in &entries {
        if !names.insert(&entry.name) {
            return Err(refused(format!(
                "benchmark `{}` stands in it twice",
                entry.name
            )));
        }
    }
    Ok(entries)
}

fn stated_version(document: &toml::Table) -> Result<FormatVersion, CollectorError> {
    let stated = document
        .get("format")
        .and_then(toml::Value::as_str)
        .ok_or_else(|| refused("it states no version: begin it with `format = \"1.0\"`"))?;
    stated.parse().map_err(refused)
}

fn refused(reason: impl std::fmt::Display) -> CollectorError {
    CollectorError::SuiteManifest {
        reason: reason.to_string().trim_end().to_owned(),
    }
}

#[derive(Deserialize)]
struct RawManifest {
    #[serde(rename = "format")]
    _format: String,
    #[serde(default)]
    benchmark: Vec<RawBenchmark>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RawBenchmark {
    name: BenchmarkName,
    category: Category,
    artifact: RawArtifact,
    binary: Option<String>,
    registry: Option<RawRegistryCrate>,
    path: Option<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default = "yes")]
    default_features: bool,
    #[serde(default)]
    patches: Vec<PatchName>,
    #[serde(default)]
    excluded: Vec<RawExclusion>,
    #[serde(default)]
    quick: bool,
    #[serde(default)]
    demo: bool,
    #[serde(default)]
    stable: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawArtifact {
    Library,
    Binary,
}

#[derive(Deserialize)]
struct RawRegistryCrate {
    name: String,
    version: String,
    sha256: String,
}

#[derive(Deserialize)]
struct RawExclusion {
    profile: Option<Profile>,
    scenario: Option<ScenarioKind>,
    reason: String,
}

fn yes() -> bool {
    true
}

impl RawBenchmark {
    fn check(self) -> Result<Entry, CollectorError> {
        let name = self.name;
        let wrong = |reason: String| refused(format!("benchmark `{name}`: {reason}"));
        let artifact = match (self.artifact, self.binary) {
            (RawArtifact::Library, None) => ArtifactKind::Library,
            (RawArtifact::Binary, Some(target)) if is_package_name(&target) => {
                ArtifactKind::Binary { target }
            }
            (RawArtifact::Library, Some(_)) => {
                return Err(wrong(
                    "`binary` is for `artifact = \"binary\"` alone".to_owned(),
                ));
            }
            (RawArtifact::Binary, _) => {
                return Err(wrong("name its program: `binary = \"…\"`".to_owned()));
            }
        };
        let source = match (self.registry, self.path) {
            (Some(raw), None) => EntrySource::Registry(raw.check().map_err(wrong)?),
            (None, Some(path)) => EntrySource::Stress(inner_path(path).map_err(wrong)?),
            _ => return Err(wrong("it needs either `registry` or `path`".to_owned())),
        };
        let distinct: BTreeSet<&PatchName> = self.patches.iter().collect();
        if distinct.len() != self.patches.len() {
            return Err(wrong("one of its patches stands there twice".to_owned()));
        }
        let exclusions = self
            .excluded
            .into_iter()
            .map(RawExclusion::check)
            .collect::<Result<_, _>>()
            .map_err(wrong)?;
        Ok(Entry {
            category: self.category,
            artifact,
            source,
            features: self.features,
            default_features: self.default_features,
            patches: self.patches,
            exclusions,
            quick: self.quick,
            demo: self.demo,
            stable: self.stable,
            name,
        })
    }
}

impl RawRegistryCrate {
    fn check(self) -> Result<RegistryCrate, String> {
        if !is_package_name(&self.name) {
            return Err(format!("`{}` is not the name of a crate", self.name));
        }
        let is_version_byte = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
        if self.version.split('.').count() < 3 || !self.version.bytes().all(is_version_byte) {
            return Err(format!("`{}` is not an exact version: 1.2.3", self.version));
        }
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if self.sha256.len() != 64 || !self.sha256.bytes().all(is_digit) {
            return Err("`sha256` must be 64 lower-case hexadecimal digits".to_owned());
        }
        Ok(RegistryCrate {
            package: self.name,
            version: self.version,
            sha256: self.sha256,
        })
    }
}

impl RawExclusion {
    fn check(self) -> Result<Exclusion, String> {
        if self.profile.is_none() && self.scenario.is_none() {
            return Err("an exclusion needs a profile, a scenario, or both".to_owned());
        }
        if self.reason.trim().is_empty() {
            return Err("an exclusion needs a reason".to_owned());
        }
        Ok(Exclusion {
            profile: self.profile,
            scenario: self.scenario,
            reason: self.reason,
        })
    }
}

/// Whether a text can name a package or one of its programs. It becomes a part of command lines,
/// manifests and paths.
fn is_package_name(text: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=64).contains(&text.len())
        && text.bytes().all(is_name_byte)
        && text.as_bytes()[0].is_ascii_alphanumeric()
}

/// A path that stays inside the suite.
fn inner_path(path: String) -> Result<String, String> {
    let inner = path.split('/').all(is_package_name);
    inner
        .then_some(path)
        .ok_or_else(|| "`path` must be a folder inside the suite: `stress/NAME`".to_owned())
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
