//! The commits of a local repository, by the program `git`.

use std::path::PathBuf;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::process::Command;

use super::{CommitSource, SourceCommit};
use crate::FunctionsError;

/// A repository on this machine.
#[derive(Debug, Clone)]
pub struct GitRepository {
    path: PathBuf,
}

/// Separates the fields of a commit; no message holds it.
const FIELD: char = '\0';
/// Begins a commit.
const RECORD: char = '\u{1e}';

impl GitRepository {
    /// The repository in a folder.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    async fn git(&self, arguments: &[&str]) -> Result<String, FunctionsError> {
        let action = format!("`git {}` in {}", arguments[0], self.path.display());
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.path)
            .args(arguments)
            .env("GIT_OPTIONAL_LOCKS", "0")
            .kill_on_drop(true)
            .output()
            .await
            .map_err(FunctionsError::io(action.clone()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(FunctionsError::Usage(format!(
                "{action} failed: {}; is it a repository with that branch?",
                said.trim()
            )));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

#[async_trait]
impl CommitSource for GitRepository {
    async fn commits(&self, from: &str, limit: u32) -> Result<Vec<SourceCommit>, FunctionsError> {
        // A name that begins so would be an option.
        if from.starts_with('-') {
            return Err(FunctionsError::Usage(format!("`{from}` is no branch")));
        }
        let limit = format!("--max-count={limit}");
        let format = "--format=%x1e%H%x00%P%x00%ct%x00%s";
        let log = self
            .git(&["log", "--first-parent", &limit, format, from, "--"])
            .await?;
        let count = self
            .git(&["rev-list", "--first-parent", "--count", from, "--"])
            .await?;
        let count: i64 = count.trim().parse().map_err(|_| {
            FunctionsError::Usage(format!(
                "git counts the commits of {from} as `{}`",
                count.trim()
            ))
        })?;
        read_log(&log, count)
    }
}

/// Reads the log of a branch that has `count` commits, the newest first.
pub(super) fn read_log(log: &str, count: i64) -> Result<Vec<SourceCommit>, FunctionsError> {
    let records = log.split(RECORD).skip(1).enumerate();
    records
        .map(|(place, record)| {
            read_commit(record, count - 1 - place as i64).ok_or_else(|| {
                FunctionsError::Usage(format!("git's log holds no commit in `{}`", record.trim()))
            })
        })
        .collect()
}

fn read_commit(record: &str, position: i64) -> Option<SourceCommit> {
    let mut fields = record.trim_end_matches('\n').splitn(4, FIELD);
    let (sha, parents) = (fields.next()?, fields.next()?);
    let seconds: i64 = fields.next()?.parse().ok()?;
    Some(SourceCommit {
        sha: sha.to_owned(),
        parent: parents
            .split(' ')
            .next()
            .filter(|sha| !sha.is_empty())
            .map(str::to_owned),
        committed_at: Timestamp::from_second(seconds).ok()?,
        position,
        title: fields.next()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_log_is_read_or_refused(log in ".{0,200}|(\u{1e}[0-9a-f]{0,5}\0[ -~]{0,9}\0[0-9]{1,9}\0[ -~]{0,9}\n){0,4}") {
            let _ = read_log(&log, 10);
        }
    }

    #[test]
    fn a_log_is_read_with_first_parents_and_places() {
        let log = "\u{1e}c2\0c1 x1\x002000\0Merge: a title\n\u{1e}c1\0\x001000\0first\n";
        let commits = read_log(log, 2).unwrap();
        assert_eq!(commits[0].parent.as_deref(), Some("c1"));
        assert_eq!((commits[0].position, commits[1].position), (1, 0));
        assert_eq!(commits[0].title, "Merge: a title");
        assert_eq!(commits[1].parent, None);
    }
}
