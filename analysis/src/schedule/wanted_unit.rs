//! A unit of any kind, as a request wants it.

use shared_types::job::{Job, JobUnit};
use shared_types::job_units::{BenchmarkKind, RuntimeUnit, ToolchainUnit};
use shared_types::{BenchmarkName, Scenario};

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
