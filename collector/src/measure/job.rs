//! From a job to its result.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared_types::job::{JobMessage, JobUnit};
use shared_types::object_key::ContentHash;
use shared_types::result_document::{
    FailureKind, MeasuredRun, Measurement, MeasuringFailure, MetricValues, ResultDocument,
};
use shared_types::self_profile::SelfProfile;
use shared_types::{ArtifactId, Backend, Epoch, ObjectKey, Scenario, TestCase};

use super::PROTOCOL;
use super::compile_target::CompileTarget;
use super::confined_access::compiling;
use super::counting::InstructionCounter;
use super::iterations::{self, IterationPlan, Side};
use super::metrics::metric;
use super::observer::Observer;
use super::problem::{Problem, Stop, judge};
use super::raw_profiles::RawProfiles;
use super::round_loop::CaseResult;
use super::rounds::RoundPlan;
use super::scenario_run::{COUNTING_TIME_FACTOR, LeafRun, needs_unstable_options, variable};
use super::source_copy::empty_folder;
use super::unit_folder::{Unit, UnitFolder};
use super::workbench::{JobOutcome, Workbench};
use crate::CollectorError;
use crate::execution::{Access, Execution, Executor};
use crate::journal::JobJournal;
use crate::suite::{Benchmark, FetchedBenchmark};
use crate::toolchain::{JobToolchains, Toolchain};

/// A job that is being measured.
pub(super) struct JobMeasuring<'a> {
    pub(super) bench: &'a Workbench,
    pub(super) job: &'a JobMessage,
    pub(super) toolchains: &'a JobToolchains,
    pub(super) flags: Vec<String>,
    /// Artifacts that cannot be measured at all, and why.
    pub(super) refusals: BTreeMap<ArtifactId, Problem>,
    pub(super) observer: Observer<'a>,
    pub(super) document: ResultDocument,
    /// Where raw self-profiles are kept, where the job wants them.
    pub(super) self_profiles: Option<RawProfiles>,
    /// What earlier attempts have finished, and where this one keeps what it finishes.
    pub(super) journal: Option<JobJournal>,
}

impl<'a> JobMeasuring<'a> {
    /// Measures every unit. What was noted until it failed is left in `log_of_failure`.
    pub(super) fn run(mut self, log_of_failure: &mut String) -> Result<JobOutcome, CollectorError> {
        if let Err(error) = self.measure_units() {
            *log_of_failure = std::mem::take(&mut self.observer.log);
            return Err(error);
        }
        self.document.finished_at = Timestamp::now();
        Ok(JobOutcome {
            document: self.document,
            log: self.observer.log,
            self_profiles: self
                .self_profiles
                .map_or_else(Vec::new, RawProfiles::into_kept),
        })
    }

    fn measure_units(&mut self) -> Result<(), CollectorError> {
        self.note_job();
        self.note_host();
        self.probe_flags()?;
        for unit in self.units_in_order() {
            if !self.take_from_journal(unit) {
                let mark = self.mark(unit);
                self.measure_unit_of_job(unit)?;
                self.keep_in_journal(unit, mark);
            }
        }
        Ok(())
    }

    /// Another for each attempt at each job, and the same whenever it is looked at again.
    pub(super) fn seed(&self) -> u64 {
        let name = format!("{}/{}", self.job.job, self.document.attempt);
        let hash = ContentHash::of(name.as_bytes());
        u64::from_str_radix(&hash.as_str()[..16], 16).unwrap_or_default()
    }

    /// So that a log that is read by itself leads to all others about the request.
    fn note_job(&mut self) {
        let JobMessage { job, request, .. } = self.job;
        let attempt = self.document.attempt;
        self.observer
            .note(&format!("job {job}, attempt {attempt}, trace={request}"));
    }

    fn note_host(&mut self) {
        let counted = match &self.bench.counter {
            InstructionCounter::None { reason } => {
                format!("instructions are not counted: {reason}")
            }
            counter => format!(
                "instructions are counted as {}",
                counter.metric().unwrap_or_default()
            ),
        };
        self.observer.note(&counted);
        if let Some(emulator) = &self.bench.host.emulator {
            self.observer.note(&format!(
                "this host is emulated by {emulator}: counts and sizes are told, and nothing else \
                 is known of it"
            ));
        }
        let confinement = &self.bench.executor.sandbox().confinement;
        self.observer
            .note(&format!("what is measured is confined: {confinement}"));
        let counters = self.bench.executor.counters();
        if let Some(cpus) = &counters.cpus {
            let line = format!("programs are kept on the processors {cpus}, which count alike");
            self.observer.note(&line);
        }
        for (metric, reason) in &counters.left_out {
            self.observer
                .note(&format!("{metric} is not counted: {reason}"));
        }
    }

