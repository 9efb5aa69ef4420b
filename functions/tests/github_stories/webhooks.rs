//! What comes in by the webhook, and what does not.

use functions::Secret;
use functions::github::webhook::{WebhookHeaders, signature_of};
use serde_json::{Value, json};
use shared_types::format::Versioned;
use shared_types::notices::GitHubNotice;
use store::QueueName;

use crate::story::{HEAD_ONE, HEAD_TWO, PARENT, SECRET, Story, comment_payload};

fn outcome(body: &[u8]) -> String {
    let answer: Value = serde_json::from_slice(body).unwrap();
    answer["received"]["outcome"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

async fn waiting(story: &Story) -> u64 {
    let depth = story
        .world
        .context
        .store
        .queue
        .depth(&QueueName::Github)
        .await
        .unwrap();
    depth.waiting
}

#[tokio::test]
async fn what_is_not_signed_by_the_secret_changes_nothing() {
    let story = Story::begin().await;
    let body = comment_payload("created", 1, "ada", "@rust-timer queue")
        .to_string()
        .into_bytes();
    let other = signature_of(&Secret::new("another secret altogether"), &body);
    let of_other_body = signature_of(&Secret::new(SECRET), b"{}");
    for signature in [None, Some("sha256=00".to_owned()), other, of_other_body] {
        let headers = WebhookHeaders {
            event: Some("issue_comment".to_owned()),
            delivery: Some(story.new_delivery()),
            signature,
        };
        let answer = story.send(headers, body.clone()).await;
        assert_eq!(answer.status, 401);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!text.contains(SECRET), "{text}");
    }
    assert_eq!(waiting(&story).await, 0);
}

#[tokio::test]
async fn a_delivery_that_comes_again_is_known() {
    let story = Story::begin().await;
    let payload = comment_payload("created", 1, "ada", "@rust-timer queue");
    let delivery = story.new_delivery();
    let first = story.deliver("issue_comment", &delivery, &payload).await;
    assert_eq!(outcome(&first.body), "accepted");
    for _ in 0..4 {
        let again = story.deliver("issue_comment", &delivery, &payload).await;
        assert_eq!(
            (again.status, outcome(&again.body).as_str()),
            (200, "known")
        );
    }
    assert_eq!(waiting(&story).await, 1);
    let delivered = story.world.receive(&QueueName::Github).await.unwrap();
    let notice = GitHubNotice::from_json(delivered.body.as_bytes()).unwrap();
    assert_eq!(notice.delivery, delivery);
}

#[tokio::test]
async fn a_delivery_that_is_replayed_once_it_is_forgotten_is_too_old() {
    let story = Story::begin().await;
    let payload = comment_payload("created", 1, "ada", "@rust-timer queue");
    let delivery = story.new_delivery();
    story.deliver("issue_comment", &delivery, &payload).await;
    story.world.clock.advance_seconds(31 * 24 * 60 * 60);
    let replayed = story.deliver("issue_comment", &delivery, &payload).await;
    assert_eq!(outcome(&replayed.body), "ignored");
    assert_eq!(waiting(&story).await, 1);
}

#[tokio::test]
async fn what_asks_for_nothing_is_answered_and_ignored() {
    let story = Story::begin().await;
    let ping: Value =
        serde_json::from_str(include_str!("../fixtures/github-webhooks/ping.json")).unwrap();
    let mut elsewhere = comment_payload("created", 1, "ada", "@rust-timer queue");
    elsewhere["repository"]["full_name"] = json!("mallory/fork");
    for (event, payload) in [
        ("ping", ping),
        ("installation", json!({ "action": "created" })),
        (
            "issue_comment",
            comment_payload("created", 1, "ada", "Thank you!"),
        ),
        (
            "issue_comment",
            comment_payload("created", 1, "our-app[bot]", "@rust-timer queue"),
        ),
        ("issue_comment", elsewhere),
    ] {
        let answer = story.deliver(event, &story.new_delivery(), &payload).await;
        assert_eq!(
            (answer.status, outcome(&answer.body).as_str()),
            (200, "ignored"),
            "{event}"
        );
    }
    assert_eq!(waiting(&story).await, 0);
}

#[tokio::test]
async fn a_webhook_that_is_none_is_refused_with_what_is_missing() {
    let story = Story::begin().await;
    let body = b"{}".to_vec();
    let signature = signature_of(&Secret::new(SECRET), &body);
    let headers = |event: Option<&str>, delivery: Option<&str>| WebhookHeaders {
        event: event.map(str::to_owned),
        delivery: delivery.map(str::to_owned),
        signature: signature.clone(),
    };
    for (headers, missing) in [
        (headers(None, Some("a-1")), "X-GitHub-Event"),
        (headers(Some("push"), None), "X-GitHub-Delivery"),
        (headers(Some("push"), Some("a/../b")), "X-GitHub-Delivery"),
        (headers(Some("push"), Some("a-1")), "ref"),
    ] {
        let answer = story.send(headers, body.clone()).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 400, "{text}");
        assert!(text.contains(missing), "{text}");
    }
    let answer = story
        .deliver("push", "a-1", &json!("x".repeat(2 * 1024 * 1024)))
        .await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn commits_of_the_watched_branch_become_known_with_their_place() {
    let story = Story::begin().await;
    story.github.add_commit(HEAD_TWO, &[HEAD_ONE, PARENT]);
    story.tell_of_push(PARENT, HEAD_TWO).await;
    let index = &story.world.context.store.index;
    for (commit, parent) in [(HEAD_TWO, HEAD_ONE), (HEAD_ONE, PARENT)] {
        let known = index
            .artifact(&commit.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        let place = known.history.unwrap();
        assert_eq!(place.parent.unwrap().to_string(), parent);
    }
    assert!(
        index
            .artifact(&PARENT.parse().unwrap())
            .await
            .unwrap()
            .is_none()
    );
}
