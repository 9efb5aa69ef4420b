//! What can go wrong in a task.

use std::path::{Path, PathBuf};

/// Why a task failed: what happened, to what, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot start `{command}`: {source}")]
    CannotStart {
        command: String,
        source: std::io::Error,
    },
    #[error("`{command}` failed ({status}){output}")]
    CommandFailed {
        command: String,
        status: String,
        output: String,
    },
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{what} is missing: {remedy}")]
    Missing { what: String, remedy: String },
    #[error("cannot understand {what}: {reason}")]
    NotUnderstood { what: String, reason: String },
    #[error("{what} {reason}")]
    Unfit { what: String, reason: String },
    #[error("{0} violations of the rules of the house (listed above)")]
    Untidy(usize),
    #[error("these steps failed: {}", .0.join(", "))]
    StepsFailed(Vec<String>),
}

impl Error {
    /// For `map_err` after a call on `path`; `action` completes "cannot …".
    pub(crate) fn file(
        action: &'static str,
        path: impl AsRef<Path>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
