//! Functions run in the local AWS.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod client;
mod function;

use localstack::{Emulator, LocalAws, Proxy};
use serde_json::json;

use client::Client;

#[test]
fn calls_of_functions_pass_the_proxy_behind_which_the_aws_was_started() {
    let proxy = Proxy::start().unwrap();
    let aws = LocalAws::start_behind(&proxy, Emulator::chosen().unwrap()).unwrap();
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
