//! What the adapters for AWS put on the wire, where SQS and S3 are particular.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod aws_place;

use std::time::Duration;

use aws_place::TestPlace;
use shared_types::ObjectKey;
use shared_types::object_key::ContentHash;
use store::conformance::examples;
use store::{QueueName, StoreError};

const LEASE: Duration = Duration::from_secs(300);
const WAIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_message_with_any_character_is_read_as_it_was_meant() {
    let place = TestPlace::make().await;
    let queue = place.open().queue;
    let text = "\u{FFFE}\u{FFFF}\u{0}\u{1B}\u{7F}𝄞\r\n\t\"\\";
    let json = serde_json::to_string(text).unwrap();
    queue.send(&QueueName::Events, &json).await.unwrap();
    let received = queue.receive(&QueueName::Events, 1, LEASE, WAIT).await;
    let body = &received.unwrap()[0].body;
    assert_eq!(serde_json::from_str::<String>(body).unwrap(), text);
}

#[tokio::test]
async fn a_message_that_sqs_does_not_take_is_refused_with_the_reason() {
    let place = TestPlace::make().await;
    let queue = place.open().queue;
    for (body, why) in [("", "is empty"), ("\u{1}", "U+0001")] {
        let refused = queue.send(&QueueName::Events, body).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict { .. }));
        assert!(refused.to_string().contains(why), "{refused}");
    }
}

#[tokio::test]
async fn any_reason_is_kept_with_a_dead_letter() {
    let place = TestPlace::make().await;
    let store = place.open();
    let reason = format!("no\0JSON {}", "☃".repeat(10_000));
    store.queue.send(&QueueName::Events, "{").await.unwrap();
    let received = store
        .queue
        .receive(&QueueName::Events, 1, LEASE, WAIT)
        .await;
    let delivery = &received.unwrap()[0];
    let rejected = store.queue.reject(&QueueName::Events, delivery, &reason);
    rejected.await.unwrap();
    let letters = store.dead_letters.list(&QueueName::Events, 1).await;
    let letter = &letters.unwrap()[0];
    let kept = letter.reason.as_ref().unwrap();
    assert!(kept.starts_with("no\u{FFFD}JSON ☃☃"), "{kept}");
    assert!(letter.died_at.is_some());
}

/// A CDN hands out series as they lie there.
#[tokio::test]
async fn a_series_block_says_of_itself_what_a_browser_must_know() {
    let place = TestPlace::make().await;
    let block = ObjectKey::SeriesBlock {
        configuration: examples::configuration_id(),
        content_hash: ContentHash::of(b"x"),
    };
    let stored = place.open().objects.put_once(&block, b"x").await;
    stored.unwrap();
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&place.configuration)
            .force_path_style(true)
            .build(),
    );
    let head = s3
        .head_object()
        .bucket(&place.place.bucket)
        .key(block.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_type(), Some("application/json"));
    assert_eq!(head.content_encoding(), Some("gzip"));
    let cache = "public, max-age=31536000, immutable";
    assert_eq!(head.cache_control(), Some(cache));
}
