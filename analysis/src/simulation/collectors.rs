//! Collectors in a model: they take what is first in their queues, are at work, and may vanish.

use shared_types::events::ProgressEvent;
use shared_types::ids::Attempt;
use shared_types::job::{Job, LEASE_EXTENSION_SECONDS};
use shared_types::{ConfigurationId, JobId};

use super::Simulation;
use super::agenda::{Event, Told};
use super::queues::{Delivered, LEASE_MS};

/// How soon an idle collector sees that there is work.
const LOOK_MS: u64 = 1000;

#[derive(Debug, Default)]
pub(super) struct SimulatedCollector {
    pub(super) work: Option<Work>,
    /// Counts what it was at work on, so that what belongs to something given up is known as such.
    shift: u64,
    idle_since_ms: u64,
    /// After a job the next queue is first.
    next_queue: usize,
    /// When it vanished, if it did.
    left_at_ms: Option<u64>,
}

#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) job: JobId,
    pub(super) configuration: ConfigurationId,
    attempt: Attempt,
    message: u64,
    started_ms: u64,
    ends_ms: u64,
    fails: bool,
}

impl Simulation<'_> {
    /// Whether a collector is there.
    pub(super) fn is_present(&self, collector: usize) -> bool {
        let absences = &self.load.collectors[collector].absences;
        !absences.iter().any(|span| span.holds_ms(self.now_ms))
    }

    /// Whether it was heard of lately.
    pub(super) fn is_alive(&self, collector: usize) -> bool {
        let silent_ms = 1000 * shared_types::collector::CollectorRecord::SILENT_SECONDS_MAX as u64;
        self.is_present(collector)
            || self.collectors[collector]
                .left_at_ms
                .is_some_and(|left_at_ms| self.now_ms - left_at_ms <= silent_ms)
    }

    pub(super) fn is_draining(&self, collector: usize) -> bool {
        let drains = &self.load.collectors[collector].drains;
        drains.iter().any(|span| span.holds_ms(self.now_ms))
    }

    pub(super) fn all_look_for_work(&mut self, configuration: &ConfigurationId) {
        let mut idle: Vec<usize> = (0..self.collectors.len())
            .filter(|place| {
                let serves = &self.load.collectors[*place].configurations;
                self.collectors[*place].work.is_none() && serves.contains(configuration)
            })
            .collect();
        self.numbers.shuffle(&mut idle);
        for collector in idle {
            self.looks_for_work(collector);
        }
    }

    pub(super) fn looks_for_work(&mut self, collector: usize) {
        if self.collectors[collector].work.is_some()
            || !self.is_present(collector)
            || self.is_draining(collector)
        {
            return;
        }
        let serves = &self.load.collectors[collector].configurations;
        for step in 0..serves.len() {
            let queue = (self.collectors[collector].next_queue + step) % serves.len();
            while let Some(delivered) = self.receive(&serves[queue]) {
                if self.begins(collector, &serves[queue], delivered) {
                    self.collectors[collector].next_queue = queue + 1;
                    return;
                }
            }
        }
    }

    fn receive(&mut self, id: &ConfigurationId) -> Option<Delivered> {
        let (overtaken, which) = (self.numbers.uniform(), self.numbers.uniform());
        let late = self.faults.late;
        self.queues.receive(id, self.now_ms, |visible| {
            if overtaken < late {
                (which * visible as f64) as usize
            } else {
                0
            }
        })
    }

    /// Begins with a job, unless the coordinator says that nobody wants it any more.
    fn begins(
        &mut self,
        collector: usize,
        configuration: &ConfigurationId,
        delivered: Delivered,
    ) -> bool {
        let Some(job) = self.index.jobs.get(&delivered.job).cloned() else {
            return false;
        };
        if job.state.is_final() {
            self.queues.delete(configuration, delivered.message);
            return false;
        }
        let full_ms = (1000.0 * self.job_seconds(collector, &job)) as u64;
        let (failing, at) = (self.numbers.uniform(), self.numbers.uniform());
        let fails = failing < self.faults.attempt_fails;
        let takes_ms = if fails {
            (full_ms as f64 * at) as u64
        } else {
            full_ms
        };
        let own = &mut self.collectors[collector];
        own.shift += 1;
        own.work = Some(Work {
            job: job.id,
            configuration: configuration.clone(),
            attempt: delivered.attempt,
            message: delivered.message,
            started_ms: self.now_ms,
            ends_ms: self.now_ms + takes_ms,
            fails,
        });
        let shift = own.shift;
        let idle_since_ms = own.idle_since_ms;
        self.observed.taken(job.id, idle_since_ms, self.now_ms);
        self.note_host(collector, &job);
        self.tell_progress(collector);
        let extends_ms = self.now_ms + LEASE_EXTENSION_SECONDS * 1000;
        self.agenda
            .add(extends_ms, Event::Extends { collector, shift });
        let ends_ms = self.now_ms + takes_ms;
        self.agenda
            .add(ends_ms, Event::Finishes { collector, shift });
        true
    }

    /// How long a job takes on a collector, in seconds.
    fn job_seconds(&self, collector: usize, job: &Job) -> f64 {
        let mut seconds = self.load.seconds_per_job;
        for run in &job.runs {
            for unit in &job.units {
                seconds += self
                    .load
                    .unit_seconds(&job.configuration, run, unit, job.iterations);
            }
        }
        seconds * self.load.collectors[collector].slowness
    }

    /// Whether the other side of a comparison was measured on the same host.
    fn note_host(&mut self, collector: usize, job: &Job) {
        let name = &self.load.collectors[collector].name;
        let of_request = self.index.records_of(job.request);
        let sibling = of_request.iter().find(|other| {
            other.id < job.id
                && other.configuration == job.configuration
                && other.units == job.units
        });
        if let Some(progress) = sibling.and_then(|sibling| sibling.progress.as_ref()) {
            self.observed.with_base += 1;
            self.observed.same_host += u64::from(progress.host == *name);
        }
    }

    fn tell_progress(&mut self, collector: usize) {
        let Some(work) = self.collectors[collector].work.clone() else {
            return;
        };
        let Some(job) = self.index.jobs.get(&work.job) else {
            return;
        };
        let total = job.compilations();
        let worked = (self.now_ms - work.started_ms) as f64;
        let share = worked / ((work.ends_ms - work.started_ms) as f64).max(1.0);
        let name = &self.load.collectors[collector].name;
        let event = ProgressEvent {
            job: work.job,
            attempt: work.attempt,
            collector: name.clone(),
            done: (total as f64 * share) as u64,
            total,
            current: String::new(),
            host: name.clone(),
        };
        self.tell(&Told::Progress(event));
    }

    pub(super) fn extends(&mut self, collector: usize, shift: u64) {
        let own = &self.collectors[collector];
        let Some(work) = own.work.clone().filter(|_| own.shift == shift) else {
            return;
        };
        let job = self.index.jobs.get(&work.job);
        if job.is_some_and(|job| job.state.is_final()) {
            if let Some(cancelled_ms) =
                job.and_then(|job| self.observed.cancelled_at_ms.get(&job.request))
            {
                let went_on_ms = self.now_ms - (*cancelled_ms).max(work.started_ms);
                self.observed.cancelled_work_ms = self.observed.cancelled_work_ms.max(went_on_ms);
            }
            self.queues.delete(&work.configuration, work.message);
            self.rests(collector);
            return;
        }
        self.queues
            .extend(&work.configuration, work.message, self.now_ms);
        self.tell_progress(collector);
        let next_ms = self.now_ms + LEASE_EXTENSION_SECONDS * 1000;
        self.agenda
            .add(next_ms, Event::Extends { collector, shift });
    }

    pub(super) fn finishes(&mut self, collector: usize, shift: u64) {
        let own = &self.collectors[collector];
        let Some(work) = own.work.clone().filter(|_| own.shift == shift) else {
            return;
        };
        let (job, attempt) = (work.job, work.attempt);
        if work.fails {
            let name = self.load.collectors[collector].name.clone();
            self.tell(&Told::Failed {
                job,
                attempt,
                collector: name,
            });
        } else {
            self.index.store_result(job, attempt);
            self.remember(collector, job);
            self.tell(&Told::Stored { job, attempt });
        }
        self.queues.delete(&work.configuration, work.message);
        self.rests(collector);
    }

    fn rests(&mut self, collector: usize) {
        let own = &mut self.collectors[collector];
        if let Some(work) = own.work.take() {
            self.observed.worked_ms += self.now_ms - work.started_ms;
        }
        own.idle_since_ms = self.now_ms;
        self.agenda
            .add(self.now_ms + LOOK_MS, Event::Looks(collector));
    }

    /// Vanishes, with what it was at work on. Its lease ends some time.
    pub(super) fn leaves(&mut self, collector: usize) {
        let returns_ms = self.load.collectors[collector]
            .absences
            .iter()
            .filter(|span| span.holds_ms(self.now_ms))
            .map(|span| span.until_s * 1000)
            .max();
        let own = &mut self.collectors[collector];
        own.left_at_ms = Some(self.now_ms);
        own.idle_since_ms = returns_ms.unwrap_or(self.now_ms);
        own.shift += 1;
        if let Some(work) = own.work.take() {
            self.observed.worked_ms += self.now_ms - work.started_ms;
            self.observed.let_go(work.job, self.now_ms);
            let ends_ms = self.now_ms + LEASE_MS;
            self.agenda
                .add(ends_ms, Event::LooksAll(work.configuration));
        }
    }
}
