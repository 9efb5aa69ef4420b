//! What is asked of a job before it is stored. How one moves from state to state is in
//! [`shared_types::job_transitions`].

use shared_types::job::{Job, JobState};

use crate::{NewJobs, StoreError};

pub(crate) use shared_types::job_transitions::*;

/// Refuses jobs that are not those of one configuration of a request, or more than
/// [`JOBS_MAX`](crate::index::JOBS_MAX).
pub(crate) fn check_new(new: &NewJobs) -> Result<(), StoreError> {
    if new.jobs.len() > crate::JOBS_MAX {
        return Err(StoreError::Conflict {
            what: "request",
            id: new.request.to_string(),
            reason: format!(
                "has {} jobs of {}, and {} are the most: cut longer jobs",
                new.jobs.len(),
                new.configuration,
                crate::JOBS_MAX
            ),
        });
    }
    new.jobs.iter().try_for_each(|job| check_one(job, new))
}

fn check_one(job: &Job, new: &NewJobs) -> Result<(), StoreError> {
    let reason = if job.request != new.request {
        "is of another request"
    } else if job.configuration != new.configuration {
        "is of another configuration"
    } else if job.state != JobState::Pending {
        "is not pending, and new jobs are"
    } else {
        return Ok(());
    };
    Err(StoreError::Conflict {
        what: "job",
        id: job.id.to_string(),
        reason: reason.to_owned(),
    })
}
