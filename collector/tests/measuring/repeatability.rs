//! `collector repeatability`, on the small suite.

use std::process::{Command, Output};

use serde_json::Value;

use crate::fixture::{Fixture, real_toolchain};

fn repeatability(fixture: &Fixture, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_collector"))
        .arg("repeatability")
        .args(["--pairs", "1,2", "--draws", "5", "--json"])
        .arg("--suite")
        .arg(fixture.path("suite"))
        .arg("--work-dir")
        .arg(fixture.path("work"))
        .args(arguments)
        .output()
        .unwrap()
}

fn answer(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_was_kept_gives_the_same_figures_again_without_measuring() {
    let fixture = Fixture::new();
    let rustc = real_toolchain().rustc;
    let kept = fixture.path("samples.json");
    let kept = kept.to_str().unwrap();
    let measuring = [
        rustc.to_str().unwrap(),
        "--benchmarks",
        "tiny,tiny-program",
        "--runs",
        "3",
        // Nothing is counted by emulation, which takes its time.
        "--count-below",
        "0",
        "--no-warm-up",
        "--keep",
        kept,
    ];
    let measured = answer(&repeatability(&fixture, &measuring));
    assert_eq!(
        measured,
        answer(&repeatability(&fixture, &["--samples", kept]))
    );

    let variation = measured["variation"].as_array().unwrap();
    let of = |name: &str| {
        let mut metrics = variation.iter();
        metrics.find(|it| it["metric"]["name"] == name).unwrap()
    };
    assert_eq!(of("wall-time")["by_test_case"].as_array().unwrap().len(), 2);
    assert!(of("wall-time")["values"].as_u64().unwrap() <= 6);
    assert_eq!(of("size:metadata")["largest"], 0.0);
    let steps = measured["steps"].as_array().unwrap();
    let of_wall_time: Vec<_> = steps
        .iter()
        .filter(|row| row["metric"]["name"] == "wall-time")
        .map(|row| row["pairs"].as_u64().unwrap())
        .collect();
    assert_eq!(of_wall_time, [2], "one pair says nothing of its noise");
}

#[test]
fn a_benchmark_that_cannot_be_compiled_is_named_with_the_reason() {
    let fixture = Fixture::new();
    let rustc = real_toolchain().rustc;
    let arguments = [
        rustc.to_str().unwrap(),
        "--benchmarks",
        "broken",
        "--runs",
        "2",
    ];
    let output = repeatability(&fixture, &arguments);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("broken: "), "{said}");
}

#[test]
fn a_file_that_holds_no_samples_is_refused_as_such() {
    let fixture = Fixture::new();
    let file = fixture.path("samples.json");
    std::fs::write(&file, r#"{"format":"2.0"}"#).unwrap();
    let output = repeatability(&fixture, &["--samples", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("samples of repeatability"), "{said}");
}
