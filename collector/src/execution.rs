//! Running one program so that what is measured of it is its own.
//!
//! The collector does not start a compiler itself: the largest resident set that the kernel reports
//! for a process includes that of the process it was started from. A small process in between, this
//! program in another [mode](crate::mode), starts the compiler, watches it, and reports.

mod descendants;
pub mod perf_events;
mod secrets;
mod supervisor;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::CollectorError;
use crate::mode::{self, Mode};
use perf_events::{CounterPlan, RefusalReason};

pub use descendants::parent_of;
pub use secrets::may_be_secret;
pub(crate) use secrets::{hide_this_process, without_secrets, without_secrets_of_the_fleet};
pub(crate) use supervisor::supervise;

/// A program to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The program, as a path.
    pub program: OsString,
    /// What follows its name.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The folder that it runs in.
    pub directory: OsString,
    /// The file that takes what it writes to standard output and standard error.
    pub output: OsString,
    /// When its process group is killed, in milliseconds after its start.
    pub time_limit_ms: u64,
}

/// How a program ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionReport {
    /// How it ended.
    pub ending: Ending,
    /// From before its first instruction until after its last, in nanoseconds.
    pub wall_time_ns: u64,
    /// What the kernel accounted for it and for the children that it waited for.
    pub usage: ResourceUsage,
    /// The perf events that were counted whole, by metric.
    pub counters: BTreeMap<String, u64>,
    /// The perf events that were to be counted and were not, by metric.
    #[serde(default)]
    pub not_counted: BTreeMap<String, RefusalReason>,
    /// Whether addresses were the same as in every other run.
    pub fixed_addresses: bool,
    /// Processes that it had left behind, and that were killed.
    pub left_behind: u32,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Ending {
    /// By itself.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// By a signal that was not the collector's.
    Signalled {
        /// The number of the signal.
        signal: i32,
    },
    /// Killed at the time limit.
    TimedOut,
    /// Killed because its result is not wanted any more.
    CalledOff,
    /// It could not be started.
    NotStarted {
        /// The number of the system's error.
        error: i32,
    },
}

/// What the kernel accounts for a process and for the children that it waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceUsage {
    /// Processor time in its own code, in microseconds.
    pub user_time_us: u64,
    /// Processor time in the kernel, in microseconds.
    pub system_time_us: u64,
    /// The largest resident set, in kilobytes of 1,024 bytes.
    pub max_rss_kb: u64,
    /// Page faults, with and without reading from a disk.
    pub page_faults: u64,
    /// Context switches, voluntary or not.
    pub context_switches: u64,
}

/// Runs programs, one after the other.
#[derive(Debug, Clone)]
pub struct Executor {
    /// The collector's own program, which is started in between.
    collector: PathBuf,
    /// A folder for what the two processes tell each other.
    scratch: PathBuf,
    leash: Leash,
    counters: CounterPlan,
}

/// What the process in between is asked for.
#[derive(Debug, Serialize, Deserialize)]
struct SupervisionRequest<E> {
    execution: E,
    counters: CounterPlan,
}

impl Executor {
    /// An executor that starts `collector` in between and has the folder `scratch` for itself.
    /// `counters` are counted of every program.
    pub fn new(collector: PathBuf, scratch: PathBuf, leash: Leash, counters: CounterPlan) -> Self {
        Self {
            collector,
            scratch,
            leash,
            counters,
        }
    }

    /// What is counted of every program.
    pub fn counters(&self) -> &CounterPlan {
        &self.counters
    }

    /// An executor that may run a program at the same time as this one, on the same leash.
    ///
    /// # Errors
    /// When the disk refuses a folder for it.
    pub fn beside(&self, name: &str) -> Result<Self, CollectorError> {
        let scratch = self.scratch.join(name);
        std::fs::create_dir_all(&scratch)
            .map_err(CollectorError::io("create the folder", &scratch))?;
        Ok(Self {
            scratch,
            ..self.clone()
        })
    }

