//! What the queues between the functions may do: deliver twice, late, out of order, and at once.

use functions::ingest::{self, Reach};
use functions::messages::{self, Handled};
use functions::{coordinator, github};
use shared_types::api::RunOverview;
use shared_types::comparison::Verdict;
use shared_types::events::CollectorEvent;
use shared_types::request::RequestState;
use shared_types::result_document::MeasuredRun;
use shared_types::{ObjectKey, RequestId, RunId};
use store::{Delivery, QueueName, Receipt};

use crate::world::{BASE, HEAD, ONE, TWO, World, document};

/// What came of a request, without what differs from one time to the next.
#[derive(Debug, PartialEq)]
struct Outcome {
    state: RequestState,
    compared: Vec<(String, Verdict)>,
    runs: Vec<RunOverview>,
    results: Vec<usize>,
    comment: Option<String>,
}

async fn outcome(world: &World, id: RequestId) -> Outcome {
    let index = &world.context.store.index;
    let (mut runs, mut results) = (Vec::new(), Vec::new());
    for configuration in [ONE, TWO] {
        for artifact in [BASE, HEAD] {
            let run = RunId {
                artifact: artifact.parse().unwrap(),
                configuration: configuration.parse().unwrap(),
            };
            runs.extend(index.run(&run).await.unwrap());
            results.push(index.results_of_run(&run).await.unwrap().len());
        }
    }
    let comment = github::written_comment(&world.context, id).await.unwrap();
    Outcome {
        state: world.request(id).await.state,
        compared: world.compared(id).await,
        runs,
        results,
        comment: comment.map(|markdown| markdown.replace(&id.to_string(), "REQUEST")),
    }
}

fn slower_by_a_fifth(run: &MeasuredRun) -> f64 {
    if run.artifact.to_string() == BASE {
        1.0
    } else {
        1.2
    }
}

/// Everything that waits in a queue.
async fn waiting(world: &World, queue: &QueueName) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    while let Some(delivery) = world.receive(queue).await {
        let queues = &world.context.store.queue;
        queues.delete(queue, &delivery.receipt).await.unwrap();
        deliveries.push(delivery);
    }
    deliveries
}

/// Handles each of the deliveries twice, the last first, all at once.
async fn handle_twice_at_once(world: &World, queue: &QueueName, deliveries: Vec<Delivery>) {
    let twice: Vec<Delivery> = deliveries
        .iter()
        .chain(&deliveries)
        .rev()
        .cloned()
        .collect();
    let mut running = Vec::new();
    for delivery in twice {
        let (context, queue) = (world.context.clone(), queue.clone());
        running.push(tokio::spawn(async move {
            messages::handle(&context, &queue, &delivery).await.unwrap()
        }));
    }
    for handled in running {
        assert_ne!(handled.await.unwrap(), Handled::KeptAside, "{queue}");
    }
}

