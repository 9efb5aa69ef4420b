//! What `rustc -vV` prints.

use jiff::Timestamp;

/// What a compiler says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustcVersion {
    /// The first line.
    pub title: String,
    /// The version: `1.95.0`, `1.97.0-nightly`.
    pub release: String,
    /// The full commit sha, where the build knew it.
    pub commit_hash: Option<String>,
    /// The day of the commit, where the build knew it, as its first second.
    pub commit_date: Option<Timestamp>,
    /// The target triple that it runs on.
    pub host: String,
}

impl RustcVersion {
    /// Reads the text, or returns `None` where it lacks a release or a host.
    pub fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?
                .trim();
            (!value.is_empty() && value != "unknown").then(|| value.to_owned())
        };
        let is_sha = |hash: &String| {
            hash.len() == 40
                && hash
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        Some(Self {
            title: text.lines().next()?.trim().to_owned(),
            release: field("release")?,
            commit_hash: field("commit-hash").filter(is_sha),
            commit_date: field("commit-date")
                .and_then(|day| format!("{day}T00:00:00Z").parse().ok()),
            host: field("host")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NIGHTLY: &str = "\
rustc 1.97.0-nightly (e50aa6fba 2026-05-19)
binary: rustc
commit-hash: e50aa6fba4e63ab34c72bf9acfd2c307c1155d1a
commit-date: 2026-05-19
host: x86_64-unknown-linux-gnu
release: 1.97.0-nightly
LLVM version: 22.1.4
";

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(.{0,20}\n|host: .{0,9}\n|release: .{0,9}\n){0,6}") {
            let _ = RustcVersion::parse(&text);
        }
    }

    #[test]
    fn a_nightly_says_which_commit_it_is() {
        let version = RustcVersion::parse(NIGHTLY).unwrap();
        assert_eq!(version.title, "rustc 1.97.0-nightly (e50aa6fba 2026-05-19)");
        assert_eq!(version.release, "1.97.0-nightly");
        assert_eq!(
            version.commit_hash.as_deref(),
            Some("e50aa6fba4e63ab34c72bf9acfd2c307c1155d1a")
        );
        assert_eq!(
            version.commit_date.unwrap().to_string(),
            "2026-05-19T00:00:00Z"
        );
        assert_eq!(version.host, "x86_64-unknown-linux-gnu");
    }

    #[test]
    fn a_local_build_may_know_no_commit() {
        let text = NIGHTLY
            .replace("e50aa6fba4e63ab34c72bf9acfd2c307c1155d1a", "unknown")
            .replace("commit-date: 2026-05-19", "commit-date: unknown");
        let version = RustcVersion::parse(&text).unwrap();
        assert_eq!(version.commit_hash, None);
        assert_eq!(version.commit_date, None);
    }

    #[test]
    fn another_programs_answer_is_not_a_version() {
        assert_eq!(RustcVersion::parse("cargo 1.95.0"), None);
        assert_eq!(RustcVersion::parse(""), None);
    }
}
