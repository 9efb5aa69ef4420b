//! What was measured becomes a part of the series of its configuration.

use functions::artifact_has_moved;
use shared_types::format::Versioned;
use shared_types::series::SeriesManifest;
use shared_types::{Artifact, ConfigurationId, HistoryPosition, Line, ObjectKey};

use crate::world::{BASE, HEAD, ONE, World};

async fn manifest(world: &World, configuration: &str) -> Option<SeriesManifest> {
    let configuration: ConfigurationId = configuration.parse().unwrap();
    let objects = &world.context.store.objects;
    let object = objects
        .get(&ObjectKey::SeriesManifest { configuration })
        .await
        .unwrap()?;
    Some(SeriesManifest::from_json(&object.0).unwrap())
}

fn release(id: &str, ordinal: i64) -> Artifact {
    Artifact {
        id: id.parse().unwrap(),
        title: None,
        commit_sha: None,
        commit_date: None,
        history: Some(HistoryPosition {
            line: Line::Releases,
            ordinal,
            parent: None,
        }),
    }
}

#[tokio::test]
async fn an_artifact_joins_the_series_when_its_place_in_history_becomes_known() {
    let world = World::new().await;
    let index = &world.context.store.index;
    index.put_artifacts(&[release(BASE, 94)]).await.unwrap();
    world.announce("c1", &[ONE]).await;
    world.ask(BASE, HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.0).await;

    let before = manifest(&world, ONE).await.unwrap();
    let names: Vec<&str> = before
        .metrics
        .iter()
        .map(|entry| entry.metric.name.as_str())
        .collect();
    assert_eq!(names, ["max-rss", "wall-time"]);
    assert_eq!(before.metrics[0].blocks[0].artifacts, 1);

    let head = release(HEAD, 95);
    index
        .put_artifacts(std::slice::from_ref(&head))
        .await
        .unwrap();
    artifact_has_moved(&world.context, &head.id).await.unwrap();
    let after = manifest(&world, ONE).await.unwrap();
    assert_eq!(after.metrics[0].blocks[0].artifacts, 2);
    assert_eq!(after.metrics[0].blocks[0].last_ordinal, 95);

    artifact_has_moved(&world.context, &head.id).await.unwrap();
    assert_eq!(manifest(&world, ONE).await.unwrap(), after);
}

#[tokio::test]
async fn artifacts_without_a_place_in_history_stay_out_of_series() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    world.ask(BASE, HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.0).await;
    assert_eq!(manifest(&world, ONE).await, None);
}
