//! Results are taken back, and everything that rests on them follows; and they count again.

use std::future::Future;
use std::pin::pin;

use functions::ingest::{self, Reach};
use functions::retraction;
use functions::{compare, coordinator, triage};
use shared_types::Artifact;
use shared_types::api::RunOverview;
use shared_types::comparison::Verdict;
use shared_types::format::Versioned;
use shared_types::retraction::{NewRetraction, Retraction, RetractionEffects, RetractionState};
use shared_types::run::SidePair;
use shared_types::series::SeriesManifest;
use shared_types::triage::TriageStep;
use shared_types::{ArtifactId, ObjectKey, RunId};

use crate::command_line::perfleet;
use crate::fleet::{
    Factors, USUAL, configuration, measure, measure_waiting, release, with_history,
};
use crate::world::{BASE, HEAD, ONE, World, compare_query};

const RELEASES: u32 = 8;
const SLOWER: Factors = Factors {
    time: 1.2,
    instructions: 1.2,
};

fn wanted(range: serde_json::Value) -> NewRetraction {
    let json = serde_json::json!({ "range": range, "reason": "the fan failed" });
    serde_json::from_value(json).unwrap()
}

async fn retract(world: &World, range: serde_json::Value) -> Retraction {
    world.clock.advance_seconds(60);
    let made = retraction::retract(&world.context, wanted(range), "ada").await;
    made.unwrap()
}

async fn effects(world: &World, range: serde_json::Value) -> RetractionEffects {
    let range = wanted(range).range;
    retraction::effects(&world.context, &range).await.unwrap()
}

async fn the_one(world: &World) -> Retraction {
    let index = &world.context.store.index;
    let mut all = index.retractions().await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// A world with a history whose last release got worse, with the run of that.
async fn with_regression() -> (World, SidePair) {
    let world = with_history(RELEASES).await;
    world.clock.advance_seconds(60);
    measure(&world, RELEASES + 1, SLOWER).await;
    let sides = format!("{}..{}", release(RELEASES), release(RELEASES + 1));
    (world, sides.parse().unwrap())
}

fn run_of(number: u32) -> serde_json::Value {
    serde_json::json!({ "run": format!("{}@{ONE}", release(number)) })
}

/// The artifacts in the series of the configuration.
async fn in_series(world: &World) -> usize {
    let key = ObjectKey::SeriesManifest {
        configuration: configuration(),
    };
    let objects = &world.context.store.objects;
    let (bytes, _) = objects.get(&key).await.unwrap().unwrap();
    let manifest = SeriesManifest::from_json(&bytes).unwrap();
    let blocks = &manifest.metrics[0].blocks;
    blocks.iter().map(|block| block.artifacts as usize).sum()
}

async fn got_worse(world: &World) -> Vec<SidePair> {
    let all = triage::entries(&world.context, &triage::InboxFilter::default()).await;
    let pairs = all.unwrap().into_iter().map(|entry| SidePair {
        base: entry.base,
        head: entry.head,
    });
    pairs.collect()
}

#[tokio::test]
async fn what_rests_on_retracted_results_follows_and_comes_back_with_them() {
    let (world, sides) = with_regression().await;
    assert_eq!(got_worse(&world).await, std::slice::from_ref(&sides));
    assert_eq!(in_series(&world).await, 9);

    let effects = effects(&world, run_of(RELEASES + 1)).await;
    assert_eq!(effects.runs.len(), 1);
    assert_eq!(effects.findings, std::slice::from_ref(&sides));
    assert!(!effects.comparisons.is_empty() && !effects.series.is_empty());
    assert_eq!(in_series(&world).await, 9);

    let made = retract(&world, run_of(RELEASES + 1)).await;
    // At once, before anything is made again.
    let error = compare_query(&world.context, &sides.to_string(), ONE).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("were retracted by ada"), "{error}");

    world.work_off().await;
    let done = the_one(&world).await;
    assert_eq!(done.state, RetractionState::InForce);
    assert!(!done.verdict_changes.is_empty());
    for change in &done.verdict_changes {
        assert_eq!((&change.sides, change.after), (&sides, Verdict::Incomplete));
    }
    assert_eq!(in_series(&world).await, 8);
    assert_eq!(got_worse(&world).await, []);
    let index = &world.context.store.index;
    let record = index.triage_record(&sides).await.unwrap().unwrap();
    assert_eq!(record.acts.len(), 1);
    let TriageStep::Acknowledge { words, .. } = &record.acts[0].what else {
        panic!("another act: {record:?}");
    };
    assert!(words.as_str().contains("the fan failed"), "{words}");
    assert!(world.problems().await.contains("Verdicts that changed"));

    world.clock.advance_seconds(60);
    let undone = retraction::take_back(&world.context, made.id, "bob").await;
    assert_eq!(undone.unwrap().state, RetractionState::TakingBack);
    world.work_off().await;
    assert_eq!(the_one(&world).await.state, RetractionState::TakenBack);
    assert_eq!(in_series(&world).await, 9);
    assert_eq!(got_worse(&world).await, std::slice::from_ref(&sides));
    let record = index.triage_record(&sides).await.unwrap().unwrap();
    assert!(matches!(record.acts[1].what, TriageStep::Reopen { .. }));
    let again = retraction::take_back(&world.context, made.id, "bob").await;
    assert!(again.unwrap_err().to_string().contains("by bob already"));
}

