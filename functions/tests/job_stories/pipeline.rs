//! From a request to its verdict.

use analysis::policy::Consequence;
use functions::ingest::{self, Reach};
use functions::{compare, coordinator};
use shared_types::Tier;
use shared_types::comparison::Verdict;
use shared_types::events::object_created;
use shared_types::job::JobState;
use shared_types::request::RequestState;
use store::QueueName;

use crate::world::{BASE, HEAD, ONE, TWO, World, compare_query, document, new_request};

#[tokio::test]
async fn a_request_becomes_jobs_results_comparisons_and_a_verdict() {
    let world = World::new().await;
    world.announce("c1", &[ONE, TWO]).await;
    let request = world.ask(BASE, HEAD, &[ONE, TWO]).await;

    world.measure_all(ONE, 1.2).await;
    world.measure_all(TWO, 1.2).await;

    let request = world.request(request.id).await;
    assert_eq!(request.state, RequestState::Done, "{:?}", request.note);
    let compared = world.compared(request.id).await;
    assert!(
        compared.contains(&(ONE.to_owned(), Verdict::Regressed)),
        "{compared:?}"
    );
    assert!(
        compared.contains(&(TWO.to_owned(), Verdict::Regressed)),
        "{compared:?}"
    );
    let decision = compare::request_verdict(&world.context, &request)
        .await
        .unwrap();
    assert_eq!(decision.verdict, Verdict::Regressed);
    assert_eq!(world.problems().await, "");

    let comparison = compare_query(&world.context, &format!("{BASE}..{HEAD}"), ONE)
        .await
        .unwrap();
    assert_eq!(comparison.metric, "wall-time");
    assert_eq!(comparison.test_cases.len(), 2);
    let change = comparison.test_cases[0].change.unwrap();
    assert!((change - 0.2).abs() < 1e-9, "{change}");
}

#[tokio::test]
async fn one_configuration_is_done_while_the_other_still_waits_for_a_collector() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE, TWO]).await;

    world.measure_all(ONE, 0.8).await;

    let now = world.request(request.id).await;
    assert_eq!(now.state, RequestState::Waiting);
    let note = now.note.clone().unwrap();
    assert!(
        note.contains("waiting for a collector of `test-llvm-t2`"),
        "{note}"
    );
    assert_eq!(
        world.compared(request.id).await,
        [(ONE.to_owned(), Verdict::Improved)]
    );
    let decision = compare::request_verdict(&world.context, &now)
        .await
        .unwrap();
    assert_eq!(decision.verdict, Verdict::Incomplete);

    world.announce("c2", &[TWO]).await;
    world.measure_all(TWO, 1.2).await;

    let now = world.request(request.id).await;
    assert_eq!(now.state, RequestState::Done);
    assert_eq!(now.note, None);
    let decision = compare::request_verdict(&world.context, &now)
        .await
        .unwrap();
    assert_eq!(decision.verdict, Verdict::Conflict, "{}", decision.sentence);
}

#[tokio::test]
async fn a_compiler_measured_twice_is_compared_by_replicate() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let mut wanted = new_request(HEAD, HEAD, &[ONE]);
    wanted.paired = true;
    let request = coordinator::create_request(&world.context, &wanted, "ada")
        .await
        .unwrap();
    assert!(request.is_a_a());

    world.measure_all(ONE, 1.0).await;

    assert_eq!(world.request(request.id).await.state, RequestState::Done);
    let references = world
        .context
        .store
        .index
        .comparisons_of_request(request.id)
        .await
        .unwrap();
    // How often noise is called a change is asked of every metric.
    let mut metrics: Vec<&str> = references.iter().map(|one| one.metric.as_str()).collect();
    metrics.sort_unstable();
    assert_eq!(metrics, ["max-rss", "wall-time"]);
    for reference in &references {
        assert_eq!(reference.base.to_string(), format!("{HEAD}#1"));
        assert_eq!(reference.head.to_string(), format!("{HEAD}#2"));
        assert_eq!(reference.verdict, Verdict::Neutral);
    }
}

