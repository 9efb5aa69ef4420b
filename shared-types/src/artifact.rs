//! Artifacts: compilers that can be measured, and their place in history.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::InvalidInput;
use crate::text::{is_slug, text_conversions, word_enum};

/// One compiler that can be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its name.
    pub id: ArtifactId,
    /// What a person calls it: `rustc 1.95.0 (59807616e 2026-04-14)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The commit it was built from, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    /// When it was committed, where known.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub commit_date: Option<Timestamp>,
    /// Its place in history. It may arrive later than the first result; an artifact without it can
    /// be compared by hand and stays out of series and of noise estimates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryPosition>,
}

impl Artifact {
    /// An artifact of which nothing but its name is known.
    pub fn named(id: ArtifactId) -> Self {
        let commit_sha = match &id {
            ArtifactId::Commit(sha) => Some(sha.clone()),
            ArtifactId::Release(_) | ArtifactId::Local { .. } => None,
        };
        Self {
            id,
            title: None,
            commit_sha,
            commit_date: None,
            history: None,
        }
    }
}

/// A place in history: the line, and the position on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPosition {
    /// The line of artifacts that follow one another.
    pub line: Line,
    /// Sorts the artifacts of a line, oldest first. Not dense: a commit's position on the branch
    /// where that is known, else its commit date in seconds since 1970.
    pub ordinal: i64,
    /// The artifact before, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ArtifactId>,
}

word_enum! {
    /// A line of artifacts that follow one another.
    Line, "a line of history: main, releases or local" {
        /// Commits of the main branch.
        Main => "main",
        /// Stable releases.
        Releases => "releases",
        /// Toolchains of one machine, by commit date.
        Local => "local",
    }
}

/// What stands between the two sides of a comparison, and so in no name of an artifact.
pub(crate) const PAIR_SEPARATOR: &str = "..";

/// The name of an artifact. It holds no `..` and ends with no dot, so that two of them with `..` in
/// between can be told apart again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ArtifactId {
    /// A commit: the full 40-digit sha, lower case.
    Commit(String),
    /// A release: `release-1.95.0`.
    Release(String),
    /// A toolchain of one machine: `local-NAME-SHORTSHA`.
    Local {
        /// What its owner calls it. May itself hold `-`.
        name: String,
        /// 7 to 12 hexadecimal digits.
        short_sha: String,
    },
}

impl ArtifactId {
    /// A text short enough for a column head: the first 9 digits of a sha, else the whole name.
    pub fn short(&self) -> String {
        match self {
            Self::Commit(sha) => sha[..9].to_owned(),
            Self::Release(_) | Self::Local { .. } => self.to_string(),
        }
    }

    /// The name of a local toolchain. Letters of `name` that an id cannot hold become `_`.
    pub fn local(name: &str, commit_sha: &str) -> Result<Self, InvalidInput> {
        let mut before = None;
        let name: String = name
            .chars()
            .map(|letter| {
                let held = match letter {
                    '.' if before == Some('.') => '_',
                    'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => letter,
                    _ => '_',
                };
                before = Some(held);
                held
            })
            .take(64)
            .collect();
        let short_sha: String = commit_sha.chars().take(9).collect();
        format!("local-{name}-{short_sha}").parse()
    }
}

impl fmt::Display for ArtifactId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(sha) => formatter.pad(sha),
            Self::Release(version) => formatter.pad(&format!("release-{version}")),
            Self::Local { name, short_sha } => formatter.pad(&format!("local-{name}-{short_sha}")),
        }
    }
}

impl FromStr for ArtifactId {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || {
            InvalidInput::word(
                text,
                "an artifact: a full 40-digit commit sha, `release-VERSION` or `local-NAME-SHORTSHA`",
            )
        };
        if text.len() == 40 && is_lower_hexadecimal(text) {
            return Ok(Self::Commit(text.to_owned()));
        }
        if text.contains(PAIR_SEPARATOR) || text.ends_with('.') {
            return Err(refused());
        }
        if let Some(version) = text.strip_prefix("release-") {
            return if is_slug(version, 40, b".-+") {
                Ok(Self::Release(version.to_owned()))
            } else {
                Err(refused())
            };
        }
        let (name, short_sha) = text
            .strip_prefix("local-")
            .and_then(|rest| rest.rsplit_once('-'))
            .ok_or_else(refused)?;
        if is_slug(name, 64, b"._-")
            && (7..=12).contains(&short_sha.len())
            && is_lower_hexadecimal(short_sha)
        {
            Ok(Self::Local {
                name: name.to_owned(),
                short_sha: short_sha.to_owned(),
            })
        } else {
            Err(refused())
        }
    }
}

text_conversions!(ArtifactId);

fn is_lower_hexadecimal(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_accepted_is_printed_as_it_came(
            text in prop_oneof![
                ".{0,50}",
                "[0-9a-f]{40}",
                "release-[0-9.]{1,8}",
                "local-[a-z.-]{1,9}-[0-9a-f]{7,12}",
            ]
        ) {
            if let Ok(id) = text.parse::<ArtifactId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }

        #[test]
        fn a_local_toolchain_of_any_name_has_an_id(name in "[a-z](\\.|.){0,80}") {
            let id = ArtifactId::local(&name, "59807616e1fa2540724bfbac14d7976d7e4a3860").unwrap();
            prop_assert_eq!(id.to_string().parse::<ArtifactId>().unwrap(), id);
        }
    }

    #[test]
    fn a_name_that_could_not_be_told_from_a_pair_is_refused() {
        for name in ["release-1..2", "release-1.", "local-a..b-59807616e"] {
            assert!(name.parse::<ArtifactId>().is_err(), "{name}");
        }
        let id = ArtifactId::local("a..b...c", "59807616e1fa2540724bfbac14d7976d7e4a3860");
        assert_eq!(id.unwrap().to_string(), "local-a._b._.c-59807616e");
    }

    #[test]
    fn a_short_or_upper_case_sha_is_refused() {
        assert!("59807616e".parse::<ArtifactId>().is_err());
        assert!("A".repeat(40).parse::<ArtifactId>().is_err());
    }
}
