//! What can be wrong with something that arrives from outside.

use thiserror::Error;

/// Input that does not follow one of the formats of this crate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidInput {
    /// A name, id, key or enum word that cannot be read.
    #[error("`{text}` is not {expected}")]
    Word {
        /// What arrived, shortened to a printable length.
        text: String,
        /// What was expected, as a noun phrase ("a configuration id: …").
        expected: &'static str,
    },
    /// A document of a format version that this program does not understand.
    #[error(
        "{what} has format version {found}, and this program reads {supported}: \
         upgrade the older of the two sides"
    )]
    Version {
        /// Which document.
        what: &'static str,
        /// The version that the document states.
        found: String,
        /// The versions that are accepted, in words.
        supported: String,
    },
    /// A document that is not JSON, or lacks what its format demands.
    #[error("{what} cannot be read: {reason}")]
    Document {
        /// Which document.
        what: &'static str,
        /// What the parser says, with line and column where it knows them.
        reason: String,
    },
    /// A document whose parts contradict each other.
    #[error("{what} contradicts itself: {reason}")]
    Inconsistent {
        /// Which document.
        what: &'static str,
        /// Which parts, and how.
        reason: String,
    },
}

impl InvalidInput {
    pub(crate) fn word(text: &str, expected: &'static str) -> Self {
        const PRINTABLE: usize = 80;
        let mut shortened: String = text.chars().take(PRINTABLE).collect();
        if shortened.len() < text.len() {
            shortened.push('…');
        }
        Self::Word {
            text: shortened,
            expected,
        }
    }

    /// A document that parses but whose parts contradict each other.
    pub fn inconsistent(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Inconsistent {
            what,
            reason: reason.into(),
        }
    }
}
