//! Triage: what people decided about a change that made compilers slower or larger. There is one
//! record for each pair of sides, and it only ever grows: who reopens a question adds to it.

mod calendar;
mod deliveries;
mod texts;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::format::Versioned;
use crate::run::SidePair;
use crate::text::word_enum;
use crate::{ArtifactId, ConfigurationId, FormatVersion, InvalidInput};

pub use calendar::{IsoWeek, begin_of, day_of, end_of, parse_day};
pub use deliveries::{Delivery, Ping, PingReason, WeeklyPost};
pub use texts::{FixReference, Owner, TriageWords};

/// How many acts a record holds at most. A change that is discussed longer than that is discussed
/// elsewhere.
pub const ACTS_MAX: usize = 200;
/// How many pings a record remembers: the last ones.
pub const PINGS_MAX: usize = 200;

/// All that people decided about one pair of sides. Replaced as a whole, on the condition that nobody
/// else did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriageRecord {
    /// The version of this format.
    pub format: FormatVersion,
    /// What was compared: `BASE..HEAD`.
    pub sides: SidePair,
    /// When somebody acted last.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub changed_at: Timestamp,
    /// What people did, the oldest first. Nothing is ever taken away.
    pub acts: Vec<TriageAct>,
    /// Who was reminded of what, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pings: Vec<Ping>,
}

impl TriageRecord {
    /// The record of a pair about which nothing was decided yet.
    pub fn beginning(sides: SidePair, at: Timestamp) -> Self {
        Self {
            format: Self::VERSION,
            sides,
            changed_at: at,
            acts: Vec::new(),
            pings: Vec::new(),
        }
    }

    /// Adds an act.
    ///
    /// # Errors
    /// When the record is full.
    pub fn add(&mut self, act: TriageAct) -> Result<(), InvalidInput> {
        if self.acts.len() >= ACTS_MAX {
            return Err(InvalidInput::inconsistent(
                Self::WHAT,
                format!(
                    "it holds {ACTS_MAX} acts already, and takes no more: go on where the change \
                     is discussed"
                ),
            ));
        }
        self.changed_at = self.changed_at.max(act.at);
        self.acts.push(act);
        Ok(())
    }

    /// Adds a ping, and forgets the oldest of too many.
    pub fn remember(&mut self, ping: Ping) {
        self.pings.push(ping);
        let surplus = self.pings.len().saturating_sub(PINGS_MAX);
        self.pings.drain(..surplus);
    }

    /// The artifact that somebody named as the culprit last.
    pub fn culprit(&self) -> Option<&ArtifactId> {
        self.acts.iter().rev().find_map(|act| match &act.what {
            TriageStep::Culprit { artifact, .. } => Some(artifact),
            _ => None,
        })
    }
}

impl Versioned for TriageRecord {
    const WHAT: &'static str = "a triage record";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        if self.acts.len() > ACTS_MAX || self.pings.len() > PINGS_MAX {
            let (acts, pings) = (self.acts.len(), self.pings.len());
            return Err(InvalidInput::inconsistent(
                Self::WHAT,
                format!("it holds {acts} acts and {pings} pings, which is more than it may"),
            ));
        }
        Ok(())
    }
}

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriageAct {
    /// Who.
    pub who: String,
    /// When.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub at: Timestamp,
    /// What.
    pub what: TriageStep,
}

/// What somebody can do about a pair of sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TriageStep {
    /// Somebody looked, and says what is to become of it.
    Acknowledge {
        /// The configurations that this is said of.
        configurations: CoveredConfigurations,
        /// Why, as a word that can be counted.
        reason: ReasonCode,
        /// Why, in words.
        words: TriageWords,
        /// Who sees to it.
        owner: Owner,
        /// The last day, in UTC, on which it may still be open. Absent where nothing is to follow.
        #[serde(
            default,
            deserialize_with = "calendar::read_optional_day",
            skip_serializing_if = "Option::is_none"
        )]
        due: Option<Date>,
    },
    /// Somebody found which artifact it came with.
    Culprit {
        /// The artifact.
        artifact: ArtifactId,
        /// How that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<TriageWords>,
    },
    /// Somebody mended it.
    Fix {
        /// Where: a commit, or an address.
        by: FixReference,
        /// The configurations that it is mended on; absent for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        configurations: Option<CoveredConfigurations>,
    },
    /// What was said before does not hold.
    Reopen {
        /// Why.
        words: TriageWords,
        /// The configurations that it is said of; absent for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        configurations: Option<CoveredConfigurations>,
    },
}

