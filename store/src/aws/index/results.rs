//! Results: which are there, and which of them count.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared_types::api::ResultRecord;
use shared_types::result_document::{MeasuredRun, Origin};
use shared_types::{ConfigurationId, JobId, ObjectKey, RequestId, RunId};

use super::changes::Changes;
use super::keys::{self, Key};
use super::table::{Attempts, Row, Table, Transaction};
use super::{failures, jobs};
use crate::{CollectedResult, Completion, RunResult, StoreError, transitions};

const WHAT: &str = "result";

/// How many items of a transaction imported results may take; the tally takes one more.
const IMPORTED_ITEMS_MAX: usize = 96;

/// A result that counts for a run.
#[derive(Debug, Serialize, Deserialize)]
struct StoredRunResult {
    key: ObjectKey,
    run: MeasuredRun,
    host: String,
    measured_at: Timestamp,
}

/// Indexes a result, whatever of it was indexed before.
pub(super) async fn complete_job(
    table: &Table,
    result: &CollectedResult,
) -> Result<Completion, StoreError> {
    check_key(result)?;
    let mut attempts = Attempts::at(format!("indexing the result `{}`", result.key));
    loop {
        if is_there(table, result).await? {
            return Ok(Completion::Known);
        }
        let planned = match result.origin {
            Origin::Import => plan_imported(table, result).await?,
            Origin::Collector => plan_collected(table, result).await?,
        };
        let counts = matches!(planned.completion, Completion::Counted { .. });
        if counts && !attempts.have_failed() {
            failures::write(table, &[result]).await?;
        }
        if attempts.commit(table, planned.transaction).await? {
            return Ok(planned.completion);
        }
    }
}

/// What is to be changed, and what is to be answered when it is.
struct Planned {
    transaction: Transaction,
    completion: Completion,
}

async fn plan_collected(table: &Table, result: &CollectedResult) -> Result<Planned, StoreError> {
    let known = jobs::known(table, result.job).await?;
    transitions::result::check_fits(result, &known.stored.job)?;
    if known.stored.has_result {
        let mut transaction = Transaction::default();
        transaction.replace(record_row(result, false)?, None);
        return Ok(Planned {
            transaction,
            completion: Completion::Duplicate,
        });
    }
    let mut changes = changes_to(table, &result.configuration, &[result]).await?;
    count(&mut changes, result)?;
    let left = jobs::complete(table, &mut changes, &known, result.measured_at).await?;
    let request = Some((known.stored.job.request, left));
    plan_counted(changes, result, request)
}

async fn plan_imported(table: &Table, result: &CollectedResult) -> Result<Planned, StoreError> {
    let mut changes = changes_to(table, &result.configuration, &[result]).await?;
    count(&mut changes, result)?;
    plan_counted(changes, result, None)
}

fn plan_counted(
    changes: Changes,
    result: &CollectedResult,
    request: Option<(RequestId, u32)>,
) -> Result<Planned, StoreError> {
    Ok(Planned {
        completion: Completion::Counted {
            completed_runs: changes.runs.complete_ones(result),
            request,
        },
        transaction: changes.into_transaction()?,
    })
}

async fn changes_to(
    table: &Table,
    configuration: &ConfigurationId,
    results: &[&CollectedResult],
) -> Result<Changes, StoreError> {
    let runs = results.iter().flat_map(|result| &result.runs);
    Changes::to(table, configuration, runs.map(|(run, _)| run)).await
}

/// Adds to `changes` that a result counts.
fn count(changes: &mut Changes, result: &CollectedResult) -> Result<(), StoreError> {
    changes.transaction.replace(record_row(result, true)?, None);
    for (run, _) in &result.runs {
        let stored = StoredRunResult {
            key: result.key.clone(),
            run: run.clone(),
            host: result.host.clone(),
            measured_at: result.measured_at,
        };
        let key = keys::result_of_run(&result.configuration, run, result.measured_at, &result.key);
        changes.transaction.put(Row::new(WHAT, key, &stored)?);
    }
    changes.runs.add_result(result);
    Ok(())
}

