//! What is peculiar to the index in DynamoDB when much happens at once, or only half of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod aws_items;
mod aws_place;
mod job_events;

use std::sync::Arc;

use aws_place::{TestPlace, shared_aws};
use job_events::{JobEvent, apply, job_events, runs_of};
use localstack::{Calls, Fault, Proxy};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use shared_types::job::{Job, JobState};
use shared_types::request::RequestState;
use store::conformance::examples::{
    self, at, configuration_id, job, job_failure, job_id, measured_run, measuring_failure,
    progress, request_id, result, run_id,
};
use store::embedded::EmbeddedStore;
use store::{Completion, Index, StoreError};

/// How often the SDK tries a call.
const ATTEMPTS: u32 = 5;

/// An index, spoken to through a proxy that fails on demand.
struct Disturbed {
    index: Arc<dyn Index>,
    proxy: Proxy,
    _place: TestPlace,
}

impl Disturbed {
    async fn make() -> Self {
        let aws = shared_aws();
        let place = TestPlace::make_local(Arc::clone(&aws)).await;
        let proxy = tokio::task::spawn_blocking(move || Proxy::before(&aws).unwrap());
        let proxy = proxy.await.unwrap();
        Self {
            index: place.open_at(proxy.endpoint()).await.index,
            proxy,
            _place: place,
        }
    }
}

/// Everything that can be asked of the jobs of the examples.
async fn all_that_is_known(index: &dyn Index) -> Vec<String> {
    let configuration = configuration_id();
    let mut known = vec![
        format!("{:?}", index.request(request_id(1)).await.unwrap()),
        format!("{:?}", index.jobs_of_request(request_id(1)).await.unwrap()),
        format!("{:?}", index.job_counts(&configuration).await.unwrap()),
        format!(
            "{:?}",
            index.seconds_per_compilation(&configuration).await.unwrap()
        ),
        format!("{:?}", index.run_count(&configuration).await.unwrap()),
    ];
    for number in 1..=2 {
        let run = run_id(number);
        known.push(format!("{:?}", index.run(&run).await.unwrap()));
        known.push(format!("{:?}", index.results_of_run(&run).await.unwrap()));
    }
    for number in 1..=3 {
        let results = index.results_of_job(job_id(number)).await.unwrap();
        known.push(format!("{:?} {results:?}", index.job(job_id(number)).await));
    }
    for state in JobState::ALL {
        let jobs = index.jobs_in_state(&configuration, *state, 9).await;
        known.push(format!("{:?}", jobs.unwrap()));
    }
    known
}

async fn follow_embedded(events: Vec<(u64, JobEvent)>) {
    let place = TestPlace::make().await;
    let folder = tempfile::tempdir().unwrap();
    let embedded = EmbeddedStore::open(folder.path()).unwrap().index;
    let dynamodb = place.open().index;
    for index in [&embedded, &dynamodb] {
        let jobs = (1..=3).map(|number| job(number, runs_of(number))).collect();
        examples::with_jobs(&**index, jobs).await;
    }
    for (number, event) in &events {
        let wanted = apply(&*embedded, *number, event).await;
        let answer = apply(&*dynamodb, *number, event).await;
        assert_eq!(answer, wanted, "to {event:?} of job {number}");
    }
    assert_eq!(
        all_that_is_known(&*dynamodb).await,
        all_that_is_known(&*embedded).await
    );
}

#[test]
fn whatever_happens_the_answers_are_those_of_the_embedded_index() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 8,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let tried = runner.run(&job_events(30), |events| {
        runtime.block_on(follow_embedded(events));
        Ok(())
    });
    tried.unwrap();
}

/// The answers to results that arrive together, each at a program of its own.
async fn complete_at_once(
    place: &TestPlace,
    results: impl IntoIterator<Item = store::CollectedResult>,
) -> Vec<Completion> {
    let mut tasks = Vec::new();
    for result in results {
        let index = place.open().index;
        let task = async move { index.complete_job(&result).await.unwrap() };
        tasks.push(tokio::spawn(task));
    }
    let mut completions = Vec::new();
    for task in tasks {
        completions.push(task.await.unwrap());
    }
    completions
}

