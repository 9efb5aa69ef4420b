//! One delivery of a job: measured under a lease that is kept up, delivered, and deleted.

use std::sync::Arc;
use std::time::Duration;

use shared_types::events::ProgressEvent;
use shared_types::format::Versioned;
use shared_types::ids::Attempt;
use shared_types::job::{
    JOB_SECONDS_MAX, JobMessage, JobState, LEASE_EXTENSION_SECONDS, LEASE_SECONDS, PROGRESS_SECONDS,
};
use shared_types::result_document::{FailureKind, ResultDocument};
use shared_types::{ConfigurationId, ObjectKey};
use store::{Delivery, QueueName};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::telemetry::JobEnd;
use super::{Agent, attempt_log, delivery, self_profiles};
use crate::CollectorError;
use crate::measure::{DeliveredJob, JobOutcome, JobProgress};
use crate::toolchain::JobToolchains;

/// How hard results are compressed.
const COMPRESSION_LEVEL: i32 = 9;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handled {
    /// It was measured, or failed.
    Measured,
    /// There was nothing to do, or it was not to be done.
    NotMeasured,
}

/// Why a measuring was ended before it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interruption {
    Cancelled,
    TooLong,
    Stopped,
}

/// What came of measuring.
struct Measured {
    outcome: Result<JobOutcome, CollectorError>,
    /// What was noted, where there is no outcome that has it.
    log: String,
}

/// Handles a delivery from one of the agent's queues.
pub(super) async fn handle(
    agent: &Agent,
    queue: &QueueName,
    delivery: &Delivery,
    stop: &mut watch::Receiver<bool>,
) -> Handled {
    let QueueName::Jobs(configuration) = queue else {
        return Handled::NotMeasured;
    };
    let message = match understood(delivery, configuration) {
        Ok(message) => message,
        Err(reason) => {
            agent.telemetry.ended(configuration, JobEnd::Refused);
            refuse(agent, queue, delivery, &reason).await;
            return Handled::NotMeasured;
        }
    };
    let attempt = AttemptInProgress {
        attempt: Attempt(
            message
                .first_attempt
                .0
                .saturating_add(delivery.receive_count.saturating_sub(1)),
        ),
        agent,
        queue,
        delivery,
        message: Arc::new(message),
    };
    if attempt.is_settled().await {
        agent.forget_journal(attempt.message.job);
        agent.telemetry.ended(configuration, JobEnd::Settled);
        attempt.delete().await;
        return Handled::NotMeasured;
    }
    agent.set_job(Some(attempt.message.job));
    agent.telemetry.began(configuration);
    let end = attempt.work(stop).await;
    agent.telemetry.ended(configuration, end);
    agent.set_job(None);
    Handled::Measured
}

fn understood(delivery: &Delivery, configuration: &ConfigurationId) -> Result<JobMessage, String> {
    let message =
        JobMessage::from_json(delivery.body.as_bytes()).map_err(|error| error.to_string())?;
    if message.configuration == *configuration {
        return Ok(message);
    }
    Err(format!(
        "it is a job of the configuration {}, and came by the queue of {configuration}",
        message.configuration
    ))
}

async fn refuse(agent: &Agent, queue: &QueueName, delivery: &Delivery, reason: &str) {
    eprintln!("note: a message of {queue} was kept aside: {reason}");
    if let Err(error) = agent.ports.queue.reject(queue, delivery, reason).await {
        eprintln!("note: it could not be kept aside and will come again: {error}");
        return;
    }
    if let QueueName::Jobs(configuration) = queue {
        agent
            .messenger
            .refused(configuration, reason, &delivery.body)
            .await;
    }
}

/// Ends the lease of a delivery that is not to be worked on, so that another gets it at once.
pub(super) async fn give_back(agent: &Agent, queue: &QueueName, delivery: &Delivery) {
    let receipt = &delivery.receipt;
    let ended = agent.ports.queue.extend(queue, receipt, Duration::ZERO);
    if let Err(error) = ended.await {
        eprintln!("note: a lease of {queue} could not be given back and ends by itself: {error}");
    }
}

