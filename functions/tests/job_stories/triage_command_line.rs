//! `perfleet triage` as people run it.

use serde_json::Value;

use crate::command_line::{Answer, perfleet};
use crate::world::{ONE, TWO};

const BASE: &str = "0b0b";
const HEAD: &str = "0c0c";

/// A data folder in which the last of 13 commits is slower under two configurations, and waits.
fn waiting() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text =
        "measured_at_unix,sha,configuration,benchmark,main_order,instructions:u\n".to_owned();
    for configuration in [ONE, TWO] {
        for number in 0..13u32 {
            let instructions = 1000 + number % 3 + if number == 12 { 200 } else { 0 };
            let sha = format!("{number:02x}").repeat(20);
            text.push_str(&format!(
                "1,{sha},{configuration},7zip,{number},{instructions}\n"
            ));
        }
    }
    let answer = perfleet(folder.path(), &["import", "csv", "-"], &text);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let answer = perfleet(folder.path(), &["reconcile"], "");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    folder
}

#[test]
fn what_got_worse_is_listed_decided_and_reported() {
    let folder = waiting();
    let triage = |arguments: &[&str]| -> Answer {
        perfleet(folder.path(), &[&["triage"], arguments].concat(), "")
    };
    let listed = triage(&["list", "--json"]).json();
    let entries = listed.as_array().unwrap();
    let of_last = |entry: &&Value| entry["head"] == "0c".repeat(20);
    let entry = entries.iter().find(of_last).unwrap();
    assert_eq!(entry["state"], "untriaged");
    assert_eq!(entry["configurations"].as_array().unwrap().len(), 2);
    let text = triage(&["list"]);
    assert!(
        text.stdout.contains("untriaged, the maintainers"),
        "{}",
        text.stdout
    );

    let acknowledge = [
        "acknowledge",
        BASE,
        HEAD,
        "--configuration",
        ONE,
        "--reason",
        "fix-planned",
        "--words",
        "the cache is to be split",
        "--json",
    ];
    let detail = triage(&acknowledge).json();
    let act = &detail["record"]["acts"][0];
    assert_eq!(
        (&act["who"], &act["what"]["owner"]),
        (&"ada".into(), &"ada".into())
    );
    let of_one = format!("--configuration={ONE}");
    let left = triage(&["list", &of_one, "--json"]).json();
    assert!(!left.as_array().unwrap().iter().any(|entry| of_last(&entry)));

    let fixed = triage(&["fix", BASE, HEAD, "0123abc"]);
    assert!(
        fixed.stdout.contains("says that 0123abc mends it"),
        "{}",
        fixed.stdout
    );
    let named = triage(&["culprit", BASE, HEAD, &"0c".repeat(20)]);
    assert!(named.stdout.contains("came with"), "{}", named.stdout);
    let reopened = triage(&["reopen", BASE, HEAD, "--words", "it is back"]);
    assert!(
        reopened.stdout.contains("ada reopened it: it is back"),
        "{}",
        reopened.stdout
    );
    let shown = triage(&["show", BASE, HEAD]);
    assert_eq!(shown.stdout, reopened.stdout);

    let report = triage(&["report"]);
    assert!(
        report.stdout.starts_with("# Performance triage, "),
        "{}",
        report.stdout
    );
    assert!(triage(&["report", "--week", "2020-W01", "--json"]).json()["week"] == "2020-W01");
}

#[test]
fn what_is_wrong_is_said_exactly() {
    let folder = waiting();
    let said = |arguments: &[&str]| {
        let answer = perfleet(folder.path(), arguments, "");
        assert_eq!(answer.stdout, "", "{arguments:?}");
        format!("{}: {}", answer.code, answer.stderr.trim_end())
    };
    let acknowledge = |configuration: &str, reason: &str, words: &str| {
        said(&[
            "triage",
            "acknowledge",
            BASE,
            HEAD,
            "--configuration",
            configuration,
            "--reason",
            reason,
            "--words",
            words,
        ])
    };
    insta::assert_snapshot!(
        [
            acknowledge("z80", "noise", "it is"),
            acknowledge(ONE, "because", "it is"),
            acknowledge(ONE, "noise", " "),
            said(&[
                "triage",
                "acknowledge",
                BASE,
                HEAD,
                "--configuration",
                ONE,
                "--reason=noise",
                "--words=chance",
                "--due=soon",
            ]),
            said(&["triage", "show", "0000", HEAD]),
            said(&["triage", "fix", BASE, HEAD, "soon"]),
            said(&["triage", "report", "--week", "48"]),
            said(&["configuration", "readiness", "z80"]),
        ]
        .join("\n---\n")
    );
}

#[test]
fn whether_a_configuration_may_gate_is_said_with_its_numbers() {
    let folder = waiting();
    let answer = perfleet(folder.path(), &["configuration", "readiness", ONE], "");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    insta::assert_snapshot!(answer.stdout);
}

#[test]
fn a_configuration_with_more_runs_than_a_page_holds_is_judged_by_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut text =
        "measured_at_unix,sha,configuration,benchmark,main_order,instructions:u\n".to_owned();
    // Two a day for 300 days.
    for number in 0..600u32 {
        let (sha, at) = (format!("{number:040x}"), number * 12 * 60 * 60);
        text.push_str(&format!("{at},{sha},{ONE},7zip,{number},1000\n"));
    }
    let answer = perfleet(folder.path(), &["import", "csv", "-"], &text);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let arguments = ["configuration", "readiness", ONE, "--json"];
    let readiness = perfleet(folder.path(), &arguments, "").json();
    let sentence = readiness["criteria"][0]["sentence"].as_str().unwrap();
    assert_eq!(sentence, "measured on 300 days, 21 are wanted");
}
