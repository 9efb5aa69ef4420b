//! A second platform for real: two compilers compared on an ARM host that QEMU emulates, beside this
//! machine's own architecture, each within itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::collections::BTreeSet;
use std::path::Path;

use end_to_end::{BENCHMARKS, EmulatedArm, Fleet, page_text, require_browser};
use serde_json::Value;

const NATIVE: &str = "test-llvm-t1";
const EMULATED: &str = "aarch64-qemu-user-llvm-t1";

/// The metrics that a check build on an emulated host has: no time, no memory, no page faults.
const TOLD: [&str; 2] = ["instructions:qemu", "size:metadata"];

/// How far two counts of the same compilation of a tiny crate may be apart, relative: the standard
/// library reads the list of mounts and control groups to count processors, and other programs change
/// those meanwhile. It comes to some ten thousand instructions of twenty million.
const SPREAD_MAX: f64 = 5e-3;

#[test]
fn two_compilers_are_compared_on_emulated_arm_and_beside_it_on_this_machine() {
    let arm = EmulatedArm::prepared();
    let fleet = Fleet::start();
    let said = arm.register(&fleet);
    assert!(said.contains(EMULATED), "{said}");
    fleet.register(NATIVE, 1);
    let arguments = |toolchains: [&end_to_end::Toolchain; 2]| toolchains.map(|it| it.argument());
    let _native = fleet.start_collector(
        "native",
        &[NATIVE],
        &arguments([&arm.native[0], &arm.native[1]]),
    );
    let mut options = vec!["--emulated".to_owned(), "aarch64".to_owned()];
    options.extend(arguments([&arm.emulated[0], &arm.emulated[1]]));
    let _emulated = fleet.start_collector("emulated", &[EMULATED], &options);

    let [base, head] = [0, 1].map(|side| arm.emulated[side].artifact.as_str());
    assert_eq!(
        [base, head],
        [0, 1].map(|side| arm.native[side].artifact.as_str())
    );
    let request = request(&fleet, base, head);
    let detail = fleet.wait_for_request(&request);

    assert_eq!(detail["request"]["state"], "done", "{detail:#}");
    for result in results(&fleet.data_dir(), EMULATED) {
        assert_counts_and_sizes_only(&result);
    }
    let comparison = |configuration: &str| {
        fleet.perfleet_json(&["compare", base, head, "--configuration", configuration])
    };
    let (native, emulated) = (comparison(NATIVE), comparison(EMULATED));
    assert_eq!(emulated["metric"], "instructions:qemu", "{emulated:#}");
    for (configuration, comparison) in [(NATIVE, &native), (EMULATED, &emulated)] {
        assert_eq!(comparison["configuration"], configuration, "{comparison:#}");
        assert_eq!(
            comparison["test_cases"].as_array().unwrap().len(),
            1,
            "{comparison:#}"
        );
    }
    assert_both_are_shown(&fleet, &request, [base, head]);
}

/// Asks for base against head under both configurations, and returns the id of the request.
fn request(fleet: &Fleet, base: &str, head: &str) -> String {
    let mut arguments = vec![
        "request",
        head,
        "--base",
        base,
        "--paired",
        "--iterations",
        "2",
    ];
    for configuration in [NATIVE, EMULATED] {
        arguments.extend(["--configuration", configuration]);
    }
    arguments.extend(["--include", BENCHMARKS[0], "--profiles", "check"]);
    arguments.extend(["--scenarios", "full", "--reason", "two platforms"]);
    fleet.perfleet_json(&arguments)["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn results(data_dir: &Path, configuration: &str) -> Vec<Value> {
    let folder = data_dir.join("objects/results/v1").join(configuration);
    let jobs = std::fs::read_dir(folder).unwrap();
    let results: Vec<Value> = jobs
        .map(|job| {
            let compressed = std::fs::read(job.unwrap().path().join("1.json.zst")).unwrap();
            serde_json::from_slice(&zstd::decode_all(compressed.as_slice()).unwrap()).unwrap()
        })
        .collect();
    assert!(!results.is_empty());
    results
}

fn assert_counts_and_sizes_only(result: &Value) {
    assert_eq!(
        result["failures"].as_array().map_or(0, Vec::len),
        0,
        "{result:#}"
    );
    let host = &result["host"];
    assert_eq!(host["target"], "aarch64-unknown-linux-gnu");
    assert!(
        host["emulator"]
            .as_str()
            .unwrap()
            .starts_with("qemu-aarch64 "),
        "{host:#}"
    );
    assert_eq!(result["record"]["hardware_model"], "aarch64 (qemu-user)");

    let measurements = result["measurements"].as_array().unwrap();
    assert_eq!(measurements.len(), 2, "{result:#}");
    for measurement in measurements {
        let values = measurement["values"].as_array().unwrap();
        let told: BTreeSet<&str> = values
            .iter()
            .map(|value| value["metric"].as_str().unwrap())
            .collect();
        assert_eq!(told, TOLD.into());
        let counts = values
            .iter()
            .find(|value| value["metric"] == TOLD[0])
            .unwrap();
        let counts: Vec<f64> = counts["iterations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_f64().unwrap())
            .collect();
        assert_eq!(counts.len(), 2, "{measurement:#}");
        assert!(counts[0] > 1e6, "{counts:?}");
        assert!(
            (counts[0] / counts[1] - 1.0).abs() < SPREAD_MAX,
            "{counts:?}"
        );
    }
}

/// Both platforms are on one page and in the request's answer, and the emulated one has no say in what
/// blocks, whatever it says.
fn assert_both_are_shown(fleet: &Fleet, request: &str, [base, head]: [&str; 2]) {
    let decision = fleet.perfleet_json(&["request", "show", request, "--why"]);
    let opinions = decision["opinions"].as_array().unwrap();
    let opinion = |configuration: &str| {
        let mut opinions = opinions.iter();
        let found = opinions.find(|opinion| opinion["configuration"] == configuration);
        found.unwrap_or_else(|| panic!("no opinion of {configuration}: {decision:#}"))
    };
    assert_eq!(opinions.len(), 2, "{decision:#}");
    assert_eq!(opinion(NATIVE)["tier"], "gating");
    assert_eq!(opinion(EMULATED)["tier"], "experimental");
    assert_eq!(opinion(EMULATED)["consequence"], "informs");

    let address = format!("/compare?base={base}&head={head}");
    let page = page_text(&require_browser(), fleet.url(), &address);
    for configuration in [NATIVE, EMULATED] {
        assert!(page.contains(configuration), "{page}");
    }
}
