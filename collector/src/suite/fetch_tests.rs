use std::collections::BTreeMap;
use std::process::Command;

use super::*;
use crate::suite::patch::apply_patch;
use crate::suite::{Selection, Suite, suite_directory};

fn suite() -> Suite {
    Suite::load(&suite_directory(None, None)).unwrap()
}

fn selected<'a>(suite: &'a Suite, names: &[&str]) -> Vec<&'a Benchmark> {
    let selection = Selection {
        include: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Selection::default()
    };
    suite.select(&selection).unwrap()
}

/// Fetches and returns the folders and the steps that were reported.
fn fetch_with(
    benchmarks: &[&Benchmark],
    cache_dir: &Path,
    cargo: &str,
) -> Result<(Vec<PathBuf>, Vec<FetchStep>), CollectorError> {
    let mut steps = Vec::new();
    let place = FetchPlace {
        cache_dir,
        cargo: Path::new(cargo),
    };
    let fetched = fetch(benchmarks, place, &mut |progress| steps.push(progress.step))?;
    Ok((fetched.into_iter().map(|one| one.path).collect(), steps))
}

/// All files under a folder with their contents.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = source_tree::read(folder).unwrap();
    files
        .into_iter()
        .map(|file| (file.path, file.content))
        .collect()
}

/// A cargo that never uses the network.
#[cfg(unix)]
fn cargo_without_network(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("offline-cargo");
    std::fs::write(
        &path,
        "#!/bin/sh\nCARGO_NET_OFFLINE=true exec cargo \"$@\"\n",
    )
    .unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[test]
fn a_stress_crate_needs_no_cargo_and_no_network() {
    let suite = suite();
    let cache = tempfile::tempdir().unwrap();
    let benchmarks = selected(&suite, &["deep-generics", "const-evaluation"]);
    let (paths, steps) = fetch_with(&benchmarks, cache.path(), "no-such-cargo").unwrap();
    assert!(contents(&paths[1]).contains_key(Path::new("Cargo.lock")));
    use FetchStep::{Ready, Sources};
    assert_eq!(steps, [Sources, Ready, Sources, Ready]);

    let (again, steps) = fetch_with(&benchmarks, cache.path(), "no-such-cargo").unwrap();
    assert_eq!((again, steps), (paths, vec![Ready, Ready]));
}

#[test]
#[cfg(unix)]
fn what_was_fetched_is_built_without_the_network_and_not_fetched_again() {
    let suite = suite();
    let cache = tempfile::tempdir().unwrap();
    let benchmarks = selected(&suite, &["http"]);
    let (paths, _) = fetch_with(&benchmarks, cache.path(), "cargo").unwrap();
    let before = contents(&paths[0]);

    let offline = cargo_without_network(cache.path());
    let (again, steps) = fetch_with(&benchmarks, cache.path(), &offline).unwrap();
    assert_eq!((&again, steps), (&paths, vec![FetchStep::Ready]));
    let status = Command::new(&offline)
        .args([
            "check",
            "--quiet",
            "--offline",
            "--locked",
            "--lib",
            "--target-dir",
        ])
        .arg(cache.path().join("target"))
        .current_dir(&paths[0])
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(contents(&paths[0]), before);
}

#[test]
fn an_interrupted_fetch_is_cleaned_up_and_done_again() {
    let suite = suite();
    let cache = tempfile::tempdir().unwrap();
    let left_over = cache.path().join("suite").join(format!("{PARTIAL}killed"));
    std::fs::create_dir_all(left_over.join("tree/src")).unwrap();
    let benchmarks = selected(&suite, &["deep-generics"]);
    let (paths, _) = fetch_with(&benchmarks, cache.path(), "no-such-cargo").unwrap();
    assert!(paths[0].join("src/lib.rs").is_file());
    assert!(!left_over.exists());
}

#[test]
fn a_changed_benchmark_has_another_folder() {
    let suite = suite();
    let mut changed = selected(&suite, &["deep-generics"])[0].clone();
    let cache = tempfile::tempdir().unwrap();
    let (before, _) = fetch_with(&[&changed], cache.path(), "no-such-cargo").unwrap();
    if let BenchmarkSource::Stress { files, .. } = &mut changed.source {
        files[0].content.push(b'\n');
    }
    let (after, _) = fetch_with(&[&changed], cache.path(), "no-such-cargo").unwrap();
    assert_ne!(before, after);
}

#[test]
fn a_crate_with_another_checksum_is_refused_and_leaves_nothing_behind() {
    let suite = suite();
    let mut wrong = selected(&suite, &["http"])[0].clone();
    let BenchmarkSource::Registry(registry) = &mut wrong.source else {
        panic!("not from the registry");
    };
    let right = std::mem::replace(&mut registry.sha256, "0".repeat(64));
    let cache = tempfile::tempdir().unwrap();
    let error = fetch_with(&[&wrong], cache.path(), "cargo").unwrap_err();
    let CollectorError::ChecksumMismatch { package, found, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!((package.as_str(), found), ("http 1.5.0", &right));
    let listed = std::fs::read_dir(cache.path().join("suite")).unwrap();
    let left: Vec<_> = listed.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".lock"]);
}

#[test]
fn a_benchmark_without_a_lock_file_is_refused_with_the_command_that_makes_one() {
    let suite = suite();
    let mut without = selected(&suite, &["http"])[0].clone();
    without.lock = None;
    let cache = tempfile::tempdir().unwrap();
    let error = fetch_with(&[&without], cache.path(), "no-such-cargo").unwrap_err();
    assert!(error.to_string().contains("-- lock http-1.5.0"), "{error}");
}

#[test]
fn a_cargo_that_fails_is_quoted() {
    let suite = suite();
    let mut missing = selected(&suite, &["http"])[0].clone();
    let BenchmarkSource::Registry(registry) = &mut missing.source else {
        panic!("not from the registry");
    };
    registry.version = "0.0.999".to_owned();
    let cache = tempfile::tempdir().unwrap();
    let error = fetch_with(&[&missing], cache.path(), "cargo")
        .unwrap_err()
        .to_string();
    assert!(error.contains("failed for crate http 0.0.999"), "{error}");
    let error = fetch_with(&[&missing], cache.path(), "no-such-cargo")
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot start `no-such-cargo`"), "{error}");
}

#[test]
fn every_patch_of_the_suite_fits_the_crate_that_it_is_for() {
    let suite = suite();
    let cache = tempfile::tempdir().unwrap();
    let place = FetchPlace {
        cache_dir: cache.path(),
        cargo: Path::new("cargo"),
    };
    let suite_cache = SuiteCache::open(place).unwrap();
    for benchmark in &suite.benchmarks {
        let partial = suite_cache.partial().unwrap();
        let tree = suite_cache
            .prepared_tree(benchmark, partial.path())
            .unwrap();
        for patch in &benchmark.patches {
            apply_patch(patch, &tree).unwrap_or_else(|error| panic!("{}: {error}", benchmark.name));
        }
    }
}
