//! What people with a token may change, and that it is written down who did.

use functions::coordinator;
use serde_json::{Value, json};
use shared_types::collector::{CatalogueEntry, SuiteCatalogue};
use shared_types::events::ProgressEvent;
use shared_types::ids::Attempt;
use shared_types::job::JobFailure;
use shared_types::object_key::ContentHash;
use shared_types::{Category, FormatVersion, JobId, ObjectKey};

use crate::world::{World, get, plain_body};

/// A world in which a collector can measure one crate under `zen4`.
async fn world_with_collector() -> World {
    let world = World::new().await;
    world.register("zen4").await;
    let catalogue = SuiteCatalogue {
        format: FormatVersion::V1_0,
        benchmarks: vec![CatalogueEntry {
            name: "syn-2.0.119".parse().unwrap(),
            category: Category::Primary,
            stable: false,
            patches: Vec::new(),
            excluded: Vec::new(),
        }],
        runtime_groups: Vec::new(),
        toolchain_units: Vec::new(),
    };
    let key = ObjectKey::Suite {
        content_hash: ContentHash::of(b"suite"),
    };
    let bytes = serde_json::to_vec(&catalogue).unwrap();
    world
        .context
        .store
        .objects
        .put_once(&key, &bytes)
        .await
        .unwrap();
    world.announce_collector("c1", &["zen4"]).await;
    world
}

/// Asks for a comparison of two releases, and has the coordinator cut and release it.
async fn requested(world: &World) -> Value {
    let wanted = json!({
        "base": "release-1.85.0",
        "head": "release-1.86.0",
        "configurations": ["zen4"],
        "selection": { "profiles": ["check"], "scenarios": ["full"] },
        "iterations": 2,
        "reason": "is it faster?",
    });
    let (status, request) = world
        .post("requests", Some(&world.requester), &wanted)
        .await;
    assert_eq!(status, 201, "{request:#}");
    coordinator::tick(&world.context).await.unwrap();
    request
}

async fn first_job(world: &World, request: &Value) -> JobId {
    let detail = world
        .get(&format!("requests/{}", request["id"].as_str().unwrap()))
        .await;
    detail["jobs"][0]["id"].as_str().unwrap().parse().unwrap()
}

async fn progress(world: &World, job: JobId, done: u64) {
    let event = ProgressEvent {
        job,
        attempt: Attempt(1),
        collector: "c1".to_owned(),
        done,
        total: 2,
        current: "syn-2.0.119/check/full".to_owned(),
        host: "host-1".to_owned(),
    };
    let index = &world.context.store.index;
    index
        .record_progress(&event, world.context.now())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_request_is_cut_into_jobs_and_followed() {
    let world = world_with_collector().await;
    let request = requested(&world).await;
    assert_eq!(request["state"], "waiting");
    assert_eq!(request["requester"], "rob");
    let path = format!("requests/{}", request["id"].as_str().unwrap());

    let detail = world.get(&path).await;
    assert_eq!(detail["request"]["state"], "running");
    assert_eq!(detail["verdict"], "incomplete");
    let total = detail["compilations_total"].as_u64().unwrap();
    assert_eq!((detail["compilations_done"].as_u64(), total), (Some(0), 4));

    let job = first_job(&world, &request).await;
    progress(&world, job, 1).await;
    let detail = world.get(&path).await;
    assert_eq!(detail["compilations_done"], 1);
    let status = world.get("status").await;
    assert_eq!(status["requests"][0]["id"], request["id"]);
    assert_eq!(
        status["configurations"][0]["jobs"][0]["progress"]["current"],
        "syn-2.0.119/check/full"
    );
    let running = world.get("requests?state=waiting,running").await;
    assert_eq!(running["items"].as_array().unwrap().len(), 1);
    assert_eq!(world.get("requests?state=done").await["items"], json!([]));
}

#[tokio::test]
async fn a_cancelled_request_takes_its_jobs_with_it() {
    let world = world_with_collector().await;
    let request = requested(&world).await;
    let job = first_job(&world, &request).await;
    let path = format!("requests/{}/cancel", request["id"].as_str().unwrap());

    let (status, cancelled) = world
        .post(&path, Some(&world.requester), &Value::Null)
        .await;
    assert_eq!(status, 200, "{cancelled:#}");
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(cancelled["note"], "cancelled by rob");
    assert_eq!(
        world.get(&format!("jobs/{job}")).await["state"],
        "cancelled"
    );

    let (status, problem) = world
        .post(&path, Some(&world.requester), &Value::Null)
        .await;
    assert_eq!(status, 409);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("cancelled already"), "{detail}");
}

