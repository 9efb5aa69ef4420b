//! Which host would best measure a job, so that what is compared was measured on one host.

use shared_types::job::Job;

use super::WantedUnit;

/// The host that measured the same units of the same request under the same configuration, base
/// before head; else the one that measured most of them last.
pub fn preferred_host(job: &Job, of_request: &[Job]) -> Option<String> {
    let sibling = of_request.iter().find(|other| {
        other.id != job.id
            && other.configuration == job.configuration
            && WantedUnit::of_job(other) == WantedUnit::of_job(job)
    });
    sibling
        .and_then(|sibling| sibling.progress.as_ref())
        .map(|progress| progress.host.clone())
        .or_else(|| job.preferred_host.clone())
}
