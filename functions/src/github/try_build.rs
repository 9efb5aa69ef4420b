//! Try builds, as the merge bot tells of them in a comment.
//!
//! ```text
//! :sunny: Try build successful ([CI](https://…))
//! Build commit: 5b1e4d2 (`5b1e4d2…`, parent: `0f9c8e7…`)
//!
//! <!-- homu: {"type":"TryBuildCompleted","merge_sha":"5b1e4d2…"} -->
//! ```
//!
//! The line of the build commit is what the merge bot of today writes; the hidden document is what
//! that of earlier years wrote, and both may be there.

use serde::Deserialize;
use shared_types::CommitSha;

const BUILD_COMMIT: &str = "Build commit:";
const DOCUMENT_START: &str = "<!-- homu:";

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedTryBuild {
    /// The commit that was built.
    pub commit: CommitSha,
    /// What it was built upon, where that is told.
    pub parent: Option<CommitSha>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    merge_sha: Option<CommitSha>,
}

/// The lines of a comment of the merge bot that tell of a try build.
pub(super) fn lines_of_try_build(comment: &str) -> String {
    let lines: Vec<&str> = comment
        .lines()
        .filter(|line| {
            is_success(line) || line.contains(BUILD_COMMIT) || line.contains(DOCUMENT_START)
        })
        .collect();
    lines.join("\n")
}

/// The try build that a comment of the merge bot says succeeded, where it says so.
pub fn finished_try_build(comment: &str) -> Option<FinishedTryBuild> {
    let told = comment.lines().any(is_success).then(|| {
        comment
            .lines()
            .find_map(|line| line.split_once(BUILD_COMMIT).map(|(_, rest)| rest))
            .and_then(build_commit)
    });
    told.flatten().or_else(|| {
        let document = comment.lines().find_map(document)?;
        (document.kind == "TryBuildCompleted").then_some(())?;
        Some(FinishedTryBuild {
            commit: document.merge_sha?,
            parent: None,
        })
    })
}

fn is_success(line: &str) -> bool {
    line.to_ascii_lowercase().contains("try build successful")
}

/// What stands behind `Build commit:`. The short name in front is no commit's whole name.
fn build_commit(rest: &str) -> Option<FinishedTryBuild> {
    let (own, parent) = match rest.split_once("parent:") {
        Some((own, parent)) => (own, first_commit(parent)),
        None => (rest, None),
    };
    Some(FinishedTryBuild {
        commit: first_commit(own)?,
        parent,
    })
}

pub(super) fn first_commit(text: &str) -> Option<CommitSha> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .find_map(|word| word.parse().ok())
}

fn document(line: &str) -> Option<Document> {
    let (_, rest) = line.split_once(DOCUMENT_START)?;
    let json = rest.trim().strip_suffix("-->")?;
    serde_json::from_str(json).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMIT: &str = "5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0";
    const PARENT: &str = "0f9c8e7d6b5a4938271605f4e3d2c1b05b1e4d2a";

    fn commit(text: &str) -> CommitSha {
        text.parse().unwrap()
    }

    #[test]
    fn the_line_of_the_build_commit_tells_commit_and_parent() {
        let comment = format!(
            ":sunny: Try build successful ([CI](https://github.com/x/actions/runs/1))\n\
             Build commit: [5b1e4d2](https://github.com/x/commit/{COMMIT}) (`{COMMIT}`, parent: `{PARENT}`)\n"
        );
        let expected = FinishedTryBuild {
            commit: commit(COMMIT),
            parent: Some(commit(PARENT)),
        };
        assert_eq!(finished_try_build(&comment), Some(expected.clone()));
        assert_eq!(
            finished_try_build(&lines_of_try_build(&comment)),
            Some(expected)
        );
    }

    #[test]
    fn the_document_of_earlier_years_tells_the_commit() {
        let comment = format!(
            ":sunny: Try build\n<!-- homu: {{\"type\":\"TryBuildCompleted\",\"merge_sha\":\"{COMMIT}\"}} -->"
        );
        let found = finished_try_build(&lines_of_try_build(&comment)).unwrap();
        assert_eq!((found.commit, found.parent), (commit(COMMIT), None));
    }

    #[test]
    fn a_build_that_failed_or_began_is_none() {
        for comment in [
            ":broken_heart: Test failed ([CI](https://x))".to_owned(),
            format!(":hourglass: Trying commit {COMMIT} with merge {PARENT}…"),
            format!("Build commit: `{COMMIT}`"),
            format!("<!-- homu: {{\"type\":\"TryBuildStarted\",\"merge_sha\":\"{COMMIT}\"}} -->"),
            "Try build successful\nBuild commit: 5b1e4d2".to_owned(),
        ] {
            assert_eq!(finished_try_build(&comment), None, "{comment}");
        }
    }

    proptest! {
        #[test]
        fn any_comment_is_read(
            comment in "(Try build successful|Build commit:|parent:|<!-- homu: |-->|[0-9a-f]{40}|[`{}\":é\n ]){0,12}"
        ) {
            let whole = finished_try_build(&comment);
            prop_assert_eq!(finished_try_build(&lines_of_try_build(&comment)), whole);
        }
    }
}
