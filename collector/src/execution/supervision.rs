//! What the process in between is told, and what it tells.

use std::ffi::OsString;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::Execution;
use super::limits::Limits;
use super::perf_events::CounterPlan;

/// What a supervisor is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Supervision {
    pub(super) execution: Execution,
    /// What is counted of the program.
    pub(super) counters: CounterPlan,
    /// The limits, where there are any.
    pub(super) limits: Option<Limits>,
    /// Whether the PID namespace holds nothing but the program and what confines it.
    pub(super) has_own_processes: bool,
    /// The folders whose space counts against the limit.
    pub(super) disk_folders: Vec<OsString>,
}

/// Tells a supervisor what to do, by its standard input: the length, and JSON.
pub(super) fn write_supervision(
    pipe: &mut impl Write,
    supervision: &Supervision,
) -> io::Result<()> {
    let json = serde_json::to_vec(supervision)?;
    pipe.write_all(&(json.len() as u64).to_le_bytes())?;
    pipe.write_all(&json)
}

fn read_supervision(pipe: &mut impl Read) -> io::Result<Supervision> {
    let mut length = [0; 8];
    pipe.read_exact(&mut length)?;
    let mut json = Vec::new();
    pipe.take(u64::from_le_bytes(length))
        .read_to_end(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}

/// The process in between: runs what standard input says, and writes the report to standard output.
///
/// # Errors
/// When a call of the system fails.
pub(crate) fn supervise() -> io::Result<()> {
    let supervision = read_supervision(&mut io::stdin().lock())?;
    #[cfg(target_os = "linux")]
    let report = super::supervisor::run(&supervision)?;
    #[cfg(not(target_os = "linux"))]
    let report =
        super::plain_supervisor::run(&supervision.execution, &supervision.counters, io::stdin())?;
    io::stdout().write_all(&serde_json::to_vec(&report)?)
}
