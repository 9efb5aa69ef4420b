//! The overview, a collector's page, and one's own token.

use serde_json::{Value, json};
use shared_types::host::HostFacts;
use store::TokenRole;

use crate::triage::world_with;
use crate::world::{World, get};

fn glance<'a>(overview: &'a Value, configuration: &str) -> &'a Value {
    let all = overview["configurations"].as_array().unwrap();
    all.iter()
        .find(|one| one["configuration"] == configuration)
        .unwrap()
}

#[tokio::test]
async fn the_overview_of_nothing_is_empty() {
    let overview = World::new().await.get("overview").await;
    assert_eq!(overview["configurations"], json!([]));
    assert_eq!(overview["attention"]["untriaged"], 0);
    assert_eq!(overview["attention"]["dead_letters"], json!([]));
}

#[tokio::test]
async fn the_overview_has_the_last_runs_and_what_waits_for_a_person() {
    let world = world_with(0.8).await;
    // Known, and measured under neither configuration.
    world.add_releases(87, 87).await;
    let overview = world.get("overview").await;
    let n1 = glance(&overview, "n1");
    assert_eq!(n1["regressions"]["untriaged"], 1);
    assert_eq!(glance(&overview, "zen4")["regressions"]["untriaged"], 0);
    assert_eq!(overview["attention"]["untriaged"], 1);
    assert_eq!(overview["attention"]["conflicts"], 1);
    let trend = &n1["trend"];
    assert_eq!(trend["places"], 12);
    let points = trend["points"].as_array().unwrap();
    assert_eq!(points.len(), 12);
    assert_eq!(points[11]["artifact"], "release-1.86.0");
    let relative = |place: usize| points[place]["relative"].as_f64().unwrap();
    assert!(relative(5).abs() < 0.001, "{trend:#}");
    assert!((relative(11) - 0.2).abs() < 0.001, "{trend:#}");
}

#[tokio::test]
async fn a_run_that_is_missing_is_a_place_without_a_point() {
    let world = World::new().await;
    world.add_releases(80, 83).await;
    world.register("zen4").await;
    for artifact in ["release-1.80.0", "release-1.81.0", "release-1.83.0"] {
        world.measure(artifact, "zen4", "host-1", 1.0).await;
    }
    let overview = world.get("overview").await;
    let trend = &glance(&overview, "zen4")["trend"];
    assert_eq!(trend["places"], 4);
    let points = trend["points"].as_array().unwrap();
    let places: Vec<u64> = points
        .iter()
        .map(|one| one["place"].as_u64().unwrap())
        .collect();
    assert_eq!(places, [0, 1, 3]);
}

#[tokio::test]
async fn an_overview_serves_for_five_seconds_and_is_named_by_its_tag() {
    let world = World::new().await;
    world.register("zen4").await;
    let first = world.ask(&get("overview")).await;
    world.register("n1").await;
    let again = world.ask(&get("overview")).await;
    assert_eq!(first.body, again.body);
    let mut unchanged = get("overview");
    unchanged.if_none_match = first.header("etag").map(str::to_owned);
    assert_eq!(world.ask(&unchanged).await.status, 304);
    world.clock.advance_seconds(6);
    let later = world.get("overview").await;
    assert_eq!(later["configurations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn refused_files_and_dead_letters_wait_for_a_person() {
    let world = World::new().await;
    let store = &world.context.store;
    let key = "results/v1/zen4/01a5b8c0-0000-7000-8000-000000000001/1.json.zst";
    let key: shared_types::ObjectKey = match key.parse() {
        Ok(key) => key,
        Err(error) => panic!("{error}"),
    };
    let now = world.context.now();
    store
        .index
        .report_problem(&key.to_string(), "it is no result", now)
        .await
        .unwrap();
    let queue = store::QueueName::Ingest;
    store.queue.send(&queue, "no message").await.unwrap();
    let minute = std::time::Duration::from_secs(60);
    let taken = store
        .queue
        .receive(&queue, 1, minute, std::time::Duration::ZERO)
        .await;
    store
        .queue
        .reject(&queue, &taken.unwrap()[0], "it is not JSON")
        .await
        .unwrap();
    let attention = world.get("overview").await["attention"].clone();
    assert_eq!(attention["refused_files"], 1);
    assert_eq!(
        attention["dead_letters"],
        json!([{ "queue": "ingest", "messages": 1 }])
    );
}

#[tokio::test]
async fn a_collector_has_a_page_with_what_its_host_measured_and_how_it_was_set_up() {
    let world = World::new().await;
    world.add_releases(80, 83).await;
    world.register("zen4").await;
    for (minor, kernel) in [(80, "6.1"), (81, "6.1"), (82, "6.8")] {
        let mut facts = HostFacts::named("host-1", "x86_64-unknown-linux-gnu");
        facts.kernel = Some(kernel.to_owned());
        let artifact = format!("release-1.{minor}.0");
        world.measure_on(facts, &artifact, "zen4").await;
    }
    world.measure("release-1.83.0", "zen4", "host-2", 1.0).await;
    world.announce_collector("c1", &["zen4"]).await;

    let detail = world.get("collectors/c1").await;
    assert_eq!(detail["status"]["collector"]["report"]["collector"], "c1");
    assert_eq!(detail["runs"].as_array().unwrap().len(), 3);
    let epochs = detail["host_epochs"].as_array().unwrap();
    assert_eq!(epochs.len(), 2, "{epochs:#?}");
    assert_eq!(epochs[0]["first"], "release-1.82.0");
    assert_eq!(epochs[0]["changes"][0]["setting"], "kernel");
    assert_eq!(epochs[1]["artifacts"], 2);
    let levels: Vec<&str> = detail["health"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels, ["attention", "good"]);

    world.clock.advance_seconds(3600);
    let silent = world.get("collectors/c1").await;
    assert_eq!(silent["health"][0]["level"], "bad");
    let (status, problem) = world.try_get("collectors/nobody").await;
    assert_eq!(status, 404);
    assert!(problem["detail"].as_str().unwrap().contains("`nobody`"));
}

#[tokio::test]
async fn a_token_is_told_whose_it_is_and_what_it_may_and_nothing_is_written_down() {
    let world = World::new().await;
    let triager = world.token("tina", TokenRole::Triage).await;
    let (status, own) = world.post("own-token", Some(&triager), &Value::Null).await;
    assert_eq!(status, 200, "{own:#}");
    assert_eq!(own["person"], "tina");
    assert_eq!(own["role"], "triage");
    assert_eq!(own["may"], json!(["read", "request", "triage"]));
    let (status, _) = world
        .post("own-token", Some("pft_wrong"), &Value::Null)
        .await;
    assert_eq!(status, 401);
    let (status, _) = world.post("own-token", None, &Value::Null).await;
    assert_eq!(status, 401);
    assert!(
        world
            .context
            .store
            .index
            .audit(10)
            .await
            .unwrap()
            .is_empty()
    );
}
