//! Pausing, resuming and draining by comments.

use shared_types::request::RequestState;

use crate::story::{BUILD, Story};
use crate::world::{ONE, TWO};

async fn asked() -> Story {
    let story = Story::begin().await;
    story
        .comment("ada", &format!("@rust-timer build {BUILD}"))
        .await;
    story
}

#[tokio::test]
async fn a_pull_requests_requests_are_paused_and_go_on() {
    let story = asked().await;
    let request = story.request().await.id;
    let comment = story.comment("ada", "@rust-timer pause").await;
    let reply = story.reply_to(comment);
    assert!(
        reply.contains(&format!("Paused: the request `{request}`.")),
        "{reply}"
    );
    let paused = story.request().await;
    assert_eq!(paused.state, RequestState::Paused);
    let note = paused.note.unwrap();
    assert!(note.starts_with("paused by github:ada"), "{note}");
    story.world.tick().await;
    assert!(story.world.take(ONE).await.is_none());
    // Paused is paused, whoever says it again.
    let again = story.comment("ada", "@rust-timer pause").await;
    assert!(
        story
            .reply_to(again)
            .contains("`pause` was not carried out")
    );

    let text = format!("@rust-timer resume {request}");
    let resumed = story.comment("ada", &text).await;
    assert!(story.reply_to(resumed).contains("Goes on: the request"));
    story.world.tick().await;
    assert!(story.world.take(ONE).await.is_some());
    let nothing = story.comment("ada", "@rust-timer resume").await;
    assert!(
        story
            .reply_to(nothing)
            .contains("nothing of this pull request is paused")
    );
    let audit = story.audit().await;
    let expected = [
        "github:ada comment: request",
        "github:ada comment: pause",
        "github:ada comment: resume",
    ];
    assert_eq!(audit, expected);
}

#[tokio::test]
async fn a_comment_that_is_heard_of_again_pauses_nothing_twice() {
    let story = asked().await;
    let text = "@rust-timer pause";
    let comment = story.comment("ada", text).await;
    let reply = story.reply_to(comment);
    for _ in 0..3 {
        story.tell_of_comment("created", comment, "ada", text).await;
        story.work_off().await;
    }
    assert_eq!(story.reply_to(comment), reply);
    assert_eq!(story.audit().await.len(), 2);
}

#[tokio::test]
async fn configurations_and_collectors_are_held_by_administrators_alone() {
    let story = asked().await;
    let texts = [
        format!("@rust-timer pause configuration {ONE}"),
        format!("@rust-timer resume configuration {ONE}"),
        "@rust-timer drain c1".to_owned(),
        "@rust-timer drain c1 end".to_owned(),
    ];
    let before = story.audit().await.len();
    for text in &texts {
        let comment = story.comment("ada", text).await;
        let reply = story.reply_to(comment);
        assert!(reply.contains("what others wait for, too"), "{reply}");
        assert!(reply.contains("role `admin`"), "{reply}");
    }
    assert_eq!(story.audit().await.len(), before);

    story.github.set_role("rob", "admin");
    story.comment("rob", &texts[0]).await;
    story.world.tick().await;
    assert!(story.world.take(ONE).await.is_none());
    assert!(story.world.take(TWO).await.is_some());
    story.comment("rob", &texts[1]).await;
    story.comment("rob", &texts[2]).await;
    let index = &story.world.context.store.index;
    assert!(index.collectors().await.unwrap()[0].draining);
    story.comment("rob", &texts[3]).await;
    assert!(!index.collectors().await.unwrap()[0].draining);
    let audit = story.audit().await;
    let expected = [
        "github:rob comment: pause configuration",
        "github:rob comment: resume configuration",
        "github:rob comment: drain",
        "github:rob comment: end drain",
    ];
    assert_eq!(audit[before..], expected);
}

#[tokio::test]
async fn who_administers_can_be_said() {
    let story = Story::begin_with(|text| {
        text.replace(
            "role = \"write\"",
            "role = \"write\"\nadmin_role = \"maintain\"",
        )
    })
    .await;
    story.github.set_role("rob", "maintain");
    let comment = story.comment("rob", "@rust-timer drain c1").await;
    assert!(story.reply_to(comment).contains("takes nothing more"));
}

#[tokio::test]
async fn an_unknown_name_is_answered_with_the_nearest_known_one() {
    let story = asked().await;
    story.github.set_role("rob", "admin");
    for (text, answer) in [
        (
            "@rust-timer pause configuration test-llvm-t3",
            "there is no configuration `test-llvm-t3`: did you mean `test-llvm-t",
        ),
        (
            "@rust-timer drain c2",
            "there is no collector `c2`: did you mean `c1`?",
        ),
        (
            "@rust-timer drain thinkpad",
            "there is no collector `thinkpad`: there are `c1`",
        ),
    ] {
        let comment = story.comment("rob", text).await;
        let reply = story.reply_to(comment);
        assert!(reply.contains(answer), "{reply}");
    }
}
