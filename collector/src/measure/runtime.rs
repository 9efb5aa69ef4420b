//! Runtime benchmarks: programs that the measured compiler compiles, and that are then run.

mod group_build;
mod group_check;
mod program_run;
mod program_times;

use shared_types::job_units::{RUNTIME_ITERATIONS_MIN, RuntimeUnit};
use shared_types::result_document::{FailureKind, MeasuredRun, Measurement, MeasuringFailure};
use shared_types::{BenchmarkName, Epoch, Profile, TestCase};

use super::PROTOCOL;
use super::compile_target::CompileTarget;
use super::counting::{InstructionCounter, PreparedCounter};
use super::job::JobMeasuring;
use super::metrics::Sample;
use super::problem::{Problem, Stop};
use super::round_loop::{CaseResult, MeasuredCase, measure_rounds};
use super::rounds::{RoundPlan, Turns};
use crate::CollectorError;
use crate::execution::Executor;
use crate::suite::RuntimeGroup;
use crate::toolchain::Toolchain;
use group_build::{BuiltGroup, GroupBuild};
pub use group_check::GroupOutcome;
use program_run::ProgramRun;
pub use program_times::program_times;

/// Changes when programs would be measured differently, so that their series start anew.
const RUNTIME_PROTOCOL: &str = "runtime-1";

/// A group that one run's compiler has built.
struct BuiltSide<'a> {
    run: MeasuredRun,
    toolchain: &'a Toolchain,
    built: BuiltGroup,
    executor: Executor,
}

/// One program of one run.
struct ProgramSide<'a> {
    run: MeasuredRun,
    program: ProgramRun<'a>,
    result: CaseResult,
}

impl MeasuredCase for ProgramSide<'_> {
    fn name(&self) -> String {
        format!("{} by {}", self.program.name(), self.run.artifact)
    }

    fn measure(&mut self) -> Result<Sample, Stop> {
        self.program.measure()
    }

    fn result(&self) -> &CaseResult {
        &self.result
    }

    fn result_mut(&mut self) -> &mut CaseResult {
        &mut self.result
    }
}

impl<'a> JobMeasuring<'a> {
    /// Builds a group by the compiler of each run, and measures its programs one after the other.
    pub(super) fn measure_programs(&mut self, unit: &RuntimeUnit) -> Result<(), CollectorError> {
        let bench = self.bench;
        let group = match bench.suite.runtime_group(&unit.group) {
            Ok(group) => group,
            Err(error) => {
                let problem = Problem::new(FailureKind::Unavailable, error.to_string());
                for run in &self.job.runs {
                    self.fail_group(unit, run, &problem);
                }
                return Ok(());
            }
        };
        let mut sides = Vec::new();
        for (index, run) in self.job.runs.iter().enumerate() {
            self.observer
                .current(format!("{}/building by {}", group.name, run.artifact));
            match self.build_group(group, run, index) {
                Ok(side) => sides.push(side),
                Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
                Err(Stop::Problem(problem)) => self.fail_group(unit, run, &problem),
            }
        }
        for benchmark in &unit.benchmarks {
            self.measure_program(group, benchmark, &sides)?;
        }
        Ok(())
    }

