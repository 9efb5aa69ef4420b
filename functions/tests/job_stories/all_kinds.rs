//! Requests that want more than crates compiled: programs that are run, and the toolchain itself.

use functions::coordinator;
use shared_types::collector::{RuntimeGroupEntry, SuiteCatalogue};
use shared_types::comparison::Verdict;
use shared_types::job_units::ToolchainUnit;
use shared_types::request::{Request, RequestState};
use shared_types::{BenchmarkKind, Category};

use crate::world::{BASE, HEAD, ONE, World, catalogue, compare_query, new_request};

fn catalogue_of_all_kinds() -> SuiteCatalogue {
    SuiteCatalogue {
        runtime_groups: vec![RuntimeGroupEntry {
            name: "sorting".parse().unwrap(),
            category: Category::Primary,
            benchmarks: vec!["strings".parse().unwrap(), "integers".parse().unwrap()],
        }],
        toolchain_units: vec![ToolchainUnit::ComponentSizes],
        ..catalogue(&["syn-2.0.119"])
    }
}

async fn ask(world: &World, kinds: &[BenchmarkKind]) -> Request {
    let mut wanted = new_request(BASE, HEAD, &[ONE]);
    wanted.selection.kinds = kinds.to_vec();
    wanted.paired = true;
    coordinator::create_request(&world.context, &wanted, "ada")
        .await
        .unwrap()
}

#[tokio::test]
async fn a_request_for_programs_becomes_jobs_results_and_a_comparison_of_programs() {
    let world = World::new().await;
    world
        .announce_catalogue("c1", &[ONE], &catalogue_of_all_kinds())
        .await;
    let request = ask(&world, &[BenchmarkKind::Runtime]).await;

    world.measure_all(ONE, 1.2).await;

    let request = world.request(request.id).await;
    assert_eq!(request.state, RequestState::Done, "{:?}", request.note);
    assert_eq!(
        world.compared(request.id).await,
        [(ONE.to_owned(), Verdict::Regressed)]
    );
    let comparison = compare_query(&world.context, &format!("{BASE}..{HEAD}"), ONE)
        .await
        .unwrap();
    let cases = comparison.test_cases.iter();
    let mut names: Vec<&str> = cases.map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["sorting/integers", "sorting/strings"]);
    assert_eq!(world.problems().await, "");
}

#[tokio::test]
async fn each_kind_has_jobs_of_its_own_so_that_a_collector_without_it_can_refuse_them() {
    let world = World::new().await;
    world
        .announce_catalogue("c1", &[ONE], &catalogue_of_all_kinds())
        .await;
    let request = ask(&world, BenchmarkKind::ALL).await;
    world.tick().await;

    let index = &world.context.store.index;
    let jobs = index.jobs_of_request(request.id).await.unwrap();
    let units = jobs.iter().map(|job| {
        let (compile, runtime) = (job.units.len(), job.runtime_units.len());
        [compile, runtime, job.toolchain_units.len()]
    });
    let mut kinds: Vec<[usize; 3]> = units.collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [[0, 0, 1], [0, 1, 0], [1, 0, 0]]);
}

#[tokio::test]
async fn a_request_that_names_no_kind_compiles_as_ever() {
    let world = World::new().await;
    world
        .announce_catalogue("c1", &[ONE], &catalogue_of_all_kinds())
        .await;
    world.ask(BASE, HEAD, &[ONE]).await;
    world.tick().await;
    let message = world.take(ONE).await.unwrap().message;
    assert_eq!(message.units.len(), 1);
    assert_eq!(
        (message.runtime_units, message.toolchain_units),
        (vec![], vec![])
    );
}

#[tokio::test]
async fn programs_that_the_collectors_do_not_know_fail_the_request_and_say_what_to_do() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = ask(&world, &[BenchmarkKind::Compile, BenchmarkKind::Runtime]).await;
    world.tick().await;
    let request = world.request(request.id).await;
    assert_eq!(request.state, RequestState::Failed);
    let note = request.note.unwrap();
    assert!(note.contains("has no runtime benchmarks"), "{note}");
    assert!(note.contains("update the collectors"), "{note}");
}
