//! What can go wrong, one test for each row of `docs/faults.md`: the words that a person sees, on
//! the page and on the command line, and that the rest goes on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::path::Path;

use end_to_end::{BENCHMARKS, Fleet, Toolchain, page_text, require_browser, wait_until};
use serde_json::json;

const CONFIGURATION: &str = "fault-llvm-t1";
const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
/// A length of sleep that no other program on this machine would choose.
const HANGING_SLEEP: &str = "98765";

/// Waits until `perfleet status` says all `words`, and then reads them from the status page.
fn expect_words(fleet: &Fleet, words: &[&str]) {
    let missing = |text: &str| -> Vec<String> {
        let unwrapped = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let absent = words.iter().filter(|word| !unwrapped.contains(**word));
        absent.map(|word| (*word).to_owned()).collect()
    };
    wait_until(
        &format!("the words {words:?}"),
        || missing(&fleet.perfleet(&["status"]).stdout).is_empty(),
        || fleet.perfleet(&["status"]).stdout,
    );
    let page = page_text(&require_browser(), fleet.url(), "/status");
    assert_eq!(missing(&page), Vec::<String>::new(), "on the page:\n{page}");
}

/// Puts bytes where a collector would put a result.
fn plant_result(fleet: &Fleet, configuration: &str, job: &str, bytes: &[u8]) {
    let folder = fleet
        .data_dir()
        .join("objects/results/v1")
        .join(configuration)
        .join(job);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("1.json.zst"), bytes).unwrap();
}

fn compressed(document: &serde_json::Value) -> Vec<u8> {
    zstd::encode_all(document.to_string().as_bytes(), 3).unwrap()
}

/// The golden result, as a document of another job and configuration.
fn result(configuration: &str, job: &str) -> serde_json::Value {
    let golden =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared-types/tests/golden/result-1.0.json");
    let mut result: serde_json::Value =
        serde_json::from_slice(&std::fs::read(golden).unwrap()).unwrap();
    result["configuration"] = configuration.into();
    result["job"] = job.into();
    result
}

/// Asks for the active compiler alone, which is quick, and returns the id of the request.
fn request(fleet: &Fleet, artifact: &str, arguments: &[&str]) -> String {
    let arguments = [
        &[
            "request",
            artifact,
            "--configuration",
            CONFIGURATION,
            "--profiles",
            "check",
            "--scenarios",
            "full",
            "--iterations",
            "1",
        ],
        arguments,
    ]
    .concat();
    let answer = fleet.perfleet_json(&arguments);
    answer["id"].as_str().unwrap().to_owned()
}

/// A fleet that measures the active compiler without fault.
fn measuring_fleet() -> (Fleet, Toolchain) {
    let fleet = Fleet::start();
    fleet.register(CONFIGURATION, 1);
    let toolchain = Toolchain::active();
    fleet.make_known(&toolchain);
    (fleet, toolchain)
}

/// The test cases that were measured of an artifact, by their overview.
fn measured_test_cases(fleet: &Fleet, artifact: &str) -> u64 {
    let detail = fleet.perfleet_json(&["artifact", "show", artifact]);
    let runs = detail["runs"].as_array().unwrap();
    runs.iter()
        .map(|run| run["test_cases"].as_u64().unwrap())
        .sum()
}

#[test]
fn a_corrupt_result_is_kept_aside_and_said_to_be_so() {
    let mut fleet = Fleet::start();
    fleet.register(CONFIGURATION, 1);
    let job = "0190163d-8694-739b-aea5-966c26f8ad91";
    plant_result(&fleet, CONFIGURATION, job, b"no zstd at all");

    fleet.restart_server();

    expect_words(&fleet, &["not compressed with zstd", job]);
    let kept = fleet.data_dir().join(format!(
        "objects/results/v1/{CONFIGURATION}/{job}/1.json.zst"
    ));
    assert_eq!(std::fs::read(kept).unwrap(), b"no zstd at all");
}

#[test]
fn a_result_of_an_unknown_version_is_kept_aside_and_its_version_is_named() {
    let mut fleet = Fleet::start();
    fleet.register(CONFIGURATION, 1);
    let job = "0190163d-8694-739b-aea5-966c26f8ad92";
    let mut document = result(CONFIGURATION, job);
    document["format"] = "9.0".into();
    plant_result(&fleet, CONFIGURATION, job, &compressed(&document));

    fleet.restart_server();

    expect_words(
        &fleet,
        &["has format version 9.0, and this program reads 1.0 to 1.1"],
    );
}

