//! What of a request has to be measured, whoever does it.

use std::collections::BTreeSet;

use shared_types::job::JobUnit;
use shared_types::result_document::MeasuredRun;
use shared_types::{ArtifactId, ConfigurationId, Replicate};

use super::load::{Load, LoadRequest};
use crate::schedule::{WantedUnit, units};

/// What of which artifact is measured under which configuration.
pub(super) type Measured = BTreeSet<(ConfigurationId, ArtifactId)>;

/// The runs of a request under a configuration that have to be measured, with their units. The base
/// of a request that fills in what it lacks is left out where it is measured already.
pub(super) fn wanted(
    load: &Load,
    request: &LoadRequest,
    id: &ConfigurationId,
    measured: &mut Measured,
) -> Vec<(MeasuredRun, Vec<JobUnit>)> {
    let units = units(&load.catalogue(), &request.selection).unwrap_or_default();
    // Of other kinds a load has none.
    let units: Vec<JobUnit> = units
        .into_iter()
        .filter_map(|unit| match unit {
            WantedUnit::Compile(unit) => Some(unit),
            _ => None,
        })
        .collect();
    let base = request
        .base
        .iter()
        .filter(|base| !request.backfill || !measured.contains(&(id.clone(), (*base).clone())));
    let artifacts: Vec<ArtifactId> = base.chain([&request.head]).cloned().collect();
    let run = |artifact: ArtifactId| {
        measured.insert((id.clone(), artifact.clone()));
        let replicate = Replicate::FIRST;
        (
            MeasuredRun {
                artifact,
                replicate,
            },
            units.clone(),
        )
    };
    artifacts.into_iter().map(run).collect()
}

/// How long these take a usual host, in seconds.
pub(super) fn seconds_wanted(
    load: &Load,
    request: &LoadRequest,
    id: &ConfigurationId,
    measured: &mut Measured,
) -> f64 {
    let runs = wanted(load, request, id, measured);
    let units = runs.iter().flat_map(|(run, units)| {
        units
            .iter()
            .map(move |unit| load.unit_seconds(id, run, unit, request.iterations))
    });
    units.sum()
}
