//! Which two compilers are compared.

use serde::Deserialize;

use crate::error::Error;

/// A toolchain as `collector toolchains --json` describes it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Toolchain {
    pub(super) artifact: serde_json::Value,
    pub(super) names: Vec<String>,
    pub(super) usable: bool,
}

impl Toolchain {
    fn id(&self) -> &str {
        self.artifact["id"].as_str().unwrap_or_default()
    }

    fn title(&self) -> &str {
        self.artifact["title"].as_str().unwrap_or(self.id())
    }

    fn commit_date(&self) -> &str {
        self.artifact["commit_date"].as_str().unwrap_or_default()
    }

    /// Whether it is one that rustup itself fetched, and not one that somebody linked: those were
    /// built alike, so that a comparison shows the compiler and not how it was built.
    fn is_of_rustup(&self) -> bool {
        let channels = ["stable-", "beta-", "nightly-"];
        self.names.iter().any(|name| {
            channels.iter().any(|channel| name.starts_with(channel))
                || name.starts_with(|first: char| first.is_ascii_digit())
        })
    }
}

/// What is compared with what.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) base: Toolchain,
    pub(super) head: Toolchain,
}

impl Choice {
    pub(super) fn base_id(&self) -> &str {
        self.base.id()
    }

    pub(super) fn head_id(&self) -> &str {
        self.head.id()
    }

    pub(super) fn is_a_a(&self) -> bool {
        self.base.id() == self.head.id()
    }

    /// The two sides as a comparison names them; an A/A request has its own two replicates.
    pub(super) fn sides(&self, replicates: [u64; 2]) -> [String; 2] {
        if self.is_a_a() {
            replicates.map(|replicate| format!("{}#{replicate}", self.base.id()))
        } else {
            [self.base.id().to_owned(), self.head.id().to_owned()]
        }
    }

    pub(super) fn describe(&self) -> String {
        if self.is_a_a() {
            format!(
                "A/A: {} against itself, which must come out as no change",
                self.base.title()
            )
        } else {
            format!(
                "{} (head) against {} (base)",
                self.head.title(),
                self.base.title()
            )
        }
    }

    /// The page that shows the comparison, under the first of `configurations`.
    pub(super) fn page_path(&self, replicates: [u64; 2], configurations: &[String]) -> String {
        let [base, head] = self.sides(replicates).map(|side| side.replace('#', "%23"));
        let configuration = configurations.first().map_or("", String::as_str);
        format!("/compare?base={base}&head={head}&configuration={configuration}")
    }
}

/// Chooses the two newest compilers of different commits, the older as base: of those that rustup
/// fetched if there are two, else of all. A single one is compared with itself.
pub(super) fn choose(found: &[Toolchain]) -> Result<Choice, Error> {
    let mut usable: Vec<&Toolchain> = found.iter().filter(|toolchain| toolchain.usable).collect();
    usable.sort_by(|a, b| {
        let age =
            |toolchain: &Toolchain| (toolchain.is_of_rustup(), toolchain.commit_date().to_owned());
        age(b).cmp(&age(a))
    });
    let (head, base) = match usable[..] {
        [] => {
            return Err(Error::Missing {
                what: "a toolchain to measure".into(),
                remedy: "install one by `rustup toolchain install stable`".into(),
            });
        }
        [only] => (only, only),
        [first, second, ..] if first.commit_date() >= second.commit_date() => (first, second),
        [first, second, ..] => (second, first),
    };
    Ok(Choice {
        base: base.clone(),
        head: head.clone(),
    })
}

/// The two toolchains of these names.
pub(super) fn named(found: &[Toolchain], base: &str, head: &str) -> Result<Choice, Error> {
    let find = |wanted: &str| {
        found
            .iter()
            .find(|toolchain| {
                toolchain.id() == wanted
                    || toolchain
                        .names
                        .iter()
                        .any(|name| name == wanted || name.starts_with(&format!("{wanted}-")))
            })
            .cloned()
            .ok_or_else(|| Error::Missing {
                what: format!("a toolchain `{wanted}`"),
                remedy: "`rustup toolchain list` names those that are there".into(),
            })
    };
    Ok(Choice {
        base: find(base)?,
        head: find(head)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toolchain(name: &str, date: &str) -> Toolchain {
        Toolchain {
            artifact: serde_json::json!({"id": format!("local-{name}"), "commit_date": date}),
            names: vec![name.to_owned()],
            usable: true,
        }
    }

    #[test]
    fn the_newer_of_two_is_the_head() {
        let choice = choose(&[
            toolchain("nightly-x86_64", "2026-05-19T00:00:00Z"),
            toolchain("stable-x86_64", "2026-04-14T00:00:00Z"),
        ])
        .unwrap();
        assert_eq!(
            choice.sides([1, 2]),
            ["local-stable-x86_64", "local-nightly-x86_64"]
        );
        assert!(!choice.is_a_a());
    }

    #[test]
    fn compilers_that_rustup_fetched_go_before_one_that_was_built_otherwise() {
        let choice = choose(&[
            toolchain("my-build", "2026-09-09T00:00:00Z"),
            toolchain("stable-x86_64", "2026-04-14T00:00:00Z"),
            toolchain("1.90.0-x86_64", "2025-09-14T00:00:00Z"),
        ])
        .unwrap();
        assert_eq!(
            choice.sides([1, 2]),
            ["local-1.90.0-x86_64", "local-stable-x86_64"]
        );
    }

    #[test]
    fn a_build_of_ones_own_is_better_than_comparing_a_compiler_with_itself() {
        let choice = choose(&[
            toolchain("stable-x86_64", "2026-04-14T00:00:00Z"),
            toolchain("my-build", "2026-01-09T00:00:00Z"),
        ])
        .unwrap();
        assert_eq!(
            choice.sides([1, 2]),
            ["local-my-build", "local-stable-x86_64"]
        );
    }

    #[test]
    fn a_single_compiler_is_compared_with_itself_and_labelled_so() {
        let mut unusable = toolchain("broken", "2026-09-09T00:00:00Z");
        unusable.usable = false;
        let choice = choose(&[toolchain("stable-x86_64", ""), unusable]).unwrap();
        assert_eq!(
            choice.sides([1, 2]),
            ["local-stable-x86_64#1", "local-stable-x86_64#2"]
        );
        assert!(choice.describe().starts_with("A/A: "));
        assert!(choice.page_path([1, 2], &[]).contains("%231"));
    }

    #[test]
    fn no_compiler_at_all_is_an_error_that_says_what_to_do() {
        let error = choose(&[]).unwrap_err().to_string();
        assert!(error.contains("rustup toolchain install"), "{error}");
    }
}
