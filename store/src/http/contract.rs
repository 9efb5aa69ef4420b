//! What goes over the wire: a request and an answer for each operation. Bytes are base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use shared_types::{ConfigurationId, InvalidInput, ObjectKey};

use crate::{Delivery, QueueDepth, QueueName, Receipt, StoreError};

/// The longest that a server lets a receiver wait, in milliseconds: proxies cut longer requests.
pub const WAIT_MS_MAX: u64 = 20_000;

/// A queue, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WireQueue {
    /// Jobs of a configuration.
    Jobs {
        /// The configuration.
        configuration: ConfigurationId,
    },
    /// What collectors tell.
    Events,
    /// Storage events.
    Ingest,
    /// Runs to compare.
    Compare,
    /// Comparisons to tell.
    Github,
}

impl From<&QueueName> for WireQueue {
    fn from(name: &QueueName) -> Self {
        match name {
            QueueName::Jobs(configuration) => Self::Jobs {
                configuration: configuration.clone(),
            },
            QueueName::Events => Self::Events,
            QueueName::Ingest => Self::Ingest,
            QueueName::Compare => Self::Compare,
            QueueName::Github => Self::Github,
        }
    }
}

impl From<WireQueue> for QueueName {
    fn from(queue: WireQueue) -> Self {
        match queue {
            WireQueue::Jobs { configuration } => Self::Jobs(configuration),
            WireQueue::Events => Self::Events,
            WireQueue::Ingest => Self::Ingest,
            WireQueue::Compare => Self::Compare,
            WireQueue::Github => Self::Github,
        }
    }
}

/// An operation, as its request. [`Operation::route`] names it in the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case")]
pub enum Operation {
    /// [`Queue::send`](crate::Queue::send).
    Send {
        /// Where.
        queue: WireQueue,
        /// What.
        body: String,
    },
    /// [`Queue::receive`](crate::Queue::receive).
    Receive {
        /// Where.
        queue: WireQueue,
        /// Messages at most.
        limit: usize,
        /// The lease, in milliseconds.
        lease_ms: u64,
        /// How long to wait, in milliseconds, [`WAIT_MS_MAX`] at most.
        wait_ms: u64,
    },
    /// [`Queue::extend`](crate::Queue::extend).
    Extend {
        /// Where.
        queue: WireQueue,
        /// Which delivery.
        receipt: String,
        /// The lease, in milliseconds.
        lease_ms: u64,
    },
    /// [`Queue::delete`](crate::Queue::delete).
    Delete {
        /// Where.
        queue: WireQueue,
        /// Which delivery.
        receipt: String,
    },
    /// [`Queue::reject`](crate::Queue::reject).
    Reject {
        /// Where.
        queue: WireQueue,
        /// Which delivery.
        delivery: WireDelivery,
        /// Why.
        reason: String,
    },
    /// [`Queue::depth`](crate::Queue::depth).
    Depth {
        /// Where.
        queue: WireQueue,
    },
    /// [`Objects::put_once`](crate::Objects::put_once).
    PutOnce {
        /// Where.
        key: ObjectKey,
        /// What.
        bytes: WireBytes,
    },
    /// [`Objects::put_many_once`](crate::Objects::put_many_once).
    PutManyOnce {
        /// Where and what.
        objects: Vec<WireObject>,
    },
    /// [`Objects::replace`](crate::Objects::replace).
    Replace {
        /// Where.
        key: ObjectKey,
        /// The tag that must be there.
        expected: Option<String>,
        /// What.
        bytes: WireBytes,
    },
    /// [`Objects::get`](crate::Objects::get).
    Get {
        /// Where.
        key: ObjectKey,
    },
    /// [`Objects::list`](crate::Objects::list).
    List {
        /// How the keys begin.
        prefix: String,
        /// After which key.
        after: Option<String>,
        /// Keys at most.
        limit: usize,
    },
}

