//! What is peculiar to the items of the index in DynamoDB: how large they are, how long they last,
//! and what they hold when another version wrote them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod aws_items;
mod aws_place;

use aws_place::TestPlace;
use shared_types::job::{Job, JobState, JobUnit};
use shared_types::{Artifact, ArtifactId, HistoryPosition, Line, RequestId};
use store::conformance::examples::{
    self, at, collector_report, configuration_id, imported, job, job_failure, job_id,
    measuring_failure, progress, request_id, result, run_id,
};
use store::{AuditEntry, FailureOutcome, Index, JOBS_MAX, PageRequest, RequestFilter, StoreError};

/// More than DynamoDB reads for one page.
const MORE_THAN_A_PAGE: usize = 1_200_000;

async fn all_requests(index: &dyn Index, limit: u32) -> Vec<RequestId> {
    let mut page = PageRequest::first(limit);
    let mut seen = Vec::new();
    loop {
        let found = index.requests(&RequestFilter::default(), &page).await;
        let found = found.unwrap();
        assert!(found.items.len() <= limit as usize);
        seen.extend(found.items.into_iter().map(|request| request.id));
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            return seen;
        }
    }
}

#[tokio::test]
async fn a_list_that_takes_more_than_one_read_is_read_to_its_end() {
    const REQUESTS: u64 = 24;
    let place = TestPlace::make().await;
    let index = place.open().index;
    for number in 1..=REQUESTS {
        let mut request = examples::request(number);
        request.reason = Some("x".repeat(MORE_THAN_A_PAGE / 12));
        index.create_request(&request).await.unwrap();
    }
    let wanted: Vec<_> = (1..=REQUESTS).rev().map(request_id).collect();
    for limit in [500, 20, 7] {
        assert_eq!(all_requests(&*index, limit).await, wanted, "by {limit}");
    }
}

#[tokio::test]
async fn a_result_can_have_more_failures_than_a_transaction_holds() {
    const FAILURES: usize = 250;
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    let mut large = result(1, 1, &[1]);
    large.failures = (0..FAILURES)
        .map(|number| {
            let mut failure = measuring_failure(1);
            failure.message = format!("failure {number}");
            failure.output = "x".repeat(MORE_THAN_A_PAGE / FAILURES);
            failure
        })
        .collect();
    index.complete_job(&large).await.unwrap();
    let of_run = index.failures_of_run(&run_id(1)).await.unwrap();
    let failures: Vec<_> = of_run.iter().map(|record| record.failure.clone()).collect();
    assert_eq!(failures, large.failures);
    let mut recent = index.recent_failures(u32::MAX).await.unwrap();
    recent.reverse();
    assert_eq!(recent, of_run);
    let run = &index.run(&run_id(1)).await.unwrap()[0];
    assert_eq!(run.failures as usize, FAILURES);
}

#[tokio::test]
async fn of_an_output_that_is_too_large_the_end_is_kept() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    let mut noisy = result(1, 1, &[1]);
    let mut failure = measuring_failure(1);
    failure.output = format!("{}and so it ended", "ä".repeat(400_000));
    noisy.failures = vec![failure];
    index.complete_job(&noisy).await.unwrap();
    let kept = index.failures_of_run(&run_id(1)).await.unwrap().remove(0);
    assert!(kept.failure.output.starts_with("…ä"));
    assert!(kept.failure.output.ends_with("and so it ended"));
    assert_eq!(kept.failure.message, measuring_failure(1).message);
}

#[tokio::test]
async fn a_job_can_fail_for_reasons_of_any_length() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    for (attempt, outcome) in [
        (1, FailureOutcome::Retry),
        (2, FailureOutcome::Retry),
        (3, FailureOutcome::Failed),
    ] {
        let mut failure = job_failure(attempt);
        failure.reason = format!("{}and so it ended", "ä".repeat(400_000));
        let noted = index.record_failure(job_id(1), &failure).await;
        assert_eq!(noted.unwrap(), outcome);
    }
    let failed = index.job(job_id(1)).await.unwrap().unwrap();
    let reason = &failed.failures[2].reason;
    assert!(reason.starts_with("…ä") && reason.ends_with("and so it ended"));
}

fn many_units(job: &Job, count: usize) -> Vec<JobUnit> {
    vec![job.units[0].clone(); count]
}

