//! Disturbed hosts: what was found of a run, and what becomes of the measuring.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::result_document::MeasuredRun;
use crate::text::word_enum;
use crate::{ConfigurationId, MetricName, Replicate, RequestId};

word_enum! {
    /// Whether the host of a run was disturbed.
    DisturbanceAnswer, "an answer: disturbed, undisturbed or not-known" {
        /// Times shifted together while instruction counts did not.
        Disturbed => "disturbed",
        /// Nothing shifted beyond what is usual, or what did is a change of the compiler.
        Undisturbed => "undisturbed",
        /// There is too little to tell it from.
        NotKnown => "not-known",
    }
}

/// By how much one metric of the test cases of a run shifted together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommonShift {
    /// The metric.
    pub metric: MetricName,
    /// The median change of its test cases against their levels, relative: 0.01 is 1 %.
    pub change: f64,
    /// One standard deviation of that median from run to run, learnt from the runs before. Relative.
    pub noise: f64,
    /// The change in such standard deviations.
    pub deviations: f64,
    /// The share of the test cases that changed in the direction of the median.
    pub together: f64,
    /// How many test cases it is the median of.
    pub test_cases: u32,
    /// How many earlier runs the noise was learnt from.
    pub runs: u32,
}

/// What is found of the host of a run, with the numbers that say so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DisturbanceFinding {
    /// Whether it was disturbed.
    pub answer: DisturbanceAnswer,
    /// The same in words, with the reason.
    pub sentence: String,
    /// The common shift of each metric of time, the largest in standard deviations first.
    pub shifts: Vec<CommonShift>,
    /// The common shift of the instruction counts, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<CommonShift>,
    /// How many test cases have an instruction count that did not change.
    pub still_test_cases: u32,
    /// How many test cases have an instruction count.
    pub counted_test_cases: u32,
}

word_enum! {
    /// What became of a measuring on a disturbed host.
    DisturbedState, "a state: found, rerun-asked, superseded, stands or needs-person" {
        /// It was found, and nothing was done about it yet.
        Found => "found",
        /// It is measured once more.
        RerunAsked => "rerun-asked",
        /// It was measured once more on a host that was not disturbed, and that counts instead.
        Superseded => "superseded",
        /// It was measured once more with the same shift, so that it counts: whatever shifts the
        /// times has lasted.
        Stands => "stands",
        /// A person has to look at it.
        NeedsPerson => "needs-person",
    }
}

impl DisturbedState {
    /// Whether the measuring is kept out of what others are judged by.
    pub fn is_set_aside(self) -> bool {
        self != Self::Stands
    }

    /// The state as the end of a sentence that begins with "it is".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Found => "set aside",
            Self::RerunAsked => "set aside and measured once more",
            Self::Superseded => "set aside, and a later replicate counts instead",
            Self::Stands => "counted, since a later replicate shows the same",
            Self::NeedsPerson => "set aside and needs a person",
        }
    }
}

/// That a measuring is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// The request for it.
    pub request: RequestId,
    /// When it was asked for.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub asked_at: Timestamp,
    /// The replicate that it measures, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicate: Option<Replicate>,
}

/// Who decided that a measuring does not count, why, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseding {
    /// The replicate that counts instead.
    pub replicate: Replicate,
    /// Who decided: a person, or `the coordinator`.
    pub by: String,
    /// Why.
    pub why: String,
    /// When.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub at: Timestamp,
}

/// A replicate of a run that was measured on a disturbed host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DisturbedRun {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The replicate.
    pub run: MeasuredRun,
    /// The hosts that were disturbed.
    pub hosts: Vec<String>,
    /// When it was found.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub found_at: Timestamp,
    /// What was found.
    pub finding: DisturbanceFinding,
    /// What became of it.
    pub state: DisturbedState,
    /// That it is measured once more, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerun: Option<Rerun>,
    /// That another replicate counts instead, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded: Option<Superseding>,
    /// Why it stands where it does, in words, where there is more to say than the state does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
