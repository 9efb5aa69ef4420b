//! What becomes of a pull request meanwhile.

use shared_types::request::RequestState;

use crate::story::{BUILD, HEAD_ONE, HEAD_TWO, Story};
use crate::world::ONE;

async fn asked() -> Story {
    let story = Story::begin().await;
    // Something was asked for once, so that the pull request is known with its head.
    story.comment("ada", "@rust-timer queue").await;
    story.tell_of_pull_request("opened", "open", HEAD_ONE).await;
    story.work_off().await;
    story
        .comment(
            "ada",
            &format!(
                "@rust-timer build {BUILD} configurations={ONE} profiles=check scenarios=full"
            ),
        )
        .await;
    story
}

#[tokio::test]
async fn a_force_push_before_the_measuring_cancels_it() {
    let story = asked().await;
    story.wait_s(60);
    story.github.set_branch(&[HEAD_TWO]);
    story
        .tell_of_pull_request("synchronize", "open", HEAD_TWO)
        .await;
    story.work_off().await;
    let request = story.request().await;
    assert_eq!(request.state, RequestState::Cancelled);
    let text = story.comment_on(request.id).1.body;
    assert!(
        text.contains("its commit left the pull request before it was measured"),
        "{text}"
    );
    assert!(
        text.contains("> The pull request was force-pushed meanwhile"),
        "{text}"
    );
}

#[tokio::test]
async fn a_force_push_while_measuring_is_said_and_stops_nothing() {
    let story = asked().await;
    story.world.tick().await;
    let taken = story.world.take(ONE).await.unwrap();
    story.world.progress(&taken).await;
    story.world.tick().await;
    story.github.set_branch(&[HEAD_TWO]);
    story.wait_s(60);
    story
        .tell_of_pull_request("synchronize", "open", HEAD_TWO)
        .await;
    story.work_off().await;
    let request = story.request().await;
    assert!(!request.state.is_final(), "{}", request.state);
    let text = story.comment_on(request.id).1.body;
    assert!(
        text.contains("> The pull request was force-pushed meanwhile"),
        "{text}"
    );
}

#[tokio::test]
async fn a_further_commit_cancels_nothing() {
    let story = asked().await;
    story.github.set_branch(&[HEAD_ONE, HEAD_TWO]);
    story.wait_s(60);
    story
        .tell_of_pull_request("synchronize", "open", HEAD_TWO)
        .await;
    story.work_off().await;
    let request = story.request().await;
    assert!(!request.state.is_final());
    let text = story.comment_on(request.id).1.body;
    assert!(
        text.contains("> The pull request has further commits"),
        "{text}"
    );
}

#[tokio::test]
async fn a_closed_pull_request_waits_for_no_try_build_and_says_so() {
    let story = asked().await;
    story.wait_s(60);
    story
        .tell_of_pull_request("closed", "closed", HEAD_ONE)
        .await;
    story.work_off().await;
    assert!(story.record().await.awaiting.is_empty());
    let request = story.request().await;
    let text = story.comment_on(request.id).1.body;
    assert!(
        text.contains("> The pull request was closed meanwhile."),
        "{text}"
    );
    story.try_build().await;
    assert_eq!(story.requests().await.len(), 1);
}

#[tokio::test]
async fn a_comment_of_ours_that_somebody_deletes_is_written_anew_once() {
    let story = asked().await;
    let request = story.request().await;
    let (first, _) = story.comment_on(request.id);
    story.github.delete(first);
    story.measure(ONE, 1.0).await;
    let (second, comment) = story.comment_on(request.id);
    assert_ne!(second, first);
    assert!(
        comment.body.contains("No relevant change"),
        "{}",
        comment.body
    );
    story.github.delete(second);
    story.wait_s(60);
    story
        .tell_of_pull_request("closed", "closed", HEAD_ONE)
        .await;
    story.github.set_branch(&[HEAD_TWO]);
    story
        .tell_of_pull_request("reopened", "open", HEAD_TWO)
        .await;
    assert_eq!(story.work_off().await, Vec::<String>::new());
    assert!(
        story
            .github
            .ours_with(&format!("request={}", request.id))
            .is_empty()
    );
}

#[tokio::test]
async fn a_deleted_command_is_withdrawn() {
    let story = Story::begin().await;
    let comment = story.comment("ada", "@rust-timer queue").await;
    story
        .tell_of_comment("deleted", comment, "ada", "@rust-timer queue")
        .await;
    story.work_off().await;
    story.try_build().await;
    assert!(story.requests().await.is_empty());
}
