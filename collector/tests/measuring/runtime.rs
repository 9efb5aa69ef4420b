//! Runtime benchmarks, built by a real compiler and run.

use std::path::Path;
use std::process::Command;

use shared_types::job::JobMessage;
use shared_types::job_units::{RuntimeUnit, ToolchainUnit};
use shared_types::result_document::FailureKind;
use shared_types::test_case::Category;

use crate::fixture::{Fixture, job, measure, measurement, real_toolchain, values, write};

/// A group whose second benchmark expects a wrong answer, as if the compiler had made wrong code.
pub(crate) const MAIN: &str = "\
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut group = runtime_benchmark::Group::new();
    group.benchmark(\"sum\", 499_500, || {
        let numbers: Vec<u64> = (0..1_000).collect();
        move || numbers.iter().sum()
    });
    group.benchmark(\"wrong\", 4, || || 2 + 1);
    group.main()
}
";

impl Fixture {
    /// Adds the group `programs` to the suite, written with the library of the real suite.
    pub(crate) fn write_group(&self, main: &str) {
        let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../suite/runtime/runtime-benchmark");
        let runtime = self.path("suite/runtime");
        for file in [
            "Cargo.toml",
            "src/lib.rs",
            "src/command_line.rs",
            "src/numbers.rs",
        ] {
            let text = std::fs::read_to_string(real.join(file)).unwrap();
            write(&runtime.join("runtime-benchmark").join(file), &text);
        }
        write(
            &runtime.join("groups.toml"),
            "format = \"1.0\"\n[[group]]\nname = \"programs\"\ncategory = \"secondary\"\n\
             benchmarks = [\"sum\", \"wrong\"]\n",
        );
        let group = runtime.join("programs");
        write(
            &group.join("Cargo.toml"),
            "[package]\nname = \"programs\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n\
             [dependencies]\nruntime-benchmark = { path = \"../runtime-benchmark\" }\n\n\
             [workspace]\n",
        );
        write(
            &group.join("Cargo.lock"),
            "version = 3\n\n[[package]]\nname = \"programs\"\nversion = \"1.0.0\"\n\
             dependencies = [\n \"runtime-benchmark\",\n]\n\n[[package]]\n\
             name = \"runtime-benchmark\"\nversion = \"1.0.0\"\n",
        );
        write(&group.join("src/main.rs"), main);
    }

    /// What `collector suite` answers.
    fn suite(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_collector"))
            .arg("suite")
            .arg("--suite")
            .arg(self.path("suite"))
            .arg("--work-dir")
            .arg(self.path("work"))
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), text + &complaint)
    }
}

pub(crate) fn job_of_programs(benchmarks: &[&str]) -> JobMessage {
    let mut job = job(&real_toolchain(), &[]);
    job.runtime_units = vec![RuntimeUnit {
        group: "programs".parse().unwrap(),
        benchmarks: benchmarks
            .iter()
            .map(|name| name.parse().unwrap())
            .collect(),
    }];
    job
}

#[test]
fn a_program_is_measured_as_often_as_programs_are_and_a_wrong_answer_is_no_time() {
    let fixture = Fixture::new();
    fixture.write_group(MAIN);
    let job = job_of_programs(&["sum", "wrong"]);
    let outcome = measure(&fixture.bench(), &job, &real_toolchain());
    let document = outcome.document;

    // One iteration was asked for, and programs are measured five times at least.
    assert_eq!(values(&document, "programs/sum", "wall-time").len(), 5);
    assert_eq!(values(&document, "programs/sum", "max-rss").len(), 5);
    let sum = measurement(&document, "programs/sum").unwrap();
    assert_eq!(sum.category, Some(Category::Secondary));
    let metrics: Vec<&str> = sum.values.iter().map(|one| one.metric.as_str()).collect();
    assert!(!metrics.contains(&"page-faults"), "{metrics:?}");

    assert!(measurement(&document, "programs/wrong").is_none());
    let [failure] = document.failures.as_slice() else {
        panic!("one program failed: {:?}", document.failures);
    };
    assert_eq!(failure.name(), "programs/wrong");
    assert_eq!(failure.kind, FailureKind::Crashed);
    assert!(
        failure.output.contains("gave a wrong answer"),
        "{}",
        failure.output
    );
}

#[test]
fn the_flags_of_the_configuration_reach_the_program() {
    let fixture = Fixture::new();
    fixture.write_group(&MAIN.replace(
        "fn main() -> ExitCode {",
        "#[cfg(not(of_the_configuration))]\ncompile_error!(\"no flag\");\n\
         fn main() -> ExitCode {",
    ));
    let mut job = job_of_programs(&["sum"]);
    let failed = measure(&fixture.bench(), &job, &real_toolchain()).document;
    assert_eq!(failed.failures[0].kind, FailureKind::BuildFailed);
    assert!(failed.failures[0].output.contains("no flag"));

    job.record.flags = vec!["--cfg=of_the_configuration".to_owned()];
    let measured = measure(&fixture.bench(), &job, &real_toolchain()).document;
    assert_eq!(measured.failures, []);
    assert_eq!(values(&measured, "programs/sum", "wall-time").len(), 5);
}

