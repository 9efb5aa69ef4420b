//! A unit of any kind, as a request wants it.

use shared_types::job::{Job, JobUnit};
use shared_types::job_units::{BenchmarkKind, RUNTIME_ITERATIONS_MIN, RuntimeUnit, ToolchainUnit};
use shared_types::{BenchmarkName, Scenario};

/// How long it is assumed to take to build a crate of runtime benchmarks for one run, in seconds.
const RUNTIME_BUILD_SECONDS: f64 = 90.0;

/// How long it is assumed to take to run a program once, its warm-up included, in seconds. Counting
/// its instructions by emulation, which is done once, is a part of it.
const RUNTIME_SECONDS: f64 = 6.0;

/// How long it is assumed to take to build a program with all that it depends on, in seconds.
const WORKSPACE_SECONDS: f64 = 180.0;

/// How long it is assumed to take to build the compiler, in seconds: so that base and head fit into
/// one job.
const BOOTSTRAP_SECONDS: f64 = 55.0 * 60.0;

/// How long it takes to look at sizes, in seconds.
const SIZES_SECONDS: f64 = 1.0;

/// How often something is done for each test case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Repeats {
    /// Iterations that are measured.
    pub(super) iterations: u32,
    /// Compilations of each scenario that record something, beside the iterations.
    pub(super) recordings: u32,
}

/// A unit of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedUnit {
    /// A crate that is compiled.
    Compile(JobUnit),
    /// Programs that are run.
    Runtime(RuntimeUnit),
    /// Something of the toolchain itself.
    Toolchain(ToolchainUnit),
}

impl WantedUnit {
    /// Its kind.
    pub fn kind(&self) -> BenchmarkKind {
        match self {
            Self::Compile(_) => BenchmarkKind::Compile,
            Self::Runtime(_) => BenchmarkKind::Runtime,
            Self::Toolchain(_) => BenchmarkKind::Toolchain,
        }
    }

    /// The units of a job.
    pub fn of_job(job: &Job) -> Vec<Self> {
        let compile = job.units.iter().cloned().map(Self::Compile);
        let runtime = job.runtime_units.iter().cloned().map(Self::Runtime);
        let toolchain = job.toolchain_units.iter().cloned().map(Self::Toolchain);
        compile.chain(runtime).chain(toolchain).collect()
    }

    /// Whether everything of it is among some units, in one or in parts.
    pub fn is_within(&self, units: &[Self]) -> bool {
        match self {
            Self::Compile(wanted) => wanted.scenarios.iter().all(|scenario| {
                units.iter().any(|unit| match unit {
                    Self::Compile(unit) => {
                        unit.benchmark == wanted.benchmark
                            && unit.profile == wanted.profile
                            && unit.scenarios.contains(scenario)
                    }
                    _ => false,
                })
            }),
            Self::Runtime(wanted) => wanted.benchmarks.iter().all(|benchmark| {
                units.iter().any(|unit| match unit {
                    Self::Runtime(unit) => {
                        unit.group == wanted.group && unit.benchmarks.contains(benchmark)
                    }
                    _ => false,
                })
            }),
            Self::Toolchain(_) => units.contains(self),
        }
    }

    /// The name that people read.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Compile(unit) => format!("{}/{}", unit.benchmark, unit.profile),
            Self::Runtime(unit) => unit.group.to_string(),
            Self::Toolchain(unit) => unit.name(),
        }
    }

    /// How long it is expected to take for one run, in seconds, where a single compilation takes
    /// `compilation_s` with all that goes on around it.
    pub(super) fn seconds_of_a_run(&self, repeats: Repeats, compilation_s: f64) -> f64 {
        let Repeats {
            iterations,
            recordings,
        } = repeats;
        let wanted = f64::from(iterations);
        match self {
            Self::Compile(unit) => {
                let of_scenario = wanted + f64::from(recordings);
                compilation_s * unit.scenarios.len() as f64 * of_scenario
            }
            Self::Runtime(unit) => {
                let iterations = f64::from(iterations.max(RUNTIME_ITERATIONS_MIN));
                RUNTIME_BUILD_SECONDS + RUNTIME_SECONDS * unit.benchmarks.len() as f64 * iterations
            }
            Self::Toolchain(ToolchainUnit::ComponentSizes) => SIZES_SECONDS,
            Self::Toolchain(ToolchainUnit::Workspace { .. }) => WORKSPACE_SECONDS * wanted,
            Self::Toolchain(ToolchainUnit::Bootstrap) => BOOTSTRAP_SECONDS,
        }
    }

    /// About how many bytes it takes in a message: its words, and the punctuation around them.
    pub(super) fn message_bytes(&self) -> usize {
        let length = |name: &BenchmarkName| name.as_str().len() + 10;
        match self {
            Self::Compile(unit) => {
                let scenarios = unit.scenarios.iter().map(|scenario| match scenario {
                    Scenario::IncrPatched(patch) => patch.as_str().len() + 20,
                    _ => 20,
                });
                unit.benchmark.as_str().len() + scenarios.sum::<usize>() + 60
            }
            Self::Runtime(unit) => {
                length(&unit.group) + unit.benchmarks.iter().map(length).sum::<usize>() + 60
            }
            Self::Toolchain(unit) => unit.name().len() + 60,
        }
    }
}
