//! What every adapter of [`Index`](crate::Index) must do with requests and jobs.

use shared_types::ids::Attempt;
use shared_types::job::{Job, JobState};
use shared_types::request::RequestState;

use super::Setting;
use super::examples::{self, at, job, job_failure, job_id, new_jobs, progress, request_id};
use crate::{FailureOutcome, Index, JOBS_MAX, JobCounts, PageRequest, RequestFilter, StoreError};

/// Calls `$define! { … }` with the cases of [`conformance::jobs`](crate::conformance::jobs).
#[macro_export]
macro_rules! jobs_conformance {
    ($define:ident) => {
        $define! { jobs:
            a_request_is_made_once,
            requests_are_listed_newest_first_in_pages,
            a_request_moves_until_it_is_at_its_end,
            what_is_unknown_cannot_be_changed,
            cancelling_a_request_cancels_its_jobs,
            jobs_are_added_once,
            jobs_of_a_cancelled_request_are_not_added,
            jobs_that_are_of_another_request_are_refused,
            as_many_jobs_as_may_be_are_added_and_no_more,
            jobs_are_done_by_priority_and_then_by_age,
            a_job_is_released_once,
            only_the_last_release_is_taken_back,
            progress_makes_a_queued_job_run,
            an_earlier_attempt_does_not_hide_a_later_one,
            every_attempt_is_remembered_with_how_far_it_came,
            late_progress_tells_whose_an_attempt_was_and_changes_nothing_else,
            the_third_failure_is_the_last,
            a_failure_is_counted_once,
            a_failed_job_leaves_nothing_to_wait_for,
            a_failed_job_can_be_asked_for_once_more,
            jobs_are_counted_by_state,
            the_time_of_a_compilation_is_an_average,
        }
    };
}

async fn state(index: &dyn Index, number: u64) -> JobState {
    found(index, number).await.state
}

async fn found(index: &dyn Index, number: u64) -> Job {
    index.job(job_id(number)).await.unwrap().unwrap()
}

async fn jobs_left(index: &dyn Index, run: u32) -> u32 {
    index.run(&examples::run_id(run)).await.unwrap()[0].jobs_left
}

async fn fail(index: &dyn Index, number: u64, attempt: u32) -> FailureOutcome {
    index
        .record_failure(job_id(number), &job_failure(attempt))
        .await
        .unwrap()
}

pub async fn a_request_is_made_once(setting: &Setting) {
    let index = &*setting.store.index;
    index.create_request(&examples::request(1)).await.unwrap();
    let mut changed = examples::request(1);
    changed.priority = 9;
    index.create_request(&changed).await.unwrap();
    let found = index.request(request_id(1)).await.unwrap();
    assert_eq!(found, Some(examples::request(1)));
    assert_eq!(index.request(request_id(2)).await.unwrap(), None);
}

