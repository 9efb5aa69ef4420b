//! Self-profiles of a real rustc.

use std::collections::BTreeSet;
use std::process::Command;

use shared_types::ObjectKey;
use shared_types::Profile;
use shared_types::format::Versioned;
use shared_types::result_document::{Measurement, ResultDocument};

use crate::fixture::{Fixture, job, measure, measurement, real_toolchain};

const SCENARIOS: [&str; 4] = ["full", "incr-full", "incr-unchanged", "incr-patched:longer"];

fn calls(measurement: &Measurement, query: &str) -> Option<u64> {
    let profile = measurement.self_profile.as_ref().unwrap();
    let mut queries = profile.queries.iter();
    queries
        .find(|found| found.query == query)
        .map(|found| found.calls)
}

#[test]
fn each_test_case_is_profiled_apart_from_its_iterations() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let units = [
        ("tiny", Profile::Debug, &SCENARIOS[..]),
        ("tiny", Profile::Doc, &["full"]),
    ];
    let mut job = job(&toolchain, &units);
    job.self_profile = true;
    job.iterations = 2;
    let outcome = measure(&fixture.bench(), &job, &toolchain);
    let document = &outcome.document;
    assert_eq!(document.failures, [], "{}", outcome.log);
    assert_eq!(document.measurements.len(), 5);
    for measurement in &document.measurements {
        assert_eq!(
            measurement.values[0].iterations.len(),
            2,
            "{}",
            measurement.test_case
        );
        let profile = measurement.self_profile.as_ref().unwrap();
        assert!(profile.queries.len() > 20, "{}", measurement.test_case);
    }
    let of = |scenario: &str| measurement(document, &format!("tiny/debug/{scenario}")).unwrap();
    assert!(
        calls(of("full"), "typeck")
            .or(calls(of("full"), "typeck_root"))
            .unwrap()
            >= 2
    );
    assert!(calls(of("full"), "mir_borrowck").unwrap() >= 2);
    // A cache that the compiler throws away would make every scenario a full one.
    assert_eq!(calls(of("incr-unchanged"), "mir_borrowck").unwrap_or(0), 0);
    assert_eq!(calls(of("incr-patched:longer"), "mir_borrowck"), Some(1));
    // What is stored is read again.
    let json = serde_json::to_vec(document).unwrap();
    assert_eq!(ResultDocument::from_json(&json).unwrap(), *document);
}

#[test]
fn the_raw_profile_of_each_test_case_is_one_that_measuremes_tools_read() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut job = job(
        &toolchain,
        &[("tiny", Profile::Check, &["full", "incr-unchanged"])],
    );
    job.self_profile = true;
    let outcome = measure(&fixture.bench(), &job, &toolchain);
    let keys: BTreeSet<ObjectKey> = outcome
        .document
        .measurements
        .iter()
        .filter_map(|measurement| measurement.self_profile.as_ref()?.raw.clone())
        .collect();
    assert_eq!(keys.len(), 2, "{}", outcome.log);
    assert_eq!(outcome.self_profiles.len(), 2);
    for raw in &outcome.self_profiles {
        let bytes = zstd::decode_all(std::fs::File::open(&raw.path).unwrap()).unwrap();
        let data = analyzeme::ProfilingData::from_paged_buffer(bytes, None).unwrap();
        assert!(data.num_events() > 100);
        assert!(
            data.metadata().cmd.contains("tiny"),
            "{}",
            data.metadata().cmd
        );
    }
}

#[test]
fn nothing_is_profiled_unless_it_was_asked_for() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let outcome = measure(
        &fixture.bench(),
        &job(&toolchain, &[("tiny", Profile::Check, &["full"])]),
        &toolchain,
    );
    assert_eq!(outcome.self_profiles, []);
    assert_eq!(outcome.document.measurements[0].self_profile, None);
}

#[test]
fn bench_leaves_the_raw_profiles_of_both_sides_where_it_says() {
    let fixture = Fixture::new();
    fixture.fake_toolchain("true");
    let name = fixture.path("fake");
    let output = Command::new(env!("CARGO_BIN_EXE_collector"))
        .args(["bench", name.to_str().unwrap(), name.to_str().unwrap()])
        .args([
            "--include",
            "tiny",
            "--profiles",
            "check",
            "--scenarios",
            "full",
        ])
        .args([
            "--iterations",
            "1",
            "--precision",
            "0",
            "--count-below",
            "0",
        ])
        // The toolchain is a script that hands on to one that a confined program would not see.
        .args(["--confinement", "none"])
        .args(["--no-warm-up", "--self-profile", "--json"])
        .arg("--suite")
        .arg(fixture.path("suite"))
        .arg("--work-dir")
        .arg(fixture.path("work"))
        .output()
        .unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{complaints}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let measurements = answer["result"]["measurements"].as_array().unwrap();
    assert_eq!(measurements.len(), 2);
    for measurement in measurements {
        assert!(
            measurement["self_profile"]["queries"]
                .as_array()
                .unwrap()
                .len()
                > 20
        );
    }
    let line = complaints
        .lines()
        .find(|line| line.starts_with("raw self-profiles"))
        .unwrap();
    let folder = line.rsplit(": ").next().unwrap();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2, "{folder}");
}

/// The compiler replaces what the real one wrote by a profile of its own making.
#[test]
fn a_self_profile_that_would_take_the_collector_down_is_left_out_and_the_rest_is_measured() {
    let fixture = Fixture::new();
    let hostile = fixture.path("hostile.mm_profdata");
    std::fs::write(&hostile, profile_with_a_name_in_itself()).unwrap();
    let toolchain = fixture.fake_toolchain(&format!(
        "folder=''\n\
         for argument in \"$@\"; do shift; case \"$argument\" in\n\
         -Zself-profile=*) folder=\"${{argument#-Zself-profile=}}\" ;;\n\
         -Zself-profile*) ;;\n\
         *) set -- \"$@\" \"$argument\" ;;\n\
         esac; done\n\
         [ -z \"$folder\" ] || cp '{}' \"$folder/tiny-1.mm_profdata\"",
        hostile.display()
    ));
    let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    job.self_profile = true;
    let outcome = measure(&fixture.bench(), &job, &toolchain);
    assert_eq!(outcome.document.failures, [], "{}", outcome.log);
    let measured = measurement(&outcome.document, "tiny/check/full").unwrap();
    assert_eq!(measured.self_profile, None);
    let words = "the self-profile is left out";
    assert!(outcome.log.contains(words), "{}", outcome.log);
    assert!(outcome.log.contains("part of itself"), "{}", outcome.log);
}

/// A profile of format 9 that the crate that reads profiles would follow for ever.
fn profile_with_a_name_in_itself() -> Vec<u8> {
    let place = 8_u64;
    let number = (100_000_003 + place).to_le_bytes();
    let header = |word: &[u8; 4]| [&word[..], &[9, 0, 0, 0]].concat();
    let events = [
        header(b"MMES"),
        number.to_vec(),
        number.to_vec(),
        vec![0; 16],
    ]
    .concat();
    let strings = [header(b"MMSD"), vec![0xfe], number.to_vec(), vec![0xff]].concat();
    let mut file = header(b"MMPD");
    for (stream, content) in (0_u8..).zip([events, strings, header(b"MMSI")]) {
        file.push(stream);
        file.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        file.extend(content);
    }
    file
}
