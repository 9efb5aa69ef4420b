//! What anybody may read.

use std::collections::BTreeSet;

use functions::policy_in_force::put_policy;
use serde_json::{Value, json};
use shared_types::host::HostFacts;
use shared_types::result_document::{FailureKind, MeasuringFailure};
use shared_types::{Profile, Replicate, Scenario};

use crate::world::{NOW, World, get};

/// Two configurations, and releases that were measured under the first, of which the last is slower.
async fn measured_world() -> World {
    let world = World::new().await;
    world.register("zen4").await;
    world.register("zen5").await;
    world.add_releases(80, 91).await;
    for minor in 80..=91 {
        let seconds = if minor < 86 { 1.0 } else { 1.2 };
        let host = if minor < 83 { "host-1" } else { "host-2" };
        world
            .measure(&format!("release-1.{minor}.0"), "zen4", host, seconds)
            .await;
    }
    world
}

#[tokio::test]
async fn an_empty_server_answers_every_list_with_nothing() {
    let world = World::new().await;
    for list in [
        "configurations",
        "collectors",
        "requests",
        "artifacts",
        "triage",
    ] {
        assert_eq!(world.get(list).await, json!({ "items": [] }), "{list}");
    }
    let status = world.get("status").await;
    assert_eq!(status["now"], NOW);
    assert_eq!(status["requests"], json!([]));
}

#[tokio::test]
async fn two_releases_are_compared_within_one_configuration() {
    let world = measured_world().await;
    let comparison = world
        .get("comparisons/release-1.85.0..release-1.86.0?configuration=zen4")
        .await;
    assert_eq!(comparison["schema"], 1);
    assert_eq!(comparison["verdict"], "regressed");
    assert_eq!(comparison["metric"], "wall-time");
    let change = comparison["test_cases"][0]["change"].as_f64().unwrap();
    // Base is compared by its level, which draws in what is far from its middle.
    assert!((change - 0.2).abs() < 1e-6, "{change}");

    let same = world
        .get("comparisons/release-1.85.0@zen4..release-1.86.0?metric=wall-time")
        .await;
    assert_eq!(same, comparison);
}

#[tokio::test]
async fn a_replicate_is_named_behind_an_encoded_number_sign() {
    let world = measured_world().await;
    let comparison = world
        .get("comparisons/release-1.85.0%231..release-1.86.0%231?configuration=zen4")
        .await;
    assert_eq!(comparison["base"], "release-1.85.0#1");
}

