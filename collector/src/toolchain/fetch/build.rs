//! Which build an artifact names, as far as it can be fetched.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared_types::ArtifactId;

use super::url_template::Placeholder;
use crate::CollectorError;
use crate::toolchain::Toolchain;

/// How the version of a release begins that is a nightly: `release-nightly-2026-05-19`.
const NIGHTLY: &str = "nightly-";

/// A kind of builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuildKind {
    /// Builds of commits, by CI: of the main branch, or of a pull request that is tried.
    Commits,
    /// Releases, by version.
    Releases,
    /// Nightlies, by day.
    Nightlies,
}

impl BuildKind {
    /// The placeholder without which all builds of the kind would have one URL.
    pub fn placeholder(self) -> Placeholder {
        match self {
            Self::Commits => Placeholder::Sha,
            Self::Releases => Placeholder::Version,
            Self::Nightlies => Placeholder::Date,
        }
    }
}

/// A build that can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Build {
    pub(super) kind: BuildKind,
    /// What stands for the kind's placeholder: a sha, a version or a day.
    pub(super) name: String,
}

impl Build {
    /// The build that an artifact names, or `None` for a toolchain of one machine.
    pub(super) fn of(artifact: &ArtifactId) -> Option<Self> {
        let (kind, name) = match artifact {
            ArtifactId::Commit(sha) => (BuildKind::Commits, sha.as_str()),
            ArtifactId::Release(version) => match day_of(version) {
                Some(day) => (BuildKind::Nightlies, day),
                None => (BuildKind::Releases, version.as_str()),
            },
            ArtifactId::Local { .. } => return None,
        };
        Some(Self {
            kind,
            name: name.to_owned(),
        })
    }
}

/// The day of a nightly, from the version of a release.
fn day_of(version: &str) -> Option<&str> {
    let day = version.strip_prefix(NIGHTLY)?;
    (day.len() == 10 && day.parse::<Date>().is_ok()).then_some(day)
}

/// Makes sure that a toolchain is what was asked for: of this artifact, for this host, and whole.
///
/// # Errors
/// [`CollectorError::OtherCompiler`] where it is not.
pub(in crate::toolchain) fn check_identity(
    toolchain: &Toolchain,
    artifact: &ArtifactId,
    target: &str,
) -> Result<(), CollectorError> {
    let other = |found: String| {
        Err(CollectorError::OtherCompiler {
            artifact: artifact.clone(),
            found,
        })
    };
    let title = toolchain.artifact.title.as_deref().unwrap_or("a rustc");
    if toolchain.host != target {
        return other(format!("{title} for {}, not for {target}", toolchain.host));
    }
    let is_the_one = match artifact {
        ArtifactId::Release(version) => match day_of(version) {
            Some(day) => is_nightly_of(toolchain, day),
            None => toolchain.release == *version,
        },
        ArtifactId::Commit(_) | ArtifactId::Local { .. } => toolchain.is_artifact(artifact),
    };
    if !is_the_one {
        let commit = toolchain.artifact.commit_sha.as_deref();
        return other(format!("{title} of commit {}", commit.unwrap_or("unknown")));
    }
    if !toolchain.usable {
        return other(format!("{title} without a standard library for {target}"));
    }
    Ok(())
}

/// A nightly says its version and the day of its commit, which is that of its publication or one
/// before.
fn is_nightly_of(toolchain: &Toolchain, day: &str) -> bool {
    let end_of_day = format!("{day}T23:59:59Z").parse::<jiff::Timestamp>();
    toolchain.release.ends_with("-nightly")
        && matches!(
            (toolchain.artifact.commit_date, end_of_day),
            (Some(commit), Ok(published)) if commit <= published
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(artifact: &str) -> Option<(BuildKind, String)> {
        let build = Build::of(&artifact.parse().unwrap())?;
        Some((build.kind, build.name))
    }

    #[test]
    fn commits_releases_and_nightlies_can_be_fetched_and_local_toolchains_cannot() {
        let sha = "e50aa6fba4e63ab34c72bf9acfd2c307c1155d1a";
        assert_eq!(build(sha), Some((BuildKind::Commits, sha.to_owned())));
        assert_eq!(
            build("release-1.95.0"),
            Some((BuildKind::Releases, "1.95.0".to_owned()))
        );
        assert_eq!(
            build("release-nightly-2026-05-19"),
            Some((BuildKind::Nightlies, "2026-05-19".to_owned()))
        );
        assert_eq!(
            build("release-nightly-2026-13-19"),
            Some((BuildKind::Releases, "nightly-2026-13-19".to_owned()))
        );
        assert_eq!(build("local-mine-59807616e"), None);
    }
}