#[test]
fn a_group_that_the_suite_does_not_have_is_a_failure_of_each_of_its_programs() {
    let fixture = Fixture::new();
    let job = job_of_programs(&["sum", "wrong"]);
    let document = measure(&fixture.bench(), &job, &real_toolchain()).document;
    let names: Vec<String> = document.failures.iter().map(|one| one.name()).collect();
    assert_eq!(names, ["programs/sum", "programs/wrong"]);
    assert_eq!(document.failures[0].kind, FailureKind::Unavailable);
}

#[test]
fn under_a_configuration_of_another_target_nothing_is_run_and_no_toolchain_measured() {
    let fixture = Fixture::new();
    fixture.write_group(MAIN);
    let toolchain = real_toolchain();
    let mut programs = job_of_programs(&["sum"]);
    let mut sizes = job_of_programs(&[]);
    sizes.runtime_units.clear();
    sizes.toolchain_units = vec![ToolchainUnit::ComponentSizes];
    for job in [&mut programs, &mut sizes] {
        job.record.target = "wasm32-unknown-unknown".to_owned();
        let document = measure(&fixture.bench(), job, &toolchain).document;
        assert_eq!(document.measurements, []);
        assert_eq!(document.failures.len(), job.runs.len());
        for failure in &document.failures {
            assert_eq!(failure.kind, FailureKind::Unavailable);
            assert!(
                failure
                    .message
                    .contains("only crates are compiled for wasm32-unknown-unknown")
            );
        }
    }
}

#[test]
fn a_check_of_the_suite_builds_and_runs_the_groups_that_it_lists() {
    let fixture = Fixture::new();
    fixture.write_group(MAIN);
    let (_, listed) = fixture.suite(&["list"]);
    assert!(
        listed.contains("runtime    programs: sum, wrong\n"),
        "{listed}"
    );
    let check = ["check", "--kinds", "runtime"];
    let (proven, report) = fixture.suite(&check);
    assert!(!proven, "{report}");
    assert!(report.contains("programs  FAILED  sum, wrong"), "{report}");
    assert!(report.contains("gave a wrong answer"), "{report}");

    fixture.write_group(&MAIN.replace("|| 2 + 1", "|| 2 + 2"));
    let (proven, report) = fixture.suite(&check);
    assert!(proven, "{report}");

    fixture.write_group(
        &MAIN
            .replace("|| 2 + 1", "|| 2 + 2")
            .replace("\"wrong\"", "\"right\""),
    );
    let (proven, report) = fixture.suite(&check);
    assert!(!proven, "{report}");
}

#[test]
fn a_group_that_passed_is_left_out_when_a_check_is_resumed_and_its_sources_are_the_same() {
    let fixture = Fixture::new();
    let right = MAIN.replace("|| 2 + 1", "|| 2 + 2");
    fixture.write_group(&right);
    let check = |arguments: &[&str]| {
        let arguments = [&["check", "--kinds", "runtime"], arguments].concat();
        fixture.suite(&arguments)
    };
    let (proven, report) = check(&[]);
    assert!(proven, "{report}");
    let mut records = std::fs::read_dir(fixture.path("work/suite-check")).unwrap();
    let record = records.next().unwrap().unwrap().path();
    let written = std::fs::read_to_string(&record).unwrap();
    let written: serde_json::Value = serde_json::from_str(&written).unwrap();
    let keys = written.as_object().unwrap().keys();
    let marked: serde_json::Map<_, _> = keys.map(|key| (key.clone(), 1234.5.into())).collect();
    assert_eq!(marked.len(), 1);
    std::fs::write(&record, serde_json::to_vec(&marked).unwrap()).unwrap();

    let (proven, report) = check(&["--resume", "--json"]);
    assert!(proven && report.contains("1234.5"), "{report}");
    fixture.write_group(&format!("{right}\n"));
    let (proven, report) = check(&["--resume", "--json"]);
    assert!(proven && !report.contains("1234.5"), "{report}");
    fixture.write_group(MAIN);
    let (proven, report) = check(&["--resume"]);
    assert!(!proven && report.contains("programs  FAILED"), "{report}");
}

#[test]
fn the_files_of_a_group_are_checked_without_building_it() {
    let fixture = Fixture::new();
    fixture.write_group("what is no program");
    let files = ["check", "--files-only"];
    let (sound, report) = fixture.suite(&files);
    assert!(sound, "{report}");
    assert!(
        report.starts_with("3 benchmarks, 1 group of programs: "),
        "{report}"
    );
    let (sound, report) = fixture.suite(&["check", "--files-only", "--kinds", "runtime"]);
    assert!(sound && report.starts_with("0 benchmarks, 1 "), "{report}");
    write(
        &fixture.path("suite/runtime/programs/Cargo.lock"),
        "version = 3\n",
    );
    let (sound, report) = fixture.suite(&files);
    assert!(!sound, "{report}");
    assert!(report.contains("lock file does not have"), "{report}");
}
