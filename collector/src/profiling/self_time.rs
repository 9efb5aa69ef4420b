//! Which queries of the compiler take its time.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use analysis::words::{Cost, CostTable};
use shared_types::{Scenario, Unit};

use super::{Findings, ProfileFile};
use crate::measure::ObservedUnit;
use crate::{CollectorError, self_profile};

/// How often the compiler records. The first recording also warms up.
const RECORDINGS: usize = 4;

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
    let raw = raw_file(folder);
    let costs = least_of_recordings(unit, scenario, &folder.join("recording"), &raw)?;
    let stacks = folder.join("stacks.folded");
    std::fs::write(&stacks, folded(&self_profile::stacks(&raw)?))
        .map_err(CollectorError::io("write", &stacks))?;
    let table = CostTable {
        title: format!("self time by query of the compiler, the least of {RECORDINGS} recordings"),
        part: "query".to_owned(),
        counted: Some("calls".to_owned()),
        unit: Unit::Nanoseconds,
        costs,
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

/// Records several times, and keeps the least time of each query, since whatever disturbs adds to it.
/// The raw profile of the recording that took the least time is left as the file `raw`.
fn least_of_recordings(
    unit: &ObservedUnit<'_>,
    scenario: &Scenario,
    folder: &Path,
    raw: &Path,
) -> Result<BTreeMap<String, Cost>, CollectorError> {
    let mut costs: BTreeMap<String, Cost> = BTreeMap::new();
    let mut fastest_ns = u64::MAX;
    for _ in 0..RECORDINGS {
        let recorded = unit.record_self_profile(scenario, folder)?;
        let queries = self_profile::read(&recorded)?.queries;
        let times_ns = queries.iter().map(|query| query.self_time_ns);
        let total_ns = times_ns.fold(0, u64::saturating_add);
        if total_ns < fastest_ns {
            fastest_ns = total_ns;
            std::fs::rename(&recorded, raw).map_err(CollectorError::io("move", &recorded))?;
        }
        for query in queries {
            let cost = Cost {
                amount: query.self_time_ns,
                count: query.calls,
            };
            let least = costs.entry(query.query).or_insert(cost);
            if cost.amount < least.amount {
                *least = cost;
            }
        }
    }
    Ok(costs)
}

fn folded(stacks: &BTreeMap<String, u64>) -> String {
    let mut text = String::new();
    for (stack, self_time_ns) in stacks {
        let _ = writeln!(text, "{stack} {self_time_ns}");
    }
    text
}
