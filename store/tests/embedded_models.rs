//! The embedded adapters against simple models, under random events.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod job_events;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use job_events::{JobEvent, apply, job_events, runs_of};
use proptest::prelude::*;
use shared_types::job::{DELIVERIES_PER_RELEASE, JobState};
use store::conformance::examples::{self, job, request_id, run_id};
use store::embedded::EmbeddedStore;
use store::{Delivery, Index, QueueName};

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

async fn check_jobs_left(index: &dyn Index) {
    let jobs = index.jobs_of_request(request_id(1)).await.unwrap();
    for run in [1, 2] {
        let open = jobs
            .iter()
            .filter(|job| !job.state.is_final() && job.runs.contains(&examples::measured_run(run)))
            .count();
        let overview = &index.run(&run_id(run)).await.unwrap()[0];
        assert_eq!(overview.jobs_left as usize, open, "of run {run}");
        let counted = index.results_of_run(&run_id(run)).await.unwrap().len();
        assert_eq!(overview.test_cases as usize, 2 * counted, "of run {run}");
    }
}

fn check_transition(before: JobState, after: JobState, event: &JobEvent) {
    let allowed = match (before, after) {
        (before, after) if before == after => true,
        (JobState::Done | JobState::Cancelled, _) => false,
        (JobState::Failed, JobState::Pending) => matches!(event, JobEvent::Retry),
        (JobState::Failed, JobState::Done) => matches!(event, JobEvent::Result(_)),
        (JobState::Failed, _) => false,
        _ => true,
    };
    assert!(allowed, "{event:?} moved a job from {before} to {after}");
}

#[derive(Debug, Clone)]
enum QueueEvent {
    Send,
    Receive(usize),
    Extend(usize),
    Delete(usize),
    Reject(usize),
    Wait(i64),
}

fn queue_events() -> impl Strategy<Value = Vec<QueueEvent>> {
    let event = prop_oneof![
        3 => Just(QueueEvent::Send),
        4 => (1usize..4).prop_map(QueueEvent::Receive),
        1 => (0usize..20).prop_map(QueueEvent::Extend),
        2 => (0usize..20).prop_map(QueueEvent::Delete),
        1 => (0usize..20).prop_map(QueueEvent::Reject),
        2 => (1i64..15).prop_map(QueueEvent::Wait),
    ];
    proptest::collection::vec(event, 1..60)
}

const LEASE_S: i64 = 10;

/// A queue as one would write it down: messages by age, each with its deliveries and lease.
#[derive(Default)]
struct QueueModel {
    now: i64,
    sent: u32,
    messages: BTreeMap<u32, (u32, i64)>,
    dead: u64,
}

impl QueueModel {
    fn receive(&mut self, limit: usize) -> Vec<(u32, u32)> {
        let now = self.now;
        let before = self.messages.len();
        self.messages
            .retain(|_, (count, free_at)| *free_at > now || *count < DELIVERIES_PER_RELEASE);
        self.dead += (before - self.messages.len()) as u64;
        self.messages
            .iter_mut()
            .filter(|(_, (_, free_at))| *free_at <= now)
            .take(limit)
            .map(|(number, (count, free_at))| {
                *count += 1;
                *free_at = now + LEASE_S;
                (*number, *count)
            })
            .collect()
    }

