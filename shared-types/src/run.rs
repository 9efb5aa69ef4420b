//! Runs: one artifact measured under one configuration, once or more.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::artifact::PAIR_SEPARATOR;
use crate::text::text_conversions;
use crate::{ArtifactId, ConfigurationId, InvalidInput};

/// The name of a run: `ARTIFACT@CONFIGURATION`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId {
    /// What was measured.
    pub artifact: ArtifactId,
    /// Under what.
    pub configuration: ConfigurationId,
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.artifact, self.configuration)
    }
}

impl FromStr for RunId {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (artifact, configuration) = text
            .split_once('@')
            .ok_or_else(|| InvalidInput::word(text, "a run: ARTIFACT@CONFIGURATION"))?;
        Ok(Self {
            artifact: artifact.parse()?,
            configuration: configuration.parse()?,
        })
    }
}

text_conversions!(RunId);

/// The number of a measuring of a run, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Replicate(u32);

impl Replicate {
    /// The first measuring.
    pub const FIRST: Self = Self(1);

    /// The number, at least 1.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The measuring after this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl TryFrom<u32> for Replicate {
    type Error = InvalidInput;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        if number == 0 {
            Err(InvalidInput::word("0", "a replicate: a number from 1"))
        } else {
            Ok(Self(number))
        }
    }
}

impl From<Replicate> for u32 {
    fn from(replicate: Replicate) -> Self {
        replicate.0
    }
}

/// One side of a comparison: an artifact with all its replicates pooled, or one replicate of it.
///
/// Written `ARTIFACT` or `ARTIFACT#2`; an A/A comparison is `ARTIFACT#1..ARTIFACT#2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Side {
    /// The compiler.
    pub artifact: ArtifactId,
    /// One measuring, or all of them.
    pub replicate: Option<Replicate>,
}

impl Side {
    /// All replicates of an artifact.
    pub fn pooled(artifact: ArtifactId) -> Self {
        Self {
            artifact,
            replicate: None,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.replicate {
            None => self.artifact.fmt(formatter),
            Some(replicate) => write!(formatter, "{}#{}", self.artifact, replicate.number()),
        }
    }
}

impl FromStr for Side {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (artifact, replicate) = match text.split_once('#') {
            None => (text, None),
            Some((artifact, number)) => {
                let replicate = match number.parse::<u32>() {
                    // A second spelling of a number would be a second name of one side.
                    Ok(parsed) if parsed.to_string() == number => Replicate::try_from(parsed)?,
                    _ => return Err(InvalidInput::word(number, "a replicate: a number from 1")),
                };
                (artifact, Some(replicate))
            }
        };
        Ok(Self {
            artifact: artifact.parse()?,
            replicate,
        })
    }
}

text_conversions!(Side);

/// The two sides of a comparison, `BASE..HEAD`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SidePair {
    /// What is compared with.
    pub base: Side,
    /// What is judged.
    pub head: Side,
}

impl fmt::Display for SidePair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..{}", self.base, self.head)
    }
}

impl FromStr for SidePair {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Names of releases hold single dots, so the first pair of dots is the separator.
        let (base, head) = text
            .split_once(PAIR_SEPARATOR)
            .ok_or_else(|| InvalidInput::word(text, "a pair of artifacts: BASE..HEAD"))?;
        Ok(Self {
            base: base.parse()?,
            head: head.parse()?,
        })
    }
}

text_conversions!(SidePair);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_a_a_comparison_names_two_replicates_of_one_artifact() {
        let pair: SidePair = "release-1.95.0#1..release-1.95.0#2".parse().unwrap();
        assert_eq!(pair.base.artifact, pair.head.artifact);
        assert_eq!(pair.head.replicate.map(Replicate::number), Some(2));
        assert_eq!(pair.to_string(), "release-1.95.0#1..release-1.95.0#2");
    }

    #[test]
    fn replicates_are_counted_from_one() {
        assert!("release-1.95.0#0".parse::<Side>().is_err());
        assert!("release-1.95.0#x".parse::<Side>().is_err());
    }

    #[test]
    fn a_side_has_one_spelling() {
        assert!("release-1.95.0#01".parse::<Side>().is_err());
        assert!("release-1.95.0#+1".parse::<Side>().is_err());
    }

    #[test]
    fn a_run_is_an_artifact_at_a_configuration() {
        let run: RunId = "release-1.95.0@x86_64-llvm-t1".parse().unwrap();
        assert_eq!(run.configuration.as_str(), "x86_64-llvm-t1");
        assert!("release-1.95.0".parse::<RunId>().is_err());
    }
}
