//! What could not be measured.
//!
//! A result can have more failures than a transaction holds, so that they are written before it.
//! Writing them again changes nothing, and those of a result that does not count are not read.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use shared_types::api::{FailureRecord, ResultRecord};
use shared_types::ids::Attempt;
use shared_types::{ObjectKey, RunId};

use super::keys::{self, FailedResult, Key, Order};
use super::table::{Row, Stored, Table};
use super::{long_text, results};
use crate::{CollectedResult, StoreError, transitions};

const WHAT: &str = "failure";

/// Of the output of a failing program so much is kept, from its end: the whole is in the result.
const TEXT_BYTES_MAX: usize = 64 * 1024;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredFailure {
    result: ObjectKey,
    attempt: Attempt,
    number: u32,
    record: FailureRecord,
}

/// Writes the failures of results that are about to count.
pub(super) async fn write(table: &Table, results: &[&CollectedResult]) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for result in results {
        for (number, failure) in (0..).zip(&result.failures) {
            let of = FailedResult {
                measured_at: result.measured_at,
                result: &result.key,
                number,
            };
            let mut record = transitions::result::failure_record(result, failure);
            for text in [&mut record.failure.output, &mut record.failure.message] {
                *text = long_text::end(text, TEXT_BYTES_MAX).into_owned();
            }
            let stored = StoredFailure {
                result: result.key.clone(),
                attempt: result.attempt,
                number,
                record,
            };
            let key = keys::failure(&result.configuration, &failure.artifact, &of);
            let order = Order::new(keys::FAILURES, of.sort());
            rows.push(Row::new(WHAT, key, &stored)?.ordered(order));
        }
    }
    table.put_all(rows).await
}

pub(super) async fn of_run(table: &Table, run: &RunId) -> Result<Vec<FailureRecord>, StoreError> {
    let found: Vec<StoredFailure> = table
        .partition(keys::of_artifact(&run.artifact))
        .prefix(format!("{}{}#", keys::FAILURES_OF_RUN, run.configuration))
        .documents(WHAT)
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let counted: HashSet<ObjectKey> = results::of_run(table, run)
        .await?
        .into_iter()
        .map(|result| result.key)
        .collect();
    Ok(found
        .into_iter()
        .filter(|failure| counted.contains(&failure.result))
        .map(|failure| failure.record)
        .collect())
}

/// Those that are left out because their result does not count are made up for by earlier ones.
pub(super) async fn recent(table: &Table, limit: u32) -> Result<Vec<FailureRecord>, StoreError> {
    let mut recent = Vec::new();
    let mut before = None;
    while recent.len() < limit as usize {
        let found: Vec<StoredFailure> = table
            .order(keys::FAILURES)
            .below(before.take())
            .descending()
            .limit(limit)
            .documents(WHAT)
            .await?;
        let is_last = found.len() < limit as usize;
        before = found.last().map(StoredFailure::sort);
        recent.extend(counting(table, found).await?);
        if is_last {
            break;
        }
    }
    recent.truncate(limit as usize);
    Ok(recent)
}

async fn counting(
    table: &Table,
    found: Vec<StoredFailure>,
) -> Result<Vec<FailureRecord>, StoreError> {
    let of = found.iter().map(StoredFailure::result_key);
    let results = table.get_many(of).await?;
    let mut counting = Vec::new();
    for failure in found {
        let Some(item) = results.get(&failure.result_key()) else {
            continue;
        };
        let result: Stored<ResultRecord> = item.read("result")?;
        if result.document.counted {
            counting.push(failure.record);
        }
    }
    Ok(counting)
}

impl StoredFailure {
    fn sort(&self) -> String {
        FailedResult {
            measured_at: self.record.at,
            result: &self.result,
            number: self.number,
        }
        .sort()
    }

    fn result_key(&self) -> Key {
        keys::result(self.record.job, self.attempt, &self.result)
    }
}
