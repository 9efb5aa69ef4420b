//! Made-up results of a history, of a size that real ones have.

use serde_json::{Value, json};

/// Test cases of a result.
const BENCHMARKS: u32 = 25;
const PROFILES: [&str; 3] = ["check", "debug", "opt"];
const SCENARIOS: [&str; 4] = [
    "full",
    "incr-full",
    "incr-unchanged",
    "incr-patched:println",
];

fn artifact(number: u32) -> String {
    format!("release-1.{}.0", 100 + number)
}

/// The artifacts of the history, as `perfleet artifact add` takes them.
pub(crate) fn history(artifacts: u32) -> Value {
    let entries = (0..artifacts).map(|number| {
        let mut history = json!({ "line": "releases", "ordinal": 100 + number });
        if number > 0 {
            history["parent"] = artifact(number - 1).into();
        }
        json!({ "id": artifact(number), "history": history })
    });
    entries.collect()
}

/// A result of one artifact: its key, and the compressed document.
pub(crate) fn result(configuration: &str, record: &Value, number: u32) -> (String, Vec<u8>) {
    let job = format!("0190163d-8694-739b-aea5-{number:012x}");
    let run = json!({ "artifact": artifact(number), "replicate": 1 });
    let metric =
        |name: &str, unit: &str| json!({ "name": name, "unit": unit, "lower_is_better": true });
    let document = json!({
        "format": "1.0",
        "job": job,
        "attempt": 1,
        "origin": "import",
        "configuration": configuration,
        "record": record,
        "collector": { "name": "made-up", "version": "0.1.0" },
        "host": { "name": "made-up", "target": "x86_64-unknown-linux-gnu" },
        "started_at": "2026-11-25T08:00:00Z",
        "finished_at": "2026-11-25T08:10:00Z",
        "runs": [run],
        "interleaved": false,
        "metrics": [metric("instructions:u", "count"), metric("wall-time", "s"), metric("max-rss", "kB")],
        "measurements": measurements(number),
        "failures": [],
    });
    let json = serde_json::to_vec(&document).unwrap();
    let key = format!("results/v1/{configuration}/{job}/1.json.zst");
    (key, zstd::encode_all(json.as_slice(), 3).unwrap())
}

fn measurements(number: u32) -> Vec<Value> {
    let mut measurements = Vec::new();
    for benchmark in 0..BENCHMARKS {
        for profile in PROFILES {
            for scenario in SCENARIOS {
                // Some tenths of a percent up and down, never the same twice.
                let wave = f64::from((number * 7 + benchmark * 13) % 11) / 2000.0;
                let value = |scale: f64| json!([scale * (1.0 + wave), scale * (1.001 + wave)]);
                measurements.push(json!({
                    "artifact": artifact(number),
                    "replicate": 1,
                    "test_case": {
                        "kind": "compile",
                        "benchmark": format!("crate-{benchmark}"),
                        "profile": profile,
                        "scenario": scenario,
                    },
                    "category": "primary",
                    "epoch": "00112233aabbccdd",
                    "values": [
                        { "metric": "instructions:u", "iterations": value(2.5e9) },
                        { "metric": "wall-time", "iterations": value(0.8) },
                        { "metric": "max-rss", "iterations": value(2.0e5) },
                    ],
                }));
            }
        }
    }
    measurements
}
