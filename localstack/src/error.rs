//! What can go wrong with a local AWS.

use std::path::PathBuf;

/// Why there is no local AWS.
#[derive(Debug, thiserror::Error)]
pub enum LocalAwsError {
    /// No folder to install into.
    #[error("no home for the cache: set PERFLEET_CACHE_DIR, XDG_CACHE_HOME or HOME")]
    NoCacheFolder,
    /// No Python that is new enough.
    #[error(
        "no Python 3.{minor_min} or newer with `venv`, neither on PATH nor by pyenv or uv: install one"
    )]
    NoPython {
        /// The lowest minor version of Python 3 that will do.
        minor_min: u32,
    },
    /// A name that is none of an emulator.
    #[error(
        "`{0}` is no emulator of AWS: PERFLEET_LOCAL_AWS_EMULATOR and --emulator are ministack or localstack"
    )]
    NoEmulator(String),
    /// A file or folder that cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// Completes "cannot …".
        action: &'static str,
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A program that cannot be started.
    #[error("cannot start `{program}`: {source}")]
    CannotStart {
        /// Which one.
        program: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The package registry, or the virtual environment, failed.
    #[error("`{command}` failed: {output}")]
    InstallationFailed {
        /// What was run.
        command: String,
        /// What it said.
        output: String,
    },
    /// It was started and does not answer.
    #[error("the local AWS did not answer within {seconds} s; its log ends with:\n{log_end}")]
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// The last lines of its log.
        log_end: String,
    },
    /// No address of 127.0.0.1 can be listened on.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Server(std::io::Error),
    /// A function answered with an error.
    #[error("the function answered with an error: {error}")]
    FunctionFailed {
        /// What it sent: an object with `errorType` and `errorMessage`.
        error: serde_json::Value,
    },
    /// A function whose process has ended, so that it answers nothing any more.
    #[error("the function `{}` does not answer: {reason}; its log ends with:\n{log_end}", binary.display())]
    FunctionEnded {
        /// The function.
        binary: PathBuf,
        /// How it ended, or why it was ended.
        reason: String,
        /// The last lines that it printed.
        log_end: String,
    },
    /// A function's answer that is no JSON.
    #[error("the function `{}` answered with what is no JSON ({source}): {body}", binary.display())]
    NotJson {
        /// The function.
        binary: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
        /// What it sent.
        body: String,
    },
    /// Another program was faster.
    #[error("the port {port} of 127.0.0.1 was taken by another program: try again")]
    PortTaken {
        /// Which one.
        port: u16,
    },
    /// It was started, and its process ended before it answered.
    #[error("the local AWS ended before it answered; its log ends with:\n{log_end}")]
    EmulatorEnded {
        /// The last lines of its log.
        log_end: String,
    },
    /// An account number that AWS does not know.
    #[error("`{0}` is no account: it has 12 digits")]
    NoAccount(String),
}

impl LocalAwsError {
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
