//! GitHub fails, limits, loses answers and forgets us.

use crate::stand_in::Mood;
use crate::story::{BUILD, Story};
use crate::world::ONE;

#[tokio::test]
async fn an_outage_of_an_hour_loses_nothing_and_doubles_nothing() {
    let story = Story::begin().await;
    story.be(Mood::Down);
    story
        .comment(
            "ada",
            &format!(
                "@rust-timer build {BUILD} configurations={ONE} profiles=check scenarios=full"
            ),
        )
        .await;
    assert!(story.requests().await.is_empty());
    let mut failures = Vec::new();
    for _ in 0..60 {
        story.wait_s(60);
        failures.extend(story.work_off().await);
    }
    assert!(
        failures.len() < 12,
        "it is asked less and less often: {}",
        failures.len()
    );
    assert!(
        failures.iter().all(|one| one.contains("status 503")),
        "{failures:#?}"
    );
    assert_eq!(story.world.dead(&store::QueueName::Github).await, 0);

    story.be(Mood::Well);
    for _ in 0..30 {
        story.wait_s(60);
        story.work_off().await;
    }
    let request = story.request().await;
    assert_eq!(story.github.ours().len(), 1);
    // It goes down again just when there is something to say.
    story.be(Mood::Down);
    story.measure(ONE, 1.0).await;
    story.be(Mood::Well);
    for _ in 0..30 {
        story.wait_s(60);
        story.work_off().await;
    }
    let text = story.comment_on(request.id).1.body;
    assert!(text.contains("No relevant change"), "{text}");
}

#[tokio::test]
async fn a_limit_is_waited_for_as_long_as_github_says() {
    let story = Story::begin().await;
    story.be(Mood::Limits(300));
    story
        .comment("ada", &format!("@rust-timer build {BUILD}"))
        .await;
    story.be(Mood::Well);
    story.wait_s(290);
    assert!(story.work_off().await.is_empty());
    assert!(story.requests().await.is_empty());
    story.wait_s(20);
    story.work_off().await;
    assert_eq!(story.requests().await.len(), 1);
}

#[tokio::test]
async fn a_comment_whose_answer_was_lost_is_found_and_not_written_twice() {
    let story = Story::begin().await;
    story.be(Mood::LosesAnswers);
    // The token of the installation is the first answer that is lost.
    story
        .comment("ada", &format!("@rust-timer build {BUILD}"))
        .await;
    story.be(Mood::Well);
    story.wait_s(120);
    story.work_off().await;
    let request = story.request().await;
    story.be(Mood::LosesAnswers);
    story.comment("ada", "@rust-timer help").await;
    assert_eq!(story.github.ours_with("reply-to=").len(), 1);
    story.comment("ada", "@rust-timer cancel").await;
    story.be(Mood::Well);
    for _ in 0..20 {
        story.wait_s(60);
        story.work_off().await;
    }
    assert_eq!(story.github.ours_with("reply-to=").len(), 2);
    assert!(
        story
            .comment_on(request.id)
            .1
            .body
            .contains("**Cancelled.**")
    );
}

#[tokio::test]
async fn a_token_is_used_until_it_ends_and_renewed_when_github_forgets_it() {
    let story = Story::begin().await;
    story.comment("ada", "@rust-timer queue").await;
    story.comment("ada", "@rust-timer help").await;
    assert_eq!(story.github.tokens_made(), 1);
    story.wait_s(56 * 60);
    story.comment("ada", "@rust-timer help").await;
    assert_eq!(story.github.tokens_made(), 2);
    story.github.revoke_tokens();
    story.comment("ada", "@rust-timer help").await;
    assert_eq!(story.github.tokens_made(), 3);
    assert_eq!(story.github.ours().len(), 4);
}
