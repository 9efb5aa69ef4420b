//! Jobs: the units that are queued, the message that carries one, and what the index keeps of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::format::Versioned;
use crate::ids::Attempt;
use crate::job_units::{RUNTIME_ITERATIONS_MIN, RuntimeUnit, ToolchainUnit};
use crate::result_document::MeasuredRun;
use crate::text::word_enum;
use crate::{
    ArtifactId, BenchmarkName, ConfigurationId, ConfigurationRecord, FormatVersion, InvalidInput,
    JobId, Profile, RequestId, Scenario,
};

/// The most jobs that one configuration of a request can have: so many a cloud's database adds in
/// one transaction, beside what else changes with them.
pub const JOBS_MAX: usize = 90;

/// How many times one release of a job may be delivered before the queue gives up on it. High, so
/// that a bad network does not dead-letter a good job.
pub const DELIVERIES_PER_RELEASE: u32 = 20;

/// How many real failures end a job.
pub const FAILURES_UNTIL_FAILED: u32 = 3;

/// The length of a lease, in seconds.
pub const LEASE_SECONDS: u64 = 300;

/// How often a working collector extends its lease, in seconds.
pub const LEASE_EXTENSION_SECONDS: u64 = 60;

/// How often a working collector reports progress, in seconds.
pub const PROGRESS_SECONDS: u64 = 10;

/// The longest that a job may take, in seconds: a lease cannot be extended for ever.
pub const JOB_SECONDS_MAX: u64 = 2 * 60 * 60;

/// How many attempts at a job are remembered.
pub const ATTEMPTS_MAX: usize = 40;

/// Of the reason of a failed attempt so much is remembered behind that of the job's failures, in bytes.
pub const ATTEMPT_REASON_BYTES_MAX: usize = 1_000;

/// The largest message, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// The message that hands a job to a collector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobMessage {
    /// The version of this format.
    pub format: FormatVersion,
    /// The job.
    pub job: JobId,
    /// The request that it is a part of.
    pub request: RequestId,
    /// The attempt of the first delivery of this release; the `n`th delivery is attempt
    /// `first_attempt + n - 1`.
    pub first_attempt: Attempt,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Its record, so that a collector needs no table.
    pub record: ConfigurationRecord,
    /// One run, or base and head to be interleaved.
    pub runs: Vec<MeasuredRun>,
    /// Which compilations to measure.
    pub units: Vec<JobUnit>,
    /// Which programs to measure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runtime_units: Vec<RuntimeUnit>,
    /// What to measure of the toolchain itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub toolchain_units: Vec<ToolchainUnit>,
    /// Iterations of each test case. At least 1.
    pub iterations: u32,
    /// Further iterations until its time is known that well; without it, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Whether each test case is compiled once more, apart from what is measured, to record which
    /// queries of the compiler take its time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub self_profile: bool,
    /// The longest that one compilation may take, in seconds.
    pub time_limit_s: u64,
    /// Follows the work from request to comment through all logs.
    pub trace_id: String,
    /// Whether somebody vouches for the compilers. Absent in messages of older senders; see
    /// [`JobMessage::is_trusted`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
}

word_enum! {
    /// Whether somebody vouches for what a job runs.
    Trust, "a trust: trusted or untrusted" {
        /// Its compilers are releases and commits of the main branch.
        Trusted => "trusted",
        /// One of them may be anybody's: a try build, or a toolchain of somebody's machine.
        Untrusted => "untrusted",
    }
}

impl JobMessage {
    /// How many kinds its units are of.
    fn kinds(&self) -> usize {
        let lengths = [
            self.units.len(),
            self.runtime_units.len(),
            self.toolchain_units.len(),
        ];
        lengths.iter().filter(|length| **length > 0).count()
    }

    /// How often something is measured: test cases, times runs, times iterations. What is measured
    /// again for a disturbance or for precision comes on top.
    pub fn compilations(&self) -> u64 {
        let runs = self.runs.len() as u64;
        runs * compilations_of_a_run(
            &self.units,
            &self.runtime_units,
            &self.toolchain_units,
            self.iterations,
        )
    }

    /// Whether somebody vouches for the compilers. Where the sender did not say, a release is
    /// vouched for by its name, and nothing else is: a commit may be a try build's.
    pub fn is_trusted(&self) -> bool {
        match self.trust {
            Some(trust) => trust == Trust::Trusted,
            None => {
                let is_release = |run: &MeasuredRun| matches!(run.artifact, ArtifactId::Release(_));
                self.runs.iter().all(is_release)
            }
        }
    }
}

