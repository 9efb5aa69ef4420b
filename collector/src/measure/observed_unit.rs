//! A unit that is looked into, instead of measured.

use std::path::{Path, PathBuf};

use shared_types::{ConfigurationRecord, Profile, Scenario};

use super::compile_target::CompileTarget;
use super::problem::Stop;
use super::scenario_run::LeafRun;
use super::source_copy::files_under;
use super::unit_folder::{Unit, UnitFolder};
use super::workbench::Workbench;
use crate::CollectorError;
use crate::execution::Execution;
use crate::suite::{Benchmark, FetchedBenchmark};
use crate::toolchain::Toolchain;

/// When a compilation that a slow tool looks at is killed, in milliseconds.
const TIME_LIMIT_MS: u64 = 6 * 60 * 60 * 1_000;

/// A unit, ready to be compiled under the eyes of a tool.
pub struct ObservedUnit<'a> {
    bench: &'a Workbench,
    benchmark: &'a Benchmark,
    fetched: FetchedBenchmark,
    profile: Profile,
    toolchain: &'a Toolchain,
    target: CompileTarget,
    folder: UnitFolder,
    flags: Vec<String>,
}

impl<'a> ObservedUnit<'a> {
    /// Builds what a benchmark depends on.
    ///
    /// # Errors
    /// When the configuration is not of this host, or the dependencies cannot be built.
    pub fn prepare(
        bench: &'a Workbench,
        record: &ConfigurationRecord,
        (benchmark, profile): (&'a Benchmark, Profile),
        toolchain: &'a Toolchain,
    ) -> Result<Self, CollectorError> {
        let flags = bench.configuration_flags(record)?;
        let fetched = bench.fetched(&benchmark.name, &toolchain.cargo)?;
        let target = CompileTarget::here(record, toolchain);
        let unit = Unit {
            benchmark,
            fetched: &fetched,
            profile,
            toolchain,
            target: &target,
        };
        let folder = UnitFolder::prepare(unit, &bench.work, &bench.executor)
            .map_err(|stop| failure(toolchain, stop))?;
        Ok(Self {
            bench,
            benchmark,
            fetched,
            profile,
            toolchain,
            target,
            folder,
            flags,
        })
    }

    /// The profile.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Compiles once, with further flags, after `alter` has made another program or other arguments of
    /// the command. What is compiled before, to make the state of the scenario, is not altered.
    ///
    /// # Errors
    /// When the compilation fails.
    pub fn observe(
        &self,
        scenario: &Scenario,
        flags: &[String],
        alter: &dyn Fn(&mut Execution),
    ) -> Result<(), CollectorError> {
        let flags = [self.flags.as_slice(), flags].concat();
        let leaf = self.leaf(&flags);
        // A cache that was made with other flags is of no use.
        let outcome = leaf
            .forget_cache()
            .and_then(|()| leaf.observe(scenario, alter));
        outcome.map_err(|stop| failure(self.toolchain, stop))
    }

    /// Compiles once and lets the compiler record where its time goes. Returns the raw profile, in
    /// `folder`, which is emptied first.
    ///
    /// # Errors
    /// When the compilation fails, or no profile is written.
    pub fn record_self_profile(
        &self,
        scenario: &Scenario,
        folder: &Path,
    ) -> Result<PathBuf, CollectorError> {
        let leaf = self.leaf(&self.flags);
        let outcome = leaf
            .forget_cache()
            .and_then(|()| leaf.record_self_profile(scenario, folder));
        outcome.map_err(|stop| failure(self.toolchain, stop))
    }

    /// The files that the last compilation wrote, in order.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn output_files(&self) -> Result<Vec<PathBuf>, CollectorError> {
        let output = self.folder.output();
        let files = files_under(&output)?.into_iter();
        let mut paths: Vec<PathBuf> = files.map(|(path, _)| output.join(path)).collect();
        paths.sort();
        Ok(paths)
    }

    fn leaf<'b>(&'b self, flags: &'b [String]) -> LeafRun<'b> {
        LeafRun {
            unit: Unit {
                benchmark: self.benchmark,
                fetched: &self.fetched,
                profile: self.profile,
                toolchain: self.toolchain,
                target: &self.target,
            },
            folder: &self.folder,
            flags,
            executor: &self.bench.executor,
            counter_around: None,
            time_limit_ms: TIME_LIMIT_MS,
        }
    }
}

/// What kept something from being compiled, as an error.
fn failure(toolchain: &Toolchain, stop: Stop) -> CollectorError {
    match stop {
        Stop::CalledOff => CollectorError::CalledOff,
        Stop::Problem(problem) => CollectorError::Execution {
            program: toolchain.rustc.display().to_string(),
            reason: format!("{} {}", problem.message, problem.output),
        },
    }
}