#[tokio::test]
async fn as_many_jobs_as_may_be_can_each_have_many_units() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    index.create_request(&examples::request(1)).await.unwrap();
    let numbers = 1..=u64::try_from(JOBS_MAX).unwrap();
    let jobs: Vec<_> = numbers
        .map(|number| {
            let mut job = job(number, &[1, 2]);
            job.units = many_units(&job, 200);
            job
        })
        .collect();
    let new = examples::new_jobs(jobs);
    assert!(serde_json::to_string(&new.jobs).unwrap().len() > MORE_THAN_A_PAGE);
    assert!(index.create_jobs(&new).await.unwrap());
    assert_eq!(
        index.jobs_of_request(request_id(1)).await.unwrap(),
        new.jobs
    );
    let pending = index
        .jobs_in_state(&configuration_id(), JobState::Pending, u32::MAX)
        .await;
    assert_eq!(pending.unwrap(), new.jobs);
}

#[tokio::test]
async fn what_is_too_large_for_the_table_is_refused_and_named() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    index.create_request(&examples::request(1)).await.unwrap();
    let mut large = job(1, &[1]);
    large.units = many_units(&large, 5_000);
    let refused = index.create_jobs(&examples::new_jobs(vec![large])).await;
    let error = refused.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains(&job_id(1).to_string()), "{message}");
    assert!(message.contains("380000"), "{message}");
    assert_eq!(index.job(job_id(1)).await.unwrap(), None);
    assert_eq!(index.run(&run_id(1)).await.unwrap(), []);

    let mut many = Vec::new();
    for number in 1..=20 {
        let mut job = job(number, &[1]);
        job.units = many_units(&job, 2_500);
        many.push(job);
    }
    let refused = index.create_jobs(&examples::new_jobs(many)).await;
    let error = refused.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    assert!(error.to_string().contains("split it"), "{error}");
}

#[tokio::test]
async fn more_imports_than_a_transaction_holds_are_indexed() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    let mut results: Vec<_> = (1..=90)
        .map(|number| imported(number, u32::try_from(number % 30 + 1).unwrap()))
        .collect();
    results[50].configuration = "another".parse().unwrap();
    results.push(results[0].clone());
    results.insert(1, results[0].clone());
    assert_eq!(index.add_imported(&results).await.unwrap(), 90);
    assert_eq!(index.add_imported(&results).await.unwrap(), 0);
    assert_eq!(index.run_count(&configuration_id()).await.unwrap(), 30);
    for number in 1..=30 {
        let results = index.results_of_run(&run_id(number)).await.unwrap();
        let run = index.run(&run_id(number)).await.unwrap();
        let of_this_run = run
            .iter()
            .find(|run| run.configuration == configuration_id());
        assert_eq!(of_this_run.unwrap().test_cases as usize, 2 * results.len());
    }
}

#[tokio::test]
async fn more_artifacts_than_a_transaction_holds_are_added() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    let id = |number: i64| -> ArtifactId { format!("{number:040x}").parse().unwrap() };
    let all: Vec<Artifact> = (-75..75)
        .map(|ordinal| {
            let mut artifact = Artifact::named(id(ordinal + 1_000));
            artifact.history = Some(HistoryPosition {
                line: Line::Main,
                ordinal,
                parent: None,
            });
            artifact
        })
        .collect();
    index.put_artifacts(&all).await.unwrap();
    index.put_artifacts(&all).await.unwrap();
    let line = index.line(Line::Main, i64::MIN, i64::MAX).await.unwrap();
    assert_eq!(line, all);
    assert_eq!(index.line(Line::Main, 5, 4).await.unwrap(), []);
    let before = index
        .predecessors(all[75].history.as_ref().unwrap(), 3)
        .await
        .unwrap();
    assert_eq!(before, [74, 73, 72].map(|place| all[place].clone()));
}

#[tokio::test]
async fn any_prefix_of_a_name_can_be_asked_for() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    let all = [1, 2].map(examples::artifact);
    index.put_artifacts(&all).await.unwrap();
    let listed = async |prefix: &str, cursor: Option<&str>| {
        let page = PageRequest {
            cursor: cursor.map(str::to_owned),
            limit: 9,
        };
        index.artifacts(prefix, &page).await.unwrap().items
    };
    assert_eq!(listed("", None).await, all);
    assert_eq!(listed("release-1.2.0", None).await, all[1..]);
    assert_eq!(listed("release", Some("release-1.1.0")).await, all[1..]);
    assert_eq!(listed("release", Some("a")).await, all);
    assert_eq!(listed("release", Some("z")).await, []);
    for prefix in ["release-1.2.0.", "~", "ä", "\0", &"r".repeat(3_000)] {
        assert_eq!(listed(prefix, None).await, [], "{prefix}");
    }
}

