//! Which jobs are lost: put into their queue, and nothing was heard of them since although the queue
//! cannot hold all of their messages.

use jiff::Timestamp;
use shared_types::job::{Job, LEASE_SECONDS};

/// How long a job may be silent, in seconds: longer than a lost delivery takes to come back.
pub const SILENT_SECONDS_MAX: i64 = 2 * LEASE_SECONDS as i64;
/// After so many releases that came to nothing, each further one counts as a failure, so that a job
/// that kills its collector does not go round for ever.
pub const FRUITLESS_RELEASES_MAX: u32 = 5;

/// What is to be done with a lost job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// It is handed out once more.
    Again,
    /// It counts as failed once.
    Failure,
}

/// The jobs that are lost, of all that are queued or running, with `messages` in the queue, waiting or
/// leased.
///
/// Each job that is out has a message: one that waits, or one that its collector holds or let go. Those
/// of jobs of which something was heard are theirs; as many silent jobs as there are messages left may
/// simply have to wait. The others are lost, the one first that is silent for longest. A wrong guess
/// costs a measuring that is done twice.
pub fn lost_jobs(now: Timestamp, out: &[Job], messages: u64) -> Vec<&Job> {
    let (mut silent, heard): (Vec<&Job>, Vec<&Job>) =
        out.iter().partition(|job| is_silent(now, job));
    let may_wait = usize::try_from(messages)
        .unwrap_or(usize::MAX)
        .saturating_sub(heard.len());
    silent.sort_by_key(|job| (last_sign(job), job.id));
    silent.truncate(silent.len().saturating_sub(may_wait));
    silent
}

/// What is to be done with a job that is lost.
pub fn recovery(job: &Job) -> Recovery {
    if job.releases < FRUITLESS_RELEASES_MAX {
        Recovery::Again
    } else {
        Recovery::Failure
    }
}

/// Whether so long nothing was heard of a job that it may be lost.
pub fn is_silent(now: Timestamp, job: &Job) -> bool {
    now.as_second() - last_sign(job).as_second() > SILENT_SECONDS_MAX
}

fn last_sign(job: &Job) -> Timestamp {
    job.progress
        .as_ref()
        .map(|progress| progress.at)
        .max(job.queued_at)
        .unwrap_or(job.created_at)
}

#[cfg(test)]
mod tests;