    /// The folder that this executor has for itself.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// The program that is started in between.
    pub fn collector(&self) -> &Path {
        &self.collector
    }

    /// What ends the work from outside.
    pub fn leash(&self) -> &Leash {
        &self.leash
    }

    /// Runs a program to its end, to its time limit, or until the leash is cut. No process that it
    /// started outlives this.
    ///
    /// # Errors
    /// When the process in between could not do its work. How the program itself ended is part of
    /// the report.
    pub fn run(&self, execution: &Execution) -> Result<ExecutionReport, CollectorError> {
        let request = self.scratch.join("execution.json");
        let report = self.scratch.join("execution-report.json");
        let failed = |reason: String| CollectorError::Execution {
            program: execution.program.to_string_lossy().into_owned(),
            reason,
        };
        let asked = SupervisionRequest {
            execution,
            counters: self.counters.clone(),
        };
        let json = serde_json::to_vec(&asked).map_err(|error| failed(error.to_string()))?;
        std::fs::write(&request, json).map_err(CollectorError::io("write", &request))?;
        let _ = std::fs::remove_file(&report);
        let mut supervisor = Command::new(&self.collector)
            .args([&request, &report])
            .env_clear()
            .env(mode::VARIABLE, Mode::Supervise.as_str())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| CollectorError::ProgramNotStarted {
                program: self.collector.clone(),
                source,
            })?;
        let held = self.leash.hold(supervisor.stdin.take());
        let ended = supervisor.wait_with_output();
        self.leash.release(held);
        let ended = ended.map_err(|error| failed(error.to_string()))?;
        if !ended.status.success() {
            let complaint = String::from_utf8_lossy(&ended.stderr);
            return Err(failed(format!("{} ({})", complaint.trim(), ended.status)));
        }
        let json = std::fs::read(&report).map_err(CollectorError::io("read", &report))?;
        serde_json::from_slice(&json).map_err(|error| failed(error.to_string()))
    }
}

/// What ends a running program from outside: the process in between holds one end of a pipe, and
/// kills the program when the other end is gone, be it by [`Leash::cut`] or because the collector
/// died.
#[derive(Debug, Clone, Default)]
pub struct Leash(Arc<Mutex<LeashState>>);

#[derive(Debug, Default)]
struct LeashState {
    is_cut: bool,
    held: BTreeMap<u64, ChildStdin>,
    next: u64,
}

impl Leash {
    /// Ends the running programs and every later one.
    pub fn cut(&self) {
        let mut state = self.state();
        state.is_cut = true;
        state.held.clear();
    }

    /// Lets later programs run again.
    pub fn mend(&self) {
        self.state().is_cut = false;
    }

    /// Whether the leash was cut.
    pub fn is_cut(&self) -> bool {
        self.state().is_cut
    }

    /// Holds a pipe, or lets go of it at once where the leash is cut.
    fn hold(&self, pipe: Option<ChildStdin>) -> u64 {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        if let (Some(pipe), false) = (pipe, state.is_cut) {
            state.held.insert(number, pipe);
        }
        number
    }

    fn release(&self, number: u64) {
        self.state().held.remove(&number);
    }

    fn state(&self) -> MutexGuard<'_, LeashState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last part of what a program wrote, at most `bytes_max` bytes, from the beginning of a line
/// where the part holds one.
pub fn last_lines(output: &Path, bytes_max: usize) -> String {
    use std::io::{Read, Seek, SeekFrom};
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(output)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(bytes_max as u64)))?;
        let mut bytes = Vec::new();
        file.take(bytes_max as u64).read_to_end(&mut bytes)?;
        if length > bytes_max as u64
            && let Some(newline) = bytes.iter().position(|byte| *byte == b'\n')
        {
            bytes.drain(..=newline);
        }
        Ok(bytes)
    };
    // Output that cannot be read is no reason to lose the failure that it would have explained.
    let bytes = read().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim().to_owned()
}
