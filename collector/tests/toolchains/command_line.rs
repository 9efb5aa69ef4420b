//! `collector toolchains`, as processes.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use shared_types::ArtifactId;

use crate::archive_server::Fault;
use crate::place::{Place, artifacts, commit, obtain};

/// `collector toolchains` with these arguments, on the cache of a place.
fn toolchains(place: &Place, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_collector"));
    command
        .arg("toolchains")
        .args(arguments)
        .arg("--toolchain-cache")
        .arg(place.root())
        .env("RUSTUP_HOME", place.folder.path().join("no-rustup"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn fetch(place: &Place, artifact: &ArtifactId, sources: &Path) -> Command {
    let artifact = artifact.to_string();
    let sources = sources.to_str().unwrap();
    toolchains(place, &["fetch", &artifact, "--toolchain-sources", sources])
}

fn said(output: Output) -> String {
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_toolchain_is_fetched_listed_and_removed() {
    let place = Place::new();
    place.serve(&commit(1));
    let output = fetch(&place, &commit(1), &place.sources_file(""))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = said(output);
    assert!(text.contains("is ready: rustc 1.99.0-nightly"), "{text}");
    assert!(text.contains("fetching rust-std of"), "{text}");

    let listed = said(toolchains(&place, &["list"]).output().unwrap());
    assert!(listed.contains("fetched from local at"), "{listed}");
    let json = toolchains(&place, &["list", "--json"]).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["installed"].as_array().unwrap().len(), 0);
    assert_eq!(json["fetched"][0]["artifact"], commit(1).to_string());
    assert_eq!(json["fetched"][0]["in_use"], false);

    let name = commit(1).to_string();
    let removed = toolchains(&place, &["remove", &name]).output().unwrap();
    assert_eq!(removed.status.code(), Some(0));
    let removed = toolchains(&place, &["remove", &name]).output().unwrap();
    assert_eq!(removed.status.code(), Some(1));
    assert!(said(removed).contains("is not in the cache"));
}

#[test]
fn what_cannot_be_fetched_or_understood_is_told_and_ends_with_its_code() {
    let place = Place::new();
    let output = fetch(&place, &commit(1), &place.sources_file(""))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(output).contains("there are no archives of"));
    let sources = place.sources_file("checksum = \"maybe\"");
    let output = fetch(&place, &commit(1), &sources).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(output).contains("sources.toml` cannot be used"));
}

#[cfg(not(feature = "https"))]
#[test]
fn a_collector_without_https_says_how_to_build_one_with_it() {
    let place = Place::new();
    let mut fetch = fetch(&place, &commit(1), Path::new("rust-lang"));
    let text = said(fetch.output().unwrap());
    assert!(text.contains("--features https"), "{text}");
}

#[test]
fn the_cache_is_made_smaller_on_demand() {
    let place = Place::new();
    let cache = place.cache();
    for number in [1, 2] {
        place.serve(&commit(number));
        drop(obtain(&cache, &commit(number)).unwrap());
    }
    let options = ["evict", "--toolchain-cache-bytes", "150000"];
    let text = said(toolchains(&place, &options).output().unwrap());
    assert_eq!(
        text,
        format!("{} was removed\nleft: 1 toolchain, 0.1 MB\n", commit(1))
    );
    assert_eq!(artifacts(&cache), [commit(2)]);
}

#[test]
fn two_processes_that_want_one_toolchain_fetch_it_once() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    // Long enough for the other to come in between.
    place
        .server
        .fail(&path, &[Fault::Delay(Duration::from_millis(500))]);
    let processes = [(), ()].map(|()| {
        fetch(&place, &commit(1), &place.sources_file(""))
            .spawn()
            .unwrap()
    });
    for process in processes {
        let output = process.wait_with_output().unwrap();
        let ended = output.status.success();
        assert!(ended, "{}", said(output));
    }
    assert_eq!(place.server.requests(), 3);
}

#[test]
fn a_killed_fetch_leaves_no_toolchain_and_is_gone_on_with() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    let total = place.server.content(&path).len();
    place.server.fail(&path, &[Fault::StallAfter(40_000)]);
    let mut killed = fetch(&place, &commit(1), &place.sources_file(""))
        .spawn()
        .unwrap();
    wait_until_downloaded(&place.root(), 40_000);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let cache = place.cache();
    assert_eq!(artifacts(&cache), []);
    obtain(&cache, &commit(1)).unwrap();
    let last = place.server.seen(&path).pop().unwrap();
    assert_eq!((last.from, last.bytes_sent), (Some(40_000), total - 40_000));
}

/// Waits until an archive of so many bytes is among the downloads.
fn wait_until_downloaded(root: &Path, bytes: u64) {
    for _ in 0..6_000 {
        let fetches = std::fs::read_dir(root.join("fetching"))
            .into_iter()
            .flatten();
        let downloads = fetches
            .flatten()
            .filter_map(|fetch| std::fs::read_dir(fetch.path().join("downloads")).ok());
        let found = downloads.flatten().flatten().any(|file| {
            file.metadata()
                .is_ok_and(|metadata| metadata.len() == bytes)
        });
        if found {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the download did not come so far within a minute");
}
