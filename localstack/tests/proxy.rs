//! The proxy hands calls on unchanged, counts them, and disturbs them as it is told.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod client;

use localstack::{Call, Calls, Fault, LocalAws, Proxy, Traffic};
use serde_json::json;

use client::Client;

const TABLE: &str = "perfleet-test-index";

/// A local AWS with a table of its own, and a proxy before it.
fn with_table(account: &str) -> (LocalAws, Proxy, Client) {
    let aws = LocalAws::obtain().unwrap();
    let proxy = Proxy::before(&aws).unwrap();
    let client = Client::new(proxy.endpoint(), account);
    let table = json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    });
    assert_eq!(client.dynamodb("CreateTable", &table).status, 200);
    proxy.reset_traffic();
    (aws, proxy, client)
}

fn put(client: &Client, key: &str) -> client::Answer {
    let item = json!({"TableName": TABLE, "Item": {"pk": {"S": key}}});
    client.dynamodb("PutItem", &item)
}

fn is_stored(client: &Client, key: &str) -> bool {
    let wanted = json!({"TableName": TABLE, "Key": {"pk": {"S": key}}, "ConsistentRead": true});
    let answer = client.dynamodb("GetItem", &wanted);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().get("Item").is_some()
}

#[test]
fn calls_are_counted_by_service_and_operation_with_their_bytes() {
    let (_aws, proxy, client) = with_table("000000000101");
    put(&client, "a");
    put(&client, "b");
    assert!(is_stored(&client, "a"));
    let queue = client.sqs(
        "CreateQueue",
        &json!({"QueueName": "perfleet-test-counted"}),
    );
    let message = json!({"QueueUrl": queue.json()["QueueUrl"], "MessageBody": "measure"});
    assert_eq!(client.sqs("SendMessage", &message).status, 200);
    assert_eq!(client.s3("PUT", "/perfleet-test-counted", "").status, 200);
    let key = "/perfleet-test-counted/results/v1/a%20b.json";
    assert_eq!(client.s3("PUT", key, "ten bytes.").status, 200);
    assert_eq!(client.s3("GET", key, "").body, "ten bytes.");
    let list = client.s3(
        "GET",
        "/perfleet-test-counted?list-type=2&prefix=results/",
        "",
    );
    assert!(list.body.contains("results/v1/a b.json"), "{}", list.body);

    let traffic = proxy.traffic();
    let counts: Vec<(String, u64)> = traffic
        .iter()
        .map(|(call, traffic)| {
            (
                format!("{} {}", call.service, call.operation),
                traffic.calls,
            )
        })
        .collect();
    let expected = [
        ("dynamodb GetItem", 1),
        ("dynamodb PutItem", 2),
        ("s3 CreateBucket", 1),
        ("s3 GetObject", 1),
        ("s3 ListObjectsV2", 1),
        ("s3 PutObject", 1),
        ("sqs CreateQueue", 1),
        ("sqs SendMessage", 1),
    ];
    assert_eq!(
        counts,
        expected.map(|(call, count)| (call.to_owned(), count))
    );
    let of = |operation| {
        let wanted = Call::new("s3", operation);
        traffic.iter().find(|(call, _)| **call == wanted).unwrap().1
    };
    let ten_bytes_down = Traffic {
        calls: 1,
        request_bytes: 0,
        response_bytes: 10,
    };
    assert_eq!(of("GetObject"), ten_bytes_down);
    assert_eq!(of("PutObject").request_bytes, 10);
    assert_eq!(of("ListObjectsV2").response_bytes, list.body.len() as u64);
    assert_eq!(traffic.of_service("dynamodb").calls, 3);
    assert_eq!(traffic.total().calls, 9);

    assert_eq!(proxy.reset_traffic(), traffic);
    assert_eq!(proxy.traffic().total(), Traffic::default());
}