#[tokio::test]
async fn what_is_measured_again_becomes_the_next_replicate() {
    let world = World::new().await;
    let first = world.ask(BASE, HEAD, &[ONE]).await;
    let second = world.ask(BASE, HEAD, &[ONE]).await;
    assert_eq!(first.head.replicate.number(), 1);
    assert_eq!(second.head.replicate.number(), 2);
    assert_eq!(second.base.unwrap().replicate.number(), 2);
}

#[tokio::test]
async fn the_same_message_twice_and_in_any_order_changes_nothing_the_second_time() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.tick().await;
    let mut keys = Vec::new();
    while let Some(taken) = world.take(ONE).await {
        let result = document(&taken.message, taken.attempt(), |_| 1.0);
        keys.push(world.finish(&taken, &result).await);
        world.tick().await;
        // The next job is released only when this one is known to have begun.
        world.progress(&taken).await;
        world.tick().await;
    }
    assert_eq!(keys.len(), 2);

    for key in keys.iter().rev().chain(&keys) {
        let event = object_created(key);
        ingest::handle(&world.context, &event).await.unwrap();
        ingest::handle(&world.context, &event).await.unwrap();
    }
    world.work_off().await;
    world.work_off().await;
    world.tick().await;

    assert_eq!(world.compared(request.id).await.len(), 1);
    assert_eq!(world.run_count(ONE).await, 2);
    assert_eq!(world.request(request.id).await.state, RequestState::Done);
    assert_eq!(world.dead(&QueueName::Ingest).await, 0);
    assert_eq!(world.problems().await, "");
}

#[tokio::test]
async fn of_two_attempts_at_one_job_the_first_counts() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.tick().await;
    let taken = world.take(ONE).await.unwrap();
    let first = document(&taken.message, taken.attempt(), |_| 1.0);
    let mut second = document(&taken.message, taken.attempt(), |_| 5.0);
    second.attempt.0 += 1;
    world.store(&first).await;
    world.work_off().await;
    world.store(&second).await;
    world.work_off().await;

    let index = &world.context.store.index;
    let results = index.results_of_job(taken.message.job).await.unwrap();
    let counted: Vec<bool> = results.iter().map(|result| result.counted).collect();
    assert_eq!(counted, [true, false]);
    let _ = request;
}

#[tokio::test]
async fn a_lost_event_is_found_by_the_reconciliation() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    loop {
        world.tick().await;
        let Some(taken) = world.take(ONE).await else {
            break;
        };
        world.progress(&taken).await;
        let result = document(&taken.message, taken.attempt(), |_| 1.0);
        world.finish(&taken, &result).await;
        // The storage event is lost.
        let event = world.receive(&QueueName::Ingest).await.unwrap();
        let queues = &world.context.store.queue;
        queues
            .delete(&QueueName::Ingest, &event.receipt)
            .await
            .unwrap();
    }
    assert_eq!(world.run_count(ONE).await, 0);

    let reconciled = ingest::reconcile(&world.context, Reach::Recent)
        .await
        .unwrap();
    assert_eq!(reconciled.results, 2);
    assert_eq!(reconciled.comparisons, 1);
    world.tick().await;

    assert_eq!(world.request(request.id).await.state, RequestState::Done);
    assert_eq!(world.compared(request.id).await.len(), 1);
    let again = ingest::reconcile(&world.context, Reach::Recent)
        .await
        .unwrap();
    assert_eq!(again, ingest::Reconciled::default());
}

#[tokio::test]
async fn jobs_are_released_only_as_fast_as_collectors_take_them_and_never_to_draining_ones() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    world.tick().await;
    let index = &world.context.store.index;
    index.set_draining("c1", true).await.unwrap();
    let id = ONE.parse().unwrap();
    world.ask(BASE, HEAD, &[ONE]).await;
    world.ask(BASE, HEAD, &[ONE]).await;
    world.tick().await;
    let counts = index.job_counts(&id).await.unwrap();
    assert_eq!((counts.pending, counts.queued), (4, 0));

    index.set_draining("c1", false).await.unwrap();
    world.tick().await;
    world.tick().await;
    let counts = index.job_counts(&id).await.unwrap();
    assert_eq!((counts.pending, counts.queued), (3, 1));
}

