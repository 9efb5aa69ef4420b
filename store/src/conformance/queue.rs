//! What every adapter of [`Queue`](crate::Queue) must do.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use shared_types::job::{DELIVERIES_PER_RELEASE, MESSAGE_BYTES_MAX};

use super::{Setting, examples};
use crate::{Delivery, Queue, QueueDepth, QueueName, Receipt, StoreError};

/// Calls `$define! { … }` with the cases of [`conformance::queue`](crate::conformance::queue).
#[macro_export]
macro_rules! queue_conformance {
    ($define:ident) => {
        $define! { queue:
            a_message_is_delivered_as_it_was_sent,
            an_empty_queue_delivers_nothing,
            older_messages_come_first,
            no_more_than_the_limit_is_delivered,
            queues_are_apart,
            a_leased_message_is_nobody_elses,
            a_message_comes_back_when_its_lease_ends,
            an_extended_lease_keeps_the_message,
            a_lease_of_zero_returns_the_message_at_once,
            a_stale_receipt_extends_nothing,
            a_receipt_whose_lease_has_ended_extends_nothing,
            a_stale_receipt_deletes_nothing_of_another,
            a_deleted_message_is_gone_and_deleting_again_is_no_error,
            a_receipt_of_nothing_is_harmless,
            a_message_that_is_never_deleted_becomes_a_dead_letter,
            a_rejected_message_becomes_a_dead_letter_once,
            a_message_that_is_too_long_is_refused,
            a_receiver_that_waits_gets_what_is_sent_meanwhile,
            receivers_at_once_get_no_message_twice,
            what_one_process_sends_another_receives,
        }
    };
}

const LEASE: Duration = Duration::from_secs(300);
const NO_WAIT: Duration = Duration::ZERO;

fn just_after(lease: Duration) -> Duration {
    lease + Duration::from_secs(1)
}

fn jobs() -> QueueName {
    QueueName::Jobs(examples::configuration_id())
}

async fn receive(queue: &dyn Queue, limit: usize) -> Vec<Delivery> {
    queue.receive(&jobs(), limit, LEASE, NO_WAIT).await.unwrap()
}

async fn receive_one(queue: &dyn Queue) -> Delivery {
    let mut deliveries = receive(queue, 1).await;
    assert_eq!(deliveries.len(), 1);
    deliveries.remove(0)
}

/// Takes a message for so short a time that the case can see it end.
async fn receive_one_leased(setting: &Setting, queue: &dyn Queue) -> Delivery {
    let taken = queue.receive(&jobs(), 1, setting.lease, NO_WAIT).await;
    let mut deliveries = taken.unwrap();
    assert_eq!(deliveries.len(), 1);
    deliveries.remove(0)
}

async fn send_one(queue: &dyn Queue) {
    queue.send(&jobs(), "a message").await.unwrap();
}

fn depth(waiting: u64, leased: u64, dead: u64) -> QueueDepth {
    QueueDepth {
        waiting,
        leased,
        dead,
    }
}

pub async fn a_message_is_delivered_as_it_was_sent(setting: &Setting) {
    let queue = &*setting.store.queue;
    let body = "{\"quotes\": \"'\\\"\", \"letters\": \"ä☃\"}\n";
    queue.send(&jobs(), body).await.unwrap();
    let delivery = receive_one(queue).await;
    assert_eq!(delivery.body, body);
    assert_eq!(delivery.receive_count, 1);
}

pub async fn an_empty_queue_delivers_nothing(setting: &Setting) {
    let queue = &*setting.store.queue;
    assert_eq!(receive(queue, 10).await, []);
    assert_eq!(queue.depth(&jobs()).await.unwrap(), depth(0, 0, 0));
}

pub async fn older_messages_come_first(setting: &Setting) {
    let queue = &*setting.store.queue;
    for body in ["1", "2", "3"] {
        queue.send(&jobs(), body).await.unwrap();
    }
    let bodies: Vec<String> = receive(queue, 10)
        .await
        .into_iter()
        .map(|delivery| delivery.body)
        .collect();
    assert_eq!(bodies, ["1", "2", "3"]);
}

