//! From a request to its comment, through every function, each message delivered twice.

use std::io::Read;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use functions::api::credentials;
use localstack::FunctionHost;
use serde_json::{Value, json};
use shared_types::RequestId;
use shared_types::comparison::Verdict;
use shared_types::request::RequestState;
use store::{QueueName, TokenRole};

use crate::fleet::{Fleet, batch, log_lines, schedule};
use crate::world::{BASE, HEAD, ONE, TWO, document};

/// How often everything is moved on at most.
const ROUNDS_MAX: u32 = 100;
/// What lands in the bucket takes a moment to be told.
const PAUSE: Duration = Duration::from_millis(200);

/// An HTTP request by a function URL.
fn http(method: &str, path: &str, headers: Value, body: Option<&Value>) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "a-function",
            "domainName": "a-function.lambda-url.us-east-1.on.aws",
            "domainPrefix": "a-function",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "a test",
            },
            "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
            "routeKey": "$default",
            "stage": "$default",
            "time": "25/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1_764_072_000_000_u64,
        },
        "isBase64Encoded": body.is_some(),
    });
    if let Some(body) = body {
        event["body"] = STANDARD.encode(body.to_string()).into();
    }
    event
}

/// The bytes of an answer's body.
fn body(answer: &Value) -> Vec<u8> {
    let text = answer["body"].as_str().unwrap_or_default();
    if answer["isBase64Encoded"] == true {
        STANDARD.decode(text).unwrap()
    } else {
        text.as_bytes().to_vec()
    }
}

/// The functions that queues start.
struct Functions {
    of_queues: Vec<(QueueName, FunctionHost)>,
}

impl Functions {
    fn start(fleet: &Fleet) -> Self {
        let of_queues = [
            (QueueName::Events, env!("CARGO_BIN_EXE_lambda-coordinator")),
            (QueueName::Ingest, env!("CARGO_BIN_EXE_lambda-ingest")),
            (QueueName::Compare, env!("CARGO_BIN_EXE_lambda-compare")),
            (QueueName::Github, env!("CARGO_BIN_EXE_lambda-github")),
        ];
        Self {
            of_queues: of_queues
                .map(|(queue, binary)| (queue, fleet.start(binary)))
                .into(),
        }
    }

    /// Gives each function what waits for it, twice, and starts the coordinator by its schedule.
    /// Returns whether anything waited.
    fn move_on(&self, fleet: &Fleet) -> bool {
        let mut any = false;
        for (queue, host) in &self.of_queues {
            let deliveries = fleet.receive_now(queue);
            if deliveries.is_empty() {
                continue;
            }
            any = true;
            let event = batch(&deliveries);
            let first = host.invoke(&event).unwrap();
            let second = host.invoke(&event).unwrap();
            for answer in [&first, &second] {
                assert_eq!(answer["batchItemFailures"], json!([]), "{}", host.log());
            }
            assert!(fleet.settle(queue, deliveries, &second).is_empty());
        }
        self.of_queues[0].1.invoke(&schedule()).unwrap();
        any
    }
}

/// Measures every job that waits: head takes a fifth longer than base.
async fn measure(fleet: &Fleet) -> bool {
    let world = &fleet.world;
    let mut any = false;
    for configuration in [ONE, TWO] {
        while let Some(taken) = world.take(configuration).await {
            any = true;
            world.progress(&taken).await;
            let result = document(&taken.message, taken.attempt(), |run| {
                if run.artifact.to_string() == BASE {
                    1.0
                } else {
                    1.2
                }
            });
            world.finish(&taken, &result).await;
        }
    }
    any
}

