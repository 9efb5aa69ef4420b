//! What the index knows, as far as scheduling asks for it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use shared_types::ids::Attempt;
use shared_types::job::{Job, JobState};
use shared_types::request::{Request, RequestState};
use shared_types::result_document::MeasuredRun;
use shared_types::scheduling::Scheduling;
use shared_types::{ArtifactId, ConfigurationId, JobId, Replicate, RequestId};

use super::load::LoadRequest;

/// Simulations begin on a Monday.
const BEGINNING: Timestamp = Timestamp::constant(1_767_571_200, 0);

/// The time so many milliseconds from the beginning.
pub(super) fn time(at_ms: u64) -> Timestamp {
    let since = SignedDuration::from_millis(i64::try_from(at_ms).unwrap_or(i64::MAX));
    BEGINNING.saturating_add(since).unwrap_or(Timestamp::MAX)
}

/// The milliseconds from the beginning until a time.
pub(super) fn milliseconds(at: Timestamp) -> u64 {
    u64::try_from(at.duration_since(BEGINNING).as_millis()).unwrap_or(0)
}

#[derive(Debug, Default)]
pub(super) struct SimulatedIndex {
    pub(super) requests: Vec<Request>,
    places: BTreeMap<RequestId, usize>,
    pub(super) parents: BTreeMap<ArtifactId, ArtifactId>,
    pub(super) jobs: BTreeMap<JobId, Job>,
    of_request: BTreeMap<RequestId, Vec<JobId>>,
    open: BTreeMap<ConfigurationId, BTreeSet<JobId>>,
    pub(super) scheduling: BTreeMap<ConfigurationId, Scheduling>,
    failed_attempts: BTreeSet<(JobId, Attempt)>,
    stored: BTreeSet<(JobId, Attempt)>,
    indexed: BTreeSet<(JobId, Attempt)>,
    counted: BTreeSet<JobId>,
    jobs_made: u64,
}

impl SimulatedIndex {
    pub(super) fn add_request(&mut self, load: &LoadRequest, now: Timestamp) {
        let number = self.requests.len() as u64;
        let id = RequestId::from_parts(unix_ms(now), &random(number));
        let run = |artifact: &ArtifactId| MeasuredRun {
            artifact: artifact.clone(),
            replicate: Replicate::FIRST,
        };
        if let Some(parent) = &load.parent {
            self.parents.insert(load.head.clone(), parent.clone());
        }
        self.places.insert(id, self.requests.len());
        self.requests.push(Request {
            id,
            base: load.base.as_ref().map(run),
            head: run(&load.head),
            configurations: load.configurations.clone(),
            selection: load.selection.clone(),
            paired: load.paired,
            backfill: load.backfill,
            iterations: load.iterations,
            precision: None,
            self_profile: false,
            time_limit_s: 1800,
            priority: load.priority,
            reason: None,
            requester: load.requester.clone(),
            state: RequestState::Waiting,
            note: None,
            created_at: now,
            finished_at: None,
        });
    }

    /// The request that was made of a part of the load. Requests are made in its order.
    pub(super) fn id_of(&self, load: &LoadRequest) -> Option<RequestId> {
        let same = |request: &&Request| {
            request.head.artifact == load.head
                && request.requester == load.requester
                && milliseconds(request.created_at) == load.at_s * 1000
        };
        self.requests.iter().find(same).map(|request| request.id)
    }

    pub(super) fn request(&self, id: RequestId) -> Option<&Request> {
        self.places.get(&id).map(|place| &self.requests[*place])
    }

    pub(super) fn set_request_state(
        &mut self,
        id: RequestId,
        state: RequestState,
        now: Timestamp,
    ) -> bool {
        let Some(place) = self.places.get(&id) else {
            return false;
        };
        let request = &mut self.requests[*place];
        if request.state.is_final() || request.state == state {
            return false;
        }
        request.state = state;
        request.finished_at = state.is_final().then_some(now);
        true
    }

    pub(super) fn new_job_id(&mut self, now: Timestamp) -> JobId {
        self.jobs_made += 1;
        JobId::from_parts(unix_ms(now), &random(self.jobs_made))
    }

    pub(super) fn add_job(&mut self, job: Job) {
        let of_request = self.of_request.entry(job.request).or_default();
        of_request.push(job.id);
        let open = self.open.entry(job.configuration.clone()).or_default();
        open.insert(job.id);
        self.jobs.insert(job.id, job);
    }

    pub(super) fn jobs_of(&self, id: RequestId) -> Vec<JobId> {
        self.of_request.get(&id).cloned().unwrap_or_default()
    }

    /// The jobs of a request as they are.
    pub(super) fn records_of(&self, id: RequestId) -> Vec<Job> {
        let ids = self.of_request.get(&id).into_iter().flatten();
        ids.filter_map(|id| self.jobs.get(id)).cloned().collect()
    }

    /// Whether a request is cut under a configuration.
    pub(super) fn is_cut(&self, id: RequestId, configuration: &ConfigurationId) -> bool {
        let ids = self.of_request.get(&id).into_iter().flatten();
        ids.filter_map(|id| self.jobs.get(id))
            .any(|job| job.configuration == *configuration)
    }

    /// The jobs of a configuration that are not at their end, in some states, by age.
    pub(super) fn open_in(&self, id: &ConfigurationId, states: &[JobState]) -> Vec<&Job> {
        let ids = self.open.get(id).into_iter().flatten();
        ids.filter_map(|id| self.jobs.get(id))
            .filter(|job| states.contains(&job.state))
            .collect()
    }

    /// Moves a job; returns its state before, and the job, where it was moved.
    pub(super) fn change(
        &mut self,
        id: JobId,
        transition: impl FnOnce(&mut Job) -> bool,
    ) -> Option<(JobState, &Job)> {
        let job = self.jobs.get_mut(&id)?;
        let before = job.state;
        if !transition(job) {
            return None;
        }
        let open = self.open.entry(job.configuration.clone()).or_default();
        if job.state.is_final() {
            open.remove(&id);
        } else {
            open.insert(id);
        }
        Some((before, job))
    }

    pub(super) fn store_result(&mut self, job: JobId, attempt: Attempt) {
        self.stored.insert((job, attempt));
    }

    pub(super) fn results_not_indexed(&self) -> Vec<(JobId, Attempt)> {
        self.stored.difference(&self.indexed).copied().collect()
    }

    /// Whether a result was not indexed before.
    pub(super) fn note_result(&mut self, job: JobId, attempt: Attempt) -> bool {
        self.indexed.insert((job, attempt))
    }

    pub(super) fn is_counted(&self, job: JobId) -> bool {
        self.counted.contains(&job)
    }

    pub(super) fn count(&mut self, job: JobId) {
        self.counted.insert(job);
    }

    /// Whether a failure is the first that is noted of an attempt of an open job.
    pub(super) fn note_failed_attempt(&mut self, job: JobId, attempt: Attempt) -> bool {
        let is_open = self.jobs.get(&job).is_some_and(|job| !job.state.is_final());
        is_open && self.failed_attempts.insert((job, attempt))
    }
}

fn unix_ms(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

/// What makes ids of one millisecond differ, and sort in the order in which they were made.
fn random(number: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    // The first bits are not those of a version or a variant.
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    bytes
}
