//! What is fetched, what is asked of the server for it, and what is refused.

use std::collections::BTreeMap;
use std::time::Duration;

use collector::CollectorError;
use collector::execution::Leash;
use collector::toolchain::{FetchWatch, Sha256Sum, Sources};

use crate::archive_server::Fault;
use crate::archives::{MadeUp, cargo, host, rust_std, rustc};
use crate::place::{Place, commit, obtain};

fn sha256(bytes: &[u8]) -> Sha256Sum {
    Sha256Sum::of(bytes).unwrap()
}

/// The requests for the rustc of commit 1: from which byte on, the status, and the bytes sent.
fn requests(place: &Place) -> Vec<(Option<usize>, u16, usize)> {
    let seen = place.server.seen(&Place::path(&commit(1), "rustc"));
    seen.into_iter()
        .map(|seen| (seen.from, seen.status, seen.bytes_sent))
        .collect()
}

#[test]
fn a_build_becomes_a_toolchain_that_is_fetched_once() {
    let place = Place::new();
    place.serve(&commit(1));
    let cache = place.cache();
    let held = obtain(&cache, &commit(1)).unwrap();
    assert!(held.toolchain.is_artifact(&commit(1)) && held.toolchain.usable);
    assert_eq!(held.toolchain.names, [commit(1).to_string()]);
    assert!(held.toolchain.rustc.starts_with(place.root().join("ready")));
    assert!(held.toolchain.cargo.starts_with(place.root().join("ready")));
    assert_eq!(place.files_in("fetching"), [] as [&str; 0]);
    assert_eq!(place.server.requests(), 3);

    drop(held);
    obtain(&place.cache(), &commit(1)).unwrap();
    assert_eq!(place.server.requests(), 3);
}

#[test]
fn xz_archives_optional_components_and_further_targets_are_fetched() {
    let place = Place::new();
    let path =
        |component: &str, target: &str| format!("/{}/{component}-{target}.tar.xz", commit(1));
    place.server.put(
        &path("rustc", &host()),
        rustc(&commit(1).to_string(), b"filler").xz(),
    );
    place
        .server
        .put(&path("rust-std", &host()), rust_std().xz());
    let wasm = "wasm32-unknown-unknown";
    let library = format!("lib/rustlib/{wasm}/lib/libstd-1.rlib");
    let manifest = format!("dir:lib/rustlib/{wasm}\n");
    let mut archive = MadeUp::with_manifest("rust-std-wasm", &manifest);
    archive.file(&format!("top/rust-std-wasm/{library}"), b"wasm", 0o644);
    place.server.put(&path("rust-std", wasm), archive.xz());
    place.server.put(&path("cargo", &host()), cargo().xz());
    let sources = format!(
        "format = \"1.0\"\n[[source]]\nname = \"xz\"\nbuilds = \"commits\"\nchecksum = \"none\"\n\
         url = \"{}/{{sha}}/{{component}}-{{target}}.tar.xz\"\ncomponents = [\"rustc\", \"rust-std\"]\n\
         optional_components = [\"cargo\", \"clippy\"]\nstd_targets = [\"{wasm}\"]\n",
        place.server.address()
    );
    let cache = place.cache_of(Sources::parse(&sources).unwrap(), u64::MAX);
    let held = obtain(&cache, &commit(1)).unwrap();
    let sysroot = held.toolchain.rustc.parent().unwrap().parent().unwrap();
    assert_eq!(std::fs::read(sysroot.join(library)).unwrap(), b"wasm");
    assert!(sysroot.join("bin/cargo").is_file());
    let archives = &cache.toolchains().unwrap()[0].archives;
    assert_eq!(archives.len(), 4, "clippy is not there, and nobody minds");
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_was() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    let total = place.server.content(&path).len();
    place.server.fail(
        &path,
        &[Fault::BreakAfter(30_000), Fault::BreakAfter(20_000)],
    );
    obtain(&place.cache(), &commit(1)).unwrap();
    assert_eq!(
        requests(&place),
        [
            (None, 200, 30_000),
            (Some(30_000), 206, 20_000),
            (Some(50_000), 206, total - 50_000)
        ]
    );
}

#[test]
fn what_an_earlier_fetch_has_left_is_gone_on_with() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    let total = place.server.content(&path).len();
    let faults = [
        Fault::BreakAfter(30_000),
        Fault::Status(503),
        Fault::Status(503),
    ];
    place.server.fail(&path, &faults);
    let failed = obtain(&place.cache(), &commit(1)).unwrap_err();
    assert!(matches!(failed, CollectorError::DownloadFailed { .. }));
    obtain(&place.cache(), &commit(1)).unwrap();
    let last = requests(&place).pop().unwrap();
    assert_eq!(last, (Some(30_000), 206, total - 30_000));
}

