//! What a collector announces of its suite.

use shared_types::collector::{CatalogueEntry, Exclusion, RuntimeGroupEntry, SuiteCatalogue};
use shared_types::object_key::ContentHash;
use shared_types::test_case::ScenarioKind;
use shared_types::{FormatVersion, ObjectKey, Scenario};

use crate::CollectorError;
use crate::measure::Workbench;
use crate::suite::{self, Benchmark, RuntimeGroup};

/// The catalogue of a suite, as it is stored.
pub(super) struct Catalogue {
    pub(super) json: Vec<u8>,
    pub(super) hash: ContentHash,
}

impl Catalogue {
    /// What can be measured on a workbench.
    pub(super) fn of(bench: &Workbench) -> Result<Self, CollectorError> {
        let suite = &bench.suite;
        let catalogue = SuiteCatalogue {
            format: FormatVersion::V1_0,
            benchmarks: suite.benchmarks.iter().map(entry).collect(),
            runtime_groups: suite.runtime_groups.iter().map(group).collect(),
            toolchain_units: bench.toolchain_units(),
        };
        let json =
            serde_json::to_vec(&catalogue).map_err(|error| CollectorError::SuiteManifest {
                reason: error.to_string(),
            })?;
        Ok(Self {
            hash: ContentHash::of(&json),
            json,
        })
    }

    pub(super) fn key(&self) -> ObjectKey {
        ObjectKey::Suite {
            content_hash: self.hash.clone(),
        }
    }
}

fn group(group: &RuntimeGroup) -> RuntimeGroupEntry {
    RuntimeGroupEntry {
        name: group.name.clone(),
        category: group.category,
        benchmarks: group.benchmarks.clone(),
    }
}

fn entry(benchmark: &Benchmark) -> CatalogueEntry {
    CatalogueEntry {
        name: benchmark.name.clone(),
        category: benchmark.category,
        stable: benchmark.stable,
        patches: benchmark
            .patches
            .iter()
            .map(|patch| patch.name.clone())
            .collect(),
        excluded: benchmark
            .exclusions
            .iter()
            .flat_map(|exclusion| exclusions(benchmark, exclusion))
            .collect(),
    }
}

/// The suite excludes kinds of scenarios, and the catalogue single ones.
fn exclusions(benchmark: &Benchmark, exclusion: &suite::Exclusion) -> Vec<Exclusion> {
    let excluded = |scenario: Option<Scenario>| Exclusion {
        profile: exclusion.profile,
        scenario,
        reason: exclusion.reason.clone(),
    };
    match exclusion.scenario {
        None => vec![excluded(None)],
        Some(ScenarioKind::Full) => vec![excluded(Some(Scenario::Full))],
        Some(ScenarioKind::IncrFull) => vec![excluded(Some(Scenario::IncrFull))],
        Some(ScenarioKind::IncrUnchanged) => vec![excluded(Some(Scenario::IncrUnchanged))],
        Some(ScenarioKind::IncrPatched) => benchmark
            .patches
            .iter()
            .map(|patch| excluded(Some(Scenario::IncrPatched(patch.name.clone()))))
            .collect(),
    }
}
