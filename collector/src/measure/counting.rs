//! Counting instructions where the processor's own counter cannot be read: by a program that
//! emulates the processor. It is many times slower, so that it is done once for each test case, and
//! nothing else is measured meanwhile.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use shared_types::object_key::ContentHash;

use super::source_copy::empty_folder;
use crate::CollectorError;
use crate::execution::{Access, Ending, Execution, Executor, untrusted_file};

/// The source of the plugin for QEMU.
const PLUGIN_SOURCE: &str = include_str!("counting/qemu_plugin.c");

/// How long a counter may take to show that it works, in milliseconds.
const TRIAL_TIME_LIMIT_MS: u64 = 60_000;

/// How instructions are counted on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstructionCounter {
    /// By the processor, in every iteration.
    Hardware,
    /// By another program, in a run of its own.
    Emulated(PreparedCounter),
    /// By the program that emulates the whole host, in every iteration. Of such a host nothing but
    /// this and sizes is told.
    OfEmulatedHost(PreparedCounter),
    /// Not at all.
    None {
        /// Why, and what to do.
        reason: String,
    },
}

/// A program that counts the instructions of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreparedCounter {
    /// QEMU's user mode with a plugin.
    Qemu {
        /// QEMU.
        program: PathBuf,
        /// The compiled plugin.
        plugin: PathBuf,
    },
    /// Valgrind's tool callgrind.
    Valgrind {
        /// Valgrind.
        program: PathBuf,
    },
    /// The QEMU in which all programs of an emulated host run anyway.
    QemuAround {
        /// The compiled plugin.
        plugin: PathBuf,
    },
}

impl InstructionCounter {
    /// Finds the best counter of this host. `tools` is a folder for what is compiled for it.
    pub fn find(executor: &Executor, tools: &Path) -> Self {
        let counters = executor.counters();
        if counters.counts("instructions:u") {
            return Self::Hardware;
        }
        let refusal = counters
            .refusal("instructions:u")
            .map_or_else(|| "not asked for".to_owned(), ToString::to_string);
        let mut reasons = vec![format!("instructions:u: {refusal}")];
        match PreparedCounter::qemu(executor, tools) {
            Ok(counter) => return Self::Emulated(counter),
            Err(reason) => reasons.push(format!("instructions:qemu: {reason}")),
        }
        match PreparedCounter::valgrind(executor) {
            Ok(counter) => return Self::Emulated(counter),
            Err(reason) => reasons.push(format!("instructions:valgrind: {reason}")),
        }
        Self::None {
            reason: reasons.join("; "),
        }
    }

    /// The counter of an emulated host, whose compilers are scripts that start QEMU. `tools` is a
    /// folder for what is compiled for it.
    ///
    /// # Errors
    /// When the plugin cannot be compiled: without it such a host has next to nothing to tell.
    pub fn of_emulated_host(tools: &Path) -> Result<Self, CollectorError> {
        let plugin =
            compiled_plugin(tools).map_err(|reason| CollectorError::Unsuitable { reason })?;
        Ok(Self::OfEmulatedHost(PreparedCounter::QemuAround { plugin }))
    }

    /// The counter of an emulated host, on one.
    pub(super) fn around(&self) -> Option<&PreparedCounter> {
        match self {
            Self::OfEmulatedHost(counter) => Some(counter),
            Self::Hardware | Self::Emulated(_) | Self::None { .. } => None,
        }
    }

    /// The metric that it gives.
    pub fn metric(&self) -> Option<&'static str> {
        match self {
            Self::Hardware => Some("instructions:u"),
            Self::Emulated(counter) | Self::OfEmulatedHost(counter) => Some(counter.metric()),
            Self::None { .. } => None,
        }
    }
}

