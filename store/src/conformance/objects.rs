//! What every adapter of [`Objects`](crate::Objects) must do.

use std::sync::Arc;
use std::time::Duration;

use shared_types::events::created_objects;
use shared_types::object_key::ContentHash;
use shared_types::{ConfigurationId, ObjectKey};

use super::{Setting, examples};
use crate::{ETag, Objects, PutOutcome, QueueName};

/// Calls `$define! { … }` with the cases of [`conformance::objects`](crate::conformance::objects).
#[macro_export]
macro_rules! objects_conformance {
    ($define:ident) => {
        $define! { objects:
            what_is_put_is_read_again,
            what_was_never_put_is_not_there,
            a_key_is_written_once,
            writers_of_one_key_at_once_have_one_winner,
            a_key_with_a_replicate_is_a_key_like_any_other,
            an_empty_object_is_an_object,
            an_object_is_made_by_the_first_replacement_alone,
            a_replacement_needs_the_present_tag,
            replacements_at_once_lose_no_update,
            a_listing_is_in_order_and_paged_without_gaps_or_doubles,
            a_listing_is_of_one_prefix,
            a_result_is_announced_once_it_is_stored,
            other_objects_are_not_announced,
            many_are_put_at_once,
            a_result_that_was_never_indexed_is_found,
        }
    };
}

fn suite(number: u32) -> ObjectKey {
    ObjectKey::Suite {
        content_hash: ContentHash::of(&number.to_le_bytes()),
    }
}

fn manifest() -> ObjectKey {
    ObjectKey::SeriesManifest {
        configuration: examples::configuration_id(),
    }
}

/// What was announced: waits for the first, which the cloud takes its time for.
async fn announced(setting: &Setting) -> Vec<ObjectKey> {
    let queue = &setting.store.queue;
    let lease = Duration::from_secs(300);
    let mut wait = Duration::from_secs(20);
    let mut keys = Vec::new();
    loop {
        let deliveries = queue
            .receive(&QueueName::Ingest, 10, lease, wait)
            .await
            .unwrap();
        if deliveries.is_empty() {
            return keys;
        }
        wait = Duration::ZERO;
        for delivery in deliveries {
            for key in created_objects(&delivery.body).unwrap() {
                keys.push(key.unwrap());
            }
        }
    }
}

pub async fn what_is_put_is_read_again(setting: &Setting) {
    let bytes = [0, 255, 10, 13, 0];
    let outcome = setting.store.objects.put_once(&suite(1), &bytes).await;
    assert_eq!(outcome.unwrap(), PutOutcome::Stored);
    let (read, _) = setting.other.objects.get(&suite(1)).await.unwrap().unwrap();
    assert_eq!(read, bytes);
}

pub async fn what_was_never_put_is_not_there(setting: &Setting) {
    assert_eq!(setting.store.objects.get(&suite(1)).await.unwrap(), None);
    let page = setting.store.objects.list("", None, 10).await.unwrap();
    assert_eq!(page.keys, [""; 0]);
    assert_eq!(page.next, None);
}

pub async fn a_key_is_written_once(setting: &Setting) {
    let objects = &setting.store.objects;
    objects.put_once(&suite(1), b"first").await.unwrap();
    let again = objects.put_once(&suite(1), b"second").await.unwrap();
    assert_eq!(again, PutOutcome::AlreadyThere);
    let (read, _) = objects.get(&suite(1)).await.unwrap().unwrap();
    assert_eq!(read, b"first");
}