/// How well the time of a test case is to be known before measuring it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precision {
    /// Half of the 95 % interval that is narrow enough, in hundredths of a percent of the time: of
    /// head relative to base where both are measured in one job, else of the one.
    pub half_width_basis_points: u32,
    /// Iterations at most.
    pub iterations_max: u32,
}

impl Precision {
    /// By how many times the iterations that are asked for may be exceeded where nobody says
    /// otherwise.
    pub const FACTOR: u32 = 3;

    /// Hundredths of a percent from what a person writes: `0.5` is 50.
    ///
    /// # Errors
    /// When it is not a positive number of percent with at most two digits behind the point, or is
    /// more than 100 %.
    pub fn basis_points(percent: &str) -> Result<u32, InvalidInput> {
        let refused = || {
            InvalidInput::word(
                percent,
                "a precision in percent: more than 0, at most 100, with at most two digits behind \
                 the point",
            )
        };
        let (whole, part) = percent.split_once('.').unwrap_or((percent, "0"));
        let digits = |text: &str, most: usize| {
            let fits = (1..=most).contains(&text.len());
            fits && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, 3) || !digits(part, 2) {
            return Err(refused());
        }
        let number = |text: &str| text.parse::<u32>().map_err(|_| refused());
        let hundredths = number(&format!("{part:0<2}"))?;
        match number(whole)? * 100 + hundredths {
            points @ 1..=10_000 => Ok(points),
            _ => Err(refused()),
        }
    }
}

/// A benchmark under a profile, with all the scenarios that are wanted, in the order in which they
/// depend on each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobUnit {
    /// The benchmark.
    pub benchmark: BenchmarkName,
    /// The profile.
    pub profile: Profile,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
}

impl Versioned for JobMessage {
    const WHAT: &'static str = "a job message";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        let reason = match self.runs.as_slice() {
            [] => "it names no run",
            [base, head] if base == head => "its two runs are one",
            [_, _, _, ..] => "it names more than two runs",
            _ if self.kinds() == 0 => "it names nothing to measure",
            _ if self.kinds() > 1 => "its units are of several kinds",
            _ if self
                .runtime_units
                .iter()
                .any(|unit| unit.benchmarks.is_empty()) =>
            {
                "a group has no benchmark"
            }
            _ if self.units.iter().any(|unit| unit.scenarios.is_empty()) => {
                "a unit has no scenario"
            }
            _ if self.iterations == 0 => "it wants no iteration",
            _ if self
                .precision
                .is_some_and(|precision| precision.half_width_basis_points == 0) =>
            {
                "it wants an interval without a width"
            }
            _ => return Ok(()),
        };
        Err(InvalidInput::inconsistent(Self::WHAT, reason))
    }
}

/// A job as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The request that it is a part of.
    pub request: RequestId,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// One run, or base and head.
    pub runs: Vec<MeasuredRun>,
    /// Which compilations are measured.
    pub units: Vec<JobUnit>,
    /// Which programs are measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runtime_units: Vec<RuntimeUnit>,
    /// What is measured of the toolchain itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub toolchain_units: Vec<ToolchainUnit>,
    /// Iterations of each test case.
    pub iterations: u32,
    /// Further iterations until its time is known that well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Whether each test case is compiled once more, apart from what is measured, to record which
    /// queries of the compiler take its time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub self_profile: bool,
    /// The longest that one compilation may take, in seconds.
    pub time_limit_s: u64,
    /// How long it is expected to take, in seconds, from what was measured before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_expected: Option<u64>,
    /// The host that measured most of it last, where one did: the same host again spares the
    /// analysis a difference between hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_host: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// How often it was put into its queue.
    pub releases: u32,
    /// Real failures so far, oldest first.
    #[serde(default)]
    pub failures: Vec<JobFailure>,
    /// Attempts that were heard of, oldest first, the last [`ATTEMPTS_MAX`]. How far the last one has come
    /// is in `progress`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<JobAttempt>,
    /// The last progress that was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<JobProgress>,
    /// When it was made.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub created_at: Timestamp,
    /// When it was last put into its queue.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub queued_at: Option<Timestamp>,
    /// When a collector first reported progress.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub finished_at: Option<Timestamp>,
}

impl Job {
    /// How often something is measured, compilations for the most part: test cases, times runs,
    /// times iterations.
    pub fn compilations(&self) -> u64 {
        let runs = self.runs.len() as u64;
        runs * compilations_of_a_run(
            &self.units,
            &self.runtime_units,
            &self.toolchain_units,
            self.iterations,
        )
    }
}

