//! What comes in over the network, and by the queues: nothing of it is the server's own fault.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use functions::api::credentials::issue_token;
use functions::api::{ApiRequest, PREFIX, ROUTES, handle};
use functions::clock::ManualClock;
use functions::github::commands;
use functions::{Context, RandomSource, Settings, SystemRandom, messages, serve};
use percent_encoding::percent_decode_str;
use shared_types::api::Problem;
use store::embedded::EmbeddedStore;
use store::http::contract::{Answer, Operation};
use store::{CollectorPorts, QueueName, TokenRole};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::documents::golden;
use crate::{assert_says_why, texts};

/// How many inputs one store takes before the next is made: it remembers, and what it remembers
/// must not grow for ever.
const CALLS_OF_ONE_WORLD: u32 = 1_000;

/// A server with nothing measured yet.
struct World {
    runtime: Runtime,
    context: Context,
    admin: String,
    calls: u32,
    // Removed when the thread ends.
    _folder: TempDir,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let clock = Arc::new(ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap()));
        let settings = Settings {
            policy_file: Some(folder.path().join("policy.toml")),
            ..Settings::default()
        };
        let store = EmbeddedStore::open(folder.path()).unwrap();
        let context = Context::with_sources(store, settings, clock, Arc::new(SystemRandom));
        let mut random = [0; 32];
        SystemRandom.fill(&mut random).unwrap();
        let index = context.store.index.as_ref();
        let token = issue_token(index, "ada", TokenRole::Admin, &random, context.now());
        let admin = runtime.block_on(token).unwrap();
        Self {
            runtime,
            context,
            admin,
            calls: 0,
            _folder: folder,
        }
    }
}

/// Does something in the world of this thread.
fn in_world(act: impl FnOnce(&World)) {
    WORLD.with_borrow_mut(|world| {
        if world
            .as_ref()
            .is_some_and(|world| world.calls >= CALLS_OF_ONE_WORLD)
        {
            *world = None;
        }
        let world = world.get_or_insert_with(World::new);
        world.calls += 1;
        act(world);
    });
}

/// A request as text: `METHOD PATH?QUERY`, lines `NAME: VALUE`, an empty line, the body. Whatever
/// is asked, the answer is no failure of the server, and a refusal says why.
pub(crate) fn api_request(bytes: &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let Some((method, address)) = lines.next().and_then(|line| line.split_once(' ')) else {
        return;
    };
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    // It waits for messages, and has an entry of its own.
    if percent_decode_str(path)
        .decode_utf8_lossy()
        .contains("collector-ports")
    {
        return;
    }
    in_world(|world| {
        let mut request = ApiRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: body.to_vec(),
            ..ApiRequest::default()
        };
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            match name {
                "token" if value == "admin" => request.token = Some(world.admin.clone()),
                "token" => request.token = Some(value.to_owned()),
                "if-none-match" => request.if_none_match = Some(value.to_owned()),
                "accept-encoding" => request.accepts_gzip = value.contains("gzip"),
                _ => {}
            }
        }
        let response = world.runtime.block_on(handle(&world.context, &request));
        assert!(response.status < 500, "{request:?}: {response:?}");
        if response.status >= 400 {
            let problem: Problem = serde_json::from_slice(&response.body).unwrap();
            assert_eq!(problem.status, response.status);
            assert_says_why(&problem.detail);
        }
    });
}

