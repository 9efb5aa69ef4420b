//! What every adapter of [`DeadLetters`](crate::DeadLetters) must do.

use std::time::Duration;

use shared_types::job::DELIVERIES_PER_RELEASE;

use super::queue::deliver_until_given_up;
use super::{Setting, examples};
use crate::{DeadLetter, QueueName, Store};

/// Calls `$define! { … }` with the cases of
/// [`conformance::dead_letters`](crate::conformance::dead_letters).
#[macro_export]
macro_rules! dead_letters_conformance {
    ($define:ident) => {
        $define! { dead_letters:
            a_queue_without_dead_letters_lists_none,
            a_rejected_message_is_listed_with_its_reason,
            a_message_that_was_given_up_is_listed_with_its_deliveries,
            no_more_dead_letters_than_the_limit_are_listed,
            dead_letters_are_still_there_after_they_were_listed,
            dead_letters_of_queues_are_apart,
            a_retried_dead_letter_is_delivered_as_a_new_message,
            all_dead_letters_of_a_queue_are_retried_and_no_others,
            a_discarded_dead_letter_is_gone,
            nothing_is_done_about_a_dead_letter_that_is_not_there,
        }
    };
}

const LEASE: Duration = Duration::from_secs(300);
const WAIT: Duration = Duration::from_secs(1);

fn jobs() -> QueueName {
    QueueName::Jobs(examples::configuration_id())
}

async fn reject(store: &Store, queue: &QueueName, body: &str) {
    store.queue.send(queue, body).await.unwrap();
    let deliveries = store.queue.receive(queue, 1, LEASE, WAIT).await.unwrap();
    let reason = format!("{body} is not JSON");
    let rejected = store.queue.reject(queue, &deliveries[0], &reason).await;
    rejected.unwrap();
}

async fn listed(store: &Store, queue: &QueueName) -> Vec<DeadLetter> {
    store.dead_letters.list(queue, 100).await.unwrap()
}

async fn dead(store: &Store, queue: &QueueName) -> u64 {
    store.queue.depth(queue).await.unwrap().dead
}

pub async fn a_queue_without_dead_letters_lists_none(setting: &Setting) {
    for queue in QueueName::OF_FUNCTIONS {
        assert_eq!(listed(&setting.store, &queue).await, []);
    }
}

pub async fn a_rejected_message_is_listed_with_its_reason(setting: &Setting) {
    reject(&setting.store, &jobs(), "poison").await;
    let letters = listed(&setting.other, &jobs()).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].body, "poison");
    assert_eq!(letters[0].reason.as_deref(), Some("poison is not JSON"));
    assert_eq!(letters[0].deliveries, 1);
}

pub async fn a_message_that_was_given_up_is_listed_with_its_deliveries(setting: &Setting) {
    let queue = &*setting.store.queue;
    queue.send(&jobs(), "slow").await.unwrap();
    deliver_until_given_up(queue).await;
    let letters = listed(&setting.store, &jobs()).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].body, "slow");
    assert!(letters[0].deliveries >= DELIVERIES_PER_RELEASE);
}

pub async fn no_more_dead_letters_than_the_limit_are_listed(setting: &Setting) {
    for number in 0..12 {
        reject(&setting.store, &jobs(), &number.to_string()).await;
    }
    let dead_letters = &setting.store.dead_letters;
    assert_eq!(dead_letters.list(&jobs(), 2).await.unwrap().len(), 2);
    assert_eq!(dead_letters.list(&jobs(), 11).await.unwrap().len(), 11);
    assert_eq!(listed(&setting.store, &jobs()).await.len(), 12);
}

pub async fn dead_letters_are_still_there_after_they_were_listed(setting: &Setting) {
    reject(&setting.store, &jobs(), "poison").await;
    let first = listed(&setting.store, &jobs()).await;
    assert_eq!(dead(&setting.store, &jobs()).await, 1);
    assert_eq!(listed(&setting.other, &jobs()).await[0].id, first[0].id);
}

pub async fn dead_letters_of_queues_are_apart(setting: &Setting) {
    let mut queues = QueueName::OF_FUNCTIONS.to_vec();
    queues.push(jobs());
    for queue in &queues {
        reject(&setting.store, queue, &queue.to_string()).await;
    }
    for queue in &queues {
        let letters = listed(&setting.store, queue).await;
        assert_eq!(letters.len(), 1, "{queue}");
        assert_eq!(letters[0].body, queue.to_string());
    }
}

pub async fn a_retried_dead_letter_is_delivered_as_a_new_message(setting: &Setting) {
    let store = &setting.store;
    reject(store, &jobs(), "poison").await;
    reject(store, &jobs(), "other").await;
    let letters = listed(store, &jobs()).await;
    let wanted = letters.iter().find(|one| one.body == "poison").unwrap();
    let retried = setting.other.dead_letters.retry(&jobs(), &wanted.id).await;
    assert!(retried.unwrap());
    let deliveries = store.queue.receive(&jobs(), 10, LEASE, WAIT).await.unwrap();
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0].body, "poison");
    assert_eq!(deliveries[0].receive_count, 1);
    assert_eq!(listed(store, &jobs()).await[0].body, "other");
    assert_eq!(dead(store, &jobs()).await, 1);
}

pub async fn all_dead_letters_of_a_queue_are_retried_and_no_others(setting: &Setting) {
    let store = &setting.store;
    for number in 0..12 {
        reject(store, &jobs(), &number.to_string()).await;
    }
    reject(store, &QueueName::Events, "other").await;
    let retried = store.dead_letters.retry_all(&jobs()).await;
    assert_eq!(retried.unwrap(), 12);
    assert_eq!(dead(store, &jobs()).await, 0);
    assert_eq!(store.queue.depth(&jobs()).await.unwrap().waiting, 12);
    assert_eq!(dead(store, &QueueName::Events).await, 1);
    let again = store.dead_letters.retry_all(&jobs()).await;
    assert_eq!(again.unwrap(), 0);
}

pub async fn a_discarded_dead_letter_is_gone(setting: &Setting) {
    let store = &setting.store;
    reject(store, &jobs(), "poison").await;
    let letters = listed(store, &jobs()).await;
    let discarded = store.dead_letters.discard(&jobs(), &letters[0].id).await;
    assert!(discarded.unwrap());
    assert_eq!(listed(store, &jobs()).await, []);
    assert_eq!(dead(store, &jobs()).await, 0);
}

pub async fn nothing_is_done_about_a_dead_letter_that_is_not_there(setting: &Setting) {
    let store = &setting.store;
    reject(store, &jobs(), "poison").await;
    let dead_letters = &store.dead_letters;
    for unknown in ["4711", "no id of ours"] {
        assert!(!dead_letters.retry(&jobs(), unknown).await.unwrap());
        assert!(!dead_letters.discard(&jobs(), unknown).await.unwrap());
    }
    assert_eq!(listed(store, &jobs()).await.len(), 1);
}