pub async fn requests_are_listed_newest_first_in_pages(setting: &Setting) {
    let index = &*setting.store.index;
    for number in [2, 1, 3] {
        index
            .create_request(&examples::request(number))
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut page = PageRequest::first(2);
    loop {
        let found = index
            .requests(&RequestFilter::default(), &page)
            .await
            .unwrap();
        seen.extend(found.items.iter().map(|request| request.id));
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [request_id(3), request_id(2), request_id(1)]);
    index
        .set_request_state(request_id(2), RequestState::Running, None, at(5))
        .await
        .unwrap();
    let filter = RequestFilter {
        states: vec![RequestState::Running, RequestState::Done],
    };
    let running = index.requests(&filter, &PageRequest::first(9)).await;
    let ids: Vec<_> = running
        .unwrap()
        .items
        .iter()
        .map(|request| request.id)
        .collect();
    assert_eq!(ids, [request_id(2)]);
}

pub async fn a_request_moves_until_it_is_at_its_end(setting: &Setting) {
    let index = &*setting.store.index;
    index.create_request(&examples::request(1)).await.unwrap();
    let to = async |state, note, second| {
        index
            .set_request_state(request_id(1), state, note, at(second))
            .await
            .unwrap()
    };
    assert!(to(RequestState::Running, Some("at work"), 1).await);
    assert!(!to(RequestState::Running, Some("still at work"), 2).await);
    assert!(to(RequestState::Done, None, 3).await);
    assert!(!to(RequestState::Done, None, 4).await);
    assert!(!to(RequestState::Running, None, 5).await);
    let request = index.request(request_id(1)).await.unwrap().unwrap();
    assert_eq!(request.state, RequestState::Done);
    assert_eq!(request.finished_at, Some(at(3)));
    assert_eq!(request.note, None);
}

pub async fn what_is_unknown_cannot_be_changed(setting: &Setting) {
    let index = &*setting.store.index;
    let id = job_id(1);
    let answers = [
        index
            .set_request_state(request_id(1), RequestState::Done, None, at(0))
            .await
            .err(),
        index.create_jobs(&new_jobs(vec![job(1, &[1])])).await.err(),
        index.release_job(id, at(0)).await.err(),
        index.return_to_pending(id, 1).await.err(),
        index.record_progress(&progress(1, 1, 1), at(0)).await.err(),
        index.record_failure(id, &job_failure(1)).await.err(),
        index.retry_job(id).await.err(),
    ];
    for (number, answer) in answers.iter().enumerate() {
        let not_found = matches!(answer, Some(StoreError::NotFound { .. }));
        assert!(not_found, "answer {number} is {answer:?}");
    }
    assert_eq!(index.job(id).await.unwrap(), None);
}

pub async fn cancelling_a_request_cancels_its_jobs(setting: &Setting) {
    let index = &*setting.store.index;
    let jobs = vec![job(1, &[1, 2]), job(2, &[1, 2]), job(3, &[1])];
    examples::with_jobs(index, jobs).await;
    index
        .complete_job(&examples::result(1, 1, &[1, 2]))
        .await
        .unwrap();
    index.release_job(job_id(2), at(1)).await.unwrap();
    for moved in [true, false] {
        let cancelled = index
            .set_request_state(request_id(1), RequestState::Cancelled, None, at(9))
            .await;
        assert_eq!(cancelled.unwrap(), moved);
    }
    assert_eq!(state(index, 1).await, JobState::Done);
    for number in [2, 3] {
        let cancelled = found(index, number).await;
        assert_eq!(cancelled.state, JobState::Cancelled);
        assert_eq!(cancelled.finished_at, Some(at(9)));
    }
    assert_eq!(jobs_left(index, 1).await, 0);
    assert_eq!(jobs_left(index, 2).await, 0);
}

pub async fn jobs_are_added_once(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1]), job(2, &[2])]).await;
    let again = index.create_jobs(&new_jobs(vec![job(3, &[1])])).await;
    assert!(!again.unwrap());
    let jobs = index.jobs_of_request(request_id(1)).await.unwrap();
    assert_eq!(jobs, [job(1, &[1]), job(2, &[2])]);
    assert_eq!(jobs_left(index, 1).await, 1);
    let runs = index.run(&examples::run_id(1)).await.unwrap();
    assert_eq!(runs[0].measured_at, None);
}

pub async fn jobs_of_a_cancelled_request_are_not_added(setting: &Setting) {
    let index = &*setting.store.index;
    index.create_request(&examples::request(1)).await.unwrap();
    index
        .set_request_state(request_id(1), RequestState::Cancelled, None, at(0))
        .await
        .unwrap();
    let added = index.create_jobs(&new_jobs(vec![job(1, &[1])])).await;
    assert!(!added.unwrap());
    assert_eq!(index.job(job_id(1)).await.unwrap(), None);
}

