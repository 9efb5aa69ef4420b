//! What the adapters for AWS do when AWS throttles, fails, or is cut off: nothing is lost, and
//! nothing is held twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod aws_place;

use std::sync::Arc;
use std::time::Duration;

use aws_place::TestPlace;
use localstack::{Calls, Fault, LocalAws, Proxy};
use shared_types::ObjectKey;
use shared_types::events::created_objects;
use shared_types::object_key::ContentHash;
use store::aws::AwsPlace;
use store::conformance::examples;
use store::{Delivery, PutOutcome, QueueDepth, QueueName, Store, StoreError};

const LEASE: Duration = Duration::from_secs(300);
const SHORT_LEASE: Duration = Duration::from_secs(2);
const WAIT: Duration = Duration::from_secs(5);

/// How often the SDK tries.
const ATTEMPTS: u64 = 5;

/// A place, spoken to through a proxy that fails on demand.
struct Setting {
    place: TestPlace,
    aws: Arc<LocalAws>,
    proxy: Proxy,
    store: Store,
}

async fn setting() -> Setting {
    let aws = aws_place::shared_aws();
    let place = TestPlace::make_local(Arc::clone(&aws)).await;
    // It starts by a runtime of its own, which must not be within another.
    let behind = Arc::clone(&aws);
    let start = tokio::task::spawn_blocking(move || {
        std::thread::spawn(move || Proxy::before(&behind)).join()
    });
    let proxy = start.await.unwrap().unwrap().unwrap();
    let store = place.open_at(proxy.endpoint()).await;
    Setting {
        place,
        aws,
        proxy,
        store,
    }
}

impl Setting {
    fn fail(&self, (service, operation): (&str, &str), count: u32, fault: Fault) {
        let calls = Calls::of(service, operation);
        self.proxy.fail_next(calls, count, fault);
    }

    fn calls(&self, (service, operation): (&str, &str)) -> u64 {
        self.proxy.traffic().calls(service, operation)
    }

    async fn send(&self) {
        self.store.queue.send(&jobs(), "a job").await.unwrap();
    }

    async fn receive(&self, lease: Duration) -> Vec<Delivery> {
        let received = self.store.queue.receive(&jobs(), 10, lease, WAIT).await;
        received.unwrap()
    }

    async fn depth(&self) -> QueueDepth {
        self.store.queue.depth(&jobs()).await.unwrap()
    }
}

const SEND: (&str, &str) = ("sqs", "SendMessage");
const RECEIVE: (&str, &str) = ("sqs", "ReceiveMessage");
const DELETE: (&str, &str) = ("sqs", "DeleteMessage");
const PUT: (&str, &str) = ("s3", "PutObject");
const GET: (&str, &str) = ("s3", "GetObject");

fn jobs() -> QueueName {
    QueueName::Jobs(examples::configuration_id())
}

fn manifest() -> ObjectKey {
    ObjectKey::SeriesManifest {
        configuration: examples::configuration_id(),
    }
}

fn depth(waiting: u64, leased: u64, dead: u64) -> QueueDepth {
    QueueDepth {
        waiting,
        leased,
        dead,
    }
}

fn reason(error: &StoreError) -> &str {
    match error {
        StoreError::Unavailable { reason, .. } => reason,
        other => panic!("{other} should be told as unavailable"),
    }
}

#[tokio::test]
async fn throttled_calls_are_tried_again_and_succeed() {
    let setting = setting().await;
    for call in [SEND, RECEIVE, DELETE, PUT, GET] {
        setting.fail(call, 2, Fault::Throttled);
    }
    setting.send().await;
    let deliveries = setting.receive(LEASE).await;
    let receipt = &deliveries[0].receipt;
    setting.store.queue.delete(&jobs(), receipt).await.unwrap();
    let objects = &setting.store.objects;
    let stored = objects.put_once(&manifest(), b"x").await.unwrap();
    assert_eq!(stored, PutOutcome::Stored);
    assert_eq!(objects.get(&manifest()).await.unwrap().unwrap().0, b"x");
    assert_eq!(setting.depth().await, depth(0, 0, 0));
    assert_eq!(setting.proxy.faults_left(), 0);
    for call in [SEND, RECEIVE, DELETE, PUT, GET] {
        assert_eq!(setting.calls(call), 3, "{call:?}");
    }
}

