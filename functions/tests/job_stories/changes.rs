//! Where series changed is kept as runs land, and told as events.

use functions::{api, ingest, series_changes};
use shared_types::api::{ChartEvent, Page};
use shared_types::change_point::{ChangePoint, ChangeStanding};
use shared_types::{Line, ObjectKey};
use store::ETag;

use crate::fleet::{Factors, USUAL, configuration, measure, release, with_history};
use crate::world::{ONE, World};

const RELEASES: u32 = 12;
const SLOWER: Factors = Factors {
    time: 1.0,
    instructions: 1.05,
};

/// The key of what is kept.
fn key(metric: &str) -> ObjectKey {
    ObjectKey::SeriesChanges {
        configuration: configuration(),
        line: Line::Releases,
        metric: metric.parse().unwrap(),
    }
}

async fn kept(world: &World, metric: &str) -> Option<(Vec<u8>, ETag)> {
    world.context.store.objects.get(&key(metric)).await.unwrap()
}

/// The changes that the API tells of, the newest first.
async fn told(world: &World, query: &str) -> Vec<ChangePoint> {
    let request = api::ApiRequest {
        method: "GET".to_owned(),
        path: "/api/v1/events".to_owned(),
        query: format!("configuration={ONE}&metric=instructions:u&{query}"),
        ..api::ApiRequest::default()
    };
    let answer = api::handle(&world.context, &request).await;
    assert_eq!(answer.status, 200, "{:?}", String::from_utf8(answer.body));
    let page: Page<ChartEvent> = serde_json::from_slice(&answer.body).unwrap();
    let changes = page.items.into_iter().filter_map(|event| match event {
        ChartEvent::ChangePoint(change) => Some(change),
        ChartEvent::Host { .. }
        | ChartEvent::HostSetup { .. }
        | ChartEvent::DisturbedHost { .. }
        | ChartEvent::Retracted { .. } => None,
    });
    changes.collect()
}

#[tokio::test]
async fn a_step_is_suspected_then_confirmed_and_answers_since_when() {
    let world = with_history(RELEASES).await;
    assert_eq!(told(&world, "standing=true").await, []);
    for number in RELEASES + 1..=RELEASES + 2 {
        measure(&world, number, SLOWER).await;
    }
    let suspected = told(&world, "standing=true").await;
    assert!(!suspected.is_empty());
    for change in &suspected {
        assert_eq!(change.artifact, release(RELEASES + 1), "{change:?}");
        assert_eq!(change.state, ChangeStanding::Suspected);
    }

    for number in RELEASES + 3..=RELEASES + 8 {
        measure(&world, number, SLOWER).await;
    }
    let confirmed = told(&world, "standing=true").await;
    assert_eq!(confirmed.len(), suspected.len());
    for change in &confirmed {
        assert_eq!(change.artifact, release(RELEASES + 1));
        assert_eq!(change.state, ChangeStanding::Confirmed);
        let size = change.change.unwrap();
        assert!((size - 0.05).abs() < 0.01, "{size}");
    }
    let name = &confirmed[0].test_case;
    let of_one = told(&world, &format!("test_case={}", name.replace(' ', "+"))).await;
    assert!(
        of_one
            .iter()
            .all(|change| change.test_case.contains(name.as_str()))
    );
    assert!(!of_one.is_empty());
}

#[tokio::test]
async fn changes_are_kept_as_runs_land_and_reading_them_keeps_nothing() {
    let world = with_history(RELEASES).await;
    let (first, _) = kept(&world, "instructions:u").await.unwrap();
    measure(&world, RELEASES + 1, USUAL).await;
    let (second, tag) = kept(&world, "instructions:u").await.unwrap();
    assert_ne!(first, second, "the new run is not a part of what is kept");
    assert!(kept(&world, "wall-time").await.is_some());

    told(&world, "").await;
    ingest::reconcile(&world.context, ingest::Reach::Everything)
        .await
        .unwrap();
    let (_, unchanged) = kept(&world, "instructions:u").await.unwrap();
    assert_eq!(unchanged, tag);
}

#[tokio::test]
async fn what_is_kept_and_damaged_is_found_anew_and_told_rightly_until_then() {
    let world = with_history(RELEASES).await;
    for number in RELEASES + 1..=RELEASES + 8 {
        measure(&world, number, SLOWER).await;
    }
    let before = told(&world, "").await;
    let (bytes, tag) = kept(&world, "instructions:u").await.unwrap();
    let objects = &world.context.store.objects;
    let damaged = &bytes[..bytes.len() / 2];
    let replaced = objects
        .replace(&key("instructions:u"), Some(&tag), damaged)
        .await;
    assert!(replaced.unwrap().is_some());

    assert_eq!(told(&world, "").await, before);
    ingest::reconcile(&world.context, ingest::Reach::Everything)
        .await
        .unwrap();
    let (mended, _) = kept(&world, "instructions:u").await.unwrap();
    let [mended, original] = [mended, bytes].map(|bytes| series_changes::decode(&bytes).unwrap());
    assert_eq!(mended.newest_first(), original.newest_first());
}
