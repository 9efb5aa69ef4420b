//! `collector profile` as a person calls it, on real compilations.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::fixture::{Fixture, real_toolchain};

fn profile(fixture: &Fixture, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_collector"))
        .arg("profile")
        .args(arguments)
        .arg("--suite")
        .arg(fixture.path("suite"))
        .arg("--work-dir")
        .arg(fixture.path("work"))
        .output()
        .unwrap()
}

/// What it prints of two compilers that are one.
fn answer(fixture: &Fixture, tool: &str, options: &[&str]) -> String {
    // The compiler itself, since valgrind looks at nothing that a script hands over to.
    let rustc = real_toolchain().rustc;
    let name = rustc.to_str().unwrap();
    let output = profile(fixture, &[&[tool, name, name], options].concat());
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    String::from_utf8(output.stdout).unwrap()
}

/// The files that it names, which have to be there.
fn files(answer: &str) -> Vec<PathBuf> {
    let lines = answer
        .lines()
        .filter(|line| line.starts_with("base: ") || line.starts_with("head: "));
    let files: Vec<PathBuf> = lines.map(|line| Path::new(&line[6..]).to_owned()).collect();
    for file in &files {
        assert!(
            std::fs::metadata(file).unwrap().len() > 0,
            "{}",
            file.display()
        );
    }
    files
}

fn csv(answer: &str, part: &str) -> String {
    let beginning = format!("  every {part}: ");
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix(&beginning))
        .unwrap();
    std::fs::read_to_string(line).unwrap()
}

#[test]
fn a_self_profile_compares_the_queries_of_two_compilers_and_draws_them() {
    let fixture = Fixture::new();
    let svg = fixture.path("flame.svg");
    let options = ["--benchmark", "tiny", "--flamegraph", svg.to_str().unwrap()];
    let answer = answer(&fixture, "self-profile", &options);
    let queries = csv(&answer, "query");
    let borrowck = queries
        .lines()
        .find(|line| line.starts_with("\"mir_borrowck\""))
        .unwrap();
    let counts: Vec<&str> = borrowck.rsplit(',').take(2).collect();
    assert_eq!(
        counts,
        ["2", "2"],
        "each of two functions is checked once by each compiler"
    );
    let svg = std::fs::read_to_string(svg).unwrap();
    assert!(
        svg.contains("mir_borrowck"),
        "the flame graph has the queries"
    );
    for raw in files(&answer)
        .iter()
        .filter(|file| file.extension().unwrap() == "mm_profdata")
    {
        analyzeme::ProfilingData::new(&raw.with_extension("")).unwrap();
    }
    assert_eq!(files(&answer).len(), 4);
}

#[test]
fn llvm_lines_are_counted_by_function() {
    let fixture = Fixture::new();
    let answer = answer(
        &fixture,
        "llvm-lines",
        &["--benchmark", "tiny", "--profile", "debug"],
    );
    let functions = csv(&answer, "function");
    assert!(functions.contains("\"tiny::doubled\""), "{functions}");
    assert!(answer.contains("equal in every part"), "{answer}");
    assert!(!files(&answer).is_empty());
}

#[test]
fn the_size_of_a_library_and_of_a_program_is_told_by_section_and_symbol() {
    let fixture = Fixture::new();
    for benchmark in ["tiny", "tiny-program"] {
        let answer = answer(
            &fixture,
            "binary-size",
            &["--benchmark", benchmark, "--profile", "debug"],
        );
        assert!(csv(&answer, "section").contains("\".text\""), "{answer}");
        let symbol = format!("\"{}::doubled\"", benchmark.replace('-', "_"));
        assert!(csv(&answer, "symbol").contains(&symbol), "{answer}");
    }
}

#[test]
fn a_tool_that_needs_code_says_so_of_a_profile_without() {
    let fixture = Fixture::new();
    let name = real_toolchain().rustc;
    for tool in ["llvm-lines", "binary-size"] {
        let output = profile(
            &fixture,
            &[tool, name.to_str().unwrap(), "--benchmark", "tiny"],
        );
        assert_eq!(output.status.code(), Some(2));
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(complaint.contains("debug or opt"), "{complaint}");
    }
}

#[test]
fn a_tool_that_is_not_installed_says_how_to_install_it() {
    let fixture = Fixture::new();
    fixture.fake_toolchain("true");
    // A path with cargo and rustc alone.
    let bin = fixture.path("fake/bin");
    for (tool, hint) in [
        ("samply", "cargo install"),
        ("callgrind", "apt-get"),
        ("perf-record", "apt-get"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_collector"))
            .args(["profile", tool, fixture.path("fake").to_str().unwrap()])
            .args(["--benchmark", "tiny", "--profile", "check"])
            .arg("--suite")
            .arg(fixture.path("suite"))
            .arg("--work-dir")
            .arg(fixture.path("work"))
            .env("PATH", &bin)
            .output()
            .unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(complaint.contains("is not installed"), "{complaint}");
        assert!(complaint.contains(hint), "{complaint}");
    }
}

fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

#[test]
fn callgrind_counts_the_instructions_of_the_compilers_functions() {
    if !is_installed("valgrind") {
        eprintln!("skipped: valgrind is not installed");
        return;
    }
    let fixture = Fixture::new();
    let answer = answer(&fixture, "callgrind", &["--benchmark", "tiny"]);
    let functions = csv(&answer, "function");
    assert!(functions.contains("rustc_"), "{answer}");
    assert!(
        files(&answer)
            .iter()
            .all(|file| file.ends_with("callgrind.out"))
    );
}