impl TriageStep {
    /// Whether it is said of a configuration. A culprit is said of the pair, and of none.
    pub fn covers(&self, configuration: &ConfigurationId) -> bool {
        match self {
            Self::Acknowledge { configurations, .. } => configurations.contains(configuration),
            Self::Culprit { .. } => false,
            Self::Fix { configurations, .. } | Self::Reopen { configurations, .. } => {
                configurations
                    .as_ref()
                    .is_none_or(|covered| covered.contains(configuration))
            }
        }
    }

    /// The configurations that it names, where it names any.
    pub fn named(&self) -> Option<&CoveredConfigurations> {
        match self {
            Self::Acknowledge { configurations, .. } => Some(configurations),
            Self::Culprit { .. } => None,
            Self::Fix { configurations, .. } | Self::Reopen { configurations, .. } => {
                configurations.as_ref()
            }
        }
    }

    /// What was done, in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Acknowledge { .. } => "acknowledge",
            Self::Culprit { .. } => "culprit",
            Self::Fix { .. } => "fix",
            Self::Reopen { .. } => "reopen",
        }
    }
}

/// The configurations that an act is said of: one or more, none twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ConfigurationId>", into = "Vec<ConfigurationId>")]
pub struct CoveredConfigurations(BTreeSet<ConfigurationId>);

impl CoveredConfigurations {
    /// Whether it is said of this one.
    pub fn contains(&self, configuration: &ConfigurationId) -> bool {
        self.0.contains(configuration)
    }

    /// Them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigurationId> {
        self.0.iter()
    }
}

impl TryFrom<Vec<ConfigurationId>> for CoveredConfigurations {
    type Error = InvalidInput;

    fn try_from(named: Vec<ConfigurationId>) -> Result<Self, Self::Error> {
        let count = named.len();
        let covered: BTreeSet<ConfigurationId> = named.into_iter().collect();
        if covered.is_empty() {
            return Err(InvalidInput::inconsistent(
                "an act of triage",
                "it names no configuration: name those that it is said of",
            ));
        }
        if covered.len() < count {
            return Err(InvalidInput::inconsistent(
                "an act of triage",
                "it names a configuration twice",
            ));
        }
        Ok(Self(covered))
    }
}

impl From<CoveredConfigurations> for Vec<ConfigurationId> {
    fn from(covered: CoveredConfigurations) -> Self {
        covered.0.into_iter().collect()
    }
}

word_enum! {
    /// Why a regression was acknowledged.
    ReasonCode,
    "a reason: accepted, fix-planned, noise, infrastructure, reverted or other" {
        /// It is worth what it buys, and stays.
        Accepted => "accepted",
        /// It is to be mended.
        FixPlanned => "fix-planned",
        /// It is no change of the compiler: chance.
        Noise => "noise",
        /// It is no change of the compiler: the host, the suite, or what measures.
        Infrastructure => "infrastructure",
        /// The change was taken back.
        Reverted => "reverted",
        /// None of these; the words say what.
        Other => "other",
    }
}

word_enum! {
    /// Where a regression stands, under one configuration.
    TriageState, "a state of triage: untriaged, overdue, acknowledged or fixed" {
        /// Nobody has said anything of it yet, or it was reopened.
        Untriaged => "untriaged",
        /// It was acknowledged, and is still open after the day on which it was to be closed.
        Overdue => "overdue",
        /// Somebody looked, and said what is to become of it.
        Acknowledged => "acknowledged",
        /// It is mended, or was taken back.
        Fixed => "fixed",
    }
}

impl TriageState {
    /// Whether somebody has to do something.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Untriaged | Self::Overdue)
    }
}

#[cfg(test)]
mod tests;
