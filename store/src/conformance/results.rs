//! What every adapter of [`Index`](crate::Index) must do with results and runs.

use std::sync::Arc;

use shared_types::api::RunOverview;
use shared_types::job::JobState;
use shared_types::request::RequestState;

use super::Setting;
use super::examples::{
    self, artifact_id, at, configuration_id, imported, job, job_failure, job_id, measured_run,
    measuring_failure, request_id, result, run_id,
};
use crate::{Completion, Index, PageRequest, StoreError};

/// Calls `$define! { … }` with the cases of [`conformance::results`](crate::conformance::results).
#[macro_export]
macro_rules! results_conformance {
    ($define:ident) => {
        $define! { results:
            a_result_completes_its_job,
            a_result_is_indexed_once,
            the_first_attempt_counts_and_later_ones_are_duplicates,
            two_attempts_at_once_have_one_that_counts,
            a_run_is_complete_with_its_last_job,
            an_interleaved_job_is_one_less_for_both_runs,
            a_result_of_an_unknown_job_is_not_found,
            a_result_that_does_not_fit_its_job_is_refused,
            a_result_of_a_cancelled_job_counts,
            a_result_of_a_failed_job_makes_it_done,
            an_import_needs_no_job,
            imports_are_indexed_many_at_once,
            a_result_that_needs_a_job_is_not_imported,
            a_run_sums_what_counts,
            runs_are_listed_the_last_measured_first_in_pages,
            runs_of_an_artifact_are_by_configuration,
            what_could_not_be_measured_is_listed,
        }
    };
}

async fn run(index: &dyn Index, number: u32) -> RunOverview {
    let mut runs = index.run(&run_id(number)).await.unwrap();
    assert_eq!(runs.len(), 1);
    runs.remove(0)
}

fn counted(runs: &[u32], jobs_left: Option<u32>) -> Completion {
    Completion::Counted {
        completed_runs: runs.iter().map(|number| measured_run(*number)).collect(),
        request: jobs_left.map(|left| (request_id(1), left)),
    }
}

pub async fn a_result_completes_its_job(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    let completion = index.complete_job(&result(1, 1, &[1])).await.unwrap();
    assert_eq!(completion, counted(&[1], Some(0)));
    let done = index.job(job_id(1)).await.unwrap().unwrap();
    assert_eq!(done.state, JobState::Done);
    assert_eq!(done.finished_at, Some(at(101)));
    assert_eq!(run(index, 1).await.jobs_left, 0);
}

pub async fn a_result_is_indexed_once(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    let first = result(1, 1, &[1]);
    assert!(!index.is_indexed(&first.key).await.unwrap());
    index.complete_job(&first).await.unwrap();
    let before = run(index, 1).await;
    let again = index.complete_job(&first).await.unwrap();
    assert_eq!(again, Completion::Known);
    assert!(index.is_indexed(&first.key).await.unwrap());
    assert_eq!(run(index, 1).await, before);
    assert_eq!(index.results_of_run(&run_id(1)).await.unwrap().len(), 1);
}

pub async fn the_first_attempt_counts_and_later_ones_are_duplicates(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1]), job(2, &[1])]).await;
    index.complete_job(&result(1, 2, &[1])).await.unwrap();
    let later = index.complete_job(&result(1, 1, &[1])).await.unwrap();
    assert_eq!(later, Completion::Duplicate);
    let again = index.complete_job(&result(1, 1, &[1])).await.unwrap();
    assert_eq!(again, Completion::Known);
    let of_job = index.results_of_job(job_id(1)).await.unwrap();
    let attempts: Vec<_> = of_job
        .iter()
        .map(|result| (result.key.clone(), result.counted))
        .collect();
    let wanted = [
        (examples::result_key(1, 1), false),
        (examples::result_key(1, 2), true),
    ];
    assert_eq!(attempts, wanted);
    assert_eq!(run(index, 1).await.jobs_left, 1);
    assert_eq!(run(index, 1).await.test_cases, 2);
    assert_eq!(index.results_of_run(&run_id(1)).await.unwrap().len(), 1);
}

pub async fn two_attempts_at_once_have_one_that_counts(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1]), job(2, &[1])]).await;
    let mut attempts = Vec::new();
    for (attempt, store) in [
        (1, &setting.store),
        (2, &setting.other),
        (3, &setting.store),
    ] {
        let index = Arc::clone(&store.index);
        attempts.push(tokio::spawn(async move {
            index.complete_job(&result(1, attempt, &[1])).await.unwrap()
        }));
    }
    let mut completions = Vec::new();
    for attempt in attempts {
        completions.push(attempt.await.unwrap());
    }
    let duplicates = completions
        .iter()
        .filter(|completion| **completion == Completion::Duplicate)
        .count();
    assert_eq!(duplicates, 2, "{completions:?}");
    assert!(completions.contains(&counted(&[], Some(1))));
    assert_eq!(run(index, 1).await.jobs_left, 1);
}

