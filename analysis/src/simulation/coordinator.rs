//! The coordinator in a model: what it decides, it decides by the real rules, in the real order.

use std::collections::BTreeMap;

use shared_types::ConfigurationId;
use shared_types::ids::Attempt;
use shared_types::job::{DELIVERIES_PER_RELEASE, Job, JobFailure, JobState, JobUnit};
use shared_types::request::{Request, RequestState};
use shared_types::scheduling::Scheduling;
use shared_types::{JobId, job_transitions};

use super::Simulation;
use super::agenda::Event;
use crate::schedule::{
    ExpectedCollector, ExpectedJob, LastMeasured, MeasuredDurations, PlannedJob, Recovery,
    ServingCollector, WaitingJob, WantedUnit, base_is_awaited, cut, end_of_request, forecast,
    lost_jobs, preferred_host, recovery, release_count, release_order, releases, seconds_remaining,
    units, will_measure_base,
};

/// Of how many of the last jobs of a configuration it is known how long they took.
const JOBS_REMEMBERED: usize = 60;

/// What the last jobs of each configuration took: unit, seconds of a compilation, host.
pub(super) type Remembered = BTreeMap<ConfigurationId, Vec<Vec<(JobUnit, f64, String)>>>;

impl Simulation<'_> {
    /// What the coordinator does when it looks for something to do.
    pub(super) fn tick(&mut self) {
        let open: Vec<Request> = self
            .index
            .requests
            .iter()
            .filter(|request| !request.state.is_final())
            .cloned()
            .collect();
        for request in &open {
            self.cut(request);
        }
        let load = self.load;
        for configuration in &load.configurations {
            self.recover(&configuration.id);
            self.release(&configuration.id);
        }
        for request in &open {
            self.settle(request);
        }
    }

    fn cut(&mut self, request: &Request) {
        if request.state != RequestState::Waiting {
            return;
        }
        let mut waits = false;
        for id in &request.configurations {
            if self.index.is_cut(request.id, id) {
                continue;
            }
            let hosts = self.hosts(id);
            if hosts == 0 && !self.was_ever_served(id) {
                waits = true;
                continue;
            }
            let base_has = self.base_has(request, id);
            let durations = self.durations(id);
            let catalogue = self.load.catalogue();
            match cut(request, &catalogue, &durations, hosts, &base_has) {
                Ok(planned) => self.add_jobs(request, id, planned),
                Err(error) => {
                    self.observed
                        .violation(format!("a request was not cut: {error}"));
                    let now = self.now();
                    self.index
                        .set_request_state(request.id, RequestState::Failed, now);
                    return;
                }
            }
        }
        if !waits {
            let now = self.now();
            for id in self.index.jobs_of(request.id) {
                self.observed.let_go(id, self.now_ms);
            }
            self.index
                .set_request_state(request.id, RequestState::Running, now);
        }
    }

    fn add_jobs(&mut self, request: &Request, id: &ConfigurationId, planned: Vec<PlannedJob>) {
        let now = self.now();
        for job in planned {
            let new = self.index.new_job_id(now);
            self.observed.made(new, self.now_ms);
            self.index.add_job(job.into_job(new, request, id, now));
        }
    }

    /// How many hosts could measure a configuration now.
    fn hosts(&self, id: &ConfigurationId) -> u32 {
        let taking = self.serving(id).into_iter();
        let taking = taking.filter(|one| self.is_alive(*one) && !self.is_draining(*one));
        u32::try_from(taking.count()).unwrap_or(u32::MAX)
    }

    fn was_ever_served(&self, id: &ConfigurationId) -> bool {
        let collectors = self.serving(id).into_iter();
        let mut firsts = collectors.filter_map(|place| {
            let absences = &self.load.collectors[place].absences;
            let first = absences.iter().find(|span| span.from_s == 0);
            first.map_or(Some(0), |span| Some(span.until_s))
        });
        firsts.any(|first_s| first_s * 1000 <= self.now_ms)
    }

    fn serving(&self, id: &ConfigurationId) -> Vec<usize> {
        let collectors = self.load.collectors.iter().enumerate();
        let serving = collectors.filter(|(_, one)| one.configurations.contains(id));
        serving.map(|(place, _)| place).collect()
    }

    /// The units of a request's base that are measured, or are going to be by other requests.
    fn base_has(&self, request: &Request, id: &ConfigurationId) -> Vec<WantedUnit> {
        let Some(base) = request.base.as_ref().filter(|_| request.backfill) else {
            return Vec::new();
        };
        let jobs = self.index.jobs.values().filter(|job| {
            let is_wanted = job.state == JobState::Done || !job.state.is_final();
            job.configuration == *id
                && is_wanted
                && job.runs.iter().any(|run| run.artifact == base.artifact)
        });
        let mut has: Vec<WantedUnit> = jobs.flat_map(WantedUnit::of_job).collect();
        for other in &self.index.requests {
            if will_measure_base(request, other, id) && !self.index.is_cut(other.id, id) {
                let catalogue = self.load.catalogue();
                has.extend(units(&catalogue, &other.selection).unwrap_or_default());
            }
        }
        has
    }

    fn durations(&self, id: &ConfigurationId) -> MeasuredDurations {
        let mut durations = MeasuredDurations::default();
        let jobs = self.observed.remembered.get(id).into_iter().flatten();
        for (unit, seconds, host) in jobs.flatten() {
            let last = LastMeasured {
                seconds: *seconds,
                host: host.clone(),
            };
            durations.remember(&unit.benchmark, unit.profile, last);
        }
        durations
    }

    /// Remembers how long the units of a job took on a collector.
    pub(super) fn remember(&mut self, collector: usize, job: JobId) {
        let Some(job) = self.index.jobs.get(&job) else {
            return;
        };
        let host = &self.load.collectors[collector];
        let took = job.units.iter().map(|unit| {
            let seconds = self.load.compilation_seconds(&job.configuration, unit);
            (unit.clone(), seconds * host.slowness, host.name.clone())
        });
        let took = took.collect();
        let jobs = self
            .observed
            .remembered
            .entry(job.configuration.clone())
            .or_default();
        jobs.push(took);
        let surplus = jobs.len().saturating_sub(JOBS_REMEMBERED);
        jobs.drain(..surplus);
    }

    fn recover(&mut self, id: &ConfigurationId) {
        let out = self
            .index
            .open_in(id, &[JobState::Queued, JobState::Running]);
        let out: Vec<Job> = out.into_iter().cloned().collect();
        let now = self.now();
        let messages = self.queues.messages(id);
        for job in lost_jobs(now, &out, messages) {
            self.observed.jobs_recovered += 1;
            match recovery(job) {
                Recovery::Again => {
                    let release = job.releases;
                    self.change(job.id, |job| {
                        job_transitions::return_to_pending(job, release)
                    });
                }
                Recovery::Failure => {
                    let failure = JobFailure {
                        attempt: Attempt(job.releases * DELIVERIES_PER_RELEASE),
                        collector: "the coordinator".to_owned(),
                        reason: "nothing was heard of it".to_owned(),
                        at: now,
                    };
                    self.fail(job.id, &failure);
                }
            }
        }
    }

    fn release(&mut self, id: &ConfigurationId) {
        let queued = self.index.open_in(id, &[JobState::Queued]).len();
        let queued = u32::try_from(queued).unwrap_or(u32::MAX);
        let collectors = self.serving_collectors(id);
        if release_count(&collectors, queued) == 0 {
            return;
        }
        let waiting = self.waiting_jobs(id);
        let scheduling = self
            .index
            .scheduling
            .entry(id.clone())
            .or_insert_with(|| Scheduling::beginning(id.clone()));
        let released = releases(&waiting, queued, &collectors, &mut scheduling.turns);
        self.observed.released(&waiting, &released);
        let now = self.now();
        for job in released {
            if self.change(job, |job| job_transitions::release(job, now)) {
                self.send(id, job);
            }
        }
    }

    fn send(&mut self, id: &ConfigurationId, job: JobId) {
        let release = self.index.jobs.get(&job).map_or(1, |job| job.releases);
        for _ in 0..self.copies() {
            let at_ms = self.now_ms + self.delay_ms();
            self.queues.send(id, job, release, at_ms);
            self.agenda.add(at_ms + 1000, Event::LooksAll(id.clone()));
        }
    }

    fn serving_collectors(&self, id: &ConfigurationId) -> Vec<ServingCollector> {
        let running = self.index.open_in(id, &[JobState::Running]);
        let serving = self.serving(id).into_iter();
        serving
            .map(|place| {
                let name = &self.load.collectors[place].name;
                let at_work_on = running.iter().find(|job| {
                    let progress = job.progress.as_ref();
                    progress.is_some_and(|progress| progress.collector == *name)
                });
                ServingCollector {
                    host: name.clone(),
                    is_alive: self.is_alive(place),
                    is_draining: self.is_draining(place),
                    busy_s: at_work_on.map_or(0.0, |job| {
                        seconds_remaining(job, self.now()).unwrap_or(f64::INFINITY)
                    }),
                }
            })
            .collect()
    }

    fn waiting_jobs(&self, id: &ConfigurationId) -> Vec<WaitingJob> {
        let pending = self.index.open_in(id, &[JobState::Pending]);
        let mut siblings: BTreeMap<_, Vec<Job>> = BTreeMap::new();
        let waiting = pending.into_iter().filter_map(|job| {
            let request = self.index.request(job.request)?;
            if request.state == RequestState::Paused {
                return None;
            }
            let has_siblings = request.base.is_some() && !request.paired;
            let siblings = siblings.entry(job.request).or_insert_with(|| {
                if has_siblings {
                    self.index.records_of(job.request)
                } else {
                    Vec::new()
                }
            });
            let artifacts = job.runs.iter().map(|run| &run.artifact);
            Some(WaitingJob {
                id: job.id,
                request: job.request,
                requester: request.requester.clone(),
                priority: request.priority,
                base: request.base.as_ref().map(|base| base.artifact.clone()),
                parents: artifacts
                    .clone()
                    .filter_map(|artifact| self.index.parents.get(artifact).cloned())
                    .collect(),
                artifacts: artifacts.cloned().collect(),
                preferred_host: preferred_host(job, siblings),
                requested_at: request.created_at,
            })
        });
        waiting.collect()
    }

    fn settle(&mut self, request: &Request) {
        let Some(request) = self.index.request(request.id).cloned() else {
            return;
        };
        let jobs = self.index.records_of(request.id);
        let Some(state) = end_of_request(request.state, &jobs) else {
            return;
        };
        if request.backfill {
            let open = self.index.jobs.values().filter(|job| !job.state.is_final());
            let open: Vec<Job> = open.cloned().collect();
            let is_to_come = self.index.requests.iter().any(|other| {
                let mut configurations = request.configurations.iter();
                configurations.any(|id| will_measure_base(&request, other, id))
            });
            if is_to_come || base_is_awaited(&request, &open) {
                return;
            }
        }
        let now = self.now();
        self.index.set_request_state(request.id, state, now);
    }

    /// Notes when each open request is expected to be done.
    pub(super) fn note_forecast(&mut self) {
        let now = self.now();
        let mut collectors: Vec<ExpectedCollector> = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for (place, collector) in self.load.collectors.iter().enumerate() {
            if self.is_alive(place) && !self.is_draining(place) {
                names.push(&collector.name);
                collectors.push(ExpectedCollector {
                    configurations: collector.configurations.clone(),
                    at_work_on: None,
                });
            }
        }
        let mut waiting = Vec::new();
        for configuration in &self.load.configurations {
            let id = &configuration.id;
            let expected = |job: &Job, seconds: f64| ExpectedJob {
                request: job.request,
                configuration: id.clone(),
                seconds,
            };
            for job in self.index.open_in(id, &[JobState::Running]) {
                let seconds = seconds_remaining(job, now).unwrap_or(0.0);
                let name = job
                    .progress
                    .as_ref()
                    .map(|progress| progress.collector.as_str());
                let place = names.iter().position(|known| Some(*known) == name);
                match place.and_then(|place| collectors.get_mut(place)) {
                    Some(collector) => collector.at_work_on = Some(expected(job, seconds)),
                    None => waiting.push(expected(job, job.seconds_expected.unwrap_or(0) as f64)),
                }
            }
            let queued = self.index.open_in(id, &[JobState::Queued]).into_iter();
            let turns = self.index.scheduling.get(id).map(|one| one.turns.clone());
            let order = release_order(&self.waiting_jobs(id), &turns.unwrap_or_default());
            let pending = order.iter().filter_map(|id| self.index.jobs.get(id));
            for job in queued.chain(pending) {
                waiting.push(expected(job, job.seconds_expected.unwrap_or(0) as f64));
            }
        }
        for (request, seconds) in forecast(&collectors, &waiting).requests {
            let until_ms = self.now_ms + (seconds * 1000.0) as u64;
            self.observed
                .forecasts
                .push((request, self.now_ms, until_ms));
        }
    }
}
