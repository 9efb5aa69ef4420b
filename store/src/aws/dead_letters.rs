//! Dead letters in SQS, where one looks at a message by receiving it.
//!
//! SQS keeps a message for two weeks from when it was sent. One that SQS itself moved here is as old
//! as it was in its queue, and one that was rejected is new here.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName,
};
use jiff::Timestamp;
use shared_types::job::DELIVERIES_PER_RELEASE;

use super::queue::{DELIVERIES, DIED_AT, REASON, RECEIVE_LIMIT_MAX, SqsQueue};
use super::service_error::unavailable;
use crate::{DeadLetter, DeadLetters, Queue, QueueName, StoreError};

/// For how long dead letters are kept from others while this process looks at them: long enough for
/// some thousands. After a crash they are seen again by themselves.
const LOOK_SECONDS: i32 = 120;

/// A call that waits asks all servers of SQS, so that an empty answer means an empty queue.
const WAIT: Duration = Duration::from_secs(1);

#[async_trait]
impl DeadLetters for SqsQueue {
    async fn list(&self, queue: &QueueName, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let mut look = Look::begin(self, queue).await?;
        let looked = look.take(limit).await;
        let mut letters: Vec<(Timestamp, DeadLetter)> =
            look.taken.iter().filter_map(dead_letter).collect();
        look.end().await;
        looked?;
        letters.sort_by_key(|(came_at, _)| *came_at);
        Ok(letters.into_iter().map(|(_, letter)| letter).collect())
    }

    async fn retry(&self, queue: &QueueName, id: &str) -> Result<bool, StoreError> {
        let destination = self.url(queue).await?;
        let mut look = Look::begin(self, queue).await?;
        let retried = look.retry(id, &destination).await;
        look.end().await;
        retried
    }

    async fn retry_all(&self, queue: &QueueName) -> Result<u64, StoreError> {
        // Those that come back meanwhile have had their turn.
        let turns = self.depth(queue).await?.dead;
        let destination = self.url(queue).await?;
        let mut look = Look::begin(self, queue).await?;
        let retried = look.retry_up_to(turns, &destination).await;
        look.end().await;
        retried
    }

    async fn discard(&self, queue: &QueueName, id: &str) -> Result<bool, StoreError> {
        let mut look = Look::begin(self, queue).await?;
        let discarded = look.discard(id).await;
        look.end().await;
        discarded
    }
}

/// A look at the dead letters of a queue, during which others do not see what was taken.
struct Look<'queue> {
    queue: &'queue SqsQueue,
    url: String,
    taken: Vec<Message>,
}

impl<'queue> Look<'queue> {
    async fn begin(queue: &'queue SqsQueue, name: &QueueName) -> Result<Self, StoreError> {
        Ok(Self {
            queue,
            url: queue.dead_letters_url(name).await?,
            taken: Vec::new(),
        })
    }

    /// Takes `limit` dead letters, or all that there are.
    async fn take(&mut self, limit: usize) -> Result<(), StoreError> {
        while self.taken.len() < limit && self.take_some(limit - self.taken.len()).await? {}
        Ok(())
    }

    async fn retry(&mut self, id: &str, destination: &str) -> Result<bool, StoreError> {
        let Some(message) = self.find(id).await? else {
            return Ok(false);
        };
        let body = message.body().unwrap_or_default().to_owned();
        self.queue.send_to(destination, &body, None).await?;
        self.remove(id).await?;
        Ok(true)
    }

    async fn retry_up_to(&mut self, turns: u64, destination: &str) -> Result<u64, StoreError> {
        let mut retried = 0;
        while retried < turns && self.take_some(RECEIVE_LIMIT_MAX).await? {
            let ids: Vec<String> = self
                .taken
                .iter()
                .filter_map(|message| message.message_id.clone())
                .collect();
            for id in ids {
                retried += u64::from(self.retry(&id, destination).await?);
            }
        }
        Ok(retried)
    }

