//! What can happen to the jobs of a request, at random.

use proptest::prelude::*;
use shared_types::request::RequestState;
use store::Index;
use store::conformance::examples::{at, job_failure, job_id, progress, request_id, result};

/// Something that happens to a job.
#[derive(Debug, Clone)]
pub(crate) enum JobEvent {
    Release,
    ReturnToPending(u32),
    Progress(u32),
    Failure(u32),
    Result(u32),
    Retry,
    CancelRequest,
}

/// Up to `most` events, each of one of the jobs 1 to 3.
pub(crate) fn job_events(most: usize) -> impl Strategy<Value = Vec<(u64, JobEvent)>> {
    let event = prop_oneof![
        4 => Just(JobEvent::Release),
        2 => (0u32..4).prop_map(JobEvent::ReturnToPending),
        3 => (1u32..6).prop_map(JobEvent::Progress),
        5 => (1u32..6).prop_map(JobEvent::Failure),
        2 => (1u32..4).prop_map(JobEvent::Result),
        2 => Just(JobEvent::Retry),
        1 => Just(JobEvent::CancelRequest),
    ];
    proptest::collection::vec((1u64..=3, event), 1..most)
}

/// The runs of each job: one of them is interleaved.
pub(crate) fn runs_of(number: u64) -> &'static [u32] {
    match number {
        1 => &[1],
        2 => &[2],
        _ => &[1, 2],
    }
}

/// Lets an event happen. Returns the index's answer as text.
pub(crate) async fn apply(index: &dyn Index, number: u64, event: &JobEvent) -> String {
    let id = job_id(number);
    match event {
        JobEvent::Release => format!("{:?}", index.release_job(id, at(1)).await.unwrap()),
        JobEvent::ReturnToPending(release) => {
            let returned = index.return_to_pending(id, *release).await;
            returned.unwrap().to_string()
        }
        JobEvent::Progress(attempt) => {
            let event = progress(number, *attempt, u64::from(*attempt));
            index.record_progress(&event, at(2)).await.unwrap();
            String::new()
        }
        JobEvent::Failure(attempt) => {
            let failure = job_failure(*attempt);
            format!("{:?}", index.record_failure(id, &failure).await.unwrap())
        }
        JobEvent::Result(attempt) => {
            let result = result(number, *attempt, runs_of(number));
            format!("{:?}", index.complete_job(&result).await.unwrap())
        }
        JobEvent::Retry => index.retry_job(id).await.unwrap().to_string(),
        JobEvent::CancelRequest => {
            let cancelled = index
                .set_request_state(request_id(1), RequestState::Cancelled, None, at(3))
                .await;
            cancelled.unwrap().to_string()
        }
    }
}
