//! One test case of a comparison in every respect that was measured.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::Attempt;
use crate::result_document::{DisturbedIteration, MetricValues};
use crate::run::Side;
use crate::text::word_enum;
use crate::{ArtifactId, ConfigurationId, JobId, Metric, ObjectKey, Replicate, TestCase};

/// One test case of base and head: each metric, and the time of each query of the compiler.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestCaseDetail {
    /// Under which configuration both sides were measured.
    pub configuration: ConfigurationId,
    /// What is compared with.
    pub base: Side,
    /// What is judged.
    pub head: Side,
    /// What was measured.
    pub test_case: TestCase,
    /// Every metric that a side has, by name.
    pub metrics: Vec<MetricFigures>,
    /// The queries of the compiler, the largest difference of time first. Empty where a side has no
    /// self-profile.
    pub queries: Vec<QueryFigures>,
    /// How much the compiler wrote of each kind, as it tells itself, the largest difference first. Empty
    /// where a side has no self-profile that tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifact_sizes: Vec<ArtifactSizeFigures>,
    /// Every measuring of the test case, base first, oldest first: those that count, and those that do
    /// not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replicates: Vec<ReplicateFigures>,
    /// The command that measures the test case again on a machine of one's own. Absent for what this
    /// suite did not measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproduce: Option<String>,
}

/// One metric of both sides: the smallest iteration of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricFigures {
    /// The metric.
    pub metric: Metric,
    /// The smallest iteration of base, in the unit of the metric. `None` where it was not measured.
    pub base: Option<f64>,
    /// The same of head.
    pub head: Option<f64>,
}

/// What one query of the compiler took in both sides: the mean over the self-profiles of a side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueryFigures {
    /// Its name: `typeck`.
    pub query: String,
    /// Its own time in base, without that of the queries that it called, in nanoseconds.
    pub base_ns: f64,
    /// The same in head.
    pub head_ns: f64,
    /// How often it was computed in base, where that is known.
    pub base_calls: Option<u64>,
    /// The same in head.
    pub head_calls: Option<u64>,
    /// How often it was answered from the cache in base. Absent where the compiler does not count that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_cache_hits: Option<u64>,
    /// The same in head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_cache_hits: Option<u64>,
    /// How long threads waited for one another's answer in base, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_blocked_ns: Option<f64>,
    /// The same in head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_blocked_ns: Option<f64>,
    /// How long it took to load answers from the incremental cache in base, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_incremental_load_ns: Option<f64>,
    /// The same in head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_incremental_load_ns: Option<f64>,
}

/// How much the compiler wrote of something in both sides: the mean over the self-profiles of a side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArtifactSizeFigures {
    /// Of what: `crate_metadata`.
    pub artifact: String,
    /// How much in base, in bytes. `None` where base wrote none.
    pub base_bytes: Option<f64>,
    /// The same in head.
    pub head_bytes: Option<f64>,
}

word_enum! {
    /// A side of a comparison.
    ComparedSide, "a side: base or head" {
        /// What is compared with.
        Base => "base",
        /// What is judged.
        Head => "head",
    }
}

word_enum! {
    /// Whether a measuring has a part in a comparison.
    ReplicateStanding, "a standing: counts, superseded, retracted or other-epoch" {
        /// It does.
        Counts => "counts",
        /// A later replicate counts instead.
        Superseded => "superseded",
        /// Somebody took it back.
        Retracted => "retracted",
        /// What was measured changed in between, so that its values are not of this series.
        OtherEpoch => "other-epoch",
    }
}

/// One measuring of a test case, iteration by iteration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicateFigures {
    /// Of which side.
    pub side: ComparedSide,
    /// The artifact.
    pub artifact: ArtifactId,
    /// Which measuring of it.
    pub replicate: Replicate,
    /// The job.
    pub job: JobId,
    /// Which attempt at it.
    pub attempt: Attempt,
    /// The host.
    pub host: String,
    /// When the job's measuring ended.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub measured_at: Timestamp,
    /// Whether it counts.
    pub standing: ReplicateStanding,
    /// Whether its host was found to be disturbed meanwhile.
    pub is_host_disturbed: bool,
    /// Why it does not count, or what was found of its host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The value of each iteration, by metric.
    pub values: Vec<MetricValues>,
    /// The iterations that something else spoilt, which do not count as long as there are others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disturbed: Vec<DisturbedIteration>,
    /// Whether the compiler recorded where its time went.
    pub has_self_profile: bool,
    /// The raw profile, which is handed out under this path. Absent where it was not kept, or is deleted
    /// by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_profile: Option<ObjectKey>,
}
