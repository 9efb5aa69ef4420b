//! The page in a real browser, over measurements made elsewhere: filters, sorting, long tables,
//! charts, the keyboard, phone width, light and dark.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

#[path = "../../functions/tests/job_stories/export_builder.rs"]
#[allow(
    dead_code,
    reason = "not every test that has it builds every kind of export"
)]
mod export_builder;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use export_builder::{Export, FIRST_COMMIT, X86};

use end_to_end::{Fleet, RunningProcess, StoredHistory, Toolchain, require_browser, wait_until};

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
fn releases_and_the_toolchain_have_pages_of_their_own() {
    let browser = require_browser();
    let fleet = Fleet::start();
    let export = releases_and_toolchains();
    let answer = fleet.perfleet(&["import", "rustc-perf", export.path().to_str().unwrap()]);
    assert_eq!(answer.code, 0, "{answer:?}");

    let releases = browser.run("releases", fleet.url(), &[]);
    assert!(releases.contains("3 groups over 6 releases"), "{releases}");
    let toolchain = browser.run("toolchain", fleet.url(), &[]);
    assert!(
        toolchain.contains("2 tables, librustc_driver"),
        "{toolchain}"
    );
    for script in [
        "artifact",
        "artifacts",
        "help",
        "accessibility",
        "keys",
        "focus",
    ] {
        let said = browser.run(script, fleet.url(), &[]);
        assert!(said.contains(&format!("ok: {script}")), "{said}");
    }
}

/// The states of which there are pictures, and how many each view has.
const PICTURED: [(&str, usize); 6] = [
    ("empty", 4),
    ("empty-print", 1),
    ("full", 4),
    ("full-print", 1),
    ("loading", 4),
    ("error", 4),
];

#[test]
fn every_view_is_pictured_in_every_state_both_themes_two_widths_and_on_paper() {
    let browser = require_browser();
    let folder = emptied_folder_of_pictures();
    let pictures = folder.to_str().unwrap();
    let empty = Fleet::start();
    let mut said = browser.run("screenshots", empty.url(), &[pictures]);
    let fleet = Fleet::start();
    let csv = fleet.scratch("import").join("made-up.csv");
    std::fs::write(&csv, made_up()).unwrap();
    let export = releases_and_toolchains();
    for arguments in [
        &["import", "csv", csv.to_str().unwrap()][..],
        &["import", "rustc-perf", export.path().to_str().unwrap()],
        &["reconcile"],
    ] {
        let answer = fleet.perfleet(arguments);
        assert_eq!(answer.code, 0, "{answer:?}");
    }
    let _collector = measure_one_and_let_one_wait(&fleet);

    said += &browser.run_with_token("screenshots", fleet.url(), &fleet.token, &[pictures]);

    for (state, of_each) in PICTURED {
        let views = views_of(&said, state);
        let taken = std::fs::read_dir(folder.join(state)).unwrap().count();
        assert!(views > 15, "{said}");
        assert_eq!(taken, views * of_each, "pictures of {state}: {said}");
    }
}

/// `page-screenshots` in the folder that cargo builds into, with nothing in it.
fn emptied_folder_of_pictures() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("page-screenshots");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A request that is done, with its jobs, and one for which there is no collector.
fn measure_one_and_let_one_wait(fleet: &Fleet) -> RunningProcess {
    fleet.register("this-host", 1);
    let toolchain = Toolchain::active();
    fleet.make_known(&toolchain);
    let collector = fleet.start_collector("collector-1", &["this-host"], &[toolchain.argument()]);
    let ask = |configuration: &str| {
        let answer = fleet.perfleet_json(&[
            "request",
            &toolchain.artifact,
            "--configuration",
            configuration,
            "--profiles",
            "check",
            "--iterations",
            "1",
            "--reason",
            "to have something to show",
        ]);
        answer["id"].as_str().unwrap().to_owned()
    };
    let detail = fleet.wait_for_request(&ask("this-host"));
    assert_eq!(detail["request"]["state"], "done", "{detail:#}");
    // Nobody measures under a configuration that was imported.
    ask(CONFIGURATIONS[0]);
    collector
}

/// What the script said of a state: `full: 180 pictures of 36 views`.
fn views_of(said: &str, state: &str) -> usize {
    let beginning = format!("{state}: ");
    let line = said.lines().find(|line| line.starts_with(&beginning));
    let words = line.unwrap_or_else(|| panic!("nothing of {state} in {said}"));
    words.split(' ').nth_back(1).unwrap().parse().unwrap()
}

