//! The port to messages that could not be handled. Nothing is ever dropped: a person looks at what
//! is kept aside here, mends what was wrong, and has it delivered once more.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{QueueName, StoreError};

/// The dead letters of all queues.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// The dead letters of a queue, `limit` at most, the oldest first as far as the store knows.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, queue: &QueueName, limit: usize) -> Result<Vec<DeadLetter>, StoreError>;

    /// Sends the message of a dead letter to its queue once more, where its deliveries are counted
    /// from the beginning. Returns whether there was such a dead letter.
    ///
    /// # Errors
    /// When the store fails. The message is then a dead letter, or in its queue, or both.
    async fn retry(&self, queue: &QueueName, id: &str) -> Result<bool, StoreError>;

    /// Sends the messages of all dead letters of a queue to it once more, and returns how many.
    ///
    /// # Errors
    /// When the store fails. The messages are then dead letters, or in their queue, or both.
    async fn retry_all(&self, queue: &QueueName) -> Result<u64, StoreError> {
        let mut retried = 0;
        for letter in self.list(queue, usize::MAX).await? {
            retried += u64::from(self.retry(queue, &letter.id).await?);
        }
        Ok(retried)
    }

    /// Removes a dead letter for good. Returns whether there was such a dead letter.
    ///
    /// # Errors
    /// When the store fails.
    async fn discard(&self, queue: &QueueName, id: &str) -> Result<bool, StoreError>;
}

/// A message that could not be handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Names it within its queue.
    pub id: String,
    /// The message.
    pub body: String,
    /// How often it was delivered before it was given up.
    pub deliveries: u32,
    /// Why it is here. `None` where the store gave it up without being told a reason.
    pub reason: Option<String>,
    /// When it came here.
    pub died_at: Option<Timestamp>,
}
