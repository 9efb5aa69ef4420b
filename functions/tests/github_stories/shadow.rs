//! Shadow mode is silent, also where it has every secret.

use async_trait::async_trait;
use functions::announcements::{AnnouncementError, Announcements};
use functions::shadow::{Shadow, ShadowSettings};
use functions::{github, triage};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::story::{Story, comment_payload};
use crate::world::{ONE, TWO, World};

/// Counts what would have been posted.
#[derive(Default)]
struct Counting(AtomicU32);

#[async_trait]
impl Announcements for Counting {
    fn characters_max(&self) -> usize {
        10_000
    }

    fn mention(&self, owner: &str) -> String {
        owner.to_owned()
    }

    async fn post(&self, _text: &str) -> Result<(), AnnouncementError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// The story goes on in shadow mode.
fn in_the_shadow(story: &mut Story) {
    let settings = "name = \"production\"\nsince = \"2026-01-01T00:00:00Z\"\n\
                    [perfleet]\nurl = \"http://127.0.0.1:9\"\n";
    let shadow = Shadow::new(ShadowSettings::parse(settings).unwrap());
    let context = story.world.context.clone().with_shadow(Some(shadow));
    story.world = World::holding(&story.world, context);
}

#[tokio::test]
async fn a_shadow_writes_its_comment_into_the_outbox_and_nowhere_else() {
    let mut story = Story::begin().await;
    story
        .comment(
            "ada",
            "@bors try @rust-timer queue profiles=check scenarios=full",
        )
        .await;
    story.try_build().await;
    let request = story.request().await;
    let posts = |story: &Story| story.github.calls("POST") + story.github.calls("PATCH");
    let (before, told) = (story.github.calls(""), story.comment_on(request.id));
    let labels = story.github.labels();
    assert!(posts(&story) > 0, "the story can be heard at all");

    in_the_shadow(&mut story);
    story.measure(ONE, 1.2).await;
    story.measure(TWO, 1.2).await;
    assert_eq!(
        story.github.calls(""),
        before,
        "not even a question was asked"
    );
    let (_, still) = story.comment_on(request.id);
    assert_eq!((still.body, still.edits), (told.1.body, told.1.edits));
    assert_eq!(story.github.labels(), labels);
    let outbox = github::written_comment(&story.world.context, request.id).await;
    let outbox = outbox.unwrap().unwrap();
    assert!(outbox.contains("regress"), "{outbox}");

    // And the way back: what waited in the outbox is shown.
    let context = story.world.context.clone().with_shadow(None);
    story.world = World::holding(&story.world, context);
    story.wait_s(60);
    functions::ingest::reconcile(&story.world.context, functions::ingest::Reach::Everything)
        .await
        .unwrap();
    story.work_off().await;
    assert!(story.comment_on(request.id).1.edits > still.edits);
}

#[tokio::test]
async fn a_shadow_follows_no_commands_and_says_so() {
    let mut story = Story::begin().await;
    in_the_shadow(&mut story);
    let text = "@rust-timer build 1111111111111111111111111111111111111111";
    let id = story.github.write("ada", text);
    let payload = comment_payload("created", id, "ada", text);
    let answer = story
        .deliver("issue_comment", &story.new_delivery(), &payload)
        .await;
    let said = String::from_utf8(answer.body).unwrap();
    assert_eq!(answer.status, 200);
    assert!(said.contains("the shadow of production"), "{said}");
    assert_eq!(story.work_off().await, Vec::<String>::new());
    assert!(story.requests().await.is_empty());
    assert!(story.github.ours().is_empty());
}

#[tokio::test]
async fn a_shadow_announces_nothing_of_triage() {
    let mut story = Story::begin().await;
    story
        .comment(
            "ada",
            "@bors try @rust-timer queue profiles=check scenarios=full",
        )
        .await;
    story.try_build().await;
    story.measure(ONE, 1.2).await;
    story.measure(TWO, 1.2).await;
    let posted = Arc::new(Counting::default());
    let context = story.world.context.clone();
    let context = context.with_announcements(Some(Arc::clone(&posted) as _));
    story.world = World::holding(&story.world, context.clone());
    in_the_shadow(&mut story);
    story.wait_s(8 * 24 * 60 * 60);
    triage::announce(&story.world.context).await.unwrap();
    assert_eq!(posted.0.load(Ordering::Relaxed), 0);
    // The same without shadow mode is heard.
    triage::announce(&context).await.unwrap();
    assert!(posted.0.load(Ordering::Relaxed) > 0);
}