impl PreparedCounter {
    /// The metric that it gives.
    pub fn metric(&self) -> &'static str {
        match self {
            Self::Qemu { .. } | Self::QemuAround { .. } => "instructions:qemu",
            Self::Valgrind { .. } => "instructions:valgrind",
        }
    }

    /// Makes an execution one that is counted.
    pub(super) fn wrap(
        &self,
        execution: &mut Execution,
        scratch: &Path,
    ) -> Result<(), CollectorError> {
        let report = report_file(scratch);
        let folder = scratch.join(REPORT_FOLDER);
        empty_folder(&folder)?;
        execution.access.writable.push(folder);
        let (program, mut arguments): (_, Vec<OsString>) = match self {
            Self::Qemu { program, plugin } => {
                let mut option = plugin.clone().into_os_string();
                option.push(",report=");
                option.push(&report);
                execution.access.readable.push(plugin.clone());
                // A seed makes the random numbers that the program asks for the same every time.
                let options = ["-seed".into(), "0".into(), "-plugin".into(), option];
                (program, options.into())
            }
            Self::Valgrind { program } => {
                let mut option = OsString::from("--callgrind-out-file=");
                option.push(&report);
                let tool = ["--quiet", "--tool=callgrind", "--cache-sim=no"].map(OsString::from);
                (program, tool.into_iter().chain([option]).collect())
            }
            Self::QemuAround { plugin } => {
                let mut option = OsString::from("file=");
                option.push(plugin);
                option.push(",report=");
                option.push(&report);
                let variables = [("QEMU_PLUGIN", option), ("QEMU_RAND_SEED", "0".into())];
                let variables = variables.map(|(name, value)| (name.into(), value));
                execution.environment.extend(variables);
                execution.access.readable.push(plugin.clone());
                return Ok(());
            }
        };
        execution.access.readable.push(program.clone());
        let counted = std::mem::replace(&mut execution.program, program.clone().into());
        arguments.push(counted);
        arguments.append(&mut execution.arguments);
        execution.arguments = arguments;
        Ok(())
    }

    /// What was counted, or `None` where the counter left no report.
    pub(super) fn read(&self, scratch: &Path) -> Option<u64> {
        let report = untrusted_file::read(&report_file(scratch), REPORT_BYTES_MAX).ok()?;
        let report = String::from_utf8(report).ok()?;
        match self {
            Self::Qemu { .. } | Self::QemuAround { .. } => instructions_in_plugin_report(&report),
            Self::Valgrind { .. } => instructions_in_callgrind_report(&report),
        }
    }

    fn qemu(executor: &Executor, tools: &Path) -> Result<Self, String> {
        let name = format!("qemu-{}", std::env::consts::ARCH);
        let program = program_on_path(&name)
            .ok_or_else(|| format!("there is no {name}; on Debian: apt-get install qemu-user"))?;
        let plugin = compiled_plugin(tools)?;
        Self::Qemu { program, plugin }.tried(executor)
    }

    fn valgrind(executor: &Executor) -> Result<Self, String> {
        let program = program_on_path("valgrind").ok_or_else(|| {
            "there is no valgrind; on Debian: apt-get install valgrind".to_owned()
        })?;
        Self::Valgrind { program }.tried(executor)
    }

    /// Lets the counter count a small program, since a QEMU may have been built without plugins.
    fn tried(self, executor: &Executor) -> Result<Self, String> {
        let program = program_on_path("true").ok_or("there is no program to try it on")?;
        let output = executor.scratch().join("trial.txt");
        let mut execution = Execution {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: executor.scratch().into(),
            output: output.clone().into(),
            time_limit_ms: TRIAL_TIME_LIMIT_MS,
            access: Access::default(),
        };
        let trial = self
            .wrap(&mut execution, executor.scratch())
            .and_then(|()| executor.run(&execution))
            .map_err(|error| error.to_string())?;
        match self.read(executor.scratch()) {
            Some(count) if count > 0 && trial.ending == (Ending::Exited { code: 0 }) => Ok(self),
            _ => Err(format!(
                "a trial failed: {}",
                crate::execution::last_lines(&output, 300)
            )),
        }
    }
}

/// The folder that the counter writes its report into, inside the scratch folder.
const REPORT_FOLDER: &str = "instructions";

/// A report of callgrind has a line for each line of source that was executed.
const REPORT_BYTES_MAX: u64 = 1 << 30;

fn report_file(scratch: &Path) -> PathBuf {
    scratch.join(REPORT_FOLDER).join("instructions.txt")
}

/// Compiles the plugin, unless it is there. QEMU ships no header for plugins, so that the source
/// declares what it uses of the interface, which is version 1 since QEMU 4.2.
fn compiled_plugin(tools: &Path) -> Result<PathBuf, String> {
    let hash = ContentHash::of(PLUGIN_SOURCE.as_bytes());
    let plugin = tools.join(format!("qemu-plugin-{hash}.so"));
    if plugin.is_file() {
        return Ok(plugin);
    }
    let source = tools.join(format!("qemu-plugin-{hash}.c"));
    let partial = tools.join(format!("qemu-plugin-{hash}.partial"));
    std::fs::write(&source, PLUGIN_SOURCE).map_err(|error| error.to_string())?;
    let output = Command::new("cc")
        .args(["-O2", "-fPIC", "-shared", "-o"])
        .args([&partial, &source])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("the plugin cannot be compiled, cc: {error}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "the plugin cannot be compiled: {}",
            complaint.trim()
        ));
    }
    std::fs::rename(partial, &plugin).map_err(|error| error.to_string())?;
    Ok(plugin)
}

/// The path of a program, from the collector's own `PATH`.
pub(crate) fn program_on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// The instructions in what the plugin for QEMU wrote: one number for each process that ended. `None`
/// where it is no such report.
pub fn instructions_in_plugin_report(report: &str) -> Option<u64> {
    let mut lines = report.lines().peekable();
    lines.peek()?;
    lines.try_fold(0_u64, |sum, line| sum.checked_add(line.parse().ok()?))
}

/// The instructions in what callgrind wrote, in a line `summary: COUNT` or `totals: COUNT`. `None`
/// where it is no such report.
pub fn instructions_in_callgrind_report(report: &str) -> Option<u64> {
    let count_after = |label: &str| {
        let line = report.lines().find_map(|line| line.strip_prefix(label))?;
        line.trim().parse().ok()
    };
    count_after("totals:").or_else(|| count_after("summary:"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_counts_of_all_processes_are_added(counts in proptest::collection::vec(0u64..1 << 40, 1..6)) {
            let report: String = counts.iter().map(|count| format!("{count}\n")).collect();
            prop_assert_eq!(instructions_in_plugin_report(&report), Some(counts.iter().sum()));
        }

        #[test]
        fn a_report_that_is_not_one_gives_no_count(text in "[a-z ]{1,20}\n") {
            prop_assert_eq!(instructions_in_plugin_report(&text), None);
            prop_assert_eq!(instructions_in_callgrind_report(&text), None);
        }
    }

    #[test]
    fn an_empty_report_is_no_count_rather_than_zero() {
        assert_eq!(instructions_in_plugin_report(""), None);
    }

    #[test]
    fn the_total_of_callgrind_is_read() {
        let report = "version: 1\nevents: Ir\nfn=(1) main\n16 400\n\ntotals: 123456\n";
        assert_eq!(instructions_in_callgrind_report(report), Some(123_456));
    }
}
