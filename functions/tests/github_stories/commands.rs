//! What people write, and what they are told.

use shared_types::request::RequestState;

use crate::story::{BUILD, Story};
use crate::world::{ONE, TWO};

#[tokio::test]
async fn one_reply_lists_every_mistake_of_a_comment() {
    let story = Story::begin().await;
    let text = format!(
        "@rust-timer queu runs=0\n@rust-timer build {} include=syn,serd\n\
         @rust-timer queue configurations=test-llvm-t3 targets=aarch64-unknown-linux-gnu kinds=runtime",
        "9".repeat(40)
    );
    let comment = story.comment("ada", &text).await;
    assert!(story.requests().await.is_empty());
    assert_eq!(story.github.ours().len(), 1);
    let reply = story
        .reply_to(comment)
        .replace(&comment.to_string(), "COMMENT");
    insta::assert_snapshot!("every_mistake", reply);
}

#[tokio::test]
async fn a_commit_that_is_not_there_is_told_in_reply() {
    let story = Story::begin().await;
    let comment = story
        .comment("ada", &format!("@rust-timer build {}", "9".repeat(40)))
        .await;
    assert!(story.requests().await.is_empty());
    let reply = story.reply_to(comment);
    assert!(
        reply.contains("rust-lang/rust has no commit `9999"),
        "{reply}"
    );
}

#[tokio::test]
async fn a_comment_that_is_mended_by_an_edit_is_carried_out_and_its_reply_edited() {
    let story = Story::begin().await;
    let comment = story.comment("ada", "@rust-timer queu").await;
    assert!(story.reply_to(comment).contains("did you mean `queue`?"));
    story
        .tell_of_comment("edited", comment, "ada", "@rust-timer queue")
        .await;
    story.work_off().await;
    assert!(
        story
            .reply_to(comment)
            .contains("Waiting for the next try build")
    );
    // What was carried out is not carried out again for an edit.
    story
        .tell_of_comment("edited", comment, "ada", "@rust-timer queue runs=5")
        .await;
    story.work_off().await;
    assert_eq!(story.record().await.awaiting.len(), 1);
}

#[tokio::test]
async fn who_may_not_command_is_told_who_may() {
    let story = Story::begin().await;
    let comment = story
        .comment("mallory", &format!("@rust-timer build {BUILD}"))
        .await;
    assert!(story.requests().await.is_empty() && story.audit().await.is_empty());
    let reply = story.reply_to(comment);
    assert!(reply.contains("You may not command here."), "{reply}");
    assert!(reply.contains("role `write`"), "{reply}");
    // Help is for everybody.
    let help = story.comment("mallory", "@rust-timer help").await;
    assert!(story.reply_to(help).contains("| `@rust-timer queue` |"));
}

