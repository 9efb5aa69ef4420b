//! One compilation of a unit under one scenario, from a state that is the same every time.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use shared_types::Scenario;
use shared_types::result_document::FailureKind;

use super::confined_access::compiling;
use super::counting::PreparedCounter;
use super::metrics::{OutputSizes, Sample};
use super::problem::{Problem, Stop, judge};
use super::source_copy::{copy_folder, empty_folder, remove_folder};
use super::surroundings::HostCounts;
use super::unit_folder::{Unit, UnitFolder};
use crate::CollectorError;
use crate::capture::{LeafFlags, leaf_arguments};
use crate::execution::{Access, Execution, ExecutionReport, Executor};
use crate::host::HostTree;
use crate::self_profile;
use crate::suite::Patch;

/// How much longer a compilation may take while its instructions are counted by a program that
/// emulates the processor.
pub(super) const COUNTING_TIME_FACTOR: u64 = 40;

/// Compiles a unit's leaf crate.
#[derive(Debug, Clone, Copy)]
pub struct LeafRun<'a> {
    /// What is compiled.
    pub unit: Unit<'a>,
    /// Where.
    pub folder: &'a UnitFolder,
    /// The flags of the configuration.
    pub flags: &'a [String],
    /// What runs the compiler.
    pub executor: &'a Executor,
    /// When a compilation is killed, in milliseconds.
    pub time_limit_ms: u64,
    /// On an emulated host: what counts in every compilation that is measured.
    pub counter_around: Option<&'a PreparedCounter>,
}

impl<'a> LeafRun<'a> {
    /// Compiles once and measures.
    pub(super) fn measure(&self, scenario: &Scenario) -> Result<Sample, Stop> {
        let mut execution = self.execution(scenario)?;
        if let Some(counter) = self.counter_around {
            counter.wrap(&mut execution.execution, self.executor.scratch())?;
        }
        let host = HostTree::of_this_host();
        let before = HostCounts::now(&host);
        let report = self.compile(scenario, &execution)?;
        let meanwhile = HostCounts::now(&host).since(before);
        let sizes = OutputSizes::of(
            self.unit.profile,
            &self.folder.output(),
            execution.incremental.as_deref(),
        )?;
        if *scenario == Scenario::IncrFull {
            self.save_cache()?;
        }
        let sample = Sample::new(&report, &sizes, meanwhile);
        let Some(counter) = self.counter_around else {
            return Ok(sample);
        };
        let count = counter.read(self.executor.scratch()).ok_or_else(|| {
            Problem::new(
                FailureKind::Host,
                "the emulator counted no instructions: is the compiler one that `cargo xtask \
                 emulated-arm` made?",
            )
        })?;
        Ok(sample.counts_and_sizes(counter.metric(), count))
    }

    /// Compiles in full once, so that whatever is read is in memory and the processor is awake.
    pub(super) fn warm_up(&self) -> Result<(), Stop> {
        let execution = self.execution(&Scenario::Full)?;
        self.compile(&Scenario::Full, &execution)?;
        Ok(())
    }

    /// Compiles once and counts instructions.
    pub(super) fn count(
        &self,
        scenario: &Scenario,
        counter: &PreparedCounter,
    ) -> Result<Option<u64>, Stop> {
        let mut execution = self.execution(scenario)?;
        counter.wrap(&mut execution.execution, self.executor.scratch())?;
        execution.execution.time_limit_ms = self.time_limit_ms.saturating_mul(COUNTING_TIME_FACTOR);
        self.compile(scenario, &execution)?;
        Ok(counter.read(self.executor.scratch()))
    }

    /// Compiles once and lets the compiler record where its time goes. Returns the raw profile, which
    /// lies in `folder`, where nothing else is left.
    pub(super) fn record_self_profile(
        &self,
        scenario: &Scenario,
        folder: &Path,
    ) -> Result<PathBuf, Stop> {
        let mut flags = self.flags.to_vec();
        flags.push(format!("-Zself-profile={}", folder.display()));
        let profiled = LeafRun {
            flags: &flags,
            ..*self
        };
        // What makes the state may write a profile of its own.
        empty_folder(folder)?;
        let mut execution = profiled.execution(scenario)?;
        empty_folder(folder)?;
        execution.execution.access.writable.push(folder.to_owned());
        profiled.compile(scenario, &execution)?;
        if *scenario == Scenario::IncrFull {
            profiled.save_cache()?;
        }
        Ok(self_profile::only_profile(folder)?)
    }

    /// Compiles once, after `alter` has made another program or other arguments of it: for programs
    /// that look at the compiler from outside.
    pub(super) fn observe(
        &self,
        scenario: &Scenario,
        alter: &dyn Fn(&mut Execution),
    ) -> Result<(), Stop> {
        let mut execution = self.execution(scenario)?;
        alter(&mut execution.execution);
        self.compile(scenario, &execution)?;
        Ok(())
    }

