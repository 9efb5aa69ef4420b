//! An item of the table: a document as JSON under a key, where it changes with a version, and where
//! it is listed with its place in the order.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared_types::InvalidInput;

use super::super::keys::{Key, Order};
use crate::StoreError;

pub(super) const PARTITION: &str = "pk";
pub(super) const SORT: &str = "sk";
pub(super) const ORDER_PARTITION: &str = "gsi_pk";
pub(super) const ORDER_SORT: &str = "gsi_sk";
pub(super) const VERSION: &str = "version";
const DOCUMENT: &str = "document";
const EXPIRES_AT: &str = "expires_at";

/// DynamoDB takes 400 kB, keys and names of attributes among them.
const DOCUMENT_BYTES_MAX: usize = 380_000;

/// How often an item was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Version(u64);

impl Version {
    /// The version of what replaces an item of this version, or none.
    pub(super) fn after(known: Option<Self>) -> Self {
        Self(known.map_or(1, |known| known.0 + 1))
    }

    /// The version of what is only ever replaced by something later.
    pub(super) fn of_time(at: Timestamp) -> Self {
        Self(u64::try_from(at.as_nanosecond()).unwrap_or_default())
    }

    pub(super) fn attribute(self) -> AttributeValue {
        AttributeValue::N(self.0.to_string())
    }
}

/// A document that was read.
#[derive(Debug, Clone)]
pub(in super::super) struct Stored<T> {
    /// The document.
    pub(in super::super) document: T,
    /// The version that it was read at.
    pub(in super::super) version: Version,
}

/// An item that is to be written.
#[derive(Debug, Clone)]
pub(in super::super) struct Row {
    pub(super) key: Key,
    order: Option<Order>,
    expires_at: Option<Timestamp>,
    document: String,
}

impl Row {
    /// # Errors
    /// [`StoreError::Conflict`] when the document is larger than an item may be.
    pub(in super::super) fn new<T: Serialize>(
        what: &'static str,
        key: Key,
        document: &T,
    ) -> Result<Self, StoreError> {
        let document =
            serde_json::to_string(document).map_err(|error| StoreError::Unavailable {
                action: format!("writing {what} `{key}`"),
                reason: error.to_string(),
            })?;
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(StoreError::Conflict {
                what,
                id: key.to_string(),
                reason: format!(
                    "takes {} bytes, and the index keeps {DOCUMENT_BYTES_MAX} at most: make it \
                     smaller or split it",
                    document.len()
                ),
            });
        }
        Ok(Self {
            key,
            order: None,
            expires_at: None,
            document,
        })
    }

    /// The same, listed at a place in an order.
    pub(in super::super) fn ordered(self, order: Order) -> Self {
        Self {
            order: Some(order),
            ..self
        }
    }

    /// The same, which may be forgotten from a time on.
    pub(in super::super) fn expiring(self, at: Timestamp) -> Self {
        Self {
            expires_at: Some(at),
            ..self
        }
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.document.len() + 512
    }

    pub(super) fn into_attributes(
        self,
        version: Option<Version>,
    ) -> HashMap<String, AttributeValue> {
        let mut attributes = key_attributes(&self.key);
        let mut set = |name: &str, value| attributes.insert(name.to_owned(), value);
        set(DOCUMENT, AttributeValue::S(self.document));
        if let Some(version) = version {
            set(VERSION, version.attribute());
        }
        if let Some(order) = self.order {
            set(ORDER_PARTITION, AttributeValue::S(order.partition));
            set(ORDER_SORT, AttributeValue::S(order.sort));
        }
        if let Some(at) = self.expires_at {
            set(EXPIRES_AT, AttributeValue::N(at.as_second().to_string()));
        }
        attributes
    }
}

pub(super) fn key_attributes(key: &Key) -> HashMap<String, AttributeValue> {
    HashMap::from([
        (
            PARTITION.to_owned(),
            AttributeValue::S(key.partition.clone()),
        ),
        (SORT.to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

/// An item that was read.
#[derive(Debug, Clone)]
pub(in super::super) struct Item {
    attributes: HashMap<String, AttributeValue>,
}

impl Item {
    pub(super) fn new(attributes: HashMap<String, AttributeValue>) -> Self {
        Self { attributes }
    }

    pub(in super::super) fn key(&self) -> Result<Key, StoreError> {
        Ok(Key {
            partition: self.text(PARTITION)?.to_owned(),
            sort: self.text(SORT)?.to_owned(),
        })
    }

    /// Its document.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it has none, or one that is no `T`.
    pub(in super::super) fn read<T: DeserializeOwned>(
        &self,
        what: &'static str,
    ) -> Result<Stored<T>, StoreError> {
        let document = serde_json::from_str(self.text(DOCUMENT)?).map_err(|error| {
            let source = InvalidInput::Document {
                what: "its item",
                reason: error.to_string(),
            };
            self.corrupt(what, source)
        })?;
        Ok(Stored {
            document,
            version: Version(u64::try_from(self.count(VERSION)).unwrap_or_default()),
        })
    }

    /// A number that was added up; 0 before the first addition.
    pub(in super::super) fn count(&self, name: &str) -> i64 {
        match self.attributes.get(name) {
            Some(AttributeValue::N(number)) => number.parse().unwrap_or_default(),
            _ => 0,
        }
    }

    fn text(&self, name: &'static str) -> Result<&str, StoreError> {
        match self.attributes.get(name) {
            Some(AttributeValue::S(text)) => Ok(text),
            _ => {
                let source = InvalidInput::inconsistent("it", format!("it has no text `{name}`"));
                Err(self.corrupt("an item of the index", source))
            }
        }
    }

    fn corrupt(&self, what: &'static str, source: InvalidInput) -> StoreError {
        let part = |name| match self.attributes.get(name) {
            Some(AttributeValue::S(text)) => text.as_str(),
            _ => "?",
        };
        StoreError::Corrupt {
            what,
            id: format!("{}/{}", part(PARTITION), part(SORT)),
            source,
        }
    }
}

/// A call that lacks what it needs, which no call of ours does.
pub(super) fn incomplete(error: BuildError) -> StoreError {
    StoreError::Unavailable {
        action: "calling DynamoDB".to_owned(),
        reason: error.to_string(),
    }
}