#[test]
fn a_result_of_an_unknown_configuration_waits_until_the_configuration_is_registered() {
    let mut fleet = Fleet::start();
    let job = "0190163d-8694-739b-aea5-966c26f8ad93";
    let mut document = result("never-registered", job);
    document["origin"] = "import".into();
    plant_result(&fleet, "never-registered", job, &compressed(&document));
    fleet.restart_server();
    expect_words(&fleet, &["`never-registered`, which is not registered"]);

    fleet.register_record("never-registered", &document["record"]);
    fleet.restart_server();

    let artifact = document["runs"][0]["artifact"].as_str().unwrap();
    wait_until(
        "the result to be taken in",
        || {
            let answer = fleet.perfleet(&["artifact", "show", artifact, "--json"]);
            answer.stdout.contains("never-registered")
        },
        || fleet.perfleet(&["status"]).stdout,
    );
}

#[test]
fn a_request_for_an_unknown_configuration_is_refused_with_what_to_do() {
    let (fleet, toolchain) = measuring_fleet();
    let answer = fleet.perfleet(&[
        "request",
        &toolchain.artifact,
        "--configuration",
        "never-registered",
    ]);
    assert_ne!(answer.code, 0);
    assert!(answer.stderr.contains("never-registered"), "{answer:?}");
    let known = format!("registered are `{CONFIGURATION}`");
    assert!(answer.stderr.contains(&known), "{answer:?}");
}

#[test]
fn a_benchmark_that_does_not_build_is_shown_with_the_compilers_words_and_the_rest_is_measured() {
    let (fleet, toolchain) = measuring_fleet();
    fleet.suite.break_crate(BENCHMARKS[1]);
    let _collector = fleet.start_collector("one", &[CONFIGURATION], &[toolchain.argument()]);

    let detail = fleet.wait_for_request(&request(&fleet, &toolchain.artifact, &[]));

    assert_eq!(detail["request"]["state"], "done", "{detail:#}");
    expect_words(&fleet, &["build-failed", BENCHMARKS[1], "mismatched types"]);
    assert_eq!(measured_test_cases(&fleet, &toolchain.artifact), 1);
}

#[test]
fn a_crashing_compiler_is_shown_with_its_signal_and_the_rest_is_measured() {
    let (fleet, _) = measuring_fleet();
    let crashing =
        Toolchain::with_fault(&fleet.scratch("crashing"), "tiny_two", SHA, "kill -SEGV $$");
    fleet.make_known(&crashing);
    let _collector = fleet.start_collector("one", &[CONFIGURATION], &[crashing.argument()]);

    let detail = fleet.wait_for_request(&request(&fleet, &crashing.artifact, &[]));

    assert_eq!(detail["request"]["state"], "done", "{detail:#}");
    expect_words(&fleet, &["crashed", BENCHMARKS[1], "signal 11"]);
    assert_eq!(measured_test_cases(&fleet, &crashing.artifact), 1);
}

#[test]
fn a_hanging_compiler_is_ended_with_all_its_children_and_the_rest_is_measured() {
    let (fleet, _) = measuring_fleet();
    let fault = format!("trap '' TERM\nsleep {HANGING_SLEEP} &\nwait");
    let hanging = Toolchain::with_fault(&fleet.scratch("hanging"), "tiny_two", SHA, &fault);
    fleet.make_known(&hanging);
    let _collector = fleet.start_collector("one", &[CONFIGURATION], &[hanging.argument()]);

    let id = request(&fleet, &hanging.artifact, &["--time-limit", "20"]);
    let detail = fleet.wait_for_request(&id);

    assert_eq!(detail["request"]["state"], "done", "{detail:#}");
    expect_words(&fleet, &["timed-out", BENCHMARKS[1], "20 s"]);
    assert_eq!(measured_test_cases(&fleet, &hanging.artifact), 1);
    assert!(!is_running(HANGING_SLEEP), "its child was left behind");
}

/// Whether any process of this machine has `argument` among its arguments.
fn is_running(argument: &str) -> bool {
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.unwrap().path().join("cmdline")).ok())
        .any(|cmdline| {
            cmdline
                .split(|byte| *byte == 0)
                .any(|word| word == argument.as_bytes())
        })
}