    async fn discard(&mut self, id: &str) -> Result<bool, StoreError> {
        let found = self.find(id).await?.is_some();
        if found {
            self.remove(id).await?;
        }
        Ok(found)
    }

    async fn find(&mut self, id: &str) -> Result<Option<&Message>, StoreError> {
        while !self.taken.iter().any(|one| one.message_id() == Some(id)) {
            if !self.take_some(RECEIVE_LIMIT_MAX).await? {
                return Ok(None);
            }
        }
        Ok(self.taken.iter().find(|one| one.message_id() == Some(id)))
    }

    /// Takes as many as one call gives. Returns whether any of them is new.
    async fn take_some(&mut self, limit: usize) -> Result<bool, StoreError> {
        let answer = self
            .queue
            .client()
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(limit.clamp(1, RECEIVE_LIMIT_MAX) as i32)
            .visibility_timeout(LOOK_SECONDS)
            .wait_time_seconds(WAIT.as_secs() as i32)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await
            .map_err(|error| unavailable(format!("looking at {}", self.url), &error))?;
        let mut is_any_new = false;
        for message in answer.messages.unwrap_or_default() {
            let id = message.message_id();
            match self.taken.iter_mut().find(|one| one.message_id() == id) {
                // The look took longer than it may, or SQS delivered twice: this receipt is valid.
                Some(again) => *again = message,
                None => {
                    is_any_new = true;
                    self.taken.push(message);
                }
            }
        }
        Ok(is_any_new)
    }

    async fn remove(&mut self, id: &str) -> Result<(), StoreError> {
        let at = |taken: &[Message]| taken.iter().position(|one| one.message_id() == Some(id));
        let Some(position) = at(&self.taken) else {
            return Ok(());
        };
        self.queue
            .client()
            .delete_message()
            .queue_url(&self.url)
            .set_receipt_handle(self.taken[position].receipt_handle.clone())
            .send()
            .await
            .map_err(|error| unavailable(format!("deleting a message of {}", self.url), &error))?;
        self.taken.remove(position);
        Ok(())
    }

    /// Shows the others again what was taken. Where that fails, time does it.
    async fn end(self) {
        for batch in self.taken.chunks(RECEIVE_LIMIT_MAX) {
            let entries = batch.iter().enumerate().filter_map(|(number, message)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(number.to_string())
                    .set_receipt_handle(message.receipt_handle.clone())
                    .visibility_timeout(0)
                    .build()
                    .ok()
            });
            let answer = self
                .queue
                .client()
                .change_message_visibility_batch()
                .queue_url(&self.url)
                .set_entries(Some(entries.collect()))
                .send()
                .await;
            if let Err(error) = answer {
                let error = unavailable("giving dead letters back", &error);
                tracing::warn!(%error, "they are seen again in {LOOK_SECONDS} s");
            }
        }
    }
}

/// A dead letter, and when it came here as far as is known, for the order.
fn dead_letter(message: &Message) -> Option<(Timestamp, DeadLetter)> {
    let told = |name: &str| {
        let attributes = message.message_attributes.as_ref()?;
        attributes.get(name)?.string_value()
    };
    let died_at: Option<Timestamp> = told(DIED_AT).and_then(|text| text.parse().ok());
    let sent_at = message
        .attributes
        .as_ref()
        .and_then(|system| system.get(&MessageSystemAttributeName::SentTimestamp))
        .and_then(|milliseconds| milliseconds.parse().ok())
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok());
    let letter = DeadLetter {
        id: message.message_id()?.to_owned(),
        body: message.body()?.to_owned(),
        // What SQS moved here by itself was delivered as often as its queue allows. Its own count
        // would count the looks, too.
        deliveries: told(DELIVERIES)
            .and_then(|count| count.parse().ok())
            .unwrap_or(DELIVERIES_PER_RELEASE),
        reason: told(REASON).map(str::to_owned),
        died_at,
    };
    Some((died_at.or(sent_at).unwrap_or_default(), letter))
}
