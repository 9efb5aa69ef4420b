//! A collector that nobody looks after: it is replaced while it runs, asked to begin anew, told to end,
//! and asked how it does.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use shared_types::Profile;

use crate::agent::{result, send};
use crate::collector_program::{CollectorProgram, ITERATIONS, ScriptedFleet};

const CHECK: [Profile; 1] = [Profile::Check];

/// The collector under a name of its own, which may be replaced.
fn installed(fleet: &ScriptedFleet) -> PathBuf {
    let installed = fleet.fixture.path("installed/collector");
    std::fs::create_dir_all(installed.parent().unwrap()).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_collector"), &installed).unwrap();
    installed
}

/// Puts a script in the place of a program, as an installation does: by its name.
fn replace(program: &Path, script: &str) {
    let new = program.with_extension("new");
    std::fs::write(&new, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&new, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::rename(&new, program).unwrap();
}

/// A script that says that it is newer and becomes the real collector.
fn newer_program() -> String {
    let real = env!("CARGO_BIN_EXE_collector");
    format!("echo 'the newer program' >&2\nexec '{real}' \"$@\"")
}

fn starts(collector: &CollectorProgram) -> usize {
    collector.said().matches("takes jobs").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_program_finishes_its_job_and_its_successor_takes_the_next() {
    let fleet = ScriptedFleet::new();
    let (first, second) = (fleet.job(1, &CHECK), fleet.job(2, &CHECK));
    let program = installed(&fleet);
    send(&fleet.ports, &first).await;
    fleet.hang_at(1);
    let mut collector = fleet.start_program(&program, &first, &[]);
    collector.wait_until(|| fleet.compilations(None) == 1);
    replace(&program, &newer_program());
    collector.wait_for("starting anew once no job is being worked on");
    send(&fleet.ports, &second).await;
    // What stands between the agent and the compiler is still the old program's.
    fleet.go_on();
    collector.wait_until(|| starts(&collector) == 2);
    let said = collector.said();
    // What it says when it is tried is not for the log.
    assert_eq!(said.matches("the newer program").count(), 1, "{said}");
    assert!(collector.is_running(), "the same process");
    let document = result(&fleet.ports, &first, 1).await.unwrap();
    assert_eq!(document.failures, []);
    assert_eq!(document.measurements.len(), 1);

    let stored = fleet.fixture.path("data/objects/results/v1");
    let stored = stored
        .join(second.configuration.as_str())
        .join(second.job.to_string());
    collector.wait_until(|| stored.join("1.json.zst").exists());
    assert_eq!(result(&fleet.ports, &second, 1).await.unwrap().failures, []);
    assert_eq!(fleet.compilations(None), 2 * ITERATIONS as usize);

    collector.signal(libc::SIGHUP);
    collector.wait_until(|| starts(&collector) == 3);
    collector.signal(libc::SIGTERM);
    assert!(collector.wait().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replacement_that_does_not_take_the_command_line_is_told_of_and_not_used() {
    let fleet = ScriptedFleet::new();
    let job = fleet.job(1, &CHECK);
    let program = installed(&fleet);
    let mut collector = fleet.start_program(&program, &job, &["--once"]);
    collector.wait_for("takes jobs");
    replace(&program, "echo 'unexpected argument --name' >&2; exit 2");
    collector.wait_for("the program was not replaced and goes on as it is");
    let said = collector.said();
    assert!(said.contains("unexpected argument --name"), "{said}");
    send(&fleet.ports, &job).await;
    assert!(collector.wait().success());
    assert!(result(&fleet.ports, &job, 1).await.is_some());
    assert_eq!(starts(&collector), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compiler_is_confined_by_the_second_name_of_the_program_as_by_its_first() {
    let fleet = ScriptedFleet::new();
    let job = fleet.job(1, &CHECK);
    send(&fleet.ports, &job).await;
    let mut collector = fleet.start_confining(&job, &["--once"]);
    assert!(collector.wait().success());
    let document = result(&fleet.ports, &job, 1).await.unwrap();
    assert_eq!(document.failures, [], "{}", collector.said());
    assert_eq!(document.measurements.len(), 1);
    let held = std::fs::metadata(fleet.fixture.path("work/tools/collector")).unwrap();
    let own = std::fs::metadata(env!("CARGO_BIN_EXE_collector")).unwrap();
    assert_eq!(held.len(), own.len());
}

#[test]
fn a_collector_that_cannot_end_in_good_order_ends_when_it_is_asked_twice() {
    let fleet = ScriptedFleet::new();
    let job = fleet.job(1, &CHECK);
    // Takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let mut collector = fleet.start(&job, &["--server", &url]);
    collector.wait_for("takes jobs");
    collector.signal(libc::SIGTERM);
    collector.wait_for("asked once more, it ends at once");
    if collector.is_running() {
        collector.signal(libc::SIGTERM);
    }
    collector.wait();
}

/// The value of a line of metrics.
fn value(text: &str, line: &str) -> Option<f64> {
    let mut lines = text.lines();
    lines.find_map(|found| found.strip_prefix(line)?.trim().parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitoring_system_sees_a_job_while_it_is_measured_and_when_it_is_done() {
    let fleet = ScriptedFleet::new();
    let job = fleet.job(1, &CHECK);
    let file = fleet.fixture.path("collector.prom");
    let options = [
        "--once",
        "--metrics-listen",
        "127.0.0.1:0",
        "--metrics-file",
    ];
    let options = [&options[..], &[file.to_str().unwrap()]].concat();
    send(&fleet.ports, &job).await;
    fleet.hang_at(ITERATIONS as usize);
    let mut collector = fleet.start(&job, &options);
    collector.wait_until(|| fleet.compilations(None) == ITERATIONS as usize);
    let said = collector.said();
    let url = said
        .split_whitespace()
        .find(|word| word.ends_with("/metrics"))
        .unwrap();
    let mut answer = ureq::get(url).call().unwrap();
    let media_type = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        media_type.starts_with("text/plain; version=0.0.4"),
        "{media_type}"
    );
    let text = answer.body_mut().read_to_string().unwrap();
    assert!(!text.contains("pft_"), "{text}");
    let of_job = format!("{{configuration=\"{}\"}}", job.configuration);
    let sample = |text: &str, name: &str| value(text, &format!("perfleet_collector_{name}"));
    assert_eq!(sample(&text, "job_running"), Some(1.0), "{text}");
    let done = sample(&text, &format!("job_compilations_done{of_job}"));
    assert_eq!(done, Some(f64::from(ITERATIONS - 1)), "{text}");
    let all = sample(&text, &format!("job_compilations{of_job}"));
    assert_eq!(all, Some(f64::from(ITERATIONS)), "{text}");
    assert!(sample(&text, "disk_free_bytes").unwrap() > 0.0);
    assert!(sample(&text, "last_contact_timestamp_seconds").unwrap() > 1e9);

    fleet.go_on();
    assert!(collector.wait().success());
    let text = std::fs::read_to_string(&file).unwrap();
    let of = |labels: &str| format!("{{configuration=\"{}\",{labels}}}", job.configuration);
    let delivered = sample(&text, &format!("jobs_total{}", of("outcome=\"delivered\"")));
    assert_eq!(delivered, Some(1.0), "{text}");
    let measured = sample(&text, &format!("units_total{}", of("origin=\"measured\"")));
    assert_eq!(measured, Some(1.0), "{text}");
    assert_eq!(sample(&text, "job_running"), Some(0.0), "{text}");
    assert_eq!(sample(&text, "spool_objects"), Some(0.0), "{text}");
    assert!(sample(&text, "measuring_seconds_total").unwrap() > 0.0);
}
