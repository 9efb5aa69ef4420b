//! Benchmark requests: what somebody wants measured and compared.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::job::Precision;
use crate::job_units::BenchmarkKind;
use crate::result_document::MeasuredRun;
use crate::test_case::{ScenarioKind, WantedCategory};
use crate::text::word_enum;
use crate::{ArtifactId, BenchmarkName, ConfigurationId, Profile, RequestId};

/// A benchmark request as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// What is compared with, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<MeasuredRun>,
    /// What is measured.
    pub head: MeasuredRun,
    /// Under which configurations.
    pub configurations: Vec<ConfigurationId>,
    /// Which part of the suite.
    pub selection: Selection,
    /// Whether base and head are interleaved on one host.
    pub paired: bool,
    /// Whether of base only that is measured which it lacks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub backfill: bool,
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
    /// Larger goes first.
    #[serde(default)]
    pub priority: i32,
    /// Why, in the words of who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who asked.
    pub requester: String,
    /// Where it stands.
    pub state: RequestState,
    /// Why it waits or failed, where it does or did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it was made.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub finished_at: Option<Timestamp>,
}

impl Request {
    /// Whether it measures one artifact twice, to see what noise alone does.
    pub fn is_a_a(&self) -> bool {
        self.base
            .as_ref()
            .is_some_and(|base| base.artifact == self.head.artifact)
    }

    /// The artifacts that it measures, base first.
    pub fn runs(&self) -> impl Iterator<Item = &MeasuredRun> {
        self.base.iter().chain(std::iter::once(&self.head))
    }
}

/// A part of the suite. An empty list leaves its dimension as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// The kinds of benchmarks, or compile alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<BenchmarkKind>,
    /// The benchmarks, or all. A program is named by its group or by itself, and what is measured
    /// of a toolchain as [`ToolchainUnit::name`](crate::job_units::ToolchainUnit::name) says.
    #[serde(default)]
    pub include: Vec<BenchmarkName>,
    /// Benchmarks to leave out.
    #[serde(default)]
    pub exclude: Vec<BenchmarkName>,
    /// The categories, each adding its benchmarks, or all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<WantedCategory>,
    /// The profiles, or check, debug, opt and doc.
    #[serde(default)]
    pub profiles: Vec<Profile>,
    /// The scenarios, or all.
    #[serde(default)]
    pub scenarios: Vec<ScenarioKind>,
}

impl Selection {
    /// Whether benchmarks of a kind are wanted.
    pub fn wants(&self, kind: BenchmarkKind) -> bool {
        match self.kinds.as_slice() {
            [] => kind == BenchmarkKind::Compile,
            kinds => kinds.contains(&kind),
        }
    }
}

/// A request as somebody asks for it, by the API or the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRequest {
    /// What is compared with, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<ArtifactId>,
    /// What is measured. The same artifact as `base` makes it an A/A request.
    pub head: ArtifactId,
    /// Under which configurations.
    pub configurations: Vec<ConfigurationId>,
    /// Which part of the suite.
    #[serde(default)]
    pub selection: Selection,
    /// Whether base and head are interleaved on one host.
    #[serde(default)]
    pub paired: bool,
    /// Whether `head` is compared with its parent in history. Goes without `base`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub against_parent: bool,
    /// Whether of base only that is measured which it lacks. Goes without `paired`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub backfill: bool,
    /// Iterations of each test case, or 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u32>,
    /// Further iterations until its time is known that well; without it, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Whether each test case is compiled once more, apart from what is measured, to record which
    /// queries of the compiler take its time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub self_profile: bool,
    /// The longest that one compilation may take, in seconds, or 30 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_limit_s: Option<u64>,
    /// Larger goes first.
    #[serde(default)]
    pub priority: i32,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

word_enum! {
    /// Where a request stands.
    RequestState, "a state of a request: waiting, running, paused, done, failed or cancelled" {
        /// Not all of its jobs are cut yet.
        Waiting => "waiting",
        /// Its jobs are being worked on.
        Running => "running",
        /// Somebody holds it: what is being measured is finished, and nothing more is handed out.
        Paused => "paused",
        /// Every job ended, and at least one gave a result.
        Done => "done",
        /// Every job ended, and none gave a result.
        Failed => "failed",
        /// Nobody wants it any more.
        Cancelled => "cancelled",
    }
}

impl RequestState {
    /// Whether nothing more will happen to the request.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}