fn counted(completions: &[Completion]) -> Vec<&Completion> {
    completions
        .iter()
        .filter(|completion| matches!(completion, Completion::Counted { .. }))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_attempts_that_arrive_together_one_counts() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1, 2]), job(2, &[1, 2])]).await;
    let results = (1..=8).map(|attempt| result(1, attempt, &[1, 2]));
    let completions = complete_at_once(&place, results).await;
    let one = Completion::Counted {
        completed_runs: Vec::new(),
        request: Some((request_id(1), 1)),
    };
    assert_eq!(counted(&completions), [&one]);
    let of_job = index.results_of_job(job_id(1)).await.unwrap();
    assert_eq!(of_job.len(), 8);
    assert_eq!(of_job.iter().filter(|result| result.counted).count(), 1);
    let run = &index.run(&run_id(1)).await.unwrap()[0];
    assert_eq!((run.jobs_left, run.test_cases), (1, 2));
    assert_eq!(index.run_count(&configuration_id()).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_deliveries_of_one_result_one_counts() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    let results = (1..=8).map(|_| result(1, 1, &[1]));
    let completions = complete_at_once(&place, results).await;
    assert_eq!(counted(&completions).len(), 1, "{completions:?}");
    let known = completions
        .iter()
        .filter(|completion| **completion == Completion::Known);
    assert_eq!(known.count(), 7, "{completions:?}");
    assert_eq!(index.run(&run_id(1)).await.unwrap()[0].test_cases, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_of_one_run_that_are_done_together_are_all_counted() {
    const JOBS: u32 = 10;
    let place = TestPlace::make().await;
    let index = place.open().index;
    let numbers = 1..=u64::from(JOBS);
    let jobs: Vec<Job> = numbers.clone().map(|number| job(number, &[1, 2])).collect();
    examples::with_jobs(&*index, jobs).await;
    let results = numbers.map(|number| result(number, 1, &[1, 2]));
    let completions = complete_at_once(&place, results).await;

    let mut left = Vec::new();
    for completion in &completions {
        let Completion::Counted {
            completed_runs,
            request: Some((_, jobs_left)),
        } = completion
        else {
            panic!("{completion:?} of a job");
        };
        let is_last = *jobs_left == 0;
        assert_eq!(completed_runs.len(), if is_last { 2 } else { 0 });
        left.push(*jobs_left);
    }
    left.sort_unstable();
    assert_eq!(left, (0..JOBS).collect::<Vec<_>>());
    for number in 1..=2 {
        let run = &index.run(&run_id(number)).await.unwrap()[0];
        assert_eq!((run.jobs_left, run.test_cases), (0, 2 * JOBS));
    }
    let counts = index.job_counts(&configuration_id()).await.unwrap();
    assert_eq!((counts.done, counts.pending), (JOBS, 0));
    assert_eq!(counts.compilations_total, 0);
}

#[tokio::test]
async fn a_result_whose_answer_is_lost_counts_once_and_is_told_of() {
    let Disturbed {
        index,
        proxy,
        _place,
    } = Disturbed::make().await;
    examples::with_jobs(&*index, vec![job(1, &[1]), job(2, &[1])]).await;
    let transactions = Calls::of("dynamodb", "TransactWriteItems");
    proxy.fail_next(transactions, 1, Fault::CutAfterForwarding);
    let completion = index.complete_job(&result(1, 1, &[1])).await.unwrap();
    assert_eq!(proxy.faults_left(), 0);
    let wanted = Completion::Counted {
        completed_runs: Vec::new(),
        request: Some((request_id(1), 1)),
    };
    assert_eq!(completion, wanted);
    let run = &index.run(&run_id(1)).await.unwrap()[0];
    assert_eq!((run.jobs_left, run.test_cases), (1, 2));
}

#[tokio::test]
async fn a_job_whose_release_is_not_answered_is_released_once() {
    let Disturbed {
        index,
        proxy,
        _place,
    } = Disturbed::make().await;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    let transactions = Calls::of("dynamodb", "TransactWriteItems");
    proxy.fail_next(transactions, 1, Fault::CutAfterForwarding);
    let released = index.release_job(job_id(1), at(1)).await.unwrap().unwrap();
    assert_eq!(proxy.faults_left(), 0);
    assert_eq!(released.releases, 1);
    assert_eq!(index.job(job_id(1)).await.unwrap(), Some(released));
}

/// However long nothing is answered, what was asked is done once when it is asked again.
#[tokio::test]
async fn a_result_that_was_indexed_unheard_is_known_when_it_comes_again() {
    let Disturbed {
        index,
        proxy,
        _place,
    } = Disturbed::make().await;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    let transactions = Calls::of("dynamodb", "TransactWriteItems");
    proxy.fail_next(transactions, ATTEMPTS, Fault::CutAfterForwarding);
    let unheard = index.complete_job(&result(1, 1, &[1])).await;
    let Err(StoreError::Unavailable { action, .. }) = unheard else {
        panic!("{unheard:?}");
    };
    assert!(action.contains("1.json.zst"), "{action}");
    let again = index.complete_job(&result(1, 1, &[1])).await.unwrap();
    assert_eq!(again, Completion::Known);
    assert_eq!(index.run(&run_id(1)).await.unwrap()[0].test_cases, 2);
}

#[tokio::test]
async fn a_table_that_is_busy_or_fails_for_a_moment_is_waited_for() {
    let Disturbed {
        index,
        proxy,
        _place,
    } = Disturbed::make().await;
    for (operation, fault) in [
        ("GetItem", Fault::Throttled),
        ("TransactWriteItems", Fault::Throttled),
        ("TransactWriteItems", Fault::ServerError),
        ("BatchGetItem", Fault::ServerError),
        ("Query", Fault::CutBeforeForwarding),
        ("PutItem", Fault::Throttled),
    ] {
        proxy.fail_next(Calls::of("dynamodb", operation), 1, fault);
    }
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    index.release_job(job_id(1), at(1)).await.unwrap().unwrap();
    for done in 1..=2 {
        let progress = progress(1, 1, done);
        index.record_progress(&progress, at(2)).await.unwrap();
    }
    assert_eq!(proxy.faults_left(), 0);
    let running = index.job(job_id(1)).await.unwrap().unwrap();
    assert_eq!(running.progress.unwrap().done, 2);
}

#[tokio::test]
async fn a_change_that_others_come_before_each_time_is_given_up_and_says_over_what() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    index.create_request(&examples::request(1)).await.unwrap();
    // As if it were another version each time.
    place
        .remove_version(&format!("request#{}", request_id(1)), "request")
        .await;
    let moved = index
        .set_request_state(request_id(1), RequestState::Running, None, at(1))
        .await;
    let error = moved.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    let wanted = format!(
        "moving the request {id} to running failed: others changed request#{id}/request \
         (ConditionalCheckFailed) each of 20 times: try again later",
        id = request_id(1)
    );
    assert_eq!(error.to_string(), wanted);
}

/// A program that ends between a failure and its result leaves failures of a result that does not
/// count.
#[tokio::test]
async fn failures_of_a_result_that_does_not_count_are_not_listed() {
    let Disturbed {
        index,
        proxy,
        _place,
    } = Disturbed::make().await;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    let mut lost = result(1, 1, &[1]);
    lost.failures = vec![measuring_failure(1), measuring_failure(1)];
    let transactions = Calls::of("dynamodb", "TransactWriteItems");
    proxy.fail_next(transactions, ATTEMPTS, Fault::CutBeforeForwarding);
    index.complete_job(&lost).await.unwrap_err();

    let mut second = result(1, 2, &[1]);
    second.failures = vec![measuring_failure(1)];
    second.measured_at = at(1);
    index.complete_job(&second).await.unwrap();
    let duplicate = index.complete_job(&lost).await.unwrap();
    assert_eq!(duplicate, Completion::Duplicate);
    let of_run = index.failures_of_run(&run_id(1)).await.unwrap();
    assert_eq!(of_run.len(), 1);
    assert_eq!(of_run[0].at, at(1));
    // The two that are newer do not take its place.
    assert_eq!(index.recent_failures(1).await.unwrap(), of_run);
    assert_eq!(index.run(&run_id(1)).await.unwrap()[0].failures, 1);
}

/// Cancels the request and none of its jobs, as a program does that ends half way.
async fn cancel_half_way(place: &TestPlace) {
    place
        .edit_document(
            &format!("request#{}", request_id(1)),
            "request",
            |document| {
                document["state"] = "cancelled".into();
                document["finished_at"] = at(9).to_string().into();
            },
        )
        .await;
}

#[tokio::test]
async fn jobs_of_a_request_that_was_cancelled_half_way_are_not_released() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1]), job(2, &[1]), job(3, &[1])]).await;
    index.release_job(job_id(2), at(1)).await.unwrap().unwrap();
    cancel_half_way(&place).await;
    let jobs_left = async || index.run(&run_id(1)).await.unwrap()[0].jobs_left;

    assert_eq!(index.release_job(job_id(1), at(20)).await.unwrap(), None);
    let cancelled = index.job(job_id(1)).await.unwrap().unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(cancelled.finished_at, Some(at(9)));
    assert_eq!(jobs_left().await, 2);

    let again = index
        .set_request_state(request_id(1), RequestState::Cancelled, None, at(30))
        .await;
    assert!(!again.unwrap());
    for number in [2, 3] {
        let cancelled = index.job(job_id(number)).await.unwrap().unwrap();
        assert_eq!(cancelled.state, JobState::Cancelled);
        assert_eq!(cancelled.finished_at, Some(at(9)));
    }
    assert_eq!(jobs_left().await, 0);
}

