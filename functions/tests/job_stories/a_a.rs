//! From time to time a compiler is measured against itself, and what that shows limits what is
//! claimed.

use std::sync::Arc;

use functions::{Context, Settings, SystemRandom, api, coordinator};
use shared_types::request::{Request, RequestState};
use store::{PageRequest, RequestFilter};

use crate::fleet::{USUAL, configuration, measure, measure_waiting, release};
use crate::world::{ONE, World};

const DAY: i64 = 24 * 3600;

async fn a_a_requests(world: &World) -> Vec<Request> {
    let index = &world.context.store.index;
    let (any, page) = (RequestFilter::default(), PageRequest::first(500));
    let all = index.requests(&any, &page).await.unwrap().items;
    all.into_iter().filter(Request::is_a_a).collect()
}

/// A world in which one release was measured, a day and more ago.
async fn a_day_later() -> World {
    let world = World::new().await;
    measure(&world, 1, USUAL).await;
    // From here on there is nothing to do.
    world.tick().await;
    world.clock.advance_seconds(DAY);
    world.announce("c1", &[ONE]).await;
    world
}

#[tokio::test]
async fn the_newest_artifact_is_measured_against_itself_when_nothing_else_is_to_do() {
    let world = a_day_later().await;
    assert_eq!(a_a_requests(&world).await, []);
    world.tick().await;
    let asked = a_a_requests(&world).await;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].requester, "the coordinator");
    assert_eq!(asked[0].head.artifact, release(1));
    assert!(asked[0].priority < 0);

    measure_waiting(&world, USUAL).await;
    let asked = a_a_requests(&world).await;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].state, RequestState::Done, "{:?}", asked[0].note);
    let status = api::server_status(&world.context).await.unwrap();
    let rates = &status.configurations[0].false_alarms;
    let told: Vec<(&str, Option<&str>, u32, u32)> = rates
        .iter()
        .map(|rate| {
            let host = rate.host.as_deref();
            (rate.metric.as_str(), host, rate.comparisons, rate.alarming)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("instructions:u", None, 1, 0),
            ("instructions:u", Some("host-1"), 1, 0),
            ("max-rss", None, 1, 0),
            ("max-rss", Some("host-1"), 1, 0),
            ("wall-time", None, 1, 0),
            ("wall-time", Some("host-1"), 1, 0),
        ]
    );

    world.clock.advance_seconds(6 * DAY);
    world.announce("c1", &[ONE]).await;
    world.tick().await;
    assert_eq!(a_a_requests(&world).await.len(), 1);
    world.clock.advance_seconds(DAY);
    world.announce("c1", &[ONE]).await;
    world.tick().await;
    assert_eq!(a_a_requests(&world).await.len(), 2);
}

#[tokio::test]
async fn what_people_ask_for_goes_first() {
    let world = a_day_later().await;
    let wanted = serde_json::from_value(serde_json::json!({
        "head": release(1), "configurations": [ONE],
    }))
    .unwrap();
    coordinator::create_request(&world.context, &wanted, "ada")
        .await
        .unwrap();
    world.tick().await;
    assert_eq!(a_a_requests(&world).await, []);
}

#[tokio::test]
async fn without_a_collector_nothing_is_asked_for() {
    let world = a_day_later().await;
    world.clock.advance_seconds(DAY);
    world.tick().await;
    assert_eq!(a_a_requests(&world).await, []);
}

#[tokio::test]
async fn coordinators_at_once_ask_for_one_and_a_request_that_was_noted_alone_is_made() {
    let world = a_day_later().await;
    world.tick().await;
    let first = a_a_requests(&world).await;
    measure_waiting(&world, USUAL).await;
    world.clock.advance_seconds(7 * DAY);
    world.announce("c1", &[ONE]).await;
    coordinator::tick(&world.context).await.unwrap();
    measure_waiting(&world, USUAL).await;
    assert_eq!(a_a_requests(&world).await.len(), first.len() + 1);

    world.clock.advance_seconds(7 * DAY);
    world.announce("c1", &[ONE]).await;
    let ticks = (0..4).map(|_| {
        let store = world.context.store.clone();
        let random = Arc::new(SystemRandom);
        let context =
            Context::with_sources(store, Settings::default(), world.clock.clone(), random);
        tokio::spawn(async move { coordinator::tick(&context).await })
    });
    for tick in ticks.collect::<Vec<_>>() {
        tick.await.unwrap().unwrap();
    }
    assert_eq!(a_a_requests(&world).await.len(), first.len() + 2);

    // Whoever noted the next one ended before making it.
    let index = &world.context.store.index;
    let known = index.upkeep(&configuration()).await.unwrap().unwrap();
    let mut noted = known.clone();
    let mut lost = noted.own_measurings.last().unwrap().clone();
    lost.request = world.context.new_request_id().unwrap();
    noted.ask(lost.clone());
    assert!(index.replace_upkeep(Some(&known), &noted).await.unwrap());
    world.tick().await;
    let made = index.request(lost.request).await.unwrap();
    assert!(made.is_some_and(|request| request.is_a_a()));
}
