//! What the coordinator measures of its own accord, and when: an artifact against itself, and once
//! more what a disturbed host measured. Never at the cost of what people asked for.

use jiff::{SignedDuration, Timestamp};
use shared_types::ArtifactId;
use shared_types::upkeep::{Purpose, Upkeep};

/// The first A/A measuring waits so long at most, since a configuration that was never measured
/// against itself promises what nobody has checked.
const FIRST_A_A_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// The time over which a budget is spent.
pub const BUDGET_PERIOD: SignedDuration = SignedDuration::from_hours(7 * 24);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What an administrator decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpkeepRules {
    /// Days between two A/A measurings of a configuration on each of its hosts; 0 for none at all.
    pub a_a_days: u32,
    /// The part of the measuring time of a week that measuring once more may take, in percent.
    pub rerun_percent: u32,
}

impl Default for UpkeepRules {
    fn default() -> Self {
        Self {
            a_a_days: 7,
            rerun_percent: 10,
        }
    }
}

/// How a configuration stands.
#[derive(Debug, Clone, Copy)]
pub struct ConfigurationStanding<'a> {
    /// The time.
    pub now: Timestamp,
    /// Whether nothing is asked for that is not measured.
    pub is_idle: bool,
    /// How many hosts could measure now.
    pub hosts: u32,
    /// The artifact that was measured last.
    pub newest: Option<&'a ArtifactId>,
    /// What was done of own accord before.
    pub upkeep: &'a Upkeep,
}

/// The artifact that is to be measured against itself now, if one is.
///
/// No collector can be told to take a job, so each of several hosts has its turn only on average:
/// the more hosts, the more often.
pub fn a_a_due(standing: &ConfigurationStanding<'_>, rules: UpkeepRules) -> Option<ArtifactId> {
    if !standing.is_idle || standing.hosts == 0 || rules.a_a_days == 0 {
        return None;
    }
    let days = i32::try_from(rules.a_a_days).unwrap_or(i32::MAX);
    let every = DAY.saturating_mul(days) / i32::try_from(standing.hosts).unwrap_or(i32::MAX);
    let asked = standing.upkeep.own_measurings.iter();
    let last = asked
        .filter(|asked| matches!(asked.purpose, Purpose::AA { .. }))
        .map(|asked| asked.asked_at)
        .max();
    let (from, after) = match last {
        Some(last) => (last, every),
        None => (standing.upkeep.since, every.min(FIRST_A_A_AFTER)),
    };
    let is_due = standing.now.duration_since(from) >= after;
    standing.newest.filter(|_| is_due).cloned()
}

/// How many seconds of measuring the budget of the last week has left.
pub fn rerun_seconds_left(
    now: Timestamp,
    upkeep: &Upkeep,
    measured_seconds: f64,
    rules: UpkeepRules,
) -> f64 {
    let spent: u64 = upkeep
        .own_measurings
        .iter()
        .filter(|asked| now.duration_since(asked.asked_at) < BUDGET_PERIOD)
        .filter_map(|asked| match asked.purpose {
            Purpose::Rerun { seconds, .. } => Some(seconds),
            Purpose::AA { .. } => None,
        })
        .fold(0, u64::saturating_add);
    let granted = measured_seconds.max(0.0) * f64::from(rules.rerun_percent) / 100.0;
    (granted - spent as f64).max(0.0)
}

#[cfg(test)]
mod tests;
