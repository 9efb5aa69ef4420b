//! Names on GitHub: repositories, pull requests, people and commits.

use std::fmt;
use std::str::FromStr;

use crate::text::text_conversions;
use crate::{ArtifactId, InvalidInput};

const SHA_DIGITS: usize = 40;
const LOGIN_BYTES_MAX: usize = 100;

/// A repository: `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryName {
    owner: String,
    name: String,
}

impl RepositoryName {
    /// Whose it is.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

impl FromStr for RepositoryName {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_part = |part: &str| {
            (1..=100).contains(&part.len())
                && part != "."
                && part != ".."
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        match text.split_once('/') {
            Some((owner, name)) if is_part(owner) && is_part(name) => Ok(Self {
                owner: owner.to_owned(),
                name: name.to_owned(),
            }),
            _ => Err(InvalidInput::word(text, "a repository: OWNER/NAME")),
        }
    }
}

text_conversions!(RepositoryName);

/// A pull request: `owner/name#12`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PullRequestId {
    /// Where.
    pub repository: RepositoryName,
    /// Its number there.
    pub number: u64,
}

impl fmt::Display for PullRequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.repository, self.number)
    }
}

impl FromStr for PullRequestId {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "a pull request: OWNER/NAME#NUMBER";
        let (repository, number) = text
            .split_once('#')
            .ok_or_else(|| InvalidInput::word(text, expected))?;
        let is_number = !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
        match number.parse() {
            Ok(number) if is_number => Ok(Self {
                repository: repository.parse()?,
                number,
            }),
            _ => Err(InvalidInput::word(text, expected)),
        }
    }
}

text_conversions!(PullRequestId);

/// A person or a program on GitHub, by its login. Two that differ in case alone are one.
#[derive(Debug, Clone)]
pub struct Login(String);

impl Login {
    /// The login as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Login {}

impl fmt::Display for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Login {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.strip_suffix("[bot]").unwrap_or(text);
        let is_login = (1..=LOGIN_BYTES_MAX).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if is_login {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidInput::word(text, "a login on GitHub"))
        }
    }
}

text_conversions!(Login);

/// The full name of a commit: 40 hexadecimal digits, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommitSha(String);

impl CommitSha {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The compiler that was built from it.
    pub fn artifact(&self) -> ArtifactId {
        ArtifactId::Commit(self.0.clone())
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for CommitSha {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == SHA_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidInput::word(
                text,
                "a full commit sha of 40 hexadecimal digits",
            ))
        }
    }
}

text_conversions!(CommitSha);
