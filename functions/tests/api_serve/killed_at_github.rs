//! The server is killed after GitHub has written a comment and before it says so: the one moment at which
//! nobody but GitHub knows of the comment.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use functions::Secret;
use functions::github::webhook::signature_of;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::server::{Folders, Server, serve};

const SECRET: &str = "the secret of this very test";
const EXAMPLE: &str = include_str!("../fixtures/github-webhooks/issue_comment-created.json");
/// How long anything may take before the test gives up. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(120);
/// The id that GitHub gives to our comment.
const OURS: u64 = 4001;

/// What GitHub holds and was asked for.
#[derive(Default)]
struct State {
    comments: Vec<String>,
    edits: usize,
    /// Whether it keeps its answer to itself when it has written a comment.
    is_silent: bool,
}

/// A GitHub on this machine, of which somebody may comment on one pull request.
struct LocalGitHub {
    url: String,
    state: Arc<Mutex<State>>,
    /// Is told of each comment that was written or edited.
    changed: mpsc::Receiver<()>,
}

impl LocalGitHub {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            is_silent: true,
            ..State::default()
        }));
        let (tell, changed) = mpsc::channel();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (state, tell) = (Arc::clone(&shared), tell.clone());
                // One call may wait for ever, and others may not.
                std::thread::spawn(move || answer(stream, &state, &tell));
            }
        });
        Self {
            url,
            state,
            changed,
        }
    }

    fn wait_for_change(&self, what: &str) {
        let changed = self.changed.recv_timeout(PATIENCE);
        changed.unwrap_or_else(|_| panic!("GitHub waited in vain for {what}"));
    }
}

/// Answers one call, and closes the connection.
fn answer(stream: TcpStream, state: &Mutex<State>, changed: &mpsc::Sender<()>) {
    let Some((call, body)) = read_call(&stream) else {
        return;
    };
    let is_written = call.starts_with("POST ") && call.ends_with("/issues/12/comments");
    let answer = {
        let mut state = state.lock().unwrap();
        respond(&call, &body, &mut state)
    };
    let is_silent = is_written && state.lock().unwrap().is_silent;
    if is_written || call.starts_with("PATCH ") {
        // The test may be over.
        let _ = changed.send(());
    }
    if is_silent {
        // Until the other side is gone.
        let _ = (&stream).read(&mut [0; 1]);
        return;
    }
    let (status, text) = (answer.0, answer.1.to_string());
    let _ = write!(
        &stream,
        "HTTP/1.1 {status} Fine\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{text}",
        text.len()
    );
}

/// The method with the path, and the body.
fn read_call(stream: &TcpStream) -> Option<(String, Value)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let path = target.split('?').next()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Some((format!("{method} {path}"), body))
}

fn respond(call: &str, body: &Value, state: &mut State) -> (u16, Value) {
    let text = || body["body"].as_str().unwrap_or_default().to_owned();
    let shown = |text: &str| {
        json!({
            "id": OURS,
            "node_id": "node",
            "body": text,
            "user": { "login": "our-app[bot]" },
            "updated_at": "2099-01-01T00:00:00Z",
        })
    };
    match call.split_once(" /repos/rust-lang/rust/") {
        Some(("POST", "issues/12/comments")) => {
            state.comments.push(text());
            (201, shown(&text()))
        }
        Some(("GET", "issues/12/comments")) => {
            let all = state.comments.iter().map(|text| shown(text));
            (200, all.collect())
        }
        Some(("PATCH", path)) if path == format!("issues/comments/{OURS}") => {
            state.edits += 1;
            state.comments[0] = text();
            (200, shown(&text()))
        }
        Some(("GET", "collaborators/ada/permission")) => {
            (200, json!({ "permission": "write", "role_name": "write" }))
        }
        _ => (404, json!({ "message": "Not Found" })),
    }
}

fn start(folders: &Folders) -> Server {
    let mut command = serve(&folders.data(), &folders.page());
    command
        .env("PERFLEET_GITHUB_WEBHOOK_SECRET", SECRET)
        .env("PERFLEET_GITHUB_TOKEN", "ghp_of_this_very_test");
    Server::start_by(&mut command)
}

