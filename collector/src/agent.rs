//! The agent: takes jobs from the queues of its configurations, measures them, and delivers what
//! came out. Nothing that was measured is lost when it, the server or the disk fails.

mod api_client;
mod attempt;
mod attempt_log;
mod catalogue;
mod delivery;
mod messenger;
mod polling;
mod self_profiles;
mod spool;
mod telemetry;
mod toolchain_sources;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use shared_types::events::CollectorReport;
use shared_types::job::LEASE_SECONDS;
use shared_types::{ConfigurationId, JobId};
use store::{CollectorPorts, Delivery, QueueName, StoreError};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::CollectorError;
use crate::journal::Journals;
use crate::measure::{Workbench, available_metrics};

pub use api_client::ApiAddress;
use api_client::ApiClient;
use attempt::Handled;
use messenger::Messenger;
pub use polling::IdlePace;
use polling::{Look, Rounds};
use spool::Spool;
use telemetry::Telemetry;
pub use telemetry::TelemetryPage;
pub use toolchain_sources::ToolchainSources;

/// How often an agent says that it is there.
const ALIVE_INTERVAL: Duration = Duration::from_secs(60);

/// How long is waited after a queue could not be looked into, or while no job is to be taken.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// How long a look into a queue may still take once the agent is to stop. Longer than a queue of
/// the cloud lets a receiver wait: what it hands out to one that has gone is lost until its lease
/// ends.
const LAST_LOOK_MAX: Duration = Duration::from_secs(25);

/// An agent.
pub struct Agent {
    ports: CollectorPorts,
    bench: Arc<Workbench>,
    configurations: Vec<ConfigurationId>,
    toolchains: ToolchainSources,
    api: ApiClient,
    pace: IdlePace,
    spool: Spool,
    journals: Journals,
    messenger: Messenger,
    telemetry: Arc<Telemetry>,
    /// Whether another program waits to take this one's place.
    update: Option<watch::Receiver<bool>>,
    job: Mutex<Option<JobId>>,
}

/// What an agent is made of.
pub struct AgentParts {
    /// The queues and objects.
    pub ports: CollectorPorts,
    /// What it measures with.
    pub bench: Workbench,
    /// The configurations that it serves.
    pub configurations: Vec<ConfigurationId>,
    /// Where it looks for toolchains.
    pub toolchains: ToolchainSources,
    /// Where the server is.
    pub api: ApiAddress,
    /// How often it asks for work while there is none.
    pub pace: IdlePace,
}

/// When an agent ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When it is told to.
    Stopped,
    /// After one job.
    OneJob,
    /// When no queue had a job for so long.
    Idle(Duration),
}

/// Why an agent has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was told to stop, or has done what it was to do.
    Done,
    /// Another program is to take this one's place.
    ForUpdate,
}

impl Agent {
    /// An agent of these parts.
    pub fn new(parts: AgentParts) -> Self {
        let AgentParts {
            ports,
            bench,
            configurations,
            toolchains,
            api,
            pace,
        } = parts;
        Self {
            messenger: Messenger::new(Arc::clone(&ports.queue), bench.collector.name.clone()),
            telemetry: Arc::new(Telemetry::new(
                bench.collector.version.clone(),
                &configurations,
            )),
            spool: Spool::new(bench.work.spool()),
            journals: Journals::new(bench.work.journal()),
            update: None,
            ports,
            bench: Arc::new(bench),
            configurations,
            toolchains,
            api: ApiClient::new(api, pace.draining_believed),
            pace,
            job: Mutex::new(None),
        }
    }

    /// One that takes no further job, and ends, once `update` is true.
    #[must_use]
    pub fn leaving_for(self, update: watch::Receiver<bool>) -> Self {
        Self {
            update: Some(update),
            ..self
        }
    }

    /// What it tells a monitoring system.
    pub fn telemetry(&self) -> TelemetryPage {
        TelemetryPage {
            telemetry: Arc::clone(&self.telemetry),
            spool: self.spool.clone(),
            work: self.bench.work.root().to_owned(),
            cache: self.toolchains.cache.clone(),
        }
    }

    /// Works until `until`, or until `stop` becomes true: then it kills what it is measuring and
    /// gives its lease back. What it has finished of the job stays in its journal.
    ///
    /// # Errors
    /// When it cannot describe itself. Failures of the store are told on standard error, and tried
    /// again for as long as it takes.
    pub async fn run(
        &self,
        until: Until,
        mut stop: watch::Receiver<bool>,
    ) -> Result<Ended, CollectorError> {
        let report = self.announce(&mut stop).await?;
        let work = self.work(until, stop);
        let ended = tokio::select! {
            ended = work => ended,
            never = self.say_alive(report.clone()) => return never,
        };
        // Whoever ends in good order is not to be taken for one that fell silent in a job.
        self.messenger.alive(report).await;
        Ok(ended)
    }

