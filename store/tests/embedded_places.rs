//! What is peculiar to the store in one folder: restarts, damage, strays, and who opens what.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use shared_types::object_key::ContentHash;
use shared_types::{JobId, ObjectKey};
use store::conformance::examples;
use store::embedded::{EmbeddedStore, open_collector_ports};
use store::{Completion, QueueName, Store, StoreError};

fn jobs() -> QueueName {
    QueueName::Jobs(examples::configuration_id())
}

fn suite() -> ObjectKey {
    ObjectKey::Suite {
        content_hash: ContentHash::of(b"a suite"),
    }
}

fn open(folder: &Path) -> Store {
    EmbeddedStore::open(folder).unwrap()
}

fn damage(folder: &Path, sql: &str) {
    let changed = Connection::open(folder.join("index.sqlite3"))
        .unwrap()
        .execute(sql, [])
        .unwrap();
    assert_eq!(changed, 1);
}

#[tokio::test]
async fn objects_of_an_import_are_not_announced() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let objects = vec![(examples::result_key(1, 1), b"imported".to_vec())];
    store.objects.put_many_once(objects).await.unwrap();
    let ingest = store.queue.depth(&QueueName::Ingest).await.unwrap();
    assert_eq!(ingest.waiting, 0);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    examples::with_jobs(&*store.index, vec![examples::job(1, &[1, 2])]).await;
    store.queue.send(&jobs(), "a job").await.unwrap();
    store.objects.put_once(&suite(), b"a suite").await.unwrap();
    drop(store);

    let store = open(folder.path());
    let job = store.index.job(examples::job_id(1)).await.unwrap();
    assert_eq!(job, Some(examples::job(1, &[1, 2])));
    let lease = Duration::from_secs(300);
    let deliveries = store
        .queue
        .receive(&jobs(), 1, lease, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(deliveries[0].body, "a job");
    let (bytes, _) = store.objects.get(&suite()).await.unwrap().unwrap();
    assert_eq!(bytes, b"a suite");
}

#[tokio::test]
async fn a_collector_never_opens_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let ports = open_collector_ports(folder.path()).unwrap();
    ports.queue.send(&jobs(), "a job").await.unwrap();
    ports.objects.put_once(&suite(), b"x").await.unwrap();
    assert!(!folder.path().join("index.sqlite3").exists());

    // The server finds what the collector left.
    let store = open(folder.path());
    assert_eq!(store.queue.depth(&jobs()).await.unwrap().waiting, 1);
    assert!(store.objects.get(&suite()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_row_that_cannot_be_understood_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let jobs = vec![examples::job(1, &[1]), examples::job(2, &[2])];
    examples::with_jobs(&*store.index, jobs).await;
    let damaged: JobId = examples::job_id(1);
    damage(
        folder.path(),
        &format!("UPDATE jobs SET json = '{{\"id\": 7}}' WHERE id = '{damaged}'"),
    );
    let error = store.index.job(damaged).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains(&damaged.to_string()), "{message}");

    // The rest goes on.
    let result = examples::result(2, 1, &[2]);
    let completion = store.index.complete_job(&result).await.unwrap();
    assert!(matches!(completion, Completion::Counted { .. }));
}

#[tokio::test]
async fn a_dead_letter_is_kept_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.queue.send(&jobs(), "no job").await.unwrap();
    let lease = Duration::from_secs(300);
    let deliveries = store
        .queue
        .receive(&jobs(), 1, lease, Duration::ZERO)
        .await
        .unwrap();
    let reason = "it is not JSON";
    store
        .queue
        .reject(&jobs(), &deliveries[0], reason)
        .await
        .unwrap();
    let kept: (String, String, String) = Connection::open(folder.path().join("queue.sqlite3"))
        .unwrap()
        .query_row("SELECT queue, body, reason FROM dead_letters", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    let wanted = (jobs().to_string(), "no job".to_owned(), reason.to_owned());
    assert_eq!(kept, wanted);
}

#[tokio::test]
async fn stray_files_are_listed_and_unfinished_ones_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.objects.put_once(&suite(), b"x").await.unwrap();
    let objects = folder.path().join("objects");
    fs::write(objects.join(".incoming").join("1-2-3"), "half a file").unwrap();
    fs::write(objects.join("suite").join("notes.txt"), "a stray").unwrap();
    let page = store.objects.list("", None, 10).await.unwrap();
    let mut wanted = [suite().to_string(), "suite/notes.txt".to_owned()];
    wanted.sort();
    assert_eq!(page.keys, wanted);
}

#[tokio::test]
async fn nothing_is_left_behind_by_puts_and_replacements() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let manifest = ObjectKey::SeriesManifest {
        configuration: examples::configuration_id(),
    };
    for _ in 0..2 {
        store.objects.put_once(&suite(), b"x").await.unwrap();
        store.objects.replace(&manifest, None, b"x").await.unwrap();
    }
    let left = fs::read_dir(folder.path().join("objects").join(".incoming")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    let error = EmbeddedStore::open(&file.join("data")).err().unwrap();
    assert!(error.to_string().contains("a-file"), "{error}");
}
