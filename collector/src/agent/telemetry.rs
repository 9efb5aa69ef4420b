//! What a monitoring system may want to know of an agent. Nothing secret is in it: no token, no URL,
//! and of jobs nothing but their configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use shared_types::ConfigurationId;
use shared_types::exposition::{Exposition, FamilyKind};
use shared_types::result_document::ResultDocument;

use super::spool::Spool;
use crate::doctor::free_bytes;
use crate::measure::JobProgress;
use crate::toolchain::ToolchainCache;

/// How a delivery of a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum JobEnd {
    /// Its result is in the store.
    Delivered,
    /// Its result waits on this disk.
    Spooled,
    /// The attempt failed.
    Failed,
    /// Nobody wanted it any more.
    Cancelled,
    /// It was done already when it came.
    Settled,
    /// It went back to its queue, since the agent was told to stop.
    GivenBack,
    /// Its message was not understood.
    Refused,
}

impl JobEnd {
    const ALL: [Self; 7] = [
        Self::Delivered,
        Self::Spooled,
        Self::Failed,
        Self::Cancelled,
        Self::Settled,
        Self::GivenBack,
        Self::Refused,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Spooled => "spooled",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Settled => "settled",
            Self::GivenBack => "given-back",
            Self::Refused => "refused",
        }
    }
}

/// Counts what an agent does.
#[derive(Debug)]
pub(super) struct Telemetry {
    version: String,
    started_at: Timestamp,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    of_configuration: BTreeMap<ConfigurationId, ConfigurationCounts>,
    measuring: Duration,
    delivery_errors: u64,
    last_contact: Option<Timestamp>,
    job: Option<CurrentJob>,
    leaves_for_update: bool,
}

#[derive(Debug, Default)]
struct ConfigurationCounts {
    ends: BTreeMap<JobEnd, u64>,
    polls: u64,
    poll_errors: u64,
    units_measured: u64,
    units_resumed: u64,
    disturbed: u64,
}

#[derive(Debug)]
struct CurrentJob {
    configuration: ConfigurationId,
    begun_at: Timestamp,
    done: u64,
    total: u64,
}

/// What is on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct OnDisk {
    spool_objects: u64,
    spool_bytes: u64,
    /// How long the oldest object of the spool has been there, in seconds.
    spool_age_s: f64,
    toolchain_cache_bytes: Option<u64>,
    free_bytes: Option<u64>,
}

impl Telemetry {
    pub(super) fn new(version: String, configurations: &[ConfigurationId]) -> Self {
        let counted = configurations.iter().cloned();
        let counts = Counts {
            of_configuration: counted
                .map(|configuration| (configuration, ConfigurationCounts::default()))
                .collect(),
            ..Counts::default()
        };
        Self {
            version,
            started_at: Timestamp::now(),
            counts: Mutex::new(counts),
        }
    }

    /// A queue was looked into.
    pub(super) fn polled(&self, configuration: &ConfigurationId, is_answered: bool) {
        self.count(|counts| {
            let of = counts
                .of_configuration
                .entry(configuration.clone())
                .or_default();
            of.polls += 1;
            if is_answered {
                counts.last_contact = Some(Timestamp::now());
            } else {
                of.poll_errors += 1;
            }
        });
    }

    pub(super) fn began(&self, configuration: &ConfigurationId) {
        self.count(|counts| {
            counts.job = Some(CurrentJob {
                configuration: configuration.clone(),
                begun_at: Timestamp::now(),
                done: 0,
                total: 0,
            });
        });
    }

    pub(super) fn progressed(&self, progress: &JobProgress) {
        self.count(|counts| {
            if let Some(job) = &mut counts.job {
                (job.done, job.total) = (progress.done, progress.total);
            }
        });
    }

    /// Measuring has ended, however it did.
    pub(super) fn measured_for(&self, time: Duration) {
        self.count(|counts| counts.measuring += time);
    }

