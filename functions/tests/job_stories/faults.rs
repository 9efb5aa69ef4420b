//! What goes wrong is said, and the rest goes on.

use functions::{FunctionsError, coordinator, ingest, result_objects};
use shared_types::ObjectKey;
use shared_types::events::{CollectorEvent, object_created};
use shared_types::ids::Attempt;
use shared_types::request::RequestState;
use store::QueueName;

use crate::world::{
    BASE, HEAD, ONE, TWO, World, compare_query, document, foreign_document, new_request,
};

/// Stores bytes as the result of a job that was really made, and has them taken in.
async fn ingest_bytes(bytes: impl FnOnce(&[u8]) -> Vec<u8>) -> (World, ObjectKey) {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    world.ask(BASE, HEAD, &[ONE]).await;
    world.tick().await;
    let taken = world.take(ONE).await.unwrap();
    let result = document(&taken.message, taken.attempt(), |_| 1.0);
    let key = result_objects::key_of(&result);
    let bytes = bytes(&serde_json::to_vec(&result).unwrap());
    let objects = &world.context.store.objects;
    objects.put_once(&key, &bytes).await.unwrap();
    world.work_off().await;
    (world, key)
}

async fn is_refused_and_kept(world: &World, key: &ObjectKey, reason: &str) {
    let problems = world.problems().await;
    assert!(problems.contains(&key.to_string()), "{problems}");
    assert!(problems.contains(reason), "{problems}");
    assert_eq!(world.dead(&QueueName::Ingest).await, 1);
    let objects = &world.context.store.objects;
    assert!(
        objects.get(key).await.unwrap().is_some(),
        "the object is gone"
    );
    assert!(!world.context.store.index.is_indexed(key).await.unwrap());
}

#[tokio::test]
async fn a_result_that_is_no_zstd_is_refused_and_kept() {
    let (world, key) = ingest_bytes(<[u8]>::to_vec).await;
    is_refused_and_kept(&world, &key, "not compressed with zstd").await;
}

#[tokio::test]
async fn a_result_that_was_cut_short_is_refused_and_kept() {
    let (world, key) = ingest_bytes(|json| {
        let whole = zstd::encode_all(json, 1).unwrap();
        whole[..whole.len() / 2].to_vec()
    })
    .await;
    is_refused_and_kept(&world, &key, "cut short").await;
}

#[tokio::test]
async fn a_result_that_is_no_json_is_refused_and_kept() {
    let (world, key) = ingest_bytes(|_| zstd::encode_all(&b"{]"[..], 1).unwrap()).await;
    is_refused_and_kept(&world, &key, "a result cannot be read").await;
    assert!(world.problems().await.contains("perfleet retry"));
}

#[tokio::test]
async fn a_result_of_an_unknown_version_is_refused_with_what_to_do() {
    let (world, key) = ingest_bytes(|json| {
        let mut value: serde_json::Value = serde_json::from_slice(json).unwrap();
        value["format"] = "9.0".into();
        zstd::encode_all(value.to_string().as_bytes(), 1).unwrap()
    })
    .await;
    is_refused_and_kept(&world, &key, "upgrade the older of the two sides").await;
}

#[tokio::test]
async fn a_result_under_another_key_than_its_own_is_refused() {
    let (world, key) = ingest_bytes(|json| {
        let mut value: serde_json::Value = serde_json::from_slice(json).unwrap();
        value["attempt"] = 7.into();
        zstd::encode_all(value.to_string().as_bytes(), 1).unwrap()
    })
    .await;
    is_refused_and_kept(&world, &key, "it is stored as").await;
}

#[tokio::test]
async fn a_result_of_another_record_than_the_registered_one_is_refused() {
    let (world, key) = ingest_bytes(|json| {
        let mut value: serde_json::Value = serde_json::from_slice(json).unwrap();
        value["record"]["frontend_threads"] = 8.into();
        zstd::encode_all(value.to_string().as_bytes(), 1).unwrap()
    })
    .await;
    is_refused_and_kept(&world, &key, "another record is another configuration").await;
}

#[tokio::test]
async fn a_result_of_a_job_that_nobody_made_is_refused_and_the_next_is_taken_in() {
    let world = World::new().await;
    let key = world.store(&foreign_document(ONE)).await;
    world.work_off().await;
    is_refused_and_kept(&world, &key, "a job that this server never made").await;

    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.0).await;
    assert_eq!(world.request(request.id).await.state, RequestState::Done);
}

#[tokio::test]
async fn a_result_of_an_unknown_configuration_is_taken_in_once_it_is_registered() {
    let world = World::new().await;
    let mut document = foreign_document(ONE);
    document.configuration = "never-heard-of".parse().unwrap();
    let key = world.store(&document).await;
    world.work_off().await;
    is_refused_and_kept(&world, &key, "perfleet configuration add").await;
}

#[tokio::test]
async fn a_stray_event_does_not_hide_the_others() {
    let world = World::new().await;
    let error = ingest::handle(&world.context, "not json")
        .await
        .unwrap_err();
    assert!(error.is_permanent());
    let event =
        r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"stray"}}}]}"#;
    let error = ingest::handle(&world.context, event).await.unwrap_err();
    assert!(matches!(error, FunctionsError::Refused(_)), "{error}");
    assert!(world.problems().await.contains("a foreign name"));
    let gone = result_objects::key_of(&foreign_document(TWO));
    let error = ingest::handle(&world.context, &object_created(&gone))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("it is not there"), "{error}");
}