fn record_row(result: &CollectedResult, counted: bool) -> Result<Row, StoreError> {
    let record = ResultRecord {
        key: result.key.clone(),
        job: result.job,
        origin: result.origin,
        host: result.host.clone(),
        measured_at: result.measured_at,
        counted,
    };
    Row::new(WHAT, record_key(result), &record)
}

fn record_key(result: &CollectedResult) -> Key {
    keys::result(result.job, result.attempt, &result.key)
}

async fn is_there(table: &Table, result: &CollectedResult) -> Result<bool, StoreError> {
    Ok(table.get(&record_key(result)).await?.is_some())
}

/// A result is looked for by its key alone, so that the key must be of its job and attempt.
fn check_key(result: &CollectedResult) -> Result<(), StoreError> {
    match &result.key {
        ObjectKey::Result { job, attempt, .. }
            if (*job, *attempt) == (result.job, result.attempt) =>
        {
            Ok(())
        }
        _ => Err(StoreError::Conflict {
            what: WHAT,
            id: result.key.to_string(),
            reason: format!("is of attempt {} at job {}", result.attempt, result.job),
        }),
    }
}

/// As many as fit are indexed in one transaction.
pub(super) async fn add_imported(
    table: &Table,
    results: &[CollectedResult],
) -> Result<u64, StoreError> {
    for result in results {
        transitions::result::check_imported(result)?;
        check_key(result)?;
    }
    let mut new = 0;
    let mut left = results;
    while let Some(first) = left.first() {
        let count = how_many_fit(left, &first.configuration);
        let (some, others) = left.split_at(count);
        new += add_some(table, &first.configuration, some).await?;
        left = others;
    }
    Ok(new)
}

/// How many of the next results one transaction can take: at least one, all of one configuration.
fn how_many_fit(results: &[CollectedResult], configuration: &ConfigurationId) -> usize {
    let mut items = 0;
    let fitting = results.iter().take_while(|result| {
        // The result itself, and for each of its runs the run and its result.
        items += 1 + 2 * result.runs.len();
        result.configuration == *configuration && items <= IMPORTED_ITEMS_MAX
    });
    fitting.count().max(1)
}

async fn add_some(
    table: &Table,
    configuration: &ConfigurationId,
    results: &[CollectedResult],
) -> Result<u64, StoreError> {
    let mut attempts = Attempts::at("indexing imported results");
    loop {
        let there = table.get_many(results.iter().map(record_key)).await?;
        let mut seen = BTreeSet::new();
        let new: Vec<&CollectedResult> = results
            .iter()
            .filter(|result| !there.contains_key(&record_key(result)))
            .filter(|result| seen.insert(&result.key))
            .collect();
        if !attempts.have_failed() {
            failures::write(table, &new).await?;
        }
        let mut changes = changes_to(table, configuration, &new).await?;
        for result in &new {
            count(&mut changes, result)?;
        }
        if attempts.commit(table, changes.into_transaction()?).await? {
            return Ok(new.len() as u64);
        }
    }
}

pub(super) async fn of_run(table: &Table, run: &RunId) -> Result<Vec<RunResult>, StoreError> {
    let found: Vec<StoredRunResult> = table
        .partition(keys::of_artifact(&run.artifact))
        .prefix(format!("{}{}#", keys::RESULTS, run.configuration))
        .documents(WHAT)
        .await?;
    Ok(found
        .into_iter()
        .map(|result| RunResult {
            key: result.key,
            run: result.run,
            host: result.host,
            measured_at: result.measured_at,
        })
        .collect())
}

pub(super) async fn is_indexed(table: &Table, key: &ObjectKey) -> Result<bool, StoreError> {
    let ObjectKey::Result { job, attempt, .. } = key else {
        return Ok(false);
    };
    Ok(table
        .get(&keys::result(*job, *attempt, key))
        .await?
        .is_some())
}

pub(super) async fn of_job(table: &Table, id: JobId) -> Result<Vec<ResultRecord>, StoreError> {
    table
        .partition(keys::of_job(id))
        .prefix(keys::RESULTS)
        .documents(WHAT)
        .await
}
