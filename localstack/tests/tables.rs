//! DynamoDB does what Perfleet's index relies on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod client;

use localstack::LocalAws;
use serde_json::{Value, json};

use client::Client;

const TABLE: &str = "perfleet-test-index";

fn with_table(account: &str) -> (LocalAws, Client) {
    let aws = LocalAws::obtain().unwrap();
    let client = Client::new(aws.endpoint(), account);
    let attributes = ["pk", "sk", "gsi_pk", "gsi_sk"]
        .map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
    let keys = |hash, range| {
        json!([
            {"AttributeName": hash, "KeyType": "HASH"},
            {"AttributeName": range, "KeyType": "RANGE"},
        ])
    };
    let table = json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": keys("pk", "sk"),
        "AttributeDefinitions": attributes,
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-order",
            "KeySchema": keys("gsi_pk", "gsi_sk"),
            "Projection": {"ProjectionType": "ALL"},
        }],
    });
    let created = client.dynamodb("CreateTable", &table);
    assert_eq!(created.status, 200, "{}", created.body);
    (aws, client)
}

fn item(key: &str, version: u32) -> Value {
    json!({
        "pk": {"S": key}, "sk": {"S": "-"}, "version": {"N": version.to_string()},
        "gsi_pk": {"S": "all"}, "gsi_sk": {"S": format!("{version:04}")},
    })
}

/// A write of `version` that takes place only upon the version before it; upon none for the first.
fn put(key: &str, version: u32) -> Value {
    let mut put = json!({"TableName": TABLE, "Item": item(key, version)});
    if version == 1 {
        put["ConditionExpression"] = "attribute_not_exists(pk)".into();
    } else {
        put["ConditionExpression"] = "version = :before".into();
        put["ExpressionAttributeValues"] = json!({":before": {"N": (version - 1).to_string()}});
    }
    put
}

fn version(client: &Client, key: &str) -> Value {
    let wanted = json!({
        "TableName": TABLE, "Key": {"pk": {"S": key}, "sk": {"S": "-"}}, "ConsistentRead": true,
    });
    client.dynamodb("GetItem", &wanted).json()["Item"]["version"]["N"].clone()
}

fn error_name(answer: &client::Answer) -> String {
    assert_eq!(answer.status, 400, "{}", answer.body);
    let kind = answer.json()["__type"].as_str().unwrap().to_owned();
    kind.rsplit('#').next().unwrap().to_owned()
}

#[test]
fn a_write_whose_condition_does_not_hold_changes_nothing() {
    let (_aws, client) = with_table("000000000401");
    assert_eq!(client.dynamodb("PutItem", &put("a", 1)).status, 200);
    for late in [put("a", 1), put("a", 3)] {
        let refused = client.dynamodb("PutItem", &late);
        assert_eq!(error_name(&refused), "ConditionalCheckFailedException");
    }
    assert_eq!(client.dynamodb("PutItem", &put("a", 2)).status, 200);
    assert_eq!(version(&client, "a"), "2");
}

#[test]
fn a_transaction_is_done_as_a_whole_or_not_at_all() {
    let (_aws, client) = with_table("000000000402");
    let write = |puts: &[Value]| {
        let items: Vec<Value> = puts.iter().map(|put| json!({"Put": put})).collect();
        client.dynamodb("TransactWriteItems", &json!({"TransactItems": items}))
    };
    assert_eq!(write(&[put("a", 1), put("b", 1)]).status, 200);
    let refused = write(&[put("a", 2), put("b", 3), put("c", 1)]);
    assert_eq!(error_name(&refused), "TransactionCanceledException");
    let reasons = refused.json()["CancellationReasons"].clone();
    let codes: Vec<&Value> = reasons
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["Code"])
        .collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed", "None"]);
    let versions = ["a", "b", "c"].map(|key| version(&client, key));
    assert_eq!(versions, [json!("1"), json!("1"), Value::Null]);
}

#[test]
fn of_many_who_write_the_same_version_one_succeeds() {
    let (aws, client) = with_table("000000000403");
    for round in 1..=5 {
        let successes: usize = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..6)
                .map(|_| {
                    let writer = Client::new(aws.endpoint(), "000000000403");
                    scope.spawn(move || writer.dynamodb("PutItem", &put("a", round)).status)
                })
                .collect();
            let statuses = writers.into_iter().map(|writer| writer.join().unwrap());
            statuses.filter(|status| *status == 200).count()
        });
        assert_eq!(successes, 1, "in round {round}");
    }
    assert_eq!(version(&client, "a"), "5");
}

#[test]
fn an_index_gives_items_in_order_and_in_pages() {
    let (_aws, client) = with_table("000000000404");
    for (key, version) in [("c", 3), ("a", 1), ("b", 2)] {
        let put = json!({"TableName": TABLE, "Item": item(key, version)});
        assert_eq!(client.dynamodb("PutItem", &put).status, 200);
    }
    let mut query = json!({
        "TableName": TABLE,
        "IndexName": "by-order",
        "KeyConditionExpression": "gsi_pk = :all AND gsi_sk > :least",
        "ExpressionAttributeValues": {":all": {"S": "all"}, ":least": {"S": "0000"}},
        "ScanIndexForward": false,
        "Limit": 2,
    });
    let first = client.dynamodb("Query", &query).json();
    query["ExclusiveStartKey"] = first["LastEvaluatedKey"].clone();
    let second = client.dynamodb("Query", &query).json();
    let keys: Vec<&Value> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["Items"].as_array().unwrap())
        .map(|item| &item["pk"]["S"])
        .collect();
    assert_eq!(keys, ["c", "b", "a"]);
    assert_eq!(second.get("LastEvaluatedKey"), None);
}

#[test]
fn a_table_is_seen_by_its_account_alone() {
    let (aws, client) = with_table("000000000405");
    assert_eq!(client.dynamodb("PutItem", &put("a", 1)).status, 200);
    let other = Client::new(aws.endpoint(), "000000000406");
    let refused = other.dynamodb("PutItem", &put("a", 1));
    assert_eq!(error_name(&refused), "ResourceNotFoundException");
    let tables = other.dynamodb("ListTables", &json!({})).json();
    assert_eq!(tables["TableNames"], json!([]));
}
