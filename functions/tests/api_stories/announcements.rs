//! What is posted of triage: once, whoever runs how often, and whatever fails on the way.

use functions::announcements::{self, zulip};
use functions::{Context, triage};
use serde_json::json;
use store::TokenRole;

use crate::triage::world_with;
use crate::world::World;
use crate::zulip_stand_in::{BOT, CHANNEL, KEY, Mood, ZulipStandIn};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// A context that posts to the stand-in, with this key and channel.
fn posting(world: &World, zulip: &ZulipStandIn, key: &str, channel: &str) -> Context {
    let settings = zulip::ZulipSettings::read(|name| {
        let value = match name {
            zulip::SITE_VARIABLE => zulip.site.as_str(),
            zulip::BOT_VARIABLE => BOT,
            zulip::KEY_VARIABLE => key,
            zulip::CHANNEL_VARIABLE => channel,
            _ => return None,
        };
        Some(value.to_owned())
    });
    let announcements = announcements::by(settings.unwrap());
    world.context.clone().with_announcements(announcements)
}

async fn problems(world: &World) -> Vec<String> {
    let problems = world.context.store.index.problems(10).await.unwrap();
    problems.into_iter().map(|one| one.message).collect()
}

/// Everybody acknowledged everything that waits, so that nobody is reminded of anything.
async fn everything_acknowledged(world: &World) {
    let triager = world.token("tina", TokenRole::Triage).await;
    let act = json!({ "act": {
        "kind": "acknowledge",
        "configurations": ["n1"],
        "reason": "accepted",
        "words": "worth it",
        "owner": "grace",
    }});
    let path = "triage/release-1.85.0..release-1.86.0";
    let (status, answer) = world.post(path, Some(&triager), &act).await;
    assert_eq!(status, 200, "{answer:#}");
}

#[tokio::test]
async fn a_week_is_posted_once_however_many_run() {
    let world = world_with(0.8).await;
    everything_acknowledged(&world).await;
    let zulip = ZulipStandIn::start();
    let context = posting(&world, &zulip, KEY, CHANNEL);
    // From the Sunday on which it was found to Monday: its week is over.
    world.clock.advance_seconds(DAY);
    let (one, other) = tokio::join!(triage::announce(&context), triage::announce(&context));
    one.unwrap();
    other.unwrap();
    for _ in 0..5 {
        world.clock.advance_seconds(HOUR);
        triage::announce(&context).await.unwrap();
    }
    let posted = zulip.posted();
    assert_eq!(posted.len(), 1, "{posted:#?}");
    assert!(posted[0].contains("2026-W09") && posted[0].contains("## Conflicts"));
    world.clock.advance_seconds(7 * DAY);
    triage::announce(&context).await.unwrap();
    assert_eq!(zulip.posted().len(), 2);
    assert_eq!(problems(&world).await, [""; 0]);
}

#[tokio::test]
async fn who_is_late_is_reminded_once_of_all_of_it() {
    let world = world_with(1.2).await;
    let zulip = ZulipStandIn::start();
    let context = posting(&world, &zulip, KEY, CHANNEL);
    let of_late = |zulip: &ZulipStandIn| {
        let posted = zulip.posted().into_iter();
        posted
            .filter(|text| text.contains("wait"))
            .filter(|text| text.starts_with('@'))
            .collect::<Vec<_>>()
    };
    world.clock.advance_seconds(2 * DAY);
    triage::announce(&context).await.unwrap();
    assert_eq!(of_late(&zulip), [""; 0]);
    world.clock.advance_seconds(2 * DAY);
    for _ in 0..4 {
        triage::announce(&context).await.unwrap();
        world.clock.advance_seconds(HOUR);
    }
    let reminders = of_late(&zulip);
    assert_eq!(reminders.len(), 1, "{reminders:#?}");
    assert!(reminders[0].starts_with("@**the maintainers**, 2 regressions wait for you:"));
    let detail = world.get("triage/release-1.85.0..release-1.86.0").await;
    let pings = detail["record"]["pings"].as_array().unwrap();
    assert_eq!(pings.len(), 2);
    assert!(
        pings
            .iter()
            .all(|ping| ping["delivery"]["sent_at"].is_string()),
        "{pings:#?}"
    );
}

