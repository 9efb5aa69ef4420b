//! The port to queues. Delivery is at least once, and not always in order.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use shared_types::{ConfigurationId, InvalidInput};

use crate::StoreError;

/// A queue of the system.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QueueName {
    /// Jobs of one configuration.
    Jobs(ConfigurationId),
    /// What collectors tell: [`EventMessage`](shared_types::events::EventMessage).
    Events,
    /// Storage events of new results.
    Ingest,
    /// Runs that became complete and are to be compared.
    Compare,
    /// Comparisons that are to be told where people work.
    Github,
}

impl QueueName {
    /// The queues between the functions: all but those of configurations.
    pub const OF_FUNCTIONS: [Self; 4] = [Self::Events, Self::Ingest, Self::Compare, Self::Github];
}

impl fmt::Display for QueueName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jobs(configuration) => write!(formatter, "jobs/{configuration}"),
            Self::Events => formatter.write_str("events"),
            Self::Ingest => formatter.write_str("ingest"),
            Self::Compare => formatter.write_str("compare"),
            Self::Github => formatter.write_str("github"),
        }
    }
}

impl FromStr for QueueName {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        if let Some(configuration) = text.strip_prefix("jobs/") {
            return Ok(Self::Jobs(configuration.parse()?));
        }
        Self::OF_FUNCTIONS
            .into_iter()
            .find(|queue| queue.to_string() == text)
            .ok_or_else(|| {
                InvalidInput::inconsistent(
                    "the name of a queue",
                    format!(
                        "`{text}` is none of events, ingest, compare, github and \
                         jobs/CONFIGURATION"
                    ),
                )
            })
    }
}

/// Queues with leases.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Appends a message.
    ///
    /// # Errors
    /// When the store fails, or the message is longer than
    /// [`MESSAGE_BYTES_MAX`](shared_types::job::MESSAGE_BYTES_MAX).
    async fn send(&self, queue: &QueueName, body: &str) -> Result<(), StoreError>;

    /// Takes up to `limit` messages (1 to 10), each leased for `lease`, and waits up to `wait` for
    /// the first. A message whose lease ends is delivered again; after
    /// [`DELIVERIES_PER_RELEASE`](shared_types::job::DELIVERIES_PER_RELEASE) deliveries it is moved
    /// to the queue's dead letters instead.
    ///
    /// # Errors
    /// When the store fails.
    async fn receive(
        &self,
        queue: &QueueName,
        limit: usize,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Makes a lease end `lease` from now. A lease of zero returns the message at once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the lease has ended and the message is not this delivery's any
    /// more; else when the store fails.
    async fn extend(
        &self,
        queue: &QueueName,
        receipt: &Receipt,
        lease: Duration,
    ) -> Result<(), StoreError>;

    /// Deletes a delivered message. Deleting one that is gone is no error.
    ///
    /// # Errors
    /// When the store fails.
    async fn delete(&self, queue: &QueueName, receipt: &Receipt) -> Result<(), StoreError>;

    /// Moves a delivered message to the dead letters, with the reason.
    ///
    /// # Errors
    /// When the store fails.
    async fn reject(
        &self,
        queue: &QueueName,
        delivery: &Delivery,
        reason: &str,
    ) -> Result<(), StoreError>;

    /// How many messages wait, are leased, and are dead.
    ///
    /// # Errors
    /// When the store fails.
    async fn depth(&self, queue: &QueueName) -> Result<QueueDepth, StoreError>;
}

/// One delivery of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Names this delivery to [`Queue::extend`] and [`Queue::delete`].
    pub receipt: Receipt,
    /// The message.
    pub body: String,
    /// Which delivery of the message this is, from 1.
    pub receive_count: u32,
}

/// Names one delivery. What it holds is the adapter's business.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receipt(pub String);

/// Messages in a queue. In the cloud these are estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueDepth {
    /// Messages that wait.
    pub waiting: u64,
    /// Messages that are leased.
    pub leased: u64,
    /// Messages among the dead letters.
    pub dead: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_queue_is_known_by_its_name() {
        let mut queues = QueueName::OF_FUNCTIONS.to_vec();
        queues.push(QueueName::Jobs("x86_64-llvm-t1".parse().unwrap()));
        for queue in queues {
            assert_eq!(queue.to_string().parse::<QueueName>().unwrap(), queue);
        }
        for wrong in ["", "jobs", "jobs/", "jobs/a.b", "Events"] {
            assert!(wrong.parse::<QueueName>().is_err(), "{wrong}");
        }
    }
}
