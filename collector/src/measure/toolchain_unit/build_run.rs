//! One build of much code, from nothing, with the time of each of its crates.

use std::ffi::OsString;
use std::path::PathBuf;

use shared_types::result_document::{FailureKind, MeasuredRun};

use super::super::metrics::{OutputSizes, Sample};
use super::super::problem::{Problem, Stop, judge_build};
use super::super::round_loop::{CaseResult, MeasuredCase};
use super::super::source_copy::{empty_folder, remove_folder};
use super::super::surroundings::HostCounts;
use super::crate_times::{FILE_BYTES_MAX, FILE_NAME, crate_times, variables};
use super::crate_values::CrateTimes;
use crate::execution::{Access, Execution, Executor, untrusted_file};
use crate::host::HostTree;
use crate::toolchain::Toolchain;

/// What is built, and how.
pub(super) struct Build<'a> {
    /// The name of the component that stands for the whole.
    pub(super) name: String,
    pub(super) toolchain: &'a Toolchain,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
    /// Where the program runs. It is not written to.
    pub(super) directory: PathBuf,
    /// What is written, emptied before each build.
    pub(super) output: PathBuf,
    pub(super) readable: Vec<PathBuf>,
    /// How the collector gets in front of the compiler.
    pub(super) stand_in: StandIn,
    pub(super) time_limit_ms: u64,
    /// Says from what the program wrote why it has not built all, or nothing.
    pub(super) complaint: fn(&str) -> Option<String>,
}

/// How the collector gets in front of the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StandIn {
    /// Cargo calls it as the wrapper of rustc.
    Wrapper,
    /// The arguments name it as the compiler.
    Compiler,
}

/// One run's part in a build.
pub(super) struct BuildSide<'a> {
    pub(super) run: MeasuredRun,
    pub(super) build: Build<'a>,
    executor: Executor,
    pub(super) result: CaseResult,
    /// By iteration.
    pub(super) crate_times: Vec<CrateTimes>,
}

/// How much of what a build writes is looked at, in bytes from its end.
const MESSAGES_BYTES_MAX: usize = 64 * 1_024;

impl<'a> BuildSide<'a> {
    pub(super) fn new(run: MeasuredRun, build: Build<'a>, executor: Executor) -> Self {
        Self {
            run,
            build,
            executor,
            result: CaseResult::default(),
            crate_times: Vec::new(),
        }
    }

    fn build(&self) -> Result<(Sample, CrateTimes), Stop> {
        let build = &self.build;
        empty_folder(&build.output)?;
        let times = self.executor.scratch().join("crate-times");
        empty_folder(&times)?;
        let times_file = times.join(FILE_NAME);
        let execution = self.execution(&times_file, vec![build.output.clone(), times]);
        let host = HostTree::of_this_host();
        let before = HostCounts::now(&host);
        let report = self.executor.run(&execution)?;
        let meanwhile = HostCounts::now(&host).since(before);
        let limits = self.executor.sandbox().limits_in_force();
        let title = build.toolchain.artifact.title.as_deref().unwrap_or("rustc");
        let what = format!("{} by {title}", build.name);
        judge_build(&what, &report, &execution, limits)?;
        let messages = crate::execution::last_lines(execution.output.as_ref(), MESSAGES_BYTES_MAX);
        let told = untrusted_file::read(&times_file, FILE_BYTES_MAX)
            .map_err(|error| error.to_string())
            .and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string()))
            .and_then(|text| crate_times(&text));
        let complaint = (build.complaint)(&messages);
        let times = match (told, complaint) {
            (Ok(times), None) => times,
            (Err(reason), _) => {
                let reason = format!("{what}: the times of its crates are not known: {reason}");
                return Err(Problem::new(FailureKind::Host, reason).into());
            }
            (Ok(_), Some(reason)) => {
                return Err(Stop::Problem(Problem {
                    kind: FailureKind::BuildFailed,
                    message: format!("{what}: {reason}"),
                    output: messages,
                }));
            }
        };
        // Several times a few hundred megabytes, which nobody needs any more.
        remove_folder(&build.output)?;
        let sample = Sample::new(&report, &OutputSizes::default(), meanwhile).of_build();
        Ok((sample, Some(times)))
    }

    fn execution(&self, times_file: &std::path::Path, writable: Vec<PathBuf>) -> Execution {
        let build = &self.build;
        let collector = self.executor.collector();
        let mut environment = build.environment.clone();
        match build.stand_in {
            StandIn::Wrapper => {
                environment.push(("RUSTC_WRAPPER".into(), collector.into()));
                environment.extend(variables(times_file, None));
            }
            StandIn::Compiler => {
                environment.extend(variables(times_file, Some(&build.toolchain.rustc)));
            }
        }
        Execution {
            program: build.program.clone().into(),
            arguments: build
                .arguments
                .iter()
                .map(|word| named(word, collector))
                .collect(),
            environment,
            directory: build.directory.clone().into(),
            output: self.executor.scratch().join("build.txt").into(),
            time_limit_ms: build.time_limit_ms,
            access: Access {
                readable: build.readable.clone(),
                writable,
            },
        }
    }
}

/// What stands in arguments for the path of the collector, which is known only when it is run.
pub(super) const COLLECTOR: &str = "{collector}";

fn named(word: &OsString, collector: &std::path::Path) -> OsString {
    match word.to_str() {
        Some(text) => text
            .replace(COLLECTOR, &collector.display().to_string())
            .into(),
        None => word.clone(),
    }
}

impl MeasuredCase for BuildSide<'_> {
    fn name(&self) -> String {
        format!("{} by {}", self.build.name, self.run.artifact)
    }

    fn measure(&mut self) -> Result<Sample, Stop> {
        let (sample, times) = self.build()?;
        // A build that failed has no times, and keeps its place.
        self.crate_times.resize(self.result.samples.len(), None);
        self.crate_times.push(times);
        Ok(sample)
    }

    fn result(&self) -> &CaseResult {
        &self.result
    }

    fn result_mut(&mut self) -> &mut CaseResult {
        &mut self.result
    }
}