#[tokio::test]
async fn what_was_refused_is_told_on_the_status_page_and_posted_once_it_is_mended() {
    let world = world_with(0.8).await;
    everything_acknowledged(&world).await;
    let zulip = ZulipStandIn::start();
    world.clock.advance_seconds(DAY);
    for (key, channel) in [("wrong", CHANNEL), (KEY, "no such channel")] {
        let context = posting(&world, &zulip, key, channel);
        // However often: nothing is posted, and nothing is given up.
        for _ in 0..5 {
            triage::announce(&context).await.unwrap();
            world.clock.advance_seconds(HOUR);
        }
    }
    assert_eq!(zulip.posted(), [""; 0]);
    let problems = problems(&world).await.join("\n");
    assert!(
        problems.contains("does not accept the key of perf-bot@example.org"),
        "{problems}"
    );
    assert!(
        problems.contains("no channel `no such channel`"),
        "{problems}"
    );
    assert!(
        !problems.contains(KEY) && !problems.contains("wrong"),
        "{problems}"
    );
    triage::announce(&posting(&world, &zulip, KEY, CHANNEL))
        .await
        .unwrap();
    assert_eq!(zulip.posted().len(), 1);
}

#[tokio::test]
async fn a_zulip_that_is_busy_is_waited_for() {
    let world = world_with(0.8).await;
    everything_acknowledged(&world).await;
    let zulip = ZulipStandIn::start();
    let context = posting(&world, &zulip, KEY, CHANNEL);
    world.clock.advance_seconds(DAY);
    zulip.is(Mood::Busy(2));
    triage::announce(&context).await.unwrap();
    assert_eq!(zulip.posted().len(), 1);
    // One that stays busy is left to the next hour.
    world.clock.advance_seconds(7 * DAY);
    zulip.is(Mood::Busy(99));
    triage::announce(&context).await.unwrap();
    assert_eq!(zulip.posted().len(), 1);
    zulip.is(Mood::Well);
    triage::announce(&context).await.unwrap();
    assert_eq!(zulip.posted().len(), 2);
}

#[tokio::test]
async fn where_nobody_knows_whether_it_was_posted_it_is_no_flood() {
    let world = world_with(0.8).await;
    everything_acknowledged(&world).await;
    let zulip = ZulipStandIn::start();
    let context = posting(&world, &zulip, KEY, CHANNEL);
    world.clock.advance_seconds(DAY);
    zulip.is(Mood::DropsTheAnswer);
    for run in 1..=10 {
        triage::announce(&context).await.unwrap();
        // Whoever comes while somebody may still be at it keeps away.
        triage::announce(&context).await.unwrap();
        assert_eq!(zulip.posted().len(), run.min(3));
        world.clock.advance_seconds(HOUR);
    }
    let problems = problems(&world).await.join("\n");
    assert!(problems.contains("it is not tried any more"), "{problems}");
}

#[tokio::test]
async fn nobody_answering_costs_no_try() {
    let world = world_with(0.8).await;
    everything_acknowledged(&world).await;
    let zulip = ZulipStandIn::start();
    // An address at which nobody listens: one that was free a moment ago.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = ZulipStandIn::at(&format!("http://{}", nobody.local_addr().unwrap()));
    drop(nobody);
    world.clock.advance_seconds(DAY);
    for _ in 0..5 {
        triage::announce(&posting(&world, &gone, KEY, CHANNEL))
            .await
            .unwrap();
        world.clock.advance_seconds(HOUR);
    }
    triage::announce(&posting(&world, &zulip, KEY, CHANNEL))
        .await
        .unwrap();
    assert_eq!(zulip.posted().len(), 1);
}
