//! GitHub's own examples, and what they mean to us.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

macro_rules! example {
    ($name:literal) => {
        include_str!(concat!(
            "../../../../tests/fixtures/github-webhooks/",
            $name,
            ".json"
        ))
    };
}

fn settings() -> GitHubSettings {
    let text = "repositories = [\"Codertocat/Hello-World\"]\nwatched_branch = \"master\"\n\
                own_login = \"our-app[bot]\"\n[permissions]\nrole = \"write\"\n\
                [merge_bot]\nlogin = \"rust-bors[bot]\"\n";
    GitHubSettings::parse(text).unwrap()
}

fn parse(event: &str, payload: &Value) -> Payload {
    parse_payload(&settings(), event, payload.to_string().as_bytes()).unwrap()
}

/// The example of a comment, on a pull request, by somebody, with this text.
fn comment(example: &str, author: &str, text: &str) -> Value {
    let mut payload: Value = serde_json::from_str(example).unwrap();
    payload["issue"]["pull_request"] = json!({ "url": "https://api.github.com/repos/x/y/pulls/1" });
    payload["comment"]["user"]["login"] = json!(author);
    payload["comment"]["body"] = json!(text);
    payload
}

fn of_comment_event(payload: Payload) -> CommentEvent {
    match payload {
        Payload::Event(GitHubEvent::Comment(event)) => event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn githubs_examples_mean_what_they_say() {
    let meanings: Vec<String> = [
        ("issue_comment", example!("issue_comment-created")),
        ("issue_comment", example!("issue_comment-deleted")),
        ("pull_request", example!("pull_request-closed")),
        ("pull_request", example!("pull_request-synchronize")),
        ("push", example!("push")),
        ("ping", example!("ping")),
        ("installation", "{}"),
        ("star", "{}"),
    ]
    .iter()
    .map(|(event, payload)| {
        let meaning = parse_payload(&settings(), event, payload.as_bytes());
        format!("{event}: {:#?}", meaning.unwrap())
    })
    .collect();
    insta::assert_snapshot!(meanings.join("\n"));
}

#[test]
fn of_a_comment_only_the_lines_with_commands_go_further() {
    let text = "Thank you!\n@rust-timer queue\n> @rust-timer queue\nBye";
    let written = parse(
        "issue_comment",
        &comment(example!("issue_comment-created"), "ada", text),
    );
    let event = of_comment_event(written);
    assert_eq!(event.text, "@rust-timer queue");
    assert!(!event.edited);
    assert_eq!(event.pull_request.to_string(), "Codertocat/Hello-World#1");
    let edited = parse(
        "issue_comment",
        &comment(example!("issue_comment-edited"), "ada", text),
    );
    assert!(of_comment_event(edited).edited);
}

#[test]
fn what_we_wrote_is_no_command_and_what_the_merge_bot_wrote_may_be_a_build() {
    let example = example!("issue_comment-created");
    let own = parse(
        "issue_comment",
        &comment(example, "our-app[bot]", "@rust-timer queue"),
    );
    assert!(matches!(own, Payload::Ignored(_)), "{own:?}");
    let sha = "5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0";
    let text = format!("Try build successful\nBuild commit: (`{sha}`)\nSee @rust-timer queue");
    let told = parse("issue_comment", &comment(example, "rust-bors[bot]", &text));
    let lines = of_comment_event(told).text;
    assert_eq!(
        lines,
        format!("Try build successful\nBuild commit: (`{sha}`)")
    );
}

#[test]
fn a_deleted_comment_on_a_pull_request_is_told() {
    let payload = comment(example!("issue_comment-deleted"), "ada", "x");
    let told = parse("issue_comment", &payload);
    assert!(
        matches!(
            told,
            Payload::Event(GitHubEvent::CommentDeleted {
                comment: 492_700_400,
                ..
            })
        ),
        "{told:?}"
    );
}

#[test]
fn a_push_to_the_watched_branch_is_told_and_others_are_not() {
    let mut payload: Value = serde_json::from_str(example!("push")).unwrap();
    payload["before"] = json!("a".repeat(40));
    payload["after"] = json!("b".repeat(40));
    payload["ref"] = json!("refs/heads/master");
    assert!(matches!(
        parse("push", &payload),
        Payload::Event(GitHubEvent::Push(_))
    ));
    for (reference, after) in [
        ("refs/heads/other", "b"),
        ("refs/tags/master", "b"),
        ("refs/heads/master", "0"),
    ] {
        payload["ref"] = json!(reference);
        payload["after"] = json!(after.repeat(40));
        assert!(
            matches!(parse("push", &payload), Payload::Ignored(_)),
            "{reference}"
        );
    }
}

#[test]
fn a_payload_that_lacks_what_github_promises_is_refused() {
    for (event, body) in [
        ("issue_comment", "{}"),
        ("pull_request", "[]"),
        ("push", "not json"),
        (
            "push",
            r#"{"ref":"refs/heads/master","before":"x","after":"y","forced":false}"#,
        ),
    ] {
        assert!(
            parse_payload(&settings(), event, body.as_bytes()).is_err(),
            "{event} {body}"
        );
    }
}

proptest! {
    #[test]
    fn any_body_is_answered(event in "issue_comment|pull_request|push|ping|[a-z_]{0,9}", body in ".{0,60}") {
        let _ = parse_payload(&settings(), &event, body.as_bytes());
    }

    #[test]
    fn a_long_comment_is_cut_between_letters(times in 1usize..9000) {
        let text = format!("@rust-timer queue {}", "é".repeat(times));
        let payload = comment(example!("issue_comment-created"), "ada", &text);
        let event = of_comment_event(parse("issue_comment", &payload));
        prop_assert!(event.text.len() <= TEXT_BYTES_MAX);
        prop_assert!(text.starts_with(&event.text));
    }
}
