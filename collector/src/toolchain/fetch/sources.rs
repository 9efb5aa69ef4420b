//! Where toolchains are fetched from: the file of toolchain sources, and its border into checked
//! types.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use shared_types::{ArtifactId, FormatVersion};

use super::build::BuildKind;
use super::retry::RetryPace;
use super::sha256_sum::Sha256Sum;
use super::url_template::{Placeholder, UrlTemplate};
use crate::CollectorError;

/// The version of the file's format that this program knows.
const VERSION: FormatVersion = FormatVersion::V1_0;

/// The word that stands for [`Sources::rust_lang`] instead of a file.
const RUST_LANG: &str = "rust-lang";

/// The longest that a toolchain is fetched for, in seconds, where the file says nothing else.
const TIME_LIMIT_S: u64 = 1_800;

/// The largest archive, in bytes, where the file says nothing else. rustc's own with debugging
/// information has some 200 MB.
const ARCHIVE_BYTES_MAX: u64 = 2_000_000_000;

/// The most that a toolchain unpacks to, in bytes, where the file says nothing else.
const TOOLCHAIN_BYTES_MAX: u64 = 10_000_000_000;

/// The most files that a toolchain unpacks to.
const TOOLCHAIN_FILES_MAX: u64 = 200_000;

/// Where toolchains are fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The sources, in the order in which they are asked.
    pub sources: Vec<Source>,
    /// How much and how long is fetched.
    pub limits: FetchLimits,
    /// Checksums that archives must have, by artifact and component.
    pub checksums: BTreeMap<ArtifactId, BTreeMap<ComponentName, Sha256Sum>>,
}

/// A place that has builds of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What people call it.
    pub name: String,
    /// What it has.
    pub builds: BuildKind,
    /// Where its archives are.
    pub url: UrlTemplate,
    /// Whether it promises a file with the checksum beside each archive, named like it with
    /// `.sha256` behind.
    pub checksum_beside: bool,
    /// The components of a toolchain. A build that lacks one is not usable.
    pub components: Vec<ComponentName>,
    /// Components that are fetched where a build has them.
    pub optional_components: Vec<ComponentName>,
    /// Targets besides the host's own whose standard library is fetched.
    pub std_targets: Vec<String>,
}

/// How much and how long is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// The longest that one toolchain is fetched for.
    pub time_max: Duration,
    /// The largest archive, in bytes.
    pub archive_bytes_max: u64,
    /// The most that one toolchain unpacks to, in bytes.
    pub toolchain_bytes_max: u64,
    /// The most files that one toolchain unpacks to.
    pub toolchain_files_max: u64,
    /// How often and how soon a failed download is tried again.
    pub pace: RetryPace,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            time_max: Duration::from_secs(TIME_LIMIT_S),
            archive_bytes_max: ARCHIVE_BYTES_MAX,
            toolchain_bytes_max: TOOLCHAIN_BYTES_MAX,
            toolchain_files_max: TOOLCHAIN_FILES_MAX,
            pace: RetryPace::default(),
        }
    }
}

/// The name of a component: `rust-std`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct ComponentName(String);

impl ComponentName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ComponentName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if is_plain_name(&text) {
            Ok(Self(text))
        } else {
            Err(format!(
                "`{text}` is not the name of a component, such as `rust-std`"
            ))
        }
    }
}

impl std::str::FromStr for ComponentName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

/// Letters, digits, `-`, `_` and, as in `thumbv8m.main-none-eabi`, single dots.
fn is_plain_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)
        })
        && text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && !text.contains("..")
}

impl Sources {
    /// No source at all.
    pub fn none() -> Self {
        Self {
            sources: Vec::new(),
            limits: FetchLimits::default(),
            checksums: BTreeMap::new(),
        }
    }

    /// Where the Rust project publishes what it builds: its CI's builds of commits (which it keeps
    /// for 168 days), releases and nightlies.
    pub fn rust_lang() -> Self {
        let builds = "https://ci-artifacts.rust-lang.org";
        let commits =
            format!("{builds}/rustc-builds/{{sha}}/{{component}}-nightly-{{target}}.tar.xz");
        let alternative =
            format!("{builds}/rustc-builds-alt/{{sha}}/{{component}}-nightly-{{target}}.tar.xz");
        let dist = "https://static.rust-lang.org/dist";
        let releases = format!("{dist}/{{component}}-{{version}}-{{target}}.tar.xz");
        let nightlies = format!("{dist}/{{date}}/{{component}}-nightly-{{target}}.tar.xz");
        let source = |name: &str, builds, url: &str, checksum_beside| {
            let names = |names: &[&str]| {
                let names = names.iter().map(|name| ComponentName((*name).to_owned()));
                names.collect()
            };
            Some(Source {
                name: name.to_owned(),
                builds,
                url: url.parse().ok()?,
                checksum_beside,
                components: names(&["rustc", "rust-std", "cargo"]),
                optional_components: names(&["rustc-codegen-cranelift", "clippy"]),
                std_targets: Vec::new(),
            })
        };
        let sources = [
            source("rustc-builds", BuildKind::Commits, &commits, false),
            source("rustc-builds-alt", BuildKind::Commits, &alternative, false),
            source("releases", BuildKind::Releases, &releases, true),
            source("nightlies", BuildKind::Nightlies, &nightlies, true),
        ];
        Self {
            sources: sources.into_iter().flatten().collect(),
            ..Self::none()
        }
    }