struct AttemptInProgress<'a> {
    agent: &'a Agent,
    queue: &'a QueueName,
    delivery: &'a Delivery,
    message: Arc<JobMessage>,
    attempt: Attempt,
}

impl AttemptInProgress<'_> {
    /// Whether nobody waits for this job any more: the server says so, or an earlier delivery has
    /// left its result.
    async fn is_settled(&self) -> bool {
        let JobMessage {
            job, configuration, ..
        } = &*self.message;
        if self
            .agent
            .api
            .job_state(*job)
            .await
            .is_some_and(JobState::is_final)
        {
            return true;
        }
        let prefix = format!("results/v1/{configuration}/{job}/");
        let page = self.agent.ports.objects.list(&prefix, None, 100).await;
        let keys = page.map(|page| page.keys).unwrap_or_default();
        keys.iter().any(|key| match key.parse() {
            Ok(ObjectKey::Result { attempt, .. }) => attempt >= self.message.first_attempt,
            _ => false,
        })
    }

    /// Tells on standard error what becomes of the job, with the request by which all logs can be
    /// searched.
    fn note(&self, what: std::fmt::Arguments<'_>) {
        let JobMessage { job, request, .. } = &*self.message;
        eprintln!("job {job}, trace={request}: {what}");
    }

    async fn work(&self, stop: &mut watch::Receiver<bool>) -> JobEnd {
        self.note(format_args!("attempt {} begins", self.attempt));
        let begun = Instant::now();
        let (measured, interruption) = self.measure(stop).await;
        self.agent.telemetry.measured_for(begun.elapsed());
        self.agent.bench.executor.leash().mend();
        match (measured.outcome, interruption) {
            (Ok(outcome), _) => match nothing_measured_for_the_hosts_fault(&outcome.document) {
                Some(reason) => self.fail(&outcome.log, &reason).await,
                None => self.deliver(outcome, stop).await,
            },
            (Err(_), Some(Interruption::Cancelled)) => {
                self.note(format_args!("it is not wanted any more"));
                self.keep_log(&measured.log, "it is not wanted any more")
                    .await;
                self.agent.forget_journal(self.message.job);
                self.delete().await;
                JobEnd::Cancelled
            }
            (Err(_), Some(Interruption::Stopped)) => {
                let why = "the collector was stopped, and the job is given back";
                self.keep_log(&measured.log, why).await;
                self.give_back().await
            }
            (Err(_), Some(Interruption::TooLong)) => {
                let hours = JOB_SECONDS_MAX / 3_600;
                let reason = format!("it took more than {hours} hours: cut it into smaller jobs");
                self.fail(&measured.log, &reason).await
            }
            (Err(error), None) => self.fail(&measured.log, &error.to_string()).await,
        }
    }

    /// Leaves the log of an attempt without a result.
    async fn keep_log(&self, log: &str, end: &str) {
        let key = self.log_key();
        let kept = attempt_log::keep(&*self.agent.ports.objects, &key, log, end).await;
        if let Err(reason) = kept {
            self.note(format_args!("its log could not be stored: {reason}"));
        }
    }

    fn log_key(&self) -> ObjectKey {
        ObjectKey::Log {
            job: self.message.job,
            attempt: self.attempt,
        }
    }

    /// Measures, and meanwhile keeps the lease, reports progress, and listens for whoever calls it
    /// off.
    async fn measure(&self, stop: &mut watch::Receiver<bool>) -> (Measured, Option<Interruption>) {
        let (progress_in, mut progress) = watch::channel(JobProgress {
            done: 0,
            total: 0,
            current: "finding toolchains".to_owned(),
        });
        let mut measuring = self.start(progress_in);
        let started = Instant::now();
        let mut tell = every(PROGRESS_SECONDS);
        let mut extend = every(LEASE_EXTENSION_SECONDS);
        let mut told_unit = String::new();
        let mut interruption = None;
        let interrupt = |why| {
            self.agent.bench.executor.leash().cut();
            Some(why)
        };
        loop {
            let ends_early = interruption.is_some();
            tokio::select! {
                measured = &mut measuring => {
                    let measured = measured.unwrap_or_else(|error| Measured {
                        outcome: Err(CollectorError::Execution {
                            program: "the measuring itself".to_owned(),
                            reason: error.to_string(),
                        }),
                        log: String::new(),
                    });
                    return (measured, interruption);
                }
                Ok(()) = progress.changed() => {
                    let current = progress.borrow_and_update().clone();
                    self.agent.telemetry.progressed(&current);
                    let unit = unit_of(&current.current);
                    if unit != told_unit {
                        told_unit = unit;
                        self.tell(current).await;
                    }
                }
                _ = tell.tick() => {
                    let current = progress.borrow().clone();
                    self.tell(current).await;
                }
                _ = extend.tick(), if !ends_early => {
                    self.extend().await;
                    let state = self.agent.api.job_state(self.message.job).await;
                    if state.is_some_and(JobState::is_final) {
                        interruption = interrupt(Interruption::Cancelled);
                    } else if started.elapsed() > Duration::from_secs(JOB_SECONDS_MAX) {
                        interruption = interrupt(Interruption::TooLong);
                    }
                }
                _ = stop.wait_for(|stopped| *stopped), if !ends_early => {
                    interruption = interrupt(Interruption::Stopped);
                }
            }
        }
    }

    /// Starts measuring on a thread of its own.
    fn start(&self, progress: watch::Sender<JobProgress>) -> tokio::task::JoinHandle<Measured> {
        let bench = Arc::clone(&self.agent.bench);
        let toolchains = self.agent.toolchains.clone();
        let message = Arc::clone(&self.message);
        let attempt = self.attempt;
        let journal = self.agent.journals.of_job(message.job);
        let measure = move |log_of_failure: &mut String| {
            // The agent may have stopped listening; the measuring goes on until it is called off.
            let mut tell = |current| drop(progress.send(current));
            let artifacts = message.runs.iter().map(|run| &run.artifact);
            let mut tell_fetching = |current: &str| {
                tell(JobProgress {
                    done: 0,
                    total: 0,
                    current: current.to_owned(),
                });
            };
            let leash = bench.executor.leash();
            // Where the job is refused, not even its compilers' versions are asked for.
            let toolchains = match bench.refusal(&message) {
                Some(_) => JobToolchains::default(),
                None => toolchains.resolve(artifacts, leash, &mut tell_fetching)?,
            };
            let delivered = DeliveredJob {
                job: &message,
                attempt,
                journal: Some(journal),
                log_of_failure,
            };
            bench.measure_delivered(delivered, &toolchains, &mut tell)
        };
        tokio::task::spawn_blocking(move || {
            let mut log = String::new();
            let outcome = measure(&mut log);
            Measured { outcome, log }
        })
    }

    async fn tell(&self, progress: JobProgress) {
        let event = ProgressEvent {
            job: self.message.job,
            attempt: self.attempt,
            collector: String::new(),
            done: progress.done,
            total: progress.total,
            current: progress.current,
            host: self.agent.bench.host.name.clone(),
        };
        self.agent
            .messenger
            .progress(self.message.request, event)
            .await;
    }

    async fn extend(&self) {
        let lease = Duration::from_secs(LEASE_SECONDS);
        let receipt = &self.delivery.receipt;
        if let Err(error) = self
            .agent
            .ports
            .queue
            .extend(self.queue, receipt, lease)
            .await
        {
            // Measuring goes on: its result counts if it is the first.
            self.note(format_args!("the lease could not be extended: {error}"));
        }
    }

    /// Puts the result onto the own disk, then into the store, and only then deletes the message.
    async fn deliver(&self, outcome: JobOutcome, stop: &mut watch::Receiver<bool>) -> JobEnd {
        let units = self.message.units.len() as u64;
        self.agent.telemetry.measured(&outcome.document, units);
        let JobOutcome {
            mut document,
            mut log,
            self_profiles: raw,
        } = outcome;
        let log_key = self.log_key();
        let result_key = ObjectKey::Result {
            configuration: self.message.configuration.clone(),
            job: self.message.job,
            attempt: self.attempt,
        };
        document.log = Some(log_key.clone());
        for note in self_profiles::keep(&self.agent.spool, &mut document, &raw) {
            log.push_str(&note);
            log.push('\n');
        }
        let compressed = serde_json::to_vec(&document)
            .map_err(std::io::Error::other)
            .and_then(|json| {
                let log = zstd::encode_all(log.as_bytes(), COMPRESSION_LEVEL)?;
                Ok((log, zstd::encode_all(json.as_slice(), COMPRESSION_LEVEL)?))
            });
        let (log_bytes, result) = match compressed {
            Ok(compressed) => compressed,
            Err(error) => {
                let reason = format!("its result could not be written: {error}");
                return self.fail(&log, &reason).await;
            }
        };
        let spool = &self.agent.spool;
        let kept = delivery::until_kept(spool, (&log_key, &log_bytes), stop).await
            && delivery::until_kept(spool, (&result_key, &result), stop).await;
        if !kept {
            return self.give_back().await;
        }
        delivery::deliver_all(self.agent, stop).await;
        let is_delivered = spool.undelivered().is_ok_and(|left| left.is_empty());
        if !is_delivered {
            return JobEnd::Spooled;
        }
        self.delete().await;
        JobEnd::Delivered
    }

    /// Tells of a real failure. The message is deleted once that is told: the coordinator sends
    /// another if the job is to be tried again. What was finished stays in the journal for it.
    async fn fail(&self, log: &str, reason: &str) -> JobEnd {
        self.note(format_args!("attempt {} failed: {reason}", self.attempt));
        self.keep_log(log, &format!("the attempt failed: {reason}"))
            .await;
        let told = self
            .agent
            .messenger
            .attempt_failed(&self.message, self.attempt, reason)
            .await;
        match told {
            Ok(()) => self.delete().await,
            Err(error) => self.note(format_args!("the failure could not be told: {error}")),
        }
        JobEnd::Failed
    }

    async fn delete(&self) {
        let deleted = self
            .agent
            .ports
            .queue
            .delete(self.queue, &self.delivery.receipt);
        if let Err(error) = deleted.await {
            self.note(format_args!(
                "the message of the finished job could not be deleted: {error}"
            ));
        }
    }

    async fn give_back(&self) -> JobEnd {
        self.note(format_args!("it is given back"));
        give_back(self.agent, self.queue, self.delivery).await;
        JobEnd::GivenBack
    }
}

/// Benchmarks that fail are a result. Where nothing at all was measured and the host is to blame
/// for all of it, another attempt may help.
fn nothing_measured_for_the_hosts_fault(document: &ResultDocument) -> Option<String> {
    let of_host = |kind| kind == FailureKind::Host;
    let first = document.failures.first()?;
    let all_of_host = document
        .failures
        .iter()
        .all(|failure| of_host(failure.kind));
    (document.measurements.is_empty() && all_of_host).then(|| {
        format!(
            "nothing could be measured: {} {}",
            first.message, first.output
        )
    })
}

/// The benchmark and profile in a description of what is being done.
fn unit_of(current: &str) -> String {
    current.split('/').take(2).collect::<Vec<_>>().join("/")
}

fn every(seconds: u64) -> tokio::time::Interval {
    let period = Duration::from_secs(seconds);
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
