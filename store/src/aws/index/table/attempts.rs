//! The attempts at one change, which is decided again whenever another came between reading and
//! writing.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use jiff::Timestamp;

use super::condition::Condition;
use super::row::{Row, Version};
use super::transaction::Transaction;
use super::{Table, backoff};
use crate::StoreError;
use crate::aws::service_error::unavailable;

/// How often a change is decided again.
const ATTEMPTS_MAX: u32 = 20;

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
        if transaction.is_empty() {
            return Ok(true);
        }
        transaction.check_size(&self.action)?;
        let keys = transaction.keys();
        let changes = transaction.into_items(table)?;
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
        let put = put_item(
            table,
            row,
            Version::after(known),
            Condition::unchanged(known),
        );
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match put_refusal(&error) {
                Some(_) => self.pause(key).await.map(|()| false),
                None => Err(unavailable(&self.action, &error)),
            },
        }
    }

    /// Writes one row, unless one of a later time or the same is there.
    pub(in super::super) async fn put_later(
        &mut self,
        table: &Table,
        row: Row,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let version = Version::of_time(at);
        loop {
            let put = put_item(table, row.clone(), version, Condition::earlier(version));
            let Err(error) = put.send().await else {
                return Ok(());
            };
            match put_refusal(&error) {
                Some(PutRefusal::Condition) => return Ok(()),
                Some(PutRefusal::Conflict) => self.pause(row.key.to_string()).await?,
                None => return Err(unavailable(&self.action, &error)),
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

fn put_item(
    table: &Table,
    row: Row,
    version: Version,
    condition: Condition,
) -> PutItemFluentBuilder {
    table
        .client
        .put_item()
        .table_name(&table.name)
        .set_item(Some(row.into_attributes(Some(version))))
        .condition_expression(condition.expression)
        .set_expression_attribute_names(Some(condition.names))
        .set_expression_attribute_values(condition.values)
}

/// Why a row was not written that could have been.
enum PutRefusal {
    Condition,
    Conflict,
}

fn put_refusal(error: &SdkError<PutItemError>) -> Option<PutRefusal> {
    match error.as_service_error()? {
        PutItemError::ConditionalCheckFailedException(_) => Some(PutRefusal::Condition),
        PutItemError::TransactionConflictException(_) => Some(PutRefusal::Conflict),
        _ => None,
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