#[test]
fn a_full_disk_is_named_and_the_job_is_measured_once_there_is_room() {
    let (fleet, toolchain) = measuring_fleet();
    let full = fleet.start_collector_on_full_disk("one", CONFIGURATION, &toolchain.argument());
    let id = request(&fleet, &toolchain.artifact, &[]);
    let detail = fleet.wait_for_request(&id);
    assert_eq!(detail["request"]["state"], "failed", "{detail:#}");
    expect_words(&fleet, &["No space left on device", "perfleet retry"]);
    drop(full);

    let _collector = fleet.start_collector("one", &[CONFIGURATION], &[toolchain.argument()]);
    let job = detail["jobs"][0]["id"].as_str().unwrap();
    let answer = fleet.perfleet(&["retry", job]);
    assert_eq!(answer.code, 0, "{answer:?}");

    wait_until(
        "the test cases to be measured",
        || measured_test_cases(&fleet, &toolchain.artifact) == 2,
        || fleet.perfleet(&["status"]).stdout,
    );
}

#[test]
fn a_killed_collector_is_said_to_be_silent_and_another_does_its_job() {
    let (fleet, _) = measuring_fleet();
    let slow = Toolchain::with_fault(&fleet.scratch("slow"), "tiny_two", SHA, "sleep 20");
    fleet.make_known(&slow);
    let mut killed = fleet.start_collector("one", &[CONFIGURATION], &[slow.argument()]);
    let id = request(&fleet, &slow.artifact, &[]);
    fleet.wait_for_status("the job to be measured", |status| {
        status["configurations"][0]["queue"]["running"] == json!(1)
    });

    killed.kill();
    let _other = fleet.start_collector("two", &[CONFIGURATION], &[slow.argument()]);

    expect_words(&fleet, &["silent"]);
    let detail = fleet.wait_for_request(&id);
    assert_eq!(detail["request"]["state"], "done", "{detail:#}");
    assert_eq!(
        detail["jobs"][0]["progress"]["collector"], "two",
        "{detail:#}"
    );
    let job = detail["jobs"][0]["id"].as_str().unwrap();
    let said = require_browser().run("attempts", fleet.url(), &[&format!("/jobs/{job}")]);
    // The first of the next release, or the next of this one.
    assert!(
        said.contains("attempts: 1 lost, 21 counted")
            || said.contains("attempts: 1 lost, 2 counted"),
        "{said}"
    );
}

#[test]
fn a_killed_server_does_not_stop_the_measuring_and_takes_the_result_in_when_it_is_back() {
    let (mut fleet, _) = measuring_fleet();
    let slow = Toolchain::with_fault(&fleet.scratch("slow"), "tiny_two", SHA, "sleep 5");
    fleet.make_known(&slow);
    let collector = fleet.start_collector("one", &[CONFIGURATION], &[slow.argument()]);
    let id = request(&fleet, &slow.artifact, &[]);
    fleet.wait_for_status("the job to be measured", |status| {
        status["configurations"][0]["queue"]["running"] == json!(1)
    });

    fleet.kill_server();
    let results = fleet
        .data_dir()
        .join("objects/results/v1")
        .join(CONFIGURATION);
    wait_until(
        "the result to be stored without a server",
        || is_result_in(&results),
        || collector.output(),
    );
    fleet.restart_server();

    let detail = fleet.wait_for_request(&id);
    assert_eq!(detail["request"]["state"], "done", "{detail:#}");
    assert_eq!(measured_test_cases(&fleet, &slow.artifact), 2);
    expect_words(&fleet, &["done"]);
}

/// Whether a result of some job is stored.
fn is_result_in(folder: &Path) -> bool {
    let jobs = std::fs::read_dir(folder).into_iter().flatten();
    jobs.filter_map(Result::ok)
        .any(|job| job.path().join("1.json.zst").exists())
}

#[test]
fn comparing_across_configurations_is_refused_with_the_reason() {
    let fleet = Fleet::start();
    fleet.register(CONFIGURATION, 1);
    fleet.register("fault-llvm-t2", 2);
    let toolchain = Toolchain::active();
    fleet.make_known(&toolchain);
    let base = format!("{}@{CONFIGURATION}", toolchain.artifact);
    let head = format!("{}@fault-llvm-t2", toolchain.artifact);

    let answer = fleet.perfleet(&["compare", &base, &head, "--configuration", CONFIGURATION]);
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(
        answer
            .stderr
            .contains("different configurations are never compared"),
        "{answer:?}"
    );

    let page = page_text(
        &require_browser(),
        fleet.url(),
        &format!("/compare?base={base}&head={head}"),
    );
    assert!(
        page.contains("different configurations are never compared"),
        "{page}"
    );
}