#[tokio::test]
async fn a_job_that_fails_three_times_ends_with_the_reason_and_the_rest_goes_on() {
    let world = World::new().await;
    world.announce("c1", &[ONE, TWO]).await;
    let request = world.ask(BASE, HEAD, &[ONE, TWO]).await;
    let mut fails = None;
    for _ in 0..3 {
        world.tick().await;
        let taken = world.take(ONE).await.unwrap();
        assert!(fails.is_none_or(|job| job == taken.message.job));
        fails = Some(taken.message.job);
        let queue = QueueName::Jobs(ONE.parse().unwrap());
        let queues = &world.context.store.queue;
        queues
            .delete(&queue, &taken.delivery.receipt)
            .await
            .unwrap();
        world
            .tell(CollectorEvent::AttemptFailed {
                job: taken.message.job,
                attempt: taken.attempt(),
                collector: "c1".to_owned(),
                reason: "the disk is full".to_owned(),
            })
            .await;
    }
    world.measure_all(ONE, 1.0).await;
    world.measure_all(TWO, 1.0).await;

    let ended = world.request(request.id).await;
    assert_eq!(ended.state, RequestState::Done);
    let note = ended.note.unwrap();
    assert!(note.contains("1 of 4 jobs failed"), "{note}");
    assert!(note.contains("the disk is full"), "{note}");
    let problems = world.problems().await;
    assert!(problems.contains("failed 3 times"), "{problems}");
    assert!(
        problems.contains(&format!("perfleet retry {}", fails.unwrap())),
        "{problems}"
    );
    let compared = world.compared(request.id).await;
    assert!(
        compared
            .iter()
            .any(|(configuration, _)| configuration == TWO),
        "{compared:?}"
    );
}

#[tokio::test]
async fn a_request_of_a_benchmark_that_the_suite_does_not_have_fails_with_the_nearest_names() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let mut wanted = new_request(BASE, HEAD, &[ONE]);
    wanted.selection.include = vec!["syn-2.0.118".parse().unwrap()];
    let request = coordinator::create_request(&world.context, &wanted, "ada")
        .await
        .unwrap();
    world.tick().await;
    let request = world.request(request.id).await;
    assert_eq!(request.state, RequestState::Failed);
    let note = request.note.unwrap();
    assert!(
        note.contains("`syn-2.0.118` (did you mean `syn-2.0.119`?)"),
        "{note}"
    );
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_refused_with_what_is_possible() {
    let world = World::new().await;
    let refused = async |change: fn(&mut shared_types::request::NewRequest)| {
        let mut wanted = new_request(BASE, HEAD, &[ONE]);
        change(&mut wanted);
        coordinator::create_request(&world.context, &wanted, "ada")
            .await
            .unwrap_err()
            .to_string()
    };
    let unknown = refused(|wanted| wanted.configurations = vec!["nope".parse().unwrap()]).await;
    assert!(
        unknown.contains("registered are `test-llvm-t1`, `test-llvm-t2`"),
        "{unknown}"
    );
    let none = refused(|wanted| wanted.configurations.clear()).await;
    assert!(none.contains("at least one configuration"), "{none}");
    let zero = refused(|wanted| wanted.iterations = Some(0)).await;
    assert!(zero.contains("ask for 1 to 1000"), "{zero}");
    let alone = refused(|wanted| {
        wanted.base = None;
        wanted.paired = true;
    })
    .await;
    assert!(alone.contains("needs a base"), "{alone}");
}

#[tokio::test]
async fn events_that_cannot_be_understood_are_kept_aside_and_the_others_are_handled() {
    let world = World::new().await;
    world.send(&QueueName::Events, "{}").await;
    world
        .tell(CollectorEvent::AttemptFailed {
            job: foreign_document(ONE).job,
            attempt: Attempt(1),
            collector: "c9".to_owned(),
            reason: "no reason".to_owned(),
        })
        .await;
    world
        .tell(CollectorEvent::Refused {
            collector: "c1".to_owned(),
            configuration: ONE.parse().unwrap(),
            reason: "it is no job".to_owned(),
            message: "{".to_owned(),
        })
        .await;
    world.announce("c1", &[ONE]).await;
    world.tick().await;

    assert_eq!(world.dead(&QueueName::Events).await, 1);
    let problems = world.problems().await;
    assert!(
        problems.contains("which this server never made"),
        "{problems}"
    );
    assert!(
        problems.contains("could not understand a job"),
        "{problems}"
    );
    let collectors = world.context.store.index.collectors().await.unwrap();
    assert_eq!(collectors.len(), 1);
}

#[tokio::test]
async fn comparing_what_was_not_measured_says_what_was() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    world.ask(BASE, HEAD, &[ONE]).await;
    let sides = format!("{BASE}..{HEAD}");
    let early = compare_query(&world.context, &sides, ONE)
        .await
        .unwrap_err();
    assert!(
        early.to_string().contains("was not measured under"),
        "{early}"
    );
    world.measure_all(ONE, 1.0).await;
    let elsewhere = compare_query(&world.context, &sides, TWO)
        .await
        .unwrap_err();
    assert!(
        elsewhere
            .to_string()
            .contains("it was under `test-llvm-t1`"),
        "{elsewhere}"
    );
    let unknown = compare_query(&world.context, &sides, "nope")
        .await
        .unwrap_err();
    assert!(unknown.to_string().contains("registered are"), "{unknown}");
}
