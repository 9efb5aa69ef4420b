//! What can go wrong in a function.

use analysis::AnalysisError;
use shared_types::{ConfigurationId, InvalidInput};
use store::StoreError;
use thiserror::Error;

use crate::github::GitHubError;

/// A failure of a function, by what the caller can do about it.
#[derive(Debug, Error)]
pub enum FunctionsError {
    /// What arrived does not follow its format.
    #[error(transparent)]
    Input(#[from] InvalidInput),
    /// The store failed, or contradicts what was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// GitHub failed, or refuses.
    #[error(transparent)]
    GitHub(#[from] GitHubError),
    /// Two configurations were to be compared.
    #[error(
        "results of different configurations are never compared: `{base}` and `{head}` were named; \
         compare both artifacts under one of them"
    )]
    DifferentConfigurations {
        /// The configuration of base.
        base: ConfigurationId,
        /// The configuration of head.
        head: ConfigurationId,
    },
    /// What arrived can be read and cannot be taken in. It was reported.
    #[error("{0}")]
    Refused(String),
    /// The mathematics have no answer.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// What was asked for was not measured.
    #[error("{0}")]
    NotMeasured(String),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The machine has no randomness to give.
    #[error("the machine gives no random bytes: {reason}")]
    Randomness {
        /// What the machine said.
        reason: String,
    },
    /// A file or stream could not be read or written.
    #[error("{action} failed: {source}")]
    InputOutput {
        /// What was tried, to what.
        action: String,
        /// What the machine said.
        source: std::io::Error,
    },
    /// A server did not do what it was asked for.
    #[error("{action} failed: {reason}")]
    Server {
        /// What was tried.
        action: String,
        /// What the server said.
        reason: String,
    },
    /// This program contradicts itself.
    #[error("this is a defect of perfleet, please report it: {0}")]
    Defect(String),
}

impl FunctionsError {
    /// Whether trying the same again, on the same message, cannot end otherwise.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Input(_) | Self::Refused(_) => true,
            Self::GitHub(error) => error.is_permanent(),
            _ => false,
        }
    }

    /// How long whoever failed wants to be left alone, where it says so.
    pub(crate) fn wants_pause(&self) -> Option<std::time::Duration> {
        match self {
            Self::GitHub(error @ GitHubError::RateLimited { .. }) => Some(error.pause(1)),
            _ => None,
        }
    }

    /// A failed file operation.
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::InputOutput { action, source }
    }
}
