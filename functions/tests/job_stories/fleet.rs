//! A configuration with a history: releases that were measured one after the other, in times and in
//! instruction counts, by a collector that the test plays.

use functions::coordinator;
use shared_types::disturbance::DisturbedRun;
use shared_types::request::{NewRequest, Request};
use shared_types::result_document::{MeasuredRun, MetricValues, ResultDocument};
use shared_types::{Artifact, ArtifactId, ConfigurationId, HistoryPosition, Line, Metric, Unit};

use crate::world::{ONE, World, document};

/// How long a job takes, in seconds.
pub(crate) const JOB_SECONDS: i64 = 100;

/// By which factors what is measured differs from what is usual.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Factors {
    pub(crate) time: f64,
    pub(crate) instructions: f64,
}

/// Nothing differs.
pub(crate) const USUAL: Factors = Factors {
    time: 1.0,
    instructions: 1.0,
};

pub(crate) fn release(number: u32) -> ArtifactId {
    format!("release-1.{number}.0").parse().unwrap()
}

pub(crate) fn configuration() -> ConfigurationId {
    ONE.parse().unwrap()
}

/// A world in which so many releases were measured, the first being 1.
pub(crate) async fn with_history(releases: u32) -> World {
    let world = World::new().await;
    for number in 1..=releases {
        measure(&world, number, USUAL).await;
    }
    world
}

/// Asks for a release and measures it.
pub(crate) async fn measure(world: &World, number: u32, factors: Factors) -> Request {
    let parent = (number > 1).then(|| release(number - 1));
    let artifact = Artifact {
        history: Some(HistoryPosition {
            line: Line::Releases,
            ordinal: i64::from(number),
            parent,
        }),
        ..Artifact::named(release(number))
    };
    let index = &world.context.store.index;
    index.put_artifacts(&[artifact]).await.unwrap();
    let wanted: NewRequest = serde_json::from_value(serde_json::json!({
        "head": release(number),
        "configurations": [ONE],
        "selection": { "profiles": ["check", "debug", "opt"], "scenarios": ["full"] },
        "iterations": 2,
    }))
    .unwrap();
    let request = coordinator::create_request(&world.context, &wanted, "ada");
    let request = request.await.unwrap();
    measure_waiting(world, factors).await;
    request
}

/// Measures everything that waits.
pub(crate) async fn measure_waiting(world: &World, factors: Factors) {
    measure_waiting_on(world, factors, "host-1").await;
}

/// Measures everything that waits, on a host.
pub(crate) async fn measure_waiting_on(world: &World, factors: Factors, host: &str) {
    loop {
        world.announce("c1", &[ONE]).await;
        world.tick().await;
        let Some(taken) = world.take(ONE).await else {
            break;
        };
        world.progress(&taken).await;
        world.tick().await;
        let started_at = world.context.now();
        world.clock.advance_seconds(JOB_SECONDS);
        let mut result = document(&taken.message, taken.attempt(), |run| {
            factors.time * wobble(run)
        });
        count_instructions(&mut result, factors.instructions);
        result.host.name = host.to_owned();
        result.started_at = started_at;
        result.finished_at = world.context.now();
        world.finish(&taken, &result).await;
        world.work_off().await;
    }
    world.work_off().await;
}

/// What varies from run to run without any reason.
fn wobble(run: &MeasuredRun) -> f64 {
    let name = run.artifact.to_string();
    let sum: u32 = name.bytes().map(u32::from).sum::<u32>() + run.replicate.number();
    1.0 + 0.001 * f64::from(sum * 7 % 5)
}

fn count_instructions(result: &mut ResultDocument, factor: f64) {
    let metric = Metric::cost("instructions:u".parse().unwrap(), Unit::Count);
    for measurement in &mut result.measurements {
        measurement.values.push(MetricValues {
            metric: metric.name.clone(),
            iterations: vec![Some(1e9 * factor), Some(1e9 * factor)],
        });
    }
    result.metrics.push(metric);
}

/// What is set aside of the configuration, or was.
pub(crate) async fn disturbed(world: &World) -> Vec<DisturbedRun> {
    let index = &world.context.store.index;
    index.disturbed_runs(&configuration()).await.unwrap()
}