    fn build_group(
        &self,
        group: &RuntimeGroup,
        run: &MeasuredRun,
        index: usize,
    ) -> Result<BuiltSide<'a>, Stop> {
        let (bench, toolchains) = (self.bench, self.toolchains);
        if let Some(problem) = self.refusals.get(&run.artifact) {
            return Err(Stop::Problem(problem.clone()));
        }
        let Some(toolchain) = toolchains.get(&run.artifact) else {
            return Err(Stop::Problem(self.missing(&run.artifact)));
        };
        CompileTarget::here(&self.job.record, toolchain).check_runs_here(toolchain)?;
        let cargo = bench.fetching_cargo(self.job, toolchain)?;
        let source = bench.fetched_group(group, cargo)?;
        let build = GroupBuild {
            group,
            source: &source,
            toolchain,
            flags: &self.flags,
        };
        Ok(BuiltSide {
            run: run.clone(),
            toolchain,
            built: build.built(&bench.work, &bench.executor)?,
            executor: bench.executor.beside(&format!("side-{index}"))?,
        })
    }

    /// Measures one program: all rounds, then the count of instructions where that takes a run of its
    /// own.
    fn measure_program(
        &mut self,
        group: &RuntimeGroup,
        benchmark: &BenchmarkName,
        built: &[BuiltSide<'_>],
    ) -> Result<(), CollectorError> {
        let bench = self.bench;
        let around = bench.counter.around();
        let mut sides: Vec<ProgramSide<'_>> = Vec::new();
        for side in built {
            sides.push(ProgramSide {
                run: side.run.clone(),
                program: ProgramRun {
                    group,
                    benchmark,
                    toolchain: side.toolchain,
                    built: &side.built,
                    executor: &side.executor,
                    time_limit_ms: self.time_limit_ms(),
                    counter_around: around,
                },
                result: CaseResult::default(),
            });
        }
        let plan = match around {
            Some(_) => RoundPlan::of_counts(self.job),
            None => RoundPlan::of(self.job, bench.options.repeat_disturbed)
                .at_least(RUNTIME_ITERATIONS_MIN),
        };
        let mut turns = Turns::new(self.seed());
        measure_rounds(&mut sides, (plan, &mut turns), &mut self.observer)?;
        if let InstructionCounter::Emulated(counter) = &bench.counter {
            for side in &mut sides {
                self.count_program(side, counter)?;
            }
        }
        for side in sides {
            self.keep_program(group, benchmark, side)?;
        }
        Ok(())
    }

    /// Without a count the metric is absent, and the log says why.
    fn count_program(
        &mut self,
        side: &mut ProgramSide<'_>,
        counter: &PreparedCounter,
    ) -> Result<(), CollectorError> {
        let limit_s = self.bench.options.count_below_s;
        let (Some(fastest_s), None) = (side.result.fastest_s(), &side.result.problem) else {
            return Ok(());
        };
        let name = side.name();
        if fastest_s >= limit_s {
            self.observer.note(&format!(
                "{name}: {} is left out, since an iteration takes {fastest_s:.1} s without counting \
                 and the limit (--count-below) is {limit_s} s",
                counter.metric()
            ));
            return Ok(());
        }
        self.observer
            .current(format!("{name}, counting instructions"));
        match side.program.count(counter) {
            Ok(count) => side.result.instructions = Some(count),
            Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
            Err(Stop::Problem(problem)) => self.observer.note(&format!(
                "{name}: instructions are left out, since counting failed: {} {}",
                problem.message, problem.output
            )),
        }
        Ok(())
    }

    fn keep_program(
        &mut self,
        group: &RuntimeGroup,
        benchmark: &BenchmarkName,
        side: ProgramSide<'_>,
    ) -> Result<(), CollectorError> {
        let test_case = TestCase::Runtime {
            group: group.name.clone(),
            benchmark: benchmark.clone(),
        };
        let values = self.metric_values(&side.result)?;
        if !values.is_empty() {
            self.document.measurements.push(Measurement {
                artifact: side.run.artifact.clone(),
                replicate: side.run.replicate,
                test_case: test_case.clone(),
                category: Some(group.category),
                epoch: self.epoch_of(&[&group.epoch_inputs_hash(), RUNTIME_PROTOCOL]),
                values,
                disturbed: side.result.disturbed,
                self_profile: None,
            });
        }
        if let Some(problem) = side.result.problem {
            self.fail_case(&side.run, &group.name, test_case, problem);
        }
        Ok(())
    }

    /// None of a group's programs can be measured of a run.
    fn fail_group(&mut self, unit: &RuntimeUnit, run: &MeasuredRun, problem: &Problem) {
        for test_case in unit.test_cases() {
            self.fail_case(run, &unit.group, test_case, problem.clone());
        }
        let iterations = self.job.iterations.max(RUNTIME_ITERATIONS_MIN);
        let skipped = unit.benchmarks.len() as u64 * u64::from(iterations);
        self.observer.skip(skipped);
    }

    /// Notes what could not be measured, where it is no compilation.
    pub(super) fn fail_case(
        &mut self,
        run: &MeasuredRun,
        benchmark: &BenchmarkName,
        test_case: TestCase,
        problem: Problem,
    ) {
        self.document.failures.push(MeasuringFailure {
            artifact: run.artifact.clone(),
            replicate: run.replicate,
            benchmark: benchmark.clone(),
            profile: Profile::Opt,
            scenario: None,
            test_case: Some(test_case),
            kind: problem.kind,
            message: problem.message,
            output: problem.output,
        });
    }

    /// The epoch of what is measured with these inputs, under this configuration's flags.
    pub(super) fn epoch_of(&self, inputs: &[&str]) -> Epoch {
        let inputs = inputs.iter().copied().chain([PROTOCOL]);
        let flags = self.flags.iter().map(String::as_str);
        Epoch::of(inputs.chain(flags).map(str::as_bytes))
    }
}