#[test]
fn a_server_that_ignores_ranges_is_begun_anew_with() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    let total = place.server.content(&path).len();
    place
        .server
        .fail(&path, &[Fault::BreakAfter(30_000), Fault::IgnoreRange]);
    obtain(&place.cache(), &commit(1)).unwrap();
    assert_eq!(
        requests(&place),
        [(None, 200, 30_000), (Some(30_000), 200, total)]
    );
}

#[test]
fn without_anything_to_tell_a_changed_file_by_no_part_is_asked_for() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    let total = place.server.content(&path).len();
    place.server.forget_tag(&path);
    place.server.fail(&path, &[Fault::BreakAfter(30_000)]);
    obtain(&place.cache(), &commit(1)).unwrap();
    assert_eq!(requests(&place), [(None, 200, 30_000), (None, 200, total)]);
}

#[test]
fn a_file_that_changes_between_two_parts_is_begun_anew() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    let faults = [
        Fault::BreakAfter(30_000),
        Fault::Status(503),
        Fault::Status(503),
    ];
    place.server.fail(&path, &faults);
    obtain(&place.cache(), &commit(1)).unwrap_err();
    let other = rustc(&commit(1).to_string(), b"another filler").gzip();
    place.server.put(&path, other.clone());
    obtain(&place.cache(), &commit(1)).unwrap();
    let last = requests(&place).pop().unwrap();
    assert_eq!(last, (Some(30_000), 200, other.len()));
}

#[test]
fn parts_of_two_files_that_a_server_gives_for_one_are_found_out_and_fetched_anew() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    let right = place.server.content(&path);
    let wrong: Vec<u8> = right.iter().map(|byte| !byte).collect();
    place.server.put_unnoticed(&path, wrong);
    let faults = [
        Fault::BreakAfter(30_000),
        Fault::Status(503),
        Fault::Status(503),
    ];
    place.server.fail(&path, &faults);
    obtain(&place.cache(), &commit(1)).unwrap_err();
    place.server.put_unnoticed(&path, right.clone());
    obtain(&place.cache(), &commit(1)).unwrap();
    let last = requests(&place).pop().unwrap();
    assert_eq!(last, (None, 200, right.len()));
}

#[test]
fn a_promised_checksum_is_held_against_the_archive() {
    let place = Place::new();
    place.serve(&commit(1));
    for component in ["rustc", "rust-std", "cargo"] {
        let path = Place::path(&commit(1), component);
        let name = path.rsplit('/').next().unwrap();
        let sum = sha256(&place.server.content(&path));
        place
            .server
            .put(&format!("{path}.sha256"), format!("{sum}  {name}\n").into());
    }
    let beside = "checksum = \"beside\"";
    let cargo = Place::path(&commit(1), "cargo");
    let right = place.server.content(&cargo);
    place.server.put(&cargo, crate::archives::gzip(b"wrong"));
    let error = obtain(&place.cache_with(beside, u64::MAX), &commit(1)).unwrap_err();
    assert!(matches!(&error, CollectorError::ArchiveChecksum { .. }) && error.is_about_artifact());
    let error = error.to_string();
    assert!(
        error.contains(&format!("by {}{cargo}.sha256", place.server.address())),
        "{error}"
    );

    place.server.put(&cargo, right);
    obtain(&place.cache_with(beside, u64::MAX), &commit(1)).unwrap();
}

#[test]
fn an_archive_without_the_checksum_that_was_promised_is_not_used() {
    let place = Place::new();
    place.serve(&commit(1));
    let error = obtain(
        &place.cache_with("checksum = \"beside\"", u64::MAX),
        &commit(1),
    );
    let error = error.unwrap_err();
    assert!(error.is_about_artifact());
    assert!(error.to_string().contains("promises a checksum"), "{error}");
    assert_eq!(place.files_in("ready"), [] as [&str; 0]);
}

#[test]
fn a_checksum_that_a_person_gives_is_held_against_the_archive() {
    let place = Place::new();
    place.serve(&commit(1));
    let cache = place.cache();
    let (leash, mut tell) = (Leash::default(), |_: &str| {});
    let watch = FetchWatch::new(&leash, Duration::from_secs(60), &mut tell);
    let given = |sum| BTreeMap::from([("rustc".parse().unwrap(), sum)]);
    let error = cache.obtain(&commit(1), &given(sha256(b"")), &watch);
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("by the command line")
    );
    let content = place.server.content(&Place::path(&commit(1), "rustc"));
    cache
        .obtain(&commit(1), &given(sha256(&content)), &watch)
        .unwrap();
}

