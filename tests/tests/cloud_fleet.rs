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
    // The other emulator reads alarms back incompletely.
    if fleet.emulator() == Emulator::Localstack {
        let plan = fleet.plan();
        assert!(plan.contains("No changes."), "{plan}");
    }
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
        let (status, body) = fleet.get(&path);
        assert_eq!(status, 200, "{path}: {body}");
        let comparison: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(comparison["configuration"], configuration);
        assert!(!comparison["test_cases"].as_array().unwrap().is_empty());
    }
    wait_until(
        "the comment to name both configurations",
        || {
            let (status, body) = fleet.get(&format!("/api/v1/requests/{id}/comment"));
            status == 200 && body.contains(ONE_THREAD) && body.contains(FOUR_THREADS)
        },
        || format!("{:#}", fleet.ask(&["status"])),
    );
    let (status, page) = fleet.get("/compare");
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
    fleet.put_object("results/v1/poison", b"no result");
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
