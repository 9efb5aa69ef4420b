//! GitHub's webhook, as GitHub meets it.

use functions::Secret;
use functions::github::webhook::signature_of;

use crate::server::{Folders, Server, serve};

const SECRET: &str = "the secret of this very test";
const PING: &str = include_str!("../fixtures/github-webhooks/ping.json");

fn server(folders: &Folders) -> Server {
    std::fs::create_dir(folders.data()).unwrap();
    let document = "repositories = [\"rust-lang/rust\"]\n[permissions]\nrole = \"write\"\n";
    std::fs::write(folders.data().join("github.toml"), document).unwrap();
    let mut command = serve(&folders.data(), &folders.page());
    command
        .env("PERFLEET_GITHUB_WEBHOOK_SECRET", SECRET)
        .env("PERFLEET_LOG", "trace");
    Server::start_by(&mut command)
}

fn ping(server: &Server, path: &str, signature: &str) -> u16 {
    let headers = [
        ("x-github-event", "ping"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-hub-signature-256", signature),
        ("content-type", "application/json"),
    ];
    server.post_with(path, &headers, PING).status
}

#[test]
fn a_ping_is_answered_if_it_is_signed_and_the_secret_is_in_no_log() {
    let folders = Folders::new();
    let mut server = server(&folders);
    let signature = signature_of(&Secret::new(SECRET), PING.as_bytes()).unwrap();
    for path in ["/api/v1/github/webhook", "/write/api/v1/github/webhook"] {
        assert_eq!(ping(&server, path, &signature), 200, "{path}");
        assert_eq!(ping(&server, path, "sha256=00"), 401, "{path}");
    }
    assert!(server.terminate().success());
    let said = server.last_words();
    assert!(!said.is_empty() && !said.contains(SECRET), "{said}");
}

#[test]
fn a_server_that_knows_no_github_takes_no_webhook() {
    let folders = Folders::new();
    let server = folders.serve();
    assert_eq!(ping(&server, "/api/v1/github/webhook", "sha256=00"), 404);
}

#[test]
fn a_file_about_github_that_makes_no_sense_keeps_the_server_from_starting_and_says_why() {
    let folders = Folders::new();
    std::fs::create_dir(folders.data()).unwrap();
    std::fs::write(folders.data().join("github.toml"), "repositories = []").unwrap();
    let ended = serve(&folders.data(), &folders.page()).output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(
        said.contains("github.toml: `repositories` names none"),
        "{said}"
    );
}
