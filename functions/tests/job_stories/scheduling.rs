//! Who is served when: turns, pauses, what a base lacks, compilers that are not there yet, commits that
//! are asked for by themselves, and bisections.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use analysis::bisection::Step;
use async_trait::async_trait;
use functions::availability::{ArtifactAvailability, Availability};
use functions::bisecting::{BisectionQuery, bisect};
use functions::watching::{self, Watch, WatchedPlace};
use functions::{FunctionsError, coordinator};
use shared_types::comparison::Verdict;
use shared_types::job::JobState;
use shared_types::request::{NewRequest, Request, RequestState};
use shared_types::scheduling::Pause;
use shared_types::{Artifact, ArtifactId, HistoryPosition, Line};

use crate::world::{BASE, HEAD, ONE, TWO, World, document, new_request};

async fn ask_as(world: &World, person: &str, wanted: &NewRequest) -> Request {
    let request = coordinator::create_request(&world.context, wanted, person);
    request.await.unwrap()
}

/// A commit, and its place on the main branch.
fn commit(number: i64) -> Artifact {
    let id = |number: i64| -> ArtifactId { format!("{number:040x}").parse().unwrap() };
    Artifact {
        history: Some(HistoryPosition {
            line: Line::Main,
            ordinal: number,
            parent: (number > 1).then(|| id(number - 1)),
        }),
        ..Artifact::named(id(number))
    }
}

async fn with_commits(count: i64) -> World {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let commits: Vec<Artifact> = (1..=count).map(commit).collect();
    let index = &world.context.store.index;
    index.put_artifacts(&commits).await.unwrap();
    world
}

#[tokio::test]
async fn who_asks_for_much_does_not_keep_others_waiting() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let mut requests = Vec::new();
    for (person, head) in [
        ("ada", "release-1.90.0"),
        ("ada", "release-1.91.0"),
        ("ada", "release-1.92.0"),
        ("bob", "release-1.93.0"),
        ("cleo", "release-1.94.0"),
    ] {
        let mut wanted = new_request(head, head, &[ONE]);
        wanted.base = None;
        requests.push(ask_as(&world, person, &wanted).await);
    }
    let mut served = Vec::new();
    for _ in &requests {
        world.tick().await;
        let taken = world.take(ONE).await.unwrap();
        let request = requests.iter().find(|one| one.id == taken.message.request);
        served.push(request.unwrap().requester.as_str());
        world.progress(&taken).await;
        let result = document(&taken.message, taken.attempt(), |_| 1.0);
        world.finish(&taken, &result).await;
        world.work_off().await;
    }
    assert_eq!(served, ["ada", "bob", "cleo", "ada", "ada"]);
}

#[tokio::test]
async fn a_paused_request_is_finished_as_far_as_it_is_handed_out_and_goes_on_later() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.tick().await;
    let taken = world.take(ONE).await.unwrap();
    let why = Some("the office is too warm");
    let held = coordinator::hold_request(&world.context, request.id, "bob", why).await;
    let held = held.unwrap();
    assert_eq!(held.state, RequestState::Paused);
    assert_eq!(
        held.note.as_deref(),
        Some("paused by bob: the office is too warm")
    );
    let twice = coordinator::hold_request(&world.context, request.id, "bob", None).await;
    assert!(twice.unwrap_err().to_string().contains("is paused already"));

    world.progress(&taken).await;
    let result = document(&taken.message, taken.attempt(), |_| 1.0);
    world.finish(&taken, &result).await;
    world.work_off().await;
    world.tick().await;
    assert!(world.take(ONE).await.is_none());
    assert_eq!(world.request(request.id).await.state, RequestState::Paused);

    let resumed = coordinator::let_request_go(&world.context, request.id).await;
    assert_eq!(resumed.unwrap().note, None);
    world.measure_all(ONE, 1.0).await;
    assert_eq!(world.request(request.id).await.state, RequestState::Done);
    let ended = coordinator::hold_request(&world.context, request.id, "bob", None).await;
    assert!(
        ended
            .unwrap_err()
            .to_string()
            .contains("what has ended cannot be paused")
    );
}