#[tokio::test]
async fn an_artifact_shows_under_which_configurations_it_was_measured() {
    let world = measured_world().await;
    let detail = world.get("artifacts/release-1.80.0").await;
    assert_eq!(detail["artifact"]["title"], "rustc 1.80.0");
    assert_eq!(detail["runs"][0]["configuration"], "zen4");
    assert_eq!(detail["runs"][0]["test_cases"], 2);
    let found = world.get("artifacts?prefix=release-1.9").await;
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn charts_have_their_blocks_their_steps_and_their_hosts() {
    let world = measured_world().await;
    let manifest = world.get("series?configuration=zen4").await;
    assert_eq!(manifest["metrics"][0]["metric"]["name"], "wall-time");
    let nothing_yet = world.get("series?configuration=zen5").await;
    assert_eq!(nothing_yet["metrics"], json!([]));
    assert_eq!(
        world.get("events?configuration=zen5").await,
        json!({ "items": [] })
    );

    let events = world.get("events?configuration=zen4").await;
    let of_kind = |kind: &str| -> Vec<String> {
        let items = events["items"].as_array().unwrap();
        items
            .iter()
            .filter(|event| event["kind"] == kind)
            .map(|event| event["artifact"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(of_kind("host"), ["release-1.83.0"]);
    assert_eq!(
        of_kind("change-point"),
        ["release-1.86.0", "release-1.86.0"]
    );
}

#[tokio::test]
async fn a_host_with_another_kernel_is_an_event_that_says_which() {
    let world = World::new().await;
    world.register("zen4").await;
    world.add_releases(80, 84).await;
    for minor in 80..=84 {
        let mut facts = HostFacts::named("host-1", "x86_64-unknown-linux-gnu");
        let is_upgraded = minor >= 82;
        facts.kernel = Some(if is_upgraded { "6.8.0" } else { "6.1.0" }.to_owned());
        facts.governor = Some("performance".to_owned());
        let artifact = format!("release-1.{minor}.0");
        world.measure_on(facts, &artifact, "zen4").await;
    }
    let events = world.get("events?configuration=zen4").await;
    let expected = json!([{
        "kind": "host-setup",
        "artifact": "release-1.82.0",
        "host": "host-1",
        "changes": [{ "setting": "kernel", "before": "6.1.0", "after": "6.8.0" }],
    }]);
    assert_eq!(events["items"], expected);
}

#[tokio::test]
async fn paging_walks_every_list_without_doubles() {
    let world = measured_world().await;
    world.announce_collector("c1", &["zen4"]).await;
    world.announce_collector("c2", &["zen4", "zen5"]).await;
    for (list, expected) in [
        ("runs?configuration=zen4&", 12),
        ("artifacts?", 12),
        ("configurations?", 2),
        ("collectors?", 2),
        ("events?configuration=zen4&", 3),
    ] {
        let mut walked = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = world.get(&format!("{list}limit=1{cursor}")).await;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 1);
            walked.extend(items.iter().map(Value::to_string));
            match page.get("next_cursor") {
                Some(next) => cursor = format!("&cursor={}", encoded(next.as_str().unwrap())),
                None => break,
            }
            assert!(walked.len() <= expected, "{list} does not end");
        }
        let distinct: BTreeSet<&String> = walked.iter().collect();
        assert_eq!(
            (walked.len(), distinct.len()),
            (expected, expected),
            "{list}"
        );
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn a_collector_that_fell_silent_is_not_alive() {
    let world = World::new().await;
    world.register("zen4").await;
    world.announce_collector("c1", &["zen4"]).await;
    let alive = world.get("collectors").await;
    assert_eq!(alive["items"][0]["alive"], true);
    assert_eq!(
        world.get("configurations").await["items"][0]["collectors_alive"],
        1
    );

    world.clock.advance_seconds(600);
    let silent = world.get("collectors").await;
    assert_eq!(silent["items"][0]["alive"], false);
    assert_eq!(
        world.get("configurations").await["items"][0]["collectors_alive"],
        0
    );
}

#[tokio::test]
async fn an_answer_that_is_known_is_not_sent_again() {
    let world = measured_world().await;
    for path in [
        "openapi.json",
        "configurations",
        "runs?configuration=zen4",
        "comparisons/release-1.85.0..release-1.86.0?configuration=zen4",
        "status",
    ] {
        let first = world.ask(&get(path)).await;
        let mut again = get(path);
        again.if_none_match = first.header("etag").map(str::to_owned);
        world.clock.advance_seconds(1);
        let second = world.ask(&again).await;
        assert_eq!(second.status, 304, "{path}");
        assert_eq!(second.header("etag"), first.header("etag"), "{path}");
        again.if_none_match = Some("W/\"another\"".to_owned());
        assert_eq!(world.ask(&again).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_long_answer_is_compressed_for_who_takes_it() {
    let world = measured_world().await;
    let mut request = get("runs?configuration=zen4");
    let plain = world.ask(&request).await;
    request.accepts_gzip = true;
    let compressed = world.ask(&request).await;
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert!(compressed.body.len() < plain.body.len());
    assert_eq!(crate::world::plain_body(&compressed), plain.body);
    assert_eq!(compressed.header("etag"), plain.header("etag"));
}

#[tokio::test]
async fn what_regressed_waits_for_triage_and_what_did_not_does_not() {
    let world = measured_world().await;
    world.compare_all().await;
    let triage = world.get("triage").await;
    let entries = triage["items"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{triage:#}");
    let comparison = &entries[0]["comparison"];
    assert_eq!(comparison["head"], "release-1.86.0");
    assert_eq!(comparison["verdict"], "regressed");

    let overview = &world.get("configurations").await["items"][0];
    assert_eq!(overview["runs"], 12);
    assert_eq!(overview["last_run"]["measured_at"], NOW);
    assert_eq!(overview["last_comparison"]["configuration"], "zen4");
}

#[tokio::test]
async fn what_went_wrong_is_in_the_status() {
    let world = World::new().await;
    world.register("zen4").await;
    let failure = MeasuringFailure {
        artifact: "release-1.85.0".parse().unwrap(),
        replicate: Replicate::FIRST,
        benchmark: "syn-2.0.119".parse().unwrap(),
        profile: Profile::Check,
        scenario: Some(Scenario::Full),
        test_case: None,
        kind: FailureKind::Crashed,
        message: "rustc was ended by signal 11".to_owned(),
        output: "note: ...".to_owned(),
    };
    world
        .measure_with_failure("release-1.85.0", "zen4", failure)
        .await;
    let index = &world.context.store.index;
    for _ in 0..2 {
        let now = world.context.now();
        index
            .report_problem("the queue ingest", "it is not JSON", now)
            .await
            .unwrap();
    }
    let status = world.get("status").await;
    assert_eq!(
        status["failures"][0]["failure"]["message"],
        "rustc was ended by signal 11"
    );
    assert_eq!(status["problems"][0]["message"], "it is not JSON");
    assert_eq!(status["problems"][0]["count"], 2);
}

#[tokio::test]
async fn an_artifact_shows_what_is_beside_it_and_who_asked_for_it() {
    let world = measured_world().await;
    let detail = world.get("artifacts/release-1.85.0").await;
    assert_eq!(detail["artifact"]["history"]["parent"], "release-1.84.0");
    assert_eq!(detail["successor"], "release-1.86.0");

    let wanted = json!({
        "configurations": ["zen4"],
        "base": "release-1.84.0",
        "head": "release-1.85.0",
        "reason": "to see who asked",
    });
    let (status, body) = world
        .post("requests", Some(&world.requester), &wanted)
        .await;
    assert_eq!(status, 201, "{body:#}");
    let asked = async |artifact: &str| {
        let page = world.get(&format!("requests?artifact={artifact}")).await;
        page["items"].as_array().unwrap().clone()
    };
    for side in ["release-1.84.0", "release-1.85.0"] {
        assert_eq!(asked(side).await[0]["id"], body["id"], "{side}");
    }
    assert_eq!(asked("release-1.86.0").await, Vec::<Value>::new());
    let (status, _) = world.try_get("requests?artifact=1.86").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_policy_in_the_store_is_in_force_and_one_that_is_not_understood_does_not_get_there() {
    let world = measured_world().await;
    put_policy(&world.context, "version = 1\ndecides = \"the owners\"\n")
        .await
        .unwrap();
    let decides = async || world.get("help").await["policy"]["decides"].clone();
    assert_eq!(decides().await, "the owners");
    let refused = put_policy(&world.context, "version = 1\ndecide = \"nobody\"\n").await;
    let reason = refused.unwrap_err().to_string();
    assert!(reason.contains("decide"), "{reason}");
    assert_eq!(decides().await, "the owners");
}

#[tokio::test]
async fn help_tells_the_rules_in_force_and_only_commands_that_work_here() {
    let world = measured_world().await;
    let help = world.get("help").await;
    assert_eq!(help["commands"], json!([]));
    assert_eq!(help.get("mention"), None);
    assert_eq!(help["policy"]["decides"], "the maintainers");
    assert_eq!(help["policy"]["tiers"][0]["configuration"], "zen4");
    assert_eq!(help["policy"]["tiers"][0]["tier"], "gating");
}