#[tokio::test]
async fn a_job_that_is_wanted_after_its_request_was_cancelled_is_released() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    for attempt in 1..=3 {
        let failure = job_failure(attempt);
        index.record_failure(job_id(1), &failure).await.unwrap();
    }
    let cancel = async || {
        index
            .set_request_state(request_id(1), RequestState::Cancelled, None, at(9))
            .await
            .unwrap()
    };
    assert!(cancel().await);
    assert!(index.retry_job(job_id(1)).await.unwrap());
    assert!(!cancel().await);
    let released = index.release_job(job_id(1), at(10)).await.unwrap().unwrap();
    assert_eq!(released.state, JobState::Queued);
}

#[tokio::test]
async fn jobs_that_are_there_already_are_not_added_to_another_request() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    index.create_request(&examples::request(2)).await.unwrap();
    let mut new = examples::new_jobs(vec![job(2, &[1]), job(1, &[1])]);
    new.request = request_id(2);
    for job in &mut new.jobs {
        job.request = request_id(2);
    }
    let refused = index.create_jobs(&new).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    new.jobs[1].id = job_id(2);
    let refused = index.create_jobs(&new).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(index.job(job_id(2)).await.unwrap(), None);
    let run = &index.run(&run_id(1)).await.unwrap()[0];
    assert_eq!(run.jobs_left, 1, "of {:?}", measured_run(1));
}

/// Progress that was reported before a job was taken back belongs to an attempt that is given up.
#[tokio::test]
async fn progress_of_a_release_is_not_that_of_the_next() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    index.release_job(job_id(1), at(1)).await.unwrap();
    for done in 1..=3 {
        let late = progress(1, 9, done);
        index.record_progress(&late, at(60)).await.unwrap();
    }
    assert!(index.return_to_pending(job_id(1), 1).await.unwrap());
    let found = async || index.job(job_id(1)).await.unwrap().unwrap();
    assert_eq!(found().await.progress, None);
    index.release_job(job_id(1), at(70)).await.unwrap();
    assert_eq!(found().await.progress, None);
    for done in 1..=2 {
        // By a clock that is behind.
        let progress = progress(1, 1, done);
        index.record_progress(&progress, at(50)).await.unwrap();
    }
    let noted = found().await.progress.unwrap();
    assert_eq!((noted.attempt.0, noted.done), (1, 2));
    let counts = index.job_counts(&configuration_id()).await.unwrap();
    assert_eq!((counts.running, counts.compilations_done), (1, 2));
}
