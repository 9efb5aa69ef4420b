//! The detail of a row, with self-profiles of a real compiler: on the page, in the API, and the command
//! that it prints, carried out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::process::Command;

use end_to_end::{BENCHMARKS, Fleet, Toolchain, program, require_browser};
use serde_json::Value;

/// A benchmark that is linked, so that it has sections.
const PROGRAM: &str = "tiny-program";
const CONFIGURATION: &str = "detail-llvm-t1";

/// A compiler that was measured twice, with self-profiles.
struct Measured {
    fleet: Fleet,
    artifact: String,
}

impl Measured {
    fn with(arguments: &[&str]) -> Self {
        let fleet = Fleet::start();
        fleet.suite.add_program(PROGRAM);
        fleet.register(CONFIGURATION, 1);
        let toolchain = Toolchain {
            artifact: artifact_of_this_machine(),
            ..Toolchain::active()
        };
        fleet.make_known(&toolchain);
        let _collector = fleet.start_collector("one", &[CONFIGURATION], &[]);
        let artifact = toolchain.artifact.clone();
        let asked = [
            &["request", &artifact, "--base", &artifact, "--paired"],
            &["--configuration", CONFIGURATION, "--iterations", "2"][..],
            &["--profiles", "debug", "--scenarios", "full,incr-unchanged"],
            arguments,
        ]
        .concat();
        let request = fleet.perfleet_json(&asked);
        let detail = fleet.wait_for_request(request["id"].as_str().unwrap());
        assert_eq!(detail["request"]["state"], "done", "{detail:#}");
        Self { fleet, artifact }
    }

    /// The sides, as paths and queries name them.
    fn sides(&self) -> [String; 2] {
        [1, 2].map(|replicate| format!("{}%23{replicate}", self.artifact))
    }

    fn case(scenario: &str) -> String {
        format!("{}/debug/{scenario}", BENCHMARKS[0])
    }

    fn page(&self, case: &str) -> String {
        let [base, head] = self.sides();
        format!("/compare?base={base}&head={head}&configuration={CONFIGURATION}&case={case}")
    }

    fn detail(&self, case: &str) -> Value {
        let [base, head] = self.sides();
        let path = format!("/api/v1/comparisons/{base}..{head}/test-case");
        let address = format!(
            "{}{path}?configuration={CONFIGURATION}&test_case={case}",
            self.fleet.url()
        );
        let text = ureq::get(&address)
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The one result that was stored.
    fn result(&self) -> Value {
        let results = self
            .fleet
            .data_dir()
            .join("objects/results/v1")
            .join(CONFIGURATION);
        let mut found = Vec::new();
        for job in std::fs::read_dir(results).unwrap() {
            for file in std::fs::read_dir(job.unwrap().path()).unwrap() {
                found.push(file.unwrap().path());
            }
        }
        assert_eq!(found.len(), 1, "{found:?}");
        let json = zstd::decode_all(std::fs::File::open(&found[0]).unwrap()).unwrap();
        serde_json::from_slice(&json).unwrap()
    }

    /// What the stored result says of a test case of one side.
    fn measurement(&self, case: &str, replicate: u64) -> Value {
        let result = self.result();
        let measurements = result["measurements"].as_array().unwrap();
        let named = |it: &&Value| {
            let test_case = &it["test_case"];
            let text = |field: &str| test_case[field].as_str().unwrap_or_default().to_owned();
            let name = format!(
                "{}/{}/{}",
                text("benchmark"),
                text("profile"),
                text("scenario")
            );
            name == case && it["replicate"] == replicate
        };
        measurements.iter().find(named).unwrap().clone()
    }
}

/// A compiler that rustup has here, by the name that the collector gives it: what a reader of this machine
/// would measure.
fn artifact_of_this_machine() -> String {
    let mut command = Command::new(program("collector"));
    let output = command.args(["toolchains", "--json"]).output().unwrap();
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut usable = listed.as_array().unwrap().iter();
    let found = usable.find(|it| it["usable"] == true);
    let found = found.unwrap_or_else(|| panic!("no compiler that can be measured in {listed:#}"));
    found["artifact"]["id"].as_str().unwrap().to_owned()
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// A query of a self-profile as it was stored.
fn stored<'a>(measurement: &'a Value, query: &str) -> &'a Value {
    let queries = measurement["self_profile"]["queries"].as_array().unwrap();
    queries.iter().find(|it| it["query"] == query).unwrap()
}

