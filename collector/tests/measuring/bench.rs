//! `collector bench` as a person calls it.

use std::process::{Command, Output};

use crate::fixture::{Fixture, real_toolchain};

fn bench(fixture: &Fixture, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_collector"))
        .arg("bench")
        .args(arguments)
        .args(["--include", "tiny", "--profiles", "check"])
        .args([
            "--scenarios",
            "full",
            "--iterations",
            "1",
            "--precision",
            "0",
        ])
        .args(["--count-below", "0", "--no-warm-up"])
        // The toolchain is a script that hands on to one that a confined program would not see.
        .args(["--confinement", "none"])
        .arg("--suite")
        .arg(fixture.path("suite"))
        .arg("--work-dir")
        .arg(fixture.path("work"))
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The path of a toolchain that is the real one under another name, so that it is measured anew.
fn toolchain(fixture: &Fixture) -> String {
    fixture.fake_toolchain("true");
    fixture.path("fake").to_str().unwrap().to_owned()
}

#[test]
fn each_further_toolchain_and_configuration_has_a_table_of_its_own() {
    let fixture = Fixture::new();
    let name = toolchain(&fixture);
    let arguments = [
        &name,
        &name,
        &name,
        "--threads",
        "1,2",
        "--metric",
        "wall-time",
    ];
    let output = bench(&fixture, &[&arguments[..], &["--json"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let further = answer["further"].as_array().unwrap();
    let tables: Vec<&serde_json::Value> = std::iter::once(&answer).chain(further).collect();
    let configurations: Vec<&str> = tables
        .iter()
        .map(|table| table["comparison"]["configuration"].as_str().unwrap())
        .map(|slug| slug.rsplit('-').next().unwrap())
        .collect();
    // Two heads under each of two configurations.
    assert_eq!(configurations, ["t1", "t1", "t2", "t2"]);
    for table in &tables {
        let result = &table["result"]["configuration"];
        assert_eq!(*result, table["comparison"]["configuration"]);
        assert_eq!(table["failures"], serde_json::json!([]));
    }
    let jobs = tables
        .iter()
        .map(|table| table["result"]["job"].as_str().unwrap());
    let jobs: std::collections::BTreeSet<&str> = jobs.collect();
    assert_eq!(jobs.len(), 4, "each table is measured by a job of its own");
}

#[test]
fn the_columns_are_the_same_in_every_format_for_people_and_programs() {
    let fixture = Fixture::new();
    let name = toolchain(&fixture);
    let columns = ["test case", "base", "head", "change", "interval", "verdict"];
    for (format, separator) in [("text", " "), ("markdown", " | "), ("csv", ",")] {
        let arguments = [&name, &name, "--metric", "max-rss", "--format", format];
        let output = bench(&fixture, &arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let answer = text(&output.stdout);
        let head = answer
            .lines()
            .find(|line| line.contains("verdict"))
            .unwrap();
        let mut rest = head;
        for column in columns {
            let at = rest
                .find(column)
                .unwrap_or_else(|| panic!("{column} in {head}"));
            rest = &rest[at + column.len()..];
        }
        assert!(head.contains(separator), "{head}");
        assert!(answer.contains("tiny/check/full"), "{answer}");
    }
}

#[test]
fn one_toolchain_alone_is_wrong_usage() {
    let fixture = Fixture::new();
    let output = bench(&fixture, &["stable"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}

#[test]
fn a_code_generator_that_is_not_there_is_named_and_leaves_the_table_of_the_other() {
    let fixture = Fixture::new();
    let name = toolchain(&fixture);
    let arguments = [&name, &name, "--metric", "max-rss"];
    let backends = ["--backends", "llvm,cranelift"];
    let output = bench(&fixture, &[&arguments[..], &backends].concat());
    let answer = text(&output.stdout);
    let tables = answer.lines().filter(|line| line.contains("verdict"));
    let known = real_toolchain().codegen_backends;
    if known.contains(&"cranelift".to_owned()) {
        assert_eq!(tables.count(), 2, "{answer}");
        return;
    }
    assert_eq!(tables.count(), 1, "{answer}");
    let words = "the backend cranelift is not available for this toolchain";
    assert!(answer.contains(words), "{answer}");
    assert!(answer.contains("`rustup component add"), "{answer}");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
}

#[test]
fn help_names_every_profile_and_category() {
    let help = Command::new(env!("CARGO_BIN_EXE_collector"))
        .args(["bench", "--help"])
        .output()
        .unwrap();
    let help = text(&help.stdout);
    for profile in shared_types::Profile::ALL {
        assert!(help.contains(&format!("{profile}")), "{profile}");
    }
    for category in shared_types::test_case::WantedCategory::ALL {
        assert!(help.contains(category.as_str()), "{category}");
    }
}

#[test]
fn stable_benchmarks_are_measured_alone_and_a_suite_without_any_says_so() {
    let fixture = Fixture::new();
    let name = toolchain(&fixture);
    let output = bench(&fixture, &[&name, &name, "--stable"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    let both = ["--stable", "--category", "primary"];
    let output = bench(&fixture, &[&[name.as_str(), &name][..], &both].concat());
    assert!(text(&output.stderr).contains("cannot be used with"));
    let manifest = fixture.path("suite/suite.toml");
    let suite = std::fs::read_to_string(&manifest).unwrap();
    let tiny = "path = \"stress/tiny\"\n";
    let stable = suite.replace(tiny, &format!("{tiny}stable = true\n"));
    std::fs::write(&manifest, stable.replace("\"1.0\"", "\"1.1\"")).unwrap();
    let arguments = [&name, &name, "--category", "primary,stable"];
    let output = bench(&fixture, &arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("tiny/check/full"));
}

#[test]
fn programs_and_the_sizes_of_a_toolchain_have_tables_of_their_own() {
    let fixture = Fixture::new();
    fixture.write_group(crate::runtime::MAIN);
    let name = toolchain(&fixture);
    let output = Command::new(env!("CARGO_BIN_EXE_collector"))
        .args(["bench", &name, &name, "--kinds", "runtime,toolchain"])
        .args(["--include", "sum,component-sizes", "--iterations", "1"])
        .args(["--precision", "0", "--count-below", "0"])
        .args(["--confinement", "none", "--json"])
        .arg("--suite")
        .arg(fixture.path("suite"))
        .arg("--work-dir")
        .arg(fixture.path("work"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let cases = |table: &serde_json::Value| -> Vec<String> {
        let cases = table["comparison"]["test_cases"].as_array().unwrap();
        let names = cases.iter().map(|case| case["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    };
    assert_eq!(answer["comparison"]["metric"], "wall-time");
    assert_eq!(cases(&answer), ["programs/sum"]);
    let sizes = &answer["further"][0];
    assert_eq!(sizes["comparison"]["metric"], "size:component");
    assert!(sizes["failures"].as_array().unwrap().is_empty());
}
