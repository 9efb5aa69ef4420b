//! Disturbed hosts are found, set aside, measured once more, and then decided about.

use std::sync::Arc;

use analysis::schedule::upkeep::UpkeepRules;
use functions::{Context, Settings, SystemRandom, api, compare, coordinator};
use shared_types::disturbance::DisturbedState;
use shared_types::notices::RunCompleted;
use shared_types::request::RequestState;
use shared_types::run::Side;
use store::{PageRequest, RequestFilter};

use crate::fleet::{
    Factors, USUAL, configuration, disturbed, measure, measure_waiting, release, with_history,
};
use crate::world::{ONE, World, compare_query};

/// Enough to learn from what is usual.
const RELEASES: u32 = 20;
const DISTURBED: Factors = Factors {
    time: 1.06,
    instructions: 1.0,
};

fn pair(base: u32, head: u32) -> String {
    format!("{}..{}", release(base), release(head))
}

async fn requests_of_the_coordinator(world: &World) -> usize {
    let index = &world.context.store.index;
    let (any, page) = (RequestFilter::default(), PageRequest::first(500));
    let all = index.requests(&any, &page).await.unwrap().items;
    let own = all
        .iter()
        .filter(|one| one.requester == "the coordinator")
        .filter(|one| one.base.is_none());
    own.count()
}

/// The same world, in which an administrator decided otherwise.
fn with_budget(world: &World, rerun_percent: u32) -> Context {
    let settings = Settings {
        upkeep: UpkeepRules {
            rerun_percent,
            ..UpkeepRules::default()
        },
        ..Settings::default()
    };
    let store = world.context.store.clone();
    Context::with_sources(store, settings, world.clock.clone(), Arc::new(SystemRandom))
}

#[tokio::test]
async fn a_disturbed_host_is_set_aside_measured_once_more_and_superseded() {
    let world = with_history(RELEASES).await;
    let head = RELEASES + 1;
    // The first tick that finds it asks for it once more; nobody measures that yet.
    measure_first_only(&world, head, DISTURBED).await;

    let found = disturbed(&world).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].run.artifact, release(head));
    assert_eq!(found[0].state, DisturbedState::Found);
    assert_eq!(found[0].hosts, ["host-1"]);
    let sides = pair(RELEASES, head);
    let comparison = compare_query(&world.context, &sides, ONE).await;
    let warnings = comparison.unwrap().warnings;
    assert!(warnings[0].starts_with("Head: replicate 1 was measured on a disturbed host"));
    insta::assert_snapshot!(found[0].finding.sentence);

    world.tick().await;
    world.tick().await;
    let asked = disturbed(&world).await.remove(0);
    assert_eq!(asked.state, DisturbedState::RerunAsked);
    assert_eq!(requests_of_the_coordinator(&world).await, 1);

    measure_waiting(&world, USUAL).await;
    let settled = disturbed(&world).await;
    assert_eq!(settled.len(), 1);
    assert_eq!(settled[0].state, DisturbedState::Superseded);
    let superseded = settled[0].superseded.clone().unwrap();
    assert_eq!(superseded.by, "the coordinator");
    assert_eq!(superseded.replicate.number(), 2);
    let rerun = world.request(asked.rerun.unwrap().request).await;
    assert_eq!(rerun.state, RequestState::Done);

    // What was compared with the first replicate is compared with the second.
    let again = compare_query(&world.context, &sides, ONE).await.unwrap();
    assert!(again.warnings[0].contains("replicate 2 counts instead"));
    let wall_time = compare::ComparisonQuery {
        configuration: configuration(),
        sides: sides.parse().unwrap(),
        metric: Some("wall-time".parse().unwrap()),
        method: None,
    };
    let times = compare::on_demand(&world.context, &wall_time)
        .await
        .unwrap();
    let change = times.test_cases[0].change.unwrap();
    assert!(change.abs() < 0.01, "{change}");
    assert_eq!(world.problems().await, "");
}

/// Measures a release, without the ticks behind it.
pub(crate) async fn measure_first_only(world: &World, number: u32, factors: Factors) {
    let budget_of_none = with_budget(world, 0);
    let held = World::holding(world, budget_of_none);
    measure(&held, number, factors).await;
}

