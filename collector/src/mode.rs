//! The modes of the one program: the command line that people use, and those in which it stands
//! between other programs.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::{capture, execution, measure};

/// The variable that chooses a mode other than the command line.
pub const VARIABLE: &str = "PERFLEET_COLLECTOR_MODE";

/// A mode in which this program stands between others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Between the collector and a program that it runs.
    Supervise,
    /// Between cargo and the compiler.
    Capture,
    /// In front of the compiler, to note how long it takes for each crate of a build.
    TimeCrate,
    /// Around a program that Landlock confines.
    Confine,
    /// Tries what a confined program must not be able to do.
    Trial,
}

impl Mode {
    /// The value of [`VARIABLE`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supervise => "supervise",
            Self::Capture => "capture",
            Self::TimeCrate => "time-crate",
            Self::Confine => "confine",
            Self::Trial => "trial",
        }
    }
}

/// Does the work of the mode that the environment names, or returns `None` if it names none and the
/// command line is to be read.
pub fn run() -> Option<ExitCode> {
    let mode = std::env::var_os(VARIABLE)?;
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let outcome = if mode == Mode::Capture.as_str() {
        capture::stand_in(&arguments)
    } else if mode == Mode::TimeCrate.as_str() {
        measure::time_crate(&arguments)
    } else if mode == Mode::Supervise.as_str() {
        execution::supervise().map(|()| ExitCode::SUCCESS)
    } else if mode == Mode::Confine.as_str() {
        confine(&arguments)
    } else if mode == Mode::Trial.as_str()
        && let [targets] = arguments.as_slice()
    {
        execution::confinement::run_trial(targets).map(|()| ExitCode::SUCCESS)
    } else {
        Err(std::io::Error::other(format!(
            "{VARIABLE} is set, and is not for people: unset it"
        )))
    };
    Some(outcome.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::FAILURE
    }))
}

#[cfg(target_os = "linux")]
fn confine(arguments: &[OsString]) -> std::io::Result<ExitCode> {
    Err(execution::confinement::confine(arguments))
}

#[cfg(not(target_os = "linux"))]
fn confine(_arguments: &[OsString]) -> std::io::Result<ExitCode> {
    Err(std::io::Error::other("this system has no Landlock"))
}