#[tokio::test]
async fn a_comment_says_what_was_retracted_and_a_rerun_answers_anew() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.2).await;
    let comment = async || {
        let key = ObjectKey::Comment {
            request: request.id,
        };
        let stored = world.context.store.objects.get(&key).await.unwrap();
        String::from_utf8(stored.unwrap().0).unwrap()
    };
    assert!(comment().await.contains("Regressed."));

    retract(
        &world,
        serde_json::json!({ "run": format!("{HEAD}@{ONE}#1") }),
    )
    .await;
    world.work_off().await;
    let told = comment().await;
    assert!(told.contains("Incomplete."), "{told}");
    assert!(told.contains("the fan failed"), "{told}");
    let verdict = compare::request_verdict(&world.context, &request).await;
    assert_eq!(verdict.unwrap().verdict, Verdict::Incomplete);

    world.clock.advance_seconds(60);
    let again = coordinator::rerun(&world.context, request.id, "ada")
        .await
        .unwrap();
    world.measure_all(ONE, 1.0).await;
    let verdict = compare::request_verdict(&world.context, &again).await;
    assert_eq!(verdict.unwrap().verdict, Verdict::Neutral);
    // What was retracted has no part in what is pooled, and a reader is told.
    let pooled = compare_query(&world.context, &format!("{BASE}..{HEAD}"), ONE).await;
    let warnings = pooled.unwrap().warnings.join(" ");
    assert!(
        warnings.contains("Head: 1 of 2 results have no part in this."),
        "{warnings}"
    );
}

#[tokio::test]
async fn what_arrives_later_and_is_in_the_range_does_not_count() {
    let world = with_history(RELEASES).await;
    let from = world.context.now() + jiff::SignedDuration::from_secs(1);
    retract(
        &world,
        serde_json::json!({ "host": "host-1", "from": from }),
    )
    .await;
    world.work_off().await;
    assert_eq!(the_one(&world).await.state, RetractionState::InForce);
    measure(&world, RELEASES + 1, SLOWER).await;
    assert_eq!(in_series(&world).await, 8);
    assert_eq!(got_worse(&world).await, []);
    assert!(world.problems().await.contains("after it was retracted"));
    let run = RunId {
        artifact: release(RELEASES + 1),
        configuration: configuration(),
    };
    let index = &world.context.store.index;
    let runs: Vec<RunOverview> = index.run(&run).await.unwrap();
    assert!(runs[0].measured_at.is_some());
    let reconciled = ingest::reconcile(&world.context, Reach::Everything).await;
    assert_eq!(reconciled.unwrap().comparisons, 0);
    assert_eq!(in_series(&world).await, 8);
}

/// Polls a future so many times, and then drops it wherever it is. Returns whether it was done.
async fn polled(future: impl Future, mut times: usize) -> bool {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        if times == 0 {
            return std::task::Poll::Ready(false);
        }
        times -= 1;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}