#[tokio::test]
async fn a_cancelled_request_releases_nothing_more_and_a_result_that_comes_late_is_kept() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.tick().await;
    let taken = world.take(ONE).await.unwrap();
    let index = &world.context.store.index;
    let now = world.context.now();
    index
        .set_request_state(request.id, RequestState::Cancelled, Some("by ada"), now)
        .await
        .unwrap();
    let result = document(&taken.message, taken.attempt(), |_| 1.0);
    world.finish(&taken, &result).await;
    world.work_off().await;
    world.tick().await;

    assert!(world.take(ONE).await.is_none());
    let request = world.request(request.id).await;
    assert_eq!(request.state, RequestState::Cancelled);
    assert_eq!(world.run_count(ONE).await, 1);
}

#[tokio::test]
async fn a_job_whose_message_was_lost_is_handed_out_again() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    world.ask(BASE, HEAD, &[ONE]).await;
    world.tick().await;
    let taken = world.take(ONE).await.unwrap();
    let queue = QueueName::Jobs(ONE.parse().unwrap());
    let queues = &world.context.store.queue;
    queues
        .delete(&queue, &taken.delivery.receipt)
        .await
        .unwrap();

    world.clock.advance_seconds(700);
    world.tick().await;

    let again = world.take(ONE).await.unwrap();
    assert_eq!(again.message.job, taken.message.job);
    assert_eq!(
        again.attempt().0,
        21,
        "the second release begins behind the first's deliveries"
    );
    let job = world
        .context
        .store
        .index
        .job(again.message.job)
        .await
        .unwrap();
    assert_eq!(job.unwrap().state, JobState::Queued);
}

#[tokio::test]
async fn a_complete_run_that_is_announced_again_gives_no_second_comparison() {
    let world = World::new().await;
    let index = &world.context.store.index;
    let releases = [(BASE, 94), (HEAD, 95), ("release-1.96.0", 96)].map(|(id, ordinal)| {
        let parent = (id == HEAD).then_some(BASE);
        serde_json::from_value(serde_json::json!({
            "id": id,
            "history": { "line": "releases", "ordinal": ordinal, "parent": parent },
        }))
        .unwrap()
    });
    index.put_artifacts(&releases).await.unwrap();
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.2).await;
    let mut wanted = new_request(BASE, "release-1.96.0", &[ONE]);
    wanted.base = None;
    coordinator::create_request(&world.context, &wanted, "ada")
        .await
        .unwrap();
    world.measure_all(ONE, 1.2).await;
    let request = world.request(request.id).await;

    // The series have gone on since, and still the same is compared.
    let configuration = ONE.parse().unwrap();
    let again = compare::compare_request(&world.context, &request, &configuration).await;
    assert!(again.unwrap());
    let page = store::PageRequest::first(10);
    let kept = index.comparisons(&configuration, &page).await.unwrap();
    assert_eq!(
        kept.items.len(),
        1,
        "the parent is the base, so both are one comparison"
    );
    assert_eq!(kept.items[0].request, Some(request.id));
}

#[tokio::test]
async fn what_is_measured_before_its_parent_is_compared_when_the_parent_is_there() {
    let world = World::new().await;
    let index = &world.context.store.index;
    let releases = [(BASE, 94), (HEAD, 95)].map(|(id, ordinal)| {
        let parent = (id == HEAD).then_some(BASE);
        serde_json::from_value(serde_json::json!({
            "id": id,
            "history": { "line": "releases", "ordinal": ordinal, "parent": parent },
        }))
        .unwrap()
    });
    index.put_artifacts(&releases).await.unwrap();
    world.announce("c1", &[ONE]).await;
    let configuration = ONE.parse().unwrap();
    let page = store::PageRequest::first(10);
    let compared = async || {
        let kept = index.comparisons(&configuration, &page).await.unwrap();
        let sides = kept.items.into_iter();
        let sides = sides.map(|one| [one.base.to_string(), one.head.to_string()]);
        sides.collect::<Vec<_>>()
    };
    for (artifact, expected) in [(HEAD, 0), (BASE, 1)] {
        let mut wanted = new_request(artifact, artifact, &[ONE]);
        wanted.base = None;
        let created = coordinator::create_request(&world.context, &wanted, "ada").await;
        created.unwrap();
        world.measure_all(ONE, 1.2).await;
        assert_eq!(compared().await.len(), expected, "after {artifact}");
    }
    assert_eq!(compared().await, [[BASE.to_owned(), HEAD.to_owned()]]);
}

