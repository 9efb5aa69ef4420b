//! `policy.toml`, read so that whatever is wrong is refused with its line and what to do.

mod people;

use std::collections::BTreeMap;

use serde::Deserialize;
use shared_types::{Category, ConfigurationId, MetricName, Tier};
use toml::Spanned;

use super::document::{Limit, Policy, Weights};
use crate::AnalysisError;

/// The version of the format that is read.
const VERSION: u32 = 1;

/// The largest false-discovery rate: above, more than half of what is said may be wrong.
const RATE_MAX: f64 = 0.5;

/// The largest weight.
const WEIGHT_MAX: f64 = 1000.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "the fields of a policy")]
struct Document {
    version: Spanned<u32>,
    decides: Option<Spanned<String>>,
    false_discovery_rate: Option<Spanned<f64>>,
    metrics: Option<Spanned<Vec<Spanned<MetricName>>>>,
    #[serde(default)]
    tiers: BTreeMap<ConfigurationId, Tier>,
    #[serde(default)]
    weights: DocumentWeights,
    #[serde(default)]
    limits: Vec<Spanned<DocumentLimit>>,
    #[serde(default)]
    triage: people::DocumentTriage,
    #[serde(default)]
    gating: people::DocumentGating,
}

#[derive(Deserialize, Default)]
#[serde(
    deny_unknown_fields,
    expecting = "the tables `weights.configurations` and `weights.categories`"
)]
struct DocumentWeights {
    #[serde(default)]
    configurations: BTreeMap<ConfigurationId, Spanned<f64>>,
    #[serde(default)]
    categories: BTreeMap<Category, Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "the fields of a limit")]
struct DocumentLimit {
    metric: Option<MetricName>,
    category: Option<Category>,
    smallest_change: Spanned<f64>,
}

