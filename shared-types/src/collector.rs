//! What the index keeps of a collector, and the catalogue of the suite that it announces.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::events::CollectorReport;
use crate::format::Versioned;
use crate::job_units::ToolchainUnit;
use crate::test_case::{BenchmarkName, Category, PatchName};
use crate::{FormatVersion, InvalidInput, JobId, Profile, Scenario};

/// A collector as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectorRecord {
    /// What it last said of itself.
    pub report: CollectorReport,
    /// When it was first heard of.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub first_seen_at: Timestamp,
    /// When it was last heard of.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub last_seen_at: Timestamp,
    /// Whether it is to take no more jobs.
    pub draining: bool,
}

impl CollectorRecord {
    /// How long a collector may be silent before it counts as lost, in seconds. It reports every
    /// minute, and every ten seconds while it measures.
    pub const SILENT_SECONDS_MAX: i64 = 150;

    /// Whether it was heard of within [`Self::SILENT_SECONDS_MAX`] before `now`.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        now.as_second() - self.last_seen_at.as_second() <= Self::SILENT_SECONDS_MAX
    }

    /// The job that it said it works on.
    pub fn job(&self) -> Option<JobId> {
        self.report.job
    }
}

/// The catalogue of a suite: what a collector can measure, without how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuiteCatalogue {
    /// The version of this format.
    pub format: FormatVersion,
    /// The benchmarks, in the order of the suite.
    pub benchmarks: Vec<CatalogueEntry>,
    /// The crates of runtime benchmarks, in the order of the suite.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runtime_groups: Vec<RuntimeGroupEntry>,
    /// What the collector can measure of a toolchain itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub toolchain_units: Vec<ToolchainUnit>,
}

/// One crate of runtime benchmarks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeGroupEntry {
    /// Its name.
    pub name: BenchmarkName,
    /// What it stands for.
    pub category: Category,
    /// Its benchmarks.
    pub benchmarks: Vec<BenchmarkName>,
}

/// One benchmark of a suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueEntry {
    /// Its name.
    pub name: BenchmarkName,
    /// What it stands for.
    pub category: Category,
    /// Whether it stays at its version, so that releases of many years are compared by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stable: bool,
    /// Its patches, each a scenario `incr-patched:NAME`.
    #[serde(default)]
    pub patches: Vec<PatchName>,
    /// Combinations that it does not have, and why.
    #[serde(default)]
    pub excluded: Vec<Exclusion>,
}

/// A combination that a benchmark does not have. An absent dimension means all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// The profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// The scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Scenario>,
    /// Why.
    pub reason: String,
}

impl Versioned for SuiteCatalogue {
    const WHAT: &'static str = "the catalogue of a suite";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        let crates = self.benchmarks.iter().map(|entry| &entry.name);
        let groups = self.runtime_groups.iter().map(|group| &group.name);
        let programs = self.runtime_groups.iter().map(|group| &group.benchmarks);
        let lists = [crates.collect(), groups.collect::<Vec<_>>()]
            .into_iter()
            .chain(programs.map(|benchmarks| benchmarks.iter().collect()));
        for mut names in lists {
            names.sort();
            if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
                let reason = format!("it names {} twice", pair[0]);
                return Err(InvalidInput::inconsistent(Self::WHAT, reason));
            }
        }
        let empty = |group: &&RuntimeGroupEntry| group.benchmarks.is_empty();
        match self.runtime_groups.iter().find(empty) {
            Some(group) => Err(InvalidInput::inconsistent(
                Self::WHAT,
                format!("the group {} has no benchmark", group.name),
            )),
            None => Ok(()),
        }
    }
}

impl CatalogueEntry {
    /// Why the benchmark does not have this combination, or `None` where it has it.
    pub fn excludes(&self, profile: Profile, scenario: &Scenario) -> Option<&str> {
        self.excluded
            .iter()
            .find(|exclusion| {
                exclusion.profile.is_none_or(|excluded| excluded == profile)
                    && exclusion
                        .scenario
                        .as_ref()
                        .is_none_or(|excluded| excluded == scenario)
            })
            .map(|exclusion| exclusion.reason.as_str())
    }

    /// The scenarios under `profile`, in the order in which they depend on each other. rustdoc has
    /// no incremental compilation.
    pub fn scenarios(&self, profile: Profile) -> Vec<Scenario> {
        let mut scenarios = vec![Scenario::Full];
        if !matches!(profile, Profile::Doc | Profile::DocJson) {
            scenarios.extend([Scenario::IncrFull, Scenario::IncrUnchanged]);
            scenarios.extend(self.patches.iter().cloned().map(Scenario::IncrPatched));
        }
        scenarios.retain(|scenario| self.excludes(profile, scenario).is_none());
        scenarios
    }
}
