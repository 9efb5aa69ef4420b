//! A batch of messages that a queue gives to a function, and its answer: those that are to be
//! delivered again, and no others.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Value, json};
use shared_types::InvalidInput;
use store::{Delivery, QueueName, Receipt};

use crate::messages::{self, Handled};
use crate::{Context, FunctionsError};

/// What is left of a function's time when it takes no further message: a message that is begun and
/// not ended is done twice.
const LAST_START: Duration = Duration::from_secs(15);
/// What is kept of a function's time for its answer. A function that is ended before it answers has
/// failed with every message of its batch, and not only with the one that took too long.
const FAREWELL: Duration = Duration::from_secs(3);

/// The messages of one call.
#[derive(Debug)]
pub(super) struct Batch {
    records: Vec<Record>,
}

/// When the function is ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Duration);

/// What became of each message.
#[derive(Debug, Default)]
pub(super) struct BatchAnswer {
    handled: Vec<Handled>,
    failed: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct SqsEvent {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    receipt_handle: String,
    body: String,
    attributes: Attributes,
}

#[derive(Debug, Deserialize)]
struct Attributes {
    #[serde(rename = "ApproximateReceiveCount")]
    receive_count: String,
}

impl Batch {
    /// Whether an event comes from a queue, and not from a schedule.
    pub(super) fn is_one(event: &Value) -> bool {
        event["Records"][0]["eventSource"] == "aws:sqs"
    }

    /// Reads the event of a queue.
    pub(super) fn parse(event: Value) -> Result<Self, FunctionsError> {
        let event: SqsEvent =
            serde_json::from_value(event).map_err(|error| InvalidInput::Document {
                what: "the event of a queue",
                reason: error.to_string(),
            })?;
        Ok(Self {
            records: event.records,
        })
    }

    /// Handles one message after the other, as long as there is time.
    pub(super) async fn handle(
        self,
        context: &Context,
        queue: &QueueName,
        deadline: Deadline,
    ) -> BatchAnswer {
        let mut answer = BatchAnswer::default();
        for record in self.records {
            if deadline.left() < LAST_START {
                tracing::warn!(id = record.message_id, "no time is left for a message");
                answer.failed.push(record.message_id);
                continue;
            }
            let id = record.message_id.clone();
            let delivery = record.into_delivery();
            let handling = messages::handle(context, queue, &delivery);
            let time = deadline.left().saturating_sub(FAREWELL);
            match tokio::time::timeout(time, handling).await {
                Ok(Ok(handled)) => answer.handled.push(handled),
                Ok(Err(error)) => {
                    tracing::error!(id, %error, "a message is to be delivered again");
                    answer.failed.push(id);
                }
                Err(_) => {
                    tracing::error!(id, "a message took too long, and is to be delivered again");
                    answer.failed.push(id);
                }
            }
        }
        answer
    }
}

impl Record {
    fn into_delivery(self) -> Delivery {
        Delivery {
            receipt: Receipt(self.receipt_handle),
            body: self.body,
            receive_count: self.attributes.receive_count.parse().unwrap_or(1),
        }
    }
}

impl Deadline {
    /// The deadline that the runtime tells, in milliseconds since 1970.
    pub(super) fn of(unix_ms: u64) -> Self {
        Self(Duration::from_millis(unix_ms))
    }

    fn left(self) -> Duration {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        self.0.saturating_sub(now)
    }
}

impl BatchAnswer {
    /// Whether any message came to this.
    pub(super) fn any(&self, wanted: Handled) -> bool {
        self.handled.contains(&wanted)
    }

    /// What Lambda is told: which messages it is to leave in the queue.
    pub(super) fn to_json(&self) -> Value {
        let failures: Vec<Value> = self
            .failed
            .iter()
            .map(|id| json!({ "itemIdentifier": id }))
            .collect();
        json!({ "batchItemFailures": failures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Lambda's documentation shows it, shortened by nothing that is read.
    fn event() -> Value {
        json!({
            "Records": [{
                "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
                "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
                "body": "{}",
                "attributes": {
                    "ApproximateReceiveCount": "3",
                    "SentTimestamp": "1545082649183",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1545082649185"
                },
                "messageAttributes": {},
                "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:perfleet-staging--ingest",
                "awsRegion": "us-east-1"
            }]
        })
    }

    fn schedule() -> Value {
        json!({
            "version": "0",
            "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "123456789012",
            "time": "2026-11-25T12:00:00Z",
            "region": "us-east-1",
            "resources": ["arn:aws:events:us-east-1:123456789012:rule/perfleet-staging-coordinator"],
            "detail": {}
        })
    }

    #[test]
    fn the_event_of_a_queue_is_told_from_that_of_a_schedule() {
        assert!(Batch::is_one(&event()));
        assert!(!Batch::is_one(&schedule()));
        let refused = Batch::parse(schedule()).unwrap_err();
        assert!(refused.is_permanent(), "{refused}");
    }

    #[test]
    fn a_message_keeps_its_receipt_and_its_count() {
        let mut batch = Batch::parse(event()).unwrap();
        let delivery = batch.records.remove(0).into_delivery();
        assert_eq!(delivery.receive_count, 3);
        assert!(delivery.receipt.0.starts_with("AQEB"));
        assert_eq!(delivery.body, "{}");
    }

    #[test]
    fn only_what_failed_is_to_be_delivered_again() {
        let answer = BatchAnswer {
            handled: vec![Handled::Done, Handled::KeptAside],
            failed: vec!["b".to_owned()],
        };
        assert_eq!(
            answer.to_json(),
            json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] })
        );
        let all_done = BatchAnswer::default().to_json();
        assert_eq!(all_done, json!({ "batchItemFailures": [] }));
    }

    #[test]
    fn a_deadline_that_has_passed_leaves_no_time() {
        assert_eq!(Deadline::of(1).left(), Duration::ZERO);
        assert!(Deadline::of(u64::MAX).left() > LAST_START);
    }
}
