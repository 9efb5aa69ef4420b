//! Running one program once, and what one of its iterations takes.
//!
//! Every measured iteration is one of a process of its own, after a few to warm up: so base and head
//! take turns at each iteration, and whatever differs between two starts of a program, such as where
//! its memory lies, is drawn anew each time instead of once.

use std::collections::BTreeMap;
use std::path::Path;

use shared_types::BenchmarkName;
use shared_types::result_document::FailureKind;

use super::super::counting::PreparedCounter;
use super::super::metrics::{OutputSizes, Sample, counts_of_an_iteration};
use super::super::problem::{Problem, Stop, judge};
use super::super::scenario_run::{COUNTING_TIME_FACTOR, variable};
use super::super::surroundings::HostCounts;
use super::group_build::BuiltGroup;
use super::program_times::{ANSWER_BYTES_MAX, listed_benchmarks, program_times};
use crate::CollectorError;
use crate::execution::{Access, Execution, ExecutionReport, Executor, untrusted_file};
use crate::host::HostTree;
use crate::suite::RuntimeGroup;
use crate::toolchain::Toolchain;

/// Iterations before the one that is measured.
const WARM_UP: u32 = 3;

/// By how many iterations the two runs differ between which an emulating counter counts. Emulation is
/// slow, and its counts hardly vary.
const COUNTED: u32 = 2;

/// A program of a group, ready to be run.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProgramRun<'a> {
    pub(super) group: &'a RuntimeGroup,
    pub(super) benchmark: &'a BenchmarkName,
    pub(super) toolchain: &'a Toolchain,
    pub(super) built: &'a BuiltGroup,
    pub(super) executor: &'a Executor,
    /// When the program is killed, in milliseconds.
    pub(super) time_limit_ms: u64,
    /// On an emulated host: what counts every program.
    pub(super) counter_around: Option<&'a PreparedCounter>,
}

/// How one run went.
struct Ran {
    report: ExecutionReport,
    times_ns: Vec<u64>,
}

