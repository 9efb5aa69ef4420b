//! Queues with leases, in SQS.

mod leases;
mod message_text;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
};
use jiff::Timestamp;
use shared_types::job::MESSAGE_BYTES_MAX;

use super::names::AwsPlace;
use super::service_error::unavailable;
use crate::{Delivery, Queue, QueueDepth, QueueName, Receipt, StoreError};
use leases::{Known, LEASE_MAX, Leases};

/// The most that one call receives.
pub(super) const RECEIVE_LIMIT_MAX: usize = 10;
/// The longest that one call waits for a message.
const POLL_MAX: Duration = Duration::from_secs(20);
/// For how long a message stays ours while it is moved to the dead letters.
const MOVING: Duration = Duration::from_secs(120);

/// The attributes that a rejected message has among the dead letters.
pub(super) const REASON: &str = "reason";
pub(super) const DELIVERIES: &str = "deliveries";
pub(super) const DIED_AT: &str = "died_at";

/// What SQS says of a receipt that names no leased message of the queue.
const LEASE_LOST: [&str; 5] = [
    "MessageNotInflight",
    "ReceiptHandleIsInvalid",
    "InvalidParameterValue",
    "InvalidParameterValueException",
    "InvalidIdFormat",
];

/// All queues of a place.
pub(super) struct SqsQueue {
    client: Client,
    place: AwsPlace,
    urls: Mutex<HashMap<String, String>>,
    leases: Leases,
}

impl SqsQueue {
    pub(super) fn new(configuration: &SdkConfig, place: &AwsPlace) -> Self {
        Self {
            client: Client::new(configuration),
            place: place.clone(),
            urls: Mutex::default(),
            leases: Leases::default(),
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) async fn url(&self, queue: &QueueName) -> Result<String, StoreError> {
        self.url_of(self.place.queue(queue), queue).await
    }

    pub(super) async fn dead_letters_url(&self, queue: &QueueName) -> Result<String, StoreError> {
        self.url_of(self.place.dead_letter_queue(queue), queue)
            .await
    }

    /// The address of a queue by its name at AWS, asked for once.
    async fn url_of(&self, name: String, queue: &QueueName) -> Result<String, StoreError> {
        let known = |urls: &Mutex<HashMap<String, String>>| {
            let urls = urls.lock().unwrap_or_else(PoisonError::into_inner);
            urls.get(&name).cloned()
        };
        if let Some(url) = known(&self.urls) {
            return Ok(url);
        }
        let answer = self.client.get_queue_url().queue_name(&name).send().await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if is_missing_queue(error.code()) => {
                return Err(self.missing(name, queue));
            }
            Err(error) => return Err(unavailable(format!("finding the queue {name}"), &error)),
        };
        let Some(url) = answer.queue_url() else {
            return Err(self.missing(name, queue));
        };
        let mut urls = self.urls.lock().unwrap_or_else(PoisonError::into_inner);
        urls.insert(name, url.to_owned());
        Ok(url.to_owned())
    }

    fn missing(&self, name: String, queue: &QueueName) -> StoreError {
        let environment = &self.place.environment;
        let reason = match queue {
            QueueName::Jobs(configuration) => format!(
                "does not exist: add `{configuration}` to `configurations` in \
                 infra/environments/{environment}/terraform.tfvars and apply it"
            ),
            _ => format!("does not exist: is there an environment `{environment}`? Apply infra/"),
        };
        StoreError::Conflict {
            what: "the queue",
            id: name,
            reason,
        }
    }

    /// Sends to an address, with what is to be told beside the message.
    pub(super) async fn send_to(
        &self,
        url: &str,
        body: &str,
        attributes: Option<HashMap<String, MessageAttributeValue>>,
    ) -> Result<(), StoreError> {
        self.client
            .send_message()
            .queue_url(url)
            .message_body(body)
            .set_message_attributes(attributes)
            .send()
            .await
            .map_err(|error| unavailable(format!("sending a message to {url}"), &error))?;
        Ok(())
    }

