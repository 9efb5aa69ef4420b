//! From a job to its result.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared_types::host::HostFacts;
use shared_types::ids::Attempt;
use shared_types::job::{JobMessage, JobUnit};
use shared_types::result_document::{
    CollectorVersion, FailureKind, MeasuredRun, Measurement, MeasuringFailure, MetricValues,
    Origin, ResultDocument,
};
use shared_types::{
    ArtifactId, Backend, BenchmarkName, ConfigurationRecord, Epoch, FormatVersion, Profile,
    Scenario, TestCase,
};

use super::PROTOCOL;
use super::counting::InstructionCounter;
use super::iterations::{self, IterationPlan, ScenarioResult, Side};
use super::metrics::metric;
use super::problem::{Problem, Stop, judge};
use super::scenario_run::{LeafRun, needs_unstable_options, variable};
use super::source_copy::empty_folder;
use super::unit_folder::{Unit, UnitFolder};
use super::work_directory::WorkDirectory;
use crate::CollectorError;
use crate::execution::{Execution, Executor};
use crate::suite::{Benchmark, FetchPlace, FetchedBenchmark, Suite, fetch};
use crate::toolchain::Toolchain;

/// What a job is measured with.
pub struct Workbench {
    /// The benchmarks.
    pub suite: Suite,
    /// The folder.
    pub work: WorkDirectory,
    /// What runs compilers.
    pub executor: Executor,
    /// How instructions are counted.
    pub counter: InstructionCounter,
    /// The host.
    pub host: HostFacts,
    /// Who measures.
    pub collector: CollectorVersion,
    /// What may be chosen.
    pub options: MeasuringOptions,
}

/// What a person may choose about measuring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasuringOptions {
    /// Instructions are counted by a slow program only where the compilation takes less than this
    /// without, in seconds.
    pub count_below_s: f64,
}

