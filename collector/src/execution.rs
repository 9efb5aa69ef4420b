//! Running one program so that what is measured of it is its own.
//!
//! The collector does not start a compiler itself: the largest resident set that the kernel reports
//! for a process includes that of the process it was started from. A small process in between, this
//! program in another [mode](crate::mode), starts the compiler, watches it, and reports.

mod access;
mod command_line;
pub mod confinement;
#[cfg(target_os = "linux")]
mod descendants;
#[cfg(target_os = "linux")]
mod disk_watch;
mod leash;
mod limits;
pub mod perf_events;
// Tested on Linux, too, where nothing else needs it.
#[cfg(any(test, not(target_os = "linux")))]
mod plain_supervisor;
mod secrets;
mod supervision;
#[cfg(target_os = "linux")]
mod supervisor;
pub(crate) mod untrusted_file;
#[cfg(unix)]
mod waiting;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::CollectorError;
use crate::mode::{self, Mode};
use perf_events::{CounterPlan, RefusalReason};

pub use access::Access;
pub use command_line::CommandLine;
pub use confinement::{Confinement, NetworkBarrier, Sandbox, SystemView};
#[cfg(target_os = "linux")]
pub use descendants::parent_of;
pub use leash::Leash;
pub use limits::{ByteSize, Limit, Limits};
pub use secrets::may_be_secret;
pub(crate) use secrets::{hide_this_process, without_secrets, without_secrets_of_the_fleet};
pub(crate) use supervision::supervise;
use supervision::{Supervision, write_supervision};

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
    /// What it may reach of the disk where it is confined, beside the system and `output`.
    #[serde(skip)]
    pub access: Access,
}

/// How a program ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionReport {
    /// How it ended.
    pub ending: Ending,
    /// From before its first instruction until after its last, in nanoseconds.
    pub wall_time_ns: u64,
    /// What the kernel accounted for it and for the children that it waited for. Absent on systems
    /// that do not account.
    pub usage: Option<ResourceUsage>,
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
    /// Killed, or ended just before, beyond a limit.
    LimitReached {
        /// Which.
        limit: Limit,
    },
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
    /// Those of them that were not voluntary: somebody else wanted the processor.
    pub involuntary_switches: u64,
}

/// Runs programs, one after the other.
#[derive(Debug, Clone)]
pub struct Executor {
    /// The collector's own program, which is started in between.
    collector: PathBuf,
    /// A folder for what lives as long as one execution.
    scratch: PathBuf,
    leash: Leash,
    counters: CounterPlan,
    sandbox: Arc<Sandbox>,
}

impl Executor {
    /// An executor that starts `collector` in between and has the folder `scratch` for itself.
    /// `counters` are counted of every program. It confines nothing.
    pub fn new(collector: PathBuf, scratch: PathBuf, leash: Leash, counters: CounterPlan) -> Self {
        Self {
            collector,
            scratch,
            leash,
            counters,
            sandbox: Arc::new(Sandbox::open("nobody asked for it")),
        }
    }

    /// One that runs programs in a sandbox.
    #[must_use]
    pub fn confined_by(self, sandbox: Sandbox) -> Self {
        Self {
            sandbox: Arc::new(sandbox),
            ..self
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

    /// One that starts the program at `collector` in between: the same, by another name.
    #[must_use]
    pub fn through(self, collector: PathBuf) -> Self {
        Self { collector, ..self }
    }

    /// The program that is started in between.
    pub fn collector(&self) -> &Path {
        &self.collector
    }

    /// What ends the work from outside.
    pub fn leash(&self) -> &Leash {
        &self.leash
    }

    /// What programs run in.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Runs a program to its end, to its time limit, to another limit, or until the leash is cut.
    /// No process that it started outlives this.
    ///
    /// # Errors
    /// When the process in between could not do its work. How the program itself ended is part of
    /// the report.
    pub fn run(&self, execution: &Execution) -> Result<ExecutionReport, CollectorError> {
        let failed = |reason: String| CollectorError::Execution {
            program: execution.program.to_string_lossy().into_owned(),
            reason,
        };
        let output = Path::new(&execution.output);
        untrusted_file::make_empty(output).map_err(CollectorError::io("write", output))?;
        let mut execution = execution.clone();
        execution.access.writable.push(output.to_owned());
        self.give_temporary_folder(&mut execution)?;
        let supervision = Supervision {
            counters: self.counters.clone(),
            limits: self.sandbox.limits_in_force().copied(),
            has_own_processes: self.sandbox.has_own_processes(),
            disk_folders: execution.access.writable.iter().map(Into::into).collect(),
            execution,
        };
        let ended = self.supervised(&supervision)?;
        if !ended.status.success() {
            let complaint = String::from_utf8_lossy(&ended.stderr);
            let complaint = match complaint.trim() {
                "" => "the process that watches it was ended, perhaps by the program itself",
                complaint => complaint,
            };
            return Err(failed(format!("{complaint} ({})", ended.status)));
        }
        serde_json::from_slice(&ended.stdout).map_err(|error| failed(error.to_string()))
    }

    /// Starts the process in between, tells it what to do, and waits for its end. Both talk by
    /// pipes alone: a file could be written by the program, too.
    fn supervised(&self, supervision: &Supervision) -> Result<Output, CollectorError> {
        let line = CommandLine {
            program: self.collector.clone().into(),
            arguments: Vec::new(),
            environment: vec![(mode::VARIABLE.into(), Mode::Supervise.as_str().into())],
        };
        let access = &supervision.execution.access;
        let line = self.sandbox.around(line, access, &self.collector);
        let mut supervisor = line
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| CollectorError::ProgramNotStarted {
                program: line.program.clone().into(),
                source,
            })?;
        let mut pipe = supervisor.stdin.take();
        if let Some(pipe) = &mut pipe {
            // One that has failed already says why, below.
            let _ = write_supervision(pipe, supervision).and_then(|()| pipe.flush());
        }
        let held = self.leash.hold(pipe);
        let ended = supervisor.wait_with_output();
        self.leash.release(held);
        ended.map_err(CollectorError::io("wait for", &self.collector))
    }

    /// A confined program has a temporary folder for itself: that of the sandbox, or an empty one
    /// where the sandbox shows the disk as it is.
    fn give_temporary_folder(&self, execution: &mut Execution) -> Result<(), CollectorError> {
        let variable = OsStr::new("TMPDIR");
        match self.sandbox.confinement {
            Confinement::None { .. } => {}
            Confinement::Bubblewrap { .. } => {
                let folder = OsStr::new(confinement::TEMPORARY_FOLDER);
                execution.environment =
                    command_line::with_replaced(&execution.environment, variable, folder);
            }
            Confinement::Landlock { .. } => {
                let folder = self.scratch.join("temporary");
                let emptied = match std::fs::remove_dir_all(&folder) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                    _ => std::fs::create_dir_all(&folder),
                };
                emptied.map_err(CollectorError::io("empty the folder", &folder))?;
                let environment = &mut execution.environment;
                environment.retain(|(name, _)| name != variable);
                environment.push((variable.into(), folder.clone().into()));
                execution.access.writable.push(folder);
            }
        }
        Ok(())
    }
}

/// The last part of what a program wrote, at most `bytes_max` bytes, from the beginning of a line
/// where the part holds one.
pub fn last_lines(output: &Path, bytes_max: usize) -> String {
    use std::io::{Read, Seek, SeekFrom};
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = untrusted_file::open(output)?;
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