/// Six releases with compilations and programs, and three commits with builds and sizes of the toolchain.
fn releases_and_toolchains() -> Export {
    const DAY_S: i64 = 24 * 60 * 60;
    let export = Export::new();
    for (id, case) in [
        (1, "syn-2.0.101/check/full"),
        (2, "syn-2.0.101/opt/full"),
        (3, "deep-vector/opt/full"),
    ] {
        export.series(id, case, ("llvm", X86, 1), "instructions:u");
    }
    export.sql(&format!(
        "INSERT INTO runtime_pstat_series VALUES (1, 'nbody-10k', '{X86}', 'instructions:u')"
    ));
    for release in 0..6_i64 {
        let name = format!("1.{}.0", 80 + release);
        let date = FIRST_COMMIT + release * 42 * DAY_S;
        export.artifact(100 + release, &name, "release", Some(date));
        for series in 1..=3 {
            let value = 1e9 * series as f64 * (1.0 - 0.02 * release as f64);
            export.value(series, 100 + release, release, value);
        }
        export.sql(&format!(
            "INSERT INTO runtime_pstat VALUES (1, {}, {release}, {})",
            100 + release,
            5e9 + 1e7 * release as f64
        ));
    }
    for number in 1..=3 {
        export.commit(number, "master", i64::from(number));
        export.value(1, i64::from(number), 10 + i64::from(number), 1e9);
        export.sql(&format!(
            "INSERT INTO rustc_compilation VALUES ({number}, {number}, 'rustc_middle', {});
             INSERT INTO artifact_size VALUES ({number}, 'librustc_driver', {});
             INSERT INTO artifact_size VALUES ({number}, 'rustc', 2000000);",
            90_000_000_000_i64 + i64::from(number) * 1_000_000_000,
            150_000_000 - number * 1_000_000
        ));
    }
    export
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

    let held = hold_a_request(&fleet, &artifact);
    for script in ["status", "keys"] {
        let said = browser.run_with_token(script, fleet.url(), &fleet.token, &[]);
        assert!(said.contains(&format!("ok: {script}")), "{said}");
    }
    for arguments in [
        &["cancel", &held][..],
        &["resume", "configuration", "this-host"],
    ] {
        let answer = fleet.perfleet(arguments);
        assert_eq!(answer.code, 0, "{answer:?}");
    }

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
        let said = browser.run_with_token(script, fleet.url(), &fleet.token, &[]);
        assert!(said.contains(&format!("ok: {script}")), "{said}");
    }
}

/// Asks for a measuring on this host while nothing is handed out there, so that its queue has jobs that
/// stay as they are. Returns the request.
fn hold_a_request(fleet: &Fleet, artifact: &str) -> String {
    let paused = fleet.perfleet(&[
        "pause",
        "configuration",
        "this-host",
        "--reason",
        "it is moved",
    ]);
    assert_eq!(paused.code, 0, "{paused:?}");
    let request = fleet.perfleet_json(&["request", artifact, "--configuration", "this-host"]);
    fleet.wait_for_status("the request to be cut into jobs", |status| {
        let mut configurations = status["configurations"].as_array().unwrap().iter();
        configurations.any(|one| one["queue"]["compilations_total"].as_u64() > Some(0))
    });
    request["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_a_history_of_hosts_leaves_is_told_on_the_page() {
    let browser = require_browser();
    let fleet = Fleet::start();
    let history = StoredHistory::store(&fleet);
    let inbox = || fleet.perfleet(&["triage", "list", "--json"]).stdout;
    wait_until(
        "the slower commit to be found",
        || inbox().contains("138039"),
        inbox,
    );
    for script in [
        "warnings",
        "pull-request",
        "graph-lists",
        "last-choice",
        "keys",
    ] {
        let said = browser.run(script, fleet.url(), &[]);
        assert!(said.contains(&format!("ok: {script}")), "{said}");
    }

    history.retract_broken_host(&fleet);
    let said = browser.run("retracted", fleet.url(), &[]);
    assert!(said.contains("ok: retracted"), "{said}");
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
                "{artifact},{artifact},{},{},{configuration},case-{test_case:03},{value:.0}",
                1_700_000_000 + artifact * 3600,
                sha_of(artifact),
            )
            .unwrap();
        }
    }
    csv
}

/// Forty digits of which the first tell artifacts apart, as those of real commits do.
fn sha_of(artifact: u32) -> String {
    let digits = artifact.wrapping_add(1).wrapping_mul(0x9e37_79b1);
    format!("{digits:08x}").repeat(5)
}