#[tokio::test]
async fn whoever_ends_half_way_is_followed_by_the_reconciliation() {
    let undisturbed = with_regression().await.0;
    retract(&undisturbed, run_of(RELEASES + 1)).await;
    undisturbed.work_off().await;
    let expected = the_one(&undisturbed).await;

    let (world, _) = with_regression().await;
    let made = retract(&world, run_of(RELEASES + 1)).await;
    let mut stopped = 0;
    for times in 1.. {
        let work = retraction::carry_out(&world.context, made.id);
        if polled(work, times).await {
            break;
        }
        stopped += 1;
        if the_one(&world).await.progress.comparing {
            break;
        }
    }
    assert!(stopped > 0);
    assert!(the_one(&world).await.state.is_open());
    ingest::reconcile(&world.context, Reach::Everything)
        .await
        .unwrap();
    let done = the_one(&world).await;
    assert_eq!(done.state, RetractionState::InForce);
    assert_eq!(done.stretches, expected.stretches);
    let changes = |retraction: &Retraction| -> Vec<(String, Verdict, Verdict)> {
        let changes = retraction.verdict_changes.iter();
        changes
            .map(|one| {
                (
                    format!("{} {}", one.sides, one.metric),
                    one.before,
                    one.after,
                )
            })
            .collect()
    };
    assert_eq!(changes(&done), changes(&expected));
    assert_eq!(in_series(&world).await, 8);
    assert_eq!(got_worse(&world).await, []);
    // Told again, nothing changes.
    retraction::carry_out(&world.context, made.id)
        .await
        .unwrap();
    world.work_off().await;
    assert_eq!(the_one(&world).await, done);
}

#[tokio::test]
async fn a_host_and_a_period_are_retracted_together() {
    let world = with_history(3).await;
    world.clock.advance_seconds(60);
    let from = world.context.now();
    measure(&world, 4, USUAL).await;
    let to = world.context.now() + jiff::SignedDuration::from_secs(1);
    world.clock.advance_seconds(60);
    measure(&world, 5, USUAL).await;
    let range = serde_json::json!({ "host": "host-1", "from": from, "to": to });
    let found = effects(&world, range).await;
    let touched: Vec<&ArtifactId> = found.runs.iter().map(|run| &run.artifact).collect();
    assert_eq!(touched, [&release(4)]);
    let other = serde_json::json!({ "host": "host-2", "from": from, "to": to });
    assert_eq!(effects(&world, other).await.runs, []);
    measure_waiting(&world, USUAL).await;
    let known = world
        .context
        .store
        .index
        .artifact(&release(4))
        .await
        .unwrap();
    assert!(known.is_some_and(|artifact: Artifact| artifact.history.is_some()));
}

#[tokio::test]
async fn the_command_line_retracts_lists_and_takes_back() {
    let (world, sides) = with_regression().await;
    let run = format!("{}@{ONE}", release(RELEASES + 1));
    let folder = world.folder();
    let dry = perfleet(folder, &["retract", "--run", &run, "--dry-run"], "");
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    assert!(dry.stdout.contains("nothing was changed"), "{}", dry.stdout);
    assert!(dry.stdout.contains(&sides.to_string()), "{}", dry.stdout);
    let refused = perfleet(folder, &["retract", "--run", &run], "");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let arguments = [
        "retract",
        "--run",
        &run,
        "--reason",
        "the fan failed",
        "--json",
    ];
    let made = perfleet(folder, &arguments, "").json();
    assert_eq!(made["state"], "in-force");
    assert_eq!(in_series(&world).await, 8);
    let listed = perfleet(folder, &["retract", "list"], "");
    assert!(
        listed.stdout.contains("were retracted by ada"),
        "{}",
        listed.stdout
    );
    let id = made["id"].as_str().unwrap();
    let undone = perfleet(folder, &["retract", "--undo", id, "--json"], "").json();
    assert_eq!(undone["state"], "taken-back");
    assert_eq!(in_series(&world).await, 9);
    let hosts = [
        "hosts",
        "compare",
        "host-1",
        "host-2",
        "--configuration",
        ONE,
    ];
    let lonely = perfleet(folder, &hosts, "");
    assert_eq!(lonely.code, 1, "{}", lonely.stdout);
}
