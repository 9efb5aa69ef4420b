//! How many calls the index in DynamoDB takes, which is what it costs: the numbers of
//! `docs/data-model.md`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod aws_place;

use std::fmt::Write as _;
use std::sync::Arc;

use aws_place::{TestPlace, shared_aws};
use localstack::Proxy;
use shared_types::job::JobState;
use store::conformance::examples::{
    self, artifact, at, collector_report, configuration, configuration_id, job, job_failure,
    job_id, measuring_failure, progress, request_id, result, run_id,
};
use store::{Index, PageRequest, RequestFilter};

/// Lets what was done be noted with the calls that it took.
struct Calls {
    proxy: Proxy,
    noted: String,
}

impl Calls {
    fn note(&mut self, what: &str) {
        let traffic = self.proxy.reset_traffic();
        let calls: Vec<String> = traffic
            .iter()
            .map(|(call, traffic)| match traffic.calls {
                1 => call.operation.clone(),
                count => format!("{count} {}", call.operation),
            })
            .collect();
        writeln!(self.noted, "{what}: {}", calls.join(", ")).unwrap();
    }
}

async fn calls() -> (TestPlace, Arc<dyn Index>, Calls) {
    let aws = shared_aws();
    let place = TestPlace::make_local(Arc::clone(&aws)).await;
    let proxy = tokio::task::spawn_blocking(move || Proxy::before(&aws).unwrap());
    let proxy = proxy.await.unwrap();
    let index = place.open_at(proxy.endpoint()).await.index;
    let calls = Calls {
        proxy,
        noted: String::new(),
    };
    (place, index, calls)
}

#[tokio::test]
async fn the_way_of_a_job_takes_few_calls() {
    let (_place, index, mut calls) = calls().await;
    index.create_request(&examples::request(1)).await.unwrap();
    calls.note("create_request");
    let jobs = (1..=20).map(|number| job(number, &[1, 2])).collect();
    index.create_jobs(&examples::new_jobs(jobs)).await.unwrap();
    calls.note("create_jobs of 20 jobs");
    index.release_job(job_id(1), at(1)).await.unwrap();
    calls.note("release_job");
    for (done, what) in [(1, "record_progress, the first"), (2, "record_progress")] {
        let progress = progress(1, 1, done);
        index.record_progress(&progress, at(2)).await.unwrap();
        calls.note(what);
    }
    index
        .record_failure(job_id(1), &job_failure(1))
        .await
        .unwrap();
    calls.note("record_failure");
    index.complete_job(&result(1, 2, &[1, 2])).await.unwrap();
    calls.note("complete_job");
    let mut failing = result(2, 1, &[1, 2]);
    failing.failures = vec![measuring_failure(1); 30];
    index.complete_job(&failing).await.unwrap();
    calls.note("complete_job with 30 failures");
    index.complete_job(&failing).await.unwrap();
    calls.note("complete_job, known");
    index.complete_job(&result(1, 3, &[1, 2])).await.unwrap();
    calls.note("complete_job, a duplicate");
    index
        .set_request_state(
            request_id(1),
            shared_types::request::RequestState::Running,
            None,
            at(9),
        )
        .await
        .unwrap();
    calls.note("set_request_state");
    assert_eq!(
        calls.noted,
        "\
create_request: GetItem, TransactWriteItems
create_jobs of 20 jobs: BatchGetItem, 2 GetItem, TransactWriteItems
release_job: GetItem, Query, TransactWriteItems
record_progress, the first: PutItem, Query, TransactWriteItems
record_progress: 2 PutItem, Query
record_failure: Query, TransactWriteItems
complete_job: BatchGetItem, 2 GetItem, Query, TransactWriteItems
complete_job with 30 failures: BatchGetItem, 2 BatchWriteItem, 2 GetItem, Query, TransactWriteItems
complete_job, known: GetItem
complete_job, a duplicate: GetItem, Query, TransactWriteItems
set_request_state: GetItem, TransactWriteItems
"
    );
}

#[tokio::test]
async fn what_people_look_at_takes_few_calls() {
    let (_place, index, mut calls) = calls().await;
    let id = configuration_id();
    index
        .register_configuration(&configuration(id.as_str()))
        .await
        .unwrap();
    index.put_artifacts(&[1, 2].map(artifact)).await.unwrap();
    examples::with_jobs(
        &*index,
        (1..=20).map(|number| job(number, &[1, 2])).collect(),
    )
    .await;
    for number in 1..=3 {
        index.release_job(job_id(number), at(1)).await.unwrap();
        let progress = progress(number, 1, 1);
        index.record_progress(&progress, at(2)).await.unwrap();
    }
    let report = collector_report("collector-a");
    index.record_collector(&report, at(1)).await.unwrap();
    calls.proxy.reset_traffic();

    index.record_collector(&report, at(2)).await.unwrap();
    calls.note("record_collector");
    index.configurations().await.unwrap();
    calls.note("configurations");
    index.job_counts(&id).await.unwrap();
    calls.note("job_counts, 3 running");
    index
        .jobs_in_state(&id, JobState::Running, 90)
        .await
        .unwrap();
    calls.note("jobs_in_state, 3 running");
    index
        .jobs_in_state(&id, JobState::Pending, 90)
        .await
        .unwrap();
    calls.note("jobs_in_state, 17 pending");
    index.seconds_per_compilation(&id).await.unwrap();
    calls.note("seconds_per_compilation");
    index.jobs_of_request(request_id(1)).await.unwrap();
    calls.note("jobs_of_request, 3 of 20 running");
    let page = PageRequest::first(50);
    index
        .requests(&RequestFilter::default(), &page)
        .await
        .unwrap();
    calls.note("requests in any state");
    index.runs(&id, &page).await.unwrap();
    calls.note("runs");
    index.results_of_run(&run_id(1)).await.unwrap();
    calls.note("results_of_run");
    index.collectors().await.unwrap();
    calls.note("collectors");
    index.recent_failures(20).await.unwrap();
    calls.note("recent_failures, none");
    assert_eq!(
        calls.noted,
        "\
record_collector: GetItem, PutItem
configurations: Query
job_counts, 3 running: BatchGetItem, GetItem, Query
jobs_in_state, 3 running: BatchGetItem, Query
jobs_in_state, 17 pending: Query
seconds_per_compilation: Query
jobs_of_request, 3 of 20 running: 2 BatchGetItem, Query
requests in any state: 6 Query
runs: Query
results_of_run: Query
collectors: 2 Query
recent_failures, none: Query
"
    );
}
