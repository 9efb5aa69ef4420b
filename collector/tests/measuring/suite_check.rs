//! `collector suite check`, on the small suite.

use std::process::{Command, Output};

use serde_json::Value;

use crate::fixture::{Fixture, real_toolchain, write};

impl Fixture {
    fn suite_check(&self, toolchain: &str, arguments: &[&str]) -> Output {
        self.suite_check_in(&[], toolchain, arguments)
    }

    fn suite_check_in(&self, place: &[&str], toolchain: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_collector"))
            .arg("suite")
            .arg("--suite")
            .arg(self.path("suite"))
            .arg("--work-dir")
            .arg(self.path("work"))
            .args(place)
            .args(["check", "--toolchain", toolchain])
            .args(arguments)
            .output()
            .unwrap()
    }
}

fn real_sysroot() -> String {
    let rustc = real_toolchain().rustc;
    let sysroot = rustc.parent().and_then(std::path::Path::parent).unwrap();
    sysroot.to_str().unwrap().to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What came of a step of the first benchmark.
fn outcome(output: &Output, step: &str) -> Value {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = report["benchmarks"][0]["steps"].as_array().unwrap().clone();
    let checked = steps.into_iter().find(|checked| checked["step"] == step);
    checked.unwrap()["result"]["outcome"].clone()
}

#[test]
fn a_sound_benchmark_passes_under_every_profile_and_leaves_nothing_behind() {
    let fixture = Fixture::new();
    let output = fixture.suite_check(&real_sysroot(), &["tiny", "tiny-program", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    // Six profiles each, and the patch of one; the other has none.
    assert_eq!(report["counts"]["passed"], 13);
    assert_eq!(report["counts"]["excluded"], 1);
    assert_eq!(report["counts"]["failed"], 0);
    let mut builds = std::fs::read_dir(fixture.path("work/builds")).unwrap();
    let of_toolchain = builds.next().unwrap().unwrap().path();
    assert_eq!(std::fs::read_dir(of_toolchain).unwrap().count(), 0);
}

#[test]
fn a_benchmark_that_does_not_build_fails_the_check_and_the_rest_goes_on() {
    let fixture = Fixture::new();
    let output = fixture.suite_check(&real_sysroot(), &["--profiles", "check"]);
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    assert!(report.contains("\nfailed: broken/check: "), "{report}");
    assert!(report.contains("mismatched types"), "{report}");
    let last = "3 builds passed, 1 failed, 2 excluded, 0 unavailable\n";
    assert!(report.ends_with(last), "{report}");
}

#[test]
fn a_profile_that_the_toolchain_lacks_is_not_proven() {
    let fixture = Fixture::new();
    let toolchain = fixture.bare_toolchain();
    let name = toolchain.names[0].clone();
    // The toolchain is a script that hands on to one that a confined program would not see.
    let place = ["--confinement", "none"];
    let arguments = ["tiny", "--profiles", "clippy", "--json"];
    let output = fixture.suite_check_in(&place, &name, &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(outcome(&output, "clippy"), "unavailable");
}

#[test]
fn a_patch_that_changes_nothing_that_is_compiled_is_found() {
    let fixture = Fixture::new();
    write(
        &fixture.path("suite/stress/tiny/src/forgotten.rs"),
        "pub fn forgotten() {}\n",
    );
    write(
        &fixture.path("suite/patches/tiny/longer.patch"),
        "--- a/src/forgotten.rs\n+++ b/src/forgotten.rs\n@@ -1,1 +1,1 @@\n\
         -pub fn forgotten() {}\n+pub fn forgotten() { println!() }\n",
    );
    let output = fixture.suite_check(&real_sysroot(), &["tiny", "--profiles", "check"]);
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    let words = "failed: tiny/patches: incr-patched:longer changes nothing that is compiled";
    assert!(report.contains(words), "{report}");
}

#[test]
fn what_passed_is_left_out_when_a_check_is_resumed_and_the_sources_are_the_same() {
    let fixture = Fixture::new();
    let toolchain = real_sysroot();
    let check = |arguments: &[&str]| {
        let arguments = [&["tiny", "--profiles", "check,debug"], arguments].concat();
        let output = fixture.suite_check(&toolchain, &arguments);
        text(&output.stdout)
    };
    check(&[]);
    let mut records = std::fs::read_dir(fixture.path("work/suite-check")).unwrap();
    let record = records.next().unwrap().unwrap().path();
    let written: Value = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    let steps = written.as_object().unwrap().keys();
    let marked: serde_json::Map<_, _> = steps.map(|step| (step.clone(), 1234.5.into())).collect();
    assert_eq!(marked.len(), 3);
    std::fs::write(&record, serde_json::to_vec(&marked).unwrap()).unwrap();

    assert_eq!(check(&["--resume"]).matches("1234.50").count(), 3);
    let manifest = std::fs::read_to_string(fixture.path("suite/suite.toml")).unwrap();
    let exclusion =
        "patches = [\"longer\"]\nexcluded = [{ profile = \"debug\", reason = \"dull\" }]";
    let excluding = manifest.replace("patches = [\"longer\"]", exclusion);
    write(&fixture.path("suite/suite.toml"), &excluding);
    let report = check(&["--resume"]);
    assert!(report.contains("excluded: tiny/debug: dull"), "{report}");
    assert_eq!(report.matches("1234.50").count(), 2);
    fixture.write_suite("pub fn doubled(number: u32) -> u32 {\n    number * 2\n}\n");
    assert_eq!(check(&["--resume"]).matches("1234.50").count(), 0);
}

#[test]
fn the_files_alone_are_checked_without_a_build() {
    let fixture = Fixture::new();
    let output = Command::new(env!("CARGO_BIN_EXE_collector"))
        .arg("suite")
        .arg("--suite")
        .arg(fixture.path("suite"))
        .args(["check", "--files-only"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("3 benchmarks, "));
}