impl Default for MeasuringOptions {
    fn default() -> Self {
        Self { count_below_s: 3.0 }
    }
}

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobProgress {
    /// Compilations done.
    pub done: u64,
    /// Compilations in all.
    pub total: u64,
    /// What is being done.
    pub current: String,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobOutcome {
    /// The result.
    pub document: ResultDocument,
    /// What a person may want to know of how it came about, a line each.
    pub log: String,
}

impl Workbench {
    /// Measures a job. What cannot be measured is part of the result, and the rest goes on.
    ///
    /// # Errors
    /// When the job is not for this host, or was called off.
    pub fn measure(
        &self,
        job: &JobMessage,
        attempt: Attempt,
        toolchains: &BTreeMap<ArtifactId, Toolchain>,
        progress: &mut dyn FnMut(JobProgress),
    ) -> Result<JobOutcome, CollectorError> {
        let flags = self.configuration_flags(&job.record)?;
        let mut measuring = JobMeasuring {
            bench: self,
            job,
            toolchains,
            flags,
            refusals: BTreeMap::new(),
            observer: Observer::new(job, progress),
            document: self.empty_document(job, attempt),
        };
        measuring.note_host();
        measuring.probe_flags()?;
        for unit in &job.units {
            measuring.measure_unit(unit)?;
        }
        let mut document = measuring.document;
        document.finished_at = Timestamp::now();
        Ok(JobOutcome {
            document,
            log: measuring.observer.log,
        })
    }

    /// The compiler's flags for a configuration.
    fn configuration_flags(
        &self,
        record: &ConfigurationRecord,
    ) -> Result<Vec<String>, CollectorError> {
        let unsuitable = |reason: String| Err(CollectorError::Unsuitable { reason });
        if record.target != self.host.target {
            return unsuitable(format!(
                "its configuration is for {}, and this host is {}",
                record.target, self.host.target
            ));
        }
        let model = crate::host::hardware_model(&self.host);
        if record.hardware_model != model {
            return unsuitable(format!(
                "its configuration is for the hardware `{}`, and this host is `{model}`; results \
                 of different hardware are never compared, so register another configuration \
                 (`collector host --json` proposes one)",
                record.hardware_model
            ));
        }
        let mut flags = match record.backend {
            Backend::Llvm => Vec::new(),
            Backend::Cranelift => vec!["-Zcodegen-backend=cranelift".to_owned()],
            Backend::Unknown => {
                return unsuitable("its configuration is of imported results".to_owned());
            }
        };
        if record.frontend_threads > 1 {
            flags.push(format!("-Zthreads={}", record.frontend_threads));
        }
        flags.extend(record.flags.iter().cloned());
        Ok(flags)
    }

    fn empty_document(&self, job: &JobMessage, attempt: Attempt) -> ResultDocument {
        let now = Timestamp::now();
        ResultDocument {
            format: FormatVersion::V1_0,
            job: job.job,
            attempt,
            origin: Origin::Collector,
            configuration: job.configuration.clone(),
            record: job.record.clone(),
            collector: self.collector.clone(),
            host: self.host.clone(),
            started_at: now,
            finished_at: now,
            runs: job.runs.clone(),
            interleaved: job.runs.len() == 2,
            metrics: Vec::new(),
            measurements: Vec::new(),
            failures: Vec::new(),
            log: None,
        }
    }

    /// The command that compiles a benchmark's leaf crate in full, and an empty folder for what it
    /// writes.
    ///
    /// # Errors
    /// When what the benchmark depends on cannot be built.
    pub fn full_execution(
        &self,
        benchmark: &Benchmark,
        profile: Profile,
        toolchain: &Toolchain,
    ) -> Result<Execution, CollectorError> {
        let fetched = self.fetched(&benchmark.name, toolchain)?;
        let unit = Unit {
            benchmark,
            fetched: &fetched,
            profile,
            toolchain,
        };
        let folder =
            UnitFolder::prepare(unit, &self.work, &self.executor).map_err(|stop| match stop {
                Stop::CalledOff => CollectorError::CalledOff,
                Stop::Problem(problem) => CollectorError::Execution {
                    program: toolchain.cargo.display().to_string(),
                    reason: format!("{} {}", problem.message, problem.output),
                },
            })?;
        let leaf = LeafRun {
            unit,
            folder: &folder,
            flags: &[],
            executor: &self.executor,
            time_limit_ms: u64::MAX,
        };
        leaf.full_execution()
    }

    /// Brings a benchmark into the cache.
    fn fetched(
        &self,
        name: &BenchmarkName,
        toolchain: &Toolchain,
    ) -> Result<FetchedBenchmark, CollectorError> {
        let place = FetchPlace {
            cache_dir: self.work.root(),
            cargo: &toolchain.cargo,
        };
        let benchmark = self.suite.benchmark(name)?;
        let mut fetched = fetch(&[benchmark], place, &mut |_| ())?;
        fetched.pop().ok_or(CollectorError::NothingSelected)
    }
}

/// A job that is being measured.
struct JobMeasuring<'a> {
    bench: &'a Workbench,
    job: &'a JobMessage,
    toolchains: &'a BTreeMap<ArtifactId, Toolchain>,
    flags: Vec<String>,
    /// Artifacts that cannot be measured at all, and why.
    refusals: BTreeMap<ArtifactId, Problem>,
    observer: Observer<'a>,
    document: ResultDocument,
}

