//! Archives that are damaged, or made to do harm. None of them reaches its goal.

use collector::CollectorError;
use tar::EntryType;

use crate::archives::{MadeUp, gzip, rustc_script};
use crate::place::{Place, artifacts, commit, obtain};

/// What becomes of a toolchain whose cargo comes in this archive.
fn refusal(cargo: Vec<u8>) -> String {
    let place = Place::new();
    place.serve(&commit(1));
    place.server.put(&Place::path(&commit(1), "cargo"), cargo);
    let cache = place.cache();
    let error = obtain(&cache, &commit(1)).unwrap_err();
    assert!(
        matches!(&error, CollectorError::ToolchainArchive { .. }) && error.is_about_artifact(),
        "{error}"
    );
    assert_eq!(artifacts(&cache), []);
    assert_eq!(place.files_in("fetching"), [] as [&str; 0]);
    assert!(!place.folder.path().join("outside").exists());
    error.to_string()
}

/// An archive of cargo in which a file follows.
fn cargo_with(path: &str, kind: EntryType, link: &str) -> MadeUp {
    let mut archive = MadeUp::with_manifest("cargo", "file:bin/cargo\n");
    archive.entry(path, kind, link, (&[], 0o755));
    archive
}

#[test]
fn a_file_that_leads_out_of_its_archive_is_refused() {
    for path in [
        "../../../outside",
        "top/../../../../outside",
        "top/cargo/../../../../../outside",
        "/outside",
    ] {
        let refusal = refusal(cargo_with(path, EntryType::Regular, "").gzip());
        assert!(refusal.contains("leads out of it"), "{path}: {refusal}");
    }
}

#[test]
fn links_and_devices_are_refused_whatever_they_lead_to() {
    for (kind, link) in [
        (EntryType::Symlink, "../../../../outside"),
        (EntryType::Symlink, "cargo"),
        (EntryType::Link, "top/components"),
        (EntryType::Link, "/etc/passwd"),
        (EntryType::Fifo, ""),
        (EntryType::Char, ""),
    ] {
        let refusal = refusal(cargo_with("top/cargo/bin", kind, link).gzip());
        assert!(
            refusal.contains("neither a file nor a folder"),
            "{kind:?}: {refusal}"
        );
    }
}

#[test]
fn a_manifest_that_leads_out_of_the_sysroot_is_refused() {
    for manifest in [
        "file:../outside\n",
        "dir:/etc\n",
        "file:bin/../../outside\n",
    ] {
        let mut archive = MadeUp::with_manifest("cargo", manifest);
        archive.file("top/cargo/outside", b"", 0o644);
        let refusal = refusal(archive.gzip());
        assert!(refusal.contains("leads out of the sysroot"), "{refusal}");
    }
    let mut archive = MadeUp::with_manifest("..", "file:bin/cargo\n");
    archive.file("top/bin/cargo", b"", 0o755);
    refusal(archive.gzip());
}

#[test]
fn a_component_that_brings_the_compiler_of_another_is_refused() {
    let script = rustc_script(&commit(2).to_string());
    let archive = MadeUp::component("cargo", &[("bin/rustc", script.as_bytes(), true)]);
    let refusal = refusal(archive.gzip());
    assert!(refusal.contains("would replace `bin/rustc`"), "{refusal}");
}

#[test]
fn an_archive_that_holds_a_file_twice_or_outside_of_a_folder_is_refused() {
    let mut twice = MadeUp::component("cargo", &[("bin/cargo", b"one", true)]);
    twice.file("top/cargo/bin/cargo", b"two", 0o755);
    assert!(refusal(twice.gzip()).contains("twice"));
    let mut bare = MadeUp::component("cargo", &[("bin/cargo", b"one", true)]);
    bare.file("cargo", b"two", 0o755);
    assert!(refusal(bare.gzip()).contains("in no folder"));
}

