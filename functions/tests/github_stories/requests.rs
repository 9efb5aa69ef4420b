//! From a comment to its answer.

use shared_types::request::RequestState;

use crate::story::{BUILD, MERGE_BOT, PARENT, Story};
use crate::world::{ONE, TWO};

/// What a comment says, without what differs from one time to the next.
fn stable(text: &str, request: shared_types::RequestId) -> String {
    text.replace(&request.to_string(), "REQUEST")
}

#[tokio::test]
async fn a_queued_try_build_is_measured_and_its_one_comment_kept_up_to_date() {
    let story = Story::begin().await;
    let asked = story
        .comment(
            "ada",
            "@bors try @rust-timer queue profiles=check scenarios=full",
        )
        .await;
    assert!(story.requests().await.is_empty());
    assert!(
        story
            .reply_to(asked)
            .contains("Waiting for the next try build by rust-bors[bot]")
    );

    story.try_build().await;
    let request = story.request().await;
    assert_eq!(request.requester, "github:ada");
    assert_eq!(request.head.artifact.to_string(), BUILD);
    assert_eq!(request.base.as_ref().unwrap().artifact.to_string(), PARENT);
    let (comment, waiting) = story.comment_on(request.id);
    insta::assert_snapshot!("comment_waiting", stable(&waiting.body, request.id));
    assert_eq!(story.github.labels(), ["S-waiting-on-perf"]);
    // The reply has had its time.
    assert!(story.github.ours_with("reply-to=")[0].1.folded);

    story.measure(ONE, 1.2).await;
    let (same, partly) = story.comment_on(request.id);
    assert_eq!(same, comment);
    insta::assert_snapshot!("comment_partly", stable(&partly.body, request.id));

    story.measure(TWO, 1.2).await;
    let (same, done) = story.comment_on(request.id);
    assert_eq!(same, comment);
    assert!(done.edits >= 2);
    insta::assert_snapshot!("comment_done", stable(&done.body, request.id));
    assert_eq!(
        story.world.request(request.id).await.state,
        RequestState::Done
    );
    assert_eq!(story.github.labels(), ["perf-regression"]);
    assert_eq!(story.github.ours().len(), 2);
    assert_eq!(
        story.audit().await,
        ["github:ada comment: queue", "github:ada comment: request"]
    );
}

#[tokio::test]
async fn everything_delivered_five_times_does_its_work_once() {
    let story = Story::begin().await;
    let text = "@rust-timer queue profiles=check scenarios=full";
    let asked = story.github.write("ada", text);
    for _ in 0..5 {
        story.tell_of_comment("created", asked, "ada", text).await;
    }
    story.work_off().await;
    let built = story.try_build().await;
    let told = format!("Try build successful\nBuild commit: (`{BUILD}`, parent: `{PARENT}`)");
    for _ in 0..5 {
        story
            .tell_of_comment("created", built, MERGE_BOT, &told)
            .await;
        story.tell_of_comment("created", asked, "ada", text).await;
        story.work_off().await;
    }
    let request = story.request().await;
    story.measure(ONE, 1.0).await;
    story.measure(TWO, 1.0).await;
    assert_eq!(story.github.ours().len(), 2);
    assert_eq!(story.audit().await.len(), 2);
    assert!(
        story
            .comment_on(request.id)
            .1
            .body
            .contains("No relevant change")
    );
    assert!(story.github.labels().is_empty());
}

#[tokio::test]
async fn a_try_build_that_is_heard_of_before_the_command_is_measured_all_the_same() {
    let story = Story::begin().await;
    let text = "@rust-timer queue";
    let asked = story.github.write("ada", text);
    story.try_build().await;
    assert!(story.requests().await.is_empty());
    story.tell_of_comment("created", asked, "ada", text).await;
    story.work_off().await;
    assert_eq!(story.request().await.head.artifact.to_string(), BUILD);
}

#[tokio::test]
async fn a_try_build_from_before_the_command_is_not_what_was_asked_for() {
    let story = Story::begin().await;
    story.try_build().await;
    story.comment("ada", "@rust-timer queue").await;
    assert!(story.requests().await.is_empty());
    assert_eq!(story.record().await.awaiting.len(), 1);
}

#[tokio::test]
async fn a_build_is_measured_at_once_against_its_first_parent() {
    let story = Story::begin().await;
    let address = format!("https://github.com/rust-lang/rust/commit/{BUILD}");
    story
        .comment(
            "ada",
            &format!("@rust-timer build {address} configurations={ONE} runs=2"),
        )
        .await;
    let request = story.request().await;
    assert_eq!(request.base.unwrap().artifact.to_string(), PARENT);
    assert_eq!(request.configurations.len(), 1);
    assert_eq!(request.iterations, 2);
    // The comment on the request is answer enough.
    assert_eq!(story.github.ours().len(), 1);
}

#[tokio::test]
async fn a_request_that_failed_says_so_in_its_comment() {
    let story = Story::begin().await;
    story
        .comment(
            "ada",
            &format!("@rust-timer build {BUILD} configurations={ONE}"),
        )
        .await;
    let request = story.request().await;
    story.world.tick().await;
    let index = &story.world.context.store.index;
    for job in index.jobs_of_request(request.id).await.unwrap() {
        for attempt in 1..=3 {
            let failure = shared_types::job::JobFailure {
                attempt: shared_types::ids::Attempt(attempt),
                collector: "c1".to_owned(),
                reason: "there is no such build".to_owned(),
                at: story.world.context.now(),
            };
            index.record_failure(job.id, &failure).await.unwrap();
        }
    }
    story.world.tick().await;
    story.work_off().await;
    let text = story.comment_on(request.id).1.body;
    assert!(
        text.contains("**Failed.**") && text.contains("there is no such build"),
        "{text}"
    );
    assert!(text.contains("`@rust-timer re-run`"), "{text}");
}

#[tokio::test]
async fn what_somebody_has_triaged_keeps_its_labels() {
    let story = Story::begin().await;
    story.github.label("perf-regression-triaged");
    story
        .comment(
            "ada",
            &format!(
                "@rust-timer build {BUILD} configurations={ONE} profiles=check scenarios=full"
            ),
        )
        .await;
    story.measure(ONE, 1.3).await;
    assert_eq!(story.github.labels(), ["perf-regression-triaged"]);
}