    /// One call, for a wait of whole seconds.
    async fn poll(
        &self,
        url: &str,
        limit: i32,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, StoreError> {
        let answer = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(limit)
            .visibility_timeout(whole_seconds(lease))
            .wait_time_seconds(whole_seconds(wait))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .send()
            .await
            .map_err(|error| unavailable(format!("receiving messages of {url}"), &error))?;
        let now = Instant::now();
        self.leases.forget_old(now);
        let messages = answer.messages.unwrap_or_default();
        let deliveries: Vec<Delivery> = messages.into_iter().filter_map(delivery).collect();
        for delivery in &deliveries {
            self.leases.begin(url, &delivery.receipt, lease, now);
        }
        Ok(deliveries)
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, queue: &QueueName, body: &str) -> Result<(), StoreError> {
        let refused = |reason: String| StoreError::Conflict {
            what: "a message for the queue",
            id: queue.to_string(),
            reason,
        };
        if body.len() > MESSAGE_BYTES_MAX {
            return Err(refused(format!(
                "has {} bytes, and {MESSAGE_BYTES_MAX} is the most: put larger parts into objects",
                body.len()
            )));
        }
        let body = message_text::body(body).map_err(refused)?;
        self.send_to(&self.url(queue).await?, &body, None).await
    }

    async fn receive(
        &self,
        queue: &QueueName,
        limit: usize,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, StoreError> {
        let url = self.url(queue).await?;
        let limit = limit.clamp(1, RECEIVE_LIMIT_MAX) as i32;
        let lease = lease.min(LEASE_MAX);
        let give_up_at = Instant::now() + wait;
        loop {
            let left = give_up_at.saturating_duration_since(Instant::now());
            let deliveries = self.poll(&url, limit, lease, left.min(POLL_MAX)).await?;
            // What is left of a second after a poll is not worth another call.
            let left = give_up_at.saturating_duration_since(Instant::now());
            if !deliveries.is_empty() || left < Duration::from_secs(1) {
                return Ok(deliveries);
            }
        }
    }

    async fn extend(
        &self,
        queue: &QueueName,
        receipt: &Receipt,
        lease: Duration,
    ) -> Result<(), StoreError> {
        let url = self.url(queue).await?;
        let reason = match self.hold(&url, receipt, lease).await? {
            Hold::Extended => return Ok(()),
            Hold::Lost => "has no lease any more: the message is another's, or gone",
            Hold::TooLong => "cannot be leased for more than 12 hours in all",
        };
        Err(StoreError::Conflict {
            what: "the delivery",
            id: receipt.0.clone(),
            reason: reason.to_owned(),
        })
    }

    async fn delete(&self, queue: &QueueName, receipt: &Receipt) -> Result<(), StoreError> {
        let url = self.url(queue).await?;
        let now = Instant::now();
        if self.leases.look_up(&url, receipt, now) == Known::Ended {
            return Ok(());
        }
        let answer = self
            .client
            .delete_message()
            .queue_url(&url)
            .receipt_handle(&receipt.0)
            .send()
            .await;
        match answer {
            Err(error) if !says_lease_lost(error.code()) => {
                return Err(unavailable(format!("deleting a message of {url}"), &error));
            }
            _ => self.leases.end_at(&url, receipt, now),
        }
        Ok(())
    }

    async fn reject(
        &self,
        queue: &QueueName,
        delivery: &Delivery,
        reason: &str,
    ) -> Result<(), StoreError> {
        let source = self.url(queue).await?;
        if self.hold(&source, &delivery.receipt, MOVING).await? == Hold::Lost {
            return Ok(());
        }
        let url = self.dead_letters_url(queue).await?;
        let attributes = HashMap::from([
            (
                REASON.to_owned(),
                attribute("String", message_text::reason(reason))?,
            ),
            (
                DELIVERIES.to_owned(),
                attribute("Number", delivery.receive_count.to_string())?,
            ),
            (
                DIED_AT.to_owned(),
                attribute("String", Timestamp::now().to_string())?,
            ),
        ]);
        // A crash in between leaves it in both, and never in neither.
        self.send_to(&url, &delivery.body, Some(attributes)).await?;
        self.delete(queue, &delivery.receipt).await
    }

    async fn depth(&self, queue: &QueueName) -> Result<QueueDepth, StoreError> {
        let (waiting, leased) = self.counts(&self.url(queue).await?).await?;
        let (dead, looked_at) = self.counts(&self.dead_letters_url(queue).await?).await?;
        Ok(QueueDepth {
            waiting,
            leased,
            dead: dead + looked_at,
        })
    }
}

/// What came of holding on to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Extended,
    /// The message is not this delivery's any more.
    Lost,
    /// SQS leases no message for so long; the lease goes on as it was.
    TooLong,
}

impl SqsQueue {
    /// Makes a lease end `lease` from now, if it has not ended.
    async fn hold(
        &self,
        url: &str,
        receipt: &Receipt,
        lease: Duration,
    ) -> Result<Hold, StoreError> {
        let lease = lease.min(LEASE_MAX);
        let now = Instant::now();
        match self.leases.look_up(url, receipt, now) {
            Known::Ended => return Ok(Hold::Lost),
            Known::Leased { extendable } if extendable < lease => return Ok(Hold::TooLong),
            Known::Leased { .. } | Known::Nothing => {}
        }
        let answer = self
            .client
            .change_message_visibility()
            .queue_url(url)
            .receipt_handle(&receipt.0)
            .visibility_timeout(whole_seconds(lease))
            .send()
            .await;
        match answer {
            Ok(_) => {
                self.leases.end_at(url, receipt, now + lease);
                Ok(Hold::Extended)
            }
            Err(error) if says_lease_lost(error.code()) => {
                self.leases.end_at(url, receipt, now);
                Ok(Hold::Lost)
            }
            Err(error) => Err(unavailable(format!("extending a lease of {url}"), &error)),
        }
    }