pub async fn no_more_than_the_limit_is_delivered(setting: &Setting) {
    let queue = &*setting.store.queue;
    for _ in 0..3 {
        send_one(queue).await;
    }
    assert_eq!(receive(queue, 2).await.len(), 2);
    assert_eq!(queue.depth(&jobs()).await.unwrap(), depth(1, 2, 0));
}

pub async fn queues_are_apart(setting: &Setting) {
    let queue = &*setting.store.queue;
    let all = [
        jobs(),
        QueueName::Jobs("another".parse().unwrap()),
        QueueName::Events,
        QueueName::Ingest,
        QueueName::Compare,
        QueueName::Github,
    ];
    for name in &all {
        queue.send(name, &name.to_string()).await.unwrap();
    }
    for name in &all {
        let deliveries = queue.receive(name, 10, LEASE, NO_WAIT).await.unwrap();
        assert_eq!(deliveries.len(), 1, "{name}");
        assert_eq!(deliveries[0].body, name.to_string());
        for other in all.iter().filter(|other| *other != name) {
            queue.delete(other, &deliveries[0].receipt).await.unwrap();
        }
        assert_eq!(queue.depth(name).await.unwrap(), depth(0, 1, 0), "{name}");
    }
}

pub async fn a_leased_message_is_nobody_elses(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    receive_one(queue).await;
    assert_eq!(receive(queue, 10).await, []);
    assert_eq!(receive(&*setting.other.queue, 10).await, []);
}

pub async fn a_message_comes_back_when_its_lease_ends(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    let first = receive_one_leased(setting, queue).await;
    (setting.let_time_pass)(just_after(setting.lease)).await;
    let second = receive_one_leased(setting, queue).await;
    assert_eq!(second.body, first.body);
    assert_eq!(second.receive_count, 2);
    assert_ne!(second.receipt, first.receipt);
}

pub async fn an_extended_lease_keeps_the_message(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    let delivery = receive_one_leased(setting, queue).await;
    for _ in 0..3 {
        (setting.let_time_pass)(setting.lease / 2).await;
        queue
            .extend(&jobs(), &delivery.receipt, setting.lease)
            .await
            .unwrap();
    }
    (setting.let_time_pass)(setting.lease / 2).await;
    assert_eq!(receive(queue, 1).await, []);
}