    /// Finds out which artifacts take the flags of the configuration.
    fn probe_flags(&mut self) -> Result<(), CollectorError> {
        let refusal_of_job = self.bench.refusal(self.job);
        for run in &self.job.runs {
            if let Some(problem) = &refusal_of_job {
                let problem = problem.clone();
                self.refusals.insert(run.artifact.clone(), problem);
                continue;
            }
            let refusal = match self.toolchains.get(&run.artifact) {
                None => Err(Stop::Problem(self.missing(&run.artifact))),
                Some(toolchain) if !toolchain.usable => Err(Stop::Problem(Problem::new(
                    FailureKind::Unavailable,
                    format!(
                        "the toolchain {} has no standard library for {}, so that it can build \
                         nothing there",
                        toolchain.names.join(", "),
                        toolchain.host
                    ),
                ))),
                Some(toolchain) if !self.is_for_this_host(toolchain) => {
                    Err(Stop::Problem(self.foreign(toolchain)))
                }
                Some(toolchain) => self.probe(toolchain),
            };
            match refusal {
                Ok(()) => {}
                Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
                Err(Stop::Problem(problem)) => {
                    self.refusals.insert(run.artifact.clone(), problem);
                }
            }
        }
        Ok(())
    }

    pub(super) fn missing(&self, artifact: &ArtifactId) -> Problem {
        let reason = self.toolchains.reason_missing(artifact).map_or_else(
            || {
                format!(
                    "this collector has no toolchain {artifact}: install it, or name one by \
                     `--toolchain {artifact}=PATH`"
                )
            },
            str::to_owned,
        );
        Problem::new(FailureKind::Unavailable, reason)
    }

    /// Whether a toolchain is one of this host's architecture. The kernel may have been told to
    /// start others in an emulator, whose times would be taken for theirs.
    fn is_for_this_host(&self, toolchain: &Toolchain) -> bool {
        let architecture = |target: &str| target.split('-').next().map(str::to_owned);
        architecture(&toolchain.host) == architecture(&self.bench.host.target)
    }

    fn foreign(&self, toolchain: &Toolchain) -> Problem {
        Problem::new(
            FailureKind::Unavailable,
            format!(
                "the toolchain {} runs on {}, and this host is {}: name one for it by `--toolchain \
                 {}=PATH`",
                toolchain.names.join(", "),
                toolchain.host,
                self.bench.host.target,
                toolchain.artifact.id
            ),
        )
    }

    /// When a compilation is killed, in milliseconds.
    pub(super) fn time_limit_ms(&self) -> u64 {
        let factor = match self.bench.counter.around() {
            Some(_) => COUNTING_TIME_FACTOR,
            None => 1,
        };
        let limit_ms = self.job.time_limit_s.saturating_mul(1_000);
        limit_ms.saturating_mul(factor)
    }

    /// Compiles an empty crate with the flags of the configuration.
    fn probe(&self, toolchain: &Toolchain) -> Result<(), Stop> {
        let target = CompileTarget::here(&self.job.record, toolchain);
        target.check_library(toolchain)?;
        if self.flags.is_empty() {
            return Ok(());
        }
        let folder = self.bench.executor.scratch().join("probe");
        empty_folder(&folder)?;
        let source = folder.join("empty.rs");
        std::fs::write(&source, "#![no_std]\n").map_err(CollectorError::io("write", &source))?;
        let messages = self.bench.executor.scratch().join("probe-messages.txt");
        let mut arguments = vec![
            "--crate-type=lib".into(),
            "--out-dir=.".into(),
            "empty.rs".into(),
        ];
        arguments.extend(target.options().into_iter().map(Into::into));
        arguments.extend(self.flags.iter().map(Into::into));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut environment = vec![("PATH".into(), path)];
        if needs_unstable_options(&self.flags) {
            environment.push(variable("RUSTC_BOOTSTRAP", "1"));
        }
        let execution = Execution {
            program: toolchain.rustc.clone().into(),
            arguments,
            environment,
            directory: folder.clone().into(),
            output: messages.clone().into(),
            time_limit_ms: self.time_limit_ms(),
            access: Access {
                writable: vec![folder],
                ..compiling(toolchain)
            },
        };
        let report = self.bench.executor.run(&execution)?;
        let title = toolchain.artifact.title.as_deref().unwrap_or("rustc");
        let what = format!("{title}, asked for `{}`", self.flags.join(" "));
        let limits = self.bench.executor.sandbox().limits_in_force();
        match judge(&what, &report, &execution, limits) {
            Err(Stop::Problem(problem)) if problem.kind != FailureKind::Host => {
                let message = match self.job.record.backend {
                    Backend::Cranelift => no_cranelift(toolchain).unwrap_or(problem.message),
                    Backend::Llvm | Backend::Unknown => problem.message,
                };
                Err(Stop::Problem(Problem {
                    kind: FailureKind::Unavailable,
                    message,
                    ..problem
                }))
            }
            other => other,
        }
    }

