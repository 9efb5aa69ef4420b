//! When requests and queues will be done: what is known of jobs and collectors, dealt out by
//! [`analysis::schedule::forecast`].

use std::collections::BTreeSet;

use analysis::schedule::{
    ExpectedCollector, ExpectedJob, Forecast, forecast, release_order, seconds_remaining,
};
use shared_types::job::{Job, JobState};
use shared_types::{Configuration, ConfigurationId, RequestId};

use crate::coordinator::releasing::waiting_jobs;
use crate::{Context, FunctionsError};

/// How many jobs of each state are looked at.
const JOBS_MAX: u32 = 2000;

/// When everything that is open will be done, in seconds from now. What nobody can tell is not there:
/// no collector serves it, it is paused, or nothing of its configuration was measured yet.
///
/// # Errors
/// When the store fails.
pub(crate) async fn expected(context: &Context) -> Result<Forecast, FunctionsError> {
    let index = &context.store.index;
    let now = context.now();
    let mut fleet = Fleet::default();
    for record in index.collectors().await? {
        if record.is_alive(now) && !record.draining {
            fleet.names.push(record.report.collector);
            fleet.collectors.push(ExpectedCollector {
                configurations: record.report.configurations,
                at_work_on: None,
            });
        }
    }
    for configuration in index.configurations().await? {
        note_jobs(context, &configuration, &mut fleet).await?;
    }
    let mut told = forecast(&fleet.collectors, &fleet.waiting);
    told.requests.retain(|id, _| !fleet.unknown.contains(id));
    told.configurations
        .retain(|id, _| !fleet.unknown_configurations.contains(id));
    Ok(told)
}

#[derive(Default)]
struct Fleet {
    names: Vec<String>,
    collectors: Vec<ExpectedCollector>,
    waiting: Vec<ExpectedJob>,
    /// Requests of whose jobs nobody knows how long they take.
    unknown: BTreeSet<RequestId>,
    unknown_configurations: BTreeSet<ConfigurationId>,
}

async fn note_jobs(
    context: &Context,
    configuration: &Configuration,
    fleet: &mut Fleet,
) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let id = &configuration.id;
    let counts = index.job_counts(id).await?;
    if counts.pending + counts.queued + counts.running == 0 {
        return Ok(());
    }
    let in_state = |state| index.jobs_in_state(id, state, JOBS_MAX);
    let running = in_state(JobState::Running).await?;
    let queued = in_state(JobState::Queued).await?;
    let pending = in_state(JobState::Pending).await?;
    let scheduling = index.scheduling(id).await?;
    let is_paused = scheduling.as_ref().is_some_and(|one| one.paused.is_some());
    let pace = match index.seconds_per_compilation(id).await? {
        Some(pace) => Some(pace),
        None => pace_so_far(&running),
    };
    let now = context.now();
    for job in &running {
        let left = seconds_remaining(job, now).filter(|_| pace.is_some());
        fleet.at_work(job, left);
    }
    for job in &queued {
        fleet.waits(job, seconds(job, pace));
    }
    let turns = scheduling.map(|one| one.turns).unwrap_or_default();
    let order = release_order(&waiting_jobs(context, id).await?, &turns);
    let handed_out: BTreeSet<_> = order.iter().filter(|_| !is_paused).collect();
    for job in &pending {
        if !handed_out.contains(&job.id) {
            fleet.nobody_knows(job);
        }
    }
    let pending = order
        .iter()
        .filter_map(|id| pending.iter().find(|job| job.id == *id));
    for job in pending.filter(|job| handed_out.contains(&job.id)) {
        fleet.waits(job, seconds(job, pace));
    }
    Ok(())
}

/// How long a job that waits takes, in seconds. What was expected of it is believed once anything of
/// its configuration was measured.
fn seconds(job: &Job, pace: Option<f64>) -> Option<f64> {
    let by_pace = pace? * job.compilations() as f64;
    Some(
        job.seconds_expected
            .map_or(by_pace, |seconds| seconds as f64),
    )
}

impl Fleet {
    fn at_work(&mut self, job: &Job, left: Option<f64>) {
        let Some(seconds) = left else {
            return self.nobody_knows(job);
        };
        let name = job.progress.as_ref().map(|progress| &progress.collector);
        let place = self.names.iter().position(|known| Some(known) == name);
        match place.and_then(|place| self.collectors.get_mut(place)) {
            Some(collector) if collector.at_work_on.is_none() => {
                collector.at_work_on = Some(expected_job(job, seconds));
            }
            // Whoever was at it is gone, or has begun with another: it will be handed out again.
            _ => self.waiting.push(expected_job(job, seconds)),
        }
    }

    fn waits(&mut self, job: &Job, seconds: Option<f64>) {
        match seconds {
            Some(seconds) => self.waiting.push(expected_job(job, seconds)),
            None => self.nobody_knows(job),
        }
    }

    fn nobody_knows(&mut self, job: &Job) {
        self.unknown.insert(job.request);
        self.unknown_configurations
            .insert(job.configuration.clone());
    }
}

fn expected_job(job: &Job, seconds: f64) -> ExpectedJob {
    ExpectedJob {
        request: job.request,
        configuration: job.configuration.clone(),
        seconds,
    }
}

/// Seconds for each compilation that some jobs have done so far. `None` before the first. It is what
/// there is to tell from while a configuration's first job is measured.
fn pace_so_far(jobs: &[Job]) -> Option<f64> {
    let (mut seconds, mut done) = (0.0, 0);
    for job in jobs {
        let (Some(started), Some(progress)) = (job.started_at, &job.progress) else {
            continue;
        };
        seconds += (progress.at.as_second() - started.as_second()).max(0) as f64;
        done += progress.done;
    }
    (done > 0).then(|| seconds / done as f64)
}
