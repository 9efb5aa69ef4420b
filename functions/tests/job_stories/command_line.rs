//! `perfleet` as people run it: exit codes, answers, errors.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::world::{ONE, TWO};

pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

pub(crate) fn perfleet(data_dir: &Path, arguments: &[&str], input: &str) -> Answer {
    let mut child = Command::new(env!("CARGO_BIN_EXE_perfleet"))
        .args(arguments)
        .env_clear()
        .env("USER", "ada")
        .env("PERFLEET_DATA_DIR", data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Answer {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A data folder with four artifacts, each 1 % slower than the one before, under two
/// configurations.
fn imported() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text =
        "measured_at_unix,sha,configuration,benchmark,main_order,instructions:u\n".to_owned();
    for configuration in [ONE, TWO] {
        for number in 0..4 {
            let instructions = 1000.0 * 1.1_f64.powi(number);
            let sha = format!("a{number}").repeat(20);
            text.push_str(&format!(
                "1,{sha},{configuration},7zip,{number},{instructions}\n"
            ));
        }
    }
    let answer = perfleet(folder.path(), &["import", "csv", "-"], &text);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stderr.contains("8 values in"), "{}", answer.stderr);
    assert!(answer.stderr.contains("values/s"), "{}", answer.stderr);
    folder
}

#[test]
fn a_comparison_is_a_document_or_a_table_and_fails_on_demand() {
    let folder = imported();
    let compare = |more: &[&str]| {
        let arguments = [&["compare", "a0a", "a1a", "--configuration", ONE], more].concat();
        perfleet(folder.path(), &arguments, "")
    };
    let document = compare(&["--json"]).json();
    assert_eq!(document["schema"], 1);
    assert_eq!(document["verdict"], "regressed");
    assert_eq!(document["method"], "perfleet");
    assert_eq!(document["base"], "a0".repeat(20));
    let change = document["test_cases"][0]["change"].as_f64().unwrap();
    assert!((change - 0.1).abs() < 1e-9, "{change}");

    let table = compare(&[]);
    assert_eq!(table.code, 0);
    assert!(table.stdout.contains("7zip"), "{}", table.stdout);
    assert!(table.stdout.contains("+10"), "{}", table.stdout);

    assert_eq!(compare(&["--fail-on", "regressed"]).code, 3);
    assert_eq!(compare(&["--fail-on", "improved,mixed"]).code, 0);
    assert_eq!(compare(&["--fail-on", "catastrophic"]).code, 2);
}

#[test]
fn a_comparison_says_why_and_what_another_method_says() {
    let folder = imported();
    let compare = |more: &[&str]| {
        let arguments = [&["compare", "a0a", "a1a", "--configuration", ONE], more].concat();
        perfleet(folder.path(), &arguments, "")
    };
    let why = compare(&["--why"]);
    assert_eq!(why.code, 0, "{}", why.stderr);
    assert!(
        why.stdout.contains("What makes the verdict"),
        "{}",
        why.stdout
    );
    let in_full = compare(&["--why", "zip", "--method", "rustc-perf"]).stdout;
    assert!(in_full.contains("step by step"), "{in_full}");
    assert!(in_full.contains("the default"), "{in_full}");
    let document = compare(&["--why", "7zip", "--json"]).json();
    assert_eq!(document["test_cases"][0]["rule"], "relevant");
    let unknown = compare(&["--why", "gzip"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("`gzip`"), "{}", unknown.stderr);

    let beside = compare(&["--beside", "rustc-perf"]).stdout;
    assert!(
        beside.contains("the two agree on every test case"),
        "{beside}"
    );
    let document = compare(&["--beside", "rustc-perf", "--json"]).json();
    assert_eq!(document["comparison"]["method"], "perfleet");
    assert_eq!(document["says"][0]["word"], "worse");
    assert_eq!(compare(&["--why", "--beside", "rustc-perf"]).code, 2);
    assert_eq!(compare(&["--why", "--fail-on", "regressed"]).code, 3);
}

#[test]
fn two_configurations_are_never_compared() {
    let folder = imported();
    let sides = [format!("a0@{ONE}"), format!("a1@{TWO}")];
    let answer = perfleet(folder.path(), &["compare", &sides[0], &sides[1]], "");
    assert_eq!(answer.code, 2);
    assert_eq!(answer.stdout, "");
    assert!(
        answer.stderr.contains("never compared"),
        "{}",
        answer.stderr
    );
    assert!(
        answer.stderr.contains(ONE) && answer.stderr.contains(TWO),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_beginning_that_several_artifacts_have_is_refused_with_their_names() {
    let folder = imported();
    let arguments = ["compare", "a", "a1", "--configuration", ONE];
    let answer = perfleet(folder.path(), &arguments, "");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains(&"a2".repeat(20)),
        "{}",
        answer.stderr
    );
    let arguments = ["compare", "fff", "a1", "--configuration", ONE];
    let answer = perfleet(folder.path(), &arguments, "");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains("perfleet artifact list"),
        "{}",
        answer.stderr
    );
}

#[test]
fn unknown_metrics_methods_and_configurations_are_named() {
    let folder = imported();
    let compare = |more: &[&str]| {
        let arguments = [&["compare", "a0", "a1"], more].concat();
        perfleet(folder.path(), &arguments, "")
    };
    let metric = compare(&["--configuration", ONE, "--metric", "cycles"]);
    assert_ne!(metric.code, 0);
    assert!(
        metric.stderr.contains("instructions:u"),
        "{}",
        metric.stderr
    );
    let method = compare(&["--configuration", ONE, "--method", "magic"]);
    assert_eq!(method.code, 2);
    assert!(method.stderr.contains("known are"), "{}", method.stderr);
    let configuration = compare(&["--configuration", "nope"]);
    assert_eq!(configuration.code, 1);
    assert!(
        configuration.stderr.contains(TWO),
        "{}",
        configuration.stderr
    );
}

#[test]
fn change_points_are_found_in_json_and_in_csv() {
    let folder = tempfile::tempdir().unwrap();
    let values: Vec<f64> = (0..40)
        .map(|place| {
            let level = if place < 20 { 100.0 } else { 110.0 };
            level + f64::from(place % 3) * 0.01
        })
        .collect();
    let json = serde_json::json!({ "series": [{ "name": "a", "values": values }] }).to_string();
    let expected = serde_json::json!({ "a": [20] });
    assert_eq!(perfleet(folder.path(), &["detect"], &json).json(), expected);

    let file = folder.path().join("series.csv");
    let rows: String = values.iter().map(|value| format!("a,{value}\n")).collect();
    std::fs::write(&file, format!("series,value\n{rows}")).unwrap();
    let arguments = ["detect", file.to_str().unwrap()];
    assert_eq!(perfleet(folder.path(), &arguments, "").json(), expected);

    let answer = perfleet(folder.path(), &["detect"], "a,one\n");
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("line 1"), "{}", answer.stderr);
}

#[test]
fn a_request_is_made_shown_and_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = serde_json::to_string(&crate::world::configuration(ONE, 1)).unwrap();
    let added = perfleet(
        folder.path(),
        &["configuration", "add", "-"],
        &configuration,
    );
    assert_eq!(added.code, 0, "{}", added.stderr);
    let arguments = [
        "request",
        "release-1.95.0",
        "--base",
        "release-1.94.0",
        "--configuration",
        ONE,
        "--profiles",
        "check,debug",
        "--iterations",
        "2",
        "--json",
    ];
    let request = perfleet(folder.path(), &arguments, "");
    assert!(
        request.stderr.contains("perfleet serve"),
        "{}",
        request.stderr
    );
    let request = request.json();
    assert_eq!(request["state"], "waiting");
    assert_eq!(request["requester"], "ada");
    let id = request["id"].as_str().unwrap();

    let shown = perfleet(folder.path(), &["request", "show", id, "--json"], "").json();
    assert_eq!(shown["verdict"], "incomplete");
    let words = perfleet(folder.path(), &["request", "show", id], "");
    assert!(
        words
            .stdout
            .contains("release-1.95.0 against release-1.94.0"),
        "{}",
        words.stdout
    );
    let why = perfleet(folder.path(), &["request", "show", id, "--why"], "");
    let rule = "Before every gating configuration has answered there is no verdict";
    assert!(why.stdout.contains(rule), "{}", why.stdout);
    let arguments = ["request", "show", id, "--why", "--json"];
    let why = perfleet(folder.path(), &arguments, "").json();
    assert_eq!(why["rule"], "unanswered");
    let status = perfleet(folder.path(), &["status", "--json"], "").json();
    assert_eq!(status["requests"][0]["id"], id);

    assert_eq!(perfleet(folder.path(), &["cancel", id], "").code, 0);
    let again = perfleet(folder.path(), &["cancel", id], "");
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.contains("is cancelled already"),
        "{}",
        again.stderr
    );
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let answer = perfleet(&missing, &["status"], "");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains("there is no data folder"),
        "{}",
        answer.stderr
    );
    assert!(!missing.exists(), "a mistyped folder was made");
    assert_eq!(
        perfleet(folder.path(), &["request", "release-1.95.0"], "").code,
        2
    );
    assert_eq!(
        perfleet(folder.path(), &["import", "csv", "/nowhere.csv"], "").code,
        1
    );
    let header = perfleet(folder.path(), &["import", "csv", "-"], "a,b\n1,2\n");
    assert_eq!(header.code, 2);
    assert!(
        header.stderr.contains("LLVM's compile-time tracker"),
        "{}",
        header.stderr
    );
}

