//! What the programs write around which a measurement is built: rustc, cargo, the counters.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use collector::capture::{CapturedCommand, LeafFlags, is_wanted_crate, leaf_arguments};
use collector::execution::{Execution, ExecutionReport};
use collector::measure::{
    crate_times, instructions_in_callgrind_report, instructions_in_plugin_report, program_times,
};
use collector::profiling::costs_by_function;
use collector::self_profile;
use collector::toolchain::RustcVersion;

use crate::texts;

/// What a compiler says of itself is its own text, never anything made up.
pub(crate) fn version(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some(version) = RustcVersion::parse(&text) else {
        return;
    };
    assert!(text.contains(&version.title) && text.contains(&version.release));
    assert!(!version.release.is_empty() && !version.host.is_empty());
    if let Some(hash) = version.commit_hash {
        assert!(hash.len() == 40 && text.contains(&hash));
    }
}

pub(crate) fn version_seeds() -> Vec<Vec<u8>> {
    texts([
        "rustc 1.97.0-nightly (e50aa6fba 2026-05-19)\nbinary: rustc\ncommit-hash: e50aa6fba4e63ab34c72bf9acfd2c307c1155d1a\ncommit-date: 2026-05-19\nhost: x86_64-unknown-linux-gnu\nrelease: 1.97.0-nightly\nLLVM version: 22.1.4\n",
        "rustc 1.97.0-dev\nbinary: rustc\ncommit-hash: unknown\ncommit-date: unknown\nhost: aarch64-unknown-linux-gnu\nrelease: 1.97.0-dev\n",
    ])
}

/// The arguments of a command, one in each line, and a captured command in its file.
pub(crate) fn cargo_command(bytes: &[u8]) {
    let arguments: Vec<OsString> = bytes
        .split(|byte| *byte == b'\n')
        .map(|line| OsString::from_vec(line.to_vec()))
        .collect();
    // A crate cannot be wanted as the library and as a program.
    let as_library = is_wanted_crate(&arguments, None);
    assert!(!(as_library && is_wanted_crate(&arguments, Some("tiny"))));
    let flags = LeafFlags {
        output: Path::new("fresh"),
        incremental: Some(Path::new("cache")),
        configuration: &[],
    };
    let leaf = leaf_arguments(&arguments, flags);
    assert_eq!(leaf.last(), Some(&OsString::from("-Cincremental=cache")));
    assert!(leaf.iter().all(|argument| {
        let bytes = argument.as_encoded_bytes();
        !bytes.starts_with(b"--json=") && !bytes.starts_with(b"--error-format=")
    }));
    if let Ok(command) = serde_json::from_slice::<CapturedCommand>(bytes) {
        let written = serde_json::to_vec(&command).unwrap();
        assert_eq!(
            serde_json::from_slice::<CapturedCommand>(&written).ok(),
            Some(command)
        );
    }
    let _ = serde_json::from_slice::<Execution>(bytes);
    let _ = serde_json::from_slice::<ExecutionReport>(bytes);
}

pub(crate) fn cargo_command_seeds() -> Vec<Vec<u8>> {
    texts([
        "--crate-name\ntiny\nsrc/lib.rs\n--crate-type\nlib\n--error-format=json\n--json=artifacts\n--emit=dep-info,metadata\n--out-dir\ntarget/debug/deps",
        "--crate-name\ntiny\nsrc/main.rs\n--crate-type\nbin\n--error-format\njson\n-o\ndoc\n--out-dir=doc",
        r#"{"program":{"Unix":[47,114]},"arguments":[{"Unix":[45,118]}],"environment":[[{"Unix":[65]},{"Unix":[]}]],"directory":{"Unix":[47]}}"#,
        r#"{"ending":{"Exited":0},"wall_time_ns":1,"usage":{},"counters":{"cycles":1},"fixed_addresses":true,"left_behind":0}"#,
    ])
}

/// A count is a number that the report holds, or the sum of such; no report is no count. The same holds
/// of the times that programs and builds tell.
pub(crate) fn counter_report(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(times) = program_times(&text) {
        assert!(times.len() < text.lines().count());
    }
    if let Ok(times) = crate_times(&text) {
        assert!(times.len() <= text.lines().count());
    }
    if let Some(count) = instructions_in_plugin_report(&text) {
        let sum: u128 = text.lines().map(|line| line.parse::<u128>().unwrap()).sum();
        assert_eq!(u128::from(count), sum);
    }
    if instructions_in_callgrind_report(&text).is_some() {
        assert!(text.contains("totals:") || text.contains("summary:"));
    }
}