#[tokio::test]
async fn a_service_that_keeps_failing_is_told_of_in_its_own_words_after_some_attempts() {
    let setting = setting().await;
    setting.fail(SEND, 100, Fault::ServerError);
    setting.fail(GET, 100, Fault::ServerError);
    let (jobs, manifest) = (jobs(), manifest());
    let sent = setting.store.queue.send(&jobs, "a job");
    let read = setting.store.objects.get(&manifest);
    let (sent, read) = tokio::join!(sent, read);
    let (sent, read) = (sent.unwrap_err(), read.unwrap_err());
    assert!(reason(&sent).contains("AWS says"), "{sent}");
    assert!(reason(&read).contains("InternalError"), "{read}");
    assert_eq!(setting.calls(SEND), ATTEMPTS);
    assert_eq!(setting.calls(GET), ATTEMPTS);
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_told_of() {
    let setting = setting().await;
    setting.fail(SEND, 100, Fault::CutBeforeForwarding);
    let refused = setting.store.queue.send(&jobs(), "a job").await;
    assert!(!reason(&refused.unwrap_err()).is_empty());
    assert_eq!(setting.depth().await, depth(0, 0, 0));
}

/// The repeated put finds the key taken, by its own bytes: as for a caller who repeats it.
#[tokio::test]
async fn a_put_whose_answer_was_lost_is_stored_and_announced_once() {
    let setting = setting().await;
    let (key, objects) = (examples::result_key(1, 1), &setting.store.objects);
    setting.fail(PUT, 1, Fault::CutAfterForwarding);
    let outcome = objects.put_once(&key, b"measured").await.unwrap();
    assert_eq!(outcome, PutOutcome::AlreadyThere);
    assert_eq!(objects.get(&key).await.unwrap().unwrap().0, b"measured");
    assert_eq!(announced(&setting).await, [key]);
}

#[tokio::test]
async fn a_put_that_was_cut_off_before_it_arrived_is_stored() {
    let setting = setting().await;
    let (key, objects) = (examples::result_key(1, 1), &setting.store.objects);
    setting.fail(PUT, 1, Fault::CutBeforeForwarding);
    let outcome = objects.put_once(&key, b"measured").await.unwrap();
    assert_eq!(outcome, PutOutcome::Stored);
    assert_eq!(announced(&setting).await, [key]);
}

async fn announced(setting: &Setting) -> Vec<ObjectKey> {
    let queue = &setting.store.queue;
    let mut keys = Vec::new();
    let mut wait = WAIT;
    loop {
        let received = queue.receive(&QueueName::Ingest, 10, LEASE, wait).await;
        let deliveries = received.unwrap();
        if deliveries.is_empty() {
            return keys;
        }
        for delivery in deliveries {
            let created = created_objects(&delivery.body).unwrap();
            keys.extend(created.into_iter().map(Result::unwrap));
        }
        // For a second event, should there be one.
        wait = Duration::from_secs(1);
    }
}

/// The writer reads again, and finds its own update.
#[tokio::test]
async fn a_replacement_whose_answer_was_lost_is_there_and_not_claimed() {
    let setting = setting().await;
    let objects = &setting.store.objects;
    let first = objects.replace(&manifest(), None, b"1").await.unwrap();
    setting.fail(PUT, 1, Fault::CutAfterForwarding);
    let second = objects.replace(&manifest(), first.as_ref(), b"2").await;
    assert_eq!(second.unwrap(), None);
    assert_eq!(objects.get(&manifest()).await.unwrap().unwrap().0, b"2");
}

#[tokio::test]
async fn many_puts_of_which_some_are_throttled_are_all_stored() {
    let setting = setting().await;
    let keys: Vec<ObjectKey> = (0..40u8)
        .map(|number| ObjectKey::Suite {
            content_hash: ContentHash::of(&[number]),
        })
        .collect();
    setting.fail(PUT, 10, Fault::Throttled);
    let many = keys.iter().map(|key| (key.clone(), b"x".to_vec()));
    let outcomes = setting.store.objects.put_many_once(many.collect()).await;
    assert_eq!(outcomes.unwrap(), vec![PutOutcome::Stored; keys.len()]);
    let page = setting.store.objects.list("suite/", None, 100).await;
    assert_eq!(page.unwrap().keys.len(), keys.len());
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_may_be_doubled_and_is_not_lost() {
    let setting = setting().await;
    setting.fail(SEND, 1, Fault::CutAfterForwarding);
    setting.send().await;
    let bodies: Vec<String> = setting
        .receive(LEASE)
        .await
        .into_iter()
        .map(|delivery| delivery.body)
        .collect();
    assert!((1..=2).contains(&bodies.len()), "{bodies:?}");
    assert!(bodies.iter().all(|body| body == "a job"));
}

#[tokio::test]
async fn a_message_that_was_cut_off_before_it_arrived_is_sent_once() {
    let setting = setting().await;
    setting.fail(SEND, 1, Fault::CutBeforeForwarding);
    setting.send().await;
    assert_eq!(setting.depth().await, depth(1, 0, 0));
}

#[tokio::test]
async fn a_message_whose_delivery_was_lost_comes_again() {
    let setting = setting().await;
    setting.send().await;
    setting.fail(RECEIVE, 1, Fault::CutAfterForwarding);
    let deliveries = setting.receive(SHORT_LEASE).await;
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0].body, "a job");
    assert_eq!(deliveries[0].receive_count, 2);
}

