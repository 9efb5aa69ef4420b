//! The answers of the API, beside those that are documents of their own
//! ([`Comparison`](crate::comparison::Comparison), [`SeriesManifest`](crate::series::SeriesManifest)).

mod glance;
mod help;
mod job_attempts;
mod test_case_detail;
mod triage;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::change_point::ChangePoint;
use crate::collector::CollectorRecord;
use crate::comparison::Verdict;
use crate::disturbance::{DisturbedRun, DisturbedState};
use crate::host::SettingChange;
use crate::job::{Job, JobState};
use crate::object_key::ContentHash;
use crate::request::Request;
use crate::result_document::{MeasuringFailure, Origin};
use crate::retraction::RetractedPart;
use crate::run::Side;
use crate::scheduling::Pause;
use crate::shadow::ShadowStatus;
use crate::upkeep::FalseAlarmRate;
use crate::{
    Artifact, ArtifactId, Configuration, ConfigurationId, JobId, ObjectKey, Replicate, RequestId,
    RetractionId,
};

pub use glance::{
    AccessRole, Attention, CollectorDetail, ConfigurationGlance, DeadLetterCount, HealthFinding,
    HealthLevel, HostEpoch, HostFalseAlarms, Overview, OwnToken, RegressionCounts, Trend,
    TrendPoint,
};
pub use help::{CommandHelp, ConfigurationTier, Help, PolicyInForce, PolicyLimit};
pub use job_attempts::{AttemptDetail, AttemptEnd};
pub use test_case_detail::{
    ArtifactSizeFigures, ComparedSide, MetricFigures, QueryFigures, ReplicateFigures,
    ReplicateStanding, TestCaseDetail,
};
pub use triage::{
    Criterion, NewTriageAct, Readiness, TriageConfiguration, TriageEntry, TriageReport,
    TriageStanding,
};

/// The most that a page of a list holds.
pub const PAGE_LIMIT_MAX: u32 = 500;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// An error, as `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `about:blank`, or a name for the kind of error: `urn:perfleet:different-configurations`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of error, in words.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What happened, to what, and what to do.
    pub detail: String,
}

/// A configuration at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationOverview {
    /// The configuration.
    pub configuration: Configuration,
    /// The run that was completed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<RunOverview>,
    /// The comparison that was made last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_comparison: Option<ComparisonReference>,
    /// How many runs it has.
    pub runs: u64,
    /// Its jobs.
    pub queue: QueueStatus,
    /// Collectors that serve it and were heard of lately.
    pub collectors_alive: u32,
    /// How often its A/A comparisons called noise a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub false_alarms: Vec<FalseAlarmRate>,
}

/// The jobs of a configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueStatus {
    /// Jobs in the coordinator's hand.
    pub pending: u32,
    /// Jobs in the queue.
    pub queued: u32,
    /// Jobs that a collector works on.
    pub running: u32,
    /// Compilations done of the jobs that are not at their end.
    pub compilations_done: u64,
    /// Compilations of the jobs that are not at their end.
    pub compilations_total: u64,
    /// Seconds until all of them are done, from what the finished ones took. Absent where nothing
    /// was measured yet to tell from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
}

/// Where a comparison is, and what came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonReference {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// What is compared with.
    pub base: Side,
    /// What is judged.
    pub head: Side,
    /// The metric.
    pub metric: String,
    /// The method.
    pub method: String,
    /// The hash of all that went in.
    pub input_hash: ContentHash,
    /// What came out.
    pub verdict: Verdict,
    /// The answer in one sentence.
    pub headline: String,
    /// The request that wanted it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// When it was computed.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub computed_at: Timestamp,
}

/// A run at a glance: one replicate of an artifact under a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOverview {
    /// The artifact.
    pub artifact: ArtifactId,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Which measuring.
    pub replicate: Replicate,
    /// Jobs that are not at their end.
    pub jobs_left: u32,
    /// When its last result was measured; absent before the first.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub measured_at: Option<Timestamp>,
    /// The hosts that measured it.
    pub hosts: Vec<String>,
    /// Test cases that were measured.
    pub test_cases: u32,
    /// What could not be measured.
    pub failures: u32,
    /// That its results were retracted, all or some. Filled in where it is told, never stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retracted: Option<RetractedPart>,
}

/// A result as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRecord {
    /// Where it is.
    pub key: ObjectKey,
    /// The job.
    pub job: JobId,
    /// Where it comes from.
    pub origin: Origin,
    /// The host that measured it.
    pub host: String,
    /// When it was measured.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub measured_at: Timestamp,
    /// Whether it counts, or an earlier attempt does.
    pub counted: bool,
}

/// All that is known of an artifact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArtifactDetail {
    /// The artifact.
    pub artifact: Artifact,
    /// Its runs, by configuration and replicate.
    pub runs: Vec<RunOverview>,
    /// The next artifact on its line of history, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<ArtifactId>,
    /// The pull request that it belongs to, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequestLink>,
}

