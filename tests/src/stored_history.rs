//! A history of results that lie in object storage as collectors leave them there: commits that were measured
//! one after the other, on hosts that change. No compiler is started.

use serde_json::{Value, json};

use crate::fleet::Fleet;

/// How many commits there are.
const COMMITS: u64 = 40;
/// What was measured on a host that turned out to be broken.
const BROKEN: std::ops::RangeInclusive<u64> = 10..=12;
/// From this commit on another host measures.
const OTHER_HOST: u64 = 37;
/// The commit that makes the compiler slower.
const SLOWER: u64 = 39;
/// More releases than the API lists at once.
const RELEASES: u64 = 520;
const BENCHMARKS: [&str; 6] = ["ash-1", "cargo-1", "hyper-1", "regex-1", "serde-1", "syn-1"];
/// Midnight before the first commit, in seconds since 1970.
const BEGIN_S: u64 = 1_767_225_600;
const DAY_S: u64 = 24 * 60 * 60;

/// The history, once it is stored and indexed.
pub struct StoredHistory {
    /// The configuration under which everything was measured.
    pub configuration: &'static str,
}

impl StoredHistory {
    /// Stores all of it, and has it indexed.
    pub fn store(fleet: &Fleet) -> Self {
        let history = Self {
            configuration: "recorded",
        };
        fleet.register_record(history.configuration, &record());
        history.add_artifacts(fleet);
        for commit in 0..COMMITS {
            history.store_result(fleet, commit);
        }
        let answer = fleet.perfleet(&["reconcile"]);
        assert_eq!(answer.code, 0, "{answer:?}");
        history
    }

    /// Retracts what the broken host measured.
    pub fn retract_broken_host(&self, fleet: &Fleet) {
        let answer = fleet.perfleet(&[
            "retract",
            "--host",
            "broken-host",
            "--reason",
            "its fan failed",
        ]);
        assert_eq!(answer.code, 0, "{answer:?}");
    }

    fn add_artifacts(&self, fleet: &Fleet) {
        let commits = (0..COMMITS).map(|commit| {
            json!({
                "id": name(commit),
                "title": title(commit),
                "commit_sha": name(commit),
                "commit_date": day(commit),
                "history": {
                    "line": "main",
                    "ordinal": 1000 + commit,
                    "parent": commit.checked_sub(1).map(name),
                },
            })
        });
        let releases = (0..RELEASES).map(|release| {
            json!({
                "id": format!("release-1.{release}.0"),
                "commit_date": day(release * COMMITS / RELEASES),
            })
        });
        let all: Vec<Value> = commits.chain(releases).collect();
        let file = fleet.scratch("artifacts").join("history.json");
        std::fs::write(&file, Value::from(all).to_string()).unwrap();
        let answer = fleet.perfleet(&["artifact", "add", file.to_str().unwrap()]);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
    }

    fn store_result(&self, fleet: &Fleet, commit: u64) {
        let unix_ms = (BEGIN_S + commit * DAY_S) * 1000;
        let job = format!(
            "{:08x}-{:04x}-7000-8000-{commit:012x}",
            unix_ms >> 16,
            unix_ms & 0xffff
        );
        let folder = fleet
            .data_dir()
            .join("objects/results/v1")
            .join(self.configuration)
            .join(&job);
        std::fs::create_dir_all(&folder).unwrap();
        let document = document(self.configuration, &job, commit).to_string();
        let bytes = zstd::encode_all(document.as_bytes(), 3).unwrap();
        std::fs::write(folder.join("1.json.zst"), bytes).unwrap();
    }
}

fn name(commit: u64) -> String {
    format!("{:040x}", 0x2000_0000_0000_u64 + commit)
}

/// As merge bots and as people write them.
fn title(commit: u64) -> String {
    if commit == SLOWER {
        "Check more of each type (rust-lang/rust#138039)".to_owned()
    } else {
        format!(
            "Auto merge of #{} - ada:change-{commit}, r=grace",
            138_000 + commit
        )
    }
}

/// Noon of the day of a commit.
fn day(commit: u64) -> String {
    let (month, day) = if commit < 31 {
        (1, commit + 1)
    } else {
        (2, commit - 30)
    };
    format!("2026-{month:02}-{day:02}T12:00:00Z")
}

fn host(commit: u64) -> &'static str {
    match commit {
        commit if BROKEN.contains(&commit) => "broken-host",
        OTHER_HOST.. => "host-2",
        _ => "host-1",
    }
}

fn record() -> Value {
    json!({
        "target": "x86_64-unknown-linux-gnu", "hardware_model": "recorded", "backend": "llvm",
        "frontend_threads": 1, "flags": [],
    })
}

fn document(configuration: &str, job: &str, commit: u64) -> Value {
    let time = 1.0 + 0.001 * (commit * 7 % 5) as f64;
    let count = if commit >= SLOWER { 1.05 } else { 1.0 } * (1.0 + 1e-5 * (commit * 3 % 7) as f64);
    let measurements: Vec<Value> = BENCHMARKS
        .iter()
        .zip(1_u32..)
        .map(|(benchmark, size)| {
            let twice = |value: f64| json!([value * f64::from(size), value * f64::from(size) * 1.000_01]);
            json!({
                "artifact": name(commit), "replicate": 1, "category": "primary", "epoch": "85f61dbf8ae24341",
                "test_case": { "kind": "compile", "benchmark": benchmark, "profile": "check", "scenario": "full" },
                "values": [
                    { "metric": "wall-time", "iterations": twice(time) },
                    { "metric": "instructions:u", "iterations": twice(1e9 * count) },
                ],
            })
        })
        .collect();
    json!({
        "format": "1.0", "job": job, "attempt": 1, "origin": "import",
        "configuration": configuration, "record": record(),
        "collector": { "name": "recorded", "version": "0.1.0" },
        "host": { "name": host(commit), "target": "x86_64-unknown-linux-gnu" },
        "started_at": day(commit), "finished_at": day(commit),
        "runs": [{ "artifact": name(commit), "replicate": 1 }],
        "interleaved": false,
        "metrics": [
            { "name": "wall-time", "unit": "s", "lower_is_better": true },
            { "name": "instructions:u", "unit": "count", "lower_is_better": true },
        ],
        "measurements": measurements, "failures": [],
    })
}