    /// How many messages wait, and how many are leased, as SQS estimates.
    async fn counts(&self, url: &str) -> Result<(u64, u64), StoreError> {
        use QueueAttributeName::{
            ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed,
            ApproximateNumberOfMessagesNotVisible,
        };
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(ApproximateNumberOfMessages)
            .attribute_names(ApproximateNumberOfMessagesDelayed)
            .attribute_names(ApproximateNumberOfMessagesNotVisible)
            .send()
            .await
            .map_err(|error| unavailable(format!("counting the messages of {url}"), &error))?;
        let count = |name: QueueAttributeName| -> u64 {
            let counts = answer.attributes();
            let text = counts.and_then(|counts| counts.get(&name));
            text.and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        let waiting =
            count(ApproximateNumberOfMessages) + count(ApproximateNumberOfMessagesDelayed);
        Ok((waiting, count(ApproximateNumberOfMessagesNotVisible)))
    }
}

fn delivery(message: Message) -> Option<Delivery> {
    let counted = message
        .attributes
        .as_ref()
        .and_then(|told| told.get(&MessageSystemAttributeName::ApproximateReceiveCount))
        .and_then(|count| count.parse().ok());
    Some(Delivery {
        receipt: Receipt(message.receipt_handle?),
        body: message.body.unwrap_or_default(),
        receive_count: counted.unwrap_or(1),
    })
}

fn attribute(kind: &str, value: String) -> Result<MessageAttributeValue, StoreError> {
    MessageAttributeValue::builder()
        .data_type(kind)
        .string_value(value)
        .build()
        .map_err(|error| StoreError::Unavailable {
            action: "describing a dead letter".to_owned(),
            reason: error.to_string(),
        })
}

/// In whole seconds, which is all that SQS knows: never shorter than was wanted.
fn whole_seconds(duration: Duration) -> i32 {
    let seconds = duration.as_nanos().div_ceil(1_000_000_000);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn is_missing_queue(code: Option<&str>) -> bool {
    code.is_some_and(|code| {
        code.ends_with("NonExistentQueue") || code.ends_with("QueueDoesNotExist")
    })
}

fn says_lease_lost(code: Option<&str>) -> bool {
    code.is_some_and(|code| LEASE_LOST.contains(&code))
}
