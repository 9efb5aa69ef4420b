//! `cloud-bench`: what a run and a look at the page cost in calls of AWS, and how soon a result can
//! be read as a comparison. Deploys a fleet into a local AWS whose every call, the functions' own
//! among them, goes through a proxy that counts. Prints Markdown tables.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on is to say where it stopped"
)]

mod cost;
mod results;

use std::time::{Duration, Instant};

use end_to_end::{CloudFleet, Toolchain, wait_until};
use localstack::{Emulator, LocalAws, Proxy, TrafficByCall};

/// Those that `infra/environments/staging` names.
const CONFIGURATIONS: [&str; 2] = ["x86_64-zen4-llvm-t1", "x86_64-zen4-llvm-t4"];
/// Results whose way is timed one after the other.
const TIMED_RESULTS: u32 = 8;
/// Collectors whose results arrive together, and how many results each has.
const COLLECTORS: u32 = 4;
const RESULTS_EACH: u32 = 6;
/// How long an idle fleet is listened to.
const IDLE: Duration = Duration::from_secs(180);

fn main() {
    let proxy = Proxy::start().unwrap();
    let aws = LocalAws::start_behind(&proxy, Emulator::Ministack).unwrap();
    let fleet = CloudFleet::deploy_behind(aws, proxy);
    for (configuration, threads) in CONFIGURATIONS.iter().zip([1, 4]) {
        fleet.register(configuration, threads);
    }
    println!("\n### An idle fleet\n");
    let idle = idle_minute(&fleet);
    println!("\n### A request\n");
    one_request(&fleet, &idle);
    println!("\n### A look\n");
    looks(&fleet);
    println!("\n### From result to comparison\n");
    latency_and_throughput(&fleet);
}

/// What the schedules cost, with nobody at work.
fn idle_minute(fleet: &CloudFleet) -> TrafficByCall {
    fleet.proxy.reset_traffic();
    std::thread::sleep(IDLE);
    let traffic = fleet.proxy.reset_traffic();
    cost::print_calls(&traffic, IDLE.as_secs_f64() / 60.0, "a minute");
    traffic
}

/// An A/A request under two configurations, from the question to the comment's last word.
fn one_request(fleet: &CloudFleet, idle: &TrafficByCall) {
    let toolchain = Toolchain::active();
    fleet.make_known(&toolchain);
    let _collector = fleet.start_collector("one", &CONFIGURATIONS, &toolchain);
    fleet.proxy.reset_traffic();
    let started = Instant::now();
    let mut arguments = vec![
        "request",
        &toolchain.artifact,
        "--base",
        &toolchain.artifact,
    ];
    for configuration in &CONFIGURATIONS {
        arguments.extend(["--configuration", configuration]);
    }
    arguments.extend(["--profiles", "check", "--iterations", "2", "--paired"]);
    let answer = fleet.ask(&arguments);
    let id = answer["id"].as_str().unwrap().to_owned();
    // Looked for beside the proxy, so that looking is not counted.
    let key = format!("comments/v1/{id}.md");
    let is_told = || {
        fleet.object(&key).is_some_and(|comment| {
            CONFIGURATIONS.iter().all(|one| comment.contains(one))
                && !comment.contains("Measured so far")
        })
    };
    wait_until("the comment's last word", is_told, || key.clone());
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    let traffic = fleet.proxy.reset_traffic();
    // Base and head under two configurations.
    let runs = 4.0;
    cost::print_calls(&traffic, runs, "a run");
    println!(
        "\nThe request took {minutes:.1} min; the schedules' calls of that time are in it. A fleet \
         that measures nothing makes {:.0} calls a minute.",
        idle.total().calls as f64 / (IDLE.as_secs_f64() / 60.0)
    );
    cost::print_cost_of_runs(&traffic, runs);
}

/// What the page's questions cost, each asked for the first time and once more.
fn looks(fleet: &CloudFleet) {
    let artifact = Toolchain::active().artifact;
    let one = CONFIGURATIONS[0];
    let comparison =
        format!("/api/v1/comparisons/{artifact}%231..{artifact}%232?configuration={one}");
    println!("| look | calls at first | bytes at first | calls again |");
    println!("|---|---:|---:|---:|");
    for (what, path) in [
        ("the page's document", "/".to_owned()),
        ("configurations", "/api/v1/configurations".to_owned()),
        ("status", "/api/v1/status".to_owned()),
        ("requests", "/api/v1/requests".to_owned()),
        ("a comparison", comparison),
        (
            "runs of a configuration",
            format!("/api/v1/runs?configuration={one}"),
        ),
        (
            "a series' manifest",
            format!("/series/v1/{one}/manifest.json"),
        ),
    ] {
        let mut counted = Vec::new();
        for _ in 0..2 {
            fleet.proxy.reset_traffic();
            fleet.get(&path);
            counted.push(cost::of_functions(&fleet.proxy.reset_traffic()));
        }
        println!(
            "| {what} | {} | {} | {} |",
            counted[0].calls,
            counted[0].request_bytes + counted[0].response_bytes,
            counted[1].calls
        );
    }
}

/// Results of an imported history land in S3; each is compared with the one before it.
fn latency_and_throughput(fleet: &CloudFleet) {
    let configuration = CONFIGURATIONS[0];
    let total = 1 + TIMED_RESULTS + COLLECTORS * RESULTS_EACH;
    fleet.make_history_known(&results::history(total));
    let record = fleet.record(configuration);
    let put = |number: u32| {
        let (key, bytes) = results::result(configuration, &record, number);
        fleet.put_object(&key, &bytes);
    };
    let compared = || fleet.count_objects(&format!("comparisons/v1/{configuration}/"));
    put(0);
    std::thread::sleep(Duration::from_secs(5));
    let mut seconds = Vec::new();
    for number in 1..=TIMED_RESULTS {
        let before = compared();
        let started = Instant::now();
        put(number);
        wait_for(|| compared() > before);
        seconds.push(started.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    println!(
        "From the end of an upload to the comparison in S3: {:.1} s in the median of {TIMED_RESULTS}, \
         {:.1} to {:.1} s.",
        seconds[seconds.len() / 2],
        seconds[0],
        seconds[seconds.len() - 1]
    );
    let before = compared();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for collector in 0..COLLECTORS {
            let put = &put;
            scope.spawn(move || {
                for number in 0..RESULTS_EACH {
                    put(1 + TIMED_RESULTS + number * COLLECTORS + collector);
                }
            });
        }
    });
    let uploaded = started.elapsed().as_secs_f64();
    let wanted = (COLLECTORS * RESULTS_EACH) as usize;
    wait_for(|| compared() >= before + wanted);
    let all = started.elapsed().as_secs_f64();
    println!(
        "{wanted} results of {COLLECTORS} collectors at once: uploaded in {uploaded:.1} s, all \
         compared after {all:.1} s, {:.2} results a second.",
        wanted as f64 / all
    );
}

fn wait_for(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::sleep(Duration::from_millis(50));
    }
}