#[tokio::test]
async fn whom_the_teams_file_names_may_command() {
    let story = Story::begin_with(|text| {
        let url = text
            .lines()
            .next()
            .unwrap()
            .split('"')
            .nth(1)
            .unwrap()
            .to_owned();
        text.replace("role = \"write\"", &format!("team = \"{url}/team.json\""))
    })
    .await;
    story
        .github
        .set_team(r#"{"people":[{"github":"Rob","name":"Rob"}]}"#);
    story
        .comment("rob", &format!("@rust-timer build {BUILD}"))
        .await;
    assert_eq!(story.requests().await.len(), 1);
    story
        .comment("ada", &format!("@rust-timer build {BUILD}"))
        .await;
    assert_eq!(story.requests().await.len(), 1);
    assert_eq!(story.github.calls("GET /team.json"), 1);
}

#[tokio::test]
async fn a_try_asks_the_merge_bot_and_waits() {
    let story = Story::begin().await;
    let comment = story.comment("ada", "@rust-timer try").await;
    assert!(story.reply_to(comment).ends_with("\n\n@bors try\n"));
    story.try_build().await;
    assert_eq!(story.requests().await.len(), 1);
}

#[tokio::test]
async fn cancelling_stops_what_waits_and_what_is_measured() {
    let story = Story::begin().await;
    story
        .comment("ada", &format!("@rust-timer build {BUILD}"))
        .await;
    story.comment("ada", "@rust-timer queue").await;
    let request = story.request().await;
    story.set_role("rob", "admin");
    let comment = story.comment("rob", "@rust-timer cancel").await;
    let reply = story.reply_to(comment);
    assert!(
        reply.contains(&format!("`{}`, and what waited", request.id)),
        "{reply}"
    );
    assert_eq!(
        story.world.request(request.id).await.state,
        RequestState::Cancelled
    );
    assert!(story.record().await.awaiting.is_empty());
    let text = story.comment_on(request.id).1.body;
    assert!(text.contains("It was cancelled by @\u{200b}rob"), "{text}");
    assert!(
        !story
            .github
            .labels()
            .contains(&"S-waiting-on-perf".to_owned())
    );
    // A second time there is nothing to cancel.
    let again = story.comment("rob", "@rust-timer cancel").await;
    assert!(
        story
            .reply_to(again)
            .contains("nothing of this pull request waits")
    );
}

#[tokio::test]
async fn a_re_run_measures_the_same_once_more() {
    let story = Story::begin().await;
    let nothing = story.comment("ada", "@rust-timer re-run").await;
    assert!(
        story
            .reply_to(nothing)
            .contains("nothing of this pull request was measured yet")
    );
    story
        .comment(
            "ada",
            &format!(
                "@rust-timer build {BUILD} configurations={ONE} profiles=check scenarios=full"
            ),
        )
        .await;
    story.measure(ONE, 1.0).await;
    story.comment("ada", "@rust-timer re-run").await;
    story
        .comment("ada", &format!("@rust-timer rerun configurations={TWO}"))
        .await;
    let requests = story.requests().await;
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[1].head.artifact, requests[0].head.artifact);
    assert!(
        requests
            .iter()
            .any(|one| one.configurations[0].as_str() == TWO)
    );
}

#[tokio::test]
async fn a_request_of_another_pull_request_is_none_of_this_ones() {
    let story = Story::begin().await;
    let id = "01955115-e1c0-7000-8000-000000000001";
    let comment = story
        .comment("ada", &format!("@rust-timer cancel {id}"))
        .await;
    assert!(
        story
            .reply_to(comment)
            .contains("is no request of this pull request")
    );
}

impl Story {
    fn set_role(&self, login: &str, role: &str) {
        self.github.set_role(login, role);
    }
}

#[tokio::test]
async fn programs_and_parts_of_a_toolchain_are_checked_by_their_names_too() {
    let story = Story::begin().await;
    let mut suite = crate::world::catalogue(&["syn-2.0.119"]);
    suite.runtime_groups = vec![shared_types::collector::RuntimeGroupEntry {
        name: "sorting".parse().unwrap(),
        category: shared_types::Category::Primary,
        benchmarks: vec!["stable-strings".parse().unwrap()],
    }];
    story
        .world
        .announce_catalogue("c1", &[ONE, TWO], &suite)
        .await;
    story.world.tick().await;
    for (options, answer) in [
        (
            "kinds=runtime include=sortign",
            "there is no benchmark `sortign`: did you mean `sorting`?",
        ),
        (
            "kinds=runtime,compile exclude=stable-string",
            "there is no benchmark `stable-string`: did you mean `stable-strings`?",
        ),
        (
            "kinds=runtime include=syn-2.0.119",
            "there is no benchmark `syn-2.0.119`: there are `sorting`, `stable-strings`",
        ),
        (
            "kinds=toolchain include=librustc_driver",
            "there is no benchmark `librustc_driver`: the suite has none of that kind",
        ),
    ] {
        let text = format!("@rust-timer build {BUILD} {options}");
        let comment = story.comment("ada", &text).await;
        let reply = story.reply_to(comment);
        assert!(reply.contains(answer), "{reply}");
    }
    for options in [
        "kinds=runtime include=sorting",
        "kinds=runtime include=stable-strings",
        "kinds=runtime,compile include=sorting,syn-2.0.119",
    ] {
        let before = story.requests().await.len();
        let text = format!("@rust-timer build {BUILD} {options}");
        story.comment("ada", &text).await;
        assert_eq!(story.requests().await.len(), before + 1, "{options}");
    }
}