pub async fn a_run_is_complete_with_its_last_job(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1]), job(2, &[1]), job(3, &[2])]).await;
    let complete = async |number, runs: &[u32]| {
        let result = result(number, 1, runs);
        index.complete_job(&result).await.unwrap()
    };
    assert_eq!(complete(1, &[1]).await, counted(&[], Some(2)));
    assert_eq!(complete(3, &[2]).await, counted(&[2], Some(1)));
    assert_eq!(complete(2, &[1]).await, counted(&[1], Some(0)));
}

pub async fn an_interleaved_job_is_one_less_for_both_runs(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1, 2]), job(2, &[2])]).await;
    // In any order.
    let completion = index.complete_job(&result(1, 1, &[2, 1])).await.unwrap();
    assert_eq!(completion, counted(&[1], Some(1)));
    assert_eq!(run(index, 1).await.jobs_left, 0);
    assert_eq!(run(index, 2).await.jobs_left, 1);
}

pub async fn a_result_of_an_unknown_job_is_not_found(setting: &Setting) {
    let index = &*setting.store.index;
    let unknown = result(1, 1, &[1]);
    let refused = index.complete_job(&unknown).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    assert!(!index.is_indexed(&unknown.key).await.unwrap());
}

pub async fn a_result_that_does_not_fit_its_job_is_refused(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1, 2])]).await;
    let mut elsewhere = result(1, 1, &[1, 2]);
    elsewhere.configuration = "another".parse().unwrap();
    for wrong in [elsewhere, result(1, 1, &[1]), result(1, 1, &[1, 3])] {
        let refused = index.complete_job(&wrong).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })));
        assert!(!index.is_indexed(&wrong.key).await.unwrap());
    }
    assert_eq!(run(index, 1).await.jobs_left, 1);
}

pub async fn a_result_of_a_cancelled_job_counts(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    index
        .set_request_state(request_id(1), RequestState::Cancelled, None, at(0))
        .await
        .unwrap();
    let completion = index.complete_job(&result(1, 1, &[1])).await.unwrap();
    assert_eq!(completion, counted(&[1], Some(0)));
    let job = index.job(job_id(1)).await.unwrap().unwrap();
    assert_eq!(job.state, JobState::Cancelled);
    assert_eq!(run(index, 1).await.jobs_left, 0);
    assert_eq!(index.results_of_run(&run_id(1)).await.unwrap().len(), 1);
    let second = index.complete_job(&result(1, 2, &[1])).await.unwrap();
    assert_eq!(second, Completion::Duplicate);
}

pub async fn a_result_of_a_failed_job_makes_it_done(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    for attempt in [1, 2, 3] {
        index
            .record_failure(job_id(1), &job_failure(attempt))
            .await
            .unwrap();
    }
    let completion = index.complete_job(&result(1, 4, &[1])).await.unwrap();
    assert_eq!(completion, counted(&[1], Some(0)));
    let job = index.job(job_id(1)).await.unwrap().unwrap();
    assert_eq!(job.state, JobState::Done);
    assert_eq!(run(index, 1).await.jobs_left, 0);
    assert!(!index.retry_job(job_id(1)).await.unwrap());
}

pub async fn an_import_needs_no_job(setting: &Setting) {
    let index = &*setting.store.index;
    let completion = index.complete_job(&imported(1, 1)).await.unwrap();
    assert_eq!(completion, counted(&[1], None));
    let again = index.complete_job(&imported(1, 1)).await.unwrap();
    assert_eq!(again, Completion::Known);
    let second = index.complete_job(&imported(2, 1)).await.unwrap();
    assert_eq!(second, counted(&[1], None));
    assert_eq!(run(index, 1).await.test_cases, 4);
}

pub async fn imports_are_indexed_many_at_once(setting: &Setting) {
    let index = &*setting.store.index;
    let results: Vec<_> = (1..=50)
        .map(|number| imported(number, u32::try_from(number).unwrap()))
        .collect();
    assert_eq!(index.add_imported(&results[..20]).await.unwrap(), 20);
    assert_eq!(index.add_imported(&results).await.unwrap(), 30);
    assert_eq!(index.add_imported(&results).await.unwrap(), 0);
    assert_eq!(index.run_count(&configuration_id()).await.unwrap(), 50);
}