#[tokio::test]
async fn the_newest_log_of_a_job_is_read_as_text() {
    let world = world_with_collector().await;
    let request = requested(&world).await;
    let job = first_job(&world, &request).await;
    let path = format!("jobs/{job}/log");
    let (status, problem) = world.try_get(&path).await;
    assert_eq!(status, 404, "{problem:#}");

    for attempt in [1, 2].map(Attempt) {
        let index = &world.context.store.index;
        let failure = JobFailure {
            attempt,
            collector: "c1".to_owned(),
            reason: "the disk is full".to_owned(),
            at: world.context.now(),
        };
        index.record_failure(job, &failure).await.unwrap();
        let key = ObjectKey::Log { job, attempt };
        let log = zstd::encode_all(format!("attempt {attempt}\n").as_bytes(), 3).unwrap();
        let objects = &world.context.store.objects;
        objects.put_once(&key, &log).await.unwrap();
    }
    for (query, expected) in [("", "attempt 2\n"), ("?attempt=1", "attempt 1\n")] {
        let answer = world.ask(&get(&format!("{path}{query}"))).await;
        assert_eq!(answer.status, 200);
        assert_eq!(String::from_utf8(plain_body(&answer)).unwrap(), expected);
    }
    assert_eq!(world.try_get(&format!("{path}?attempt=3")).await.0, 404);
}

#[tokio::test]
async fn every_attempt_at_a_job_is_told_with_who_made_it_and_how_it_ended() {
    let world = world_with_collector().await;
    let request = requested(&world).await;
    let job = first_job(&world, &request).await;
    let path = format!("jobs/{job}");
    assert_eq!(world.get(&path).await["attempts"], json!([]));
    let index = &world.context.store.index;
    index.release_job(job, world.context.now()).await.unwrap();
    let heard = async |attempt: u32, collector: &str| {
        world.clock.advance_seconds(10);
        let event = ProgressEvent {
            job,
            attempt: Attempt(attempt),
            collector: collector.to_owned(),
            done: u64::from(attempt),
            total: 8,
            current: "syn/check".to_owned(),
            host: format!("host-of-{collector}"),
        };
        index
            .record_progress(&event, world.context.now())
            .await
            .unwrap();
    };
    // The first was killed, the second fails and leaves a log, the third is at work.
    heard(1, "c1").await;
    heard(2, "c2").await;
    let failure = JobFailure {
        attempt: Attempt(2),
        collector: "c2".to_owned(),
        reason: "the disk is full".to_owned(),
        at: world.context.now(),
    };
    index.record_failure(job, &failure).await.unwrap();
    let log = zstd::encode_all(&b"no space left\n"[..], 3).unwrap();
    let key = ObjectKey::Log {
        job,
        attempt: Attempt(2),
    };
    let objects = &world.context.store.objects;
    objects.put_once(&key, &log).await.unwrap();
    index.release_job(job, world.context.now()).await.unwrap();
    heard(21, "c1").await;

    let told = world.get(&path).await;
    let short: Vec<(u64, &str, &str, &str, bool)> = told["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let text = |field: &str| it[field].as_str().unwrap();
            let has_log = it["has_log"].as_bool().unwrap();
            let number = it["attempt"].as_u64().unwrap();
            (
                number,
                text("collector"),
                text("host"),
                text("end"),
                has_log,
            )
        })
        .collect();
    assert_eq!(
        short,
        [
            (1, "c1", "host-of-c1", "lost", false),
            (2, "c2", "host-of-c2", "failed", true),
            (21, "c1", "host-of-c1", "working", false),
        ]
    );
    assert_eq!(told["attempts"][1]["reason"], "the disk is full");
    assert_eq!(told["attempts"][0]["done"], 1);
    let answer = world.ask(&get(&format!("{path}/log?attempt=2"))).await;
    assert_eq!(plain_body(&answer), b"no space left\n");
}