    /// The message, if this delivery of it is still the last.
    fn is_last(&self, delivery: &Delivery) -> Option<u32> {
        let number = delivery.body.parse().unwrap();
        let (count, _) = self.messages.get(&number)?;
        (*count == delivery.receive_count).then_some(number)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_jobs_what_is_left_is_what_is_not_at_its_end(events in job_events(40)) {
        block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let index = EmbeddedStore::open(folder.path()).unwrap().index;
            let jobs = (1..=3).map(|number| job(number, runs_of(number))).collect();
            examples::with_jobs(&*index, jobs).await;
            for (number, event) in &events {
                let before = index.jobs_of_request(request_id(1)).await.unwrap();
                apply(&*index, *number, event).await;
                let after = index.jobs_of_request(request_id(1)).await.unwrap();
                for (before, after) in before.iter().zip(&after) {
                    check_transition(before.state, after.state, event);
                }
                check_jobs_left(&*index).await;
            }
        });
    }

    #[test]
    fn an_event_that_is_told_twice_changes_nothing_the_second_time(events in job_events(40)) {
        block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let index = EmbeddedStore::open(folder.path()).unwrap().index;
            let jobs = (1..=3).map(|number| job(number, runs_of(number))).collect();
            examples::with_jobs(&*index, jobs).await;
            for (number, event) in &events {
                apply(&*index, *number, event).await;
                let once = index.jobs_of_request(request_id(1)).await.unwrap();
                apply(&*index, *number, event).await;
                let twice = index.jobs_of_request(request_id(1)).await.unwrap();
                assert_eq!(twice, once, "after {event:?}");
            }
            check_jobs_left(&*index).await;
        });
    }

    #[test]
    fn a_queue_does_what_its_model_does(events in queue_events()) {
        block_on(follow_model(events));
    }
}

async fn follow_model(events: Vec<QueueEvent>) {
    let folder = tempfile::tempdir().unwrap();
    let seconds = Arc::new(AtomicI64::new(0));
    let shown = Arc::clone(&seconds);
    let clock = Arc::new(move || Timestamp::from_second(shown.load(Ordering::SeqCst)).unwrap());
    let store = EmbeddedStore::open_with_clock(folder.path(), clock).unwrap();
    let (queue, name) = (store.queue, QueueName::Events);
    let lease = Duration::from_secs(LEASE_S.unsigned_abs());
    let mut model = QueueModel::default();
    let mut delivered: Vec<Delivery> = Vec::new();
    for event in events {
        match event {
            QueueEvent::Send => {
                model.sent += 1;
                model.messages.insert(model.sent, (0, model.now));
                queue.send(&name, &model.sent.to_string()).await.unwrap();
            }
            QueueEvent::Receive(limit) => {
                let got = queue
                    .receive(&name, limit, lease, Duration::ZERO)
                    .await
                    .unwrap();
                let seen: Vec<(u32, u32)> = got
                    .iter()
                    .map(|delivery| (delivery.body.parse().unwrap(), delivery.receive_count))
                    .collect();
                assert_eq!(seen, model.receive(limit));
                delivered.extend(got);
            }
            QueueEvent::Extend(which) => {
                let Some(delivery) = delivered.get(which) else {
                    continue;
                };
                let held = model
                    .is_last(delivery)
                    .filter(|number| model.messages[number].1 > model.now);
                let extended = queue.extend(&name, &delivery.receipt, lease).await;
                assert_eq!(extended.is_ok(), held.is_some());
                if let Some(message) = held.and_then(|number| model.messages.get_mut(&number)) {
                    message.1 = model.now + LEASE_S;
                }
            }
            QueueEvent::Delete(which) => {
                let Some(delivery) = delivered.get(which) else {
                    continue;
                };
                if let Some(number) = model.is_last(delivery) {
                    model.messages.remove(&number);
                }
                queue.delete(&name, &delivery.receipt).await.unwrap();
            }
            QueueEvent::Reject(which) => {
                let Some(delivery) = delivered.get(which) else {
                    continue;
                };
                if let Some(number) = model.is_last(delivery) {
                    model.messages.remove(&number);
                    model.dead += 1;
                }
                queue.reject(&name, delivery, "a reason").await.unwrap();
            }
            QueueEvent::Wait(time) => {
                model.now += time;
                seconds.store(model.now, Ordering::SeqCst);
            }
        }
        let depth = queue.depth(&name).await.unwrap();
        let leased = model
            .messages
            .values()
            .filter(|(_, free_at)| *free_at > model.now)
            .count() as u64;
        let waiting = model.messages.len() as u64 - leased;
        assert_eq!(
            (depth.waiting, depth.leased, depth.dead),
            (waiting, leased, model.dead)
        );
    }
}