    pub(super) fn measure_unit(&mut self, unit: &JobUnit) -> Result<(), CollectorError> {
        let mut prepared = Vec::new();
        for run in &self.job.runs {
            self.observer.current(format!(
                "{}/{} by {}, building what it depends on",
                unit.benchmark, unit.profile, run.artifact
            ));
            match self.prepare(unit, run) {
                Ok(folder) => prepared.push((run.clone(), folder)),
                Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
                Err(Stop::Problem(problem)) => {
                    self.fail(unit, run, None, problem);
                    let skipped = unit.scenarios.len() as u64 * u64::from(self.job.iterations);
                    self.observer.skip(skipped);
                }
            }
        }
        self.iterate(unit, &prepared)
    }

    fn prepare(&self, unit: &JobUnit, run: &MeasuredRun) -> Result<Prepared<'a>, Stop> {
        let (bench, toolchains) = (self.bench, self.toolchains);
        if let Some(problem) = self.refusals.get(&run.artifact) {
            return Err(Stop::Problem(problem.clone()));
        }
        let benchmark = bench.suite.benchmark(&unit.benchmark).map_err(|error| {
            Stop::Problem(Problem::new(FailureKind::Unavailable, error.to_string()))
        })?;
        let Some(toolchain) = toolchains.get(&run.artifact) else {
            return Err(Stop::Problem(self.missing(&run.artifact)));
        };
        let cargo = bench.fetching_cargo(self.job, toolchain)?;
        let fetched = bench.fetched(&unit.benchmark, cargo)?;
        let target = CompileTarget::here(&self.job.record, toolchain);
        let place = Unit {
            benchmark,
            fetched: &fetched,
            profile: unit.profile,
            toolchain,
            target: &target,
        };
        let folder = UnitFolder::prepare(place, &bench.work, &bench.executor)?;
        Ok(Prepared {
            benchmark,
            toolchain,
            target,
            fetched,
            folder,
        })
    }

    fn iterate(
        &mut self,
        unit: &JobUnit,
        prepared: &[(MeasuredRun, Prepared<'_>)],
    ) -> Result<(), CollectorError> {
        let flags = self.flags.clone();
        let beside = |index: usize| self.bench.executor.beside(&format!("side-{index}"));
        let executors: Vec<Executor> = (0..prepared.len()).map(beside).collect::<Result<_, _>>()?;
        let mut sides = Vec::new();
        for ((run, prepared), executor) in prepared.iter().zip(&executors) {
            let leaf = LeafRun {
                unit: Unit {
                    benchmark: prepared.benchmark,
                    fetched: &prepared.fetched,
                    profile: unit.profile,
                    toolchain: prepared.toolchain,
                    target: &prepared.target,
                },
                folder: &prepared.folder,
                flags: &flags,
                executor,
                time_limit_ms: self.time_limit_ms(),
                counter_around: self.bench.counter.around(),
            };
            match leaf.forget_cache() {
                Ok(()) => sides.push(Side::new(run.clone(), leaf, &unit.scenarios)),
                Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
                Err(Stop::Problem(problem)) => self.fail(unit, run, None, problem),
            }
        }
        let options = self.bench.options;
        let is_emulated = self.bench.counter.around().is_some();
        let plan = IterationPlan {
            rounds: match is_emulated {
                true => RoundPlan::of_counts(self.job),
                false => RoundPlan::of(self.job, options.repeat_disturbed),
            },
            // A count is the same whether the host is warm or not.
            warm_up: options.warm_up && !is_emulated,
            seed: self.seed(),
            counter: match &self.bench.counter {
                InstructionCounter::Emulated(counter) => Some(counter),
                InstructionCounter::Hardware
                | InstructionCounter::OfEmulatedHost(_)
                | InstructionCounter::None { .. } => None,
            },
            count_below_s: options.count_below_s,
            self_profiles: self.self_profiles.as_ref(),
        };
        iterations::measure(&mut sides, plan, &mut self.observer)?;
        for side in sides {
            self.keep(unit, side)?;
        }
        Ok(())
    }
}

/// That a toolchain has no Cranelift, in clearer words than the compiler's own, or `None` where it
/// has one.
fn no_cranelift(toolchain: &Toolchain) -> Option<String> {
    let known = &toolchain.codegen_backends;
    let remedy = match toolchain.release.contains("nightly") {
        true => format!(
            "where it is one of rustup, add it by `rustup component add \
             rustc-codegen-cranelift-preview{}`",
            toolchain.rustup_option()
        ),
        false => "rustup has it for nightly toolchains alone, where `rustup component add \
                  rustc-codegen-cranelift-preview --toolchain nightly` adds it"
            .to_owned(),
    };
    (!known.iter().any(|backend| backend == "cranelift")).then(|| {
        format!(
            "the backend cranelift is not available for this toolchain ({}): it has no \
             `librustc_codegen_cranelift` in its `lib/rustlib/{}/codegen-backends`; {remedy}",
            toolchain.names.join(", "),
            toolchain.host
        )
    })
}

/// A benchmark that one run can begin with.
struct Prepared<'a> {
    benchmark: &'a Benchmark,
    toolchain: &'a Toolchain,
    target: CompileTarget,
    fetched: FetchedBenchmark,
    folder: UnitFolder,
}