/// Every route, and bodies for some.
pub(crate) fn api_request_seeds() -> Vec<Vec<u8>> {
    let routes = ROUTES.iter().map(|route| {
        let query: Vec<String> = route
            .parameters
            .iter()
            .map(|name| format!("{name}=1"))
            .collect();
        let path = route
            .pattern
            .replace("{base}..{head}", "release-1.94.0..release-1.95.0")
            .replace("{pair}", "release-1.94.0..release-1.95.0")
            .replace("{artifact}", "release-1.95.0")
            .replace("{id}", "0190163d-8694-739b-aea5-966c26f8ad91");
        format!(
            "{} {PREFIX}{path}?{}\ntoken: admin\n\n{{}}",
            route.method,
            query.join("&")
        )
        .into_bytes()
    });
    let with_bodies = texts([
        "GET /api/v1/comparisons/release-1.94.0..release-1.95.0%232?configuration=c&metric=wall-time&method=perfleet\nif-none-match: W/\"00\"\naccept-encoding: gzip\n\n",
        "POST /api/v1/configurations\ntoken: admin\n\n{\"id\":\"c\",\"record\":{\"target\":\"x86_64-unknown-linux-gnu\",\"hardware_model\":\"m\",\"backend\":\"llvm\",\"frontend_threads\":1},\"tier\":\"gating\"}",
        "POST /api/v1/requests\ntoken: admin\n\n{\"base\":\"release-1.94.0\",\"head\":\"release-1.95.0\",\"configurations\":[\"c\"],\"iterations\":3,\"time_limit_s\":60,\"priority\":1}",
        "POST /api/v1/artifacts\ntoken: admin\n\n[{\"id\":\"release-1.95.0\",\"commit_date\":\"2026-04-14T00:00:00Z\",\"history\":{\"line\":\"releases\",\"ordinal\":1950}}]",
        "POST /api/v1/collectors/one/drain\ntoken: nobody\n\n{\"draining\":true}",
    ]);
    routes.chain(with_bodies).collect()
}

/// What a collector on another host asks for. The server answers in the same format, and nothing
/// that is asked is its own failure.
pub(crate) fn collector_ports(json: &[u8]) {
    if let Ok(answer) = serde_json::from_slice::<Answer>(json) {
        let written = serde_json::to_vec(&answer).unwrap();
        assert_eq!(
            serde_json::from_slice::<Answer>(&written).ok(),
            Some(answer)
        );
    }
    let mut operation = match serde_json::from_slice::<Operation>(json) {
        Ok(operation) => operation,
        Err(refusal) => return assert_says_why(&refusal),
    };
    let written = serde_json::to_vec(&operation).unwrap();
    assert_eq!(
        serde_json::from_slice::<Operation>(&written).ok().as_ref(),
        Some(&operation)
    );
    if let Operation::Receive { wait_ms, .. } = &mut operation {
        *wait_ms = 0;
    }
    let json = serde_json::to_vec(&operation).unwrap();
    in_world(|world| {
        let ports = CollectorPorts {
            queue: world.context.store.queue.clone(),
            objects: world.context.store.objects.clone(),
        };
        let answer = store::http::dispatch(&ports, operation.route(), &json);
        let answer = world.runtime.block_on(answer).unwrap();
        let _: Answer = serde_json::from_slice(&answer).unwrap();
    });
}

pub(crate) fn collector_ports_seeds() -> Vec<Vec<u8>> {
    texts([
        r#"{"operation":"send","queue":{"kind":"jobs","configuration":"c"},"body":"{}"}"#,
        r#"{"operation":"receive","queue":{"kind":"jobs","configuration":"c"},"limit":10,"lease_ms":300000,"wait_ms":0}"#,
        r#"{"operation":"receive","queue":{"kind":"events"},"limit":18446744073709551615,"lease_ms":18446744073709551615,"wait_ms":0}"#,
        r#"{"operation":"extend","queue":{"kind":"jobs","configuration":"c"},"receipt":"1-1","lease_ms":300000}"#,
        r#"{"operation":"delete","queue":{"kind":"ingest"},"receipt":"1"}"#,
        r#"{"operation":"reject","queue":{"kind":"compare"},"delivery":{"receipt":"1","body":"x","receive_count":1},"reason":"why"}"#,
        r#"{"operation":"depth","queue":{"kind":"github"}}"#,
        r#"{"operation":"put-once","key":"results/v1/c/0190163d-8694-739b-aea5-966c26f8ad91/1.json.zst","bytes":"AAEC"}"#,
        r#"{"operation":"put-many-once","objects":[{"key":"suite/v1/00112233445566778899aabbccddeeff","bytes":""}]}"#,
        r#"{"operation":"replace","key":"series/v1/c/manifest.json","expected":"x","bytes":"e30="}"#,
        r#"{"operation":"get","key":"series/v1/c/manifest.json"}"#,
        r#"{"operation":"list","prefix":"results/v1/","after":"results/v1/c","limit":100}"#,
        r#"{"answer":"deliveries","deliveries":[{"receipt":"1","body":"x","receive_count":1}]}"#,
        r#"{"answer":"failed","failure":{"kind":"conflict","id":"1","reason":"why"}}"#,
        r#"{"answer":"object","object":{"bytes":"AAEC","tag":"t"}}"#,
    ])
}