pub(crate) fn counter_report_seeds() -> Vec<Vec<u8>> {
    texts([
        "123456\n78\n",
        "18446744073709551615\n",
        "version: 1\nevents: Ir\nfn=(1) main\n16 400\n\ntotals: 123456\n",
        "events: Ir\nsummary: 99\n",
        "{\"kind\":\"iteration\",\"wall_time_ns\":7}\n{\"kind\":\"end\",\"iterations\":1,\"checksum\":\"3\"}\n",
        "{\"crate\":\"memchr\",\"wall_time_ns\":7}\n{\"crate\":\"libc.build\",\"wall_time_ns\":8}\n",
    ])
}

/// Only a report that counts an event has costs in it, and none is zero.
pub(crate) fn callgrind_report(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for event in ["Ir", "D1mr", "DLmr"] {
        match costs_by_function(&text, event) {
            Ok(costs) => {
                assert!(text.contains(event));
                assert!(costs.values().all(|cost| cost.amount > 0));
            }
            Err(reason) => crate::assert_says_why(&reason),
        }
    }
}

pub(crate) fn callgrind_report_seeds() -> Vec<Vec<u8>> {
    texts([
        "# callgrind format\nversion: 1\npositions: line\nevents: Ir\n\nob=(1) /lib/librustc_driver.so\nfl=(1) ???\nfn=(1) _ZN4tiny4main17h0123456789abcdefE\n0 100\ncfn=(2) _ZN4tiny7doubled17h0123456789abcdefE\ncalls=3 0\n0 5000\n+2 11\n\nfn=(2)\n0 60\n* 40\n\ntotals: 218\n",
        "desc: I1 cache: 32768 B, 64 B, 8-way associative\ncmd: rustc tiny\nevents: Ir I1mr ILmr Dr D1mr DLmr\nfl=lib.rs\nfn=plain_name\n10 50 1 1 20 4 2\n11 25 0 0 10 1\nfn=(below main)\n12 5\nsummary: 80 1 1 30 5 2\n",
        "positions: instr line\nevents: Ir\nfn=(1) a'2\n0x1 5 18446744073709551615\n+3 * 1\n",
    ])
}

/// A profile that is understood has queries with names, the longest first.
pub(crate) fn self_profile(bytes: &[u8]) {
    match self_profile::read_bytes(bytes.to_vec()) {
        Ok(profile) => {
            let times = profile.queries.iter().map(|query| query.self_time_ns);
            assert!(times.is_sorted_by(|one, other| one >= other));
            assert!(profile.queries.iter().all(|query| !query.query.is_empty()));
        }
        Err(reason) => crate::assert_says_why(&reason),
    }
}

/// Formats 8 and 9, with one event each whose name is a text and a reference to another text.
pub(crate) fn self_profile_seeds() -> Vec<Vec<u8>> {
    [8, 9].map(self_profile_seed).to_vec()
}

fn self_profile_seed(format: u8) -> Vec<u8> {
    const FIRST_PLACE: u64 = 100_000_003;
    let header = |word: &[u8]| [word, &[format, 0, 0, 0]].concat();
    let number = |number: u64| match format {
        8 => number.to_le_bytes()[..4].to_vec(),
        _ => number.to_le_bytes().to_vec(),
    };
    let metadata = "{\"start_time\":0,\"process_id\":1,\"cmd\":\"rustc\"}";
    let mut strings = header(b"MMSD");
    let mut places = Vec::new();
    for text in ["Query", "typeck", metadata] {
        places.push(number(FIRST_PLACE + strings.len() as u64));
        strings.extend(text.as_bytes());
        strings.push(0xff);
    }
    let name = number(FIRST_PLACE + strings.len() as u64);
    strings.extend([b"of-".as_slice(), &[0xfe], &places[1], &[0xff]].concat());
    let metadata_place = strings_place(&places[2], FIRST_PLACE);
    let index = [
        header(b"MMSI"),
        number(FIRST_PLACE - 2),
        number(metadata_place),
    ]
    .concat();
    // From 10 to 90 ns.
    let times = [[0_u8; 4], [10, 0, 0, 0], [90, 0, 0, 0], [0; 4]].concat();
    let events = [header(b"MMES"), places[0].clone(), name, times].concat();
    let mut file = header(b"MMPD");
    for (stream, content) in (0_u8..).zip([events, strings, index]) {
        file.push(stream);
        file.extend((content.len() as u32).to_le_bytes());
        file.extend(content);
    }
    file
}

/// The place that a number stands for.
fn strings_place(number: &[u8], first: u64) -> u64 {
    let mut bytes = [0; 8];
    bytes[..number.len()].copy_from_slice(number);
    u64::from_le_bytes(bytes) - first
}