#[tokio::test]
async fn a_paused_configuration_hands_out_nothing_and_the_other_goes_on() {
    let world = World::new().await;
    world.announce("c1", &[ONE, TWO]).await;
    let pause = Pause {
        by: "ada".to_owned(),
        at: world.context.now(),
        reason: None,
    };
    let id = ONE.parse().unwrap();
    coordinator::hold_configuration(&world.context, &id, pause)
        .await
        .unwrap();
    world.ask(BASE, HEAD, &[ONE, TWO]).await;
    world.tick().await;
    assert!(world.take(ONE).await.is_none());
    assert!(world.take(TWO).await.is_some());
    coordinator::let_configuration_go(&world.context, &id)
        .await
        .unwrap();
    let again = coordinator::let_configuration_go(&world.context, &id).await;
    assert!(again.unwrap_err().to_string().contains("is not paused"));
    world.tick().await;
    assert!(world.take(ONE).await.is_some());
}

#[tokio::test]
async fn what_is_asked_for_once_more_becomes_new_replicates_in_the_name_of_who_asks() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.0).await;
    let again = coordinator::rerun(&world.context, request.id, "bob")
        .await
        .unwrap();
    assert_eq!(
        (again.requester.as_str(), again.head.replicate.number()),
        ("bob", 2)
    );
    assert_eq!(again.selection, request.selection);
}

#[tokio::test]
async fn of_a_parent_only_that_is_measured_which_it_lacks() {
    let world = with_commits(3).await;
    let id = |number| commit(number).id;
    let mut wanted = new_request(BASE, HEAD, &[ONE]);
    wanted.base = None;
    wanted.head = id(2);
    wanted.selection.include = vec!["syn-2.0.119".parse().unwrap()];
    ask_as(&world, "ada", &wanted).await;
    world.measure_all(ONE, 1.0).await;

    // The parent has one of the two benchmarks.
    wanted.head = id(3);
    wanted.against_parent = true;
    wanted.backfill = true;
    wanted.selection.include = Vec::new();
    let request = ask_as(&world, "ada", &wanted).await;
    assert_eq!(request.base.as_ref().unwrap().artifact, id(2));
    world.tick().await;
    let jobs = world
        .context
        .store
        .index
        .jobs_of_request(request.id)
        .await
        .unwrap();
    let measured: Vec<(ArtifactId, usize)> = jobs
        .iter()
        .map(|job| (job.runs[0].artifact.clone(), job.units.len()))
        .collect();
    assert_eq!(measured, [(id(2), 1), (id(3), 2)]);
    world.measure_all(ONE, 1.0).await;
    let compared = world.compared(request.id).await;
    assert_eq!(compared, [(ONE.to_owned(), Verdict::Neutral)]);

    wanted.head = "release-1.95.0".parse().unwrap();
    let unknown = coordinator::create_request(&world.context, &wanted, "ada").await;
    let error = unknown.unwrap_err().to_string();
    assert!(
        error.contains("the parent of release-1.95.0 is not known"),
        "{error}"
    );
}

#[tokio::test]
async fn a_request_waits_for_what_others_still_measure_of_its_base() {
    let world = with_commits(2).await;
    let mut wanted = new_request(BASE, HEAD, &[ONE]);
    wanted.base = None;
    wanted.head = commit(1).id;
    let first = ask_as(&world, "ada", &wanted).await;
    world.tick().await;
    let of_base = world.take(ONE).await.unwrap();
    world.progress(&of_base).await;

    wanted.head = commit(2).id;
    wanted.against_parent = true;
    wanted.backfill = true;
    let second = ask_as(&world, "bob", &wanted).await;
    world.tick().await;
    let jobs = world
        .context
        .store
        .index
        .jobs_of_request(second.id)
        .await
        .unwrap();
    assert_eq!(jobs.len(), 1, "nothing of base is measured twice");
    world.measure_all(ONE, 1.3).await;
    assert_eq!(world.request(second.id).await.state, RequestState::Running);

    let result = document(&of_base.message, of_base.attempt(), |_| 1.0);
    world.finish(&of_base, &result).await;
    world.work_off().await;
    world.tick().await;
    assert_eq!(world.request(first.id).await.state, RequestState::Done);
    assert_eq!(world.request(second.id).await.state, RequestState::Done);
    let compared = world.compared(second.id).await;
    assert_eq!(compared, [(ONE.to_owned(), Verdict::Regressed)]);
}

