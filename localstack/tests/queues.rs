//! SQS and S3's notifications do what Perfleet relies on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod client;

use localstack::LocalAws;
use serde_json::{Value, json};

use client::Client;

/// Long enough that a message which comes at all has come.
const WAIT_SECONDS: u32 = 20;

fn create(client: &Client, name: &str, attributes: &Value) -> String {
    let queue = json!({"QueueName": name, "Attributes": attributes});
    let created = client.sqs("CreateQueue", &queue);
    assert_eq!(created.status, 200, "{}", created.body);
    created.json()["QueueUrl"].as_str().unwrap().to_owned()
}

fn arn(client: &Client, queue: &str) -> Value {
    let wanted = json!({"QueueUrl": queue, "AttributeNames": ["QueueArn"]});
    let answer = client.sqs("GetQueueAttributes", &wanted).json();
    answer["Attributes"]["QueueArn"].clone()
}

fn send(client: &Client, queue: &str, body: &str) {
    let message = json!({"QueueUrl": queue, "MessageBody": body});
    assert_eq!(client.sqs("SendMessage", &message).status, 200);
}

/// Bodies and receipts of what is there.
fn receive(client: &Client, queue: &str, wait_seconds: u32) -> Vec<(String, Value)> {
    let wanted = json!({"QueueUrl": queue, "WaitTimeSeconds": wait_seconds});
    let answer = client.sqs("ReceiveMessage", &wanted);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    let messages = answer.get("Messages").and_then(Value::as_array);
    let messages = messages.into_iter().flatten();
    messages
        .map(|message| {
            let body = message["Body"].as_str().unwrap().to_owned();
            (body, message["ReceiptHandle"].clone())
        })
        .collect()
}

fn set_visibility(client: &Client, queue: &str, receipt: &Value, seconds: u32) {
    let change = json!({
        "QueueUrl": queue,
        "ReceiptHandle": receipt,
        "VisibilityTimeout": seconds,
    });
    assert_eq!(client.sqs("ChangeMessageVisibility", &change).status, 200);
}

#[test]
fn a_long_poll_ends_when_a_message_comes() {
    let aws = LocalAws::obtain().unwrap();
    let client = Client::new(aws.endpoint(), "000000000301");
    let queue = create(&client, "perfleet-test-long-poll", &json!({}));
    assert!(receive(&client, &queue, 0).is_empty());
    std::thread::scope(|scope| {
        let poll = scope.spawn(|| receive(&client, &queue, WAIT_SECONDS));
        let sender = Client::new(aws.endpoint(), "000000000301");
        send(&sender, &queue, "measure");
        assert_eq!(poll.join().unwrap()[0].0, "measure");
    });
}

#[test]
fn a_message_that_is_held_is_seen_by_nobody_until_it_is_given_back_or_dead() {
    let aws = LocalAws::obtain().unwrap();
    let client = Client::new(aws.endpoint(), "000000000302");
    let dead = create(&client, "perfleet-test-dead", &json!({}));
    let redrive = json!({"deadLetterTargetArn": arn(&client, &dead), "maxReceiveCount": 2});
    let settings = json!({"VisibilityTimeout": "300", "RedrivePolicy": redrive.to_string()});
    let queue = create(&client, "perfleet-test-held", &settings);
    send(&client, &queue, "measure");

    for _ in 0..2 {
        let held = receive(&client, &queue, WAIT_SECONDS);
        assert_eq!(held[0].0, "measure");
        assert!(receive(&client, &queue, 1).is_empty());
        set_visibility(&client, &queue, &held[0].1, 0);
    }
    assert!(receive(&client, &queue, 1).is_empty());
    assert_eq!(receive(&client, &dead, WAIT_SECONDS)[0].0, "measure");
}

