//! Nothing of a local AWS is left when it ends, however it ends.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod client;
mod function;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use localstack::Emulator;
use serde_json::json;

use client::Client;

/// What takes longer will not happen.
const END_SECONDS_MAX: u64 = 60;

/// `localstack run`, whose emulator keeps everything in `folder`; and what it says.
fn run(folder: &Path) -> (Child, Vec<String>) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_localstack"))
        .args(["run", "--emulator", Emulator::chosen().unwrap().name()])
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = Vec::new();
    for line in BufReader::new(process.stdout.take().unwrap()).lines() {
        lines.push(line.unwrap());
        if lines.last().unwrap().starts_with("http://") {
            break;
        }
    }
    (process, lines)
}

/// Lets the emulator start everything that it starts only when it is needed.
fn use_tables_and_functions(endpoint: &str) {
    let client = Client::new(endpoint, "000000000501");
    let tables = client.dynamodb("ListTables", &json!({}));
    assert_eq!(tables.json()["TableNames"], json!([]));
    function::create(&client, "idle", &json!({}));
    let echo = function::invoke(&client, "idle", &json!({"do": "echo"}));
    assert_eq!(echo.json(), json!({"echo": {"do": "echo"}}));
}

/// Processes that live in `folder`: each emulator, and whatever it starts, has it in its
/// environment.
fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let numbered = entries.filter(|entry| entry.path().join("environ").exists());
    numbered
        .filter(|entry| {
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            String::from_utf8_lossy(&environment).contains(folder)
        })
        .map(|entry| {
            let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&command).replace('\0', " ")
        })
        .collect()
}

fn wait_until_nothing_is_left(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(END_SECONDS_MAX);
    loop {
        let processes = processes_of(folder);
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().collect();
        if processes.is_empty() && files.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "left: {processes:?} {files:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn it_says_what_it_is_and_ends_with_its_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let (mut process, lines) = run(folder.path());
    let name = Emulator::chosen().unwrap().name();
    assert!(lines[0].to_lowercase().contains(name), "{lines:?}");
    use_tables_and_functions(lines.last().unwrap());
    assert!(processes_of(folder.path()).len() >= 3);
    drop(process.stdin.take());
    assert!(process.wait().unwrap().success());
    wait_until_nothing_is_left(folder.path());
}

#[test]
fn it_ends_with_a_parent_that_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut process, lines) = run(folder.path());
    use_tables_and_functions(lines.last().unwrap());
    process.kill().unwrap();
    process.wait().unwrap();
    wait_until_nothing_is_left(folder.path());
}

#[test]
fn a_name_that_is_no_emulator_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_localstack"))
        .args(["run", "--emulator", "moto"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`moto` is no emulator"), "{said}");
}
