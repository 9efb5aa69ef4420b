//! In which order jobs go, how many are released, and how long the rest takes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared_types::{ArtifactId, JobId, RequestId};

/// A job in the coordinator's hand.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingJob {
    /// The job.
    pub id: JobId,
    /// The request that it is a part of.
    pub request: RequestId,
    /// The priority of that request; larger goes first.
    pub priority: i32,
    /// The artifacts that it measures.
    pub artifacts: Vec<ArtifactId>,
    /// The artifacts that are to be measured before: the base of the request, and the parents in
    /// history, as far as they are known.
    pub after: Vec<ArtifactId>,
    /// When the request was made.
    pub requested_at: Timestamp,
}

/// What finished jobs took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinishedWork {
    /// How many compilations it was.
    pub compilations: u64,
    /// How long it took from first to last, in seconds.
    pub seconds: u64,
}

/// The order in which waiting jobs are released: by priority; then those whose predecessors in
/// history are not waiting themselves, so that a base is measured before what is compared with it;
/// then the older request. Jobs of one request stay in the order of their ids.
pub fn release_order(jobs: &[WaitingJob]) -> Vec<JobId> {
    let depths = Depths::of(jobs);
    let mut order: Vec<_> = jobs
        .iter()
        .map(|job| {
            let depth = depths.of_job(job);
            let age = (job.requested_at, job.request);
            (Reverse(job.priority), depth, age, job.id)
        })
        .collect();
    order.sort();
    order.into_iter().map(|(.., id)| id).collect()
}

/// How many artifacts that are waiting themselves come before each.
struct Depths<'a> {
    waiting: BTreeSet<&'a ArtifactId>,
    depths: BTreeMap<&'a ArtifactId, usize>,
}

impl<'a> Depths<'a> {
    /// Counts level by level, at most once for each artifact, so that a circle in what is said to
    /// come before what ends the count and not the program.
    fn of(jobs: &'a [WaitingJob]) -> Self {
        let waiting: BTreeSet<&ArtifactId> = jobs.iter().flat_map(|job| &job.artifacts).collect();
        let mut before: BTreeMap<&ArtifactId, BTreeSet<&ArtifactId>> = BTreeMap::new();
        for job in jobs {
            for artifact in &job.artifacts {
                let earlier = job.after.iter().filter(|earlier| {
                    waiting.contains(earlier) && !job.artifacts.contains(earlier)
                });
                before.entry(artifact).or_default().extend(earlier);
            }
        }
        let mut depths: BTreeMap<&ArtifactId, usize> = BTreeMap::new();
        let mut level = 0;
        while depths.len() < waiting.len() {
            let ready: Vec<&ArtifactId> = before
                .iter()
                .filter(|(artifact, earlier)| {
                    !depths.contains_key(*artifact)
                        && earlier.iter().all(|earlier| depths.contains_key(earlier))
                })
                .map(|(artifact, _)| *artifact)
                .collect();
            if ready.is_empty() {
                break;
            }
            depths.extend(ready.into_iter().map(|artifact| (artifact, level)));
            level += 1;
        }
        Self { waiting, depths }
    }

    fn of_job(&self, job: &WaitingJob) -> usize {
        let depths = job.artifacts.iter().map(|artifact| {
            let depth = self.depths.get(artifact).copied();
            depth.unwrap_or(self.waiting.len())
        });
        depths.max().unwrap_or(0)
    }
}

/// How many jobs to put into a configuration's queue, so that each collector that was heard of
/// lately finds one and the order of the rest stays in the coordinator's hand. One is kept there
/// even if no collector was heard of: one that comes back is to find work at once.
pub fn release_count(collectors_alive: u32, queued: u32) -> u32 {
    collectors_alive.max(1).saturating_sub(queued)
}

/// How long `compilations_left` take, in seconds, from what finished jobs of the configuration
/// took. `None` where nothing was measured yet, or no collector is there.
pub fn seconds_left(
    compilations_left: u64,
    finished: &[FinishedWork],
    collectors_alive: u32,
) -> Option<u64> {
    if compilations_left == 0 {
        return Some(0);
    }
    let compilations: u64 = finished
        .iter()
        .fold(0, |sum, work| sum.saturating_add(work.compilations));
    let seconds: u64 = finished
        .iter()
        .fold(0, |sum, work| sum.saturating_add(work.seconds));
    if compilations == 0 || collectors_alive == 0 {
        return None;
    }
    let each = seconds as f64 / compilations as f64;
    Some((compilations_left as f64 * each / f64::from(collectors_alive)).ceil() as u64)
}

#[cfg(test)]
mod tests;
