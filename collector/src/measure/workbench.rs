//! What jobs are measured with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use shared_types::host::HostFacts;
use shared_types::ids::Attempt;
use shared_types::job::JobMessage;
use shared_types::job_units::ToolchainUnit;
use shared_types::result_document::{CollectorVersion, FailureKind, Origin, ResultDocument};
use shared_types::{Backend, BenchmarkName, ConfigurationRecord, FormatVersion, Profile};

use super::compile_target::CompileTarget;
use super::counting::InstructionCounter;
use super::job::JobMeasuring;
use super::observer::{JobProgress, Observer};
use super::problem::{Problem, Stop};
use super::raw_profiles::{RawProfile, RawProfiles};
use super::scenario_run::LeafRun;
use super::unit_folder::{Unit, UnitFolder};
use super::work_directory::WorkDirectory;
use crate::CollectorError;
use crate::execution::{Execution, Executor};
use crate::journal::JobJournal;
use crate::suite::{
    Benchmark, FetchPlace, FetchedBenchmark, RuntimeGroup, Suite, fetch, fetch_group,
};
use crate::toolchain::{JobToolchains, Toolchain};

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
    /// A checkout of the compiler's sources, prepared to be built offline, where this host has one.
    pub rustc_checkout: Option<PathBuf>,
    /// A cargo of this host's own, which fetches for compilers that nobody vouches for: fetching is
    /// not confined, since it needs the network.
    pub own_cargo: Option<PathBuf>,
}

/// What a person may choose about measuring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasuringOptions {
    /// Instructions are counted by a slow program only where the compilation takes less than this
    /// without, in seconds.
    pub count_below_s: f64,
    /// Whether each side of a unit is compiled once before anything is measured.
    pub warm_up: bool,
    /// Whether an iteration that something else spoilt is marked and measured once more.
    pub repeat_disturbed: bool,
    /// Jobs that nobody vouches for are measured even where nothing confines them.
    pub allow_unconfined: bool,
}

impl Default for MeasuringOptions {
    fn default() -> Self {
        Self {
            count_below_s: 3.0,
            warm_up: true,
            repeat_disturbed: true,
            allow_unconfined: false,
        }
    }
}

