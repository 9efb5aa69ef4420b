//! The attempts at a job: a job is handed out again where a collector failed, or was not heard of any
//! more.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::Attempt;
use crate::text::word_enum;

word_enum! {
    /// How an attempt ended.
    AttemptEnd, "an end of an attempt: working, counted, duplicate, failed, cancelled or lost" {
        /// It has not: a collector works on it.
        Working => "working",
        /// Its result counts.
        Counted => "counted",
        /// It left a result after another had, which counts.
        Duplicate => "duplicate",
        /// It failed, and its collector said why.
        Failed => "failed",
        /// Nobody wanted it any more.
        Cancelled => "cancelled",
        /// Its collector was not heard of any more: it was killed, lost its connection, or gave the job
        /// back.
        Lost => "lost",
    }
}

/// One delivery of a job to a collector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptDetail {
    /// Its number.
    pub attempt: Attempt,
    /// Whose, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collector: Option<String>,
    /// The host, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// When it was first heard of.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub begun_at: Option<Timestamp>,
    /// When it ended or, where nobody said that it did, was last heard of.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_heard_at: Option<Timestamp>,
    /// Compilations that were done when it was last heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<u64>,
    /// Compilations in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// How it ended.
    pub end: AttemptEnd,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it left a log.
    pub has_log: bool,
}
