//! What is refused, and in which words.

use serde_json::json;

use crate::world::{World, configuration};

#[tokio::test]
async fn two_configurations_are_never_compared() {
    let world = World::new().await;
    for path in [
        "comparisons/release-1.85.0@zen4..release-1.86.0@zen5",
        "comparisons/release-1.85.0@zen4..release-1.86.0?configuration=zen5",
    ] {
        let (status, problem) = world.try_get(path).await;
        assert_eq!(status, 422);
        assert_eq!(problem["type"], "urn:perfleet:different-configurations");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("`zen4` and `zen5`"), "{detail}");
        assert!(detail.contains("never compared"), "{detail}");
    }
}

#[tokio::test]
async fn a_comparison_without_configuration_is_told_which_there_are() {
    let world = World::new().await;
    world.register("zen4").await;
    world.add_releases(85, 86).await;
    let path = "comparisons/release-1.85.0..release-1.86.0";
    let (status, problem) = world.try_get(path).await;
    assert_eq!(status, 400);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("no configuration has both"), "{detail}");

    world.measure("release-1.85.0", "zen4", "host-1", 1.0).await;
    world.measure("release-1.86.0", "zen4", "host-1", 1.0).await;
    let (status, problem) = world.try_get(path).await;
    assert_eq!(status, 400);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("both measured under zen4"), "{detail}");
}

#[tokio::test]
async fn what_is_not_there_is_said_not_to_be_there() {
    let world = World::new().await;
    world.register("zen4").await;
    for (path, words) in [
        ("nothing", "openapi.json"),
        (
            "requests/0190163d-8694-739b-aea5-966c26f8ad91",
            "there is no request",
        ),
        (
            "jobs/0190163d-8694-739b-aea5-966c26f8ad91",
            "there is no job",
        ),
        ("artifacts/release-1.0.0", "there is no artifact"),
        (
            "runs?configuration=zen9",
            "there is no configuration `zen9`",
        ),
        (
            "series?configuration=zen9",
            "there is no configuration `zen9`",
        ),
        (
            "events?configuration=zen4&metric=cycles",
            "`zen4` has no series of `cycles`",
        ),
        (
            "comparisons/release-1.0.0..release-1.1.0?configuration=zen4",
            "release-1.0.0",
        ),
        (
            "comparisons/release-1.0.0..release-1.1.0?configuration=zen9",
            "zen9",
        ),
    ] {
        let (status, problem) = world.try_get(path).await;
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(status, 404, "{path}: {detail}");
        assert!(detail.contains(words), "{path}: {detail}");
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_named() {
    let world = World::new().await;
    for (path, words) in [
        (
            "requests/x",
            "the request in the path: `x` is not a request id",
        ),
        (
            "requests?state=sleeping",
            "the parameter `state`: `sleeping` is not a state",
        ),
        (
            "requests?limit=501",
            "the parameter `limit` is 501, and a page holds 1 to 500",
        ),
        ("requests?stat=done", "there is no parameter `stat`"),
        ("runs", "the parameter `configuration` is missing"),
        (
            "runs?configuration=a.b",
            "the parameter `configuration`: `a.b` is not",
        ),
        (
            "comparisons/release-1.0.0?configuration=c",
            "is not a pair of artifacts",
        ),
        (
            "comparisons/x..release-1.0.0?configuration=c",
            "the base: `x` is not an artifact",
        ),
        ("configurations?cursor=gone", "the parameter `cursor`"),
    ] {
        let (status, problem) = world.try_get(path).await;
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(status, 400, "{path}: {detail}");
        assert!(detail.contains(words), "{path}: {detail}");
    }
}

#[tokio::test]
async fn writes_need_a_token_of_the_right_role() {
    let world = World::new().await;
    let body = serde_json::to_value(configuration("zen4")).unwrap();
    for (token, expected, words) in [
        (None, 401, "X-Perfleet-Token"),
        (Some("pft_unknown"), 401, "not known"),
        (
            Some(world.requester.as_str()),
            403,
            "the token of rob has the role request",
        ),
    ] {
        let (status, problem) = world.post("configurations", token, &body).await;
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(status, expected, "{detail}");
        assert!(detail.contains(words), "{detail}");
        assert!(
            !detail.contains("pft_unknown"),
            "a token is repeated: {detail}"
        );
    }
    assert_eq!(world.get("configurations").await, json!({ "items": [] }));
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

#[tokio::test]
async fn a_revoked_token_is_worth_nothing() {
    let world = World::new().await;
    let index = &world.context.store.index;
    assert_eq!(index.revoke_tokens("ada").await.unwrap(), 1);
    let body = serde_json::to_value(configuration("zen4")).unwrap();
    let (status, _) = world
        .post("configurations", Some(&world.admin), &body)
        .await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn another_record_under_a_known_slug_is_refused() {
    let world = World::new().await;
    world.register("zen4").await;
    world.register("zen4").await;
    let mut other = configuration("zen4");
    other.record = crate::world::record(4);
    let body = serde_json::to_value(other).unwrap();
    let (status, problem) = world
        .post("configurations", Some(&world.admin), &body)
        .await;
    assert_eq!(status, 409, "{problem:#}");
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused_with_the_place() {
    let world = World::new().await;
    let (status, problem) = world
        .post("requests", Some(&world.requester), &json!({ "head": "x" }))
        .await;
    assert_eq!(status, 400);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("`x` is not an artifact"), "{detail}");
}
