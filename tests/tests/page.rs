//! The page in a real browser, over measurements made elsewhere: filters, sorting, long tables,
//! charts, the keyboard, phone width, light and dark.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::fmt::Write;

use end_to_end::{Fleet, Toolchain, require_browser};

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
        said.lines().filter(|line| line.starts_with("ok: ")).count() >= 32,
        "{said}"
    );
}

#[test]
fn a_page_without_measurements_says_how_to_begin() {
    let browser = require_browser();
    let fleet = Fleet::start();
    assert!(
        browser
            .run("first-use", fleet.url(), &[])
            .contains("ok: first-use")
    );
}

#[test]
fn whoever_may_acts_on_the_page_and_readers_see_what_the_api_says() {
    let browser = require_browser();
    let fleet = Fleet::start();
    let csv = fleet.scratch("import").join("made-up.csv");
    std::fs::write(&csv, made_up()).unwrap();
    for arguments in [
        &["import", "csv", csv.to_str().unwrap()][..],
        &["reconcile"],
    ] {
        let answer = fleet.perfleet(arguments);
        assert_eq!(answer.code, 0, "{answer:?}");
    }
    fleet.register("this-host", 1);
    let _collector = fleet.start_collector("collector-1", &["this-host"], &[]);
    fleet.wait_for_status("the collector to report", |status| {
        status["collectors"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    });
    fleet.make_known(&Toolchain::active());
    let artifact = Toolchain::active().artifact;
    // Nobody measures under a configuration that was imported, so what is asked for waits.
    let asked = fleet.perfleet(&["request", &artifact, "--configuration", CONFIGURATIONS[0]]);
    assert_eq!(asked.code, 0, "{asked:?}");

    for script in [
        "attention",
        "inbox",
        "finding",
        "report",
        "collector",
        "narrow",
        "reader",
        "keep-token",
        "act-on-request",
        "act-on-fleet",
        "decide",
    ] {
        let said = browser.run_with_token(script, fleet.url(), &fleet.token);
        assert!(said.contains(&format!("ok: {script}")), "{said}");
    }
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