#[test]
fn a_message_that_was_deleted_does_not_come_back() {
    let aws = LocalAws::obtain().unwrap();
    let client = Client::new(aws.endpoint(), "000000000303");
    let settings = json!({"VisibilityTimeout": "1"});
    let queue = create(&client, "perfleet-test-deleted", &settings);
    send(&client, &queue, "measure");
    let first = receive(&client, &queue, WAIT_SECONDS);
    let again = receive(&client, &queue, WAIT_SECONDS);
    assert_eq!([&first[0].0, &again[0].0], ["measure", "measure"]);
    let delete = json!({"QueueUrl": queue, "ReceiptHandle": again[0].1});
    assert_eq!(client.sqs("DeleteMessage", &delete).status, 200);
    assert!(receive(&client, &queue, 2).is_empty());
}

#[test]
fn dead_letters_are_sent_back_by_sqs_where_the_emulator_says_so() {
    let aws = LocalAws::obtain().unwrap();
    let client = Client::new(aws.endpoint(), "000000000304");
    let dead = create(&client, "perfleet-test-dead", &json!({}));
    let redrive = json!({"deadLetterTargetArn": arn(&client, &dead), "maxReceiveCount": 1});
    let settings = json!({"VisibilityTimeout": "0", "RedrivePolicy": redrive.to_string()});
    let queue = create(&client, "perfleet-test-moved", &settings);
    send(&client, &queue, "measure");
    assert_eq!(receive(&client, &queue, WAIT_SECONDS)[0].0, "measure");
    assert!(receive(&client, &queue, 1).is_empty());

    let task = json!({"SourceArn": arn(&client, &dead)});
    let moved = client.sqs("StartMessageMoveTask", &task).status == 200;
    assert_eq!(moved, aws.capabilities().message_move_tasks);
    let place = if moved { &queue } else { &dead };
    assert_eq!(receive(&client, place, WAIT_SECONDS)[0].0, "measure");
}

#[test]
fn a_result_that_is_stored_under_a_prefix_is_told_to_a_queue() {
    let aws = LocalAws::obtain().unwrap();
    let client = Client::new(aws.endpoint(), "000000000305");
    let queue = create(&client, "perfleet-test-ingest", &json!({}));
    let arn = arn(&client, &queue);
    let bucket = "/perfleet-test-notifies";
    assert_eq!(client.s3("PUT", bucket, "").status, 200);
    let notification = format!(
        "<NotificationConfiguration><QueueConfiguration><Queue>{}</Queue>\
         <Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name>\
         <Value>results/</Value></FilterRule></S3Key></Filter></QueueConfiguration>\
         </NotificationConfiguration>",
        arn.as_str().unwrap()
    );
    let set = client.s3("PUT", &format!("{bucket}?notification"), &notification);
    assert_eq!(set.status, 200, "{}", set.body);
    client.s3("PUT", &format!("{bucket}/logs/a.log"), "log");
    client.s3("PUT", &format!("{bucket}/results/a.json"), "{}");

    let keys: Vec<Value> = std::iter::from_fn(|| receive(&client, &queue, 2).pop())
        .map(|(body, receipt)| {
            let delete = json!({"QueueUrl": queue, "ReceiptHandle": receipt});
            client.sqs("DeleteMessage", &delete);
            serde_json::from_str::<Value>(&body).unwrap()
        })
        // S3 says once that the notification was set.
        .filter(|event| event.get("Records").is_some())
        .map(|event| event["Records"][0]["s3"]["object"]["key"].clone())
        .collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    let key = keys[0].as_str().unwrap().replace("%2F", "/");
    assert_eq!(key, "results/a.json");
}

#[test]
fn an_object_that_exists_is_not_written_again_where_that_is_forbidden() {
    let aws = LocalAws::obtain().unwrap();
    let client = Client::new(aws.endpoint(), "000000000306");
    client.s3("PUT", "/perfleet-test-once", "");
    let put = |body: &str| {
        let call = client::Call {
            method: "PUT",
            service: "s3",
            address: "/perfleet-test-once/results/a.json",
            headers: &[("If-None-Match", "*")],
        };
        client.send(&call, body).unwrap().status
    };
    assert_eq!([put("first"), put("second")], [200, 412]);
    let stored = client.s3("GET", "/perfleet-test-once/results/a.json", "");
    assert_eq!(stored.body, "first");
}
