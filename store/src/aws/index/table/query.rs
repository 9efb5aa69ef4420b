//! Lists: the items of one partition, or of one order, read page after page.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

use super::Table;
use super::row::{self, Item, Stored};
use crate::StoreError;
use crate::aws::service_error::unavailable;

/// The index of the orders.
const BY_ORDER: &str = "by-order";

/// A list that is to be read.
pub(in super::super) struct Query<'a> {
    table: &'a Table,
    is_of_order: bool,
    partition: String,
    range: Range,
    is_descending: bool,
    limit: Option<u32>,
}

enum Range {
    All,
    Prefix(String),
    Between(String, String),
    Below(String),
}

impl Table {
    /// The items of a partition, by sort key. What was written before is seen.
    pub(in super::super) fn partition(&self, partition: impl Into<String>) -> Query<'_> {
        Query {
            table: self,
            is_of_order: false,
            partition: partition.into(),
            range: Range::All,
            is_descending: false,
            limit: None,
        }
    }

    /// The items of an order. What was just written may not be seen yet: nothing is to be decided
    /// from it.
    pub(in super::super) fn order(&self, partition: impl Into<String>) -> Query<'_> {
        Query {
            is_of_order: true,
            ..self.partition(partition)
        }
    }
}

impl Query<'_> {
    /// Only what begins with `prefix`, which is not empty.
    pub(in super::super) fn prefix(self, prefix: impl Into<String>) -> Self {
        let range = Range::Prefix(prefix.into());
        Self { range, ..self }
    }

    /// Only what is between two sort keys, both included.
    pub(in super::super) fn between(
        self,
        first: impl Into<String>,
        last: impl Into<String>,
    ) -> Self {
        let range = Range::Between(first.into(), last.into());
        Self { range, ..self }
    }

    /// Only what is before a sort key, where one is given.
    pub(in super::super) fn below(self, sort: Option<String>) -> Self {
        let range = sort.map_or(Range::All, Range::Below);
        Self { range, ..self }
    }

    /// The last first.
    pub(in super::super) fn descending(self) -> Self {
        Self {
            is_descending: true,
            ..self
        }
    }

    /// So many at most.
    pub(in super::super) fn limit(self, limit: u32) -> Self {
        Self {
            limit: Some(limit),
            ..self
        }
    }

    /// The documents.
    pub(in super::super) async fn documents<T: DeserializeOwned>(
        self,
        what: &'static str,
    ) -> Result<Vec<T>, StoreError> {
        let items = self.items().await?;
        items
            .iter()
            .map(|item| item.read(what).map(|stored: Stored<T>| stored.document))
            .collect()
    }

    /// The items.
    pub(in super::super) async fn items(self) -> Result<Vec<Item>, StoreError> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = self.limit.map_or(usize::MAX, |limit| limit as usize);
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let left = wanted - found.len();
            let answer = self
                .call()
                .set_limit(self.limit.and(i32::try_from(left).ok()))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| {
                    unavailable(format!("listing {} of the index", self.partition), &error)
                })?;
            found.extend(answer.items.into_iter().flatten().take(left).map(Item::new));
            start = answer.last_evaluated_key;
            if start.is_none() || found.len() == wanted {
                return Ok(found);
            }
        }
    }

    /// DynamoDB refuses a range that holds nothing, and a limit of none.
    fn is_empty(&self) -> bool {
        let is_range_empty = match &self.range {
            Range::Between(first, last) => first > last,
            Range::All | Range::Prefix(_) | Range::Below(_) => false,
        };
        is_range_empty || self.limit == Some(0)
    }

    fn call(&self) -> QueryFluentBuilder {
        let (partition, sort) = if self.is_of_order {
            (row::ORDER_PARTITION, row::ORDER_SORT)
        } else {
            (row::PARTITION, row::SORT)
        };
        let (range, mut values) = self.range.expression();
        values.push((":partition", self.partition.clone()));
        let mut names = vec![("#partition", partition)];
        if !range.is_empty() {
            names.push(("#sort", sort));
        }
        let names = names
            .into_iter()
            .map(|(name, attribute)| (name.to_owned(), attribute.to_owned()))
            .collect();
        let values = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)))
            .collect();
        self.table
            .client
            .query()
            .table_name(&self.table.name)
            .set_index_name(self.is_of_order.then(|| BY_ORDER.to_owned()))
            .consistent_read(!self.is_of_order)
            .key_condition_expression(format!("#partition = :partition{range}"))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .scan_index_forward(!self.is_descending)
    }
}

impl Range {
    /// The rest of the condition, and the values that it names.
    fn expression(&self) -> (&'static str, Vec<(&'static str, String)>) {
        match self {
            Self::All => ("", Vec::new()),
            Self::Prefix(prefix) => (
                " AND begins_with(#sort, :first)",
                vec![(":first", prefix.clone())],
            ),
            Self::Between(first, last) => (
                " AND #sort BETWEEN :first AND :last",
                vec![(":first", first.clone()), (":last", last.clone())],
            ),
            Self::Below(sort) => (" AND #sort < :last", vec![(":last", sort.clone())]),
        }
    }
}
