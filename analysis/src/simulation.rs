//! A fleet in a model: the real rules of scheduling, over days of load, with hosts that are slow or
//! vanish, and queues that lose, double and reorder.
//!
//! What is decided is decided by [`schedule`](crate::schedule) and moved by
//! [`job_transitions`](shared_types::job_transitions), the code that the coordinator and the stores
//! run. What is made up is what stands around it: queues, collectors, the passing of time, faults.
//! The same load, faults and seed give the same outcome.

mod agenda;
mod collectors;
mod coordinator;
mod fixed_assignment;
mod index;
mod load;
mod lower_bound;
mod made_load;
mod observations;
mod outcome;
mod queues;
mod report;
mod wanted_work;

use shared_types::ids::Attempt;
use shared_types::job::JobFailure;
use shared_types::request::RequestState;
use shared_types::{JobId, job_transitions};

use crate::backtest::random::SeededNumbers;
use agenda::{Agenda, Event, Told};
use collectors::SimulatedCollector;
use index::SimulatedIndex;
use observations::Observations;
use queues::Queues;

pub use fixed_assignment::{FixedOutcome, fixed_assignment};
pub use load::{
    Load, LoadBenchmark, LoadCollector, LoadConfiguration, LoadDuration, LoadRequest, Span,
};
pub use lower_bound::lower_bound_s;
pub use made_load::{MadeLoad, Pattern};
pub use outcome::{Answer, Outcome, Quantiles};
pub use report::{SimulationReport, describe, report};

/// What goes wrong, as probabilities from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Faults {
    /// A message is lost: a job that was handed out, what a collector tells, or that a result is there.
    pub lost: f64,
    /// A message arrives twice.
    pub doubled: f64,
    /// A message is late, by up to two minutes, or is overtaken in its queue.
    pub late: f64,
    /// An attempt of a job fails.
    pub attempt_fails: f64,
}

impl Faults {
    /// More than a fleet sees in a bad week.
    pub const MANY: Self = Self {
        lost: 0.02,
        doubled: 0.05,
        late: 0.1,
        attempt_fails: 0.03,
    };
}

/// How often the coordinator looks for something to do where no event tells it to, in seconds: as in
/// the cloud.
pub const TICK_SECONDS: u64 = 60;
/// How often what is stored is held against what is indexed, in seconds.
const RECONCILIATION_SECONDS: u64 = 60 * 60;
/// How often it is noted what is expected, to hold it against what came, in seconds.
const FORECAST_SECONDS: u64 = 30 * 60;
/// So long after the last thing that was planned a fleet may go on, in seconds: then it hangs.
const LAST_SECONDS_MAX: u64 = 400 * 24 * 60 * 60;

/// Lets a fleet work through a load until all is done.
pub fn simulate(load: &Load, faults: Faults, seed: u64) -> Outcome {
    let mut simulation = Simulation::new(load, faults, seed);
    simulation.run();
    simulation.outcome()
}

struct Simulation<'a> {
    load: &'a Load,
    faults: Faults,
    numbers: SeededNumbers,
    now_ms: u64,
    agenda: Agenda,
    index: SimulatedIndex,
    queues: Queues,
    collectors: Vec<SimulatedCollector>,
    observed: Observations,
}

impl<'a> Simulation<'a> {
    fn new(load: &'a Load, faults: Faults, seed: u64) -> Self {
        let mut agenda = Agenda::default();
        for (place, request) in load.requests.iter().enumerate() {
            agenda.add(request.at_s * 1000, Event::Asked(place));
        }
        agenda.add(0, Event::Tick { again: true });
        agenda.add(RECONCILIATION_SECONDS * 1000, Event::Reconcile);
        agenda.add(FORECAST_SECONDS * 1000, Event::Forecast);
        let mut collectors = Vec::new();
        for (place, collector) in load.collectors.iter().enumerate() {
            for absence in &collector.absences {
                agenda.add(absence.from_s * 1000, Event::Leaves(place));
                agenda.add(absence.until_s * 1000, Event::Looks(place));
            }
            for drain in &collector.drains {
                agenda.add(drain.until_s * 1000, Event::Looks(place));
            }
            collectors.push(SimulatedCollector::default());
        }
        Self {
            load,
            faults,
            numbers: SeededNumbers::part(seed, 1),
            now_ms: 0,
            agenda,
            index: SimulatedIndex::default(),
            queues: Queues::default(),
            collectors,
            observed: Observations::default(),
        }
    }

    fn run(&mut self) {
        let last_planned_ms = self.agenda.last_ms();
        while let Some((at_ms, event)) = self.agenda.next() {
            self.now_ms = at_ms;
            self.happen(event);
            if self.is_done() {
                break;
            }
            if at_ms > last_planned_ms + LAST_SECONDS_MAX * 1000 {
                self.observed
                    .violation("the fleet did not come to an end".to_owned());
                break;
            }
        }
    }

