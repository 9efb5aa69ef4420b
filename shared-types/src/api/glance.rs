//! The answers that pages at a glance are made of: the overview, one collector, one's own token.

use serde::{Deserialize, Serialize};

use super::{CollectorStatus, RunOverview};
use crate::disturbance::DisturbedRun;
use crate::host::SettingChange;
use crate::job::Job;
use crate::text::word_enum;
use crate::upkeep::FalseAlarmRate;
use crate::{ArtifactId, ConfigurationId, MetricName};

/// All configurations at a glance, and what waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Each configuration, by name.
    pub configurations: Vec<ConfigurationGlance>,
    /// What waits for a person.
    pub attention: Attention,
}

/// How a configuration is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationGlance {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Its last runs in one number each; absent before there is a series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
    /// What got worse and is not fixed.
    pub regressions: RegressionCounts,
    /// Hosts with a disturbed run that is set aside, by name.
    pub disturbed_hosts: Vec<String>,
}

/// The last runs of a configuration on its foremost line of history, in one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// The metric.
    pub metric: MetricName,
    /// How many artifacts the line has from the first run to the last, measured or not.
    pub places: u32,
    /// The runs, oldest first. A place without one was not measured, or too little of it was.
    pub points: Vec<TrendPoint>,
}

/// One run as a point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrendPoint {
    /// The artifact.
    pub artifact: ArtifactId,
    /// Its place among the artifacts of the line, from 0.
    pub place: u32,
    /// The geometric mean of its test cases, each relative to the median of its series over these
    /// runs: 0.01 is 1 % above.
    pub relative: f64,
    /// How many test cases went in.
    pub test_cases: u32,
}

/// Regressions by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegressionCounts {
    /// Nobody has said anything of them.
    pub untriaged: u32,
    /// Acknowledged, and past their day.
    pub overdue: u32,
    /// Acknowledged, and not fixed.
    pub acknowledged: u32,
}

/// What waits for a person, over all configurations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// Changes that nobody has said anything of.
    pub untriaged: u32,
    /// Changes whose acknowledgement is past its day.
    pub overdue: u32,
    /// Open changes on which gating configurations contradict each other.
    pub conflicts: u32,
    /// Queues with messages that could not be handled.
    pub dead_letters: Vec<DeadLetterCount>,
    /// Stored files that were refused lately.
    pub refused_files: u32,
}

/// How many messages of a queue could not be handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetterCount {
    /// The queue.
    pub queue: String,
    /// How many.
    pub messages: u64,
}

/// All that is known of a collector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CollectorDetail {
    /// What it says of itself.
    pub status: CollectorStatus,
    /// What can be said of its health, the worst first.
    pub health: Vec<HealthFinding>,
    /// The job that it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
    /// How its host was set up while it measured, the newest first.
    pub host_epochs: Vec<HostEpoch>,
    /// The last runs in which its host measured, the newest first.
    pub runs: Vec<RunOverview>,
    /// Runs on its host that were disturbed, the last found first.
    pub disturbed: Vec<DisturbedRun>,
    /// How often A/A comparisons on its host called noise a change.
    pub false_alarms: Vec<HostFalseAlarms>,
}

word_enum! {
    /// How good or bad a finding about a collector is.
    HealthLevel, "a level: bad, attention or good" {
        /// It does not do its work, or what it measures cannot be trusted.
        Bad => "bad",
        /// A person should know.
        Attention => "attention",
        /// As it should be.
        Good => "good",
    }
}

/// One thing that can be said of a collector's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthFinding {
    /// How bad it is.
    pub level: HealthLevel,
    /// What it is, and what to do where there is something to do.
    pub sentence: String,
}

/// A stretch of artifacts over which a host was set up in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostEpoch {
    /// The configuration under which it measured.
    pub configuration: ConfigurationId,
    /// The first artifact that it measured so.
    pub first: ArtifactId,
    /// The last artifact that it measured so.
    pub last: ArtifactId,
    /// How many artifacts it measured so.
    pub artifacts: u32,
    /// What differs from the stretch before; nothing in the first.
    pub changes: Vec<SettingChange>,
}

/// A false-alarm rate of one host under one configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostFalseAlarms {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The rate.
    pub rate: FalseAlarmRate,
}

word_enum! {
    /// What a token may do.
    AccessRole, "a role: read, collector, request, triage or admin" {
        /// Read, which needs no token.
        Read => "read",
        /// Take jobs and store results.
        Collector => "collector",
        /// Ask for measurements, and cancel, pause or repeat them.
        Request => "request",
        /// Decide what changes mean.
        Triage => "triage",
        /// Drain collectors, pause configurations, and all else.
        Admin => "admin",
    }
}

/// Whose token this is, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnToken {
    /// The person.
    pub person: String,
    /// The role.
    pub role: AccessRole,
    /// The roles whose routes it may use.
    pub may: Vec<AccessRole>,
}