#[test]
fn the_api_tells_the_self_profiles_of_a_real_compiler_as_they_were_measured() {
    let measured = Measured::with(&["--self-profile"]);
    let case = Measured::case("full");
    let detail = measured.detail(&case);
    let queries = detail["queries"].as_array().unwrap();
    assert!(queries.len() > 20, "{detail:#}");
    let difference = |it: &Value| (number(&it["head_ns"]) - number(&it["base_ns"])).abs();
    assert!(queries.is_sorted_by(|one, other| difference(one) >= difference(other)));
    let base = measured.measurement(&case, 1);
    for told in queries.iter().filter(|it| number(&it["base_ns"]) > 0.0) {
        let query = stored(&base, told["query"].as_str().unwrap());
        assert_eq!(told["base_ns"], number(&query["self_time_ns"]));
        assert_eq!(told["base_calls"], query["calls"]);
        // Absent in both, where this compiler does not count it.
        assert_eq!(told.get("base_cache_hits"), query.get("cache_hits"));
        assert_eq!(
            number(&told["base_incremental_load_ns"]),
            number(&query["incremental_load_ns"])
        );
    }
    let unchanged = measured.detail(&Measured::case("incr-unchanged"));
    let loads = unchanged["queries"].as_array().unwrap().iter();
    let loaded: f64 = loads
        .map(|it| number(&it["head_incremental_load_ns"]))
        .sum();
    assert!(
        loaded > 0.0,
        "an unchanged crate is loaded from the cache: {unchanged:#}"
    );

    let of_program = measured.detail(&format!("{PROGRAM}/debug/full"));
    let metrics = of_program["metrics"].as_array().unwrap();
    let mut named = metrics.iter();
    let text = named.find(|it| it["metric"]["name"] == "size:section:.text");
    let text = text.unwrap_or_else(|| panic!("no sizes by section in {of_program:#}"));
    assert!(number(&text["base"]) > 1_000.0, "{text}");
    assert_eq!(
        text["base"], text["head"],
        "one compiler writes one program"
    );
    let sizes = detail["artifact_sizes"].as_array().unwrap();
    assert!(
        sizes.iter().any(|it| number(&it["head_bytes"]) > 0.0),
        "{detail:#}"
    );
    let replicates = detail["replicates"].as_array().unwrap();
    assert_eq!(replicates.len(), 2, "{detail:#}");
    for (replicate, side) in replicates.iter().zip(["base", "head"]) {
        assert_eq!(replicate["side"], side);
        assert_eq!(replicate["standing"], "counts");
        let of_side = measured.measurement(&case, replicate["replicate"].as_u64().unwrap());
        assert_eq!(replicate["values"], of_side["values"]);
        assert_eq!(replicate["raw_profile"], of_side["self_profile"]["raw"]);
        let key = replicate["raw_profile"].as_str().unwrap();
        let raw = std::fs::File::open(measured.fleet.data_dir().join("objects").join(key));
        let raw = zstd::decode_all(raw.unwrap()).unwrap();
        assert!(raw.starts_with(b"MMPD"), "what rustc writes");
    }
}

#[test]
fn the_page_shows_them_and_the_command_that_it_prints_measures_the_test_case_again() {
    let browser = require_browser();
    let measured = Measured::with(&["--self-profile"]);
    let (case, url) = (Measured::case("full"), measured.fleet.url());
    let said = browser.run("row-detail", url, &[&measured.page(&case)]);
    assert!(said.contains("ok: row-detail"), "{said}");
    let command = said
        .lines()
        .find_map(|line| line.strip_prefix("reproduce: "));
    let command = command.unwrap_or_else(|| panic!("no command in {said}"));

    let output = run_as_printed(&measured, command);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains(&case), "{command}\n{table}");
    // The very test case, and none beside it.
    assert!(!table.contains(BENCHMARKS[1]), "{table}");
    assert!(!table.contains("incr-unchanged"), "{table}");
}

/// Gives a command to a shell, as somebody does who copied it. The compiler and the suite of a test are
/// not where those of a reader are, which the environment tells.
fn run_as_printed(measured: &Measured, command: &str) -> std::process::Output {
    let programs = program("collector");
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", programs.parent().unwrap().display());
    Command::new("sh")
        .args(["-c", command])
        .env("PATH", path)
        .env("PERFLEET_SUITE_DIR", &measured.fleet.suite.root)
        .env("PERFLEET_WORK_DIR", measured.fleet.scratch("reproduced"))
        .output()
        .unwrap()
}

#[test]
fn what_was_measured_without_a_self_profile_says_so_and_how_to_get_one() {
    let browser = require_browser();
    let measured = Measured::with(&[]);
    let case = Measured::case("full");
    let detail = measured.detail(&case);
    assert_eq!(detail["queries"], serde_json::json!([]));
    assert_eq!(detail["replicates"][0]["has_self_profile"], false);
    let said = browser.run(
        "no-self-profile",
        measured.fleet.url(),
        &[&measured.page(&case)],
    );
    assert!(said.contains("ok: no-self-profile"), "{said}");
}