    fn is_done(&self) -> bool {
        self.index.requests.len() == self.load.requests.len()
            && self.index.requests.iter().all(|one| one.state.is_final())
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Asked(place) => self.asked(place),
            Event::Cancelled(place) => self.cancelled(place),
            Event::Held(place) => self.moved(place, RequestState::Paused),
            Event::Resumed(place) => self.moved(place, RequestState::Waiting),
            Event::Tick { again } => {
                self.tick();
                if again {
                    let next_ms = self.now_ms + TICK_SECONDS * 1000;
                    self.agenda.add(next_ms, Event::Tick { again });
                }
            }
            Event::Reconcile => {
                for (job, attempt) in self.index.results_not_indexed() {
                    self.ingest(job, attempt);
                }
                let next_ms = self.now_ms + RECONCILIATION_SECONDS * 1000;
                self.agenda.add(next_ms, Event::Reconcile);
            }
            Event::Forecast => {
                self.note_forecast();
                let next_ms = self.now_ms + FORECAST_SECONDS * 1000;
                self.agenda.add(next_ms, Event::Forecast);
            }
            Event::Told(told) => self.told(told),
            Event::Looks(collector) => self.looks_for_work(collector),
            Event::LooksAll(configuration) => self.all_look_for_work(&configuration),
            Event::Extends { collector, shift } => self.extends(collector, shift),
            Event::Finishes { collector, shift } => self.finishes(collector, shift),
            Event::Leaves(collector) => self.leaves(collector),
        }
    }

    fn asked(&mut self, place: usize) {
        let request = &self.load.requests[place];
        let now = self.now();
        self.index.add_request(request, now);
        if let Some(at_s) = request.cancelled_at_s {
            let at_ms = (at_s * 1000).max(self.now_ms);
            self.agenda.add(at_ms, Event::Cancelled(place));
        }
        if let Some(paused) = request.paused {
            let from_ms = (paused.from_s * 1000).max(self.now_ms);
            self.agenda.add(from_ms, Event::Held(place));
            self.agenda
                .add(from_ms.max(paused.until_s * 1000), Event::Resumed(place));
        }
        self.agenda.add(self.now_ms, Event::Tick { again: false });
    }

    fn cancelled(&mut self, place: usize) {
        let Some(id) = self.index.id_of(&self.load.requests[place]) else {
            return;
        };
        let now = self.now();
        if !self
            .index
            .set_request_state(id, RequestState::Cancelled, now)
        {
            return;
        }
        for job in self.index.jobs_of(id) {
            let change = |job: &mut _| job_transitions::cancel(job, now);
            self.change(job, change);
        }
        self.observed.cancelled_at_ms.insert(id, self.now_ms);
        self.agenda.add(self.now_ms, Event::Tick { again: false });
    }

    fn moved(&mut self, place: usize, state: RequestState) {
        if let Some(id) = self.index.id_of(&self.load.requests[place]) {
            let now = self.now();
            self.index.set_request_state(id, state, now);
            self.agenda.add(self.now_ms, Event::Tick { again: false });
        }
    }

    /// What a collector, or the storage, tells arrives.
    fn told(&mut self, told: Told) {
        let now = self.now();
        match told {
            Told::Progress(event) => {
                let change = |job: &mut _| job_transitions::note_progress(job, &event, now);
                self.change(event.job, change);
            }
            Told::Failed {
                job,
                attempt,
                collector,
            } => {
                let failure = JobFailure {
                    attempt,
                    collector,
                    reason: "it was to fail".to_owned(),
                    at: now,
                };
                self.fail(job, &failure);
                self.agenda.add(self.now_ms, Event::Tick { again: false });
            }
            Told::Stored { job, attempt } => {
                self.ingest(job, attempt);
                self.agenda.add(self.now_ms, Event::Tick { again: false });
            }
        }
    }

    /// Indexes a result, once.
    fn ingest(&mut self, job: JobId, attempt: Attempt) {
        if !self.index.note_result(job, attempt) {
            return;
        }
        if self.index.is_counted(job) {
            self.observed.results_doubled += 1;
            return;
        }
        self.index.count(job);
        self.observed.results_counted += 1;
        let now = self.now();
        self.change(job, |job| job_transitions::complete(job, now));
    }

    fn fail(&mut self, id: JobId, failure: &JobFailure) {
        if self.index.note_failed_attempt(id, failure.attempt) {
            let mut outcome = job_transitions::FailureOutcome::Unchanged;
            self.change(id, |job| {
                outcome = job_transitions::fail(job, failure);
                outcome != job_transitions::FailureOutcome::Unchanged
            });
        }
    }

    /// Moves a job, and notes when it ends and from when on it waits.
    fn change(
        &mut self,
        id: JobId,
        transition: impl FnOnce(&mut shared_types::job::Job) -> bool,
    ) -> bool {
        let Some((before, job)) = self.index.change(id, transition) else {
            return false;
        };
        self.observed.moved(before, job, self.now_ms);
        true
    }

    /// Tells the coordinator something, by a queue that may lose, double and delay it.
    fn tell(&mut self, told: &Told) {
        let copies = self.copies();
        for _ in 0..copies {
            let delay_ms = 1000 + self.delay_ms();
            let event = Event::Told(told.clone());
            self.agenda.add(self.now_ms + delay_ms, event);
        }
    }

    /// How many times a message arrives.
    fn copies(&mut self) -> u32 {
        let (lost, doubled) = (self.numbers.uniform(), self.numbers.uniform());
        if lost < self.faults.lost {
            0
        } else if doubled < self.faults.doubled {
            2
        } else {
            1
        }
    }

    fn delay_ms(&mut self) -> u64 {
        let (late, by) = (self.numbers.uniform(), self.numbers.uniform());
        if late < self.faults.late {
            (by * 120_000.0) as u64
        } else {
            0
        }
    }

    fn now(&self) -> jiff::Timestamp {
        index::time(self.now_ms)
    }
}

#[cfg(test)]
mod tests;