#[test]
fn what_is_no_archive_or_half_of_one_is_refused() {
    let cargo = || MadeUp::component("cargo", &[("bin/cargo", b"#!/bin/sh\n", true)]);
    let whole = cargo().gzip();
    let tar = cargo().tar();
    let without_end = &tar[..tar.len() - 1_024 - 512];
    let lacks_version = {
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_dir("top", std::env::temp_dir()).unwrap();
        archive.into_inner().unwrap()
    };
    for (what, archive, reason) in [
        ("a page", b"<html>not here</html>".to_vec(), "damaged"),
        ("a half", whole[..whole.len() / 2].to_vec(), "damaged"),
        (
            "without checksum",
            whole[..whole.len() - 8].to_vec(),
            "damaged",
        ),
        ("cut within", gzip(without_end), "damaged"),
        (
            "another layout",
            gzip(&lacks_version),
            "lacks `rust-installer-version`",
        ),
        (
            "a missing file",
            MadeUp::with_manifest("cargo", "file:bin/cargo\n").gzip(),
            "lacks `bin/cargo`",
        ),
        (
            "a missing folder",
            MadeUp::with_manifest("cargo", "dir:lib\n").gzip(),
            "lacks `lib`",
        ),
    ] {
        let refusal = refusal(archive);
        assert!(refusal.contains(reason), "{what}: {refusal}");
    }
}

#[test]
fn what_unpacks_to_more_than_it_may_is_refused() {
    let place = Place::new();
    place.serve(&commit(1));
    let zeroes = vec![0; 3_000_000];
    let large = MadeUp::component("cargo", &[("bin/cargo", &zeroes, true)]).gzip();
    assert!(large.len() < 100_000);
    place.server.put(&Place::path(&commit(1), "cargo"), large);
    let text = std::fs::read_to_string(place.sources_file("")).unwrap();
    let mut sources = collector::toolchain::Sources::parse(&text).unwrap();
    sources.limits.toolchain_bytes_max = 2_000_000;
    let error = obtain(&place.cache_of(sources.clone(), u64::MAX), &commit(1)).unwrap_err();
    assert!(error.to_string().contains("more than it may"), "{error}");

    sources.limits.toolchain_bytes_max = 4_000_000;
    sources.limits.toolchain_files_max = 10;
    let error = obtain(&place.cache_of(sources, u64::MAX), &commit(1)).unwrap_err();
    assert!(error.to_string().contains("more than it may"), "{error}");
}

#[test]
fn a_compiler_that_does_not_answer_or_lacks_its_standard_library_is_not_used() {
    for (component, archive, reason) in [
        (
            "rustc",
            MadeUp::component("rustc", &[("bin/rustc", b"#!/bin/sh\nexit 1\n", true)]),
            "does not answer",
        ),
        (
            "rustc",
            MadeUp::component("rustc", &[("lib/other", b"", false)]),
            "does not answer",
        ),
        (
            "rust-std",
            MadeUp::component("rust-std", &[("lib/other", b"", false)]),
            "without a standard library",
        ),
    ] {
        let place = Place::new();
        place.serve(&commit(1));
        let path = Place::path(&commit(1), component);
        place.server.put(&path, archive.gzip());
        let error = obtain(&place.cache(), &commit(1)).unwrap_err();
        assert!(matches!(&error, CollectorError::OtherCompiler { .. }));
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(place.files_in("ready"), [] as [&str; 0]);
    }
}

#[test]
fn files_get_no_rights_but_to_be_read_and_run() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.serve(&commit(1));
    let mut archive = MadeUp::with_manifest("cargo", "file:bin/cargo\nfile:etc/list\n");
    archive.file("top/cargo/bin/cargo", b"#!/bin/sh\n", 0o6_777);
    archive.file("top/cargo/etc/list", b"", 0o666);
    let path = Place::path(&commit(1), "cargo");
    place.server.put(&path, archive.gzip());
    let held = obtain(&place.cache(), &commit(1)).unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o7_777;
    assert_eq!(mode(&held.toolchain.cargo) & !0o755, 0);
    assert_eq!(mode(&held.toolchain.cargo) & 0o100, 0o100);
    let sysroot = held.toolchain.rustc.parent().unwrap().parent().unwrap();
    assert_eq!(mode(&sysroot.join("etc/list")) & !0o644, 0);
}
