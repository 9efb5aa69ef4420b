//! What the page weighs, and how soon it shows its first chart, in a real browser.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::local_server::LocalServer;
use super::{Figure, bytes, median, understood};
use crate::command::{self, say};
use crate::error::Error;
use crate::programs::Programs;
use crate::setup::TestTools;

/// How often the page is opened with an empty cache.
const VISITS: usize = 7;

/// What the browser measured in one visit.
#[derive(Deserialize)]
struct Visit {
    first_chart_ms: f64,
    document_ms: f64,
    transferred_bytes: u64,
    decoded_bytes: u64,
    wasm_transferred_bytes: u64,
}

/// A script that opens the page of a server in Chromium.
pub(super) fn browser_script(tools: &TestTools, server: &LocalServer, name: &str) -> Command {
    let frontend = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend");
    let mut script = Command::new(&tools.node);
    script
        .arg(frontend.join("browser-tests/run.mjs"))
        .arg(name)
        .env("PERFLEET_URL", server.url())
        .env("CHROMIUM", &tools.chromium)
        .env("NODE_PATH", frontend.join("node_modules"));
    script
}

/// Opens the charts of the imported data, with an empty cache each time.
pub(super) fn measure(
    programs: &Programs,
    tools: &TestTools,
    dist: &Path,
    folder: &Path,
) -> Result<Vec<Figure>, Error> {
    say("bench", "the page in Chromium");
    let server = LocalServer::start(programs, &folder.join("imported"), Some(dist))?;
    let mut visits = Vec::new();
    for _ in 0..VISITS {
        let mut browser = browser_script(tools, &server, "visit");
        visits.push(understood::<Visit>(&command::capture(&mut browser)?)?);
    }
    let middle = |value: fn(&Visit) -> f64| median(visits.iter().map(value).collect());
    let transferred = middle(|visit| visit.transferred_bytes as f64) as u64;
    let decoded = middle(|visit| visit.decoded_bytes as f64) as u64;
    let wasm = middle(|visit| visit.wasm_transferred_bytes as f64) as u64;
    Ok(vec![
        Figure {
            what: "page of charts, as transferred",
            value: bytes(transferred),
            beside: format!(
                "{} when decompressed; {} of the transfer is WebAssembly",
                bytes(decoded),
                bytes(wasm)
            ),
        },
        Figure {
            what: "time to the first chart, empty cache",
            value: format!("{:.0} ms", middle(|visit| visit.first_chart_ms)),
            beside: format!(
                "median of {VISITS} visits; the bare document is there after {:.0} ms",
                middle(|visit| visit.document_ms)
            ),
        },
    ])
}