#[tokio::test]
async fn a_request_gets_its_base_where_who_was_to_measure_it_is_cancelled() {
    let world = with_commits(2).await;
    let mut wanted = new_request(BASE, HEAD, &[ONE]);
    wanted.base = None;
    wanted.head = commit(1).id;
    let first = ask_as(&world, "ada", &wanted).await;
    world.tick().await;
    let of_base = world.take(ONE).await.unwrap();
    world.progress(&of_base).await;

    wanted.head = commit(2).id;
    wanted.against_parent = true;
    wanted.backfill = true;
    let second = ask_as(&world, "bob", &wanted).await;
    world.tick().await;
    let index = &world.context.store.index;
    let now = world.context.now();
    let cancelled = index.set_request_state(first.id, RequestState::Cancelled, None, now);
    assert!(cancelled.await.unwrap());
    world.measure_all(ONE, 1.0).await;
    world.measure_all(ONE, 1.0).await;

    assert_eq!(world.request(second.id).await.state, RequestState::Done);
    let compared = world.compared(second.id).await;
    assert_eq!(compared, [(ONE.to_owned(), Verdict::Neutral)]);
    // Once, and in the name of who needs it.
    let filter = store::RequestFilter::default();
    let page = store::PageRequest::first(100);
    let all = index.requests(&filter, &page);
    let of_base: Vec<Request> = all
        .await
        .unwrap()
        .items
        .into_iter()
        .filter(|one| one.head.artifact == commit(1).id && one.id != first.id)
        .collect();
    assert_eq!(of_base.len(), 1);
    assert_eq!(of_base[0].requester, "bob");
    assert_eq!(of_base[0].state, RequestState::Done);
}

/// Compilers that are there once somebody says so.
#[derive(Default)]
struct Published(AtomicBool);

#[async_trait]
impl ArtifactAvailability for Published {
    async fn ask(&self, artifact: &ArtifactId, target: &str) -> Availability {
        if self.0.load(Ordering::SeqCst) {
            Availability::There
        } else {
            Availability::NotYet(format!("no {} for {target}", artifact.short()))
        }
    }
}

#[tokio::test]
async fn a_request_waits_for_a_compiler_that_is_still_built_and_in_the_end_fails() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let published = Arc::new(Published::default());
    let context = world.context.clone().with_availability(published.clone());
    let waiting = World::holding(&world, context);
    let request = waiting.ask(BASE, HEAD, &[ONE]).await;
    waiting.tick().await;
    let now = waiting.request(request.id).await;
    assert_eq!(now.state, RequestState::Waiting);
    let note = now.note.unwrap();
    assert!(
        note.contains("waiting for the compiler release-1.94.0, which is not there yet"),
        "{note}"
    );

    published.0.store(true, Ordering::SeqCst);
    waiting.tick().await;
    assert_eq!(
        waiting.request(request.id).await.state,
        RequestState::Waiting,
        "a server that said no is not asked at once again"
    );
    waiting.clock.advance_seconds(70);
    waiting.tick().await;
    assert_eq!(
        waiting.request(request.id).await.state,
        RequestState::Running
    );

    published.0.store(false, Ordering::SeqCst);
    let never = waiting.ask(BASE, "release-1.99.0", &[ONE]).await;
    waiting.tick().await;
    waiting.clock.advance_seconds(25 * 3600);
    waiting.tick().await;
    let now = waiting.request(never.id).await;
    assert_eq!(now.state, RequestState::Failed);
    let note = now.note.unwrap();
    assert!(note.contains("was not there after 24 hours"), "{note}");
}