#[tokio::test]
async fn a_message_that_comes_again_and_coordinators_at_once_ask_for_one_measuring() {
    let world = with_history(RELEASES).await;
    let head = RELEASES + 1;
    measure_first_only(&world, head, DISTURBED).await;
    let run = disturbed(&world).await[0].run.clone();
    let message = RunCompleted::new(configuration(), run, None);
    let message = serde_json::to_string(&message).unwrap();
    for _ in 0..2 {
        compare::handle(&world.context, &message).await.unwrap();
    }
    assert_eq!(disturbed(&world).await.len(), 1);

    let ticks = (0..4).map(|_| {
        let context = with_budget(&world, 10);
        tokio::spawn(async move { coordinator::advance(&context).await })
    });
    for tick in ticks.collect::<Vec<_>>() {
        tick.await.unwrap().unwrap();
    }
    world.tick().await;
    assert_eq!(requests_of_the_coordinator(&world).await, 1);
    measure_waiting(&world, USUAL).await;
    let settled = disturbed(&world).await;
    let index = &world.context.store.index;
    let compared = async || {
        let (id, page) = (configuration(), PageRequest::first(500));
        index.comparisons(&id, &page).await.unwrap().items.len()
    };
    let before = compared().await;
    for _ in 0..2 {
        compare::handle(&world.context, &message).await.unwrap();
        let again = RunCompleted::new(
            configuration(),
            shared_types::result_document::MeasuredRun {
                artifact: release(head),
                replicate: settled[0].superseded.as_ref().unwrap().replicate,
            },
            None,
        );
        let again = serde_json::to_string(&again).unwrap();
        compare::handle(&world.context, &again).await.unwrap();
    }
    assert_eq!(disturbed(&world).await, settled);
    assert_eq!(compared().await, before);
    assert_eq!(requests_of_the_coordinator(&world).await, 1);
}

#[tokio::test]
async fn a_regression_that_moves_instructions_is_never_set_aside() {
    let world = with_history(RELEASES).await;
    let slower = Factors {
        time: 1.06,
        instructions: 1.03,
    };
    measure(&world, RELEASES + 1, slower).await;
    assert_eq!(disturbed(&world).await, []);
    assert_eq!(requests_of_the_coordinator(&world).await, 0);
}

#[tokio::test]
async fn what_a_second_measuring_shows_as_well_counts_and_a_person_is_told() {
    let world = with_history(RELEASES).await;
    measure(&world, RELEASES + 1, DISTURBED).await;
    measure_waiting(&world, DISTURBED).await;

    let settled = disturbed(&world).await;
    assert_eq!(settled.len(), 1, "{settled:?}");
    assert_eq!(settled[0].state, DisturbedState::Stands);
    assert!(world.problems().await.contains("shows the same shift"));
    // It has lasted, so that what comes after is judged by it.
    measure(&world, RELEASES + 2, DISTURBED).await;
    assert_eq!(disturbed(&world).await.len(), 1);
}

#[tokio::test]
async fn without_a_budget_a_run_stays_aside_until_a_person_is_told() {
    let world = with_history(RELEASES).await;
    let head = RELEASES + 1;
    measure_first_only(&world, head, DISTURBED).await;
    let poor = World::holding(&world, with_budget(&world, 1));
    poor.tick().await;
    let waiting = disturbed(&world).await.remove(0);
    assert_eq!(waiting.state, DisturbedState::Found);
    let note = waiting.note.unwrap();
    assert!(note.contains("the budget for that, 1 %"), "{note}");
    assert_eq!(requests_of_the_coordinator(&world).await, 0);

    poor.clock.advance_seconds(8 * 24 * 3600);
    poor.tick().await;
    poor.tick().await;
    let given_up = disturbed(&world).await.remove(0);
    assert_eq!(given_up.state, DisturbedState::NeedsPerson);
    assert!(world.problems().await.contains("Look at the host (host-1)"));
}

#[tokio::test]
async fn what_is_set_aside_is_no_baseline_and_is_told_in_status_and_events() {
    let world = with_history(RELEASES).await;
    let head = RELEASES + 1;
    measure_first_only(&world, head, DISTURBED).await;
    let after = World::holding(&world, with_budget(&world, 0));
    measure(&after, RELEASES + 2, USUAL).await;
    assert_eq!(disturbed(&world).await.len(), 1);

    let status = api::server_status(&world.context).await.unwrap();
    let told = &status.configurations[0].disturbed;
    assert_eq!(told.len(), 1);
    let request = api::ApiRequest {
        method: "GET".to_owned(),
        path: "/api/v1/events".to_owned(),
        query: format!("configuration={ONE}"),
        ..api::ApiRequest::default()
    };
    let answer = api::handle(&world.context, &request).await;
    let body = String::from_utf8(answer.body).unwrap();
    assert!(body.contains("\"disturbed-host\""), "{body}");
    assert!(body.contains(&Side::pooled(release(head)).to_string()));
}
