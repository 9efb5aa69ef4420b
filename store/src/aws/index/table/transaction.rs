//! Changes that are made together or not at all, each on the condition that nobody else changed
//! what they were decided from.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{ConditionCheckBuilder, PutBuilder};
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, Update,
};

use super::super::keys::Key;
use super::row::{self, PARTITION, Row, VERSION, Version};
use super::{Table, backoff};
use crate::StoreError;
use crate::aws::service_error::unavailable;

/// What one transaction changes at most.
const CHANGES_MAX: usize = 100;
/// What one transaction holds at most.
const BYTES_MAX: usize = 4_000_000;
/// How often a change is decided again.
const ATTEMPTS_MAX: u32 = 20;

/// Changes that are to be made together.
#[derive(Debug, Default)]
pub(in super::super) struct Transaction {
    changes: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Replace(Row, Option<Version>),
    Put(Row),
    Delete(Key),
    Check(Key, Version),
    Add(Key, BTreeMap<&'static str, i64>),
}

impl Transaction {
    /// Writes a row in place of the version that was read, or where nothing was found.
    pub(in super::super) fn replace(&mut self, row: Row, known: Option<Version>) {
        self.changes.push(Change::Replace(row, known));
    }

    /// Writes a row, whatever was there.
    pub(in super::super) fn put(&mut self, row: Row) {
        self.changes.push(Change::Put(row));
    }

    /// Deletes an item, if it is there.
    pub(in super::super) fn delete(&mut self, key: Key) {
        self.changes.push(Change::Delete(key));
    }

    /// Demands that an item is still at the version that was read.
    pub(in super::super) fn check(&mut self, key: Key, known: Version) {
        self.changes.push(Change::Check(key, known));
    }

    /// Adds to numbers of an item. Those that add nothing are left out.
    pub(in super::super) fn add(&mut self, key: Key, mut numbers: BTreeMap<&'static str, i64>) {
        numbers.retain(|_, number| *number != 0);
        if !numbers.is_empty() {
            self.changes.push(Change::Add(key, numbers));
        }
    }

    /// How many changes it makes.
    pub(in super::super) fn len(&self) -> usize {
        self.changes.len()
    }

    fn is_too_large(&self) -> bool {
        let bytes = self.changes.iter().map(|change| match change {
            Change::Replace(row, _) | Change::Put(row) => row.bytes(),
            Change::Delete(_) | Change::Check(..) | Change::Add(..) => 0,
        });
        self.len() > CHANGES_MAX || bytes.sum::<usize>() > BYTES_MAX
    }
}

/// The attempts at one change. It is decided again whenever another came between reading and
/// writing.
pub(in super::super) struct Attempts {
    action: String,
    failed: u32,
}

impl Attempts {
    /// The first of the attempts at an action, in words for people: "releasing a job".
    pub(in super::super) fn at(action: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            failed: 0,
        }
    }

    /// Whether an attempt failed already.
    pub(in super::super) fn have_failed(&self) -> bool {
        self.failed > 0
    }

    /// Makes the changes. Returns whether they were made: if not, something that they were decided
    /// from has changed, and the caller is to read and decide again. When the answer is lost on its
    /// way, the SDK asks again under the same token, and DynamoDB makes the changes once.
    pub(in super::super) async fn commit(
        &mut self,
        table: &Table,
        transaction: Transaction,
    ) -> Result<bool, StoreError> {
        if transaction.changes.is_empty() {
            return Ok(true);
        }
        if transaction.is_too_large() {
            return Err(StoreError::Conflict {
                what: "change",
                id: self.action.clone(),
                reason: format!(
                    "touches {} items, and one transaction holds {CHANGES_MAX} items and \
                     {BYTES_MAX} bytes at most: split it",
                    transaction.len()
                ),
            });
        }
        let mut changes = Vec::with_capacity(transaction.len());
        let mut keys = Vec::with_capacity(transaction.len());
        for change in transaction.changes {
            keys.push(change.key().to_string());
            changes.push(change.into_item(table)?);
        }
        let answer = table
            .client
            .transact_write_items()
            .set_transact_items(Some(changes))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) => match contention(&error, &keys) {
                Some(reason) => self.pause(reason).await.map(|()| false),
                None => Err(unavailable(&self.action, &error)),
            },
        }
    }

    /// Writes one row in place of the version that was read, or where nothing was found. Cheaper
    /// than a transaction, and a lost answer can make it return `false` though the row was written.
    pub(in super::super) async fn put(
        &mut self,
        table: &Table,
        row: Row,
        known: Option<Version>,
    ) -> Result<bool, StoreError> {
        let key = row.key.to_string();
        let (condition, names, values) = unchanged(known);
        let answer = table
            .client
            .put_item()
            .table_name(&table.name)
            .set_item(Some(row.into_attributes(Some(Version::after(known)))))
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(values)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) => {
                let is_contended = error.as_service_error().is_some_and(|error| {
                    error.is_conditional_check_failed_exception()
                        || error.is_transaction_conflict_exception()
                });
                if !is_contended {
                    return Err(unavailable(&self.action, &error));
                }
                self.pause(key).await.map(|()| false)
            }
        }
    }

    async fn pause(&mut self, contended: String) -> Result<(), StoreError> {
        self.failed += 1;
        if self.failed == ATTEMPTS_MAX {
            return Err(StoreError::Unavailable {
                action: self.action.clone(),
                reason: format!(
                    "others changed {contended} each of {ATTEMPTS_MAX} times: try again later"
                ),
            });
        }
        tracing::debug!(
            action = self.action,
            contended,
            failed = self.failed,
            "deciding again"
        );
        tokio::time::sleep(backoff(self.failed)?).await;
        Ok(())
    }
}

