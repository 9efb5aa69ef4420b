//! Rollups that got slower, and their members.

use crate::stand_in::MEMBERS;
use crate::story::{BUILD, MERGE_BOT, PARENT, Story};
use crate::world::ONE;

const FIRST: &str = "5555555555555555555555555555555555555555";
const SECOND: &str = "6666666666666666666666666666666666666666";

/// The merge bot's comment about the builds of the members.
fn table() -> String {
    let row = |number: u64, title: &str, sha: &str| {
        format!(
            "|#{number}|{title}|`{sha}`<br>([link](https://github.com/rust-lang/rust/commit/{sha}))|"
        )
    };
    format!(
        "\u{1f4cc} Perf builds for each rolled up PR:\n\n| PR# | Message | Perf Build Sha |\n\
         |----|----|:-----:|\n{}\n{}\n\n*previous master*: {PARENT}",
        row(MEMBERS[0], "Make it fast for @everybody", FIRST),
        row(MEMBERS[1], "Make it right", SECOND)
    )
}

async fn rollup() -> Story {
    let story = Story::begin().await;
    for (sha, number) in [(FIRST, MEMBERS[0]), (SECOND, MEMBERS[1])] {
        let message =
            format!("Unrolled build for #{number} in rollup 12\nRollup merge of #{number}");
        story.github.add_commit_saying(sha, &[PARENT], &message);
    }
    story
}

#[tokio::test]
async fn a_rollup_that_got_slower_is_told_which_members_can_be_measured_and_how() {
    for table_comes_first in [true, false] {
        let story = rollup().await;
        if table_comes_first {
            story.comment(MERGE_BOT, &table()).await;
        }
        let build =
            format!("@rust-timer build {BUILD} configurations={ONE} profiles=check scenarios=full");
        story.comment("ada", &build).await;
        let request = story.request().await;
        let before = story.comment_on(request.id).1.body;
        assert!(!before.contains("triage"), "{before}");
        story.measure(ONE, 1.3).await;
        if !table_comes_first {
            story.comment(MERGE_BOT, &table()).await;
        }
        let told = story.comment_on(request.id).1.body;
        let (_, steps) = told.split_once("**What to do:**").unwrap();
        let (steps, _) = steps.split_once("<details>").unwrap();
        insta::assert_snapshot!("members_offered", steps.trim());
    }
}

#[tokio::test]
async fn a_rollup_that_did_not_get_slower_offers_nothing() {
    let story = rollup().await;
    story.comment(MERGE_BOT, &table()).await;
    let build =
        format!("@rust-timer build {BUILD} configurations={ONE} profiles=check scenarios=full");
    story.comment("ada", &build).await;
    story.measure(ONE, 1.0).await;
    let request = story.request().await;
    let told = story.comment_on(request.id).1.body;
    assert!(!told.contains("triage"), "{told}");
}

#[tokio::test]
async fn members_are_measured_alone_and_what_came_out_is_told_on_them_and_on_the_rollup() {
    let story = rollup().await;
    story.comment(MERGE_BOT, &table()).await;
    let text = format!(
        "@rust-timer triage {FIRST} https://github.com/rust-lang/rust/commit/{SECOND} \
         configurations={ONE} profiles=check scenarios=full"
    );
    let asked = story.comment("ada", &text).await;
    let requests = story.requests().await;
    let heads: Vec<String> = requests
        .iter()
        .map(|one| one.head.artifact.to_string())
        .collect();
    assert!(heads.contains(&FIRST.to_owned()) && heads.contains(&SECOND.to_owned()));
    let stable = |text: &str| {
        let mut text = text.replace(&asked.to_string(), "ASKED");
        for request in &requests {
            let name = format!("REQUEST-{}", &request.head.artifact.to_string()[..1]);
            text = text.replace(&request.id.to_string(), &name);
            let (id, _) = story.comment_on(request.id);
            text = text.replace(&id.to_string(), &format!("COMMENT-{name}"));
        }
        text
    };
    insta::assert_snapshot!("members_asked", stable(&story.reply_to(asked)));

    story
        .measure_as(ONE, |artifact| if artifact == SECOND { 1.3 } else { 1.0 })
        .await;
    insta::assert_snapshot!("members_measured", stable(&story.reply_to(asked)));
    for request in &requests {
        let is_second = request.head.artifact.to_string() == SECOND;
        let member = if is_second { MEMBERS[1] } else { MEMBERS[0] };
        let (_, comment) = story.comment_on(request.id);
        assert_eq!(comment.on, member);
        let back = format!(
            "on the rollup [#12](https://github.com/rust-lang/rust/pull/12#issuecomment-{asked})"
        );
        assert!(comment.body.contains(&back), "{}", comment.body);
        let labels = story.github.labels_of(member);
        assert_eq!(labels.contains(&"perf-regression".to_owned()), is_second);
    }
    // A reply and two comments, however often it is heard of.
    for _ in 0..3 {
        story.tell_of_comment("created", asked, "ada", &text).await;
        story.work_off().await;
    }
    assert_eq!(story.github.ours().len(), 3);
    assert_eq!(story.audit().await, ["github:ada comment: triage"]);
}

#[tokio::test]
async fn a_commit_that_builds_no_member_is_refused_and_the_others_are_measured() {
    let story = rollup().await;
    let missing = "9".repeat(40);
    let text = format!("@rust-timer triage {FIRST} {BUILD} {missing}");
    let asked = story.comment("ada", &text).await;
    assert_eq!(story.requests().await.len(), 1);
    let reply = story.reply_to(asked);
    assert!(
        reply.contains("builds no single member of a rollup"),
        "{reply}"
    );
    assert!(
        reply.contains(&format!("has no commit `{missing}`")),
        "{reply}"
    );
    assert!(reply.contains("* #34"), "{reply}");
    let none = story
        .comment("ada", &format!("@rust-timer triage {BUILD}"))
        .await;
    assert!(
        story
            .reply_to(none)
            .contains("`triage` was not carried out")
    );
    assert_eq!(story.requests().await.len(), 1);
}

#[tokio::test]
async fn the_same_build_is_measured_once_more_with_its_base() {
    let story = Story::begin().await;
    let first = story
        .comment("ada", &format!("@rust-timer build {BUILD} same"))
        .await;
    assert!(
        story
            .reply_to(first)
            .contains("was not measured for this pull request yet")
    );
    let options = format!("configurations={ONE} profiles=check scenarios=full runs=2");
    story
        .comment("ada", &format!("@rust-timer build {BUILD} {options}"))
        .await;
    story.measure(ONE, 1.0).await;
    story
        .comment("ada", &format!("@rust-timer build {BUILD} same"))
        .await;
    let requests = story.requests().await;
    let (earlier, again) = (&requests[0], &requests[1]);
    assert_eq!(again.selection, earlier.selection);
    assert_eq!(again.configurations, earlier.configurations);
    assert_eq!(again.iterations, 2);
    assert_eq!(again.head.replicate, earlier.head.replicate.next());
    assert!(!again.backfill);
    let (base, base_before) = (again.base.clone().unwrap(), earlier.base.clone().unwrap());
    assert_eq!(base.artifact, base_before.artifact);
    assert_eq!(base.replicate, base_before.replicate.next());
}
