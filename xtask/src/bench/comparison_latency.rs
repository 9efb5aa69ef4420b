//! How long a comparison takes: 700 test cases, 100 runs of history, over HTTP.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use super::local_server::LocalServer;
use super::{Figure, median};
use crate::command::{self, say};
use crate::error::Error;
use crate::programs::Programs;

const TEST_CASES: u32 = 700;
const HISTORY: u32 = 100;
/// Pairs that are compared for the first time, each once.
const FRESH: u32 = 15;

/// Imports made-up runs, and times the API's answers.
pub(super) fn measure(programs: &Programs, folder: &Path) -> Result<Vec<Figure>, Error> {
    say("bench", "the latency of a comparison");
    let csv = folder.join("made-up.csv");
    std::fs::write(&csv, made_up()).map_err(Error::file("write", &csv))?;
    let store = folder.join("made-up");
    command::capture(
        Command::new(&programs.perfleet)
            .args(["import", "csv", "--data-dir"])
            .arg(&store)
            .arg(&csv),
    )?;
    let server = LocalServer::start(programs, &store, None)?;
    let path = |head: u32| {
        format!(
            "/api/v1/comparisons/{}..{}?configuration=made-up&metric=instructions:u",
            sha(head - 1),
            sha(head)
        )
    };
    let (status_s, _) = server.get("/api/v1/configurations")?;
    let mut first = Vec::new();
    let mut again = Vec::new();
    for head in HISTORY - FRESH..HISTORY {
        first.push(server.get(&path(head))?.0);
        again.push(server.get(&path(head))?.0);
    }
    let (first_ms, again_ms) = (median(first) * 1e3, median(again) * 1e3);
    Ok(vec![
        Figure {
            what: "comparison of 700 test cases, 100 runs of history",
            value: format!("{first_ms:.0} ms"),
            beside: format!(
                "median of {FRESH} different pairs, over HTTP, each for the first time"
            ),
        },
        Figure {
            what: "the same comparison again",
            value: format!("{again_ms:.0} ms"),
            beside: format!(
                "{:.2} of the first time; the list of configurations takes {:.0} ms",
                again_ms / first_ms,
                status_s * 1e3
            ),
        },
    ])
}

fn sha(artifact: u32) -> String {
    format!("{:040x}", u64::from(artifact) + 0x1000_0000_0000)
}

/// A file in the layout of the LLVM tracker, with noise of a few parts in ten thousand.
fn made_up() -> String {
    let mut csv =
        "arrival,main_order,measured_at_unix,sha,configuration,benchmark,instructions:u\n"
            .to_owned();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for artifact in 0..HISTORY {
        for test_case in 0..TEST_CASES {
            // xorshift64: noise needs no better source, and the same in every run.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let noise = 1.0 + (state % 1000) as f64 * 1e-6;
            let value = f64::from(test_case + 1) * 1e8 * noise;
            let _ = writeln!(
                csv,
                "{artifact},{artifact},{},{},made-up,case-{test_case},{value:.0}",
                1_700_000_000 + artifact * 3600,
                sha(artifact),
            );
        }
    }
    csv
}