impl ProgramRun<'_> {
    /// Measures one iteration.
    pub(super) fn measure(&self) -> Result<Sample, Stop> {
        let host = HostTree::of_this_host();
        let before = HostCounts::now(&host);
        let ran = self.run(WARM_UP, None)?;
        let meanwhile = HostCounts::now(&host).since(before);
        let sample = Sample::new(&ran.report, &OutputSizes::default(), meanwhile);
        if let Some(counter) = self.counter_around {
            let count = self.count(counter)?;
            return Ok(sample.counts_and_sizes(counter.metric(), count));
        }
        let counts = self.counts(&ran.report)?;
        Ok(sample.of_program(ran.time_s(), counts))
    }

    /// What the processor counted of one iteration: the difference to a run without warm-up, which
    /// prepares and ends in the same way.
    fn counts(&self, longer: &ExecutionReport) -> Result<BTreeMap<String, f64>, Stop> {
        if counts_of_an_iteration(&longer.counters, &zeros(longer), 1).is_empty() {
            return Ok(BTreeMap::new());
        }
        let shorter = self.run(0, None)?;
        let counts = (&longer.counters, &shorter.report.counters);
        Ok(counts_of_an_iteration(counts.0, counts.1, WARM_UP))
    }

    /// The instructions of one iteration, by a program that counts: the difference between a run of
    /// some and a run of more iterations.
    pub(super) fn count(&self, counter: &PreparedCounter) -> Result<u64, Stop> {
        let counted = |warm_up| {
            self.run(warm_up, Some(counter))?;
            let count = counter.read(self.executor.scratch());
            count.ok_or_else(|| {
                let what = format!("{} counted nothing of {}", counter.metric(), self.name());
                Stop::Problem(Problem::new(FailureKind::Host, what))
            })
        };
        let (shorter, longer) = (counted(0)?, counted(COUNTED)?);
        match longer.checked_sub(shorter) {
            Some(more) if more > 0 => Ok(more / u64::from(COUNTED)),
            _ => Err(Stop::Problem(Problem::new(
                FailureKind::Host,
                format!(
                    "{} counted {shorter} in 1 iteration of {} and {longer} in {}",
                    counter.metric(),
                    self.name(),
                    COUNTED + 1
                ),
            ))),
        }
    }

    /// Asks the program which benchmarks it has.
    pub(super) fn listed(&self) -> Result<Vec<String>, Stop> {
        let (answer, _) = self.answer(&["list".to_owned()], None)?;
        listed_benchmarks(&answer).map_err(|reason| self.not_understood(&reason))
    }

    /// Runs the program for one iteration after some to warm up.
    fn run(&self, warm_up: u32, counter: Option<&PreparedCounter>) -> Result<Ran, Stop> {
        let arguments = [
            "run".to_owned(),
            self.benchmark.to_string(),
            "--warm-up".to_owned(),
            warm_up.to_string(),
            "--iterations".to_owned(),
            "1".to_owned(),
        ];
        let (answer, report) = self.answer(&arguments, counter)?;
        let times_ns = program_times(&answer).map_err(|reason| self.not_understood(&reason))?;
        let told_ns: u128 = times_ns.iter().map(|time| u128::from(*time)).sum();
        if times_ns.len() != 1 || told_ns > u128::from(report.wall_time_ns) {
            return Err(self.not_understood(&format!(
                "it tells {} iterations and {told_ns} ns, and ran for {} ns in all",
                times_ns.len(),
                report.wall_time_ns
            )));
        }
        Ok(Ran { report, times_ns })
    }

    /// What the program answers.
    fn answer(
        &self,
        arguments: &[String],
        counter: Option<&PreparedCounter>,
    ) -> Result<(String, ExecutionReport), Stop> {
        let scratch = self.executor.scratch();
        let output = scratch.join("program.txt");
        let mut execution = Execution {
            program: self.built.program.clone().into(),
            arguments: arguments.iter().map(Into::into).collect(),
            environment: vec![variable("LANG", "C.UTF-8")],
            directory: scratch.into(),
            output: output.clone().into(),
            time_limit_ms: self.time_limit_ms,
            access: self.access(),
        };
        if let Some(counter) = counter {
            counter.wrap(&mut execution, scratch)?;
            let limit_ms = &mut execution.time_limit_ms;
            *limit_ms = limit_ms.saturating_mul(COUNTING_TIME_FACTOR);
        }
        let report = self.executor.run(&execution)?;
        self.judge(&report, &execution)?;
        let answer = untrusted_file::read(Path::new(&output), ANSWER_BYTES_MAX)
            .map_err(CollectorError::io("read", &output))?;
        Ok((String::from_utf8_lossy(&answer).into_owned(), report))
    }

    /// The program reads itself. On an emulated host it is a script beside the real one, which needs
    /// the libraries of the emulated system.
    fn access(&self) -> Access {
        let mut readable = vec![self.built.folder.join("release")];
        if self.counter_around.is_some() {
            readable.extend(self.toolchain.readable());
        }
        Access {
            readable,
            writable: Vec::new(),
        }
    }

    fn judge(&self, report: &ExecutionReport, execution: &Execution) -> Result<(), Stop> {
        let title = self.toolchain.artifact.title.as_deref().unwrap_or("rustc");
        let what = format!("{}, compiled by {title}", self.name());
        let limits = self.executor.sandbox().limits_in_force();
        judge(&what, report, execution, limits).map_err(|stop| match stop {
            // A program that gives a wrong answer ends with a code of its own, and nothing was built.
            Stop::Problem(problem) if problem.kind == FailureKind::BuildFailed => {
                Stop::Problem(Problem {
                    kind: FailureKind::Crashed,
                    ..problem
                })
            }
            other => other,
        })
    }

    fn not_understood(&self, reason: &str) -> Stop {
        Stop::Problem(Problem::new(
            FailureKind::Crashed,
            format!(
                "the answer of the program {} cannot be used: {reason}",
                self.name()
            ),
        ))
    }

    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.group.name, self.benchmark)
    }
}

impl Ran {
    fn time_s(&self) -> f64 {
        self.times_ns.iter().sum::<u64>() as f64 / 1e9
    }
}

/// The same counters, at nothing.
fn zeros(report: &ExecutionReport) -> BTreeMap<String, u64> {
    report
        .counters
        .keys()
        .map(|name| (name.clone(), 0))
        .collect()
}