    /// What came of `units` units.
    pub(super) fn measured(&self, document: &ResultDocument, units: u64) {
        let resumed = document.resumed.len() as u64;
        let disturbed = document
            .measurements
            .iter()
            .filter(|measurement| {
                let name = measurement.test_case.name();
                let is_of = |unit: &str| {
                    name.strip_prefix(unit)
                        .is_some_and(|rest| rest.starts_with('/'))
                };
                !document.resumed.iter().any(|resumed| is_of(&resumed.unit))
            })
            .map(|measurement| measurement.disturbed.len() as u64)
            .sum::<u64>();
        self.count(|counts| {
            let of = counts
                .of_configuration
                .entry(document.configuration.clone())
                .or_default();
            of.units_measured += units.saturating_sub(resumed);
            of.units_resumed += resumed;
            of.disturbed += disturbed;
        });
    }

    pub(super) fn ended(&self, configuration: &ConfigurationId, end: JobEnd) {
        self.count(|counts| {
            counts.job = None;
            let of = counts
                .of_configuration
                .entry(configuration.clone())
                .or_default();
            *of.ends.entry(end).or_default() += 1;
        });
    }

    pub(super) fn delivery_failed(&self) {
        self.count(|counts| counts.delivery_errors += 1);
    }

    pub(super) fn delivered(&self) {
        self.count(|counts| counts.last_contact = Some(Timestamp::now()));
    }