pub async fn jobs_that_are_of_another_request_are_refused(setting: &Setting) {
    let index = &*setting.store.index;
    index.create_request(&examples::request(1)).await.unwrap();
    let mut other = job(2, &[1]);
    other.request = request_id(7);
    let refused = index
        .create_jobs(&new_jobs(vec![job(1, &[1]), other]))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(index.job(job_id(1)).await.unwrap(), None);
}

pub async fn as_many_jobs_as_may_be_are_added_and_no_more(setting: &Setting) {
    let index = &*setting.store.index;
    index.create_request(&examples::request(1)).await.unwrap();
    let jobs = |count: usize| {
        let numbers = 1..=u64::try_from(count).unwrap();
        new_jobs(numbers.map(|number| job(number, &[1, 2])).collect())
    };
    let refused = index.create_jobs(&jobs(JOBS_MAX + 1)).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(index.jobs_of_request(request_id(1)).await.unwrap(), []);
    assert!(index.create_jobs(&jobs(JOBS_MAX)).await.unwrap());
    let added = index.jobs_of_request(request_id(1)).await.unwrap();
    assert_eq!(added.len(), JOBS_MAX);
    let runs = index.run(&examples::run_id(1)).await.unwrap();
    assert_eq!(runs[0].jobs_left as usize, JOBS_MAX);
}

pub async fn jobs_are_done_by_priority_and_then_by_age(setting: &Setting) {
    let index = &*setting.store.index;
    for (number, priority) in [(1, 0), (2, 5)] {
        let mut request = examples::request(number);
        request.priority = priority;
        index.create_request(&request).await.unwrap();
        let mut new = new_jobs(vec![job(10 * number + 1, &[1]), job(10 * number, &[1])]);
        new.request = request.id;
        for job in &mut new.jobs {
            job.request = request.id;
        }
        index.create_jobs(&new).await.unwrap();
    }
    let configuration = examples::configuration_id();
    let order = async |limit| -> Vec<_> {
        let jobs = index
            .jobs_in_state(&configuration, JobState::Pending, limit)
            .await
            .unwrap();
        jobs.iter().map(|job| job.id).collect()
    };
    assert_eq!(order(9).await, [20, 21, 10, 11].map(job_id));
    assert_eq!(order(1).await, [job_id(20)]);
    index.release_job(job_id(20), at(1)).await.unwrap();
    assert_eq!(order(1).await, [job_id(21)]);
}

pub async fn a_job_is_released_once(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    let released = index.release_job(job_id(1), at(7)).await.unwrap().unwrap();
    assert_eq!(released.state, JobState::Queued);
    assert_eq!(released.releases, 1);
    assert_eq!(released.queued_at, Some(at(7)));
    assert_eq!(index.release_job(job_id(1), at(8)).await.unwrap(), None);
    assert_eq!(found(index, 1).await, released);
}

pub async fn only_the_last_release_is_taken_back(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    assert!(!index.return_to_pending(job_id(1), 0).await.unwrap());
    index.release_job(job_id(1), at(1)).await.unwrap();
    assert!(index.return_to_pending(job_id(1), 1).await.unwrap());
    assert!(!index.return_to_pending(job_id(1), 1).await.unwrap());
    index.release_job(job_id(1), at(2)).await.unwrap();
    assert!(!index.return_to_pending(job_id(1), 1).await.unwrap());
    assert_eq!(found(index, 1).await.releases, 2);
    assert_eq!(state(index, 1).await, JobState::Queued);
    assert_eq!(jobs_left(index, 1).await, 1);
}

pub async fn progress_makes_a_queued_job_run(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    let report = async |done, second| {
        index
            .record_progress(&progress(1, 1, done), at(second))
            .await
            .unwrap();
        found(index, 1).await
    };
    assert_eq!(report(1, 1).await.state, JobState::Pending);
    index.release_job(job_id(1), at(2)).await.unwrap();
    for _ in 0..2 {
        let running = report(2, 3).await;
        assert_eq!(running.state, JobState::Running);
        assert_eq!(running.started_at, Some(at(3)));
        assert_eq!(running.progress.unwrap().done, 2);
    }
    let later = report(3, 4).await;
    assert_eq!(later.started_at, Some(at(3)));
    assert_eq!(later.progress.unwrap().done, 3);
    assert_eq!(report(1, 2).await.progress.unwrap().done, 3);
}

