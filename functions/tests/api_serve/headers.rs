//! What a browser is told, and what it is not given.

use std::io::{Read, Write};
use std::net::TcpStream;

use shared_types::ObjectKey;
use store::http::HttpPorts;

use crate::server::Folders;

#[test]
fn the_page_is_given_with_a_strict_policy_and_nothing_from_elsewhere() {
    let folders = Folders::new();
    let server = folders.serve();
    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("http"),
        "{policy}"
    );
}

#[test]
fn an_address_that_the_page_routes_is_answered_with_the_page() {
    let folders = Folders::new();
    let server = folders.serve();
    let page = server.get("/").text();
    assert_eq!(server.get("/compare?base=a&head=b").text(), page);
    let html = [("accept", "text/html")];
    assert_eq!(
        server.get_with("/compare/release-1.95.0", &html).text(),
        page
    );
    assert_eq!(server.get("/missing.js").status, 404);
}

#[test]
fn a_file_is_known_by_its_tag_and_compressed_for_who_takes_it() {
    let folders = Folders::new();
    let server = folders.serve();
    let path = "/page-0123456789abcdef_bg.wasm";
    let plain = server.get_with(path, &[("accept-encoding", "identity")]);
    assert_eq!(plain.header("content-type"), Some("application/wasm"));
    assert_eq!(
        plain.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(plain.body.len(), 5000);
    let compressed = server.get_with(path, &[("accept-encoding", "gzip")]);
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    let known = [("if-none-match", plain.header("etag").unwrap())];
    let unchanged = server.get_with(path, &known);
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
}

#[test]
fn the_api_is_answered_with_its_headers() {
    let folders = Folders::new();
    let server = folders.serve();
    let answer = server.get("/api/v1/openapi.json");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let known = [("if-none-match", answer.header("etag").unwrap())];
    assert_eq!(server.get_with("/api/v1/openapi.json", &known).status, 304);
    let compressed = server.get_with("/api/v1/openapi.json", &[("accept-encoding", "gzip")]);
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert!(compressed.body.len() < answer.body.len());

    let lost = server.get("/api/v1/nothing");
    assert_eq!(lost.status, 404);
    assert_eq!(
        lost.header("content-type"),
        Some("application/problem+json")
    );
}

#[test]
fn nothing_outside_of_the_page_is_given_away() {
    let folders = Folders::new();
    std::fs::create_dir_all(folders.data()).unwrap();
    let server = folders.serve();
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/a/../../secret.txt",
        "//secret.txt",
        "/series/v1/../../index.sqlite3",
        "/series/v1/%2e%2e/index.sqlite3",
        "/../data/index.sqlite3",
        "/logs/v1/0190163d-8694-739b-aea5-966c26f8ad91/1.log.zst",
    ] {
        // By hand, since a decent client would tidy the path up.
        let answer = raw_get(&server.url, path);
        assert!(
            !answer.contains("secret") && !answer.contains("SQLite"),
            "{path}: {answer}"
        );
    }
}

fn raw_get(url: &str, path: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_page_that_was_not_built_says_how_to_build_it() {
    let folders = Folders::new();
    std::fs::remove_dir_all(folders.page()).unwrap();
    let server = folders.serve();
    let answer = server.get("/");
    assert_eq!(answer.status, 503);
    assert!(
        answer.text().contains("cargo xtask page"),
        "{}",
        answer.text()
    );
    assert_eq!(server.get("/api/v1/status").status, 200);
}

#[test]
fn a_write_without_token_is_refused_and_one_with_the_first_token_is_done() {
    let folders = Folders::new();
    let server = folders.serve();
    let body = r#"{"id":"zen4","record":{"target":"x86_64-unknown-linux-gnu",
        "hardware_model":"test host","backend":"llvm","frontend_threads":1},"tier":"gating"}"#;
    let path = "/api/v1/configurations";
    assert_eq!(server.post(path, None, body).status, 401);
    assert_eq!(server.post("/", None, body).status, 405);
    let token = server.token();
    let answer = server.post(path, Some(&token), body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(server.get(path).text().contains("zen4"));
}

#[test]
fn a_collector_on_another_host_reaches_queues_and_objects_with_a_token() {
    let folders = Folders::new();
    let server = folders.serve();
    let key: ObjectKey = "suite/v1/00112233445566778899aabbccddeeff".parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let put_and_get = |token: &str| {
        let ports = HttpPorts::new(&server.url, token).into_ports();
        runtime.block_on(async {
            ports.objects.put_once(&key, b"catalogue").await?;
            ports.objects.get(&key).await
        })
    };
    let (bytes, _) = put_and_get(&server.token()).unwrap().unwrap();
    assert_eq!(bytes, b"catalogue");
    let refused = put_and_get("pft_other").unwrap_err().to_string();
    assert!(refused.contains("not known or was revoked"), "{refused}");
}
