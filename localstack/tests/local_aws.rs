//! The local AWS answers, keeps accounts apart, and leaves nothing behind.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpStream;

use localstack::{Account, Emulator, LocalAws};
use serde_json::{Value, json};

/// A request as an AWS client makes it; the signature is not checked.
fn authorization(account: &Account, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0",
        account.as_str()
    )
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).build().into()
}

fn sqs(aws: &LocalAws, account: &Account, action: &str, body: Value) -> Value {
    agent()
        .post(aws.endpoint())
        .header("Authorization", authorization(account, "sqs"))
        .header("X-Amz-Target", format!("AmazonSQS.{action}"))
        .content_type("application/x-amz-json-1.0")
        .send(body.to_string())
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap()
}

fn account(digits: &str) -> Account {
    digits.parse().unwrap()
}

#[test]
fn queues_and_objects_work_and_accounts_do_not_see_each_other() {
    let aws = LocalAws::obtain().unwrap();
    let ours = account("000000000001");

    let queue = sqs(
        &aws,
        &ours,
        "CreateQueue",
        json!({"QueueName": "perfleet-test-a"}),
    );
    let url = queue["QueueUrl"].as_str().unwrap();
    sqs(
        &aws,
        &ours,
        "SendMessage",
        json!({"QueueUrl": url, "MessageBody": "measure"}),
    );
    let received = sqs(&aws, &ours, "ReceiveMessage", json!({"QueueUrl": url}));
    assert_eq!(received["Messages"][0]["Body"], "measure");
    let theirs = sqs(&aws, &account("000000000002"), "ListQueues", json!({}));
    assert_eq!(
        theirs
            .get("QueueUrls")
            .and_then(Value::as_array)
            .map_or(0, Vec::len),
        0
    );

    let bucket = format!("{}/perfleet-test-results", aws.endpoint());
    let put = |url: &str, body: &str| {
        agent()
            .put(url)
            .header("Authorization", authorization(&ours, "s3"))
            .send(body)
            .unwrap()
    };
    put(&bucket, "");
    put(&format!("{bucket}/results/v1/a.json"), "{}");
    let stored = agent()
        .get(format!("{bucket}/results/v1/a.json"))
        .header("Authorization", authorization(&ours, "s3"))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    assert_eq!(stored, "{}");
}

#[test]
fn nothing_answers_any_more_once_it_is_dropped() {
    let aws = LocalAws::start(Emulator::chosen().unwrap()).unwrap();
    let address = aws.endpoint().strip_prefix("http://").unwrap().to_owned();
    TcpStream::connect(&address).unwrap();
    drop(aws);
    TcpStream::connect(&address).unwrap_err();
}

#[test]
fn clients_are_told_address_and_account_by_their_environment() {
    let aws = LocalAws::obtain().unwrap();
    let environment = aws.environment(&account("000000000003"));
    assert!(environment.contains(&("AWS_ENDPOINT_URL", aws.endpoint().to_owned())));
    assert!(environment.contains(&("AWS_ACCESS_KEY_ID", "000000000003".to_owned())));
}

#[test]
fn an_account_has_twelve_digits() {
    for wrong in ["", "12345678901", "1234567890123", "12345678901a"] {
        let error = wrong.parse::<Account>().unwrap_err();
        assert!(error.to_string().contains("12 digits"), "{error}");
    }
}
