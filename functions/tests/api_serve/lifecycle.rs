//! How a server starts, ends, and is refused.

use std::net::TcpListener;

use crate::server::{Folders, serve};

#[test]
fn the_first_start_shows_a_token_and_no_later_one_does() {
    let folders = Folders::new();
    let mut server = folders.serve();
    let token = server.token();
    assert!(server.terminate().success());
    let said = server.last_words();
    assert!(said.contains("shown this once"), "{said}");
    assert_eq!(said.matches("pft_").count(), 1, "{said}");

    let mut server = folders.serve();
    let retry = "/api/v1/jobs/0190163d-8694-739b-aea5-966c26f8ad91/retry";
    assert_eq!(server.post(retry, Some(&token), "").status, 404);
    assert_eq!(server.post(retry, Some("pft_other"), "").status, 401);
    assert!(server.terminate().success());
    let said = server.last_words();
    assert!(!said.contains("pft_"), "{said}");
}

#[test]
fn the_address_is_written_down_while_the_server_runs() {
    let folders = Folders::new();
    let file = folders.data().join("server-address");
    let mut server = folders.serve();
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), server.url);
    assert!(server.terminate().success());
    assert!(!file.exists());
}

#[test]
fn a_monitoring_system_reads_what_waits_and_what_is_stuck() {
    let folders = Folders::new();
    let server = folders.serve();
    let answer = server.get("/metrics");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let media_type = answer.header("content-type").unwrap();
    assert!(
        media_type.starts_with("text/plain; version=0.0.4"),
        "{media_type}"
    );
    let text = answer.text();
    for queue in ["events", "ingest", "compare", "github"] {
        let line = format!("\nperfleet_dead_letters{{queue=\"{queue}\"}} 0\n");
        assert!(text.contains(&line), "{line}: {text}");
    }
    assert!(!text.contains("pft_"), "{text}");
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let folders = Folders::new();
    let server = folders.serve();
    let second = serve(&folders.data(), &folders.page()).output().unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("another `perfleet serve` works on"), "{said}");
    assert!(said.contains(&server.url), "{said}");
    assert_eq!(server.get("/api/v1/status").status, 200);
}

#[test]
fn a_killed_server_is_followed_by_another_on_the_same_folder() {
    let folders = Folders::new();
    let mut first = folders.serve();
    let token = first.token();
    let artifacts = r#"[{"id":"release-1.95.0"}]"#;
    let written = first.post("/api/v1/artifacts", Some(&token), artifacts);
    assert_eq!(written.status, 200, "{}", written.text());
    first.kill();

    let second = folders.serve();
    let kept = second.get("/api/v1/artifacts/release-1.95.0");
    assert_eq!(kept.status, 200, "{}", kept.text());
}

#[test]
fn a_port_that_is_taken_names_the_flag_that_changes_it() {
    let folders = Folders::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_perfleet"))
        .args(["serve", "--listen", &address, "--data-dir"])
        .arg(folders.data())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains(&format!("cannot listen on {address}")),
        "{said}"
    );
    assert!(said.contains("--listen 127.0.0.1:0"), "{said}");
}
