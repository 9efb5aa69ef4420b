//! What the programs write around which a measurement is built: rustc, cargo, the counters.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use collector::capture::{CapturedCommand, LeafFlags, is_wanted_crate, leaf_arguments};
use collector::execution::{Execution, ExecutionReport};
use collector::measure::{
    crate_times, instructions_in_callgrind_report, instructions_in_plugin_report, program_times,
};
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
