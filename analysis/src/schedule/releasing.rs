//! How many jobs are put into a configuration's queue, and which.

use shared_types::JobId;
use shared_types::scheduling::Turns;

use super::ordering::{Line, WaitingJob};

/// A collector that serves a configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct ServingCollector {
    /// Its host.
    pub host: String,
    /// Whether it was heard of lately.
    pub is_alive: bool,
    /// Whether it is to take no more jobs.
    pub is_draining: bool,
    /// How long it is still at work on a job of the configuration, in seconds; 0 when on none.
    pub busy_s: f64,
}

/// So long before a collector is expected to be free a job is put into the queue for it, in seconds:
/// twice the time between two looks of the coordinator. The later, the more of the order stays in the
/// coordinator's hand, and the better is known who will take it.
const AHEAD_SECONDS: f64 = 120.0;

impl ServingCollector {
    fn takes_jobs(&self) -> bool {
        self.is_alive && !self.is_draining
    }

    fn is_free_soon(&self) -> bool {
        self.busy_s <= AHEAD_SECONDS
    }
}

/// How many jobs to put into a configuration's queue, so that each collector that takes jobs and is
/// free soon finds one, and the order of the rest stays in the coordinator's hand. One is kept there
/// even if no collector was heard of: one that comes back is to find work at once. None is where all
/// drain.
pub fn release_count(collectors: &[ServingCollector], queued: u32) -> u32 {
    if !collectors.is_empty() && collectors.iter().all(|collector| collector.is_draining) {
        return 0;
    }
    let taking = || collectors.iter().filter(|one| one.takes_jobs());
    let free_soon = taking().filter(|one| one.is_free_soon()).count();
    let wanted = if taking().next().is_none() {
        1
    } else {
        free_soon
    };
    u32::try_from(wanted)
        .unwrap_or(u32::MAX)
        .saturating_sub(queued)
}

/// The jobs to put into the queue now, in order; notes whose turns these are.
///
/// Whoever is free first takes what is first in the queue. So each job is chosen for the host that
/// is expected to be the next without one, which costs no waiting: where the expectation is wrong,
/// another host measures.
pub fn releases(
    waiting: &[WaitingJob],
    queued: u32,
    collectors: &[ServingCollector],
    turns: &mut Turns,
) -> Vec<JobId> {
    let count = release_count(collectors, queued) as usize;
    let mut taking: Vec<&ServingCollector> =
        collectors.iter().filter(|one| one.takes_jobs()).collect();
    taking.sort_by(|one, other| {
        let by_time = one.busy_s.total_cmp(&other.busy_s);
        by_time.then_with(|| one.host.cmp(&other.host))
    });
    let hosts: Vec<&str> = taking.iter().map(|one| one.host.as_str()).collect();
    let mut line = Line::of(waiting);
    (0..count)
        .map_while(|number| {
            let host = hosts.get(queued as usize + number).copied();
            line.next(turns, host, &hosts)
        })
        .map(|job| job.id)
        .collect()
}

#[cfg(test)]
mod tests;
