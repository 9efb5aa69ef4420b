//! What GitHub sends, and what stands in files of others about it.

use functions::github::webhook::{Payload, parse_payload};
use functions::github::{GitHubSettings, finished_try_build, parse_team};
use shared_types::format::Versioned;
use shared_types::notices::{GitHubEvent, GitHubNotice};

use crate::assert_says_why;

const SETTINGS: &str = "repositories = [\"Codertocat/Hello-World\"]\nwatched_branch = \"master\"\n\
                        [permissions]\nrole = \"write\"\n[merge_bot]\nlogin = \"bors\"\n";

/// The kind of event is the first line; the rest is the payload. What becomes a message survives the
/// queue; and the rest is also read as the other texts of strangers.
pub(crate) fn github_webhook(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (event, body) = text.split_once('\n').unwrap_or(("", &text));
    let settings = GitHubSettings::parse(SETTINGS).unwrap();
    match parse_payload(&settings, event, body.as_bytes()) {
        Ok(Payload::Event(event)) => check_event(event),
        Ok(Payload::Ignored(reason)) => assert!(!reason.is_empty()),
        Err(refusal) => assert_says_why(&refusal),
    }
    if let Some(build) = finished_try_build(body) {
        assert!(body.to_lowercase().contains(build.commit.as_str()));
    }
    match parse_team("team", body) {
        Ok(members) => assert!(!members.is_empty()),
        Err(refusal) => assert_says_why(&refusal),
    }
    if let Err(refusal) = GitHubSettings::parse(body) {
        assert_says_why(&refusal);
    }
}

fn check_event(event: GitHubEvent) {
    if let GitHubEvent::Comment(comment) = &event {
        assert!(comment.text.len() <= 8 * 1024);
    }
    let notice = GitHubNotice::new("delivery".to_owned(), event);
    let json = serde_json::to_vec(&notice).unwrap();
    assert!(json.len() < 64 * 1024);
    assert_eq!(GitHubNotice::from_json(&json).unwrap(), notice);
}

macro_rules! example {
    ($event:literal, $name:literal) => {
        [
            concat!($event, "\n").as_bytes(),
            include_bytes!(concat!(
                "../../../functions/tests/fixtures/github-webhooks/",
                $name,
                ".json"
            )),
        ]
        .concat()
    };
}

pub(crate) fn github_webhook_seeds() -> Vec<Vec<u8>> {
    let build = "text\nTry build successful\nBuild commit: \
                 (`5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0`, parent: \
                 `0f9c8e7d6b5a4938271605f4e3d2c1b05b1e4d2a`)";
    vec![
        example!("issue_comment", "issue_comment-created"),
        example!("issue_comment", "issue_comment-deleted"),
        example!("pull_request", "pull_request-closed"),
        example!("push", "push"),
        build.as_bytes().to_vec(),
        b"team\n{\"people\":[{\"github\":\"ada\"}]}".to_vec(),
        format!("settings\n{SETTINGS}").into_bytes(),
    ]
}
