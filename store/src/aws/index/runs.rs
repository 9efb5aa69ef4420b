//! Runs: what is left to do of each, and what is known of it, summed over the results that count.

use std::collections::BTreeMap;

use shared_types::api::{Page, RunOverview};
use shared_types::result_document::MeasuredRun;
use shared_types::{ArtifactId, ConfigurationId, Replicate, RunId};

use super::keys::{self, Key, Order};
use super::paging;
use super::table::{Row, Stored, Table, Transaction, Version};
use crate::{CollectedResult, PageRequest, StoreError, transitions};

const WHAT: &str = "run";

/// Runs of a configuration that are about to change together.
pub(super) struct ChangingRuns {
    configuration: ConfigurationId,
    runs: BTreeMap<MeasuredRun, ChangingRun>,
}

struct ChangingRun {
    known: Option<Version>,
    was_measured: bool,
    is_changed: bool,
    overview: RunOverview,
}

impl ChangingRuns {
    /// Reads what is known of some runs. One that is not known yet begins with nothing.
    pub(super) async fn read<'a>(
        table: &Table,
        configuration: &ConfigurationId,
        runs: impl IntoIterator<Item = &'a MeasuredRun>,
    ) -> Result<Self, StoreError> {
        let wanted: BTreeMap<MeasuredRun, Key> = runs
            .into_iter()
            .map(|run| (run.clone(), keys::run(configuration, run)))
            .collect();
        let found = table.get_many(wanted.values().cloned()).await?;
        let mut runs = BTreeMap::new();
        for (run, key) in wanted {
            let known: Option<Stored<RunOverview>> =
                found.get(&key).map(|item| item.read(WHAT)).transpose()?;
            runs.insert(run.clone(), ChangingRun::new(configuration, run, known));
        }
        Ok(Self {
            configuration: configuration.clone(),
            runs,
        })
    }

    /// Changes how many jobs are left of some runs.
    pub(super) fn change_jobs_left(&mut self, of: &[MeasuredRun], change: i64) {
        for run in of {
            if let Some(changing) = self.runs.get_mut(run) {
                let left = i64::from(changing.overview.jobs_left) + change;
                changing.overview.jobs_left = u32::try_from(left).unwrap_or_default();
                changing.is_changed = true;
            }
        }
    }

    /// Adds a result that counts to what is known of its runs.
    pub(super) fn add_result(&mut self, result: &CollectedResult) {
        for (run, test_cases) in &result.runs {
            let Some(changing) = self.runs.get_mut(run) else {
                continue;
            };
            let failures = transitions::result::failures_of(result, run).count();
            let overview = &mut changing.overview;
            overview.measured_at = overview.measured_at.max(Some(result.measured_at));
            overview.test_cases += test_cases;
            overview.failures += u32::try_from(failures).unwrap_or(u32::MAX);
            if let Err(place) = overview.hosts.binary_search(&result.host) {
                overview.hosts.insert(place, result.host.clone());
            }
            changing.is_changed = true;
        }
    }

    /// How many of them have their first result.
    pub(super) fn measured_first(&self) -> usize {
        self.runs
            .values()
            .filter(|run| !run.was_measured && run.overview.measured_at.is_some())
            .count()
    }

    /// Those of a result's runs that have no jobs left, in its order.
    pub(super) fn complete_ones(&self, result: &CollectedResult) -> Vec<MeasuredRun> {
        let is_complete = |run: &&MeasuredRun| {
            self.runs
                .get(run)
                .is_some_and(|changing| changing.overview.jobs_left == 0)
        };
        let runs = result.runs.iter().map(|(run, _)| run);
        runs.filter(is_complete).cloned().collect()
    }

    /// Writes them in a transaction.
    pub(super) fn write(&self, transaction: &mut Transaction) -> Result<(), StoreError> {
        for (run, changing) in &self.runs {
            if changing.is_changed {
                let key = keys::run(&self.configuration, run);
                let row = Row::new(WHAT, key, &changing.overview)?.ordered(order(changing));
                transaction.replace(row, changing.known);
            }
        }
        Ok(())
    }
}

impl ChangingRun {
    fn new(
        configuration: &ConfigurationId,
        run: MeasuredRun,
        known: Option<Stored<RunOverview>>,
    ) -> Self {
        let (known, overview) = match known {
            Some(known) => (Some(known.version), known.document),
            None => {
                let overview = RunOverview {
                    artifact: run.artifact,
                    configuration: configuration.clone(),
                    replicate: run.replicate,
                    jobs_left: 0,
                    measured_at: None,
                    hosts: Vec::new(),
                    test_cases: 0,
                    failures: 0,
                    retracted: None,
                };
                (None, overview)
            }
        };
        Self {
            known,
            was_measured: overview.measured_at.is_some(),
            is_changed: false,
            overview,
        }
    }
}

fn order(run: &ChangingRun) -> Order {
    let overview = &run.overview;
    let place = Place::of(overview);
    Order::new(
        keys::runs_of_configuration(&overview.configuration),
        place.sort(),
    )
}

/// Where a run is among those of its configuration.
struct Place {
    measured_at: String,
    artifact: ArtifactId,
    replicate: Replicate,
}

impl Place {
    fn of(run: &RunOverview) -> Self {
        Self {
            measured_at: run
                .measured_at
                .map_or_else(|| keys::NEVER.to_owned(), keys::time),
            artifact: run.artifact.clone(),
            replicate: run.replicate,
        }
    }

    fn sort(&self) -> String {
        let replicate = keys::count(self.replicate.number());
        format!("{}#{}#{replicate}", self.measured_at, self.artifact)
    }

    fn write_cursor(&self) -> String {
        let replicate = self.replicate.number();
        format!("{}/{}/{replicate}", self.measured_at, self.artifact)
    }

    fn read_cursor(cursor: &str) -> Option<Self> {
        let mut parts = cursor.splitn(3, '/');
        let measured_at = parts.next()?;
        let is_time = measured_at.len() == keys::NEVER.len()
            && measured_at.bytes().all(|byte| byte.is_ascii_digit());
        let artifact = parts.next()?.parse().ok()?;
        let number: u32 = parts.next()?.parse().ok()?;
        is_time.then_some(Self {
            measured_at: measured_at.to_owned(),
            artifact,
            replicate: Replicate::try_from(number).ok()?,
        })
    }
}

pub(super) async fn replicates(table: &Table, run: &RunId) -> Result<Vec<RunOverview>, StoreError> {
    table
        .partition(keys::of_artifact(&run.artifact))
        .prefix(format!("{}{}#", keys::RUNS, run.configuration))
        .documents(WHAT)
        .await
}

pub(super) async fn of_artifact(
    table: &Table,
    id: &ArtifactId,
) -> Result<Vec<RunOverview>, StoreError> {
    table
        .partition(keys::of_artifact(id))
        .prefix(keys::RUNS)
        .documents(WHAT)
        .await
}

/// Runs that were never measured come last.
pub(super) async fn page(
    table: &Table,
    configuration: &ConfigurationId,
    page: &PageRequest,
) -> Result<Page<RunOverview>, StoreError> {
    let after = paging::read_cursor(page, Place::read_cursor)?;
    let found = table
        .order(keys::runs_of_configuration(configuration))
        .below(after.map(|place| place.sort()))
        .descending()
        .limit(paging::entries_to_read(page))
        .documents(WHAT)
        .await?;
    Ok(paging::page(found, page, |last: &RunOverview| {
        Place::of(last).write_cursor()
    }))
}
