//! `policy.toml`: what a project makes of the answers of its configurations.

use std::collections::BTreeMap;

use serde::Deserialize;
use shared_types::{Category, ConfigurationId, MetricName, Tier};

use crate::AnalysisError;

/// The version of the format that is read.
const VERSION: u32 = 1;

/// A policy. [`Policy::default`] is what holds where a project has written none.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Who decides where the policy cannot: a person, a team, a meeting.
    pub decides: String,
    /// The metrics that count for the verdict. Empty: every metric that was compared.
    pub metrics: Vec<MetricName>,
    /// Tiers of configurations, instead of those that they are registered with.
    pub tiers: BTreeMap<ConfigurationId, Tier>,
    /// From which size on a change counts.
    pub limits: Vec<Limit>,
}

/// From which size on a change of some metric and category counts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The metric, or every one.
    #[serde(default)]
    pub metric: Option<MetricName>,
    /// The category, or both.
    #[serde(default)]
    pub category: Option<Category>,
    /// The smallest change that counts. Relative: 0.01 is 1 %.
    pub smallest_change: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    decides: Option<String>,
    #[serde(default)]
    metrics: Vec<MetricName>,
    #[serde(default)]
    tiers: BTreeMap<ConfigurationId, Tier>,
    #[serde(default)]
    limits: Vec<Limit>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            decides: "the maintainers".to_owned(),
            metrics: Vec::new(),
            tiers: BTreeMap::new(),
            limits: Vec::new(),
        }
    }
}

impl Policy {
    /// Reads `policy.toml`.
    ///
    /// # Errors
    /// When it is not TOML, has a field or a value that is not understood, or another version.
    pub fn parse(text: &str) -> Result<Self, AnalysisError> {
        let refused = |reason: String| AnalysisError::Policy { reason };
        let document: Document =
            toml::from_str(text).map_err(|error| refused(error.to_string()))?;
        if document.version != VERSION {
            return Err(refused(format!(
                "its version is {}, and this program reads {VERSION}",
                document.version
            )));
        }
        for limit in &document.limits {
            if !(0.0..=1.0).contains(&limit.smallest_change) {
                return Err(refused(format!(
                    "smallest_change is {}, and a limit is between 0 and 1 (0.01 is 1 %)",
                    limit.smallest_change
                )));
            }
        }
        let decides = document.decides.map(|who| who.trim().to_owned());
        if decides.as_deref() == Some("") {
            return Err(refused("`decides` names nobody".to_owned()));
        }
        Ok(Self {
            decides: decides.unwrap_or_else(|| Self::default().decides),
            metrics: document.metrics,
            tiers: document.tiers,
            limits: document.limits,
        })
    }

    /// The tier of a configuration: that of the policy, else the one it is registered with.
    pub fn tier(&self, configuration: &ConfigurationId, registered: Tier) -> Tier {
        self.tiers.get(configuration).copied().unwrap_or(registered)
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