#[tokio::test]
async fn a_collector_may_have_any_name() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    let long = "ä".repeat(2_000);
    let mut names = ["", "a#b", "a", long.as_str()];
    for name in names {
        let report = collector_report(name);
        index.record_collector(&report, at(1)).await.unwrap();
        index.set_draining(name, true).await.unwrap();
    }
    let mut progress = progress(1, 1, 1);
    progress.collector = long.clone();
    // The job is not there; the collector is.
    index.record_progress(&progress, at(5)).await.unwrap_err();
    let all = index.collectors().await.unwrap();
    let found: Vec<_> = all
        .iter()
        .map(|record| record.report.collector.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(found, names);
    assert!(all.iter().all(|record| record.draining));
    assert_eq!(all[3].last_seen_at, at(5));
}

#[tokio::test]
async fn a_problem_of_any_length_is_told_of() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    let long = "ä".repeat(500_000);
    for message in [&long, &format!("{long}!")] {
        index.report_problem("", message, at(1)).await.unwrap();
    }
    let problems = index.problems(9).await.unwrap();
    assert_eq!(problems.len(), 2);
    assert!(problems[0].message.starts_with("ää") && problems[0].message.ends_with('…'));
}

fn expiry(
    item: &std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>,
) -> i64 {
    item["expires_at"].as_n().unwrap().parse().unwrap()
}

#[tokio::test]
async fn signs_of_life_and_problems_are_forgotten_after_a_while() {
    const DAY: i64 = 24 * 60 * 60;
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    for second in [20, 10] {
        let progress = progress(1, 1, 1);
        index.record_progress(&progress, at(second)).await.unwrap();
        index.report_problem("a", "b", at(second)).await.unwrap();
    }
    let heartbeat = place.item("heartbeats", "collector-a").await;
    assert_eq!(expiry(&heartbeat), at(20).as_second() + 7 * DAY);
    let problem = place.only_item("problems").await;
    assert_eq!(expiry(&problem), at(20).as_second() + 180 * DAY);
}

#[tokio::test]
async fn what_the_next_version_adds_to_an_item_is_ignored() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    let partition = format!("job#{}", job_id(1));
    let add = |document: &mut serde_json::Value| {
        document["of_the_next_version"] = 1.into();
        document["job"]["of_the_next_version"] = "x".into();
    };
    place.edit_document(&partition, "job", add).await;
    assert_eq!(index.job(job_id(1)).await.unwrap(), Some(job(1, &[1])));
    assert!(index.release_job(job_id(1), at(1)).await.unwrap().is_some());
}

/// The golden item of the first version: what is stored today is to be read for ever.
#[tokio::test]
async fn what_the_version_before_did_not_write_is_done_without() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1])]).await;
    let partition = format!("job#{}", job_id(1));
    let take_away = |document: &mut serde_json::Value| {
        let fields = document.as_object_mut().unwrap();
        for field in ["failed_attempts", "has_result", "outlives_request"] {
            assert!(fields.remove(field).is_some(), "{field}");
        }
    };
    place.edit_document(&partition, "job", take_away).await;
    let completion = index.complete_job(&result(1, 1, &[1])).await.unwrap();
    assert!(matches!(completion, store::Completion::Counted { .. }));
}

#[tokio::test]
async fn an_item_that_cannot_be_understood_is_named() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    examples::with_jobs(&*index, vec![job(1, &[1]), job(2, &[2])]).await;
    let partition = format!("job#{}", job_id(1));
    let damage = |document: &mut serde_json::Value| *document = serde_json::json!({"id": 7});
    place.edit_document(&partition, "job", damage).await;
    let error = index.job(job_id(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains(&job_id(1).to_string()), "{message}");

    // The rest goes on.
    let completion = index.complete_job(&result(2, 1, &[2])).await.unwrap();
    assert!(matches!(completion, store::Completion::Counted { .. }));
}

#[tokio::test]
async fn a_table_that_is_not_there_is_named() {
    let mut place = TestPlace::make().await;
    place.place.environment = "nowhere".parse().unwrap();
    let error = place.open().index.configurations().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains("configurations"), "{message}");
    assert!(message.contains("ResourceNotFoundException"), "{message}");
}

#[tokio::test]
async fn writes_of_one_moment_are_kept_in_order() {
    let place = TestPlace::make().await;
    let index = place.open().index;
    let entry = |number: u32| AuditEntry {
        at: at(1),
        person: "ada".to_owned(),
        action: "POST requests".to_owned(),
        subject: number.to_string(),
    };
    for number in 1..=12 {
        index.record_audit(&entry(number)).await.unwrap();
    }
    let wanted: Vec<_> = (1..=12).rev().map(entry).collect();
    assert_eq!(index.audit(99).await.unwrap(), wanted);
}