/// A job, as it came to a collector.
pub struct DeliveredJob<'a> {
    /// What is to be measured.
    pub job: &'a JobMessage,
    /// Which delivery of it this is.
    pub attempt: Attempt,
    /// What earlier attempts have finished of it, and where this one keeps what it finishes. Without a
    /// journal all is measured, and nothing kept.
    pub journal: Option<JobJournal>,
    /// Where what was noted is left when there is no outcome that has it.
    pub log_of_failure: &'a mut String,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobOutcome {
    /// The result.
    pub document: ResultDocument,
    /// What a person may want to know of how it came about, a line each.
    pub log: String,
    /// The raw self-profiles, where the job wanted them. They lie in the work folder: in the journal
    /// where there is one, else until the next job begins.
    pub self_profiles: Vec<RawProfile>,
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
        toolchains: &JobToolchains,
        progress: &mut dyn FnMut(JobProgress),
    ) -> Result<JobOutcome, CollectorError> {
        let delivered = DeliveredJob {
            job,
            attempt,
            journal: None,
            log_of_failure: &mut String::new(),
        };
        self.measure_delivered(delivered, toolchains, progress)
    }

    /// Measures what is not yet finished of a job. What is finished now is put into its journal.
    ///
    /// # Errors
    /// As [`measure`](Self::measure).
    pub fn measure_delivered(
        &self,
        delivered: DeliveredJob<'_>,
        toolchains: &JobToolchains,
        progress: &mut dyn FnMut(JobProgress),
    ) -> Result<JobOutcome, CollectorError> {
        let DeliveredJob {
            job,
            attempt,
            journal,
            log_of_failure,
        } = delivered;
        let flags = self.configuration_flags(&job.record)?;
        let measuring = JobMeasuring {
            bench: self,
            job,
            toolchains,
            flags,
            refusals: BTreeMap::new(),
            observer: Observer::new(job, progress),
            document: self.empty_document(job, attempt),
            self_profiles: match (job.self_profile, &journal) {
                (false, _) => None,
                (true, None) => Some(self.raw_profiles()?),
                (true, Some(journal)) => Some(RawProfiles::in_journal(journal)?),
            },
            journal,
        };
        measuring.run(log_of_failure)
    }

    /// Why a job is not measured here at all, if it is not: nobody vouches for its compilers, and
    /// nothing would keep them from this host's files and network.
    pub fn refusal(&self, job: &JobMessage) -> Option<Problem> {
        let confinement = &self.executor.sandbox().confinement;
        let may_run = job.is_trusted()
            || confinement.is_enough_for_untrusted()
            || self.options.allow_unconfined;
        (!may_run).then(|| {
            Problem::new(
                FailureKind::Unavailable,
                format!(
                    "nobody vouches for the compilers of this job, and on the host {} nothing \
                     confines them enough (confinement: {confinement}). Install bubblewrap 0.8 or \
                     newer there and see what `collector doctor` says, or start the collector with \
                     --allow-unconfined if every compiler that it may be sent can be trusted",
                    self.host.name
                ),
            )
        })
    }

    fn raw_profiles(&self) -> Result<RawProfiles, CollectorError> {
        RawProfiles::in_empty(self.executor.scratch().join("self-profiles"))
    }

    /// The compiler's flags for a configuration.
    pub(super) fn configuration_flags(
        &self,
        record: &ConfigurationRecord,
    ) -> Result<Vec<String>, CollectorError> {
        let unsuitable = |reason: String| Err(CollectorError::Unsuitable { reason });
        // What an emulated host compiles for another target would be counted by an emulator that
        // nobody has tried with it.
        if record.target != self.host.target && self.host.emulator.is_some() {
            return unsuitable(format!(
                "its configuration is for {}, and this host is an emulated {}",
                record.target, self.host.target
            ));
        }
        if !is_triple(&record.target) {
            return unsuitable(format!(
                "`{}` is not the triple of a target that rustc knows by its name",
                record.target
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
            // As it is for this job: a setting may have changed since the collector started.
            host: crate::host::facts_now(&self.host),
            started_at: now,
            finished_at: now,
            runs: job.runs.clone(),
            interleaved: job.runs.len() == 2,
            metrics: Vec::new(),
            measurements: Vec::new(),
            failures: Vec::new(),
            log: None,
            resumed: Vec::new(),
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
        let fetched = self.fetched(&benchmark.name, &toolchain.cargo)?;
        let unit = Unit {
            benchmark,
            fetched: &fetched,
            profile,
            toolchain,
            target: &CompileTarget::Host,
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
            counter_around: self.counter.around(),
        };
        leaf.full_execution()
    }

    /// The cargo that fetches what is built by a toolchain: its own, or this host's where nobody
    /// vouches for the toolchain.
    pub(super) fn fetching_cargo<'a>(
        &'a self,
        job: &JobMessage,
        toolchain: &'a Toolchain,
    ) -> Result<&'a Path, Problem> {
        let own = self.own_cargo.as_deref();
        if job.is_trusted() || self.options.allow_unconfined {
            return Ok(&toolchain.cargo);
        }
        own.ok_or_else(|| {
            Problem::new(
                FailureKind::Unavailable,
                "nobody vouches for the compilers of this job, so that their own cargo does not \
                 get the network that fetching takes, and this host has no other: install a \
                 toolchain by rustup",
            )
        })
    }

    /// Brings a crate of runtime benchmarks into the cache. Returns its folder.
    pub(super) fn fetched_group(
        &self,
        group: &RuntimeGroup,
        cargo: &Path,
    ) -> Result<PathBuf, CollectorError> {
        let place = FetchPlace {
            cache_dir: self.work.root(),
            cargo,
        };
        fetch_group(group, place)
    }

    /// What can be measured of a toolchain itself. An emulated host tells no times, and its compilers
    /// are scripts, whose sizes say nothing.
    pub fn toolchain_units(&self) -> Vec<ToolchainUnit> {
        if self.counter.around().is_some() {
            return Vec::new();
        }
        let whole = self.suite.whole_builds.iter().cloned();
        let mut units = vec![ToolchainUnit::ComponentSizes];
        units.extend(whole.map(|benchmark| ToolchainUnit::Workspace { benchmark }));
        if self.rustc_checkout.is_some() {
            units.push(ToolchainUnit::Bootstrap);
        }
        units
    }

    /// Brings a benchmark into the cache.
    pub(super) fn fetched(
        &self,
        name: &BenchmarkName,
        cargo: &Path,
    ) -> Result<FetchedBenchmark, CollectorError> {
        let place = FetchPlace {
            cache_dir: self.work.root(),
            cargo,
        };
        let benchmark = self.suite.benchmark(name)?;
        let mut fetched = fetch(&[benchmark], place, &mut |_| ())?;
        fetched.pop().ok_or(CollectorError::NothingSelected)
    }
}

/// Whether a text can be the name of a target: no path, and no option of a program.
fn is_triple(target: &str) -> bool {
    let is_part = |part: &str| {
        let mut letters = part.bytes();
        !part.is_empty()
            && letters.all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.'))
    };
    !target.contains("..") && target.contains('-') && target.split('-').all(is_part)
}