/// A message of the queue that the first line names. It is handled or kept aside with its reason:
/// it does not come again for ever.
pub(crate) fn function_message(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some((queue, body)) = text.split_once('\n') else {
        return;
    };
    let Ok(
        queue @ (QueueName::Events | QueueName::Ingest | QueueName::Compare | QueueName::Github),
    ) = queue.parse::<QueueName>()
    else {
        return;
    };
    in_world(|world| {
        let queues = &world.context.store.queue;
        world.runtime.block_on(async {
            queues.send(&queue, body).await.unwrap();
            let lease = Duration::from_secs(300);
            let received = queues
                .receive(&queue, 10, lease, Duration::ZERO)
                .await
                .unwrap();
            for delivery in received {
                let handled = messages::handle(&world.context, &queue, &delivery).await;
                assert!(handled.is_ok(), "{queue}: {body}: {handled:?}");
                queues.delete(&queue, &delivery.receipt).await.unwrap();
            }
        });
    });
}

pub(crate) fn function_message_seeds() -> Vec<Vec<u8>> {
    let goldens: [(&str, &[u8]); 7] = [
        ("events", golden!("event")),
        ("events", golden!("event-of-a-job")),
        ("events", golden!("event-of-a-request")),
        ("compare", golden!("run-completed")),
        ("github", golden!("comparison-made")),
        ("github", golden!("github-notice")),
        ("github", golden!("request-to-tell")),
    ];
    let mut seeds: Vec<Vec<u8>> = goldens
        .iter()
        .map(|(queue, golden)| [queue.as_bytes(), b"\n", golden].concat())
        .collect();
    for event in crate::storage::storage_event_seeds() {
        seeds.push([&b"ingest\n"[..], &event].concat());
    }
    seeds
}

/// A comment of a pull request: its commands ask for what can be asked for.
pub(crate) fn request_comment(bytes: &[u8]) {
    let comment = String::from_utf8_lossy(bytes);
    let names = ["rust-timer".to_owned(), "perfleet".to_owned()];
    for command in commands(&comment, &names) {
        match command {
            Ok(command) => {
                let runs = command.options.runs;
                assert!(runs.is_none_or(|count| (1..=50).contains(&count)));
            }
            Err(refusal) => assert_says_why(&refusal),
        }
    }
}

pub(crate) fn request_comment_seeds() -> Vec<Vec<u8>> {
    texts([
        "@bors try @rust-timer queue",
        "@Rust-Timer queue include=syn-2.0.119,serde-1.0.228 exclude=a profiles=check,Opt scenarios=full runs=3",
        "@perfleet build https://github.com/rust-lang/rust/commit/5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0 configurations=stage1-O3",
        "> @rust-timer queue\n```\n@perfleet queue\n```\n@rust-timer queue runs=0",
    ])
}

/// The path of a file of the page stays inside of the page's folder.
pub(crate) fn page_path(bytes: &[u8]) {
    let path = String::from_utf8_lossy(bytes);
    if let Some(file) = serve::file_of_page(&path) {
        assert!(file.is_relative() && !file.as_os_str().is_empty());
        for part in file.components() {
            assert!(matches!(part, std::path::Component::Normal(_)), "{file:?}");
        }
    }
}

pub(crate) fn page_path_seeds() -> Vec<Vec<u8>> {
    texts([
        "/",
        "/index.html",
        "/assets%2Fapp-0123.js",
        "/a/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc",
        "//etc",
        "/a/./b%00",
    ])
}
