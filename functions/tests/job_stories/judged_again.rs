//! Hosts are judged again after results were retracted, by what is left.

use functions::coordinator;
use functions::retraction;
use shared_types::disturbance::{DisturbanceAnswer, DisturbedRun, DisturbedState};
use shared_types::retraction::{NewRetraction, Retraction, RetractionState};

use crate::disturbed_hosts::measure_first_only;
use crate::fleet::{
    Factors, USUAL, configuration, disturbed, measure, measure_waiting, release, with_history,
};
use crate::world::{ONE, World, compare_query};

/// Enough to learn from what is usual.
const RELEASES: u32 = 20;
const HEAD: u32 = RELEASES + 1;
const DISTURBED: Factors = Factors {
    time: 1.06,
    instructions: 1.0,
};

async fn retract(world: &World, range: serde_json::Value) -> Retraction {
    world.clock.advance_seconds(60);
    let wanted = serde_json::json!({ "range": range, "reason": "the fan failed" });
    let wanted: NewRetraction = serde_json::from_value(wanted).unwrap();
    let made = retraction::retract(&world.context, wanted, "ada").await;
    let made = made.unwrap();
    world.work_off().await;
    let index = &world.context.store.index;
    let all = index.retractions().await.unwrap();
    let carried_out = all.into_iter().find(|one| one.id == made.id).unwrap();
    assert_eq!(carried_out.state, RetractionState::InForce);
    carried_out
}

async fn take_back(world: &World, made: &Retraction) {
    world.clock.advance_seconds(60);
    retraction::take_back(&world.context, made.id, "bob")
        .await
        .unwrap();
    world.work_off().await;
}