#[test]
fn an_archive_that_is_another_than_the_first_time_is_refused_until_that_is_forgotten() {
    let place = Place::new();
    place.serve(&commit(1));
    let cache = place.cache();
    drop(obtain(&cache, &commit(1)).unwrap());
    cache.remove(&commit(1), false).unwrap();
    let other = rustc(&commit(1).to_string(), b"another").gzip();
    place.server.put(&Place::path(&commit(1), "rustc"), other);
    let error = obtain(&cache, &commit(1)).unwrap_err();
    assert!(error.to_string().contains("fetched here before"), "{error}");
    cache.remove(&commit(1), true).unwrap();
    obtain(&cache, &commit(1)).unwrap();
}

#[test]
fn a_build_that_is_not_there_is_told_with_where_it_was_looked_for() {
    let place = Place::new();
    let error = obtain(&place.cache(), &commit(1)).unwrap_err();
    assert!(matches!(&error, CollectorError::BuildNotFound { .. }) && error.is_about_artifact());
    let url = format!(
        "{}{}",
        place.server.address(),
        Place::path(&commit(1), "rustc")
    );
    let error = error.to_string();
    assert!(
        error.contains(&url) && error.contains("may not be finished"),
        "{error}"
    );
    assert_eq!(place.server.requests(), 1);

    place.serve(&commit(1));
    place.server.remove(&Place::path(&commit(1), "cargo"));
    let error = obtain(&place.cache(), &commit(1)).unwrap_err().to_string();
    assert!(error.contains("/cargo-nightly-"), "{error}");
    assert_eq!(place.files_in("ready"), [] as [&str; 0]);
}

#[test]
fn the_next_source_is_asked_where_one_has_no_such_build() {
    let place = Place::new();
    place.serve(&commit(1));
    let first = format!(
        "\n[[source]]\nname = \"second\"\nbuilds = \"commits\"\nchecksum = \"none\"\n\
         components = [\"rustc\", \"rust-std\", \"cargo\"]\n\
         url = \"{}/builds/{{sha}}/{{component}}-nightly-{{target}}.tar.gz\"\n",
        place.server.address()
    );
    let sources = format!(
        "format = \"1.0\"\n[[source]]\nname = \"first\"\nbuilds = \"commits\"\nchecksum = \"none\"\n\
         components = [\"rustc\", \"rust-std\"]\nurl = \"{}/{{sha}}/{{component}}.tar.gz\"\n{first}",
        place.server.address()
    );
    let cache = place.cache_of(Sources::parse(&sources).unwrap(), u64::MAX);
    obtain(&cache, &commit(1)).unwrap();
    assert_eq!(cache.toolchains().unwrap()[0].source, "second");
}

#[test]
fn what_may_pass_is_tried_again_and_told_apart_from_what_will_not() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    place
        .server
        .fail(&path, &[Fault::Status(503), Fault::Status(429)]);
    drop(obtain(&place.cache(), &commit(1)).unwrap());
    assert_eq!(requests(&place).len(), 3);

    place.serve(&commit(2));
    let path = Place::path(&commit(2), "rustc");
    place.server.fail(&path, &[Fault::Status(500); 3]);
    let error = obtain(&place.cache(), &commit(2)).unwrap_err();
    assert!(!error.is_about_artifact());
    assert!(
        error.to_string().contains("HTTP 500; it was tried 3 times"),
        "{error}"
    );

    place.server.fail(&path, &[Fault::Status(403)]);
    let error = obtain(&place.cache(), &commit(2)).unwrap_err();
    assert!(error.is_about_artifact() && error.to_string().contains("HTTP 403"));
}

#[test]
fn a_compiler_of_another_commit_is_not_used() {
    let place = Place::new();
    place.serve_as(&commit(1), &commit(2).to_string());
    let error = obtain(&place.cache(), &commit(1)).unwrap_err();
    assert!(matches!(&error, CollectorError::OtherCompiler { .. }) && error.is_about_artifact());
    assert!(
        error.to_string().contains(&commit(2).to_string()),
        "{error}"
    );
    for folder in ["ready", "fetching", "checksums"] {
        assert_eq!(place.files_in(folder), [] as [&str; 0], "{folder}");
    }
}

