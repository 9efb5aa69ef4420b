//! Changes that are made together or not at all, each on the condition that nobody else changed
//! what they were decided from.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::builders::{ConditionCheckBuilder, PutBuilder};
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update,
};

use super::super::keys::Key;
use super::Table;
use super::condition::Condition;
use super::row::{self, Row, Version};
use crate::StoreError;

/// What one transaction changes at most.
const CHANGES_MAX: usize = 100;
/// What one transaction holds at most. DynamoDB takes 4 MB, keys and names of attributes among them.
const BYTES_MAX: usize = 3_500_000;

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

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The keys of the items that it changes, in order.
    pub(super) fn keys(&self) -> Vec<String> {
        let keys = self.changes.iter().map(|change| change.key().to_string());
        keys.collect()
    }

    /// # Errors
    /// [`StoreError::Conflict`] when DynamoDB would refuse it for its size.
    pub(super) fn check_size(&self, action: &str) -> Result<(), StoreError> {
        let bytes: usize = self.changes.iter().map(Change::bytes).sum();
        if self.changes.len() <= CHANGES_MAX && bytes <= BYTES_MAX {
            return Ok(());
        }
        Err(StoreError::Conflict {
            what: "change",
            id: action.to_owned(),
            reason: format!(
                "takes {} items and {bytes} bytes, and one transaction holds {CHANGES_MAX} items \
                 and {BYTES_MAX} bytes at most: split it",
                self.changes.len()
            ),
        })
    }

    pub(super) fn into_items(self, table: &Table) -> Result<Vec<TransactWriteItem>, StoreError> {
        let items = self.changes.into_iter();
        items.map(|change| change.into_item(table)).collect()
    }
}

impl Change {
    fn bytes(&self) -> usize {
        match self {
            Self::Replace(row, _) | Self::Put(row) => row.bytes(),
            Self::Delete(_) | Self::Check(..) | Self::Add(..) => 0,
        }
    }

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
    let condition = Condition::unchanged(known);
    put_of(table, row, Some(Version::after(known)))
        .condition_expression(condition.expression)
        .set_expression_attribute_names(Some(condition.names))
        .set_expression_attribute_values(condition.values)
        .build()
        .map_err(row::incomplete)
}

fn check_of(table: &Table, key: &Key, known: Version) -> ConditionCheckBuilder {
    let condition = Condition::unchanged(Some(known));
    ConditionCheck::builder()
        .table_name(&table.name)
        .set_key(Some(row::key_attributes(key)))
        .condition_expression(condition.expression)
        .set_expression_attribute_names(Some(condition.names))
        .set_expression_attribute_values(condition.values)
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