async fn work_off_in_disorder(world: &World) {
    let queues = [QueueName::Ingest, QueueName::Compare, QueueName::Github];
    loop {
        let mut any = false;
        for queue in &queues {
            let deliveries = waiting(world, queue).await;
            any |= !deliveries.is_empty();
            handle_twice_at_once(world, queue, deliveries).await;
        }
        if !any {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_is_delivered_twice_out_of_order_and_at_once_comes_to_the_same() {
    let orderly = World::new().await;
    orderly.announce("c1", &[ONE, TWO]).await;
    let in_order = orderly.ask(BASE, HEAD, &[ONE, TWO]).await;
    orderly.measure_all(ONE, 1.2).await;
    orderly.measure_all(TWO, 1.2).await;

    let world = World::new().await;
    world.announce("c1", &[ONE, TWO]).await;
    let request = world.ask(BASE, HEAD, &[ONE, TWO]).await;
    loop {
        let events = waiting(&world, &QueueName::Events).await;
        handle_twice_at_once(&world, &QueueName::Events, events).await;
        let (first, second) = tokio::join!(
            coordinator::advance(&world.context),
            coordinator::advance(&world.context)
        );
        first.and(second).unwrap();
        let mut taken = Vec::new();
        for configuration in [ONE, TWO] {
            while let Some(job) = world.take(configuration).await {
                taken.push(job);
            }
        }
        if taken.is_empty() {
            break;
        }
        for job in &taken {
            world.progress(job).await;
            world
                .finish(
                    job,
                    &document(&job.message, job.attempt(), slower_by_a_fifth),
                )
                .await;
        }
        work_off_in_disorder(&world).await;
    }
    coordinator::advance(&world.context).await.unwrap();
    work_off_in_disorder(&world).await;

    let expected = outcome(&orderly, in_order.id).await;
    assert_eq!(expected.state, RequestState::Done);
    assert_eq!(outcome(&world, request.id).await, expected);
    assert_eq!(world.problems().await, "");
}

#[tokio::test]
async fn the_comment_of_a_request_grows_with_its_comparisons() {
    let world = World::new().await;
    world.announce("c1", &[ONE, TWO]).await;
    let request = world.ask(BASE, HEAD, &[ONE, TWO]).await;
    let written = async || {
        github::written_comment(&world.context, request.id)
            .await
            .unwrap()
    };
    assert_eq!(written().await, None);

    world.measure_all(ONE, 1.2).await;
    let first = written().await.unwrap();
    assert!(
        first.contains(ONE) && first.contains("Incomplete."),
        "{first}"
    );
    assert!(first.contains("Measured so far"), "{first}");

    world.measure_all(TWO, 1.2).await;
    let second = written().await.unwrap();
    assert!(second.contains("Regressed."), "{second}");
    assert!(!second.contains("Measured so far"), "{second}");
    let key = ObjectKey::Comment {
        request: request.id,
    };
    let (_, tag) = world
        .context
        .store
        .objects
        .get(&key)
        .await
        .unwrap()
        .unwrap();
    assert!(!tag.0.is_empty());
}

#[tokio::test]
async fn the_comment_of_a_request_that_is_cancelled_says_so() {
    let world = World::new().await;
    world.announce("c1", &[ONE, TWO]).await;
    let request = world.ask(BASE, HEAD, &[ONE, TWO]).await;
    world.measure_all(ONE, 1.2).await;

    let index = &world.context.store.index;
    let (state, now) = (RequestState::Cancelled, world.context.now());
    let cancelled = index.set_request_state(request.id, state, None, now).await;
    assert!(cancelled.unwrap());
    world
        .tell(CollectorEvent::RequestMoved {
            request: request.id,
        })
        .await;
    world.tick().await;
    world.work_off().await;
    let comment = github::written_comment(&world.context, request.id).await;
    let comment = comment.unwrap().unwrap();
    assert!(comment.contains("Cancelled."), "{comment}");
}

#[tokio::test]
async fn a_comment_that_was_not_brought_up_to_date_is_so_within_the_hour() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let request = world.ask(BASE, HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.2).await;
    let key = ObjectKey::Comment {
        request: request.id,
    };
    let objects = &world.context.store.objects;
    let (_, tag) = objects.get(&key).await.unwrap().unwrap();
    let stale = objects.replace(&key, Some(&tag), b"stale").await;
    assert!(stale.unwrap().is_some());

    ingest::reconcile(&world.context, Reach::Recent)
        .await
        .unwrap();
    world.work_off().await;
    let comment = github::written_comment(&world.context, request.id).await;
    let comment = comment.unwrap().unwrap();
    assert!(comment.contains("Regressed."), "{comment}");
}

#[tokio::test]
async fn what_is_no_message_is_kept_aside_with_the_reason() {
    let world = World::new().await;
    for queue in QueueName::OF_FUNCTIONS {
        world.send(&queue, "{\"format\":\"9.0\"}").await;
        let delivery = world.receive(&queue).await.unwrap();
        let handled = messages::handle(&world.context, &queue, &delivery).await;
        // A storage event has no version: one without records names nothing, and is done.
        let expected = match queue {
            QueueName::Ingest => Handled::Done,
            _ => Handled::KeptAside,
        };
        assert_eq!(handled.unwrap(), expected, "{queue}");
        let kept = world
            .context
            .store
            .dead_letters
            .list(&queue, 10)
            .await
            .unwrap();
        if expected == Handled::KeptAside {
            let reason = kept[0].reason.as_deref().unwrap();
            assert!(reason.contains("format version 9.0"), "{reason}");
        }
    }
}

#[tokio::test]
async fn a_job_is_no_message_for_a_function() {
    let world = World::new().await;
    let delivery = Delivery {
        receipt: Receipt("none".to_owned()),
        body: "{}".to_owned(),
        receive_count: 1,
    };
    let queue = QueueName::Jobs(ONE.parse().unwrap());
    let refused = messages::handle(&world.context, &queue, &delivery).await;
    assert!(refused.unwrap_err().to_string().contains("collectors"));
}
