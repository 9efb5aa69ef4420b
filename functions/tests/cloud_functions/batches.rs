//! What comes of the messages of a batch: of poison, of those that fail for a while, and of all when
//! the function is killed half way.

use std::time::{Duration, Instant};

use functions::result_objects;
use localstack::{Calls, Fault};
use serde_json::json;
use shared_types::events::object_created;
use shared_types::{ConfigurationId, ObjectKey, RequestId};
use store::QueueName;

use crate::fleet::{Fleet, batch, log_lines, schedule};
use crate::world::{BASE, HEAD, ONE, TWO, document, foreign_document};

const INGEST: &str = env!("CARGO_BIN_EXE_lambda-ingest");
const COORDINATOR: &str = env!("CARGO_BIN_EXE_lambda-coordinator");

/// How often the SDK tries a call.
const ATTEMPTS: u32 = 5;
/// The longest that a function may take to come to a certain call.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks for a comparison under both configurations, and has one job of each measured.
fn two_results(fleet: &Fleet) -> (RequestId, Vec<ObjectKey>) {
    let world = &fleet.world;
    fleet.run(async {
        // Only what has a place in history is drawn into series.
        let releases = [(BASE, 94), (HEAD, 95)].map(|(id, ordinal)| {
            let history = json!({ "line": "releases", "ordinal": ordinal });
            serde_json::from_value(json!({ "id": id, "history": history })).unwrap()
        });
        let index = &world.context.store.index;
        index.put_artifacts(&releases).await.unwrap();
        world.announce("c1", &[ONE, TWO]).await;
        let request = world.ask(BASE, HEAD, &[ONE, TWO]).await;
        world.tick().await;
        let mut keys = Vec::new();
        for configuration in [ONE, TWO] {
            let taken = world.take(configuration).await.unwrap();
            let result = document(&taken.message, taken.attempt(), |_| 1.0);
            keys.push(world.finish(&taken, &result).await);
        }
        (request.id, keys)
    })
}

fn is_indexed(fleet: &Fleet, key: &ObjectKey) -> bool {
    let index = &fleet.world.context.store.index;
    fleet.run(index.is_indexed(key)).unwrap()
}

#[test]
fn what_can_never_be_handled_is_kept_aside_with_its_reason_and_the_rest_of_the_batch_is_done() {
    let fleet = Fleet::new();
    let missing = object_created(&result_objects::key_of(&foreign_document(ONE)));
    fleet.run(fleet.world.send(&QueueName::Ingest, "not json"));
    fleet.run(fleet.world.send(&QueueName::Ingest, &missing));
    let (request, keys) = two_results(&fleet);
    let deliveries = fleet.receive(&QueueName::Ingest, 4);

    let ingest = fleet.start(INGEST);
    let answer = ingest.invoke(&batch(&deliveries)).unwrap();
    assert_eq!(
        answer,
        json!({ "batchItemFailures": [] }),
        "{}",
        ingest.log()
    );

    assert!(keys.iter().all(|key| is_indexed(&fleet, key)));
    let dead_letters = &fleet.world.context.store.dead_letters;
    let dead = fleet
        .run(dead_letters.list(&QueueName::Ingest, 10))
        .unwrap();
    let mut reasons: Vec<(&str, &str)> = dead
        .iter()
        .map(|letter| (letter.body.as_str(), letter.reason.as_deref().unwrap()))
        .collect();
    reasons.sort_unstable();
    let [(poison, unreadable), (event, not_there)] = reasons.as_slice() else {
        panic!("{dead:?}");
    };
    assert_eq!((*poison, *event), ("not json", missing.as_str()));
    assert!(unreadable.contains("a storage event"), "{unreadable}");
    assert!(not_there.contains("it is not there"), "{not_there}");
    let problems = fleet.run(fleet.world.problems());
    assert!(problems.contains("the queue ingest"), "{problems}");
    let lines = log_lines(&ingest);
    let taken_in: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "a result was taken in")
        .collect();
    assert_eq!(taken_in.len(), 2, "{lines:?}");
    for line in taken_in {
        assert_eq!(line["trace"], request.to_string(), "{line}");
    }
}

#[test]
fn a_message_that_fails_for_a_while_is_given_back_and_no_other_is() {
    let fleet = Fleet::new();
    let (_, keys) = two_results(&fleet);
    let deliveries = fleet.receive(&QueueName::Ingest, 2);
    let reading = Calls::of("s3", "GetObject");
    fleet.proxy.fail_next(reading, ATTEMPTS, Fault::ServerError);

    let ingest = fleet.start(INGEST);
    let answer = ingest.invoke(&batch(&deliveries)).unwrap();
    let failed = json!([{ "itemIdentifier": "message-0" }]);
    assert_eq!(answer["batchItemFailures"], failed, "{}", ingest.log());
    assert_eq!(fleet.proxy.faults_left(), 0);
    let indexed = keys.iter().filter(|key| is_indexed(&fleet, key)).count();
    assert_eq!(indexed, 1);

    let again = fleet.settle(&QueueName::Ingest, deliveries, &answer);
    let answer = ingest.invoke(&batch(&again)).unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert!(keys.iter().all(|key| is_indexed(&fleet, key)));
}