impl<'a> JobMeasuring<'a> {
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
    }

    /// Finds out which artifacts take the flags of the configuration.
    fn probe_flags(&mut self) -> Result<(), CollectorError> {
        for run in &self.job.runs {
            let refusal = match self.toolchains.get(&run.artifact) {
                None => Err(Stop::Problem(Problem::new(
                    FailureKind::Unavailable,
                    format!(
                        "this collector has no toolchain {}: install it, or name one by \
                         `--toolchain {}=PATH`",
                        run.artifact, run.artifact
                    ),
                ))),
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

    /// Compiles an empty crate with the flags of the configuration.
    fn probe(&self, toolchain: &Toolchain) -> Result<(), Stop> {
        if self.flags.is_empty() {
            return Ok(());
        }
        let folder = self.bench.executor.scratch().join("probe");
        empty_folder(&folder)?;
        let source = folder.join("empty.rs");
        std::fs::write(&source, "#![no_std]\n").map_err(CollectorError::io("write", &source))?;
        let messages = folder.join("messages.txt");
        let mut arguments = vec![
            "--crate-type=lib".into(),
            "--out-dir=.".into(),
            "empty.rs".into(),
        ];
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
            directory: folder.into(),
            output: messages.clone().into(),
            time_limit_ms: self.job.time_limit_s.saturating_mul(1_000),
        };
        let report = self.bench.executor.run(&execution)?;
        let title = toolchain.artifact.title.as_deref().unwrap_or("rustc");
        let what = format!("{title}, asked for `{}`", self.flags.join(" "));
        match judge(&what, report.ending, &messages, execution.time_limit_ms) {
            Err(Stop::Problem(problem)) if problem.kind != FailureKind::Host => {
                Err(Stop::Problem(Problem {
                    kind: FailureKind::Unavailable,
                    ..problem
                }))
            }
            other => other,
        }
    }

    fn measure_unit(&mut self, unit: &JobUnit) -> Result<(), CollectorError> {
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
        let toolchain = &toolchains[&run.artifact];
        let fetched = bench.fetched(&unit.benchmark, toolchain)?;
        let place = Unit {
            benchmark,
            fetched: &fetched,
            profile: unit.profile,
            toolchain,
        };
        let folder = UnitFolder::prepare(place, &bench.work, &bench.executor)?;
        Ok(Prepared {
            benchmark,
            toolchain,
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
        let mut sides = Vec::new();
        for (run, prepared) in prepared {
            let leaf = LeafRun {
                unit: Unit {
                    benchmark: prepared.benchmark,
                    fetched: &prepared.fetched,
                    profile: unit.profile,
                    toolchain: prepared.toolchain,
                },
                folder: &prepared.folder,
                flags: &flags,
                executor: &self.bench.executor,
                time_limit_ms: self.job.time_limit_s.saturating_mul(1_000),
            };
            match leaf.forget_cache() {
                Ok(()) => sides.push(Side::new(run.clone(), leaf, &unit.scenarios)),
                Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
                Err(Stop::Problem(problem)) => self.fail(unit, run, None, problem),
            }
        }
        let plan = IterationPlan {
            iterations: self.job.iterations,
            counter: match &self.bench.counter {
                InstructionCounter::Emulated(counter) => Some(counter),
                InstructionCounter::Hardware | InstructionCounter::None { .. } => None,
            },
            count_below_s: self.bench.options.count_below_s,
        };
        iterations::measure(&mut sides, plan, &mut self.observer)?;
        for side in sides {
            self.keep(unit, side)?;
        }
        Ok(())
    }
}

/// A benchmark that one run can begin with.
struct Prepared<'a> {
    benchmark: &'a Benchmark,
    toolchain: &'a Toolchain,
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
            let values = self.metric_values(&result)?;
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
                });
            }
            if let Some(problem) = result.problem {
                self.fail(unit, &side.run, Some(result.scenario), problem);
            }
        }
        Ok(())
    }

    /// The values of a scenario by metric, one for each iteration that has one.
    fn metric_values(
        &mut self,
        result: &ScenarioResult,
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
            kind: problem.kind,
            message: problem.message,
            output: problem.output,
        });
    }
}

/// Counts compilations, tells whoever wants to know, and keeps the log.
pub(super) struct Observer<'a> {
    progress: JobProgress,
    tell: &'a mut dyn FnMut(JobProgress),
    log: String,
}

impl<'a> Observer<'a> {
    fn new(job: &JobMessage, tell: &'a mut dyn FnMut(JobProgress)) -> Self {
        let scenarios: usize = job.units.iter().map(|unit| unit.scenarios.len()).sum();
        let total = scenarios as u64 * job.runs.len() as u64 * u64::from(job.iterations);
        Self {
            progress: JobProgress {
                done: 0,
                total,
                current: String::new(),
            },
            tell,
            log: String::new(),
        }
    }

    pub(super) fn current(&mut self, current: String) {
        self.progress.current = current;
        (self.tell)(self.progress.clone());
    }

    pub(super) fn step(&mut self) {
        self.skip(1);
    }

    fn skip(&mut self, compilations: u64) {
        self.progress.done += compilations;
        (self.tell)(self.progress.clone());
    }

    pub(super) fn note(&mut self, line: &str) {
        self.log.push_str(line);
        self.log.push('\n');
    }
}
