//! What people write: short enough to be shown, and never blank.

use std::fmt;
use std::str::FromStr;

use crate::InvalidInput;
use crate::text::text_conversions;

/// How many characters an explanation has at most.
const WORDS_CHARACTERS_MAX: usize = 2_000;
/// How many characters a name has at most.
const OWNER_CHARACTERS_MAX: usize = 100;
/// How many characters an address has at most.
const ADDRESS_CHARACTERS_MAX: usize = 500;

/// An explanation: up to 2,000 characters, not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageWords(String);

impl TriageWords {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TriageWords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for TriageWords {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let printable = |letter: char| !letter.is_control() || letter == '\n' || letter == '\t';
        if text.is_empty()
            || text.chars().count() > WORDS_CHARACTERS_MAX
            || !text.chars().all(printable)
        {
            return Err(InvalidInput::word(
                text,
                "an explanation: 1 to 2,000 printable characters that are not all blank",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

text_conversions!(TriageWords);

/// Who sees to something: a person, a team, a meeting. One line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner(String);

impl Owner {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Owner {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty()
            || text.chars().count() > OWNER_CHARACTERS_MAX
            || text.chars().any(char::is_control)
        {
            return Err(InvalidInput::word(
                text,
                "an owner: a person or a team, in 1 to 100 printable characters",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

text_conversions!(Owner);

/// Where something was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FixReference {
    /// A commit: 7 to 40 hexadecimal digits, lower case.
    Commit(String),
    /// An address, such as that of a pull request.
    Address(String),
}

impl fmt::Display for FixReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(text) | Self::Address(text) => formatter.write_str(text),
        }
    }
}

impl FromStr for FixReference {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_sha = (7..=40).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
        if is_sha {
            return Ok(Self::Commit(text.to_owned()));
        }
        let behind_scheme = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        // What goes on into Markdown and pages must not end the link that it is put into.
        let is_plain = |letter: char| {
            !letter.is_whitespace() && !letter.is_control() && !"<>\"'`()[]\\".contains(letter)
        };
        match behind_scheme {
            Some(rest)
                if rest.starts_with(|first: char| first.is_ascii_alphanumeric())
                    && text.chars().count() <= ADDRESS_CHARACTERS_MAX
                    && text.chars().all(is_plain) =>
            {
                Ok(Self::Address(text.to_owned()))
            }
            _ => Err(InvalidInput::word(
                text,
                "a fix: a commit of 7 to 40 hexadecimal digits, or an address that begins with \
                 https://",
            )),
        }
    }
}

text_conversions!(FixReference);
