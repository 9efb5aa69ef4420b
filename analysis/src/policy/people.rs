//! The parts of a policy that people follow: who looks at what got worse and by when, and what a
//! configuration must have shown before it may block their work.

use std::collections::BTreeMap;

use shared_types::ConfigurationId;
use shared_types::triage::Owner;

/// Who looks at what got worse, and within which time. A day is 24 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageRules {
    /// Days from when a regression was found to when somebody has acknowledged it.
    pub acknowledge_within_days: u32,
    /// Days that a fix has which an acknowledgement promises without naming a day.
    pub fix_within_days: u32,
    /// Who looks at which configuration. At all others looks who decides.
    pub owners: BTreeMap<ConfigurationId, Owner>,
}

impl Default for TriageRules {
    fn default() -> Self {
        Self {
            acknowledge_within_days: 3,
            fix_within_days: 14,
            owners: BTreeMap::new(),
        }
    }
}

/// What a configuration must have shown before it may become gating.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GatingRules {
    /// On how many different days (UTC) it was measured.
    pub days_measured: u32,
    /// How many A/A comparisons there are in each metric.
    pub a_a_comparisons: u32,
    /// The largest share of them that may call anything a change: 0.1 is 10 %.
    pub largest_false_alarm_rate: f64,
    /// How many hosts have measured it: with one alone it is silent whenever that host is.
    pub hosts: u32,
    /// The largest share of runs in which something could not be measured: 0.05 is 5 %.
    pub largest_failed_share: f64,
}

impl Default for GatingRules {
    fn default() -> Self {
        Self {
            days_measured: 21,
            a_a_comparisons: 20,
            largest_false_alarm_rate: 0.1,
            hosts: 2,
            largest_failed_share: 0.05,
        }
    }
}
