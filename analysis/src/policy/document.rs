//! A policy: what a project makes of the answers of its configurations.

use std::collections::BTreeMap;

use shared_types::{Category, ConfigurationId, MetricName, Tier};

use super::people::{GatingRules, TriageRules};
use super::reading;
use crate::AnalysisError;

/// A policy. [`Policy::default`] is what holds where a project has written none.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Who decides where the policy cannot: a person, a team, a meeting.
    pub decides: String,
    /// Of what is called a change in a verdict, the share that may be none.
    pub false_discovery_rate: f64,
    /// The metrics that count for the verdict. Empty: every metric that was compared.
    pub metrics: Vec<MetricName>,
    /// Tiers of configurations, instead of those that they are registered with.
    pub tiers: BTreeMap<ConfigurationId, Tier>,
    /// What is told first, and what counts how much in a figure.
    pub weights: Weights,
    /// From which size on a change counts.
    pub limits: Vec<Limit>,
    /// Who looks at what got worse, and within which time.
    pub triage: TriageRules,
    /// What a configuration must have shown before it may become gating.
    pub gating: GatingRules,
}

/// What is told first, and what counts how much in the figure beside a configuration. No weight
/// ever sets one configuration off against another.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Configurations with a larger weight are told first. Whatever is not named here has 1.
    pub configurations: BTreeMap<ConfigurationId, f64>,
    /// What a primary test case counts in the mean of its own configuration. At 0 it is shown and
    /// counts for nothing, neither mean nor verdict.
    pub primary: f64,
    /// What a secondary test case counts.
    pub secondary: f64,
}

/// From which size on a change of some metric and category counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The metric, or every one.
    pub metric: Option<MetricName>,
    /// The category, or both.
    pub category: Option<Category>,
    /// The smallest change that counts. Relative: 0.01 is 1 %.
    pub smallest_change: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            decides: "the maintainers".to_owned(),
            false_discovery_rate: 0.01,
            metrics: Vec::new(),
            tiers: BTreeMap::new(),
            weights: Weights::default(),
            limits: Vec::new(),
            triage: TriageRules::default(),
            gating: GatingRules::default(),
        }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            configurations: BTreeMap::new(),
            primary: 1.0,
            secondary: 1.0,
        }
    }
}

impl Weights {
    /// The weight of a configuration.
    pub fn configuration(&self, configuration: &ConfigurationId) -> f64 {
        self.configurations
            .get(configuration)
            .copied()
            .unwrap_or(1.0)
    }

    /// What one test case of a category counts.
    pub fn category(&self, category: Category) -> f64 {
        match category {
            Category::Primary => self.primary,
            Category::Secondary => self.secondary,
        }
    }
}

impl Policy {
    /// Reads `policy.toml`.
    ///
    /// # Errors
    /// When it is not TOML, has a field or a value that is not understood, contradicts itself, or is
    /// of another version. The error names the line and says what to do.
    pub fn parse(text: &str) -> Result<Self, AnalysisError> {
        reading::read(text)
    }

    /// The tier of a configuration: that of the policy, else the one it is registered with.
    pub fn tier(&self, configuration: &ConfigurationId, registered: Tier) -> Tier {
        self.tiers.get(configuration).copied().unwrap_or(registered)
    }

    /// Who looks at what got worse under a configuration: who is named for it, else who decides.
    pub fn owner(&self, configuration: &ConfigurationId) -> String {
        let named = self.triage.owners.get(configuration);
        named.map_or_else(|| self.decides.clone(), ToString::to_string)
    }

    /// Whether a metric counts for the verdict.
    pub fn asks_for(&self, metric: &MetricName) -> bool {
        self.metrics.is_empty() || self.metrics.contains(metric)
    }

    /// The smallest change that counts: the largest of all limits that apply, or 0.
    pub fn limit(&self, metric: &MetricName, category: Category) -> f64 {
        let applying = self.limits.iter().filter(|limit| {
            limit
                .metric
                .as_ref()
                .is_none_or(|limited| limited == metric)
                && limit.category.is_none_or(|limited| limited == category)
        });
        applying
            .map(|limit| limit.smallest_change)
            .fold(0.0, f64::max)
    }
}