impl JobMeasuring<'_> {
    /// Puts what one side gave into the result.
    fn keep(&mut self, unit: &JobUnit, side: Side<'_>) -> Result<(), CollectorError> {
        let benchmark = side.leaf.unit.benchmark;
        let inputs_hash = benchmark.epoch_inputs_hash();
        let inputs = [inputs_hash.as_str(), PROTOCOL];
        let epoch = Epoch::of(
            inputs
                .into_iter()
                .chain(self.flags.iter().map(String::as_str))
                .map(str::as_bytes),
        );
        for result in side.scenarios {
            let case = result.case;
            let values = self.metric_values(&case)?;
            if !values.is_empty() {
                self.document.measurements.push(Measurement {
                    artifact: side.run.artifact.clone(),
                    replicate: side.run.replicate,
                    test_case: TestCase::Compile {
                        benchmark: unit.benchmark.clone(),
                        profile: unit.profile,
                        scenario: result.scenario.clone(),
                    },
                    category: Some(benchmark.category),
                    epoch: epoch.clone(),
                    values,
                    disturbed: case.disturbed,
                    self_profile: result.self_profile.map(|(profile, number)| SelfProfile {
                        raw: Some(ObjectKey::SelfProfile {
                            job: self.job.job,
                            attempt: self.document.attempt,
                            unit: number,
                        }),
                        ..profile
                    }),
                });
            }
            if let Some(problem) = case.problem {
                self.fail(unit, &side.run, Some(result.scenario), problem);
            }
        }
        Ok(())
    }

    /// The values of a test case by metric, one for each iteration that has one.
    pub(super) fn metric_values(
        &mut self,
        result: &CaseResult,
    ) -> Result<Vec<MetricValues>, CollectorError> {
        let mut by_name: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
        for (iteration, sample) in result.samples.iter().enumerate() {
            for (name, value) in sample.iter().flat_map(|sample| &sample.values) {
                let values = by_name.entry(name).or_default();
                values.resize(iteration, None);
                values.push(Some(*value));
            }
        }
        if let (Some(count), Some(name)) = (result.instructions, self.bench.counter.metric()) {
            by_name.insert(name, vec![Some(count as f64)]);
        }
        let mut values = Vec::new();
        for (name, iterations) in by_name {
            let metric = metric(name)?;
            values.push(MetricValues {
                metric: metric.name.clone(),
                iterations,
            });
            if !self.document.metrics.contains(&metric) {
                self.document.metrics.push(metric);
            }
        }
        Ok(values)
    }

    fn fail(
        &mut self,
        unit: &JobUnit,
        run: &MeasuredRun,
        scenario: Option<Scenario>,
        problem: Problem,
    ) {
        self.document.failures.push(MeasuringFailure {
            artifact: run.artifact.clone(),
            replicate: run.replicate,
            benchmark: unit.benchmark.clone(),
            profile: unit.profile,
            scenario,
            test_case: None,
            kind: problem.kind,
            message: problem.message,
            output: problem.output,
        });
    }
}