#[test]
fn a_fetch_that_is_called_off_or_takes_too_long_ends() {
    let place = Place::new();
    place.serve(&commit(1));
    let cache = place.cache();
    let leash = Leash::default();
    let mut tell = |_: &str| leash.cut();
    let watch = FetchWatch::new(&leash, Duration::from_secs(60), &mut tell);
    let ended = cache.obtain(&commit(1), &BTreeMap::new(), &watch);
    assert!(matches!(ended, Err(CollectorError::CalledOff)));

    leash.mend();
    let mut tell = |_: &str| {};
    let watch = FetchWatch::new(&leash, Duration::ZERO, &mut tell);
    let error = cache.obtain(&commit(1), &BTreeMap::new(), &watch);
    let error = error.unwrap_err();
    assert!(error.to_string().contains("time for fetching") && !error.is_about_artifact());
}

#[test]
fn releases_and_nightlies_have_to_be_of_the_version_and_the_day_that_were_asked_for() {
    let place = Place::new();
    for build in ["2026-05-18", "2026-05-19", "1.99.0", "1.99.0-nightly"] {
        let path = |component| format!("/{build}/{component}.tar.gz");
        let script = rustc(&commit(1).to_string(), b"filler").gzip();
        place.server.put(&path("rustc"), script);
        place.server.put(&path("rust-std"), rust_std().gzip());
        place.server.put(&path("cargo"), cargo().gzip());
    }
    let source = |builds, placeholder| {
        format!(
            "[[source]]\nname = \"{builds}\"\nbuilds = \"{builds}\"\nchecksum = \"none\"\n\
             url = \"{}/{{{placeholder}}}/{{component}}.tar.gz\"\n\
             components = [\"rustc\", \"rust-std\", \"cargo\"]\n",
            place.server.address()
        )
    };
    let sources = format!(
        "format = \"1.0\"\n{}{}",
        source("releases", "version"),
        source("nightlies", "date")
    );
    let cache = place.cache_of(Sources::parse(&sources).unwrap(), u64::MAX);
    let obtained = |artifact: &str| obtain(&cache, &artifact.parse().unwrap());
    obtained("release-nightly-2026-05-19").unwrap();
    obtained("release-1.99.0-nightly").unwrap();
    for artifact in ["release-nightly-2026-05-18", "release-1.99.0"] {
        let error = obtained(artifact).unwrap_err();
        assert!(
            matches!(error, CollectorError::OtherCompiler { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_full_disk_is_named_and_says_nothing_of_the_artifact() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    let faults = [
        Fault::BreakAfter(30_000),
        Fault::Status(503),
        Fault::Status(503),
    ];
    place.server.fail(&path, &faults);
    obtain(&place.cache(), &commit(1)).unwrap_err();
    let fetch = std::fs::read_dir(place.root().join("fetching")).unwrap();
    let fetch = fetch.into_iter().next().unwrap().unwrap().path();
    let archive = fetch.join(format!("downloads/rustc-{}.tar.gz", host()));
    std::fs::remove_file(&archive).unwrap();
    // A device that is always full.
    std::os::unix::fs::symlink("/dev/full", &archive).unwrap();
    let error = obtain(&place.cache(), &commit(1)).unwrap_err();
    assert!(!error.is_about_artifact());
    assert!(
        error.to_string().contains("No space left on device"),
        "{error}"
    );
    std::fs::remove_file(&archive).unwrap();
    obtain(&place.cache(), &commit(1)).unwrap();
}

#[test]
fn an_archive_larger_than_is_allowed_is_not_downloaded() {
    let place = Place::new();
    place.serve(&commit(1));
    let mut sources = Sources::parse(&std::fs::read_to_string(place.sources_file("")).unwrap());
    sources.as_mut().unwrap().limits.archive_bytes_max = 10_000;
    let error = obtain(&place.cache_of(sources.unwrap(), u64::MAX), &commit(1)).unwrap_err();
    assert!(error.is_about_artifact() && error.to_string().contains("larger than 10000 bytes"));
}

#[test]
fn a_toolchain_of_one_machine_and_one_of_no_source_are_told_to_be_named_by_hand() {
    let place = Place::new();
    for artifact in ["local-mine-59807616e", "release-1.95.0"] {
        let error = obtain(&place.cache(), &artifact.parse().unwrap()).unwrap_err();
        let hint = format!("--toolchain {artifact}=PATH");
        assert!(error.to_string().contains(&hint), "{error}");
    }
    assert_eq!(place.server.requests(), 0);
}
