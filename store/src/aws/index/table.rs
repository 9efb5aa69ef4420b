//! The table as the subjects of the index see it: documents under keys, read consistently and
//! changed together under the condition that nobody else changed them since.

mod attempts;
mod condition;
mod known;
mod query;
mod row;
mod transaction;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, PutRequest, WriteRequest};
use serde::de::DeserializeOwned;

use super::keys::Key;
use crate::StoreError;
use crate::aws::service_error::unavailable;

pub(super) use attempts::Attempts;
pub(super) use row::{Item, Row, Stored, Version};
pub(super) use transaction::Transaction;

/// What one call reads at most.
const KEYS_A_READ: usize = 100;
/// What one call writes at most, outside a transaction.
const ROWS_A_WRITE: usize = 25;
/// How often what a call left undone is asked for again.
const UNDONE_MAX: u32 = 10;

/// The table of a fleet.
pub(super) struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(super) fn new(configuration: &SdkConfig, name: String) -> Self {
        Self {
            client: Client::new(configuration),
            name,
        }
    }

    /// One item.
    pub(super) async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(row::key_attributes(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| unavailable(format!("reading {key} from the index"), &error))?;
        Ok(answer.item.map(Item::new))
    }

    /// The document of one item.
    pub(super) async fn find<T: DeserializeOwned>(
        &self,
        what: &'static str,
        key: &Key,
    ) -> Result<Option<Stored<T>>, StoreError> {
        self.get(key).await?.map(|item| item.read(what)).transpose()
    }

    /// Those of many items that are there.
    pub(super) async fn get_many(
        &self,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<HashMap<Key, Item>, StoreError> {
        let wanted: Vec<Key> = keys
            .into_iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut found = HashMap::new();
        for some in wanted.chunks(KEYS_A_READ) {
            let mut left: Vec<_> = some.iter().map(row::key_attributes).collect();
            let mut calls = 0;
            while !left.is_empty() {
                pause_before_call(calls, "reading the index").await?;
                calls += 1;
                left = self.get_some(left, &mut found).await?;
            }
        }
        Ok(found)
    }

    /// Returns the keys of what was not read.
    async fn get_some(
        &self,
        keys: Vec<HashMap<String, AttributeValue>>,
        found: &mut HashMap<Key, Item>,
    ) -> Result<Vec<HashMap<String, AttributeValue>>, StoreError> {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .build()
            .map_err(row::incomplete)?;
        let answer = self
            .client
            .batch_get_item()
            .request_items(&self.name, wanted)
            .send()
            .await
            .map_err(|error| unavailable("reading the index", &error))?;
        let items = answer.responses.into_iter().flatten();
        for item in items.flat_map(|(_, items)| items).map(Item::new) {
            found.insert(item.key()?, item);
        }
        let undone = answer.unprocessed_keys.into_iter().flatten();
        Ok(undone.flat_map(|(_, keys)| keys.keys).collect())
    }

    /// Writes rows, whatever was there. Some may be written when this fails.
    pub(super) async fn put_all(&self, rows: Vec<Row>) -> Result<(), StoreError> {
        let mut requests = Vec::with_capacity(rows.len());
        for row in rows {
            let put = PutRequest::builder()
                .set_item(Some(row.into_attributes(None)))
                .build()
                .map_err(row::incomplete)?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        for some in requests.chunks(ROWS_A_WRITE) {
            let mut left = some.to_vec();
            let mut calls = 0;
            while !left.is_empty() {
                pause_before_call(calls, "writing to the index").await?;
                calls += 1;
                left = self.put_some(left).await?;
            }
        }
        Ok(())
    }

    /// Returns what was not written.
    async fn put_some(&self, requests: Vec<WriteRequest>) -> Result<Vec<WriteRequest>, StoreError> {
        let answer = self
            .client
            .batch_write_item()
            .request_items(&self.name, requests)
            .send()
            .await
            .map_err(|error| unavailable("writing to the index", &error))?;
        let undone = answer.unprocessed_items.into_iter().flatten();
        Ok(undone.flat_map(|(_, requests)| requests).collect())
    }
}

/// Waits before a call that asks for what earlier ones left undone, since the table was too busy.
async fn pause_before_call(calls: u32, action: &str) -> Result<(), StoreError> {
    if calls == UNDONE_MAX {
        return Err(StoreError::Unavailable {
            action: action.to_owned(),
            reason: format!("the table was too busy {UNDONE_MAX} times in a row: try again later"),
        });
    }
    if calls > 0 {
        tokio::time::sleep(backoff(calls)?).await;
    }
    Ok(())
}

/// How long to wait after `failures` failures: longer each time, and by chance, so that those that
/// met do not meet again.
fn backoff(failures: u32) -> Result<Duration, StoreError> {
    const FIRST_MS: u64 = 10;
    const LONGEST_MS: u64 = 1_000;
    let longest = LONGEST_MS.min(FIRST_MS << failures.min(16));
    Ok(Duration::from_millis(random()? % longest))
}

/// Any number.
pub(super) fn random() -> Result<u64, StoreError> {
    getrandom::u64().map_err(|error| StoreError::Unavailable {
        action: "drawing a random number".to_owned(),
        reason: error.to_string(),
    })
}
