//! Queues with leases, in a SQLite file of their own, so that a collector never opens the index.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use shared_types::job::{DELIVERIES_PER_RELEASE, MESSAGE_BYTES_MAX};
use tokio::time::Instant;

use super::Clock;
use super::database::{Database, Durability, Failure};
use super::document::{execute, first_row, rows, to_nanoseconds};
use super::schema::QUEUE_MIGRATIONS;
use crate::{Delivery, Queue, QueueDepth, QueueName, Receipt, StoreError};

/// How often a receiver that waits looks again. Other processes send, so nothing could wake it.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The most that one call receives, as in SQS.
const RECEIVE_LIMIT_MAX: usize = 10;

/// All queues, in one file.
pub(super) struct EmbeddedQueue {
    database: Database,
    clock: Clock,
}

impl EmbeddedQueue {
    /// Opens the file, and makes it where there is none.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(path: &Path, clock: Clock) -> Result<Self, StoreError> {
        // After a loss of power the last messages may be missing. Jobs are then released again, and
        // results are found by reconciliation.
        let database = Database::open(path, QUEUE_MIGRATIONS, Durability::AllButTheLast)?;
        Ok(Self { database, clock })
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) fn now(&self) -> i64 {
        to_nanoseconds((self.clock)())
    }

    async fn take(
        &self,
        queue: &str,
        limit: usize,
        lease: Duration,
    ) -> Result<Vec<Delivery>, StoreError> {
        let now = self.now();
        // Looking first without the write lock keeps idle receivers out of the senders' way.
        let name = queue.to_owned();
        let waiting = self
            .database
            .read("looking into a queue", move |transaction| {
                is_waiting(transaction, &name, now)
            })
            .await?;
        if !waiting {
            return Ok(Vec::new());
        }
        let name = queue.to_owned();
        self.database
            .write("receiving messages", move |transaction| {
                bury_undeliverable(transaction, &name, now)?;
                lease_oldest(
                    transaction,
                    &name,
                    limit,
                    Lease {
                        now,
                        ends_at: end_of(now, lease),
                    },
                )
            })
            .await
    }
}

#[async_trait]
impl Queue for EmbeddedQueue {
    async fn send(&self, queue: &QueueName, body: &str) -> Result<(), StoreError> {
        if body.len() > MESSAGE_BYTES_MAX {
            return Err(StoreError::Conflict {
                what: "a message for the queue",
                id: queue.to_string(),
                reason: format!(
                    "has {} bytes, and {MESSAGE_BYTES_MAX} is the most: put larger parts into \
                     objects",
                    body.len()
                ),
            });
        }
        let (queue, body, now) = (queue.to_string(), body.to_owned(), self.now());
        self.database
            .write("sending a message", move |transaction| {
                execute(
                    transaction,
                    "INSERT INTO messages (queue, body, deliveries, visible_at)
                     VALUES (?1, ?2, 0, ?3)",
                    params![queue, body, now],
                )
                .map(drop)
            })
            .await
    }