/// Has GitHub tell of a comment that asks for what nobody can do, which is told in a reply.
fn tell_of_comment(server: &Server) {
    let mut payload: Value = serde_json::from_str(EXAMPLE).unwrap();
    payload["issue"]["number"] = json!(12);
    payload["issue"]["pull_request"] = json!({ "url": "https://api.github.com/pulls/12" });
    payload["comment"]["id"] = json!(7);
    payload["comment"]["body"] = json!("@perfleet queu");
    payload["comment"]["user"]["login"] = json!("ada");
    // What is older than a month is left alone.
    payload["comment"]["created_at"] = json!(jiff::Timestamp::now());
    payload["repository"]["full_name"] = json!("rust-lang/rust");
    let body = payload.to_string();
    let signature = signature_of(&Secret::new(SECRET), body.as_bytes()).unwrap();
    let headers = [
        ("x-github-event", "issue_comment"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-hub-signature-256", &signature),
        ("content-type", "application/json"),
    ];
    let answer = server.post_with("/api/v1/github/webhook", &headers, &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains("ignored"), "{}", answer.text());
}

/// Our posts on the pull request, as the index has them.
fn posts(data: &Path) -> Vec<Value> {
    let index = Connection::open(data.join("index.sqlite3")).unwrap();
    let json: String = index
        .query_row("SELECT json FROM pull_requests", [], |row| row.get(0))
        .unwrap();
    let record: Value = serde_json::from_str(&json).unwrap();
    record["posts"].as_array().unwrap().clone()
}

/// Makes it as if the two minutes had gone by for which the killed server had the message and the comment
/// to itself.
fn let_leases_end(data: &Path) {
    let queue = Connection::open(data.join("queue.sqlite3")).unwrap();
    let freed = queue
        .execute(
            "UPDATE messages SET visible_at = 0 WHERE queue = 'github'",
            [],
        )
        .unwrap();
    assert_eq!(freed, 1, "the message that the killed server was at");
    let index = Connection::open(data.join("index.sqlite3")).unwrap();
    let freed = index
        .execute(
            "UPDATE pull_requests
             SET json = json_set(json, '$.posts[0].claimed_until', '2020-01-01T00:00:00Z')",
            [],
        )
        .unwrap();
    assert_eq!(freed, 1);
}

#[test]
fn a_server_that_is_killed_before_github_says_that_a_comment_is_there_finds_it_and_writes_no_second()
 {
    let github = LocalGitHub::start();
    let folders = Folders::new();
    std::fs::create_dir(folders.data()).unwrap();
    let document = format!(
        "repositories = [\"rust-lang/rust\"]\nown_login = \"our-app[bot]\"\napi_url = \"{}\"\n\
         [permissions]\nrole = \"write\"\n",
        github.url
    );
    std::fs::write(folders.data().join("github.toml"), document).unwrap();
    let mut server = start(&folders);
    tell_of_comment(&server);
    github.wait_for_change("our comment");

    server.kill();
    let [unmarked] = posts(&folders.data()).try_into().unwrap();
    assert!(unmarked["comment"].is_null(), "{unmarked}");
    assert!(!unmarked["claimed_until"].is_null(), "{unmarked}");
    let_leases_end(&folders.data());
    github.state.lock().unwrap().is_silent = false;
    let mut server = start(&folders);
    github.wait_for_change("the comment to be edited");

    assert!(server.terminate().success());
    let state = github.state.lock().unwrap();
    assert_eq!(state.comments.len(), 1, "{:?}", state.comments);
    assert_eq!(state.edits, 1);
    assert!(state.comments[0].contains("did you mean `queue`?"));
    let [marked] = posts(&folders.data()).try_into().unwrap();
    assert_eq!(marked["comment"], json!(OURS), "{marked}");
    assert!(marked["claimed_until"].is_null(), "{marked}");
}
