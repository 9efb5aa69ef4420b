//! Functions run in the local AWS.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod client;
mod function;

use localstack::{Emulator, LocalAws, Proxy};
use serde_json::{Value, json};

use client::Client;

/// The functions of these tests are scripts for this machine's Python, which no image has.
fn without_containers() -> (Proxy, LocalAws) {
    let proxy = Proxy::start().unwrap();
    let aws = LocalAws::start_behind(&proxy, Emulator::chosen().unwrap()).unwrap();
    (proxy, aws)
}

#[test]
fn calls_of_functions_pass_the_proxy_behind_which_the_aws_was_started() {
    let (proxy, aws) = without_containers();
    assert_eq!(aws.endpoint(), proxy.endpoint());
    let client = Client::new(aws.endpoint(), "000000000201");
    let queue = client.sqs("CreateQueue", &json!({"QueueName": "perfleet-test-sent"}));
    let queue = queue.json()["QueueUrl"].clone();
    function::create(&client, "sender", &json!({}));
    proxy.reset_traffic();

    let sent = function::invoke(&client, "sender", &json!({"do": "send", "queue": queue}));
    assert_eq!(sent.json(), json!({"sent": true}));
    assert_eq!(proxy.traffic().calls("sqs", "SendMessage"), 1);
    let received = client.sqs("ReceiveMessage", &json!({"QueueUrl": queue}));
    assert_eq!(received.json()["Messages"][0]["Body"], "from the function");
}

#[test]
fn errors_of_functions_are_told_and_the_next_event_is_served() {
    let (_proxy, aws) = without_containers();
    let client = Client::new(aws.endpoint(), "000000000202");
    function::create(
        &client,
        "fails",
        &json!({"PERFLEET_AWS_ENVIRONMENT": "staging"}),
    );
    let invoke = |event: Value| function::invoke(&client, "fails", &event);

    let refused = invoke(json!({"do": "fail"}));
    assert_eq!(refused.json()["errorMessage"], "as you like");
    assert!(refused.header("x-amz-function-error").is_some());
    let exited = invoke(json!({"do": "exit"}));
    assert!(
        exited.header("x-amz-function-error").is_some(),
        "{exited:?}"
    );
    let ended = invoke(json!({"do": "hang"}));
    assert!(ended.header("x-amz-function-error").is_some(), "{ended:?}");
    assert!(ended.body.contains("timed out"), "{}", ended.body);
    let environment = invoke(json!({"do": "environment"})).json();
    assert_eq!(environment["PERFLEET_AWS_ENVIRONMENT"], "staging");
    assert_eq!(environment["AWS_ENDPOINT_URL"], aws.endpoint());
    // The test runner sets it for us.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert_eq!(environment.get("CARGO_MANIFEST_DIR"), None);
}

#[test]
fn of_a_batch_only_what_failed_comes_again() {
    let (_proxy, aws) = without_containers();
    let client = Client::new(aws.endpoint(), "000000000203");
    let create = |name: &str, attributes: Value| {
        let queue = json!({"QueueName": name, "Attributes": attributes});
        client.sqs("CreateQueue", &queue).json()["QueueUrl"].clone()
    };
    let answers = create("perfleet-test-answers", json!({}));
    // One second, or else it would be waited for the usual thirty.
    let orders = create("perfleet-test-orders", json!({"VisibilityTimeout": "1"}));
    function::create(&client, "batch", &json!({}));
    for (name, failures) in [("a", 0), ("b", 1), ("c", 0)] {
        let order = json!({"name": name, "failures": failures, "answer_to": answers});
        let message = json!({"QueueUrl": orders, "MessageBody": order.to_string()});
        assert_eq!(client.sqs("SendMessage", &message).status, 200);
    }
    let mapping = json!({
        "EventSourceArn": "arn:aws:sqs:us-east-1:000000000203:perfleet-test-orders",
        "FunctionName": "batch",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BatchSize": 10,
    });
    let address = "/2015-03-31/event-source-mappings/";
    let mapped = function::call(&client, "POST", address, &mapping.to_string());
    assert_eq!(mapped.status, 202, "{}", mapped.body);

    let mut done = Vec::new();
    while done.len() < 3 {
        let wanted = json!({"QueueUrl": answers, "WaitTimeSeconds": 20});
        let received = client.sqs("ReceiveMessage", &wanted).json();
        for message in received["Messages"].as_array().unwrap() {
            let delete = json!({"QueueUrl": answers, "ReceiptHandle": message["ReceiptHandle"]});
            client.sqs("DeleteMessage", &delete);
            let answer: Value = serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
            done.push((
                answer["name"].as_str().unwrap().to_owned(),
                answer["receives"].clone(),
            ));
        }
    }
    done.sort_by_key(|(name, _)| name.clone());
    let expected = [("a", 1), ("b", 2), ("c", 1)];
    assert_eq!(
        done,
        expected.map(|(name, receives)| (name.to_owned(), json!(receives)))
    );
}

#[test]
fn a_function_answers_at_an_address_of_its_own() {
    let (_proxy, aws) = without_containers();
    let client = Client::new(aws.endpoint(), "000000000204");
    function::create(&client, "page", &json!({}));
    let settings = json!({"AuthType": "NONE"}).to_string();
    let url = function::call(&client, "POST", "/2021-10-31/functions/page/url", &settings);
    let url = url.json()["FunctionUrl"].as_str().unwrap().to_owned();
    // Its host is known to no name server; the emulator answers to the name.
    let host = url
        .strip_prefix("http://")
        .or(url.strip_prefix("https://"))
        .unwrap();
    let host = host.trim_end_matches('/');
    let call = client::Call {
        method: "POST",
        service: "http",
        address: "/api/v1/status",
        headers: &[("Host", host), ("Content-Type", "text/plain")],
    };
    let answer = client.send(&call, "hello").unwrap();
    assert_eq!(answer.json()["echo"], "hello", "{url}: {}", answer.body);
}

#[test]
fn a_function_that_cannot_start_fails_its_events() {
    let (_proxy, aws) = without_containers();
    let client = Client::new(aws.endpoint(), "000000000206");
    function::create(&client, "cannot", &json!({"FAILS_TO_START": ""}));
    let failed = function::invoke(&client, "cannot", &json!({"do": "environment"}));
    assert!(
        failed.header("x-amz-function-error").is_some(),
        "{failed:?}"
    );
}