    /// The sources that a text names: `rust-lang`, or the path of a file.
    ///
    /// # Errors
    /// When the file cannot be read or used.
    pub fn named(text: &str) -> Result<Self, CollectorError> {
        if text == RUST_LANG {
            return Ok(Self::rust_lang());
        }
        let path = Path::new(text);
        let content = std::fs::read_to_string(path).map_err(CollectorError::io("read", path))?;
        Self::parse(&content).map_err(|reason| CollectorError::ToolchainSources {
            file: path.to_owned(),
            reason,
        })
    }

    /// Reads a file of toolchain sources.
    ///
    /// # Errors
    /// Says what cannot be used, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let stated: StatedVersion = toml::from_str(text).map_err(|error| error.to_string())?;
        if !VERSION.reads(stated.format) {
            return Err(format!(
                "it has format version {}, and this program reads {VERSION}",
                stated.format
            ));
        }
        let written: WrittenSources = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut sources: Vec<Source> = Vec::new();
        for source in written.source {
            if sources.iter().any(|known| known.name == source.name) {
                return Err(format!("two sources are called `{}`", source.name));
            }
            sources.push(source.checked()?);
        }
        Ok(Self {
            sources,
            limits: written.limits.checked()?,
            checksums: written.checksums,
        })
    }
}

#[derive(Deserialize)]
struct StatedVersion {
    format: FormatVersion,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSources {
    #[serde(rename = "format")]
    _format: FormatVersion,
    #[serde(default)]
    source: Vec<WrittenSource>,
    #[serde(default)]
    limits: WrittenLimits,
    #[serde(default)]
    checksums: BTreeMap<ArtifactId, BTreeMap<ComponentName, Sha256Sum>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSource {
    name: String,
    builds: BuildKind,
    url: String,
    checksum: WrittenChecksum,
    components: Vec<ComponentName>,
    #[serde(default)]
    optional_components: Vec<ComponentName>,
    #[serde(default)]
    std_targets: Vec<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum WrittenChecksum {
    Beside,
    None,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WrittenLimits {
    time_limit_s: Option<u64>,
    archive_bytes_max: Option<u64>,
    toolchain_bytes_max: Option<u64>,
    attempts_max: Option<u32>,
    first_pause_ms: Option<u64>,
}

impl WrittenSource {
    fn checked(self) -> Result<Source, String> {
        let refused = |reason: String| format!("source `{}`: {reason}", self.name);
        let url: UrlTemplate = self
            .url
            .parse()
            .map_err(|reason| refused(format!("`url` cannot be used: {reason}")))?;
        let own = self.builds.placeholder();
        if !url.placeholders().any(|placeholder| placeholder == own) {
            return Err(refused(format!(
                "`url` has no `{{{}}}`, so that all builds would have one archive",
                own.name()
            )));
        }
        let common = [Placeholder::Component, Placeholder::Target, own];
        if let Some(foreign) = url
            .placeholders()
            .find(|placeholder| !common.contains(placeholder))
        {
            return Err(refused(format!(
                "`url` has `{{{}}}`, which these builds have not",
                foreign.name()
            )));
        }
        for component in ["rustc", "rust-std"] {
            if !self.components.iter().any(|known| known.0 == component) {
                return Err(refused(format!("`components` lacks `{component}`")));
            }
        }
        if let Some(target) = self.std_targets.iter().find(|text| !is_plain_name(text)) {
            return Err(refused(format!("`{target}` is not a target triple")));
        }
        Ok(Source {
            name: self.name,
            builds: self.builds,
            url,
            checksum_beside: self.checksum == WrittenChecksum::Beside,
            components: self.components,
            optional_components: self.optional_components,
            std_targets: self.std_targets,
        })
    }
}

impl WrittenLimits {
    fn checked(self) -> Result<FetchLimits, String> {
        let usual = FetchLimits::default();
        let pace = RetryPace::default();
        let limits = FetchLimits {
            time_max: self
                .time_limit_s
                .map_or(usual.time_max, Duration::from_secs),
            archive_bytes_max: self.archive_bytes_max.unwrap_or(usual.archive_bytes_max),
            toolchain_bytes_max: self
                .toolchain_bytes_max
                .unwrap_or(usual.toolchain_bytes_max),
            pace: RetryPace {
                attempts_max: self.attempts_max.unwrap_or(pace.attempts_max),
                pause_min: self
                    .first_pause_ms
                    .map_or(pace.pause_min, Duration::from_millis),
                ..pace
            },
            ..usual
        };
        if limits.time_max > Duration::from_secs(TIME_LIMIT_S * 2) {
            return Err(
                "`time_limit_s` is more than an hour, and a job has two for all it does".to_owned(),
            );
        }
        Ok(limits)
    }
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
