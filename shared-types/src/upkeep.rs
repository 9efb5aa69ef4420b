//! What the coordinator measures of its own accord under a configuration, and what the A/A
//! comparisons of that configuration showed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::result_document::MeasuredRun;
use crate::run::Side;
use crate::{ArtifactId, ConfigurationId, RequestId};

/// Of how many A/A comparisons the outcome is kept, over all metrics: the last ones.
pub const A_A_OUTCOMES_MAX: usize = 240;
/// How many measurings of its own the coordinator remembers: the last ones.
pub const OWN_MEASURINGS_MAX: usize = 200;

/// The upkeep of a configuration. Replaced as a whole, on the condition that nobody else did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upkeep {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// When the coordinator first had nothing else to measure here.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub since: Timestamp,
    /// What it asked for, the oldest first.
    pub own_measurings: Vec<OwnMeasuring>,
    /// What A/A comparisons showed, the oldest first.
    pub a_a_outcomes: Vec<AAOutcome>,
}

impl Upkeep {
    /// The upkeep of a configuration that has had none.
    pub fn beginning(configuration: ConfigurationId, since: Timestamp) -> Self {
        Self {
            configuration,
            since,
            own_measurings: Vec::new(),
            a_a_outcomes: Vec::new(),
        }
    }

    /// Adds a measuring, and forgets the oldest of too many.
    pub fn ask(&mut self, measuring: OwnMeasuring) {
        self.own_measurings.push(measuring);
        forget_oldest(&mut self.own_measurings, OWN_MEASURINGS_MAX);
    }

    /// Adds what a comparison showed, in place of what it showed before, and forgets the oldest of
    /// too many.
    pub fn note(&mut self, outcome: AAOutcome) {
        self.a_a_outcomes
            .retain(|known| !known.is_of_same(&outcome));
        self.a_a_outcomes.push(outcome);
        forget_oldest(&mut self.a_a_outcomes, A_A_OUTCOMES_MAX);
    }
}

fn forget_oldest<T>(entries: &mut Vec<T>, kept: usize) {
    let surplus = entries.len().saturating_sub(kept);
    entries.drain(..surplus);
}

/// Something that the coordinator asked for. It is noted before the request is made, so that it is
/// asked for once, whoever else has the same idea at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnMeasuring {
    /// The id of the request.
    pub request: RequestId,
    /// When.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub asked_at: Timestamp,
    /// What for.
    pub purpose: Purpose,
}

/// What the coordinator measures for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Purpose {
    /// To see what noise alone does.
    #[serde(rename = "a-a")]
    AA {
        /// What is measured twice.
        artifact: ArtifactId,
    },
    /// In place of a measuring on a disturbed host.
    Rerun {
        /// The disturbed one.
        run: MeasuredRun,
        /// How long that took, in seconds of measuring.
        seconds: u64,
    },
}

/// What one A/A comparison showed in one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AAOutcome {
    /// The one replicate.
    pub base: Side,
    /// The other replicate.
    pub head: Side,
    /// The metric.
    pub metric: String,
    /// The method.
    pub method: String,
    /// Its version.
    pub method_version: String,
    /// The hosts that measured either.
    pub hosts: Vec<String>,
    /// Test cases that were compared.
    pub test_cases: u32,
    /// Those that were called a change.
    pub significant: u32,
    /// Those of them that were called large enough to look at.
    pub relevant: u32,
    /// When it was compared.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub computed_at: Timestamp,
}

impl AAOutcome {
    fn is_of_same(&self, other: &Self) -> bool {
        let name = |outcome: &Self| {
            (
                outcome.base.clone(),
                outcome.head.clone(),
                outcome.metric.clone(),
                outcome.method.clone(),
            )
        };
        name(self) == name(other)
    }
}

/// How often a method called noise a change, in one metric of a configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FalseAlarmRate {
    /// The metric.
    pub metric: String,
    /// The method, with its version.
    pub method: String,
    /// The version of the method.
    pub method_version: String,
    /// The host that measured both sides; absent for all hosts together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// How many A/A comparisons it is known from.
    pub comparisons: u32,
    /// How many of them called anything a change.
    pub alarming: u32,
    /// The share of comparisons that did: 0.01 is 1 %.
    pub share_alarming: f64,
    /// The lower end of its interval.
    pub share_low: f64,
    /// The upper end of its interval.
    pub share_high: f64,
    /// How many test cases were compared, over all of them.
    pub test_cases: u64,
    /// How many of those were called a change: false alarms.
    pub false_alarms: u64,
    /// False alarms in a thousand test cases.
    pub per_thousand: f64,
    /// The share of comparisons that may alarm, by what the method promises; absent where it
    /// promises nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<f64>,
    /// Whether even the lower end of the interval is above what is promised.
    pub exceeds_promise: bool,
    /// When the last of them was made.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub last_at: Timestamp,
    /// The same in words.
    pub sentence: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(number: u32) -> AAOutcome {
        AAOutcome {
            base: format!("release-1.{number}.0#1").parse().unwrap(),
            head: format!("release-1.{number}.0#2").parse().unwrap(),
            metric: "wall-time".to_owned(),
            method: "perfleet".to_owned(),
            method_version: "1".to_owned(),
            hosts: vec!["one".to_owned()],
            test_cases: 10,
            significant: 0,
            relevant: 0,
            computed_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_noted_again_replaces_what_was_noted_and_the_oldest_are_forgotten() {
        let mut upkeep = Upkeep::beginning("zen4".parse().unwrap(), Timestamp::UNIX_EPOCH);
        upkeep.note(outcome(1));
        let again = AAOutcome {
            significant: 3,
            ..outcome(1)
        };
        upkeep.note(again.clone());
        assert_eq!(upkeep.a_a_outcomes, [again]);
        for number in 2..=300 {
            upkeep.note(outcome(number));
        }
        assert_eq!(upkeep.a_a_outcomes.len(), A_A_OUTCOMES_MAX);
        assert_eq!(upkeep.a_a_outcomes.last(), Some(&outcome(300)));
    }
}