#[tokio::test]
async fn the_policy_says_which_metrics_are_compared_and_count() {
    let world = World::new().await;
    let file = world.context.settings.policy_file.clone().unwrap();
    std::fs::write(&file, "version = 1\nmetrics = [\"max-rss\"]\n").unwrap();
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.2).await;

    let index = &world.context.store.index;
    let references = index.comparisons_of_request(request.id).await.unwrap();
    let mut metrics: Vec<&str> = references.iter().map(|one| one.metric.as_str()).collect();
    metrics.sort_unstable();
    assert_eq!(metrics, ["max-rss", "wall-time"]);
    let request = world.request(request.id).await;
    let decision = compare::request_verdict(&world.context, &request)
        .await
        .unwrap();
    assert_eq!(
        decision.verdict,
        Verdict::Neutral,
        "wall time does not count"
    );

    std::fs::write(&file, "version = 1\nmetrix = []\n").unwrap();
    let refused = compare::request_verdict(&world.context, &request)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("metrix"), "{refused}");
}

#[tokio::test]
async fn an_advisory_configuration_is_confirmed_by_another_measuring_that_says_the_same() {
    let world = World::new().await;
    let file = world.context.settings.policy_file.clone().unwrap();
    let policy = format!("version = 1\n[tiers]\n{TWO} = \"advisory\"\n");
    std::fs::write(&file, policy).unwrap();
    world.announce("c1", &[ONE, TWO]).await;
    let request = world.ask(BASE, HEAD, &[ONE, TWO]).await;
    world.measure_all(ONE, 1.0).await;
    world.measure_all(TWO, 1.2).await;
    let advisory = async || {
        let request = world.request(request.id).await;
        let decision = compare::request_verdict(&world.context, &request).await;
        let decision = decision.unwrap();
        assert_eq!(decision.verdict, Verdict::Neutral, "{}", decision.sentence);
        assert!(!decision.blocks);
        let opinion = decision
            .opinions
            .into_iter()
            .find(|one| one.tier == Tier::Advisory);
        opinion.unwrap()
    };
    let once = advisory().await;
    assert_eq!(once.verdict, Some(Verdict::Regressed));
    assert_eq!(once.consequence, Consequence::AwaitsConfirmation);

    world.ask(BASE, HEAD, &[TWO]).await;
    world.measure_all(TWO, 1.2).await;
    let again = advisory().await;
    assert_eq!(again.verdict, Some(Verdict::Regressed));
    assert_eq!(again.consequence, Consequence::Labels);
    assert!(again.confirmed);
}

#[tokio::test]
async fn a_failure_of_one_request_does_not_keep_the_others_waiting() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let broken = world.ask(BASE, HEAD, &[ONE]).await;
    world.tick().await;
    let taken = world.take(ONE).await.unwrap();
    let result = document(&taken.message, taken.attempt(), |_| 1.0);
    let key = world.finish(&taken, &result).await;
    world.progress(&taken).await;
    world.work_off().await;
    // Damaged after it was taken in, by a failing disk.
    std::fs::write(
        world.folder().join("objects").join(key.to_string()),
        "damaged",
    )
    .unwrap();
    let other = world.ask("release-1.93.0", HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.0).await;

    assert_eq!(world.request(broken.id).await.state, RequestState::Done);
    assert_eq!(world.request(other.id).await.state, RequestState::Done);
    assert_eq!(world.compared(other.id).await.len(), 1);
    let problems = world.problems().await;
    assert!(problems.contains("not compressed with zstd"), "{problems}");
}