#[test]
fn tokens_are_shown_once_and_revoked_by_person() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["token", "create", "ada", "--role", "triage", "--json"];
    let created = perfleet(folder.path(), &arguments, "").json();
    assert!(created["token"].as_str().unwrap().starts_with("pft_"));
    assert_eq!(created["role"], "triage");
    let revoked = perfleet(folder.path(), &["token", "revoke", "ada", "--json"], "").json();
    assert_eq!(revoked["revoked"], 1);
}

#[test]
fn a_policy_is_checked_put_and_shown_and_a_broken_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let data = folder.path().join("data");
    let good = file("good.toml", "version = 1\ndecides = \"the owners\"\n");
    let broken = file("broken.toml", "version = 1\ndecide = \"nobody\"\n");

    let shown = perfleet(&data, &["policy", "show", "--json"], "").json();
    assert_eq!(shown["built_in"], true);
    assert_eq!(perfleet(&data, &["policy", "check", &good], "").code, 0);
    assert_eq!(perfleet(&data, &["policy", "put", &good], "").code, 0);
    for action in ["check", "put"] {
        let refused = perfleet(&data, &["policy", action, &broken], "");
        assert_ne!(refused.code, 0);
        assert!(refused.stderr.contains("decide"), "{}", refused.stderr);
    }
    let shown = perfleet(&data, &["policy", "show", "--json"], "").json();
    assert_eq!(shown["text"], "version = 1\ndecides = \"the owners\"\n");
    assert_eq!(shown.get("file"), None);

    std::fs::copy(&good, data.join("policy.toml")).unwrap();
    let refused = perfleet(&data, &["policy", "put", &good], "");
    assert!(refused.stderr.contains("policy.toml"), "{}", refused.stderr);
    let shown = perfleet(&data, &["policy", "show"], "");
    assert!(shown.stdout.contains("decides = \"the owners\""));
}
