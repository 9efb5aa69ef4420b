//! What a reader can ask for, and by which rules this installation judges.

use serde::{Deserialize, Serialize};

use crate::{Category, ConfigurationId, MetricName, Tier};

/// What this installation understands, and how it judges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Help {
    /// The name by which comments speak to the bot, with its `@`. Absent where this installation
    /// takes no commands from GitHub; then there are no commands either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mention: Option<String>,
    /// What comments can ask for.
    pub commands: Vec<CommandHelp>,
    /// The policy that is in force.
    pub policy: PolicyInForce,
}

/// One thing that a comment can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandHelp {
    /// What to write behind the name, parts to be replaced in capitals: `build COMMIT`.
    pub usage: String,
    /// What comes of it.
    pub effect: String,
}

/// The part of a policy that decides what is told as a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyInForce {
    /// Who decides where the policy cannot.
    pub decides: String,
    /// Of what a verdict calls a change, the share that may be none.
    pub false_discovery_rate: f64,
    /// The metrics that count for a verdict. Empty: every metric that was compared.
    pub metrics: Vec<MetricName>,
    /// From which size on a change counts.
    pub limits: Vec<PolicyLimit>,
    /// The tier of each configuration that is registered.
    pub tiers: Vec<ConfigurationTier>,
}

/// From which size on a change of some metric and category counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyLimit {
    /// The metric; every one where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<MetricName>,
    /// The category; both where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// The smallest change that counts. Relative: 0.01 is 1 %.
    pub smallest_change: f64,
}

/// What the verdicts of a configuration are used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationTier {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Its tier, that of the policy where it names one.
    pub tier: Tier,
}