    pub(super) fn leaves_for_update(&self, leaves: bool) {
        self.count(|counts| counts.leaves_for_update = leaves);
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn text(&self, disk: &OnDisk, now: Timestamp) -> String {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = Exposition::default();
        text.family(
            "perfleet_collector_build_info",
            FamilyKind::Gauge,
            "The version of the collector and of its measuring protocol.",
        )
        .sample(
            &[
                ("version", &self.version),
                ("protocol", crate::measure::PROTOCOL),
            ],
            1.0,
        );
        gauge(
            &mut text,
            "perfleet_collector_start_time_seconds",
            "When the agent started, since 1970.",
            Some(seconds(self.started_at)),
        );
        write_jobs(&mut text, &counts);
        write_current(&mut text, counts.job.as_ref(), now);
        counts.write_totals(&mut text);
        disk.write(&mut text);
        text.into_text()
    }
}

fn write_jobs(text: &mut Exposition, counts: &Counts) {
    let mut jobs = text.family(
        "perfleet_collector_jobs_total",
        FamilyKind::Counter,
        "Deliveries of jobs, by how they ended.",
    );
    for (configuration, of) in &counts.of_configuration {
        for end in JobEnd::ALL {
            let count = of.ends.get(&end).copied().unwrap_or_default();
            let labels = [
                ("configuration", configuration.as_str()),
                ("outcome", end.label()),
            ];
            jobs.sample(&labels, count as f64);
        }
    }
    let mut units = text.family(
        "perfleet_collector_units_total",
        FamilyKind::Counter,
        "Units of jobs: measured, or taken from what an interrupted attempt had finished.",
    );
    for (configuration, of) in &counts.of_configuration {
        for (origin, count) in [
            ("measured", of.units_measured),
            ("journal", of.units_resumed),
        ] {
            let labels = [
                ("configuration", configuration.as_str()),
                ("origin", origin),
            ];
            units.sample(&labels, count as f64);
        }
    }
    type Count = fn(&ConfigurationCounts) -> u64;
    let families: [(&str, &str, Count); 3] = [
        (
            "perfleet_collector_disturbed_iterations_total",
            "Iterations that something else on the host spoilt.",
            |of| of.disturbed,
        ),
        (
            "perfleet_collector_queue_polls_total",
            "Looks into the queue.",
            |of| of.polls,
        ),
        (
            "perfleet_collector_queue_errors_total",
            "Looks into the queue that failed.",
            |of| of.poll_errors,
        ),
    ];
    for (name, help, count) in families {
        let mut family = text.family(name, FamilyKind::Counter, help);
        for (configuration, of) in &counts.of_configuration {
            let labels = [("configuration", configuration.as_str())];
            family.sample(&labels, count(of) as f64);
        }
    }
}

fn write_current(text: &mut Exposition, job: Option<&CurrentJob>, now: Timestamp) {
    gauge(
        text,
        "perfleet_collector_job_running",
        "Whether a job is being worked on.",
        Some(f64::from(u8::from(job.is_some()))),
    );
    let Some(job) = job else {
        return;
    };
    let age = now.duration_since(job.begun_at).as_secs_f64().max(0.0);
    for (name, help, value) in [
        (
            "perfleet_collector_job_age_seconds",
            "How long the current job has been worked on.",
            age,
        ),
        (
            "perfleet_collector_job_compilations_done",
            "Compilations of the current job that are done.",
            job.done as f64,
        ),
        (
            "perfleet_collector_job_compilations",
            "Compilations of the current job in all.",
            job.total as f64,
        ),
    ] {
        let labels = [("configuration", job.configuration.as_str())];
        text.family(name, FamilyKind::Gauge, help)
            .sample(&labels, value);
    }
}

impl Counts {
    fn write_totals(&self, text: &mut Exposition) {
        text.family(
            "perfleet_collector_measuring_seconds_total",
            FamilyKind::Counter,
            "Time that was spent on measuring jobs, in seconds.",
        )
        .sample(&[], self.measuring.as_secs_f64());
        text.family(
            "perfleet_collector_delivery_errors_total",
            FamilyKind::Counter,
            "Trials to bring results into the store that failed.",
        )
        .sample(&[], self.delivery_errors as f64);
        gauge(
            text,
            "perfleet_collector_last_contact_timestamp_seconds",
            "When a queue or the store last answered, since 1970.",
            self.last_contact.map(seconds),
        );
        gauge(
            text,
            "perfleet_collector_update_pending",
            "Whether the agent takes no further job until it has become another program.",
            Some(f64::from(u8::from(self.leaves_for_update))),
        );
    }
}

impl OnDisk {
    fn write(&self, text: &mut Exposition) {
        for (name, help, value) in [
            (
                "perfleet_collector_spool_objects",
                "Logs, profiles and results that are not delivered yet.",
                Some(self.spool_objects as f64),
            ),
            (
                "perfleet_collector_spool_bytes",
                "What they take on the disk.",
                Some(self.spool_bytes as f64),
            ),
            (
                "perfleet_collector_spool_age_seconds",
                "How long the oldest of them has been waiting.",
                Some(self.spool_age_s),
            ),
            (
                "perfleet_collector_toolchain_cache_bytes",
                "What fetched toolchains take on the disk.",
                self.toolchain_cache_bytes.map(|bytes| bytes as f64),
            ),
            (
                "perfleet_collector_disk_free_bytes",
                "Free space where the work folder is.",
                self.free_bytes.map(|bytes| bytes as f64),
            ),
        ] {
            gauge(text, name, help, value);
        }
    }
}

/// A family of one sample, or none where it is not known.
fn gauge(text: &mut Exposition, name: &'static str, help: &str, value: Option<f64>) {
    if let Some(value) = value {
        text.family(name, FamilyKind::Gauge, help)
            .sample(&[], value);
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1e3
}

/// What an agent tells a monitoring system.
#[derive(Clone)]
pub struct TelemetryPage {
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) spool: Spool,
    pub(super) work: PathBuf,
    pub(super) cache: Option<Arc<ToolchainCache>>,
}

impl TelemetryPage {
    /// All of it as it is now, in Prometheus' text format. A few small files are read for it, and
    /// nothing is started, so that it may be asked while something is measured.
    pub fn text(&self) -> String {
        self.telemetry.text(&self.on_disk(), Timestamp::now())
    }

    fn on_disk(&self) -> OnDisk {
        let now = SystemTime::now();
        let mut disk = OnDisk {
            toolchain_cache_bytes: self.cache.as_ref().map(|cache| cache.bytes()),
            free_bytes: free_bytes(&self.work).ok().flatten(),
            ..OnDisk::default()
        };
        for spooled in self.spool.undelivered().unwrap_or_default() {
            // One that is delivered meanwhile is not there any more.
            let Ok(file) = std::fs::metadata(&spooled.path) else {
                continue;
            };
            disk.spool_objects += 1;
            disk.spool_bytes += file.len();
            let age = file
                .modified()
                .ok()
                .and_then(|at| now.duration_since(at).ok());
            disk.spool_age_s = disk.spool_age_s.max(age.unwrap_or_default().as_secs_f64());
        }
        disk
    }
}

#[cfg(test)]
mod tests;