pub async fn writers_of_one_key_at_once_have_one_winner(setting: &Setting) {
    let mut writers = Vec::new();
    for (number, store) in [&setting.store, &setting.other, &setting.store]
        .into_iter()
        .enumerate()
    {
        let objects = Arc::clone(&store.objects);
        writers.push(tokio::spawn(async move {
            let bytes = number.to_string().repeat(10_000).into_bytes();
            let outcome = objects.put_once(&suite(1), &bytes).await.unwrap();
            (outcome, bytes)
        }));
    }
    let mut winners = Vec::new();
    for writer in writers {
        let (outcome, bytes) = writer.await.unwrap();
        if outcome == PutOutcome::Stored {
            winners.push(bytes);
        }
    }
    assert_eq!(winners.len(), 1);
    let (read, _) = setting.store.objects.get(&suite(1)).await.unwrap().unwrap();
    assert_eq!(read, winners[0]);
}

pub async fn a_key_with_a_replicate_is_a_key_like_any_other(setting: &Setting) {
    let objects = &setting.store.objects;
    let key: ObjectKey =
        "comparisons/v1/c/release-1.94.0#1..release-1.94.0#2/00112233445566778899aabbccddeeff.json"
            .parse()
            .unwrap();
    objects.put_once(&key, b"{}").await.unwrap();
    assert_eq!(objects.get(&key).await.unwrap().unwrap().0, b"{}");
    let page = objects.list("comparisons/", None, 10).await.unwrap();
    assert_eq!(page.keys, [key.to_string()]);
}

pub async fn an_empty_object_is_an_object(setting: &Setting) {
    let objects = &setting.store.objects;
    objects.put_once(&suite(1), b"").await.unwrap();
    assert_eq!(objects.get(&suite(1)).await.unwrap().unwrap().0, b"");
}

pub async fn an_object_is_made_by_the_first_replacement_alone(setting: &Setting) {
    let objects = &setting.store.objects;
    let made = objects.replace(&manifest(), None, b"1").await.unwrap();
    let (bytes, tag) = objects.get(&manifest()).await.unwrap().unwrap();
    assert_eq!(bytes, b"1");
    assert_eq!(made, Some(tag));
    let again = objects.replace(&manifest(), None, b"2").await.unwrap();
    assert_eq!(again, None);
    assert_eq!(objects.get(&manifest()).await.unwrap().unwrap().0, b"1");
}

pub async fn a_replacement_needs_the_present_tag(setting: &Setting) {
    let objects = &setting.store.objects;
    let missing = ETag("no tag of ours".to_owned());
    let refused = objects.replace(&manifest(), Some(&missing), b"0").await;
    assert_eq!(refused.unwrap(), None);
    assert_eq!(objects.get(&manifest()).await.unwrap(), None);
    let first = objects.replace(&manifest(), None, b"1").await.unwrap();
    let second = objects
        .replace(&manifest(), first.as_ref(), b"2")
        .await
        .unwrap();
    assert_ne!(second, first);
    let stale = objects.replace(&manifest(), first.as_ref(), b"3").await;
    assert_eq!(stale.unwrap(), None);
    let (bytes, tag) = objects.get(&manifest()).await.unwrap().unwrap();
    assert_eq!((bytes.as_slice(), Some(tag)), (b"2".as_slice(), second));
}

