//! What can keep a compilation from being measured, told from how the compiler ended and what it
//! wrote.

use std::path::Path;

use shared_types::result_document::FailureKind;

use crate::CollectorError;
use crate::execution::{Ending, Execution, ExecutionReport, Limit, Limits, last_lines};

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
/// "rustc 1.95.0, compiling syn". `limits` are those that were in force.
pub(super) fn judge(
    what: &str,
    report: &ExecutionReport,
    execution: &Execution,
    limits: Option<&Limits>,
) -> Result<(), Stop> {
    let ending = report.ending;
    if ending == (Ending::Exited { code: 0 }) {
        return Ok(());
    }
    if ending == Ending::CalledOff {
        return Err(Stop::CalledOff);
    }
    let output = last_lines(Path::new(&execution.output), OUTPUT_BYTES_MAX);
    let (kind, end) = match (ending, limits) {
        (Ending::LimitReached { limit }, Some(limits)) => {
            (FailureKind::Crashed, limits.in_words(limit))
        }
        (Ending::Signalled { signal }, Some(limits)) if is_of_a_large_file(signal) => {
            (FailureKind::Crashed, limits.in_words(Limit::Disk))
        }
        _ => kind_and_words(ending, &output, execution.time_limit_ms),
    };
    let mut message = format!("{what}, {end}");
    if let Some(hint) = limits.and_then(|limits| limits.hint(&output)) {
        message.push_str(". ");
        message.push_str(&hint);
    }
    Err(Stop::Problem(Problem {
        kind,
        message,
        output,
    }))
}

/// The same for what builds by many compilers, cargo or more. Where one of them refuses something cargo
/// ends with the code by which a compiler says that it panicked.
pub(super) fn judge_build(
    what: &str,
    report: &ExecutionReport,
    execution: &Execution,
    limits: Option<&Limits>,
) -> Result<(), Stop> {
    let of_cargo = report.ending == (Ending::Exited { code: 101 });
    judge(what, report, execution, limits).map_err(|stop| match stop {
        Stop::Problem(problem) if of_cargo && !problem.output.contains("panicked") => {
            Stop::Problem(Problem {
                kind: FailureKind::BuildFailed,
                message: format!("{what}, could not be built"),
                ..problem
            })
        }
        other => other,
    })
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
        Ending::LimitReached { .. } => (
            FailureKind::Crashed,
            "went beyond a limit and was killed".to_owned(),
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

/// Whether the kernel ends a program by this signal when a file grows beyond its limit.
#[cfg(unix)]
fn is_of_a_large_file(signal: i32) -> bool {
    signal == libc::SIGXFSZ
}

#[cfg(not(unix))]
fn is_of_a_large_file(_signal: i32) -> bool {
    false
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
    use crate::execution::Access;

    fn judged(ending: Ending, written: &str) -> Option<Problem> {
        judged_within(ending, written, None)
    }

    fn judged_within(ending: Ending, written: &str, limits: Option<&Limits>) -> Option<Problem> {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output");
        std::fs::write(&output, written).unwrap();
        let (execution, report) = ended(&output, ending);
        match judge("rustc 1.95.0, compiling tiny", &report, &execution, limits) {
            Ok(()) => None,
            Err(Stop::Problem(problem)) => Some(problem),
            Err(Stop::CalledOff) => panic!("nobody called it off"),
        }
    }

    /// An execution that wrote to `output`, and how it ended.
    fn ended(output: &Path, ending: Ending) -> (Execution, ExecutionReport) {
        let execution = Execution {
            program: "rustc".into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: ".".into(),
            output: output.into(),
            time_limit_ms: 5_000,
            access: Access::default(),
        };
        let report = ExecutionReport {
            ending,
            wall_time_ns: 0,
            usage: None,
            counters: std::collections::BTreeMap::new(),
            not_counted: std::collections::BTreeMap::new(),
            fixed_addresses: true,
            left_behind: 0,
        };
        (execution, report)
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

    #[test]
    fn what_cargo_could_not_build_is_told_from_a_compiler_that_panicked() {
        let kind = |written: &str| {
            let folder = tempfile::tempdir().unwrap();
            let output = folder.path().join("output");
            std::fs::write(&output, written).unwrap();
            let (execution, report) = ended(&output, Ending::Exited { code: 101 });
            match judge_build("cargo build", &report, &execution, None) {
                Err(Stop::Problem(problem)) => problem.kind,
                other => panic!("it failed: {other:?}"),
            }
        };
        let refused = "error[E0308]: mismatched types\nerror: could not compile `tiny`";
        assert_eq!(kind(refused), FailureKind::BuildFailed);
        let panicked = "error: the compiler unexpectedly panicked. this is a bug.";
        assert_eq!(kind(panicked), FailureKind::Crashed);
    }

    #[test]
    fn what_met_a_limit_is_told_from_a_compiler_that_failed_by_itself() {
        let limits = Limits {
            memory_bytes: 6 << 30,
            processes: 100,
            disk_bytes: 512 << 20,
        };
        let limit = Limit::Memory;
        let signal = libc::SIGXFSZ;
        let ends = [
            (Ending::LimitReached { limit }, ""),
            (Ending::Signalled { signal }, ""),
            (
                Ending::Exited { code: 1 },
                "thread 'main' panicked: Network is unreachable (os error 101)",
            ),
        ];
        let problems: Vec<String> = ends
            .into_iter()
            .map(|(ending, written)| {
                let problem = judged_within(ending, written, Some(&limits)).unwrap();
                format!("{}: {}", problem.kind, problem.message)
            })
            .collect();
        insta::assert_json_snapshot!(problems);
    }
}