    /// Stores the catalogue of the suite and says who is there.
    async fn announce(
        &self,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<CollectorReport, CollectorError> {
        let catalogue = catalogue::Catalogue::of(&self.bench)?;
        delivery::until_stored(
            &*self.ports.objects,
            &catalogue.key(),
            &catalogue.json,
            stop,
        )
        .await;
        let report = CollectorReport {
            collector: self.bench.collector.name.clone(),
            version: self.bench.collector.version.clone(),
            configurations: self.configurations.clone(),
            host: self.bench.host.clone(),
            metrics: available_metrics(&self.bench.counter, self.bench.executor.counters())?,
            suite: catalogue.hash,
            job: None,
        };
        self.messenger.alive(report.clone()).await;
        Ok(report)
    }

    async fn say_alive(&self, report: CollectorReport) -> Result<Ended, CollectorError> {
        loop {
            tokio::time::sleep(ALIVE_INTERVAL).await;
            let mut report = report.clone();
            report.job = *self.job.lock().unwrap_or_else(PoisonError::into_inner);
            self.messenger.alive(report).await;
        }
    }

    async fn work(&self, until: Until, mut stop: watch::Receiver<bool>) -> Ended {
        let mut rounds = Rounds::new(self.configurations.len(), &self.pace);
        let mut idle_since = Instant::now();
        self.expire_journals();
        loop {
            delivery::deliver_all(self, &mut stop).await;
            if *stop.borrow() {
                return Ended::Done;
            }
            if self.is_to_be_updated() {
                return Ended::ForUpdate;
            }
            match self.receive(&mut rounds, &mut stop).await {
                Some((queue, delivery)) if *stop.borrow() || self.is_to_be_updated() => {
                    attempt::give_back(self, &queue, &delivery).await;
                }
                Some((queue, delivery)) => {
                    let handled = attempt::handle(self, &queue, &delivery, &mut stop).await;
                    idle_since = Instant::now();
                    self.expire_journals();
                    if until == Until::OneJob && handled == Handled::Measured {
                        return Ended::Done;
                    }
                }
                None => {
                    if let Until::Idle(limit) = until
                        && rounds.is_complete()
                        && idle_since.elapsed() >= limit
                    {
                        return Ended::Done;
                    }
                }
            }
        }
    }

    fn is_to_be_updated(&self) -> bool {
        let wanted = self.update.as_ref().is_some_and(|update| *update.borrow());
        self.telemetry.leaves_for_update(wanted);
        wanted
    }

    fn expire_journals(&self) {
        match self.journals.expire(SystemTime::now()) {
            Ok(0) => {}
            Ok(expired) => {
                eprintln!("note: {expired} journals of jobs that did not come again were deleted")
            }
            Err(error) => eprintln!("note: old journals could not be deleted: {error}"),
        }
    }

    /// The next job, if the next queue has one, and no person wants this collector to take no more.
    async fn receive(
        &self,
        rounds: &mut Rounds,
        stop: &mut watch::Receiver<bool>,
    ) -> Option<(QueueName, Delivery)> {
        let look = rounds.next_look();
        let pause = rounds.wait().max(PAUSE_MIN);
        if self.api.is_draining(&self.bench.collector.name).await {
            sleep_unless_stopped(pause, stop).await;
            return None;
        }
        let configuration = self.configurations.get(look.queue)?;
        let queue = QueueName::Jobs(configuration.clone());
        let looked = self.look_into(&queue, look, stop).await;
        self.telemetry.polled(configuration, looked.is_ok());
        match looked {
            Ok(delivery) => {
                let delivery = delivery?;
                rounds.found();
                Some((queue, delivery))
            }
            Err(error) => {
                eprintln!("note: no job could be taken from {queue}: {error}");
                sleep_unless_stopped(pause, stop).await;
                None
            }
        }
    }

    /// Looks into a queue. Being told to stop does not break it off, since a message could be on
    /// its way.
    async fn look_into(
        &self,
        queue: &QueueName,
        look: Look,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<Option<Delivery>, StoreError> {
        let lease = Duration::from_secs(LEASE_SECONDS);
        let received = self.ports.queue.receive(queue, 1, lease, look.wait);
        tokio::pin!(received);
        let deliveries = tokio::select! {
            deliveries = &mut received => deliveries,
            _ = stop.wait_for(|stopped| *stopped) => {
                let last = tokio::time::timeout(LAST_LOOK_MAX, received).await;
                last.unwrap_or_else(|_| Ok(Vec::new()))
            }
        };
        Ok(deliveries?.pop())
    }

    /// Forgets what was finished of a job that nobody needs any more.
    fn forget_journal(&self, job: JobId) {
        if let Err(error) = self.journals.forget(job) {
            eprintln!("note: {error}");
        }
    }

    fn set_job(&self, job: Option<JobId>) {
        *self.job.lock().unwrap_or_else(PoisonError::into_inner) = job;
    }
}

async fn sleep_unless_stopped(time: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = stop.wait_for(|stopped| *stopped) => {}
    }
}
