//! One host takes the place of another: both measure the same artifacts for a while, and are held
//! against each other.

use functions::coordinator;
use functions::host_agreement::{self, HostQuery};

use analysis::host_agreement::{AgreementAnswer, HostAgreement};

use crate::fleet::{Factors, USUAL, configuration, measure, measure_waiting_on};
use crate::world::World;

/// So many releases are measured by both.
const RELEASES: u32 = 6;

/// A world in which a new host, of which times are `time` times those of the old one, has measured
/// what the old one had.
async fn overlapping(time: f64) -> World {
    let world = World::new().await;
    let mut requests = Vec::new();
    for number in 1..=RELEASES {
        requests.push(measure(&world, number, USUAL).await);
    }
    let of_new_host = Factors {
        time,
        instructions: 1.0,
    };
    for request in requests {
        let again = coordinator::rerun(&world.context, request.id, "ada").await;
        again.unwrap();
        measure_waiting_on(&world, of_new_host, "host-2").await;
    }
    world
}

async fn compared(world: &World) -> HostAgreement {
    let query = HostQuery {
        configuration: configuration(),
        one: "host-1".to_owned(),
        other: "host-2".to_owned(),
        metric: None,
    };
    host_agreement::of(&world.context, &query).await.unwrap()
}

fn answer(found: &HostAgreement, metric: &str) -> AgreementAnswer {
    let mut metrics = found.metrics.iter();
    let of_metric = metrics.find(|one| one.metric.as_str() == metric);
    of_metric.unwrap().answer
}

#[tokio::test]
async fn a_host_that_measures_the_same_can_take_the_place_of_another() {
    let world = overlapping(1.0).await;
    let found = compared(&world).await;
    assert_eq!(found.artifacts.len(), RELEASES as usize);
    for metric in ["wall-time", "instructions:u"] {
        assert_eq!(answer(&found, metric), AgreementAnswer::Same, "{found:?}");
    }
}

#[tokio::test]
async fn a_faster_host_is_a_step_in_times_and_none_in_instructions() {
    let world = overlapping(0.8).await;
    let found = compared(&world).await;
    assert_eq!(
        answer(&found, "wall-time"),
        AgreementAnswer::Step,
        "{found:?}"
    );
    assert_eq!(answer(&found, "instructions:u"), AgreementAnswer::Same);
    let wall_time = found
        .metrics
        .iter()
        .find(|one| one.metric.as_str() == "wall-time");
    let ratio = wall_time.unwrap().ratio;
    assert!((ratio - 0.8).abs() < 0.01, "{ratio}");
}

#[tokio::test]
async fn hosts_without_an_artifact_in_common_are_told_how_to_get_one() {
    let world = World::new().await;
    measure(&world, 1, USUAL).await;
    let query = HostQuery {
        configuration: configuration(),
        one: "host-1".to_owned(),
        other: "host-2".to_owned(),
        metric: None,
    };
    let error = host_agreement::of(&world.context, &query)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("drain one of them"), "{error}");
}
