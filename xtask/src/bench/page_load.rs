//! How the page bears all charts of a large configuration: 640 series over 711 artifacts.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::local_server::LocalServer;
use super::page_weight::browser_script;
use super::{Figure, understood};
use crate::command::{self, say};
use crate::error::Error;
use crate::programs::Programs;
use crate::setup::TestTools;

const SERIES: u32 = 640;
const ARTIFACTS: u32 = 711;

/// What the browser measured.
#[derive(Deserialize)]
struct Load {
    first_chart_ms: f64,
    all_charts_ms: f64,
    charts: u32,
    zoom_frame_ms: f64,
    zoom_frame_worst_ms: f64,
    heap_bytes: u64,
    wasm_bytes: u64,
}

/// Imports made-up series, opens all of them, and zooms.
pub(super) fn measure(
    programs: &Programs,
    tools: &TestTools,
    dist: &Path,
    folder: &Path,
) -> Result<Vec<Figure>, Error> {
    say("bench", "all charts of 640 series in Chromium");
    let (csv, data) = (folder.join("many.csv"), folder.join("many"));
    std::fs::write(&csv, made_up()).map_err(Error::file("write", &csv))?;
    command::capture(
        Command::new(&programs.perfleet)
            .args(["import", "csv"])
            .arg(&csv)
            .arg("--data-dir")
            .arg(&data),
    )?;
    let server = LocalServer::start(programs, &data, Some(dist))?;
    let mut script = browser_script(tools, &server, "load");
    let load: Load = understood(&command::capture(&mut script)?)?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    Ok(vec![
        Figure {
            what: "time until every chart of 640 series over 711 artifacts was drawn",
            value: format!("{:.1} s", load.all_charts_ms / 1000.0),
            beside: format!(
                "{} charts, scrolling a window at a time; the first after {:.0} ms",
                load.charts, load.first_chart_ms
            ),
        },
        Figure {
            what: "longest frame of a step while zooming by keys",
            value: format!("{:.0} ms", load.zoom_frame_ms),
            beside: format!(
                "in the middle of 20 steps; in the slowest {:.0} ms",
                load.zoom_frame_worst_ms
            ),
        },
        Figure {
            what: "memory of the tab with all of it",
            value: format!("{:.0} MB", megabytes(load.heap_bytes + load.wasm_bytes)),
            beside: format!(
                "{:.0} MB of scripts, {:.0} MB of WebAssembly",
                megabytes(load.heap_bytes),
                megabytes(load.wasm_bytes)
            ),
        },
    ])
}

/// One configuration with noise and nothing else, in the layout of the LLVM data.
fn made_up() -> String {
    let mut csv =
        "arrival,main_order,measured_at_unix,sha,configuration,benchmark,instructions:u\n"
            .to_owned();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for artifact in 0..ARTIFACTS {
        for series in 0..SERIES {
            // xorshift64: noise needs no better source, and the same in every run.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let value = f64::from(series + 1) * 1e8 * (1.0 + (state % 1000) as f64 * 1e-6);
            // Writing to a text cannot fail.
            let _ = writeln!(
                csv,
                "{artifact},{artifact},{},{:040x},many,series-{series:03},{value:.0}",
                1_700_000_000 + artifact * 3600,
                u64::from(artifact) + 0x1000_0000_0000,
            );
        }
    }
    csv
}
