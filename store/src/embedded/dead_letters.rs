//! Dead letters, in the file of the queues.

use async_trait::async_trait;
use rusqlite::{Connection, params};

use super::database::Failure;
use super::document::{execute, from_nanoseconds, rows};
use super::queue::EmbeddedQueue;
use crate::{DeadLetter, DeadLetters, QueueName, StoreError};

#[async_trait]
impl DeadLetters for EmbeddedQueue {
    async fn list(&self, queue: &QueueName, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let queue = queue.to_string();
        self.database()
            .read("reading dead letters", move |transaction| {
                list(transaction, &queue, limit)
            })
            .await
    }

    async fn retry(&self, queue: &QueueName, id: &str) -> Result<bool, StoreError> {
        let Ok(sequence) = id.parse::<i64>() else {
            return Ok(false);
        };
        let (queue, now) = (queue.to_string(), self.now());
        self.database()
            .write("sending a dead letter once more", move |transaction| {
                let sent = execute(
                    transaction,
                    "INSERT INTO messages (queue, body, deliveries, visible_at)
                     SELECT queue, body, 0, ?3 FROM dead_letters
                     WHERE queue = ?1 AND sequence = ?2",
                    params![queue, sequence, now],
                )?;
                remove(transaction, &queue, sequence)?;
                Ok(sent == 1)
            })
            .await
    }

    async fn discard(&self, queue: &QueueName, id: &str) -> Result<bool, StoreError> {
        let Ok(sequence) = id.parse::<i64>() else {
            return Ok(false);
        };
        let queue = queue.to_string();
        self.database()
            .write("removing a dead letter", move |transaction| {
                remove(transaction, &queue, sequence)
            })
            .await
    }
}

fn list(connection: &Connection, queue: &str, limit: usize) -> Result<Vec<DeadLetter>, Failure> {
    let found: Vec<(i64, String, u32, String, i64)> = rows(
        connection,
        "SELECT sequence, body, deliveries, reason, died_at FROM dead_letters
         WHERE queue = ?1 ORDER BY died_at, sequence LIMIT ?2",
        params![queue, i64::try_from(limit).unwrap_or(i64::MAX)],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        },
    )?;
    found
        .into_iter()
        .map(|(sequence, body, deliveries, reason, died_at)| {
            let id = sequence.to_string();
            Ok(DeadLetter {
                died_at: Some(from_nanoseconds("dead letter", &id, died_at)?),
                reason: Some(reason),
                id,
                body,
                deliveries,
            })
        })
        .collect()
}

fn remove(connection: &Connection, queue: &str, sequence: i64) -> Result<bool, Failure> {
    let removed = execute(
        connection,
        "DELETE FROM dead_letters WHERE queue = ?1 AND sequence = ?2",
        params![queue, sequence],
    )?;
    Ok(removed == 1)
}
