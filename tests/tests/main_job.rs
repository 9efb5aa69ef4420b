//! The main job: two compilers, measured on real crates under two configurations, compared within
//! each, read from the page in a real browser.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use end_to_end::{Fleet, Toolchain, require_browser};

const ONE_THREAD: &str = "test-llvm-t1";
const TWO_THREADS: &str = "test-llvm-t2";

/// Asks for base against head under both configurations, and returns the id of the request.
fn request(fleet: &Fleet, base: &str, head: &str) -> String {
    let answer = fleet.perfleet_json(&[
        "request",
        head,
        "--base",
        base,
        "--configuration",
        ONE_THREAD,
        "--configuration",
        TWO_THREADS,
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
fn a_compiler_measured_twice_under_two_configurations_comes_out_as_no_change_on_the_page() {
    let browser = require_browser();
    let fleet = Fleet::start();
    fleet.register(ONE_THREAD, 1);
    fleet.register(TWO_THREADS, 2);
    let toolchain = Toolchain::active();
    fleet.make_known(&toolchain);
    let _collector =
        fleet.start_collector("one", &[ONE_THREAD, TWO_THREADS], &[toolchain.argument()]);

    let id = request(&fleet, &toolchain.artifact, &toolchain.artifact);
    let detail = fleet.wait_for_request(&id);

    assert_eq!(detail["request"]["state"], "done", "{detail:#}");
    let configurations: Vec<_> = detail["comparisons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|comparison| comparison["configuration"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        configurations.contains(&ONE_THREAD.to_owned()),
        "{detail:#}"
    );
    assert!(
        configurations.contains(&TWO_THREADS.to_owned()),
        "{detail:#}"
    );

    let sides = [1, 2].map(|replicate| format!("{}#{replicate}", toolchain.artifact));
    for configuration in [ONE_THREAD, TWO_THREADS] {
        let comparison = fleet.perfleet_json(&[
            "compare",
            &sides[0],
            &sides[1],
            "--configuration",
            configuration,
        ]);
        assert_eq!(comparison["a_a"], true);
        assert!(!comparison["test_cases"].as_array().unwrap().is_empty());
        if comparison["metric"]
            .as_str()
            .unwrap()
            .starts_with("instructions:")
        {
            assert_eq!(comparison["verdict"], "neutral", "{comparison:#}");
        }
    }
    let address = format!("/compare?base={}&head={}", sides[0], sides[1]).replace('#', "%23");
    let said = browser.run("headlines", fleet.url(), &[&address]);
    for configuration in [ONE_THREAD, TWO_THREADS] {
        assert!(said.contains(configuration), "{said}");
    }
    assert!(said.contains("measured twice"), "{said}");
}

#[test]
fn what_was_measured_survives_a_killed_server() {
    let mut fleet = Fleet::start();
    fleet.register(ONE_THREAD, 1);
    fleet.register(TWO_THREADS, 2);
    let toolchain = Toolchain::active();
    fleet.make_known(&toolchain);
    let _collector =
        fleet.start_collector("one", &[ONE_THREAD, TWO_THREADS], &[toolchain.argument()]);
    let id = request(&fleet, &toolchain.artifact, &toolchain.artifact);
    fleet.wait_for_status("a job to be measured", |status| {
        status["configurations"]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["queue"]["running"].as_u64() > Some(0))
    });

    fleet.kill_server();
    fleet.restart_server();

    let detail = fleet.wait_for_request(&id);
    assert_eq!(detail["request"]["state"], "done", "{detail:#}");
}
