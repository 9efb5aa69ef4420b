//! Toolchain benchmarks: how large a toolchain is, and how long it takes to build much code.

mod bootstrap;
mod build_run;
mod component_sizes;
mod crate_times;
mod crate_values;
mod whole_build;

use shared_types::job_units::{ToolchainUnit, WHOLE_BUILD_SECONDS_MAX};
use shared_types::result_document::{FailureKind, MeasuredRun, Measurement, MetricValues};
use shared_types::{BenchmarkName, TestCase};

use super::compile_target::CompileTarget;
use super::job::JobMeasuring;
use super::metrics::metric;
use super::problem::{Problem, Stop};
use super::round_loop::{CaseResult, measure_rounds};
use super::rounds::{RoundPlan, Turns};
use crate::CollectorError;
use crate::toolchain::Toolchain;
use bootstrap::Bootstrap;
use build_run::{Build, BuildSide};
use component_sizes::component_sizes;
pub use crate_times::crate_times;
pub(crate) use crate_times::time_crate;
use crate_values::crate_values;
use whole_build::WholeBuild;

/// Changes when toolchains would be measured differently, so that their series start anew.
const TOOLCHAIN_PROTOCOL: &str = "toolchain-1";

/// How long a whole build may take at least before it is killed, in milliseconds: a job's limit is made
/// for one compilation.
const BUILD_TIME_LIMIT_MS_MIN: u64 = 60 * 60 * 1_000;

impl<'a> JobMeasuring<'a> {
    /// Measures something of the toolchain of each run.
    pub(super) fn measure_toolchain(&mut self, unit: &ToolchainUnit) -> Result<(), CollectorError> {
        match unit {
            ToolchainUnit::ComponentSizes => self.measure_sizes(unit),
            ToolchainUnit::Workspace { .. } | ToolchainUnit::Bootstrap => self.measure_builds(unit),
        }
    }

    fn measure_sizes(&mut self, unit: &ToolchainUnit) -> Result<(), CollectorError> {
        for run in &self.job.runs {
            let name = unit.name();
            self.observer.current(format!("{name} of {}", run.artifact));
            let sizes = match self.usable_toolchain(run) {
                Ok(toolchain) => component_sizes(&toolchain.sysroot, &toolchain.host)?,
                Err(problem) => {
                    self.fail_unit(unit, run, problem)?;
                    continue;
                }
            };
            for (component, bytes) in sizes {
                let sizes = MetricValues {
                    metric: "size:component".parse()?,
                    iterations: vec![Some(bytes as f64)],
                };
                self.keep_component(run, component, &[ToolchainUnit::COMPONENT_SIZES], sizes)?;
            }
            self.observer.step();
        }
        Ok(())
    }

    /// Builds much code by the toolchain of each run, in turn.
    fn measure_builds(&mut self, unit: &ToolchainUnit) -> Result<(), CollectorError> {
        let bench = self.bench;
        let mut sides = Vec::new();
        let mut epochs = Vec::new();
        for (index, run) in self.job.runs.iter().enumerate() {
            self.observer
                .current(format!("{unit} by {}, preparing", run.artifact));
            let prepared = self
                .usable_toolchain(run)
                .map_err(Stop::Problem)
                .and_then(|toolchain| self.prepare_build(unit, toolchain));
            match prepared {
                Ok((build, epoch)) => {
                    let executor = bench.executor.beside(&format!("side-{index}"))?;
                    sides.push(BuildSide::new(run.clone(), build, executor));
                    epochs.push(epoch);
                }
                Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
                Err(Stop::Problem(problem)) => self.fail_unit(unit, run, problem)?,
            }
        }
        if sides.is_empty() {
            return Ok(());
        }
        let mut turns = Turns::new(self.seed());
        let plan = RoundPlan::of(self.job, bench.options.repeat_disturbed);
        let plan = match unit {
            ToolchainUnit::Bootstrap => plan.once(),
            _ => plan.within(WHOLE_BUILD_SECONDS_MAX),
        };
        measure_rounds(&mut sides, (plan, &mut turns), &mut self.observer)?;
        let of_crates = crate_values(&sides);
        for ((side, crates), epoch) in sides.into_iter().zip(of_crates).zip(&epochs) {
            self.keep_build(unit, side, (crates, epoch))?;
        }
        Ok(())
    }

