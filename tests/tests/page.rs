//! The page in a real browser, over measurements made elsewhere: filters, sorting, long tables,
//! charts, the keyboard, phone width, light and dark.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::fmt::Write;

use end_to_end::{Fleet, require_browser};

const CONFIGURATIONS: [&str; 2] = ["made-up-one", "made-up-two"];
const TEST_CASES: u32 = 120;
const ARTIFACTS: u32 = 40;

#[test]
fn every_page_does_in_a_browser_what_it_promises() {
    let browser = require_browser();
    let fleet = Fleet::start();
    let csv = fleet.scratch("import").join("made-up.csv");
    std::fs::write(&csv, made_up()).unwrap();
    let answer = fleet.perfleet(&["import", "csv", csv.to_str().unwrap()]);
    assert_eq!(answer.code, 0, "{answer:?}");

    let said = browser.run("all", fleet.url(), &[]);

    assert!(
        said.lines().filter(|line| line.starts_with("ok: ")).count() >= 18,
        "{said}"
    );
}

/// Series with a little noise, of which every third gets better with the last artifact, and every
/// fifth worse; every seventh got worse half way, for good.
fn made_up() -> String {
    let mut csv =
        "arrival,main_order,measured_at_unix,sha,configuration,benchmark,instructions:u\n"
            .to_owned();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for artifact in 0..ARTIFACTS {
        for (configuration, test_case) in CONFIGURATIONS
            .iter()
            .flat_map(|configuration| (0..TEST_CASES).map(move |case| (configuration, case)))
        {
            // xorshift64: noise needs no better source, and the same in every run.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let step = match (artifact + 1 == ARTIFACTS, test_case % 3, test_case % 5) {
                (true, 0, _) => 0.96,
                (true, _, 0) => 1.04,
                _ => 1.0,
            };
            let since_half_way = artifact >= ARTIFACTS / 2 && test_case % 7 == 0;
            let level = if since_half_way { 1.05 } else { 1.0 };
            let noise = 1.0 + (state % 1000) as f64 * 1e-6;
            let value = f64::from(test_case + 1) * 1e8 * noise * step * level;
            writeln!(
                csv,
                "{artifact},{artifact},{},{:040x},{configuration},case-{test_case:03},{value:.0}",
                1_700_000_000 + artifact * 3600,
                u64::from(artifact) + 0x1000_0000_0000,
            )
            .unwrap();
        }
    }
    csv
}
