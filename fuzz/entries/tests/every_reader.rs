//! Every reader of bytes from elsewhere, on its seeds and on what they become when they are damaged.
//! The fuzz targets go further, and need a nightly toolchain; this does not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use fuzz_entries::mutation::{Random, damaged};
use fuzz_entries::{Cost, ENTRIES};

/// How often an entry is called, by its cost.
fn calls(cost: Cost) -> u64 {
    match cost {
        Cost::Cheap => 3_000,
        Cost::Disk => 300,
    }
}

/// Gives one input to an entry; where that panics, says to what.
fn check(name: &str, data: &[u8]) {
    let checked = catch_unwind(AssertUnwindSafe(|| fuzz_entries::run(name, data)));
    if checked.is_err() {
        panic!("{name} broke on {:?}", String::from_utf8_lossy(data));
    }
}

fn check_damaged(name: &str) {
    let entry = ENTRIES.iter().find(|entry| entry.name == name).unwrap();
    let seeds = (entry.seeds)();
    for seed in &seeds {
        check(name, seed);
    }
    check(name, b"");
    for number in 0..calls(entry.cost) {
        check(name, &damaged(&seeds, &mut Random::new(number)));
    }
}

/// A test for each entry, so that they run beside each other and fail each for itself.
macro_rules! each {
    ($($name:ident)*) => {
        mod damaged_input_never_breaks {
            $( #[test] fn $name() { super::check_damaged(stringify!($name)); } )*
        }

        const TESTED: &[&str] = &[$( stringify!($name) ),*];
    };
}

each! {
    api_document api_request callgrind_report cargo_command collector_ports comparison
    compiler_version counter_report crate_archive crate_manifest csv_import detect_input
    event_message function_message function_notice github_webhook host_text job_message
    journal_unit name object_key page_path policy request_comment result_document result_object
    rustc_perf_export self_profile series_block series_changes series_manifest storage_event suite_catalogue
    suite_manifest suite_patch toolchain_archive toolchain_sources
}

#[test]
fn every_entry_has_a_test_and_a_fuzz_target() {
    let entries: BTreeSet<String> = ENTRIES.iter().map(|entry| entry.name.to_owned()).collect();
    assert_eq!(entries.len(), ENTRIES.len());
    let tested: BTreeSet<String> = TESTED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(tested, entries);

    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let targets = manifest["bin"].as_array().unwrap();
    let mut named = BTreeSet::new();
    for target in targets {
        let name = target["name"].as_str().unwrap();
        let path = target["path"].as_str().unwrap();
        assert_eq!(path, format!("fuzz_targets/{name}.rs"));
        let source = std::fs::read_to_string(fuzz.join(path)).unwrap();
        assert!(
            source.contains(&format!("fuzz_entries::run(\"{name}\", data)")),
            "{path} does not call its entry"
        );
        named.insert(name.to_owned());
    }
    assert_eq!(named, entries);
}