#[tokio::test]
async fn of_two_workers_with_the_same_job_one_has_it() {
    let setting = setting().await;
    let (slow, quick) = (setting.place.open(), setting.place.open());
    setting.send().await;
    let of_slow = slow.queue.receive(&jobs(), 1, SHORT_LEASE, WAIT).await;
    let of_slow = &of_slow.unwrap()[0].receipt;
    let of_quick = quick.queue.receive(&jobs(), 1, LEASE, WAIT).await;
    let of_quick = &of_quick.unwrap()[0].receipt;
    let refused = slow.queue.extend(&jobs(), of_slow, LEASE).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    slow.queue.delete(&jobs(), of_slow).await.unwrap();
    assert_eq!(setting.depth().await, depth(0, 1, 0));
    quick.queue.extend(&jobs(), of_quick, LEASE).await.unwrap();
    quick.queue.delete(&jobs(), of_quick).await.unwrap();
    assert_eq!(setting.depth().await, depth(0, 0, 0));
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_is_done_once_more() {
    let setting = setting().await;
    setting.send().await;
    let deliveries = setting.receive(LEASE).await;
    setting.fail(DELETE, 1, Fault::CutAfterForwarding);
    let receipt = &deliveries[0].receipt;
    setting.store.queue.delete(&jobs(), receipt).await.unwrap();
    assert_eq!(setting.calls(DELETE), 2);
    assert_eq!(setting.depth().await, depth(0, 0, 0));
}

#[tokio::test]
async fn a_rejection_that_ends_half_way_leaves_the_message_in_both_queues() {
    let setting = setting().await;
    setting.send().await;
    let deliveries = setting.receive(LEASE).await;
    setting.fail(DELETE, ATTEMPTS as u32, Fault::ServerError);
    let queue = &setting.store.queue;
    let rejected = queue.reject(&jobs(), &deliveries[0], "bad").await;
    reason(&rejected.unwrap_err());
    assert_eq!(setting.depth().await, depth(0, 1, 1));
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_sent_once_more_stays_one() {
    let setting = setting().await;
    setting.send().await;
    let deliveries = setting.receive(LEASE).await;
    let queue = &setting.store.queue;
    queue.reject(&jobs(), &deliveries[0], "bad").await.unwrap();
    let dead_letters = &setting.store.dead_letters;
    let id = dead_letters.list(&jobs(), 10).await.unwrap()[0].id.clone();
    setting.fail(SEND, ATTEMPTS as u32, Fault::ServerError);
    reason(&dead_letters.retry(&jobs(), &id).await.unwrap_err());
    assert_eq!(setting.depth().await, depth(0, 0, 1));
    assert_eq!(dead_letters.list(&jobs(), 10).await.unwrap().len(), 1);
    assert!(dead_letters.retry(&jobs(), &id).await.unwrap());
    assert_eq!(setting.depth().await, depth(1, 0, 0));
}

#[tokio::test]
async fn what_was_never_set_up_is_named_with_what_to_do() {
    let setting = setting().await;
    let unknown = QueueName::Jobs("unknown".parse().unwrap());
    let sent = setting.store.queue.send(&unknown, "x").await;
    let message = sent.unwrap_err().to_string();
    assert!(message.contains("-unknown"), "{message}");
    assert!(message.contains("`configurations`"), "{message}");

    let elsewhere = AwsPlace {
        environment: setting.place.place.environment.clone(),
        bucket: "perfleet-no-such-bucket".to_owned(),
    };
    let store = store::aws::open_with(&setting.place.configuration, &elsewhere);
    let put = store.objects.put_once(&manifest(), b"x").await;
    let tag = store::ETag("x".to_owned());
    let replaced = store.objects.replace(&manifest(), Some(&tag), b"x").await;
    let read = store.objects.get(&manifest()).await;
    let listed = store.objects.list("", None, 10).await;
    for error in [
        put.unwrap_err(),
        replaced.unwrap_err(),
        read.unwrap_err(),
        listed.unwrap_err(),
    ] {
        let message = error.to_string();
        assert!(message.contains("perfleet-no-such-bucket"), "{message}");
        assert!(message.contains("data_bucket"), "{message}");
    }
    drop(setting.aws);
}