pub async fn replacements_at_once_lose_no_update(setting: &Setting) {
    const UPDATES: usize = 8;
    let mut writers = Vec::new();
    for store in [&setting.store, &setting.other, &setting.store] {
        let objects = Arc::clone(&store.objects);
        writers.push(tokio::spawn(async move {
            for _ in 0..UPDATES {
                append_a_byte(&*objects).await;
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let (bytes, _) = setting
        .store
        .objects
        .get(&manifest())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bytes.len(), 3 * UPDATES);
}

async fn append_a_byte(objects: &dyn Objects) {
    loop {
        let (mut bytes, tag) = match objects.get(&manifest()).await.unwrap() {
            Some((bytes, tag)) => (bytes, Some(tag)),
            None => (Vec::new(), None),
        };
        bytes.push(b'x');
        let replaced = objects.replace(&manifest(), tag.as_ref(), &bytes).await;
        if replaced.unwrap().is_some() {
            return;
        }
    }
}

pub async fn a_listing_is_in_order_and_paged_without_gaps_or_doubles(setting: &Setting) {
    let objects = &setting.store.objects;
    let mut wanted = Vec::new();
    // `a-b` sorts before `a/`, although `a` sorts before `a-b`.
    for slug in ["a", "a-b", "a_b", "b"] {
        let configuration: ConfigurationId = slug.parse().unwrap();
        for number in 0u8..3 {
            let key = ObjectKey::SeriesBlock {
                configuration: configuration.clone(),
                content_hash: ContentHash::of(&[number]),
            };
            objects.put_once(&key, &[number]).await.unwrap();
            wanted.push(key.to_string());
        }
    }
    wanted.sort();
    for limit in [1, 2, 5, 11, 12, 13] {
        let mut keys = Vec::new();
        let mut after = None;
        loop {
            let page = objects
                .list("series/", after.as_deref(), limit)
                .await
                .unwrap();
            assert!(page.keys.len() <= limit);
            keys.extend(page.keys);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(keys, wanted, "in pages of {limit}");
    }
}

pub async fn a_listing_is_of_one_prefix(setting: &Setting) {
    let objects = &setting.store.objects;
    let result = examples::result_key(1, 1);
    for key in [&result, &suite(1), &manifest()] {
        objects.put_once(key, b"x").await.unwrap();
    }
    let page = objects.list("results/v1/x86", None, 10).await.unwrap();
    assert_eq!(page.keys, [result.to_string()]);
    assert_eq!(page.next, None);
    let page = objects.list("results/v1/nobody", None, 10).await.unwrap();
    assert_eq!(page.keys, [""; 0]);
}

pub async fn a_result_is_announced_once_it_is_stored(setting: &Setting) {
    let key = examples::result_key(1, 1);
    setting.store.objects.put_once(&key, b"x").await.unwrap();
    assert_eq!(announced(setting).await, [key]);
}

pub async fn other_objects_are_not_announced(setting: &Setting) {
    let objects = &setting.store.objects;
    objects.put_once(&suite(1), b"x").await.unwrap();
    objects.replace(&manifest(), None, b"x").await.unwrap();
    // What comes after them tells that they would have been announced by now.
    let result = examples::result_key(1, 1);
    objects.put_once(&result, b"x").await.unwrap();
    assert_eq!(announced(setting).await, [result]);
}

pub async fn many_are_put_at_once(setting: &Setting) {
    let objects = &setting.store.objects;
    let taken = examples::result_key(2, 1);
    objects.put_once(&taken, b"first").await.unwrap();
    let keys: Vec<ObjectKey> = (1..=3).map(|job| examples::result_key(job, 1)).collect();
    let many = keys.iter().map(|key| (key.clone(), b"many".to_vec()));
    let outcomes = objects.put_many_once(many.collect()).await.unwrap();
    assert_eq!(
        outcomes,
        [
            PutOutcome::Stored,
            PutOutcome::AlreadyThere,
            PutOutcome::Stored
        ]
    );
    assert_eq!(objects.get(&keys[0]).await.unwrap().unwrap().0, b"many");
    assert_eq!(objects.get(&taken).await.unwrap().unwrap().0, b"first");
}

/// As when the process is killed between storing and indexing: the listing has it, the index not.
pub async fn a_result_that_was_never_indexed_is_found(setting: &Setting) {
    let store = &setting.store;
    let (indexed, lost) = (examples::imported(1, 1), examples::imported(2, 2));
    for key in [&indexed.key, &lost.key] {
        store.objects.put_once(key, b"x").await.unwrap();
    }
    store.index.complete_job(&indexed).await.unwrap();
    let page = store.objects.list("results/", None, 10).await.unwrap();
    let mut missing = Vec::new();
    for key in page.keys {
        let key: ObjectKey = key.parse().unwrap();
        if !store.index.is_indexed(&key).await.unwrap() {
            missing.push(key);
        }
    }
    assert_eq!(missing, [lost.key]);
}