#[tokio::test]
async fn a_failed_job_says_why_and_can_be_asked_for_once_more() {
    let world = world_with_collector().await;
    let request = requested(&world).await;
    let job = first_job(&world, &request).await;
    let path = format!("jobs/{job}");
    let (status, problem) = world
        .post(
            &format!("{path}/retry"),
            Some(&world.requester),
            &Value::Null,
        )
        .await;
    assert_eq!(status, 409, "{problem:#}");

    for attempt in [1, 21, 41] {
        let failure = JobFailure {
            attempt: Attempt(attempt),
            collector: "c1".to_owned(),
            reason: "the toolchain is not there".to_owned(),
            at: world.context.now(),
        };
        world
            .context
            .store
            .index
            .record_failure(job, &failure)
            .await
            .unwrap();
    }
    let failed = world.get(&path).await;
    assert_eq!(failed["state"], "failed");
    assert_eq!(
        failed["record"]["failures"][2]["reason"],
        "the toolchain is not there"
    );

    let (status, retried) = world
        .post(
            &format!("{path}/retry"),
            Some(&world.requester),
            &Value::Null,
        )
        .await;
    assert_eq!(status, 200, "{retried:#}");
    assert_eq!(retried["state"], "pending");
    assert_eq!(retried["record"]["failures"], json!([]));
}