fn git(folder: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=ada", "-c", "user.email=ada@example.org"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_COMMITTER_DATE", "2026-02-01T12:00:00Z")
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[tokio::test]
async fn commits_of_a_branch_are_asked_for_once_each_with_their_parents() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let repository = tempfile::tempdir().unwrap();
    let folder = repository.path();
    git(folder, &["init", "--quiet", "--initial-branch=main"]);
    let add = |title: &str| git(folder, &["commit", "--quiet", "--allow-empty", "-m", title]);
    add("the first");
    add("the second");
    git(folder, &["checkout", "--quiet", "-b", "side", "HEAD~1"]);
    add("on the side");
    git(folder, &["checkout", "--quiet", "main"]);
    git(
        folder,
        &["merge", "--quiet", "--no-ff", "-m", "the merge", "side"],
    );

    let watch = Watch {
        name: "main".to_owned(),
        place: WatchedPlace::Repository {
            repository: folder.to_owned(),
            branch: "main".to_owned(),
        },
        since: "2026-01-01T00:00:00Z".parse().unwrap(),
        configurations: vec![ONE.parse().unwrap()],
        selection: new_request(BASE, HEAD, &[ONE]).selection,
        iterations: Some(2),
        priority: 0,
    };
    // What is on the side is no commit of the branch.
    assert_eq!(watching::look(&world.context, &watch).await.unwrap(), 3);
    assert_eq!(watching::look(&world.context, &watch).await.unwrap(), 0);
    add("the fourth");
    assert_eq!(watching::look(&world.context, &watch).await.unwrap(), 1);

    world.measure_all(ONE, 1.0).await;
    assert_eq!(
        world.run_count(ONE).await,
        4,
        "no parent was measured twice"
    );
    let index = &world.context.store.index;
    let line = index.line(Line::Main, 0, 10).await.unwrap();
    let titles: Vec<&str> = line.iter().filter_map(|one| one.title.as_deref()).collect();
    assert_eq!(
        titles,
        ["the first", "the second", "the merge", "the fourth"]
    );

    let late = Watch {
        name: "later".to_owned(),
        since: "2026-02-02T00:00:00Z".parse().unwrap(),
        ..watch.clone()
    };
    assert_eq!(watching::look(&world.context, &late).await.unwrap(), 0);
    let nowhere = Watch {
        place: WatchedPlace::Repository {
            repository: folder.to_owned(),
            branch: "nowhere".to_owned(),
        },
        ..watch
    };
    let error = watching::look(&world.context, &nowhere).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is it a repository with that branch?"),
        "{error}"
    );
}

#[tokio::test]
async fn a_bisection_finds_the_commit_and_goes_on_wherever_it_is_asked() {
    let world = with_commits(16).await;
    let culprit = 11;
    let query = BisectionQuery {
        base: commit(1).id,
        head: commit(16).id,
        configuration: ONE.parse().unwrap(),
        test_case: "syn-2.0.119/check/full".to_owned(),
        metric: Some("wall-time".parse().unwrap()),
        ask: true,
    };
    let mut requests = 0;
    let found = loop {
        let step = bisect(&world.context, &query, "ada").await.unwrap();
        match step.next {
            Step::Measure { .. } => requests += 1,
            Step::Found { .. } => break step,
            other => panic!("{other:?}"),
        }
        let waits = bisect(&world.context, &query, "bob").await.unwrap();
        assert!(matches!(waits.next, Step::Wait { .. }), "{:?}", waits.next);
        world.tick().await;
        let taken = world.take(ONE).await.unwrap();
        assert_eq!(taken.message.units.len(), 1);
        world.progress(&taken).await;
        let result = document(&taken.message, taken.attempt(), |run| {
            let number = u128::from_str_radix(&run.artifact.to_string(), 16).unwrap();
            if number < culprit { 1.0 } else { 1.2 }
        });
        world.finish(&taken, &result).await;
        world.work_off().await;
        world.tick().await;
    };
    let Step::Found {
        artifact, before, ..
    } = found.next
    else {
        unreachable!("it was found");
    };
    assert_eq!((artifact, before), (commit(11).id, commit(10).id));
    assert!(requests <= 6, "{requests}");

    let backwards = BisectionQuery {
        base: query.head.clone(),
        head: query.base.clone(),
        ..query.clone()
    };
    let error = bisect(&world.context, &backwards, "ada").await.unwrap_err();
    assert!(matches!(error, FunctionsError::Usage(_)), "{error}");
    let jobs = world
        .context
        .store
        .index
        .jobs_in_state(&query.configuration, JobState::Pending, 9);
    assert!(jobs.await.unwrap().is_empty());
}