pub async fn an_earlier_attempt_does_not_hide_a_later_one(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    index.release_job(job_id(1), at(1)).await.unwrap();
    for (attempt, done, second) in [(2, 1, 5), (1, 4, 6)] {
        index
            .record_progress(&progress(1, attempt, done), at(second))
            .await
            .unwrap();
    }
    let noted = found(index, 1).await.progress.unwrap();
    assert_eq!((noted.attempt, noted.done), (Attempt(2), 1));
}

pub async fn every_attempt_is_remembered_with_how_far_it_came(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    index.release_job(job_id(1), at(1)).await.unwrap();
    let note = async |attempt, done, second| {
        let event = progress(1, attempt, done);
        index.record_progress(&event, at(second)).await.unwrap();
    };
    note(1, 1, 10).await;
    note(1, 5, 20).await;
    note(2, 0, 60).await;
    note(2, 2, 70).await;
    fail(index, 1, 2).await;
    let job = found(index, 1).await;
    let known: Vec<_> = job
        .attempts
        .iter()
        .map(|it| (it.attempt.0, it.begun_at, it.done, it.failure.is_some()))
        .collect();
    assert_eq!(known, [(1, at(10), 5, false), (2, at(60), 2, true)]);
    assert_eq!(job.attempts[0].last_heard_at, at(20));
    // What is forgotten of a failed job that is asked for once more is what counts against it.
    for attempt in [3, 4] {
        fail(index, 1, attempt).await;
    }
    assert!(index.retry_job(job_id(1)).await.unwrap());
    let job = found(index, 1).await;
    assert_eq!(job.failures, []);
    assert_eq!(job.attempts.len(), 4);
}

pub async fn late_progress_tells_whose_an_attempt_was_and_changes_nothing_else(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    index
        .complete_job(&examples::result(1, 1, &[1]))
        .await
        .unwrap();
    let done = found(index, 1).await;
    assert!(done.attempts.is_empty());
    for _ in 0..2 {
        index
            .record_progress(&progress(1, 9, 1), at(900))
            .await
            .unwrap();
    }
    let told = found(index, 1).await;
    let [attempt] = &told.attempts[..] else {
        panic!("one attempt, got {:?}", told.attempts);
    };
    assert_eq!(attempt.attempt, Attempt(9));
    assert!(attempt.host.is_some());
    let expected = Job {
        attempts: told.attempts.clone(),
        ..done
    };
    assert_eq!(told, expected);
    assert_eq!(fail(index, 1, 9).await, FailureOutcome::Unchanged);
    assert_eq!(index.release_job(job_id(1), at(901)).await.unwrap(), None);
    assert!(!index.return_to_pending(job_id(1), 0).await.unwrap());
    assert!(!index.retry_job(job_id(1)).await.unwrap());
    assert_eq!(found(index, 1).await, expected);
}

pub async fn the_third_failure_is_the_last(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    for (attempt, outcome, after) in [
        (1, FailureOutcome::Retry, JobState::Pending),
        (21, FailureOutcome::Retry, JobState::Pending),
        (41, FailureOutcome::Failed, JobState::Failed),
    ] {
        index.release_job(job_id(1), at(0)).await.unwrap();
        assert_eq!(fail(index, 1, attempt).await, outcome);
        assert_eq!(state(index, 1).await, after);
    }
    let failed = found(index, 1).await;
    assert_eq!(failed.failures, [1, 21, 41].map(job_failure));
    assert_eq!(failed.finished_at, Some(at(41)));
}

