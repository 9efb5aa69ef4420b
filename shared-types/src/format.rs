//! Versions of formats, and how a reader of one version treats a document of another.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::InvalidInput;
use crate::text::text_conversions;

/// The version of a format, `1.0`.
///
/// Within a major version fields are only added, and readers ignore those they do not know. A
/// reader accepts its own minor version and its two neighbours, since writers and readers of
/// neighbouring versions run together during an upgrade; every other version is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormatVersion {
    /// Changes when a document of the old version would be misunderstood.
    pub major: u16,
    /// Changes when fields are added.
    pub minor: u16,
}

impl FormatVersion {
    /// The first version of a format.
    pub const V1_0: Self = Self { major: 1, minor: 0 };

    /// Whether a reader of this version understands a document of version `written`.
    pub fn reads(self, written: Self) -> bool {
        self.major == written.major && self.minor.abs_diff(written.minor) <= 1
    }

    /// The versions that a reader of this version understands, in words.
    fn readable(self) -> String {
        let oldest = self.minor.saturating_sub(1);
        let newest = self.minor.saturating_add(1);
        format!("{}.{oldest} to {}.{newest}", self.major, self.major)
    }
}

impl fmt::Display for FormatVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for FormatVersion {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse::<u16>().ok()).flatten()
        };
        text.split_once('.')
            .and_then(|(major, minor)| {
                Some(Self {
                    major: number(major)?,
                    minor: number(minor)?,
                })
            })
            .ok_or_else(|| InvalidInput::word(text, "a format version: MAJOR.MINOR"))
    }
}

text_conversions!(FormatVersion);

/// A document that states its version.
pub trait Versioned: DeserializeOwned {
    /// What people call it, as a noun phrase: "a result".
    const WHAT: &'static str;
    /// The version that this program writes.
    const VERSION: FormatVersion;

    /// Reads a document from JSON, the version first, so that a document of another major version
    /// is refused as such and not for a field that it lacks.
    ///
    /// # Errors
    /// When it is not JSON, states no version or one that is not understood, lacks a field, or
    /// contradicts itself.
    fn from_json(json: &[u8]) -> Result<Self, InvalidInput> {
        let refused = |error: serde_json::Error| InvalidInput::Document {
            what: Self::WHAT,
            reason: error.to_string(),
        };
        let stated: StatedVersion = serde_json::from_slice(json).map_err(refused)?;
        if !Self::VERSION.reads(stated.format) {
            return Err(InvalidInput::Version {
                what: Self::WHAT,
                found: stated.format.to_string(),
                supported: Self::VERSION.readable(),
            });
        }
        let document: Self = serde_json::from_slice(json).map_err(refused)?;
        document.check()?;
        Ok(document)
    }

    /// Whether the parts of the document agree with each other.
    ///
    /// # Errors
    /// Says which parts do not.
    fn check(&self) -> Result<(), InvalidInput> {
        Ok(())
    }
}

#[derive(Deserialize)]
struct StatedVersion {
    format: FormatVersion,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_reader_accepts_neighbours_of_its_major_version_alone(
            own in (0u16..4, 0u16..9), written in (0u16..4, 0u16..9)
        ) {
            let own = FormatVersion { major: own.0, minor: own.1 };
            let written = FormatVersion { major: written.0, minor: written.1 };
            let neighbour = own.major == written.major
                && (i32::from(own.minor) - i32::from(written.minor)).abs() <= 1;
            prop_assert_eq!(own.reads(written), neighbour);
        }

        #[test]
        fn versions_are_printed_as_they_came(text in "[0-9]{1,4}\\.[0-9]{1,4}|.{0,9}") {
            if let Ok(version) = text.parse::<FormatVersion>() {
                let again: FormatVersion = version.to_string().parse().unwrap();
                prop_assert_eq!(again, version);
            }
        }
    }
}
