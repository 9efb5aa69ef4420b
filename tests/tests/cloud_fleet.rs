//! The whole way in the cloud, on a local AWS: everything is deployed by Terraform, a request comes
//! in by the function URL, a real collector takes its job from SQS, a real S3 event starts a real
//! Lambda binary through a real queue, and the comparison is read through the function URL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use end_to_end::{CloudFleet, Toolchain, wait_until};
use localstack::{Emulator, LocalAws};
use serde_json::Value;

/// Those that `infra/environments/staging` names.
const ONE_THREAD: &str = "x86_64-zen4-llvm-t1";
const FOUR_THREADS: &str = "x86_64-zen4-llvm-t4";

fn dead_letters(fleet: &CloudFleet) -> Vec<Value> {
    let answer = fleet.perfleet(&["dead-letters", "list", "--json"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let listed: Value = serde_json::from_str(&answer.stdout).unwrap();
    let letters = listed.as_array().or(listed["dead_letters"].as_array());
    letters.unwrap_or_else(|| panic!("{listed:#}")).clone()
}

fn get(fleet: &CloudFleet, path: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent
        .get(format!("{}{path}", fleet.url()))
        .header("accept", "text/html,application/json")
        .call()
        .unwrap();
    (
        answer.status().as_u16(),
        answer.body_mut().read_to_string().unwrap(),
    )
}

fn measure_twice(fleet: &CloudFleet, toolchain: &Toolchain) -> String {
    let answer = fleet.ask(&[
        "request",
        &toolchain.artifact,
        "--base",
        &toolchain.artifact,
        "--configuration",
        ONE_THREAD,
        "--configuration",
        FOUR_THREADS,
        "--profiles",
        "check",
        "--iterations",
        "2",
        "--paired",
        "--reason",
        "end-to-end test",
    ]);
    answer["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_request_becomes_a_comparison_and_poison_becomes_a_dead_letter() {
    let fleet = CloudFleet::deploy(LocalAws::start(Emulator::chosen().unwrap()).unwrap());
    fleet.register(ONE_THREAD, 1);
    fleet.register(FOUR_THREADS, 4);
    let toolchain = Toolchain::active();
    fleet.make_known(&toolchain);
    let _collector = fleet.start_collector("one", &[ONE_THREAD, FOUR_THREADS], &toolchain);

    let id = measure_twice(&fleet, &toolchain);
    let detail = fleet.wait_for_request(&id);
    assert_eq!(detail["request"]["state"], "done", "{detail:#}");

    // Read as the page reads it.
    let sides = [1, 2].map(|replicate| format!("{}%23{replicate}", toolchain.artifact));
    for configuration in [ONE_THREAD, FOUR_THREADS] {
        let path = format!(
            "/api/v1/comparisons/{}..{}?configuration={configuration}",
            sides[0], sides[1]
        );
        let (status, body) = get(&fleet, &path);
        assert_eq!(status, 200, "{path}: {body}");
        let comparison: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(comparison["configuration"], configuration);
        assert!(!comparison["test_cases"].as_array().unwrap().is_empty());
    }
    wait_until(
        "the comment to name both configurations",
        || {
            let (status, body) = get(&fleet, &format!("/api/v1/requests/{id}/comment"));
            status == 200 && body.contains(ONE_THREAD) && body.contains(FOUR_THREADS)
        },
        || format!("{:#}", fleet.ask(&["status"])),
    );
    let (status, page) = get(&fleet, "/compare");
    assert_eq!(status, 200);
    assert!(
        page.contains("<!DOCTYPE html>") || page.contains("<!doctype html>"),
        "{page}"
    );
    assert_eq!(dead_letters(&fleet), Vec::<Value>::new());

    poison_is_kept_aside_and_can_be_retried(&fleet);
}

/// Something that is no result is put where results are.
fn poison_is_kept_aside_and_can_be_retried(fleet: &CloudFleet) {
    let bucket = fleet.output("data_bucket");
    let account = fleet
        .environment()
        .into_iter()
        .find_map(|(name, value)| (name == "AWS_ACCESS_KEY_ID").then_some(value))
        .unwrap();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/s3/aws4_request, \
         SignedHeaders=host, Signature=0"
    );
    ureq::put(format!(
        "{}/{bucket}/results/v1/poison",
        fleet.proxy.endpoint()
    ))
    .header("Authorization", &authorization)
    .send("no result")
    .unwrap();
    wait_until(
        "the poison to become a dead letter",
        || !dead_letters(fleet).is_empty(),
        || format!("{:#}", fleet.ask(&["status"])),
    );
    let letters = dead_letters(fleet);
    let reason = letters[0]["reason"].as_str().unwrap();
    assert!(reason.contains("foreign name"), "{letters:#?}");

    let discarded = fleet.perfleet(&[
        "dead-letters",
        "discard",
        letters[0]["id"].as_str().unwrap(),
        "--yes",
    ]);
    assert_eq!(discarded.code, 0, "{}", discarded.stderr);
    assert_eq!(dead_letters(fleet), Vec::<Value>::new());
}
