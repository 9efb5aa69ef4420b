//! `perfleet` on a fleet in a local AWS.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

#[path = "../dead_letters/story.rs"]
mod story;

use localstack::LocalAws;
use store::Store;
use store::aws::AwsPlace;
use store::aws::local_account::{LocalAccount, REGION};
use store::conformance::examples;
use story::Perfleet;

/// A fleet in an account of its own.
struct Fleet {
    store: Store,
    perfleet: Perfleet,
    _aws: LocalAws,
}

async fn fleet() -> Fleet {
    let aws = LocalAws::obtain().unwrap();
    let id = format!("{:012}", getrandom::u64().unwrap() % 1_000_000_000_000);
    let account = LocalAccount::at(aws.endpoint(), &id).await;
    let environment = format!("t{id}");
    let place = AwsPlace {
        environment: environment.parse().unwrap(),
        bucket: format!("perfleet-{environment}-results-1"),
    };
    account.make(&place, &[examples::configuration_id()]).await;
    let options = ["--aws", &environment, "--bucket", &place.bucket];
    Fleet {
        store: store::aws::open_with(account.configuration(), &place),
        perfleet: Perfleet {
            place: options.map(str::to_owned).to_vec(),
            variables: vec![
                ("AWS_ENDPOINT_URL", aws.endpoint().to_owned()),
                ("AWS_REGION", REGION.to_owned()),
                ("AWS_ACCESS_KEY_ID", id),
                ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
                ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ],
        },
        _aws: aws,
    }
}

#[tokio::test]
async fn dead_letters_are_listed_shown_retried_and_discarded() {
    let fleet = fleet().await;
    let (perfleet, store) = (&fleet.perfleet, &fleet.store);
    story::dead_letters_are_listed_shown_retried_and_discarded(perfleet, store).await;
}

#[tokio::test]
async fn a_fleet_is_worked_on_as_a_data_folder_is() {
    let fleet = fleet().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let configuration = examples::configuration("x86_64-llvm-t1");
    let json = serde_json::to_string(&configuration).unwrap();
    std::fs::write(file.path(), json).unwrap();
    let perfleet = &fleet.perfleet;
    perfleet.json(&["configuration", "add", file.path().to_str().unwrap()]);
    let listed = perfleet.json(&["configuration", "list"]);
    let id = &listed[0]["configuration"]["id"];
    assert_eq!(id, "x86_64-llvm-t1", "{listed}");
    assert_eq!(
        perfleet.json(&["token", "create", "ada"])["role"],
        "request"
    );
    let index = &fleet.store.index;
    assert!(index.has_tokens().await.unwrap());
    let status = perfleet.json(&["status"]);
    assert!(status.is_object(), "{status}");
}

#[tokio::test]
async fn a_configuration_of_imported_results_has_no_queue_and_no_dead_letters() {
    let fleet = fleet().await;
    let imported = examples::configuration("stage1-O3");
    let registered = fleet.store.index.register_configuration(&imported).await;
    registered.unwrap();
    let perfleet = &fleet.perfleet;
    let listed = perfleet.json(&["dead-letters", "list"]);
    assert_eq!(listed, serde_json::json!([]));
    let asked_for = ["dead-letters", "list", "--queue", "jobs/stage1-O3"];
    let answer = perfleet.run(&asked_for);
    assert_eq!(answer.code, 1);
    assert!(
        answer.stderr.contains("`configurations`"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_place_that_is_named_twice_or_by_half_is_refused() {
    let cases: [(&[&str], &str); 6] = [
        (
            &["--aws", "t", "--bucket", "b", "--data-dir", "d", "status"],
            "which is it",
        ),
        (
            &["--aws", "t", "--bucket", "b", "--server", "s", "status"],
            "which is it",
        ),
        (&["--aws", "t", "status"], "--bucket"),
        (&["--bucket", "b", "status"], "--aws"),
        (&["--aws", "Not-A-Name", "--bucket", "b", "status"], "Not-A"),
        (&["--aws", "t", "--bucket", "b", "serve"], "functions do it"),
    ];
    for (arguments, why) in cases {
        let perfleet = Perfleet {
            place: Vec::new(),
            variables: Vec::new(),
        };
        let answer = perfleet.run(arguments);
        assert_eq!(answer.code, 2, "{arguments:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(why), "{}", answer.stderr);
    }
}
