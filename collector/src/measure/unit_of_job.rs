//! The units of a job, of whichever kind, and their order.

use shared_types::job::{JobMessage, JobUnit};
use shared_types::job_units::{RuntimeUnit, ToolchainUnit};

use super::job::JobMeasuring;
use crate::CollectorError;
use crate::suite::Suite;

/// A unit.
#[derive(Debug, Clone, Copy)]
pub(super) enum UnitOfJob<'a> {
    /// A crate that is compiled.
    Compile(&'a JobUnit),
    /// Programs that are run.
    Runtime(&'a RuntimeUnit),
    /// Something of the toolchain itself.
    Toolchain(&'a ToolchainUnit),
}

impl UnitOfJob<'_> {
    /// What tells it from all others of its job: all of it.
    pub(super) fn identity(self) -> String {
        let json = match self {
            Self::Compile(unit) => serde_json::to_string(unit),
            Self::Runtime(unit) => serde_json::to_string(unit),
            Self::Toolchain(unit) => serde_json::to_string(unit),
        };
        json.unwrap_or_else(|_| format!("{self:?}"))
    }

    /// The name that people read.
    pub(super) fn name(self) -> String {
        match self {
            Self::Compile(unit) => format!("{}/{}", unit.benchmark, unit.profile),
            Self::Runtime(unit) => unit.group.to_string(),
            Self::Toolchain(unit) => unit.name(),
        }
    }

    /// How many steps of its job it is, over all runs.
    pub(super) fn compilations(self, job: &JobMessage) -> u64 {
        let mut alone = JobMessage {
            units: Vec::new(),
            runtime_units: Vec::new(),
            toolchain_units: Vec::new(),
            ..job.clone()
        };
        match self {
            Self::Compile(unit) => alone.units.push(unit.clone()),
            Self::Runtime(unit) => alone.runtime_units.push(unit.clone()),
            Self::Toolchain(unit) => alone.toolchain_units.push(unit.clone()),
        }
        alone.compilations()
    }

    /// What of the suite goes into it, as a hash; `None` for what the suite has no part in, or does
    /// not know.
    pub(super) fn inputs(self, suite: &Suite) -> Option<String> {
        match self {
            Self::Compile(JobUnit { benchmark, .. })
            | Self::Toolchain(ToolchainUnit::Workspace { benchmark }) => {
                let benchmark = suite.benchmark(benchmark).ok()?;
                Some(benchmark.epoch_inputs_hash())
            }
            Self::Runtime(unit) => {
                let mut groups = suite.runtime_groups.iter();
                let group = groups.find(|group| group.name == unit.group)?;
                Some(group.epoch_inputs_hash())
            }
            Self::Toolchain(ToolchainUnit::ComponentSizes | ToolchainUnit::Bootstrap) => None,
        }
    }
}

impl<'a> JobMeasuring<'a> {
    /// All units, the kinds one after the other.
    pub(super) fn units_in_order(&self) -> Vec<UnitOfJob<'a>> {
        let job = self.job;
        let compiled = self.by_lot(&job.units).into_iter().map(UnitOfJob::Compile);
        let programs = self.by_lot(&job.runtime_units).into_iter();
        let of_toolchain = self.by_lot(&job.toolchain_units).into_iter();
        compiled
            .chain(programs.map(UnitOfJob::Runtime))
            .chain(of_toolchain.map(UnitOfJob::Toolchain))
            .collect()
    }

    pub(super) fn measure_unit_of_job(
        &mut self,
        unit: UnitOfJob<'_>,
    ) -> Result<(), CollectorError> {
        match unit {
            UnitOfJob::Compile(unit) => self.measure_unit(unit),
            UnitOfJob::Runtime(unit) => self.measure_programs(unit),
            UnitOfJob::Toolchain(unit) => self.measure_toolchain(unit),
        }
    }

    /// The units in an order that is drawn by lot, so that what comes over a host in the course of a
    /// job does not meet the same benchmarks every time.
    fn by_lot<Unit>(&self, units: &'a [Unit]) -> Vec<&'a Unit> {
        let mut units: Vec<&Unit> = units.iter().collect();
        fastrand::Rng::with_seed(self.seed()).shuffle(&mut units);
        units
    }
}
