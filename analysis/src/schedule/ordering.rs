//! In which order waiting jobs are handed out: by priority, in turns between requesters, and each
//! requester's own by history and age.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared_types::scheduling::Turns;
use shared_types::{ArtifactId, JobId, RequestId};

/// A job in the coordinator's hand.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingJob {
    /// The job.
    pub id: JobId,
    /// The request that it is a part of.
    pub request: RequestId,
    /// Who asked for that.
    pub requester: String,
    /// The priority of that request; larger goes first.
    pub priority: i32,
    /// The artifacts that it measures.
    pub artifacts: Vec<ArtifactId>,
    /// The base of the request. What is waiting of it goes first, whoever asked for it.
    pub base: Option<ArtifactId>,
    /// The parents in history, as far as they are known.
    pub parents: Vec<ArtifactId>,
    /// The host that would best measure it.
    pub preferred_host: Option<String>,
    /// When the request was made.
    pub requested_at: Timestamp,
}

/// The jobs that wait under one configuration, of which one after the other is taken.
///
/// The highest priority goes first. Within it requesters take turns, a turn being one job: next is
/// whose last turn is longest ago, and who never had one is first. So between two turns of a
/// requester each other one has one at most. A requester's own jobs go by history, a base before
/// what is compared with it and a parent before its child, then the older request first. Where the
/// base of a job waits in another request, it is measured on that job's turn.
#[derive(Debug)]
pub struct Line<'a> {
    jobs: &'a [WaitingJob],
    /// By priority and requester, the places in `jobs`, the next one first.
    lines: BTreeMap<Reverse<i32>, BTreeMap<&'a str, Vec<usize>>>,
    measuring: BTreeMap<&'a ArtifactId, Vec<usize>>,
    taken: BTreeSet<usize>,
}

impl<'a> Line<'a> {
    /// Puts jobs in line.
    pub fn of(jobs: &'a [WaitingJob]) -> Self {
        let depths = Depths::of(jobs);
        let mut order: Vec<usize> = (0..jobs.len()).collect();
        order.sort_by_key(|place| {
            let job = &jobs[*place];
            let age = (job.requested_at, job.request);
            (depths.of_job(job), age, job.id)
        });
        let mut line = Self {
            jobs,
            lines: BTreeMap::new(),
            measuring: BTreeMap::new(),
            taken: BTreeSet::new(),
        };
        for place in order {
            let job = &jobs[place];
            let of_priority = line.lines.entry(Reverse(job.priority)).or_default();
            of_priority.entry(&job.requester).or_default().push(place);
            for artifact in &job.artifacts {
                line.measuring.entry(artifact).or_default().push(place);
            }
        }
        line
    }

    /// Takes the next job, on a turn of the one who asked for it or for what is compared with it.
    /// Among the parts of one run, which no order tells apart, it is the one that `host` measured
    /// last, or one that no other host of `hosts` did.
    pub fn next(
        &mut self,
        turns: &mut Turns,
        host: Option<&str>,
        hosts: &[&str],
    ) -> Option<&'a WaitingJob> {
        let (requester, first) = self.whose_turn(turns)?;
        turns.take(requester);
        let first = self.waiting_base(first).unwrap_or(first);
        let place = self.part_for(first, host, hosts);
        self.taken.insert(place);
        Some(&self.jobs[place])
    }

    fn whose_turn(&mut self, turns: &Turns) -> Option<(&'a str, usize)> {
        let taken = &self.taken;
        self.lines.retain(|_, requesters| {
            requesters.retain(|_, places| {
                places.retain(|place| !taken.contains(place));
                !places.is_empty()
            });
            !requesters.is_empty()
        });
        let (_, requesters) = self.lines.first_key_value()?;
        requesters
            .iter()
            .map(|(requester, places)| (*requester, places[0]))
            .min_by_key(|(requester, first)| {
                let waits_since = self.jobs[*first].requested_at;
                (turns.last_of(requester), waits_since, *requester)
            })
    }

    /// What waits itself of the base of a job. That this has a base in turn holds nothing up: it is
    /// wanted to be compared with, and not to be judged.
    fn waiting_base(&self, place: usize) -> Option<usize> {
        let job = &self.jobs[place];
        let base = job.base.as_ref()?;
        if job.artifacts.contains(base) {
            return None;
        }
        let places = self.measuring.get(base)?.iter();
        places.copied().find(|place| !self.taken.contains(place))
    }

    fn part_for(&self, first: usize, host: Option<&str>, hosts: &[&str]) -> usize {
        let of_same_run = |place: &usize| {
            let (job, first) = (&self.jobs[*place], &self.jobs[first]);
            !self.taken.contains(place)
                && job.request == first.request
                && job.artifacts == first.artifacts
        };
        let Some(host) = host else {
            return first;
        };
        let parts = self.jobs[first]
            .artifacts
            .first()
            .and_then(|artifact| self.measuring.get(artifact));
        let parts = parts.into_iter().flatten().copied().filter(of_same_run);
        let rank = |place: &usize| match self.jobs[*place].preferred_host.as_deref() {
            Some(preferred) if preferred == host => 0,
            Some(preferred) if hosts.contains(&preferred) => 2,
            _ => 1,
        };
        parts.min_by_key(rank).unwrap_or(first)
    }
}

/// The order in which waiting jobs go if none is added, whatever the hosts.
pub fn release_order(jobs: &[WaitingJob], turns: &Turns) -> Vec<JobId> {
    let mut turns = turns.clone();
    let mut line = Line::of(jobs);
    std::iter::from_fn(|| line.next(&mut turns, None, &[]))
        .map(|job| job.id)
        .collect()
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
                let earlier = job.parents.iter().chain(&job.base).filter(|earlier| {
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

#[cfg(test)]
mod tests;