async fn the_one(world: &World) -> DisturbedRun {
    let mut all = disturbed(world).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn run_of(number: u32, replicate: u32) -> serde_json::Value {
    serde_json::json!({ "run": format!("{}@{ONE}#{replicate}", release(number)) })
}

fn pair() -> String {
    format!("{}..{}", release(RELEASES), release(HEAD))
}

#[tokio::test]
async fn the_first_counts_again_where_what_counted_instead_was_retracted_and_comes_back_with_it() {
    let world = with_history(RELEASES).await;
    measure_first_only(&world, HEAD, DISTURBED).await;
    // One finds it, and the next one asks for it once more.
    world.tick().await;
    world.tick().await;
    measure_waiting(&world, USUAL).await;
    let before = the_one(&world).await;
    assert_eq!(before.state, DisturbedState::Superseded);

    let made = retract(&world, run_of(HEAD, 2)).await;
    let left = the_one(&world).await;
    assert_eq!(left.state, DisturbedState::NeedsPerson);
    assert_eq!(left.superseded, None);
    assert_eq!(left.finding.answer, DisturbanceAnswer::Disturbed);
    let note = left.note.clone().unwrap();
    assert!(
        note.contains("Replicate 2") && note.contains("the fan failed"),
        "{note}"
    );
    assert!(world.problems().await.contains("Look at the host (host-1)"));
    // Its results are all that there is, and they are told to be doubtful.
    let comparison = compare_query(&world.context, &pair(), ONE).await.unwrap();
    let warnings = comparison.warnings.join(" ");
    assert!(
        warnings.contains("measured on a disturbed host"),
        "{warnings}"
    );
    // Nobody waits for the request that was made for it, and none is made anew.
    coordinator::advance(&world.context).await.unwrap();
    assert_eq!(the_one(&world).await, left);

    take_back(&world, &made).await;
    let after = the_one(&world).await;
    assert_eq!(after.state, DisturbedState::Superseded);
    assert_eq!(after.superseded.unwrap().replicate.number(), 2);
    let comparison = compare_query(&world.context, &pair(), ONE).await.unwrap();
    assert!(
        comparison
            .warnings
            .join(" ")
            .contains("replicate 2 counts instead")
    );
}

#[tokio::test]
async fn where_too_little_is_left_to_tell_from_nothing_is_set_aside() {
    let world = World::new().await;
    let from = world.context.now();
    for number in 1..=15 {
        measure(&world, number, USUAL).await;
    }
    let to = world.context.now() + jiff::SignedDuration::from_secs(1);
    world.clock.advance_seconds(60);
    for number in 16..=RELEASES {
        measure(&world, number, USUAL).await;
    }
    measure(&world, HEAD, DISTURBED).await;
    measure_waiting(&world, DISTURBED).await;
    assert_eq!(the_one(&world).await.state, DisturbedState::Stands);

    let range = serde_json::json!({ "host": "host-1", "from": from, "to": to });
    let made = retract(&world, range).await;
    let left = the_one(&world).await;
    assert_eq!(left.state, DisturbedState::Stands);
    assert_eq!(left.finding.answer, DisturbanceAnswer::NotKnown);
    let note = left.note.unwrap();
    assert!(
        note.contains("judged again") && note.contains("the fan failed"),
        "{note}"
    );

    take_back(&world, &made).await;
    let after = the_one(&world).await;
    assert_eq!(after.finding.answer, DisturbanceAnswer::Disturbed);
    assert_eq!(after.state, DisturbedState::Stands);
    assert!(after.note.unwrap().contains("shows the same shift"));
}

#[tokio::test]
async fn what_was_taken_for_usual_and_was_not_lets_a_run_be_found_afterwards() {
    // A bad week on one host makes the disturbed run look like what is usual.
    let world = World::new().await;
    for number in 1..=RELEASES {
        measure(&world, number, USUAL).await;
    }
    world.clock.advance_seconds(60);
    let from = world.context.now();
    let slower = Factors {
        time: 1.06,
        instructions: 1.05,
    };
    for number in HEAD..HEAD + 12 {
        measure(&world, number, slower).await;
    }
    let to = world.context.now() + jiff::SignedDuration::from_secs(1);
    world.clock.advance_seconds(60);
    let last = HEAD + 12;
    measure(&world, last, DISTURBED).await;
    assert_eq!(disturbed(&world).await, []);

    let range = serde_json::json!({ "host": "host-1", "from": from, "to": to });
    let made = retract(&world, range).await;
    let found = the_one(&world).await;
    assert_eq!(found.run.artifact, release(last));
    assert_eq!(found.finding.answer, DisturbanceAnswer::Disturbed);

    take_back(&world, &made).await;
    let after = the_one(&world).await;
    assert_eq!(after.state, DisturbedState::Stands);
    assert!(after.note.unwrap().contains("taken back by bob"));
}

#[tokio::test]
async fn what_is_set_aside_and_then_retracted_is_set_aside_no_more_until_it_counts_again() {
    let world = with_history(RELEASES).await;
    measure_first_only(&world, HEAD, DISTURBED).await;
    assert_eq!(the_one(&world).await.state, DisturbedState::Found);
    let made = retract(&world, run_of(HEAD, 1)).await;
    let left = the_one(&world).await;
    assert_eq!(left.state, DisturbedState::Stands);
    let note = left.note.unwrap();
    assert!(note.contains("Nothing of it counts any more"), "{note}");
    take_back(&world, &made).await;
    assert_eq!(the_one(&world).await.state, DisturbedState::Found);
    // One finds it, and the next one asks for it once more.
    world.tick().await;
    world.tick().await;
    measure_waiting(&world, USUAL).await;
    assert_eq!(the_one(&world).await.state, DisturbedState::Superseded);
    let index = &world.context.store.index;
    let before = index.disturbed_runs(&configuration()).await.unwrap();
    // Carried out once more, nothing changes.
    retraction::carry_out(&world.context, made.id)
        .await
        .unwrap();
    assert_eq!(
        index.disturbed_runs(&configuration()).await.unwrap(),
        before
    );
}
