//! Pull requests that a text names: the title of a commit, or why somebody asked for a measuring.

use std::fmt;

use super::{PullRequestId, RepositoryName};

/// What a merge bot, GitHub and its web page write before the number.
const BEFORE_NUMBER: [&str; 2] = ["Auto merge of #", "Merge pull request #"];

/// Behind these, commits and comments name the issue that they are about.
const BEFORE_ISSUE: [&str; 12] = [
    "cc", "close", "closed", "closes", "fix", "fixed", "fixes", "issue", "issues", "resolve",
    "resolved", "resolves",
];

/// A pull request as a text names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestMention {
    /// Where, if the text says so: commits name a number alone.
    pub repository: Option<RepositoryName>,
    /// Its number there.
    pub number: u64,
}

impl PullRequestMention {
    /// The first pull request that a text names: as commits do (`Auto merge of #1`, `Merge pull request
    /// #1`, and `(#1)` at the end of the first line, as squashing writes it), by address, or as
    /// `OWNER/NAME#NUMBER`. Any other number may be that of an issue, and is none, as is what a commit
    /// says that it fixes.
    pub fn first_in(text: &str) -> Option<Self> {
        of_commit(text).or_else(|| {
            let mut before = "";
            let mut words =
                text.split(|letter: char| letter.is_whitespace() || ",;()<>".contains(letter));
            words.find_map(|word| {
                let is_issue = is_before_issue(before);
                before = word;
                by_address(word).or_else(|| by_name(word).filter(|_| !is_issue))
            })
        })
    }

    /// The same, in the repository where commits belong that name none.
    pub fn within(self, repository: Option<&RepositoryName>) -> Self {
        Self {
            repository: self.repository.or_else(|| repository.cloned()),
            ..self
        }
    }

    /// Its address, by where people read GitHub. `None` where the repository is not known.
    pub fn address(&self, web_url: &str) -> Option<String> {
        let repository = self.repository.as_ref()?;
        let web_url = web_url.trim_end_matches('/');
        Some(format!("{web_url}/{repository}/pull/{}", self.number))
    }
}

impl From<PullRequestId> for PullRequestMention {
    fn from(id: PullRequestId) -> Self {
        Self {
            repository: Some(id.repository),
            number: id.number,
        }
    }
}

impl fmt::Display for PullRequestMention {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repository {
            Some(repository) => write!(formatter, "{repository}#{}", self.number),
            None => write!(formatter, "#{}", self.number),
        }
    }
}

/// `https://github.com/OWNER/NAME/pull/NUMBER`, whatever stands behind it.
fn by_address(word: &str) -> Option<PullRequestMention> {
    let (_, path) = word.strip_prefix("https://")?.split_once('/')?;
    let mut parts = path.splitn(4, '/');
    let repository = format!("{}/{}", parts.next()?, parts.next()?);
    if parts.next()? != "pull" {
        return None;
    }
    Some(PullRequestMention {
        repository: Some(repository.parse().ok()?),
        number: leading_number(parts.next()?)?,
    })
}

/// Whether what is named behind a word is an issue.
fn is_before_issue(word: &str) -> bool {
    let word = word.trim_end_matches(':').to_ascii_lowercase();
    BEFORE_ISSUE.contains(&word.as_str())
}

/// `OWNER/NAME#NUMBER`.
fn by_name(word: &str) -> Option<PullRequestMention> {
    let word = word.trim_end_matches(['.', ':', '!', '?']);
    let id: PullRequestId = word.parse().ok()?;
    Some(id.into())
}

fn of_commit(text: &str) -> Option<PullRequestMention> {
    let title = text.lines().next()?.trim();
    let merged = BEFORE_NUMBER
        .iter()
        .find_map(|words| leading_number(title.split_once(words)?.1));
    let number = merged.or_else(|| {
        let (_, number) = title.strip_suffix(')')?.rsplit_once("(#")?;
        leading_number(number).filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))
    })?;
    Some(PullRequestMention {
        repository: None,
        number,
    })
}

/// The number that a text begins with. Numbers begin with no zero.
fn leading_number(text: &str) -> Option<u64> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    (number > 0 && !text.starts_with('0')).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(text: &str) -> Option<String> {
        PullRequestMention::first_in(text).map(|mention| mention.to_string())
    }

    #[test]
    fn commits_of_merge_bots_and_of_squashing_name_theirs() {
        for (text, wanted) in [
            ("Auto merge of #138000 - ada:faster, r=grace", "#138000"),
            ("main: Auto merge of #138000 - ada:faster", "#138000"),
            ("Merge pull request #12 from ada/faster", "#12"),
            ("Auto merge of #7 - ada:as-in-rust-lang/cargo#3", "#7"),
            ("Make it faster (#77)\n\nand (#78)", "#77"),
            (
                "asked for in a comment on rust-lang/rust#5.",
                "rust-lang/rust#5",
            ),
            (
                "see https://github.com/rust-lang/rust/pull/9/files",
                "rust-lang/rust#9",
            ),
            ("(https://example.org/a/b/pull/3)", "a/b#3"),
            ("with ccache a/b#3", "a/b#3"),
            ("a fixture a/b#3", "a/b#3"),
        ] {
            assert_eq!(named(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_number_that_may_be_an_issue_is_none() {
        for text in [
            "rustc 1.95.0 (59807616e 2026-04-14)",
            "Fix #123",
            "Fixes rust-lang/rust#123",
            "cc: rust-lang/rust#123",
            "Fixes the thing (#12a)",
            "Auto merge of #0",
            "https://github.com/rust-lang/rust/issues/9",
            "",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_alone_has_an_address_once_its_repository_is_known() {
        let mention = PullRequestMention::first_in("Auto merge of #7 - x").unwrap();
        assert_eq!(mention.address("https://github.com"), None);
        let repository = "rust-lang/rust".parse().unwrap();
        assert_eq!(
            mention
                .within(Some(&repository))
                .address("https://github.com/"),
            Some("https://github.com/rust-lang/rust/pull/7".to_owned())
        );
    }

    proptest! {
        #[test]
        fn whatever_is_named_is_found_among_other_words(
            number in 1_u64..1_000_000, before in "[a-z ]{0,9}", after in "[a-z ]{0,9}",
        ) {
            prop_assume!(!before.split_whitespace().any(is_before_issue));
            let text = format!("{before} o/n#{number} {after}");
            prop_assert_eq!(named(&text), Some(format!("o/n#{number}")));
            let mention = PullRequestMention::first_in(&text).unwrap();
            let text = format!("{before} {} {after}", mention.address("https://example.org").unwrap());
            prop_assert_eq!(PullRequestMention::first_in(&text), Some(mention));
        }

        #[test]
        fn any_text_is_read(text in "(Auto merge of |[#/(]|https://|.){0,30}") {
            if let Some(mention) = PullRequestMention::first_in(&text) {
                prop_assert!(mention.number > 0);
            }
        }
    }
}
