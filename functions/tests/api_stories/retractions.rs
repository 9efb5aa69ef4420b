//! Retractions by the API: who may, what is answered, and where it is told.

use serde_json::json;

use crate::world::World;

async fn measured() -> World {
    let world = World::new().await;
    world.register("zen4").await;
    world.add_releases(80, 84).await;
    for minor in 80..=84 {
        let artifact = format!("release-1.{minor}.0");
        world.measure(&artifact, "zen4", "host-1", 1.0).await;
    }
    world.compare_all().await;
    world
}

#[tokio::test]
async fn an_administrator_retracts_and_takes_back_and_it_is_written_down() {
    let world = measured().await;
    let wanted = json!({
        "range": { "host": "host-1", "run": "release-1.82.0@zen4" },
        "reason": "the fan failed",
    });
    let (status, _) = world
        .post("retractions", Some(&world.requester), &wanted)
        .await;
    assert_eq!(status, 403);
    let effects = world
        .get("retraction-effects?host=host-1&run=release-1.82.0%40zen4")
        .await;
    assert_eq!(effects["runs"].as_array().unwrap().len(), 1);
    // The third is held against a history that the artifact is a part of.
    assert_eq!(effects["comparisons"].as_array().unwrap().len(), 3);

    let (status, made) = world.post("retractions", Some(&world.admin), &wanted).await;
    assert_eq!(status, 200, "{made:#}");
    world.compare_all().await;
    let listed = world.get("retractions").await;
    assert_eq!(listed["items"][0]["state"], "in-force");
    assert_eq!(listed["items"][0]["by"], "ada");

    let runs = world.get("runs?configuration=zen4").await;
    let retracted: Vec<&serde_json::Value> = runs["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|run| run.get("retracted").is_some())
        .collect();
    assert_eq!(retracted.len(), 1);
    assert_eq!(retracted[0]["retracted"]["results_left"], 0);
    let events = world.get("events?configuration=zen4").await;
    let event = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["kind"] == "retracted")
        .unwrap();
    assert_eq!(event["artifact"], "release-1.82.0");
    assert_eq!(
        (&event["first_ordinal"], &event["last_ordinal"]),
        (&json!(82), &json!(82))
    );
    let (status, gone) = world
        .try_get("comparisons/release-1.81.0..release-1.82.0?configuration=zen4")
        .await;
    assert_eq!(status, 404);
    assert!(gone["detail"].as_str().unwrap().contains("the fan failed"));

    let undo = format!("retractions/{}/undo", made["id"].as_str().unwrap());
    let (status, undone) = world.post(&undo, Some(&world.admin), &json!(null)).await;
    assert_eq!(status, 200, "{undone:#}");
    assert_eq!(undone["taken_back"]["by"], "ada");
    world.compare_all().await;
    let (status, _) = world.post(&undo, Some(&world.admin), &json!(null)).await;
    assert_eq!(status, 409);
    world
        .get("comparisons/release-1.81.0..release-1.82.0?configuration=zen4")
        .await;

    let audit = world.context.store.index.audit(10).await.unwrap();
    let actions: Vec<&str> = audit.iter().map(|entry| entry.action.as_str()).collect();
    assert!(actions.contains(&"POST retractions"), "{actions:?}");
    assert!(
        actions.contains(&"POST retractions/{id}/undo"),
        "{actions:?}"
    );
}

#[tokio::test]
async fn a_range_that_makes_no_sense_is_refused_by_name() {
    let world = measured().await;
    let refused = async |range: serde_json::Value, reason: &str| {
        let wanted = json!({ "range": range, "reason": reason });
        world.post("retractions", Some(&world.admin), &wanted).await
    };
    let (status, body) = refused(json!({}), "why").await;
    assert_eq!(status, 400);
    assert!(body["detail"].as_str().unwrap().contains("names no range"));
    assert_eq!(refused(json!({ "host": "host-1" }), " ").await.0, 400);
    assert_eq!(refused(json!({ "hosts": "host-1" }), "why").await.0, 400);
    assert_eq!(
        refused(json!({ "configuration": "zen9" }), "why").await.0,
        404
    );
    assert_eq!(world.try_get("retraction-effects").await.0, 400);
}

#[tokio::test]
async fn hosts_are_held_against_each_other_by_what_both_measured() {
    let world = measured().await;
    let path = "host-agreement?configuration=zen4&one=host-1&other=host-2";
    let (status, body) = world.try_get(path).await;
    assert_eq!(status, 404);
    assert!(body["detail"].as_str().unwrap().contains("host-2"));
    let twice = "host-agreement?configuration=zen4&one=host-1&other=host-1";
    assert_eq!(world.try_get(twice).await.0, 400);
}
