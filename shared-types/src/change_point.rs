//! A change of a series as people and programs are told of it: dated to an artifact, with what became
//! of it.

use serde::{Deserialize, Serialize};

use crate::text::word_enum;
use crate::{ArtifactId, MetricName};

/// A place in history at which a series changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangePoint {
    /// The first artifact of the new level, of the drift, or of the bad run.
    pub artifact: ArtifactId,
    /// The earliest artifact at which it may have happened, with 95 % certainty.
    pub earliest: ArtifactId,
    /// The latest artifact at which it may have happened.
    pub latest: ArtifactId,
    /// The name of the test case.
    pub test_case: String,
    /// The metric.
    pub metric: MetricName,
    /// What happened.
    pub nature: ChangeNature,
    /// What became of it.
    pub state: ChangeStanding,
    /// The first artifact behind a drift, or the first at which the old level is back. Absent while
    /// the drift, or what it changed, goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<ArtifactId>,
    /// The level before, in the unit of the metric.
    pub before: f64,
    /// The level after, in the unit of the metric; of a bad run, its value.
    pub after: f64,
    /// The relative change: 0.01 is 1 %. Absent where the level before is zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// The size in standard deviations of the series' noise. Absent where there is no noise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noises: Option<f64>,
    /// Whether the series is today where this change brought it: the answer to "since when?".
    pub stands: bool,
}

word_enum! {
    /// What happened to a series.
    ChangeNature, "a nature of a change: step, drift or bad-run" {
        /// Another level from one artifact to the next.
        Step => "step",
        /// A level that rises or falls all along.
        Drift => "drift",
        /// One run far from its neighbours, or two in a row: not a change of level.
        BadRun => "bad-run",
    }
}

word_enum! {
    /// What became of a change.
    ChangeStanding, "a standing: suspected, confirmed, reverted or accepted" {
        /// Too few artifacts came after it to be sure.
        Suspected => "suspected",
        /// It persists.
        Confirmed => "confirmed",
        /// The old level came back.
        Reverted => "reverted",
        /// It persisted for so long that later artifacts are held against the new level.
        Accepted => "accepted",
    }
}