    async fn receive(
        &self,
        queue: &QueueName,
        limit: usize,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, StoreError> {
        let queue = queue.to_string();
        let limit = limit.clamp(1, RECEIVE_LIMIT_MAX);
        let give_up_at = Instant::now() + wait;
        loop {
            let deliveries = self.take(&queue, limit, lease).await?;
            let left = give_up_at.saturating_duration_since(Instant::now());
            if !deliveries.is_empty() || left.is_zero() {
                return Ok(deliveries);
            }
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
        }
    }

    async fn extend(
        &self,
        queue: &QueueName,
        receipt: &Receipt,
        lease: Duration,
    ) -> Result<(), StoreError> {
        let lost = || StoreError::Conflict {
            what: "the delivery",
            id: receipt.0.clone(),
            reason: "has no lease any more: the message is another's, or gone".to_owned(),
        };
        let (sequence, deliveries) = read_receipt(receipt).ok_or_else(lost)?;
        let (queue, now) = (queue.to_string(), self.now());
        let extended = self
            .database
            .write("extending a lease", move |transaction| {
                execute(
                    transaction,
                    "UPDATE messages SET visible_at = ?4
                     WHERE sequence = ?1 AND deliveries = ?2 AND queue = ?3 AND visible_at > ?5",
                    params![sequence, deliveries, queue, end_of(now, lease), now],
                )
            })
            .await?;
        if extended == 1 { Ok(()) } else { Err(lost()) }
    }

    async fn delete(&self, queue: &QueueName, receipt: &Receipt) -> Result<(), StoreError> {
        let Some((sequence, deliveries)) = read_receipt(receipt) else {
            return Ok(());
        };
        let queue = queue.to_string();
        self.database
            .write("deleting a message", move |transaction| {
                // A delivery whose lease has ended may still delete, but not what is another's now.
                execute(
                    transaction,
                    "DELETE FROM messages WHERE sequence = ?1 AND deliveries = ?2 AND queue = ?3",
                    params![sequence, deliveries, queue],
                )
                .map(drop)
            })
            .await
    }

    async fn reject(
        &self,
        queue: &QueueName,
        delivery: &Delivery,
        reason: &str,
    ) -> Result<(), StoreError> {
        let Some((sequence, deliveries)) = read_receipt(&delivery.receipt) else {
            return Ok(());
        };
        let (queue, reason, now) = (queue.to_string(), reason.to_owned(), self.now());
        self.database
            .write("rejecting a message", move |transaction| {
                let found = first_row(
                    transaction,
                    "SELECT 1 FROM messages
                     WHERE sequence = ?1 AND deliveries = ?2 AND queue = ?3",
                    params![sequence, deliveries, queue],
                    |_| Ok(()),
                )?;
                match found {
                    Some(()) => bury(transaction, sequence, &reason, now),
                    None => Ok(()),
                }
            })
            .await
    }

    async fn depth(&self, queue: &QueueName) -> Result<QueueDepth, StoreError> {
        let (queue, now) = (queue.to_string(), self.now());
        self.database
            .read("counting messages", move |transaction| {
                depth(transaction, &queue, now)
            })
            .await
    }
}

/// When a lease begins and ends.
#[derive(Clone, Copy)]
struct Lease {
    now: i64,
    ends_at: i64,
}

fn end_of(now: i64, lease: Duration) -> i64 {
    now.saturating_add(i64::try_from(lease.as_nanos()).unwrap_or(i64::MAX))
}

/// A receipt names the message and which delivery of it: `17:2`.
fn write_receipt(sequence: i64, deliveries: u32) -> Receipt {
    Receipt(format!("{sequence}:{deliveries}"))
}

fn read_receipt(receipt: &Receipt) -> Option<(i64, u32)> {
    let (sequence, deliveries) = receipt.0.split_once(':')?;
    Some((sequence.parse().ok()?, deliveries.parse().ok()?))
}

fn is_waiting(connection: &Connection, queue: &str, now: i64) -> Result<bool, Failure> {
    let found = first_row(
        connection,
        "SELECT 1 FROM messages WHERE queue = ?1 AND visible_at <= ?2 LIMIT 1",
        params![queue, now],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

fn bury_undeliverable(connection: &Connection, queue: &str, now: i64) -> Result<(), Failure> {
    let undeliverable: Vec<i64> = rows(
        connection,
        "SELECT sequence FROM messages
         WHERE queue = ?1 AND visible_at <= ?2 AND deliveries >= ?3",
        params![queue, now, DELIVERIES_PER_RELEASE],
        |row| row.get(0),
    )?;
    for sequence in undeliverable {
        let reason = format!("it was delivered {DELIVERIES_PER_RELEASE} times and never deleted");
        bury(connection, sequence, &reason, now)?;
    }
    Ok(())
}

fn bury(connection: &Connection, sequence: i64, reason: &str, now: i64) -> Result<(), Failure> {
    execute(
        connection,
        "INSERT INTO dead_letters (sequence, queue, body, deliveries, reason, died_at)
         SELECT sequence, queue, body, deliveries, ?2, ?3 FROM messages WHERE sequence = ?1",
        params![sequence, reason, now],
    )?;
    execute(
        connection,
        "DELETE FROM messages WHERE sequence = ?1",
        params![sequence],
    )?;
    Ok(())
}

fn lease_oldest(
    connection: &Connection,
    queue: &str,
    limit: usize,
    lease: Lease,
) -> Result<Vec<Delivery>, Failure> {
    let taken: Vec<(i64, String, u32)> = rows(
        connection,
        "SELECT sequence, body, deliveries + 1 FROM messages
         WHERE queue = ?1 AND visible_at <= ?2 ORDER BY sequence LIMIT ?3",
        params![queue, lease.now, limit as i64],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let mut deliveries = Vec::with_capacity(taken.len());
    for (sequence, body, receive_count) in taken {
        execute(
            connection,
            "UPDATE messages SET deliveries = ?2, visible_at = ?3 WHERE sequence = ?1",
            params![sequence, receive_count, lease.ends_at],
        )?;
        deliveries.push(Delivery {
            receipt: write_receipt(sequence, receive_count),
            body,
            receive_count,
        });
    }
    Ok(deliveries)
}

fn depth(connection: &Connection, queue: &str, now: i64) -> Result<QueueDepth, Failure> {
    let count = |sql: &str| -> Result<u64, Failure> {
        let count: Option<i64> = first_row(connection, sql, params![queue, now], |row| row.get(0))?;
        Ok(count.map_or(0, i64::unsigned_abs))
    };
    Ok(QueueDepth {
        waiting: count("SELECT count(*) FROM messages WHERE queue = ?1 AND visible_at <= ?2")?,
        leased: count("SELECT count(*) FROM messages WHERE queue = ?1 AND visible_at > ?2")?,
        dead: count("SELECT count(*) FROM dead_letters WHERE queue = ?1 AND ?2 = ?2")?,
    })
}
