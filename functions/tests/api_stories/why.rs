//! Every verdict can be asked why.

use functions::compare::{self, ComparisonQuery};
use serde_json::{Value, json};
use shared_types::RequestId;
use shared_types::api::ComparisonReference;
use shared_types::object_key::ContentHash;
use shared_types::run::{Side, SidePair};
use shared_types::{ConfigurationId, ObjectKey};

use crate::world::World;

/// Twelve releases under one configuration, of which the last six are slower, and one request for a
/// comparison of the last of those before with the first of these.
async fn measured_world() -> (World, RequestId) {
    let world = World::new().await;
    world.register("zen4").await;
    world.add_releases(80, 91).await;
    for minor in 80..=91 {
        let seconds = if minor < 86 { 1.0 } else { 1.2 };
        world
            .measure(&format!("release-1.{minor}.0"), "zen4", "host-1", seconds)
            .await;
    }
    let wanted = json!({
        "base": "release-1.85.0",
        "head": "release-1.86.0",
        "configurations": ["zen4"],
    });
    let (status, request) = world
        .post("requests", Some(&world.requester), &wanted)
        .await;
    assert_eq!(status, 201, "{request:#}");
    let id = serde_json::from_value(request["id"].clone()).unwrap();
    (world, id)
}

/// Keeps a comparison as one that a request wanted.
async fn answer(world: &World, request: RequestId, method: &str) {
    let configuration: ConfigurationId = "zen4".parse().unwrap();
    let side = |artifact: &str| Side::pooled(artifact.parse().unwrap());
    let query = ComparisonQuery {
        configuration: configuration.clone(),
        sides: SidePair {
            base: side("release-1.85.0"),
            head: side("release-1.86.0"),
        },
        metric: None,
        method: Some(method.to_owned()),
    };
    let comparison = compare::on_demand(&world.context, &query).await.unwrap();
    let bytes = serde_json::to_vec(&comparison).unwrap();
    let reference = ComparisonReference {
        configuration: configuration.clone(),
        base: comparison.base.clone(),
        head: comparison.head.clone(),
        metric: comparison.metric.clone(),
        method: comparison.method.clone(),
        input_hash: ContentHash::of(&bytes),
        verdict: comparison.verdict,
        headline: comparison.headline.clone(),
        request: Some(request),
        computed_at: world.context.now(),
    };
    let key = ObjectKey::Comparison {
        configuration,
        sides: query.sides,
        input_hash: reference.input_hash.clone(),
    };
    let store = &world.context.store;
    store.objects.put_once(&key, &bytes).await.unwrap();
    store.index.put_comparison(&reference).await.unwrap();
}

#[tokio::test]
async fn a_comparison_says_why_by_either_method() {
    let (world, _) = measured_world().await;
    for method in analysis::method_names() {
        let path = format!(
            "comparisons/release-1.85.0..release-1.86.0/why?configuration=zen4&method={method}"
        );
        let why = world.get(&path).await;
        assert_eq!(why["verdict"], "regressed");
        assert_eq!(why["method"], *method);
        assert_eq!(why["directions"][0]["direction"]["regressions"], 2);
        let names: Vec<&Value> = why["test_cases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|case| &case["row"]["name"])
            .collect();
        assert_eq!(names.len(), 2, "{why:#}");

        let one = world
            .get(&format!("{path}&test_case={}", names[0].as_str().unwrap()))
            .await;
        let explained = one["test_cases"].as_array().unwrap();
        assert_eq!(explained.len(), 1);
        assert!(!explained[0]["working"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_test_case_that_is_not_there_is_refused() {
    let (world, _) = measured_world().await;
    let path = "comparisons/release-1.85.0..release-1.86.0/why?configuration=zen4&test_case=nope";
    let (status, problem) = world.try_get(path).await;
    assert_eq!(status, 400);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.starts_with("the parameter `test_case`"), "{detail}");
}

#[tokio::test]
async fn a_request_says_why_before_and_after_its_configurations_have_answered() {
    let (world, id) = measured_world().await;
    let path = format!("requests/{id}/why");
    let before = world.get(&path).await;
    assert_eq!(before["rule"], "unanswered");
    assert_eq!(before["family"]["questions"], 0);

    answer(&world, id, "perfleet").await;
    let after = world.get(&path).await;
    assert_eq!(after["verdict"], "regressed");
    assert_eq!(after["rule"], "only-regressions");
    assert_eq!(after["decided_by"], "the maintainers");
    assert_eq!(after["family"]["questions"], 2);
    let opinion = &after["opinions"][0];
    assert_eq!(opinion["consequence"], "blocks");
    assert_eq!(
        opinion["metrics"][0]["counted"].as_array().unwrap().len(),
        2
    );
    let shown = world.get(&format!("requests/{id}")).await;
    assert_eq!(shown["verdict_sentence"], after["sentence"]);
}

#[tokio::test]
async fn a_method_without_p_values_stays_outside_of_the_family_and_the_answer_says_so() {
    let (world, id) = measured_world().await;
    answer(&world, id, "rustc-perf").await;
    let why = world.get(&format!("requests/{id}/why")).await;
    assert_eq!(why["verdict"], "regressed");
    assert_eq!(why["family"]["questions"], 0);
    assert_eq!(why["family"]["without_p"], 2);
}
