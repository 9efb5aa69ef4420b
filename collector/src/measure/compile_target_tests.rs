use proptest::prelude::*;
use shared_types::{Artifact, ArtifactId, Backend};

use super::*;

const HOST: &str = "x86_64-unknown-linux-gnu";

fn record(target: &str, flags: &[&str]) -> ConfigurationRecord {
    ConfigurationRecord {
        target: target.to_owned(),
        hardware_model: "AMD EPYC".to_owned(),
        backend: Backend::Llvm,
        frontend_threads: 1,
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
    }
}

/// A toolchain called `nightly`, with standard libraries for these targets below `sysroot`.
fn toolchain(sysroot: &std::path::Path, targets: &[&str]) -> Toolchain {
    for target in targets {
        let folder = sysroot.join("lib/rustlib").join(target).join("lib");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("libcore-0.rlib"), "").unwrap();
    }
    Toolchain {
        artifact: Artifact {
            id: "release-1.95.0".parse::<ArtifactId>().unwrap(),
            title: None,
            commit_sha: None,
            commit_date: None,
            history: None,
        },
        names: vec!["nightly".to_owned()],
        rustc: sysroot.join("bin/rustc"),
        cargo: sysroot.join("bin/cargo"),
        rustdoc: None,
        clippy_driver: None,
        codegen_backends: Vec::new(),
        host: HOST.to_owned(),
        release: "1.95.0".to_owned(),
        usable: true,
        version_text: String::new(),
        sysroot: sysroot.to_owned(),
    }
}

fn library() -> ArtifactKind {
    ArtifactKind::Library
}

fn program() -> ArtifactKind {
    ArtifactKind::Binary {
        target: "rg".to_owned(),
    }
}

#[test]
fn the_host_itself_is_compiled_for_as_it_always_was() {
    let folder = tempfile::tempdir().unwrap();
    let toolchain = toolchain(folder.path(), &[HOST]);
    let target = CompileTarget::of(&record(HOST, &[]), &toolchain, |_| false);
    assert_eq!(target, CompileTarget::Host);
    assert_eq!(target.options(), [""; 0]);
    assert_eq!(target.variables(), []);
    assert_eq!(
        std::path::Path::new("builds").join(target.folder()),
        std::path::Path::new("builds/")
    );
    target.check(&toolchain, &program(), Profile::Opt).unwrap();
}

#[test]
fn a_target_without_a_standard_library_is_refused_with_the_line_that_adds_it() {
    let folder = tempfile::tempdir().unwrap();
    let toolchain = toolchain(folder.path(), &[HOST]);
    let target = CompileTarget::of(&record("wasm32-unknown-unknown", &[]), &toolchain, |_| true);
    let problem = target
        .check(&toolchain, &library(), Profile::Check)
        .unwrap_err();
    assert_eq!(problem.kind, FailureKind::Unavailable);
    insta::assert_snapshot!(problem.message, @"this toolchain (nightly) has no standard library for the target wasm32-unknown-unknown; where it is one of rustup, add it by `rustup target add wasm32-unknown-unknown --toolchain nightly`");
}

#[test]
fn only_what_is_linked_needs_a_linker_for_the_target() {
    let arm = "aarch64-unknown-linux-gnu";
    let folder = tempfile::tempdir().unwrap();
    let toolchain = toolchain(folder.path(), &[HOST, arm]);
    let target = CompileTarget::of(&record(arm, &[]), &toolchain, |_| false);
    target
        .check(&toolchain, &program(), Profile::Check)
        .unwrap();
    target.check(&toolchain, &library(), Profile::Opt).unwrap();
    let problem = target
        .check(&toolchain, &program(), Profile::Opt)
        .unwrap_err();
    assert_eq!(problem.kind, FailureKind::Unavailable);
    insta::assert_snapshot!(problem.message, @"to link a program for the target aarch64-unknown-linux-gnu takes a linker for it, and there is no `aarch64-linux-gnu-gcc` here: install it (on Debian: `apt-get install gcc-aarch64-linux-gnu`), or name another by the configuration's flag `-Clinker=PROGRAM`");
    let named = record(arm, &["-Clinker=my-linker"]);
    let named = CompileTarget::of(&named, &toolchain, |_| false);
    named.check(&toolchain, &program(), Profile::Opt).unwrap();
    assert_eq!(named.variables(), []);
}

#[test]
fn a_linker_on_the_path_is_told_to_cargo() {
    let arm = "aarch64-unknown-linux-gnu";
    let folder = tempfile::tempdir().unwrap();
    let toolchain = toolchain(folder.path(), &[HOST, arm]);
    let target = CompileTarget::of(&record(arm, &[]), &toolchain, |_| true);
    let expected = (
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER".into(),
        "aarch64-linux-gnu-gcc".into(),
    );
    assert_eq!(target.variables(), [expected]);
    assert_eq!(target.options(), ["--target", arm]);
}

#[test]
fn the_compiler_knows_the_linker_of_all_but_the_linux_of_another_architecture() {
    for target in [
        "wasm32-unknown-unknown",
        "x86_64-pc-windows-gnu",
        "x86_64-unknown-linux-musl",
        "thumbv7em-none-eabihf",
        "aarch64-apple-darwin",
    ] {
        assert_eq!(cross_linker(target, HOST), None, "{target}");
    }
    assert_eq!(
        cross_linker("armv7-unknown-linux-gnueabihf", HOST).as_deref(),
        Some("arm-linux-gnueabihf-gcc")
    );
}

proptest! {
    #[test]
    fn every_target_but_the_host_has_a_folder_of_its_own_and_is_told_to_cargo(
        target in "[a-z0-9_]{1,9}(-[a-z0-9_]{1,9}){1,3}",
    ) {
        let folder = tempfile::tempdir().unwrap();
        let toolchain = toolchain(folder.path(), &[]);
        let other = CompileTarget::of(&record(&target, &[]), &toolchain, |_| false);
        prop_assert_eq!(other.options(), ["--target", target.as_str()]);
        let folder = format!("for-{target}");
        prop_assert_eq!(other.folder(), PathBuf::from(folder));
        prop_assert_eq!(other.folder().components().count(), 1);
    }
}