pub async fn a_result_that_needs_a_job_is_not_imported(setting: &Setting) {
    let index = &*setting.store.index;
    let refused = index
        .add_imported(&[imported(1, 1), result(2, 1, &[1])])
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert!(!index.is_indexed(&imported(1, 1).key).await.unwrap());
}

pub async fn a_run_sums_what_counts(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1]), job(2, &[1]), job(3, &[1])]).await;
    for (number, host, second) in [(1, "host-b", 30), (2, "host-a", 10), (3, "host-b", 20)] {
        let mut part = result(number, 1, &[1]);
        part.host = host.to_owned();
        part.measured_at = at(second);
        part.failures = vec![measuring_failure(1)];
        index.complete_job(&part).await.unwrap();
    }
    let overview = run(index, 1).await;
    assert_eq!(overview.hosts, ["host-a", "host-b"]);
    assert_eq!(overview.measured_at, Some(at(30)));
    assert_eq!((overview.test_cases, overview.failures), (6, 3));
    let results = index.results_of_run(&run_id(1)).await.unwrap();
    let order: Vec<_> = results.iter().map(|result| result.measured_at).collect();
    assert_eq!(order, [at(10), at(20), at(30)]);
    assert_eq!(results[0].host, "host-a");
    assert_eq!(results[0].run, measured_run(1));
}

pub async fn runs_are_listed_the_last_measured_first_in_pages(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(100, &[9])]).await;
    for (number, second) in [(1, 10), (2, 30), (3, 20), (4, 20)] {
        let mut result = imported(u64::from(number), number);
        result.measured_at = at(second);
        index.complete_job(&result).await.unwrap();
    }
    for limit in [1, 2, 3, 5] {
        let mut seen = Vec::new();
        let mut page = PageRequest::first(limit);
        loop {
            let found = index.runs(&configuration_id(), &page).await.unwrap();
            seen.extend(found.items.into_iter().map(|run| run.artifact));
            page.cursor = found.next_cursor;
            if page.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 5, "in pages of {limit}");
        let (first, last) = (&seen[0], &seen[3..]);
        assert_eq!(first, &artifact_id(2));
        assert!(seen[1..3].contains(&artifact_id(3)) && seen[1..3].contains(&artifact_id(4)));
        assert_eq!(last, [artifact_id(1), artifact_id(9)]);
    }
    assert_eq!(index.run_count(&configuration_id()).await.unwrap(), 4);
    let lost = PageRequest {
        cursor: Some("no cursor of ours".to_owned()),
        limit: 2,
    };
    let refused = index.runs(&configuration_id(), &lost).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
}

pub async fn runs_of_an_artifact_are_by_configuration(setting: &Setting) {
    let index = &*setting.store.index;
    for (number, slug) in [(1, "b"), (2, "a"), (3, "a")] {
        let mut result = imported(number, 1);
        result.configuration = slug.parse().unwrap();
        if number == 3 {
            result.runs[0].0.replicate = result.runs[0].0.replicate.next();
        }
        index.complete_job(&result).await.unwrap();
    }
    let runs = index.runs_of_artifact(&artifact_id(1)).await.unwrap();
    let names: Vec<_> = runs
        .iter()
        .map(|run| (run.configuration.as_str(), run.replicate.number()))
        .collect();
    assert_eq!(names, [("a", 1), ("a", 2), ("b", 1)]);
}

pub async fn what_could_not_be_measured_is_listed(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1, 2]), job(2, &[1])]).await;
    let mut first = result(1, 1, &[1, 2]);
    first.failures = vec![measuring_failure(1), measuring_failure(2)];
    index.complete_job(&first).await.unwrap();
    let mut duplicate = result(1, 2, &[1, 2]);
    duplicate.failures = vec![measuring_failure(1)];
    index.complete_job(&duplicate).await.unwrap();
    let mut second = result(2, 5, &[1]);
    second.failures = vec![measuring_failure(1)];
    index.complete_job(&second).await.unwrap();
    let of_run = index.failures_of_run(&run_id(1)).await.unwrap();
    let jobs: Vec<_> = of_run.iter().map(|failure| failure.job).collect();
    assert_eq!(jobs, [job_id(1), job_id(2)]);
    assert_eq!(of_run[0].failure, measuring_failure(1));
    let recent = index.recent_failures(1).await.unwrap();
    assert_eq!(recent[0].job, job_id(2));
    assert_eq!(index.recent_failures(9).await.unwrap().len(), 3);
}