#[tokio::test]
async fn a_collector_is_told_to_take_no_more_jobs() {
    let world = world_with_collector().await;
    let drain = json!({ "draining": true });
    let (status, answer) = world
        .post("collectors/c1/drain", Some(&world.admin), &drain)
        .await;
    assert_eq!(status, 200, "{answer:#}");
    assert_eq!(answer["collector"]["draining"], true);
    assert_eq!(
        world.get("collectors").await["items"][0]["collector"]["draining"],
        true
    );

    let (status, problem) = world
        .post("collectors/c9/drain", Some(&world.admin), &drain)
        .await;
    assert_eq!(status, 404);
    assert!(
        problem["detail"].as_str().unwrap().contains("`c9`"),
        "{problem:#}"
    );
    let (status, _) = world
        .post("collectors/c1/drain", Some(&world.requester), &drain)
        .await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn every_write_is_recorded_with_who_what_and_when() {
    let world = world_with_collector().await;
    world.add_releases(85, 85).await;
    let request = requested(&world).await;
    let id = request["id"].as_str().unwrap();
    world
        .post(
            &format!("requests/{id}/cancel"),
            Some(&world.admin),
            &Value::Null,
        )
        .await;
    let book = world.context.store.index.audit(10).await.unwrap();
    let mut lines: Vec<(String, String, String)> = book
        .iter()
        .map(|entry| {
            assert_eq!(entry.at, world.context.now());
            (
                entry.person.clone(),
                entry.action.clone(),
                entry.subject.clone(),
            )
        })
        .collect();
    lines.sort();
    let line = |person: &str, action: &str, subject: &str| {
        (person.to_owned(), action.to_owned(), subject.to_owned())
    };
    assert_eq!(
        lines,
        [
            line("ada", "POST artifacts", "release-1.85.0"),
            line("ada", "POST configurations", "zen4"),
            line("ada", "POST requests/{id}/cancel", id),
            line("rob", "POST requests", id),
        ]
    );
}

#[tokio::test]
async fn a_request_for_a_configuration_that_is_not_there_is_refused() {
    let world = world_with_collector().await;
    let wanted = json!({ "head": "release-1.86.0", "configurations": ["zen9"] });
    let (status, problem) = world
        .post("requests", Some(&world.requester), &wanted)
        .await;
    assert_eq!(status, 400, "{problem:#}");
    assert!(
        problem["detail"].as_str().unwrap().contains("`zen9`"),
        "{problem:#}"
    );
}

#[tokio::test]
async fn requests_and_configurations_are_paused_resumed_and_measured_once_more() {
    let world = world_with_collector().await;
    let request = requested(&world).await;
    let path = format!("requests/{}", request["id"].as_str().unwrap());
    let post = async |path: String, token: &str, body: Value| {
        let (status, answer) = world.post(&path, Some(token), &body).await;
        (status, answer)
    };
    let why = json!({ "reason": "too warm" });
    let (status, held) = post(format!("{path}/pause"), &world.requester, why.clone()).await;
    assert_eq!(
        (status, &held["state"]),
        (200, &json!("paused")),
        "{held:#}"
    );
    assert_eq!(held["note"], "paused by rob: too warm");
    assert_eq!(world.get("status").await["requests"][0]["state"], "paused");
    let (status, _) = post(format!("{path}/pause"), &world.requester, Value::Null).await;
    assert_eq!(status, 409);
    let (status, resumed) = post(format!("{path}/resume"), &world.requester, Value::Null).await;
    assert_eq!(
        (status, &resumed["state"]),
        (200, &json!("waiting")),
        "{resumed:#}"
    );
    let (status, again) = post(format!("{path}/rerun"), &world.admin, Value::Null).await;
    assert_eq!(
        (status, &again["requester"]),
        (201, &json!("ada")),
        "{again:#}"
    );
    let unknown = format!("requests/{}/rerun", JobId::from_parts(1, &[1; 10]));
    assert_eq!(post(unknown, &world.admin, Value::Null).await.0, 404);

    let zen4 = "configurations/zen4".to_owned();
    let (status, _) = post(format!("{zen4}/pause"), &world.requester, why.clone()).await;
    assert_eq!(status, 403, "all requests are concerned");
    let (status, held) = post(format!("{zen4}/pause"), &world.admin, why).await;
    assert_eq!(
        (status, &held["paused"]["by"]),
        (200, &json!("ada")),
        "{held:#}"
    );
    let status = world.get("status").await;
    assert_eq!(status["configurations"][0]["paused"]["reason"], "too warm");
    let (status, resumed) = post(format!("{zen4}/resume"), &world.admin, Value::Null).await;
    assert_eq!(
        (status, &resumed["paused"]),
        (200, &Value::Null),
        "{resumed:#}"
    );
    let (status, _) = post(
        "configurations/zen9/pause".to_owned(),
        &world.admin,
        Value::Null,
    )
    .await;
    assert_eq!(status, 404);
    let book = world.context.store.index.audit(10).await.unwrap();
    assert!(book.iter().any(|entry| {
        entry.action == "POST configurations/{id}/pause" && entry.subject == "zen4"
    }));
}

#[tokio::test]
async fn a_bisection_is_told_step_by_step() {
    let world = world_with_collector().await;
    world.add_releases(85, 95).await;
    let wanted = json!({
        "base": "release-1.85.0",
        "head": "release-1.95.0",
        "configuration": "zen4",
        "test_case": "syn-2.0.119/check/full",
        "ask": true,
    });
    let (status, answer) = world
        .post("bisections", Some(&world.requester), &wanted)
        .await;
    assert_eq!(status, 200, "{answer:#}");
    assert_eq!(
        answer["next"],
        json!({ "step": "measure", "artifact": "release-1.85.0" })
    );
    assert_eq!(answer["artifacts"], 11);
    assert_eq!(answer["request"]["head"]["artifact"], "release-1.85.0");
    let (_, answer) = world
        .post("bisections", Some(&world.requester), &wanted)
        .await;
    assert_eq!(answer["next"]["step"], "wait");
    let unknown = json!({
        "base": "release-1.11.0",
        "head": "release-1.95.0",
        "configuration": "zen4",
        "test_case": "syn-2.0.119/check/full",
    });
    let (status, _) = world
        .post("bisections", Some(&world.requester), &unknown)
        .await;
    assert_eq!(status, 404);
}