/// The sizes of a toolchain are looked at once, and the compiler is built once.
fn compilations_of_a_run(
    units: &[JobUnit],
    runtime_units: &[RuntimeUnit],
    toolchain_units: &[ToolchainUnit],
    iterations: u32,
) -> u64 {
    let scenarios: usize = units.iter().map(|unit| unit.scenarios.len()).sum();
    let programs: usize = runtime_units.iter().map(|unit| unit.benchmarks.len()).sum();
    let is_repeated = |unit: &&ToolchainUnit| matches!(unit, ToolchainUnit::Workspace { .. });
    let builds = toolchain_units.iter().filter(is_repeated).count();
    let once = (toolchain_units.len() - builds) as u64;
    let iterations_of_a_program = iterations.max(RUNTIME_ITERATIONS_MIN);
    (scenarios + builds) as u64 * u64::from(iterations)
        + programs as u64 * u64::from(iterations_of_a_program)
        + once
}

word_enum! {
    /// Where a job stands.
    JobState, "a state of a job: pending, queued, running, done, failed or cancelled" {
        /// Waits in the coordinator's hand.
        Pending => "pending",
        /// In its configuration's queue.
        Queued => "queued",
        /// A collector has reported progress.
        Running => "running",
        /// A result was counted.
        Done => "done",
        /// Failed for good.
        Failed => "failed",
        /// Nobody wants it any more.
        Cancelled => "cancelled",
    }
}

impl JobState {
    /// Whether nothing more will happen to the job.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A real failure of an attempt, as opposed to a lost delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// Which attempt.
    pub attempt: Attempt,
    /// Whose.
    pub collector: String,
    /// Why.
    pub reason: String,
    /// When.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub at: Timestamp,
}

/// An attempt that was heard of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobAttempt {
    /// Which.
    pub attempt: Attempt,
    /// Whose.
    pub collector: String,
    /// The host, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// When it was first heard of.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub begun_at: Timestamp,
    /// When it was last heard of, as far as was noted when it ended.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub last_heard_at: Timestamp,
    /// Compilations done, as far as was noted when it ended.
    pub done: u64,
    /// Compilations in all; 0 where it never said.
    pub total: u64,
    /// The beginning of the reason why it failed, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// How far an attempt has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobProgress {
    /// Which attempt.
    pub attempt: Attempt,
    /// Whose.
    pub collector: String,
    /// The host.
    pub host: String,
    /// Compilations done.
    pub done: u64,
    /// Compilations in all.
    pub total: u64,
    /// What is being measured.
    pub current: String,
    /// When this was reported.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = include_bytes!("../tests/golden/job-message-1.0.json");

    fn message(artifacts: &[&str], trust: Option<Trust>) -> JobMessage {
        let mut message = JobMessage::from_json(MESSAGE).unwrap();
        message.runs.truncate(artifacts.len());
        for (run, artifact) in message.runs.iter_mut().zip(artifacts) {
            run.artifact = artifact.parse().unwrap();
        }
        message.trust = trust;
        message
    }

    #[test]
    fn where_the_sender_did_not_say_releases_alone_are_trusted() {
        let commit = "5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0";
        for (artifacts, trusted) in [
            (&["release-1.95.0", "release-1.96.0"][..], true),
            (&["release-1.95.0", commit], false),
            (&["local-mine-59807616e"], false),
        ] {
            assert_eq!(
                message(artifacts, None).is_trusted(),
                trusted,
                "{artifacts:?}"
            );
        }
    }

    #[test]
    fn what_the_sender_says_goes_before_what_names_say() {
        let release = &["release-1.95.0"];
        assert!(!message(release, Some(Trust::Untrusted)).is_trusted());
        let local = &["local-mine-59807616e"];
        assert!(message(local, Some(Trust::Trusted)).is_trusted());
    }

    #[test]
    fn a_message_of_an_older_sender_has_no_trust_and_is_written_without() {
        let message = JobMessage::from_json(MESSAGE).unwrap();
        assert_eq!(message.trust, None);
        let json = serde_json::to_value(&message).unwrap();
        assert_eq!(json.get("trust"), None);
    }

    #[test]
    fn a_precision_is_a_positive_percentage_with_two_digits_at_most() {
        let points = |text: &str| Precision::basis_points(text).ok();
        assert_eq!(points("0.5"), Some(50));
        assert_eq!(points("0.05"), Some(5));
        assert_eq!(points("1"), Some(100));
        assert_eq!(points("100"), Some(10_000));
        for refused in [
            "", "0", "0.00", "-1", "100.01", "0.005", "1.", ".5", "1e1", "1,5", "9999",
        ] {
            assert_eq!(points(refused), None, "{refused}");
        }
    }
}
