//! Announcements that were made, or are to be: each is claimed before it is posted, and marked
//! behind that, so that of many who mean to post it one does.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::format::Versioned;
use crate::text::word_enum;
use crate::triage::{IsoWeek, Owner};
use crate::{ConfigurationId, FormatVersion};

/// How long who claimed an announcement has for posting it. Who takes longer has ended half way.
const CLAIM_LASTS: SignedDuration = SignedDuration::from_mins(30);
/// How often it is tried where it is not known whether it was posted. Each try may have been the one
/// that people saw, so this bounds how often they see it.
const TRIES_MAX: u32 = 3;

/// Where an announcement stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// How often it was claimed and may have been posted.
    pub tries: u32,
    /// When it was claimed last; absent where whoever did gave it back.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub claimed_at: Option<Timestamp>,
    /// When it was posted.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub sent_at: Option<Timestamp>,
}

impl Delivery {
    /// The same, claimed now. `None` where it is posted, somebody else is about to, or it was tried
    /// too often.
    pub fn claimed(&self, now: Timestamp) -> Option<Self> {
        let is_held = self
            .claimed_at
            .is_some_and(|at| now.duration_since(at) < CLAIM_LASTS);
        if self.sent_at.is_some() || is_held || self.tries >= TRIES_MAX {
            return None;
        }
        Some(Self {
            tries: self.tries + 1,
            claimed_at: Some(now),
            sent_at: None,
        })
    }

    /// The same, given back, since it is known that nothing was posted.
    pub fn given_back(&self) -> Self {
        Self {
            tries: self.tries.saturating_sub(1),
            claimed_at: None,
            sent_at: None,
        }
    }

    /// The same, posted.
    pub fn sent(&self, now: Timestamp) -> Self {
        Self {
            sent_at: Some(now),
            ..self.clone()
        }
    }

    /// Whether it was tried as often as it may be, and nobody knows whether it was posted.
    pub fn is_given_up(&self) -> bool {
        self.sent_at.is_none() && self.tries >= TRIES_MAX
    }
}

word_enum! {
    /// What somebody is reminded of.
    PingReason, "a reason for a ping: untriaged or overdue" {
        /// Nobody has said anything of a regression within the days that the policy gives.
        Untriaged => "untriaged",
        /// An acknowledgement is past its day.
        Overdue => "overdue",
    }
}

/// A reminder. There is one for each configuration, reason and deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// What of.
    pub reason: PingReason,
    /// The deadline that was missed.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub deadline: Timestamp,
    /// Who.
    pub owner: Owner,
    /// Where it stands.
    pub delivery: Delivery,
}

impl Ping {
    /// Whether both remind of the same.
    pub fn is_of_same(&self, other: &Self) -> bool {
        self.configuration == other.configuration
            && self.reason == other.reason
            && self.deadline == other.deadline
    }
}

/// The report of a week, as it is posted once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyPost {
    /// The version of this format.
    pub format: FormatVersion,
    /// The week.
    pub week: IsoWeek,
    /// Where it stands.
    pub delivery: Delivery,
}

impl WeeklyPost {
    /// The report of a week that nobody has posted yet.
    pub fn beginning(week: IsoWeek) -> Self {
        Self {
            format: Self::VERSION,
            week,
            delivery: Delivery::default(),
        }
    }
}

impl Versioned for WeeklyPost {
    const WHAT: &'static str = "a weekly post";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}