    /// Forgets the incremental caches of an earlier job, which may be of other flags.
    pub(super) fn forget_cache(&self) -> Result<(), Stop> {
        for takes_unstable in [false, true] {
            remove_folder(&self.folder.saved_cache(takes_unstable))?;
        }
        Ok(())
    }

    fn saved_cache(&self) -> PathBuf {
        self.folder.saved_cache(needs_unstable_options(self.flags))
    }

    /// What compiles the leaf crate under a scenario, after its state was made.
    fn execution(&self, scenario: &Scenario) -> Result<LeafExecution, Stop> {
        empty_folder(&self.folder.output())?;
        let incremental = match scenario {
            Scenario::Full => None,
            Scenario::IncrFull => {
                empty_folder(&self.folder.cache())?;
                Some(self.folder.cache())
            }
            Scenario::IncrUnchanged | Scenario::IncrPatched(_) => {
                self.restore_cache()?;
                Some(self.folder.cache())
            }
        };
        Ok(self.plain_execution(incremental))
    }

    /// What compiles the leaf crate, into a folder that is there.
    fn plain_execution(&self, incremental: Option<PathBuf>) -> LeafExecution {
        let command = self.folder.command();
        let flags = LeafFlags {
            output: &self.folder.output(),
            incremental: incremental.as_deref(),
            configuration: self.flags,
        };
        let arguments = leaf_arguments(&command.arguments, flags);
        let mut environment = command.measured_environment();
        if needs_unstable_options(&arguments) {
            environment.push(variable("RUSTC_BOOTSTRAP", "1"));
        }
        let execution = Execution {
            program: command.program.clone(),
            arguments,
            environment,
            directory: command.directory.clone(),
            output: self.folder.messages().into(),
            time_limit_ms: self.time_limit_ms,
            access: self.access(incremental.as_ref()),
        };
        LeafExecution {
            execution,
            incremental,
        }
    }

    /// The compiler reads its sources and what they depend on, and writes its output.
    fn access(&self, incremental: Option<&PathBuf>) -> Access {
        let mut access = compiling(self.unit.toolchain);
        let folder = self.folder;
        access.readable.push(folder.source.path().to_owned());
        access.readable.push(folder.dependencies.clone());
        access.readable.extend(folder.settings());
        access.writable.push(folder.output());
        access.writable.extend(incremental.cloned());
        access
    }

    fn compile(&self, scenario: &Scenario, leaf: &LeafExecution) -> Result<ExecutionReport, Stop> {
        let patches: &[Patch] = match scenario {
            Scenario::IncrPatched(name) => self.unit.benchmark.patches_until(name),
            _ => &[],
        };
        let execution = &leaf.execution;
        let source = &self.folder.source;
        let report = source.while_patched(patches, || self.executor.run(execution))??;
        let title = self.unit.toolchain.artifact.title.as_deref();
        let what = format!(
            "{}, compiling {}/{}/{scenario}",
            title.unwrap_or("rustc"),
            self.unit.benchmark.name,
            self.unit.profile
        );
        let limits = self.executor.sandbox().limits_in_force();
        judge(&what, &report, execution, limits)?;
        Ok(report)
    }

    /// Keeps the cache that a compilation has just filled, if none is kept yet.
    fn save_cache(&self) -> Result<(), CollectorError> {
        let (cache, saved) = (self.folder.cache(), self.saved_cache());
        if saved.exists() {
            return Ok(());
        }
        std::fs::rename(&cache, &saved).map_err(CollectorError::io("move", &cache))
    }

    /// Makes the cache what it was after incr-full, which is compiled once more where it was not
    /// asked for.
    fn restore_cache(&self) -> Result<(), Stop> {
        let (cache, saved) = (self.folder.cache(), self.saved_cache());
        if !saved.exists() {
            let filling = self.execution(&Scenario::IncrFull)?;
            self.compile(&Scenario::IncrFull, &filling)?;
            self.save_cache()?;
            empty_folder(&self.folder.output())?;
        }
        remove_folder(&cache)?;
        Ok(copy_folder(&saved, &cache)?)
    }

    /// The command line of a full compilation, and a folder made ready for its output: for
    /// comparing what the collector measures with the bare command.
    ///
    /// # Errors
    /// When the disk refuses the folder.
    pub fn full_execution(&self) -> Result<Execution, CollectorError> {
        empty_folder(&self.folder.output())?;
        Ok(self.plain_execution(None).execution)
    }
}

/// A compilation of the leaf crate.
struct LeafExecution {
    execution: Execution,
    incremental: Option<PathBuf>,
}

/// Whether a released compiler takes these flags only when it is told to take unstable ones.
pub(super) fn needs_unstable_options(flags: &[impl AsRef<OsStr>]) -> bool {
    let is_unstable = |flag: &OsStr| flag.as_encoded_bytes().starts_with(b"-Z");
    flags.iter().any(|flag| is_unstable(flag.as_ref()))
}

/// A variable, as executions have them.
pub(super) fn variable(name: &str, value: &str) -> (OsString, OsString) {
    (name.into(), value.into())
}