fn ask(fleet: &Fleet, api: &FunctionHost) -> RequestId {
    let context = &fleet.world.context;
    let random = context.random_bytes().unwrap();
    let token = fleet
        .run(credentials::issue_token(
            context.store.index.as_ref(),
            "ada",
            TokenRole::Request,
            &random,
            context.now(),
        ))
        .unwrap();
    let wanted = json!({
        "base": BASE,
        "head": HEAD,
        "configurations": [ONE, TWO],
        "selection": { "profiles": ["check"], "scenarios": ["full"] },
        "iterations": 2,
    });
    let headers = json!({ "content-type": "application/json" });
    let path = "/write/api/v1/requests";
    let refused = api
        .invoke(&http("POST", path, headers, Some(&wanted)))
        .unwrap();
    assert_eq!(refused["statusCode"], 401, "{refused}");
    let headers = json!({ "x-perfleet-token": token });
    let created = api
        .invoke(&http("POST", path, headers, Some(&wanted)))
        .unwrap();
    assert_eq!(created["statusCode"], 201, "{created}");
    let request: Value = serde_json::from_slice(&body(&created)).unwrap();
    request["id"].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_request_comes_to_its_comment_through_all_functions_under_one_trace() {
    let fleet = Fleet::new();
    fleet.run(fleet.world.announce("c1", &[ONE, TWO]));
    let api = fleet.start(env!("CARGO_BIN_EXE_lambda-api"));
    let request = ask(&fleet, &api);
    let comment_path = format!("/api/v1/requests/{request}/comment");
    let early = api
        .invoke(&http("GET", &comment_path, json!({}), None))
        .unwrap();
    assert_eq!(early["statusCode"], 404, "{early}");

    let functions = Functions::start(&fleet);
    let mut rounds = 0;
    loop {
        let moved = functions.move_on(&fleet);
        let measured = fleet.run(measure(&fleet));
        let state = fleet.run(fleet.world.request(request)).state;
        if state == RequestState::Done && !moved && !measured {
            break;
        }
        rounds += 1;
        assert!(rounds < ROUNDS_MAX, "the request is {state}");
        std::thread::sleep(PAUSE);
    }

    let compared = fleet.run(fleet.world.compared(request));
    let expected = [ONE, TWO].map(|id| (id.to_owned(), Verdict::Regressed));
    assert_eq!(compared, expected);
    assert_eq!(fleet.run(fleet.world.problems()), "");
    let comment = api
        .invoke(&http("GET", &comment_path, json!({}), None))
        .unwrap();
    assert_eq!(comment["statusCode"], 200, "{comment}");
    let text = String::from_utf8(body(&comment)).unwrap();
    assert!(text.contains("Regressed."), "{text}");
    assert!(!text.contains("Measured so far"), "{text}");

    let hosts = functions.of_queues.iter().map(|(_, host)| host);
    for host in hosts.chain([&api]) {
        let lines = log_lines(host);
        let traced = lines
            .iter()
            .any(|line| line["trace"] == request.to_string());
        assert!(traced, "{lines:?}");
    }
}

#[test]
fn the_function_answers_as_the_server_does() {
    let fleet = Fleet::new();
    let api = fleet.start(env!("CARGO_BIN_EXE_lambda-api"));
    let get = |method: &str, path: &str, headers: Value| {
        api.invoke(&http(method, path, headers, None)).unwrap()
    };
    let plain = get("GET", "/api/v1/configurations", json!({}));
    assert_eq!(plain["statusCode"], 200, "{plain}");
    let listed: Value = serde_json::from_slice(&body(&plain)).unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(plain["headers"]["x-frame-options"], "DENY");

    let head = get("HEAD", "/api/v1/configurations", json!({}));
    assert_eq!(head["statusCode"], 200);
    assert!(body(&head).is_empty());
    let etag = plain["headers"]["etag"].clone();
    let known = get(
        "GET",
        "/api/v1/configurations",
        json!({ "if-none-match": etag }),
    );
    assert_eq!(known["statusCode"], 304);

    let accepts = json!({ "accept-encoding": "gzip" });
    let packed = get("GET", "/api/v1/openapi.json", accepts);
    assert_eq!(packed["headers"]["content-encoding"], "gzip");
    let mut json = String::new();
    GzDecoder::new(body(&packed).as_slice())
        .read_to_string(&mut json)
        .unwrap();
    assert!(serde_json::from_str::<Value>(&json).is_ok());

    let read_as_write = get("GET", "/write/api/v1/status", json!({ "accept": "*/*" }));
    assert_ne!(read_as_write["statusCode"], 200, "{read_as_write}");
    let not_there = get("GET", "/series/v1/nothing/manifest.json", json!({}));
    assert_eq!(not_there["statusCode"], 404);
}