pub async fn a_failure_is_counted_once(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    index.release_job(job_id(1), at(0)).await.unwrap();
    assert_eq!(fail(index, 1, 1).await, FailureOutcome::Retry);
    index.release_job(job_id(1), at(1)).await.unwrap();
    assert_eq!(fail(index, 1, 1).await, FailureOutcome::Unchanged);
    assert_eq!(state(index, 1).await, JobState::Queued);
    assert_eq!(found(index, 1).await.failures.len(), 1);
}

/// Nothing that goes wrong with a job keeps its run from becoming complete.
pub async fn a_failed_job_leaves_nothing_to_wait_for(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1]), job(2, &[1])]).await;
    for attempt in [1, 2, 3] {
        fail(index, 1, attempt).await;
    }
    assert_eq!(jobs_left(index, 1).await, 1);
    let completion = index.complete_job(&examples::result(2, 1, &[1])).await;
    let crate::Completion::Counted { completed_runs, .. } = completion.unwrap() else {
        panic!("the result does not count");
    };
    assert_eq!(completed_runs, [examples::measured_run(1)]);
}

pub async fn a_failed_job_can_be_asked_for_once_more(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    assert!(!index.retry_job(job_id(1)).await.unwrap());
    for attempt in [1, 2, 3] {
        fail(index, 1, attempt).await;
    }
    assert_eq!(jobs_left(index, 1).await, 0);
    assert!(index.retry_job(job_id(1)).await.unwrap());
    assert!(!index.retry_job(job_id(1)).await.unwrap());
    let again = found(index, 1).await;
    assert_eq!(again.state, JobState::Pending);
    assert_eq!(again.failures, []);
    assert_eq!(again.finished_at, None);
    assert_eq!(jobs_left(index, 1).await, 1);
    // The queue may tell of an old failure once more.
    assert_eq!(fail(index, 1, 3).await, FailureOutcome::Unchanged);
    assert_eq!(found(index, 1).await.failures, []);
}

pub async fn jobs_are_counted_by_state(setting: &Setting) {
    let index = &*setting.store.index;
    let configuration = examples::configuration_id();
    let none = index.job_counts(&configuration).await.unwrap();
    assert_eq!(none, JobCounts::default());
    let jobs = (1..=5).map(|number| job(number, &[1])).collect();
    examples::with_jobs(index, jobs).await;
    for number in [2, 3] {
        index.release_job(job_id(number), at(0)).await.unwrap();
    }
    index
        .record_progress(&progress(3, 1, 4), at(1))
        .await
        .unwrap();
    index
        .complete_job(&examples::result(4, 1, &[1]))
        .await
        .unwrap();
    for attempt in [1, 2, 3] {
        fail(index, 5, attempt).await;
    }
    let counts = index.job_counts(&configuration).await.unwrap();
    let wanted = JobCounts {
        pending: 1,
        queued: 1,
        running: 1,
        done: 1,
        failed: 1,
        compilations_done: 4,
        compilations_total: 18,
    };
    assert_eq!(counts, wanted);
}

pub async fn the_time_of_a_compilation_is_an_average(setting: &Setting) {
    let index = &*setting.store.index;
    let configuration = examples::configuration_id();
    let average = async || index.seconds_per_compilation(&configuration).await.unwrap();
    assert_eq!(average().await, None);
    examples::with_jobs(index, vec![job(1, &[1]), job(2, &[1])]).await;
    // 6 compilations each, in 6 and in 18 seconds.
    for (number, seconds) in [(1, 6), (2, 18)] {
        index.release_job(job_id(number), at(0)).await.unwrap();
        index
            .record_progress(&progress(number, 1, 1), at(50))
            .await
            .unwrap();
        let mut result = examples::result(number, 1, &[1]);
        result.measured_at = at(50 + seconds);
        index.complete_job(&result).await.unwrap();
    }
    assert_eq!(average().await, Some(2.0));
}