/// The items over which a transaction met another, or `None` when it failed for another reason.
fn contention(error: &SdkError<TransactWriteItemsError>, keys: &[String]) -> Option<String> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) =
        error.as_service_error()?
    else {
        return None;
    };
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    let failed: Vec<(&String, String)> = keys
        .iter()
        .zip(cancelled.cancellation_reasons().iter().map(code))
        .filter(|(_, code)| code != "None")
        .collect();
    let can_pass = |code: &str| {
        matches!(
            code,
            "ConditionalCheckFailed"
                | "TransactionConflict"
                | "ThrottlingError"
                | "ProvisionedThroughputExceeded"
        )
    };
    let all_can_pass = failed.iter().all(|(_, code)| can_pass(code));
    (all_can_pass && !failed.is_empty()).then(|| {
        let items: Vec<String> = failed
            .iter()
            .map(|(key, code)| format!("{key} ({code})"))
            .collect();
        items.join(", ")
    })
}

impl Change {
    fn key(&self) -> &Key {
        match self {
            Self::Replace(row, _) | Self::Put(row) => &row.key,
            Self::Delete(key) | Self::Check(key, _) | Self::Add(key, _) => key,
        }
    }

    fn into_item(self, table: &Table) -> Result<TransactWriteItem, StoreError> {
        let item = TransactWriteItem::builder();
        Ok(match self {
            Self::Replace(row, known) => item.put(replacement(table, row, known)?),
            Self::Put(row) => {
                let put = put_of(table, row, None).build();
                item.put(put.map_err(row::incomplete)?)
            }
            Self::Delete(key) => item.delete(
                Delete::builder()
                    .table_name(&table.name)
                    .set_key(Some(row::key_attributes(&key)))
                    .build()
                    .map_err(row::incomplete)?,
            ),
            Self::Check(key, known) => item.condition_check(
                check_of(table, &key, known)
                    .build()
                    .map_err(row::incomplete)?,
            ),
            Self::Add(key, numbers) => item.update(addition(table, &key, &numbers)?),
        }
        .build())
    }
}

fn put_of(table: &Table, row: Row, version: Option<Version>) -> PutBuilder {
    Put::builder()
        .table_name(&table.name)
        .set_item(Some(row.into_attributes(version)))
}

fn replacement(table: &Table, row: Row, known: Option<Version>) -> Result<Put, StoreError> {
    let (condition, names, values) = unchanged(known);
    put_of(table, row, Some(Version::after(known)))
        .condition_expression(condition)
        .set_expression_attribute_names(Some(names))
        .set_expression_attribute_values(values)
        .build()
        .map_err(row::incomplete)
}

fn check_of(table: &Table, key: &Key, known: Version) -> ConditionCheckBuilder {
    let (condition, names, values) = unchanged(Some(known));
    ConditionCheck::builder()
        .table_name(&table.name)
        .set_key(Some(row::key_attributes(key)))
        .condition_expression(condition)
        .set_expression_attribute_names(Some(names))
        .set_expression_attribute_values(values)
}

fn addition(
    table: &Table,
    key: &Key,
    numbers: &BTreeMap<&'static str, i64>,
) -> Result<Update, StoreError> {
    let mut update = Update::builder()
        .table_name(&table.name)
        .set_key(Some(row::key_attributes(key)));
    let mut additions = Vec::with_capacity(numbers.len());
    for (name, number) in numbers {
        additions.push(format!("#{name} :{name}"));
        update = update
            .expression_attribute_names(format!("#{name}"), *name)
            .expression_attribute_values(format!(":{name}"), AttributeValue::N(number.to_string()));
    }
    update
        .update_expression(format!("ADD {}", additions.join(", ")))
        .build()
        .map_err(row::incomplete)
}

type Condition = (
    &'static str,
    HashMap<String, String>,
    Option<HashMap<String, AttributeValue>>,
);

/// The condition that an item is as it was read: of this version, or not there.
fn unchanged(known: Option<Version>) -> Condition {
    let names = |attribute: &str| HashMap::from([("#part".to_owned(), attribute.to_owned())]);
    match known {
        None => ("attribute_not_exists(#part)", names(PARTITION), None),
        Some(version) => (
            "#part = :known",
            names(VERSION),
            Some(HashMap::from([(":known".to_owned(), version.attribute())])),
        ),
    }
}
