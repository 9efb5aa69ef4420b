//! Configurations whose target is not the host's: the crate is compiled for the target, and its build
//! script for the host.

use std::path::{Path, PathBuf};
use std::process::Command;

use shared_types::job::JobMessage;
use shared_types::result_document::FailureKind;
use shared_types::{Profile, Scenario};

use crate::fixture::{Fixture, job, measure, real_toolchain, values, write};

const WASM: &str = "wasm32-unknown-unknown";

/// A library that compiles for WebAssembly alone, and only after its build script has run.
const WASM_LIBRARY: &str = "\
#[cfg(not(target_arch = \"wasm32\"))]
compile_error!(\"this is not compiled for WebAssembly\");

pub fn doubled(number: u32) -> u32 {
    number * WORD_BITS / 16
}

include!(concat!(env!(\"OUT_DIR\"), \"/word.rs\"));
";

/// A build script that ends well on this host alone, compiled for it.
const BUILD_SCRIPT: &str = "\
fn main() {
    let variable = |name: &str| std::env::var(name).unwrap();
    assert_ne!(variable(\"HOST\"), variable(\"TARGET\"));
    assert!(cfg!(not(target_arch = \"wasm32\")));
    let bits = variable(\"CARGO_CFG_TARGET_POINTER_WIDTH\");
    let file = std::path::Path::new(&variable(\"OUT_DIR\")).join(\"word.rs\");
    std::fs::write(file, format!(\"const WORD_BITS: u32 = {bits};\")).unwrap();
}
";

/// A suite whose crates have that library and build script.
fn fixture_for_wasm() -> Fixture {
    let fixture = Fixture::new();
    fixture.write_suite(WASM_LIBRARY);
    for name in ["tiny", "tiny-program"] {
        let script = format!("suite/stress/{name}/build.rs");
        write(&fixture.path(&script), BUILD_SCRIPT);
    }
    fixture
}

/// Whether the toolchain of these tests has a target; a test without it is left out by name.
fn has(target: &str, test: &str) -> bool {
    let has = real_toolchain().has_standard_library(target);
    if !has {
        eprintln!(
            "{test} is left out: the toolchain has no {target} (`rustup target add {target}`)"
        );
    }
    has
}

/// The only folder of builds of a benchmark for a target.
fn builds(fixture: &Fixture, benchmark: &str, target: &str) -> PathBuf {
    let mut toolchains = std::fs::read_dir(fixture.path("work/builds")).unwrap();
    let of_toolchain = toolchains.next().unwrap().unwrap().path();
    of_toolchain.join(benchmark).join(format!("for-{target}"))
}

fn only_file(folder: &Path, extension: &str) -> Vec<u8> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found = paths.filter(|path| path.extension().is_some_and(|it| it == extension));
    std::fs::read(found.next().unwrap()).unwrap()
}

#[test]
fn a_library_is_compiled_for_the_target_and_its_build_script_for_the_host() {
    if !has(WASM, "a library for WebAssembly") {
        return;
    }
    let fixture = fixture_for_wasm();
    let toolchain = real_toolchain();
    let units = [
        ("tiny", Profile::Check, &["full", "incr-unchanged"][..]),
        ("tiny", Profile::Doc, &["full"]),
    ];
    let mut job = job(&toolchain, &units);
    let for_host = measure(&fixture.bench(), &job, &toolchain).document;
    assert_eq!(
        for_host.measurements,
        [],
        "the crate is for WebAssembly alone"
    );
    job.record.target = WASM.to_owned();
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    assert_eq!(document.failures, []);
    assert_eq!(document.record.target, WASM);
    assert_eq!(document.measurements.len(), 3);
    let [metadata] = values(&document, "tiny/check/full", "size:metadata")[..] else {
        panic!("one iteration has one size");
    };
    assert!(metadata > 0.0);
    // What cargo built lies where cargo puts what is for a target.
    let dependencies = builds(&fixture, "tiny", WASM).join("check/dependencies");
    assert!(dependencies.join(WASM).is_dir());
}

#[test]
fn the_size_of_a_program_is_that_of_the_program_for_the_target() {
    if !has(WASM, "a program for WebAssembly") {
        return;
    }
    let fixture = fixture_for_wasm();
    let toolchain = real_toolchain();
    let units = [("tiny-program", Profile::Debug, &["full"][..])];
    let mut job = job(&toolchain, &units);
    job.record.target = WASM.to_owned();
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    assert_eq!(document.failures, []);
    let output = builds(&fixture, "tiny-program", WASM).join("debug/output");
    let program = only_file(&output, "wasm");
    assert!(program.starts_with(b"\0asm"));
    let size = values(&document, "tiny-program/debug/full", "size:linked-artifact");
    assert_eq!(size, [program.len() as f64]);
}

#[test]
fn host_and_target_are_measured_apart_from_each_other_by_one_toolchain() {
    if !has(WASM, "host and WebAssembly in turn") {
        return;
    }
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let full: &[&str] = &["full"];
    let mut job = job(&toolchain, &[("tiny-program", Profile::Debug, full)]);
    let size = |job: &JobMessage| {
        let document = measure(&fixture.bench(), job, &toolchain).document;
        assert_eq!(document.failures, []);
        let case = format!("tiny-program/debug/{}", Scenario::Full);
        values(&document, &case, "size:linked-artifact")
    };
    let of_host = size(&job);
    job.record.target = WASM.to_owned();
    let of_target = size(&job);
    job.record.target.clone_from(&toolchain.host);
    assert_ne!(of_host, of_target);
    assert_eq!(of_host, size(&job));
}

#[test]
fn a_toolchain_without_the_target_says_so_in_one_sentence_with_the_line_that_adds_it() {
    let fixture = Fixture::new();
    let toolchain = fixture.bare_toolchain();
    let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    job.record.target = WASM.to_owned();
    // The flags of a configuration are tried first, and must not hide it.
    for flags in [vec![], vec!["-Cpanic=abort".to_owned()]] {
        job.record.flags = flags;
        let document = measure(&fixture.bench(), &job, &toolchain).document;
        let [failure] = document.failures.try_into().unwrap();
        assert_eq!(failure.kind, FailureKind::Unavailable);
        assert!(
            failure
                .message
                .contains("has no standard library for the target wasm32")
                && failure
                    .message
                    .contains("`rustup target add wasm32-unknown-unknown`"),
            "{}",
            failure.message
        );
        assert_eq!(document.measurements, []);
    }
}

#[test]
fn what_is_no_triple_is_refused_before_any_program_sees_it() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    for target in ["../../etc", "--config=x", "target.json", "a b-c", ""] {
        let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
        job.record.target = target.to_owned();
        let toolchains = crate::fixture::toolchains_of(&toolchain);
        let attempt = shared_types::ids::Attempt(1);
        let refused = fixture
            .bench()
            .measure(&job, attempt, &toolchains, &mut |_| ());
        let reason = refused.unwrap_err().to_string();
        assert!(reason.contains("is not the triple of a target"), "{reason}");
    }
}

#[test]
fn a_compilation_for_another_target_is_looked_into_like_any_other() {
    const ARM: &str = "aarch64-unknown-linux-gnu";
    if cfg!(target_arch = "aarch64") || !has(ARM, "a profile of compiling for Linux on ARM") {
        return;
    }
    let fixture = Fixture::new();
    let rustc = real_toolchain().rustc;
    let profile = |tool: &str, target: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_collector"))
            .args(["profile", tool, rustc.to_str().unwrap()])
            .args(["--benchmark", "tiny", "--profile", "debug"])
            .args(["--target", target])
            .arg("--suite")
            .arg(fixture.path("suite"))
            .arg("--work-dir")
            .arg(fixture.path("work"))
            .output()
            .unwrap();
        let code = output.status.code();
        let said = String::from_utf8(output.stdout).unwrap();
        (code, said + &String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = profile("binary-size", ARM);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains(&format!("tiny/debug/full for {ARM} · rustc ")),
        "{said}"
    );
    assert!(said.contains("tiny::doubled"), "{said}");
    assert!(builds(&fixture, "tiny", ARM).is_dir());
    let (code, said) = profile("llvm-lines", ARM);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("tiny::doubled"), "{said}");
    // What it left of one target is not taken for that of another.
    let folder = fixture.path("work/profiles/binary-size");
    let mut folders = std::fs::read_dir(folder).unwrap();
    let name = folders.next().unwrap().unwrap().file_name();
    assert_eq!(
        name.to_str(),
        Some("tiny.debug.full.for.aarch64-unknown-linux-gnu")
    );

    let (code, said) = profile("binary-size", "no-such-target");
    assert_ne!(code, Some(0), "{said}");
    assert!(
        said.contains("no standard library for the target no-such-target"),
        "{said}"
    );
    let (code, said) = profile("binary-size", "../../etc");
    assert_ne!(code, Some(0), "{said}");
    assert!(said.contains("is not the triple of a target"), "{said}");
}

#[test]
fn a_program_for_the_linux_of_another_architecture_is_linked_by_its_own_linker() {
    const ARM: &str = "aarch64-unknown-linux-gnu";
    if cfg!(target_arch = "aarch64") || !has(ARM, "a program for Linux on ARM") {
        return;
    }
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut job = job(&toolchain, &[("tiny-program", Profile::Debug, &["full"])]);
    job.record.target = ARM.to_owned();
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    match document.failures.as_slice() {
        // The machine type of the header of an ELF file: 183 is AArch64.
        [] => {
            let output = builds(&fixture, "tiny-program", ARM).join("debug/output");
            let entries = std::fs::read_dir(output).unwrap();
            let paths = entries.map(|entry| entry.unwrap().path());
            let mut programs = paths.filter(|path| path.extension().is_none());
            let program = std::fs::read(programs.next().unwrap()).unwrap();
            assert_eq!(program[18..20], 183_u16.to_le_bytes());
            let text = values(&document, "tiny-program/debug/full", "size:section:.text");
            assert!(text[0] > 0.0);
        }
        [failure] => {
            assert_eq!(failure.kind, FailureKind::Unavailable);
            assert!(
                failure.message.contains("`aarch64-linux-gnu-gcc`"),
                "{}",
                failure.message
            );
        }
        failures => panic!("{failures:?}"),
    }
}