pub async fn a_lease_of_zero_returns_the_message_at_once(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    let delivery = receive_one(queue).await;
    queue
        .extend(&jobs(), &delivery.receipt, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(receive_one(queue).await.receive_count, 2);
}

pub async fn a_stale_receipt_extends_nothing(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    let stale = receive_one_leased(setting, queue).await;
    (setting.let_time_pass)(just_after(setting.lease)).await;
    let current = receive_one_leased(setting, queue).await;
    let refused = queue
        .extend(&jobs(), &stale.receipt, setting.lease * 10)
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    queue
        .extend(&jobs(), &current.receipt, setting.lease)
        .await
        .unwrap();
}

pub async fn a_receipt_whose_lease_has_ended_extends_nothing(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    let delivery = receive_one_leased(setting, queue).await;
    (setting.let_time_pass)(just_after(setting.lease)).await;
    let refused = queue
        .extend(&jobs(), &delivery.receipt, setting.lease)
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(receive_one_leased(setting, queue).await.receive_count, 2);
}

pub async fn a_stale_receipt_deletes_nothing_of_another(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    let stale = receive_one_leased(setting, queue).await;
    (setting.let_time_pass)(just_after(setting.lease)).await;
    receive_one_leased(setting, queue).await;
    queue.delete(&jobs(), &stale.receipt).await.unwrap();
    queue.reject(&jobs(), &stale, "too late").await.unwrap();
    assert_eq!(queue.depth(&jobs()).await.unwrap(), depth(0, 1, 0));
}

pub async fn a_deleted_message_is_gone_and_deleting_again_is_no_error(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    let delivery = receive_one_leased(setting, queue).await;
    queue.delete(&jobs(), &delivery.receipt).await.unwrap();
    queue.delete(&jobs(), &delivery.receipt).await.unwrap();
    (setting.let_time_pass)(just_after(setting.lease)).await;
    assert_eq!(receive(queue, 1).await, []);
    let refused = queue
        .extend(&jobs(), &delivery.receipt, setting.lease)
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
}

pub async fn a_receipt_of_nothing_is_harmless(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    let receipt = Receipt("no receipt of ours".to_owned());
    queue.delete(&jobs(), &receipt).await.unwrap();
    let refused = queue.extend(&jobs(), &receipt, LEASE).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(queue.depth(&jobs()).await.unwrap(), depth(1, 0, 0));
}

pub async fn a_message_that_is_never_deleted_becomes_a_dead_letter(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    deliver_until_given_up(queue).await;
    assert_eq!(queue.depth(&jobs()).await.unwrap(), depth(0, 0, 1));
}

/// Takes the one message of the queue and gives it back, until it is not delivered any more.
pub(super) async fn deliver_until_given_up(queue: &dyn Queue) {
    for number in 1..=DELIVERIES_PER_RELEASE {
        let delivery = receive_one(queue).await;
        assert_eq!(delivery.receive_count, number);
        queue
            .extend(&jobs(), &delivery.receipt, Duration::ZERO)
            .await
            .unwrap();
    }
    assert_eq!(receive(queue, 1).await, []);
}

pub async fn a_rejected_message_becomes_a_dead_letter_once(setting: &Setting) {
    let queue = &*setting.store.queue;
    send_one(queue).await;
    let delivery = receive_one_leased(setting, queue).await;
    for _ in 0..2 {
        queue
            .reject(&jobs(), &delivery, "it is not JSON")
            .await
            .unwrap();
    }
    (setting.let_time_pass)(just_after(setting.lease)).await;
    assert_eq!(receive(queue, 1).await, []);
    assert_eq!(queue.depth(&jobs()).await.unwrap(), depth(0, 0, 1));
}

pub async fn a_message_that_is_too_long_is_refused(setting: &Setting) {
    let queue = &*setting.store.queue;
    let longest = "x".repeat(MESSAGE_BYTES_MAX);
    queue.send(&jobs(), &longest).await.unwrap();
    let refused = queue.send(&jobs(), &format!("{longest}x")).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(queue.depth(&jobs()).await.unwrap(), depth(1, 0, 0));
}

pub async fn a_receiver_that_waits_gets_what_is_sent_meanwhile(setting: &Setting) {
    let receiver = Arc::clone(&setting.store.queue);
    let waiting = tokio::spawn(async move {
        let wait = Duration::from_secs(20);
        receiver.receive(&jobs(), 1, LEASE, wait).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(30)).await;
    send_one(&*setting.other.queue).await;
    assert_eq!(waiting.await.unwrap().len(), 1);
}

pub async fn receivers_at_once_get_no_message_twice(setting: &Setting) {
    const MESSAGES: usize = 40;
    for number in 0..MESSAGES {
        let body = number.to_string();
        setting.store.queue.send(&jobs(), &body).await.unwrap();
    }
    let mut receivers = Vec::new();
    for queue in [&setting.store.queue, &setting.other.queue] {
        for _ in 0..2 {
            let queue = Arc::clone(queue);
            receivers.push(tokio::spawn(async move {
                let mut bodies = Vec::new();
                loop {
                    let deliveries = receive(&*queue, 3).await;
                    if deliveries.is_empty() {
                        return bodies;
                    }
                    bodies.extend(deliveries.into_iter().map(|delivery| delivery.body));
                }
            }));
        }
    }
    let mut bodies = Vec::new();
    for receiver in receivers {
        bodies.extend(receiver.await.unwrap());
    }
    assert_eq!(bodies.len(), MESSAGES);
    assert_eq!(bodies.iter().collect::<BTreeSet<_>>().len(), MESSAGES);
}

pub async fn what_one_process_sends_another_receives(setting: &Setting) {
    send_one(&*setting.store.queue).await;
    let delivery = receive_one(&*setting.other.queue).await;
    let queue = &*setting.store.queue;
    queue.delete(&jobs(), &delivery.receipt).await.unwrap();
    assert_eq!(queue.depth(&jobs()).await.unwrap(), depth(0, 0, 0));
}