#[test]
fn a_function_that_is_killed_half_way_is_carried_on_by_the_next_and_nothing_counts_twice() {
    let fleet = Fleet::new();
    let (_, keys) = two_results(&fleet);
    let deliveries = fleet.receive(&QueueName::Ingest, 2);
    // Between what the index is told and the series, the function is held up by S3.
    let drawing = Calls::of("s3", "PutObject");
    fleet.proxy.fail_next(drawing, 4, Fault::ServerError);

    let killed = fleet.start(INGEST);
    let event = batch(&deliveries);
    let invocation = killed.begin(&event);
    let begun = Instant::now();
    while fleet.proxy.faults_left() == 4 {
        assert!(begun.elapsed() < PATIENCE, "{}", killed.log());
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill();
    invocation.wait().unwrap_err();
    let indexed = keys.iter().filter(|key| is_indexed(&fleet, key)).count();
    assert_eq!(indexed, 1, "it was to be killed with the first of two");
    let left = jobs_left(&fleet);

    let next = fleet.start(INGEST);
    for _ in 0..2 {
        let answer = next.invoke(&event).unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }), "{}", next.log());
    }
    assert!(keys.iter().all(|key| is_indexed(&fleet, key)));
    assert_eq!(jobs_left(&fleet), left - 1, "a job was counted twice");
    for configuration in [ONE, TWO] {
        let manifest = ObjectKey::SeriesManifest {
            configuration: configuration.parse().unwrap(),
        };
        let objects = &fleet.world.context.store.objects;
        assert!(fleet.run(objects.get(&manifest)).unwrap().is_some());
    }
    // The runs of the two results are complete, and whoever compares is told so.
    assert!(!fleet.receive(&QueueName::Compare, 2).is_empty());
}

/// Jobs that the runs of both configurations still wait for.
fn jobs_left(fleet: &Fleet) -> u32 {
    let index = &fleet.world.context.store.index;
    let mut left = 0;
    for configuration in [ONE, TWO] {
        let id: ConfigurationId = configuration.parse().unwrap();
        let page = store::PageRequest::first(100);
        let runs = fleet.run(index.runs(&id, &page)).unwrap();
        left += runs.items.iter().map(|run| run.jobs_left).sum::<u32>();
    }
    left
}

#[test]
fn a_new_request_is_handed_out_by_its_event_and_the_schedule_tells_of_silence() {
    let fleet = Fleet::new();
    let world = &fleet.world;
    fleet.run(async {
        world.announce("c1", &[ONE]).await;
        world.ask(BASE, HEAD, &[ONE]).await;
    });
    let deliveries = fleet.receive(&QueueName::Events, 2);
    let coordinator = fleet.start(COORDINATOR);
    let answer = coordinator.invoke(&batch(&deliveries)).unwrap();
    let log = coordinator.log();
    assert_eq!(answer, json!({ "batchItemFailures": [] }), "{log}");
    assert!(fleet.run(world.take(ONE)).is_some(), "{log}");
    assert!(!log.contains("CollectorSilentSeconds"), "{log}");

    coordinator.invoke(&schedule()).unwrap();
    let lines = log_lines(&coordinator);
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.get("CollectorSilentSeconds").is_some())
        .collect();
    assert_eq!(told.len(), 1, "{lines:?}");
    assert_eq!(told[0]["collector"], "c1");
    assert_eq!(told[0]["environment"], fleet.environment);
    let metrics = &told[0]["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(metrics["Namespace"], "Perfleet");
}

#[test]
fn silence_is_told_of_also_where_a_job_cannot_be_handed_out() {
    let fleet = Fleet::new();
    let world = &fleet.world;
    fleet.run(async {
        world.announce("c1", &[ONE]).await;
        world.ask(BASE, HEAD, &[ONE]).await;
    });
    let deliveries = fleet.receive(&QueueName::Events, 2);
    let coordinator = fleet.start(COORDINATOR);
    // As often as a call is tried: once for the events, once for the schedule.
    let sends = || Calls::of("sqs", "SendMessage");
    fleet.proxy.fail_next(sends(), ATTEMPTS, Fault::ServerError);
    coordinator.invoke(&batch(&deliveries)).unwrap();
    fleet.proxy.fail_next(sends(), ATTEMPTS, Fault::ServerError);

    let failed = coordinator.invoke(&schedule());

    assert!(failed.is_err(), "{}", coordinator.log());
    assert_eq!(fleet.proxy.faults_left(), 0);
    let told = log_lines(&coordinator)
        .into_iter()
        .filter(|line| line.get("CollectorSilentSeconds").is_some());
    assert_eq!(told.count(), 1, "{}", coordinator.log());
}
