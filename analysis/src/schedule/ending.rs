//! When a request is at its end.

use shared_types::ConfigurationId;
use shared_types::job::{Job, JobState};
use shared_types::request::{Request, RequestState};

/// The state in which a request ends whose jobs are all cut, or `None` while one of them is open.
/// One result is enough for it to be done.
pub fn end_of_request(state: RequestState, jobs: &[Job]) -> Option<RequestState> {
    if state != RequestState::Running
        || jobs.is_empty()
        || !jobs.iter().all(|job| job.state.is_final())
    {
        return None;
    }
    if jobs.iter().any(|job| job.state == JobState::Done) {
        Some(RequestState::Done)
    } else {
        Some(RequestState::Failed)
    }
}

/// Whether jobs of other requests still measure the base of a request that measures of it only what
/// it lacks: until then there is nothing to compare with.
pub fn base_is_awaited(request: &Request, jobs: &[Job]) -> bool {
    let Some(base) = request.base.as_ref().filter(|_| request.backfill) else {
        return false;
    };
    jobs.iter().any(|job| {
        job.request != request.id
            && !job.state.is_final()
            && request.configurations.contains(&job.configuration)
            && job.runs.iter().any(|run| run.artifact == base.artifact)
    })
}

/// Whether another request, of which no job is there yet, is going to measure the base of a request
/// under a configuration.
pub fn will_measure_base(
    request: &Request,
    other: &Request,
    configuration: &ConfigurationId,
) -> bool {
    let base = request.base.as_ref().filter(|_| request.backfill);
    other.id != request.id
        && other.state == RequestState::Waiting
        && base.is_some_and(|base| base.artifact == other.head.artifact)
        && other.configurations.contains(configuration)
}
