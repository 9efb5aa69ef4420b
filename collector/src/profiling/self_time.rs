//! Which queries of the compiler take its time.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use analysis::words::{Cost, CostTable};
use shared_types::{Scenario, Unit};

use super::{Findings, ProfileFile};
use crate::measure::ObservedUnit;
use crate::{CollectorError, self_profile};

/// The stacks of queries with their times in nanoseconds that the tool has left in a folder.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn read_stacks(folder: &Path) -> Result<BTreeMap<String, u64>, CollectorError> {
    self_profile::stacks(&raw_file(folder))
}

fn raw_file(folder: &Path) -> PathBuf {
    folder
        .join("self-profile")
        .with_extension(self_profile::EXTENSION)
}

pub(super) fn profile(
    unit: &ObservedUnit<'_>,
    scenario: &Scenario,
    folder: &Path,
) -> Result<Findings, CollectorError> {
    let recorded = unit.record_self_profile(scenario, &folder.join("recording"))?;
    let raw = raw_file(folder);
    std::fs::rename(&recorded, &raw).map_err(CollectorError::io("move", &recorded))?;
    let profile = self_profile::read(&raw)?;
    let stacks = folder.join("stacks.folded");
    std::fs::write(&stacks, folded(&self_profile::stacks(&raw)?))
        .map_err(CollectorError::io("write", &stacks))?;
    let costs = profile.queries.into_iter().map(|query| {
        let cost = Cost {
            amount: query.self_time_ns,
            count: query.calls,
        };
        (query.query, cost)
    });
    let table = CostTable {
        title: "self time by query of the compiler (recording takes some time itself)".to_owned(),
        part: "query".to_owned(),
        counted: Some("calls".to_owned()),
        unit: Unit::Nanoseconds,
        costs: costs.collect(),
    };
    Ok(Findings {
        tables: vec![table],
        files: vec![
            ProfileFile {
                path: raw,
                open_with: "measureme's `summarize`, or `crox` for chrome://tracing".to_owned(),
            },
            ProfileFile {
                path: stacks,
                open_with: "what draws flame graphs; `--flamegraph FILE.svg` draws one here"
                    .to_owned(),
            },
        ],
    })
}

fn folded(stacks: &BTreeMap<String, u64>) -> String {
    let mut text = String::new();
    for (stack, self_time_ns) in stacks {
        let _ = writeln!(text, "{stack} {self_time_ns}");
    }
    text
}