pub(super) fn read(text: &str) -> Result<Policy, AnalysisError> {
    let document: Document = toml::from_str(text).map_err(|error| AnalysisError::Policy {
        reason: format!(
            "{}\ncorrect it: docs/policy.md lists what must and what may be there",
            error.to_string().trim_end()
        ),
    })?;
    Reader { text }.policy(document)
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn policy(&self, document: Document) -> Result<Policy, AnalysisError> {
        self.check_version(&document.version)?;
        let default = Policy::default();
        let metrics = self.metrics(document.metrics)?;
        Ok(Policy {
            decides: self.decides(document.decides)?.unwrap_or(default.decides),
            false_discovery_rate: match document.false_discovery_rate {
                Some(rate) => self.rate(&rate)?,
                None => default.false_discovery_rate,
            },
            tiers: document.tiers,
            weights: self.weights(document.weights)?,
            limits: self.limits(document.limits, &metrics)?,
            triage: self.triage(document.triage)?,
            gating: self.gating(&document.gating)?,
            metrics,
        })
    }

    fn check_version(&self, version: &Spanned<u32>) -> Result<(), AnalysisError> {
        if *version.get_ref() == VERSION {
            return Ok(());
        }
        Err(self.refused(
            version,
            &format!(
                "the version is {}, and this program reads {VERSION}: write `version = {VERSION}` if \
                 the rest is as docs/policy.md says, or use the program that the file was written for",
                version.get_ref()
            ),
        ))
    }

    fn decides(&self, decides: Option<Spanned<String>>) -> Result<Option<String>, AnalysisError> {
        let Some(decides) = decides else {
            return Ok(None);
        };
        let who = decides.get_ref().trim();
        if who.is_empty() {
            return Err(self.refused(
                &decides,
                "`decides` names nobody: name a person, a team or a meeting, or leave it out",
            ));
        }
        Ok(Some(who.to_owned()))
    }

    fn rate(&self, rate: &Spanned<f64>) -> Result<f64, AnalysisError> {
        let value = *rate.get_ref();
        if value > 0.0 && value <= RATE_MAX {
            return Ok(value);
        }
        Err(self.refused(
            rate,
            &format!(
                "`false_discovery_rate` is {value}: write a share above 0 and up to {RATE_MAX}, such \
                 as 0.01, by which one in a hundred changes that are called so may be none"
            ),
        ))
    }

    fn metrics(
        &self,
        metrics: Option<Spanned<Vec<Spanned<MetricName>>>>,
    ) -> Result<Vec<MetricName>, AnalysisError> {
        let Some(metrics) = metrics else {
            return Ok(Vec::new());
        };
        if metrics.get_ref().is_empty() {
            return Err(self.refused(
                &metrics,
                "`metrics` names none: name at least one, or leave it out so that every metric \
                 counts",
            ));
        }
        let mut named: Vec<MetricName> = Vec::new();
        for metric in metrics.into_inner() {
            if named.contains(metric.get_ref()) {
                let twice = format!(
                    "`{}` stands twice in `metrics`: take one out",
                    metric.as_ref()
                );
                return Err(self.refused(&metric, &twice));
            }
            named.push(metric.into_inner());
        }
        Ok(named)
    }

    fn weights(&self, weights: DocumentWeights) -> Result<Weights, AnalysisError> {
        let mut read = Weights::default();
        for (configuration, weight) in weights.configurations {
            let value = *weight.get_ref();
            if !(value > 0.0 && value <= WEIGHT_MAX) {
                return Err(self.refused(
                    &weight,
                    &format!(
                        "the weight of {configuration} is {value}: write a number above 0 and up to \
                         {WEIGHT_MAX}. A configuration that is not to count has the tier \
                         `experimental`, not a weight of 0"
                    ),
                ));
            }
            read.configurations.insert(configuration, value);
        }
        for (category, weight) in weights.categories {
            let value = *weight.get_ref();
            if !(0.0..=WEIGHT_MAX).contains(&value) {
                return Err(self.refused(
                    &weight,
                    &format!(
                        "the weight of {category} test cases is {value}: write a number from 0 (they \
                         are shown and do not count) to {WEIGHT_MAX}"
                    ),
                ));
            }
            match category {
                Category::Primary => read.primary = value,
                Category::Secondary => read.secondary = value,
            }
            if read.primary == 0.0 && read.secondary == 0.0 {
                return Err(self.refused(
                    &weight,
                    "with this weight no category counts, and nothing could ever be decided: give \
                     one of them a weight above 0",
                ));
            }
        }
        Ok(read)
    }

    fn limits(
        &self,
        limits: Vec<Spanned<DocumentLimit>>,
        metrics: &[MetricName],
    ) -> Result<Vec<Limit>, AnalysisError> {
        let mut read: Vec<Limit> = Vec::with_capacity(limits.len());
        for limit in limits {
            let size = &limit.get_ref().smallest_change;
            if !(0.0..=1.0).contains(size.get_ref()) {
                return Err(self.refused(
                    size,
                    &format!(
                        "`smallest_change` is {}: write a share between 0 and 1 (0.01 is 1 %)",
                        size.get_ref()
                    ),
                ));
            }
            self.check_limit(&limit, &read, metrics)?;
            let limit = limit.into_inner();
            read.push(Limit {
                metric: limit.metric,
                category: limit.category,
                smallest_change: limit.smallest_change.into_inner(),
            });
        }
        Ok(read)
    }

    fn check_limit(
        &self,
        limit: &Spanned<DocumentLimit>,
        before: &[Limit],
        metrics: &[MetricName],
    ) -> Result<(), AnalysisError> {
        let DocumentLimit {
            metric, category, ..
        } = limit.get_ref();
        let same = |other: &Limit| other.metric == *metric && other.category == *category;
        if before.iter().any(same) {
            return Err(self.refused(
                limit,
                "there is a limit for this metric and category already: take one of the two out",
            ));
        }
        match metric {
            Some(metric) if !metrics.is_empty() && !metrics.contains(metric) => Err(self.refused(
                limit,
                &format!(
                    "the limit is for `{metric}`, which does not count for the verdict: add it to \
                     `metrics`, or take the limit out"
                ),
            )),
            _ => Ok(()),
        }
    }

    fn refused<T>(&self, place: &Spanned<T>, reason: &str) -> AnalysisError {
        let before = self.text.get(..place.span().start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        AnalysisError::Policy {
            reason: format!("line {line}: {reason}"),
        }
    }
}
