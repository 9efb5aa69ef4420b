//! What is seen while a fleet works, and what must never be.

use std::collections::BTreeMap;

use shared_types::job::{Job, JobState};
use shared_types::{JobId, RequestId};

use crate::schedule::WaitingJob;

/// So many violations are told in words.
const VIOLATIONS_MAX: usize = 20;

#[derive(Debug, Default)]
pub(super) struct Observations {
    pub(super) violations: Vec<String>,
    /// How often each job came to its end.
    pub(super) ends: BTreeMap<JobId, u32>,
    pub(super) results_counted: u64,
    pub(super) results_doubled: u64,
    pub(super) jobs_recovered: u64,
    pub(super) cancelled_at_ms: BTreeMap<RequestId, u64>,
    /// The longest that a collector went on with what was cancelled.
    pub(super) cancelled_work_ms: u64,
    /// The longest that a job waited while the collector that took it had nothing to do.
    pub(super) idle_beside_work_ms: u64,
    /// From when on each job could have been taken.
    waits_since_ms: BTreeMap<JobId, u64>,
    /// The last end of a job.
    pub(super) last_end_ms: u64,
    /// How long collectors were at work, in milliseconds.
    pub(super) worked_ms: u64,
    /// Jobs of a head that were measured on the host that measured the same units of base.
    pub(super) same_host: u64,
    /// Jobs of a head of which the same units of base were measured before.
    pub(super) with_base: u64,
    /// What the last jobs took.
    pub(super) remembered: super::coordinator::Remembered,
    /// What was expected of a request: when, and when it would be done, in milliseconds.
    pub(super) forecasts: Vec<(RequestId, u64, u64)>,
}

impl Observations {
    pub(super) fn violation(&mut self, what: String) {
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(what);
        }
    }

    /// Notes that a job moved from a state to the one in which it is.
    pub(super) fn moved(&mut self, before: JobState, job: &Job, now_ms: u64) {
        if job.state.is_final() && !before.is_final() {
            *self.ends.entry(job.id).or_default() += 1;
            self.last_end_ms = self.last_end_ms.max(now_ms);
        }
        if job.state == JobState::Pending {
            self.waits_since_ms.insert(job.id, now_ms);
        }
    }

    /// Notes that a job was made.
    pub(super) fn made(&mut self, id: JobId, now_ms: u64) {
        self.ends.insert(id, 0);
        self.waits_since_ms.insert(id, now_ms);
    }

    /// Notes that a job that was held, or at which somebody was at work, may be taken from now on.
    pub(super) fn let_go(&mut self, id: JobId, now_ms: u64) {
        self.waits_since_ms.insert(id, now_ms);
    }

    /// Notes that a collector that was idle since a time takes a job.
    pub(super) fn taken(&mut self, id: JobId, idle_since_ms: u64, now_ms: u64) {
        // Until it is let go again it does not wait.
        let waits_since_ms = self.waits_since_ms.remove(&id).unwrap_or(now_ms);
        let both_ms = now_ms.saturating_sub(waits_since_ms.max(idle_since_ms));
        self.idle_beside_work_ms = self.idle_beside_work_ms.max(both_ms);
    }

    /// Holds the order in which jobs were handed out against what waited.
    pub(super) fn released(&mut self, waiting: &[WaitingJob], ids: &[JobId]) {
        let mut left: Vec<&WaitingJob> = waiting.iter().collect();
        for id in ids {
            let Some(place) = left.iter().position(|job| job.id == *id) else {
                self.violation(format!("{id} was handed out and did not wait"));
                continue;
            };
            let job = left.remove(place);
            // What somebody else's comparison waits for is not held up by its own history.
            let is_wanted_as_base = left.iter().any(|other| {
                let base = other.base.as_ref();
                other.request != job.request
                    && base.is_some_and(|base| job.artifacts.contains(base))
            });
            if is_wanted_as_base {
                continue;
            }
            for other in &left {
                if let Some(why) = goes_before(other, job) {
                    self.violation(format!(
                        "{} was handed out before {}: {why}",
                        job.id, other.id
                    ));
                }
            }
        }
    }
}

/// Why a job that waits should have gone before one that was handed out.
fn goes_before(waiting: &WaitingJob, handed_out: &WaitingJob) -> Option<&'static str> {
    let measures =
        |artifact| waiting.artifacts.contains(artifact) && !handed_out.artifacts.contains(artifact);
    if handed_out.base.as_ref().is_some_and(measures) {
        return Some("it measures its base");
    }
    let is_of_same =
        waiting.requester == handed_out.requester && waiting.priority == handed_out.priority;
    if is_of_same && handed_out.parents.iter().any(measures) {
        return Some("it measures its parent");
    }
    None
}
