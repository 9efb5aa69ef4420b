//! What can keep a compilation from being measured, told from how the compiler ended and what it
//! wrote.

use std::path::Path;

use shared_types::result_document::FailureKind;

use crate::CollectorError;
use crate::execution::{Ending, last_lines};

/// How much of what the compiler wrote is kept, in bytes.
const OUTPUT_BYTES_MAX: usize = 4_000;

/// Why something could not be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind of failure.
    pub kind: FailureKind,
    /// What happened, in words.
    pub message: String,
    /// The last lines that the failing program wrote.
    pub output: String,
}

/// Why measuring stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// This one thing cannot be measured; the rest goes on.
    Problem(Problem),
    /// Nothing is wanted any more.
    CalledOff,
}

impl Problem {
    /// A failure of a kind, with nothing that a program wrote.
    pub(super) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            output: String::new(),
        }
    }
}

impl From<CollectorError> for Stop {
    fn from(error: CollectorError) -> Self {
        match error {
            CollectorError::CalledOff => Self::CalledOff,
            error => Self::Problem(Problem::new(FailureKind::Host, error.to_string())),
        }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Tells success from each kind of failure. `what` names the program and what it did, as in
/// "rustc 1.95.0, compiling syn".
pub(super) fn judge(
    what: &str,
    ending: Ending,
    output: &Path,
    time_limit_ms: u64,
) -> Result<(), Stop> {
    if ending == (Ending::Exited { code: 0 }) {
        return Ok(());
    }
    if ending == Ending::CalledOff {
        return Err(Stop::CalledOff);
    }
    let output = last_lines(output, OUTPUT_BYTES_MAX);
    let (kind, end) = kind_and_words(ending, &output, time_limit_ms);
    Err(Stop::Problem(Problem {
        kind,
        message: format!("{what}, {end}"),
        output,
    }))
}

fn kind_and_words(ending: Ending, output: &str, time_limit_ms: u64) -> (FailureKind, String) {
    let disk_full = ["No space left on device", "os error 28"]
        .iter()
        .any(|words| output.contains(words));
    let panicked = [
        "internal compiler error",
        "the compiler unexpectedly panicked",
    ]
    .iter()
    .any(|words| output.contains(words));
    match ending {
        Ending::Exited { .. } | Ending::Signalled { .. } if disk_full => (
            FailureKind::Host,
            "found no space on the disk: free some, then measure again".to_owned(),
        ),
        Ending::Signalled { signal } => (FailureKind::Crashed, ended_by(signal)),
        Ending::Exited { code } if panicked || code == 101 => {
            (FailureKind::Crashed, format!("panicked (exit code {code})"))
        }
        Ending::Exited { code } => (
            FailureKind::BuildFailed,
            format!("ended with exit code {code}"),
        ),
        Ending::TimedOut | Ending::CalledOff => (
            FailureKind::TimedOut,
            format!(
                "was not done after {} s and was killed with all its processes",
                time_limit_ms / 1_000
            ),
        ),
        Ending::NotStarted { error } => (
            FailureKind::Host,
            format!(
                "could not be started: {}",
                std::io::Error::from_raw_os_error(error)
            ),
        ),
    }
}

#[cfg(not(unix))]
fn ended_by(signal: i32) -> String {
    format!("was ended by signal {signal}")
}

#[cfg(unix)]
fn ended_by(signal: i32) -> String {
    let name = match signal {
        libc::SIGSEGV => "SIGSEGV, a wrong memory access",
        libc::SIGABRT => "SIGABRT, it gave up by itself",
        libc::SIGILL => "SIGILL, an illegal instruction",
        libc::SIGBUS => "SIGBUS, a wrong memory access",
        libc::SIGKILL => "SIGKILL, perhaps for want of memory",
        libc::SIGTERM => "SIGTERM",
        _ => "",
    };
    match name {
        "" => format!("was ended by signal {signal}"),
        name => format!("was ended by signal {signal} ({name})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(ending: Ending, written: &str) -> Option<Problem> {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output");
        std::fs::write(&output, written).unwrap();
        match judge("rustc 1.95.0, compiling tiny", ending, &output, 5_000) {
            Ok(()) => None,
            Err(Stop::Problem(problem)) => Some(problem),
            Err(Stop::CalledOff) => panic!("nobody called it off"),
        }
    }

    #[test]
    fn each_end_of_a_compiler_is_told_from_the_others() {
        let ends = [
            (Ending::Exited { code: 1 }, "error[E0308]: mismatched types"),
            (
                Ending::Exited { code: 101 },
                "error: internal compiler error: oh",
            ),
            (
                Ending::Signalled {
                    signal: libc::SIGSEGV,
                },
                "",
            ),
            (Ending::TimedOut, ""),
            (
                Ending::NotStarted {
                    error: libc::ENOENT,
                },
                "",
            ),
            (
                Ending::Exited { code: 1 },
                "error: failed to write: No space left on device",
            ),
        ];
        let problems: Vec<String> = ends
            .into_iter()
            .map(|(ending, written)| {
                let problem = judged(ending, written).unwrap();
                format!("{}: {}", problem.kind, problem.message)
            })
            .collect();
        insta::assert_json_snapshot!(problems);
        assert_eq!(judged(Ending::Exited { code: 0 }, "warning: unused"), None);
    }
}