    /// What builds, and what decides whether two builds can be compared.
    fn prepare_build(
        &self,
        unit: &ToolchainUnit,
        toolchain: &'a Toolchain,
    ) -> Result<(Build<'a>, String), Stop> {
        let bench = self.bench;
        let folder = bench.work.builds_of(toolchain).join(unit.name());
        match unit {
            ToolchainUnit::Workspace { benchmark } => {
                let benchmark = bench
                    .suite
                    .benchmark(benchmark)
                    .map_err(|error| Problem::new(FailureKind::Unavailable, error.to_string()))?;
                let cargo = bench.fetching_cargo(self.job, toolchain)?;
                let fetched = bench.fetched(&benchmark.name, cargo)?;
                let build = WholeBuild {
                    benchmark,
                    source: fetched.path,
                    toolchain,
                    flags: self.flags.clone(),
                };
                let limit_ms = self.time_limit_ms().max(BUILD_TIME_LIMIT_MS_MIN);
                let build = build.into_build(folder, limit_ms);
                Ok((build, benchmark.epoch_inputs_hash()))
            }
            ToolchainUnit::Bootstrap | ToolchainUnit::ComponentSizes => {
                let bootstrap = Bootstrap::find(bench.rustc_checkout.as_deref(), toolchain)?;
                let version = bootstrap.version.clone();
                Ok((bootstrap.into_build(folder), version))
            }
        }
    }

    /// The toolchain of a run, or why it cannot be measured.
    fn usable_toolchain(&self, run: &MeasuredRun) -> Result<&'a Toolchain, Problem> {
        let toolchains = self.toolchains;
        if let Some(problem) = self.refusals.get(&run.artifact) {
            return Err(problem.clone());
        }
        if self.bench.counter.around().is_some() {
            return Err(Problem::new(
                FailureKind::Unavailable,
                "this host is emulated: it tells no times, and its compilers are scripts around the \
                 emulator, whose sizes say nothing",
            ));
        }
        let found = toolchains.get(&run.artifact);
        let toolchain = found.ok_or_else(|| self.missing(&run.artifact))?;
        CompileTarget::here(&self.job.record, toolchain).check_runs_here(toolchain)?;
        Ok(toolchain)
    }

    fn keep_build(
        &mut self,
        unit: &ToolchainUnit,
        side: BuildSide<'_>,
        (crates, epoch): (Vec<(String, MetricValues)>, &str),
    ) -> Result<(), CollectorError> {
        let BuildSide { run, result, .. } = side;
        let inputs = [unit.name(), epoch.to_owned()];
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        self.keep_whole(&run, &unit.name(), &inputs, &result)?;
        for (name, times) in crates {
            self.keep_component(&run, &name, &inputs, times)?;
        }
        match result.problem {
            Some(problem) => self.fail_build(unit, &run, problem),
            None => Ok(()),
        }
    }

    /// Keeps what is told of the whole build.
    fn keep_whole(
        &mut self,
        run: &MeasuredRun,
        name: &str,
        inputs: &[&str],
        result: &CaseResult,
    ) -> Result<(), CollectorError> {
        let values = self.metric_values(result)?;
        if values.is_empty() {
            return Ok(());
        }
        let mut measurement = self.component_measurement(run, name, inputs)?;
        measurement.values = values;
        measurement.disturbed.clone_from(&result.disturbed);
        self.document.measurements.push(measurement);
        Ok(())
    }

    /// Keeps one metric of a component.
    fn keep_component(
        &mut self,
        run: &MeasuredRun,
        name: &str,
        inputs: &[&str],
        values: MetricValues,
    ) -> Result<(), CollectorError> {
        let metric = metric(values.metric.as_str())?;
        if !self.document.metrics.contains(&metric) {
            self.document.metrics.push(metric);
        }
        let mut measurement = self.component_measurement(run, name, inputs)?;
        measurement.values.push(values);
        self.document.measurements.push(measurement);
        Ok(())
    }

    fn component_measurement(
        &self,
        run: &MeasuredRun,
        name: &str,
        inputs: &[&str],
    ) -> Result<Measurement, CollectorError> {
        let component: BenchmarkName = name.parse()?;
        Ok(Measurement {
            artifact: run.artifact.clone(),
            replicate: run.replicate,
            test_case: TestCase::Toolchain { component },
            category: None,
            epoch: self.epoch_of(&[&[TOOLCHAIN_PROTOCOL], inputs].concat()),
            values: Vec::new(),
            disturbed: Vec::new(),
            self_profile: None,
        })
    }

    /// Nothing of a unit can be measured of a run.
    fn fail_unit(
        &mut self,
        unit: &ToolchainUnit,
        run: &MeasuredRun,
        problem: Problem,
    ) -> Result<(), CollectorError> {
        let iterations = match unit {
            ToolchainUnit::Workspace { .. } => self.job.iterations,
            ToolchainUnit::ComponentSizes | ToolchainUnit::Bootstrap => 1,
        };
        self.observer.skip(u64::from(iterations));
        self.fail_build(unit, run, problem)
    }

    fn fail_build(
        &mut self,
        unit: &ToolchainUnit,
        run: &MeasuredRun,
        problem: Problem,
    ) -> Result<(), CollectorError> {
        let component: BenchmarkName = unit.name().parse()?;
        let test_case = TestCase::Toolchain {
            component: component.clone(),
        };
        self.fail_case(run, &component, test_case, problem);
        Ok(())
    }
}