impl Operation {
    /// The last part of the address.
    pub fn route(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::Receive { .. } => "receive",
            Self::Extend { .. } => "extend",
            Self::Delete { .. } => "delete",
            Self::Reject { .. } => "reject",
            Self::Depth { .. } => "depth",
            Self::PutOnce { .. } => "put-once",
            Self::PutManyOnce { .. } => "put-many-once",
            Self::Replace { .. } => "replace",
            Self::Get { .. } => "get",
            Self::List { .. } => "list",
        }
    }
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// It is done.
    Done,
    /// Messages.
    Deliveries {
        /// The messages.
        deliveries: Vec<WireDelivery>,
    },
    /// Numbers of messages.
    Depth {
        /// That wait.
        waiting: u64,
        /// That are leased.
        leased: u64,
        /// That are dead.
        dead: u64,
    },
    /// Whether each object was stored; where not, its key was taken.
    Stored {
        /// In the order of the request.
        stored: Vec<bool>,
    },
    /// The new tag, or none where another writer was faster.
    Replaced {
        /// The tag.
        tag: Option<String>,
    },
    /// An object, or none.
    Object {
        /// Its bytes and tag.
        object: Option<WireContent>,
    },
    /// A page of keys.
    Keys {
        /// The keys.
        keys: Vec<String>,
        /// Where the next page begins.
        next: Option<String>,
    },
    /// It failed.
    Failed {
        /// How.
        failure: WireFailure,
    },
}

/// A message that was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireDelivery {
    /// Names the delivery.
    pub receipt: String,
    /// The message.
    pub body: String,
    /// Which delivery, from 1.
    pub receive_count: u32,
}

impl From<&Delivery> for WireDelivery {
    fn from(delivery: &Delivery) -> Self {
        Self {
            receipt: delivery.receipt.0.clone(),
            body: delivery.body.clone(),
            receive_count: delivery.receive_count,
        }
    }
}

impl From<WireDelivery> for Delivery {
    fn from(delivery: WireDelivery) -> Self {
        Self {
            receipt: Receipt(delivery.receipt),
            body: delivery.body,
            receive_count: delivery.receive_count,
        }
    }
}

impl From<QueueDepth> for Answer {
    fn from(depth: QueueDepth) -> Self {
        Self::Depth {
            waiting: depth.waiting,
            leased: depth.leased,
            dead: depth.dead,
        }
    }
}

/// An object to be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireObject {
    /// Where.
    pub key: ObjectKey,
    /// What.
    pub bytes: WireBytes,
}

/// An object that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireContent {
    /// What.
    pub bytes: WireBytes,
    /// Its tag.
    pub tag: String,
}

/// Bytes, in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WireBytes(pub Vec<u8>);

impl From<WireBytes> for String {
    fn from(bytes: WireBytes) -> Self {
        STANDARD.encode(bytes.0)
    }
}

impl TryFrom<String> for WireBytes {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(Self)
    }
}

/// A failure, by what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WireFailure {
    /// [`StoreError::Conflict`].
    Conflict {
        /// To what.
        id: String,
        /// What contradicts.
        reason: String,
    },
    /// [`StoreError::NoSpace`].
    NoSpace {
        /// For what.
        what: String,
    },
    /// Any other.
    Unavailable {
        /// In words.
        message: String,
    },
}

impl From<StoreError> for WireFailure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { what, id, reason } => Self::Conflict {
                id: id.clone(),
                reason: format!("({what}) {reason}"),
            },
            StoreError::NoSpace { what } => Self::NoSpace { what },
            other => Self::Unavailable {
                message: other.to_string(),
            },
        }
    }
}

impl WireFailure {
    /// The failure, as the server's adapter had it.
    pub fn into_error(self, action: &str) -> StoreError {
        match self {
            Self::Conflict { id, reason } => StoreError::Conflict {
                what: "what the server holds as",
                id,
                reason,
            },
            Self::NoSpace { what } => StoreError::NoSpace {
                what: format!("{what} on the server"),
            },
            Self::Unavailable { message } => StoreError::Unavailable {
                action: action.to_owned(),
                reason: message,
            },
        }
    }
}

/// What cannot be read of a request or an answer.
pub(super) fn unreadable(what: &'static str, error: &serde_json::Error) -> InvalidInput {
    InvalidInput::Document {
        what,
        reason: error.to_string(),
    }
}