/// A pull request, for people to read and to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestLink {
    /// `OWNER/NAME#NUMBER`, or `#NUMBER` where the repository is not known.
    pub name: String,
    /// Where it is; absent where the repository is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What the pull request of a request is to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestComment {
    /// The request.
    pub request: RequestId,
    /// The comment, as Markdown.
    pub markdown: String,
}

/// All that is known of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestDetail {
    /// The request.
    pub request: Request,
    /// Its jobs.
    pub jobs: Vec<Job>,
    /// What came out so far.
    pub comparisons: Vec<ComparisonReference>,
    /// The verdict over its configurations.
    pub verdict: Verdict,
    /// The verdict in one sentence.
    pub verdict_sentence: String,
    /// Compilations done.
    pub compilations_done: u64,
    /// Compilations in all, as far as jobs are cut.
    pub compilations_total: u64,
    /// Seconds until it is done. Absent where nothing was measured yet to tell from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
}

/// What goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The clock of the server.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub now: Timestamp,
    /// The version of the server.
    pub version: String,
    /// What this environment is the shadow of, where it is one: it posts nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<ShadowStatus>,
    /// Each configuration's queue.
    pub configurations: Vec<ConfigurationStatus>,
    /// Each collector.
    pub collectors: Vec<CollectorStatus>,
    /// Requests that are not at their end, the next first, and the last that ended.
    pub requests: Vec<Request>,
    /// What went wrong lately, newest first.
    pub problems: Vec<ReportedProblem>,
    /// What could not be measured lately, newest first.
    pub failures: Vec<FailureRecord>,
}

/// The queue of a configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationStatus {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Its jobs in numbers.
    pub queue: QueueStatus,
    /// Who paused it, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// Jobs that are queued or worked on, with their progress.
    pub jobs: Vec<Job>,
    /// How often its A/A comparisons called noise a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub false_alarms: Vec<FalseAlarmRate>,
    /// Runs on disturbed hosts that are set aside, or were lately, the last found first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disturbed: Vec<DisturbedRun>,
}

/// A collector and whether it is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CollectorStatus {
    /// What is known of it.
    pub collector: CollectorRecord,
    /// Whether it was heard of lately.
    pub alive: bool,
}

/// Something that went wrong and that a person should see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedProblem {
    /// What it is about: an object key, a queue, a request.
    pub subject: String,
    /// What happened and what to do.
    pub message: String,
    /// When it was last seen.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub at: Timestamp,
    /// How often it was seen.
    pub count: u32,
}

/// Something that could not be measured, and in which job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRecord {
    /// The job.
    pub job: JobId,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The host. Absent in what was indexed before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// When.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub at: Timestamp,
    /// What and why.
    pub failure: MeasuringFailure,
}

/// An event on a configuration's charts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    try_from = "crate::written::WrittenEvent"
)]
pub enum ChartEvent {
    /// A series changed.
    ChangePoint(ChangePoint),
    /// From this artifact on another host measured.
    Host {
        /// The first artifact.
        artifact: ArtifactId,
        /// The hosts before.
        before: Vec<String>,
        /// The hosts from here on.
        after: Vec<String>,
    },
    /// From this artifact on a host was set up differently.
    HostSetup {
        /// The first artifact.
        artifact: ArtifactId,
        /// The host.
        host: String,
        /// What is not what it was, one at least.
        changes: Vec<SettingChange>,
    },
    /// This artifact was measured on a disturbed host.
    DisturbedHost {
        /// The artifact.
        artifact: ArtifactId,
        /// Which measuring of it.
        replicate: Replicate,
        /// The hosts that were disturbed.
        hosts: Vec<String>,
        /// What became of the measuring.
        state: DisturbedState,
        /// What was found, in words.
        sentence: String,
    },
    /// Results of these artifacts were retracted: where none are left, the charts have a gap.
    Retracted {
        /// The retraction.
        retraction: RetractionId,
        /// The first artifact.
        artifact: ArtifactId,
        /// The last artifact.
        until: ArtifactId,
        /// The place of the first on the line. It may be on no chart any more.
        first_ordinal: i64,
        /// The place of the last.
        last_ordinal: i64,
        /// What was retracted, by whom and why, in words.
        sentence: String,
    },
}

/// All that is known of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobDetail {
    /// The job.
    pub job: JobId,
    /// Where it stands.
    pub state: JobState,
    /// The job as the index keeps it.
    pub record: Job,
    /// Its results, in order of attempt.
    pub results: Vec<ResultRecord>,
    /// Every attempt at it that is known, the first one first. Absent in answers of older servers.
    #[serde(default)]
    pub attempts: Vec<AttemptDetail>,
}

/// Where a job stands, as a collector asks before it starts and at each extension of its lease: the
/// part of [`JobDetail`] that it reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobStanding {
    /// The job.
    pub job: JobId,
    /// Where it stands.
    pub state: JobState,
}
