//! How long it takes until requests and queues are done: what waits is dealt out, in its order, to
//! the collectors as they become free.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use shared_types::job::Job;
use shared_types::{ConfigurationId, RequestId};

/// A collector that takes jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedCollector {
    /// The configurations that it serves.
    pub configurations: Vec<ConfigurationId>,
    /// What it is at work on, where it is.
    pub at_work_on: Option<ExpectedJob>,
}

/// A job and how long it is expected to take, or still to take.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedJob {
    /// The request.
    pub request: RequestId,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// How long, in seconds.
    pub seconds: f64,
}

/// When what is known of will be done, in seconds from now. What no collector serves is not there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Forecast {
    /// Of each request.
    pub requests: BTreeMap<RequestId, f64>,
    /// Of each configuration's queue.
    pub configurations: BTreeMap<ConfigurationId, f64>,
}

/// How long a job that a collector works on still takes, in seconds: by the compilations that it has
/// done so far, before the first by what was expected of it. `None` where neither is known.
pub fn seconds_remaining(job: &Job, now: Timestamp) -> Option<f64> {
    let worked_s = job
        .started_at
        .map_or(0.0, |started| now.duration_since(started).as_secs_f64());
    let by_progress = job.progress.as_ref().filter(|progress| progress.done > 0);
    if let (Some(progress), Some(started)) = (by_progress, job.started_at) {
        let until_then_s = progress.at.duration_since(started).as_secs_f64();
        let each_s = until_then_s / progress.done as f64;
        let all_s = each_s * progress.total as f64;
        return Some((all_s - worked_s).max(0.0));
    }
    let expected_s = job.seconds_expected? as f64;
    Some((expected_s - worked_s).max(0.0))
}

/// Deals out `waiting`, each configuration's jobs in their order, to collectors.
pub fn forecast(collectors: &[ExpectedCollector], waiting: &[ExpectedJob]) -> Forecast {
    let mut queues: BTreeMap<&ConfigurationId, VecDeque<&ExpectedJob>> = BTreeMap::new();
    for job in waiting {
        queues.entry(&job.configuration).or_default().push_back(job);
    }
    let mut dealt = Dealt::default();
    let mut free: Vec<Free<'_>> = collectors
        .iter()
        .map(|collector| Free {
            at_s: collector.at_work_on.as_ref().map_or(0.0, |job| {
                dealt.note(job, job.seconds.max(0.0));
                job.seconds.max(0.0)
            }),
            serves: &collector.configurations,
            next: 0,
        })
        .collect();
    while let Some(first) = free
        .iter_mut()
        .filter(|one| one.serves.iter().any(|id| has_work(&queues, id)))
        .min_by(|one, other| one.at_s.total_cmp(&other.at_s))
    {
        let Some(job) = first.take(&mut queues) else {
            break;
        };
        first.at_s += job.seconds.max(0.0);
        dealt.note(job, first.at_s);
    }
    for job in queues.into_values().flatten() {
        dealt.unserved(job);
    }
    dealt.forecast
}

fn has_work(
    queues: &BTreeMap<&ConfigurationId, VecDeque<&ExpectedJob>>,
    id: &ConfigurationId,
) -> bool {
    queues.get(id).is_some_and(|queue| !queue.is_empty())
}

struct Free<'a> {
    at_s: f64,
    serves: &'a [ConfigurationId],
    /// After a job the next configuration is first.
    next: usize,
}

impl<'a> Free<'a> {
    fn take(
        &mut self,
        queues: &mut BTreeMap<&'a ConfigurationId, VecDeque<&'a ExpectedJob>>,
    ) -> Option<&'a ExpectedJob> {
        for step in 0..self.serves.len() {
            let place = (self.next + step) % self.serves.len();
            let taken = queues
                .get_mut(&self.serves[place])
                .and_then(VecDeque::pop_front);
            if taken.is_some() {
                self.next = place + 1;
                return taken;
            }
        }
        None
    }
}

#[derive(Default)]
struct Dealt {
    forecast: Forecast,
}

impl Dealt {
    fn note(&mut self, job: &ExpectedJob, until_s: f64) {
        let of_request = self.forecast.requests.entry(job.request).or_default();
        *of_request = of_request.max(until_s);
        let of_queue = self
            .forecast
            .configurations
            .entry(job.configuration.clone())
            .or_default();
        *of_queue = of_queue.max(until_s);
    }

    fn unserved(&mut self, job: &ExpectedJob) {
        self.forecast.requests.remove(&job.request);
        self.forecast.configurations.remove(&job.configuration);
    }
}

#[cfg(test)]
mod tests;
