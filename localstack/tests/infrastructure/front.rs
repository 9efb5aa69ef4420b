//! The CDN: the paths and headers of `perfleet serve`.

use std::process::Command;

use crate::terraform_files::{attribute, block, checkout, folder, text, written};

/// Runs a function of the CDN on a request, and returns what it makes of it.
fn rewritten(file: &str, method: &str, uri: &str) -> serde_json::Value {
    let event = serde_json::json!({"request": {"method": method, "uri": uri, "headers": {}}});
    let script = format!(
        "{}\nconsole.log(JSON.stringify(handler({event})))",
        text(&format!("infra/modules/cdn/{file}"))
    );
    let node = std::env::var_os("PERFLEET_TEST_NODE").unwrap_or_else(|| "node".into());
    let output = Command::new(node).args(["-e", &script]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn an_address_of_the_page_is_answered_with_the_page_and_a_file_with_itself() {
    let page = |uri| rewritten("page_addresses.js", "GET", uri)["uri"].clone();
    for address in [
        "/",
        "/compare",
        "/compare/release-1.94.0..release-1.95.0",
        "/requests/0199b5f0-0000-7000-8000-000000000000",
        "/graphs/",
    ] {
        assert_eq!(page(address), "/index.html", "{address}");
    }
    for file in [
        "/icon.svg",
        "/missing.js",
        "/frontend-63bf05e1399ba2a5_bg.wasm",
        "/uplot-1.6.32/uPlot.iife.min.js",
    ] {
        assert_eq!(page(file), file);
    }
}

#[test]
fn the_endings_that_are_files_are_those_of_the_server() {
    let server = text("functions/src/site/page.rs");
    let (_, arms) = server.split_once("fn content_type(").unwrap();
    let (arms, _) = arms.split_once("_ => (").unwrap();
    let mut known: Vec<&str> = Vec::new();
    for line in arms.lines().filter(|line| line.contains("Some(\"")) {
        let (endings, _) = line.split_once("=>").unwrap();
        known.extend(endings.split('"').skip(1).step_by(2));
    }
    assert!(known.len() > 8, "{known:?}");
    let script = text("infra/modules/cdn/page_addresses.js");
    let (_, endings) = script.split_once("var ENDINGS = [").unwrap();
    let (endings, _) = endings.split_once("];").unwrap();
    let mut ours: Vec<&str> = endings.split('\'').skip(1).step_by(2).collect();
    known.sort_unstable();
    ours.sort_unstable();
    assert_eq!(ours, known);
}

#[test]
fn a_write_reaches_the_api_under_the_apis_own_path_and_a_read_does_not_pass_by_the_cache() {
    let written = rewritten("write_path.js", "POST", "/write/api/v1/requests");
    assert_eq!(written["uri"], "/api/v1/requests");
    let refused = rewritten("write_path.js", "GET", "/write/api/v1/status");
    assert_eq!(refused["statusCode"], 405);
}

#[test]
fn the_page_may_do_what_the_server_lets_it_do() {
    let server = text("functions/src/site/security.rs");
    let (_, policy) = server.split_once("pub(super) fn policy").unwrap();
    let (policy, _) = policy.split_once("\n}\n").unwrap();
    let (_, policy) = policy.rsplit_once("format!(").unwrap();
    let (policy, _) = policy.split_once("\n    )").unwrap();
    let policy = policy.trim().trim_matches('"').replace("\\\n", "");
    let directives = |text: &str| -> Vec<String> {
        text.split(';')
            .map(|directive| directive.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    let cdn = text("infra/modules/cdn/response_headers.tf");
    let (_, ours) = cdn.split_once("join(\"; \", [").unwrap();
    let (ours, _) = ours.split_once("])").unwrap();
    let ours: Vec<&str> = ours.split('"').skip(1).step_by(2).collect();
    let ours = ours.join(";").replace("${local.script_hashes}", "{hashes}");
    assert_eq!(directives(&ours), directives(&policy));
    for (header, setting) in [
        ("\"nosniff\"", "content_type_options"),
        ("\"same-origin\"", "referrer_policy"),
        ("\"DENY\"", "frame_options"),
    ] {
        assert!(server.contains(header));
        assert!(cdn.contains(setting), "{setting}");
    }
}

#[test]
fn the_data_is_kept_as_long_as_the_server_says() {
    let server = text("functions/src/site.rs");
    let headers = text("infra/modules/cdn/response_headers.tf");
    for cache in [
        "public, max-age=31536000, immutable",
        "public, max-age=0, s-maxage=2, must-revalidate",
    ] {
        assert!(server.contains(cache), "{cache}");
        assert!(headers.contains(cache), "{cache}");
    }
}

#[test]
fn the_cdn_knows_the_servers_paths_and_prefers_manifests_to_blocks() {
    let cdn = folder("modules/cdn");
    let distribution = block(&cdn, "resource", &["aws_cloudfront_distribution", "this"]);
    let paths: Vec<String> = distribution
        .body
        .blocks()
        .filter(|block| block.identifier() == "ordered_cache_behavior")
        .map(|block| written(attribute(block, "path_pattern")).replace('"', ""))
        .collect();
    assert_eq!(
        paths,
        [
            "/api/*",
            "/write/*",
            "/series/v1/*/manifest.json",
            "/series/*",
            "/self-profile/*"
        ]
    );
    // An answer to errors would turn the API's errors into pages.
    let blocks = distribution.body.blocks();
    assert!(
        blocks
            .into_iter()
            .all(|block| block.identifier() != "custom_error_response")
    );
    assert!(checkout("infra/modules/cdn/write_path.js").is_file());
}
