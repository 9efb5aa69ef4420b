use proptest::prelude::*;
use shared_types::Artifact;
use tempfile::TempDir;

use super::*;

const COMMIT: &str = "0123456789012345678901234567890123456789";

fn toolchain() -> Toolchain {
    Toolchain {
        artifact: Artifact {
            id: "release-1.95.0".parse().unwrap(),
            title: None,
            commit_sha: None,
            commit_date: None,
            history: None,
        },
        names: Vec::new(),
        rustc: "/toolchain/bin/rustc".into(),
        cargo: "/toolchain/bin/cargo".into(),
        rustdoc: None,
        clippy_driver: None,
        codegen_backends: Vec::new(),
        host: "x86_64-unknown-linux-gnu".to_owned(),
        release: "1.95.0".to_owned(),
        usable: true,
        version_text: String::new(),
        sysroot: "/toolchain".into(),
    }
}

fn checkout(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

fn refusal(folder: Option<&Path>) -> String {
    let toolchain = toolchain();
    let refused = Bootstrap::find(folder, &toolchain).err().unwrap();
    assert_eq!(refused.kind, FailureKind::Unavailable);
    refused.message
}

#[test]
fn what_keeps_the_compiler_from_being_built_is_said_with_what_mends_it() {
    assert!(refusal(None).contains("--rustc-checkout"));
    let parts = [
        ("x.py", "", "no x.py"),
        ("bootstrap.toml", "", "no bootstrap.toml"),
        ("vendor/a", "", "x.py vendor"),
        (".git/HEAD", COMMIT, "which sources"),
    ];
    for (number, (_, _, reason)) in parts.iter().enumerate() {
        let there: Vec<_> = parts[..number]
            .iter()
            .map(|(path, content, _)| (*path, *content))
            .collect();
        let folder = checkout(&there);
        let message = refusal(Some(folder.path()));
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn the_measured_compiler_builds_the_first_stage_offline_and_one_crate_after_the_other() {
    let folder = checkout(&[
        ("x.py", ""),
        ("config.toml", ""),
        ("vendor/a", ""),
        ("git-commit-hash", COMMIT),
    ]);
    let toolchain = toolchain();
    let bootstrap = Bootstrap::find(Some(folder.path()), &toolchain).unwrap();
    assert_eq!(bootstrap.version, COMMIT);
    let build = bootstrap.into_build("/built/bootstrap".into());
    let place = folder.path().display().to_string();
    let words: Vec<String> = build
        .arguments
        .iter()
        .map(|word| word.to_str().unwrap().replace(&place, "CHECKOUT"))
        .collect();
    insta::assert_snapshot!(words.join(" "), @"x.py build --stage 1 compiler/rustc -j1 --config CHECKOUT/config.toml --build-dir /built/bootstrap --set build.rustc={collector} --set build.cargo=/toolchain/bin/cargo --set build.vendor=true --set build.locked-deps=true --set rust.deny-warnings=false");
    assert_eq!(build.directory, folder.path());
    assert_eq!(build.stand_in, StandIn::Compiler);
}

#[test]
fn the_commit_is_found_however_git_keeps_it() {
    let packed = format!("# pack-refs with: peeled\n{COMMIT} refs/heads/main\n");
    for files in [
        vec![(".git/HEAD", COMMIT)],
        vec![
            (".git/HEAD", "ref: refs/heads/main\n"),
            (".git/refs/heads/main", COMMIT),
        ],
        vec![
            (".git/HEAD", "ref: refs/heads/main\n"),
            (".git/packed-refs", packed.as_str()),
        ],
        vec![("git-commit-hash", COMMIT)],
    ] {
        let folder = checkout(&files);
        assert_eq!(version(folder.path()).as_deref(), Some(COMMIT));
    }
    assert_eq!(
        version(checkout(&[("git-commit-hash", "main")]).path()),
        None
    );
}

#[test]
fn a_build_that_does_not_say_that_it_is_complete_is_not() {
    let whole =
        "Building stage1\n   Compiling rustc_middle\nBuild completed successfully in 1:02:03\n";
    assert_eq!(completed_in_s(whole), Some(3_723));
    assert_eq!(incomplete(whole), None);
    assert!(incomplete("Building stage1\n").is_some());
    assert!(incomplete("Build completed unsuccessfully in 0:00:01\n").is_some());
}

proptest! {
    #[test]
    fn the_time_that_was_printed_is_the_time_that_is_read(
        hours in 0u64..100, minutes in 0u64..60, seconds in 0u64..60,
    ) {
        let line = format!("{COMPLETED}{hours}:{minutes:02}:{seconds:02}\n");
        prop_assert_eq!(completed_in_s(&line), Some((hours * 60 + minutes) * 60 + seconds));
    }

    #[test]
    fn any_text_has_a_time_or_none(text in "(Build completed successfully in )?[0-9:]{0,60}\n?") {
        let _ = completed_in_s(&text);
    }
}