#[test]
fn answers_come_back_as_they_were_given() {
    let aws = LocalAws::obtain().unwrap();
    let proxy = Proxy::before(&aws).unwrap();
    let direct = Client::new(aws.endpoint(), "000000000102");
    let client = Client::new(proxy.endpoint(), "000000000102");
    direct.s3("PUT", "/perfleet-test-unchanged", "");
    let key = "/perfleet-test-unchanged/q+tok?x-id=PutObject";
    assert_eq!(client.s3("PUT", key, "körper").status, 200);
    for method in ["GET", "HEAD"] {
        let through = client.s3(method, "/perfleet-test-unchanged/q+tok", "");
        let past = direct.s3(method, "/perfleet-test-unchanged/q+tok", "");
        assert_eq!(through.status, past.status);
        assert_eq!(through.body, past.body);
        assert_eq!(through.header("etag"), past.header("etag"));
        assert_eq!(through.header("content-length"), Some("7".into()));
        assert_eq!(past.header("content-length"), Some("7".into()));
    }
    let missing = client.s3("GET", "/perfleet-test-unchanged/missing", "");
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("NoSuchKey"), "{}", missing.body);
}

#[test]
fn a_throttled_call_is_refused_in_the_words_of_its_service_as_often_as_told() {
    let (_aws, proxy, client) = with_table("000000000103");
    proxy.fail_next(Calls::of("dynamodb", "PutItem"), 2, Fault::Throttled);
    for _ in 0..2 {
        let refused = put(&client, "a");
        assert_eq!(refused.status, 400);
        let kind = refused.json()["__type"].as_str().unwrap().to_owned();
        assert!(
            kind.ends_with("#ProvisionedThroughputExceededException"),
            "{kind}"
        );
        // What is not meant is not disturbed.
        assert!(!is_stored(&client, "a"));
    }
    assert_eq!(proxy.faults_left(), 0);
    assert_eq!(put(&client, "a").status, 200);
    assert!(is_stored(&client, "a"));
    assert_eq!(proxy.traffic().calls("dynamodb", "PutItem"), 3);

    proxy.fail_next(Calls::all(), 2, Fault::Throttled);
    let queue = client.sqs("ListQueues", &json!({}));
    assert_eq!(queue.status, 400);
    assert!(queue.body.contains("RequestThrottled"), "{}", queue.body);
    let object = client.s3("GET", "/perfleet-test-throttled/a", "");
    assert_eq!(object.status, 503);
    assert!(
        object.body.contains("<Code>SlowDown</Code>"),
        "{}",
        object.body
    );
}

#[test]
fn a_service_fails_as_often_as_told_and_does_nothing_meanwhile() {
    let (_aws, proxy, client) = with_table("000000000104");
    proxy.fail_next(Calls::of_service("dynamodb"), 1, Fault::ServerError);
    assert_eq!(put(&client, "a").status, 500);
    assert!(!is_stored(&client, "a"));
    proxy.fail_next(Calls::of_service("s3"), 1, Fault::ServerError);
    let failed = client.s3("PUT", "/perfleet-test-failing", "");
    assert_eq!(failed.status, 500);
    assert!(
        failed.body.contains("<Code>InternalError</Code>"),
        "{}",
        failed.body
    );
    assert_eq!(client.s3("HEAD", "/perfleet-test-failing", "").status, 404);
}

#[test]
fn a_cut_connection_has_no_answer_whether_or_not_the_call_took_effect() {
    let (_aws, proxy, client) = with_table("000000000105");
    for (fault, key, takes_effect) in [
        (Fault::CutBeforeForwarding, "before", false),
        (Fault::CutAfterForwarding, "after", true),
    ] {
        proxy.fail_next(Calls::of("dynamodb", "PutItem"), 1, fault);
        let item = json!({"TableName": TABLE, "Item": {"pk": {"S": key}}});
        client.try_dynamodb("PutItem", &item).unwrap_err();
        assert_eq!(is_stored(&client, key), takes_effect, "{fault:?}");
    }
    let puts = proxy.traffic().calls("dynamodb", "PutItem");
    assert_eq!(puts, 2);
}

#[test]
fn a_proxy_with_nothing_behind_it_says_so() {
    let proxy = Proxy::start().unwrap();
    let answer = Client::new(proxy.endpoint(), "000000000106").s3("GET", "/", "");
    assert_eq!(answer.status, 502);
    assert!(answer.body.contains("no local AWS"), "{}", answer.body);
}
