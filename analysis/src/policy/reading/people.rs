//! The tables `[triage]` and `[gating]`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Deserialize;
use shared_types::ConfigurationId;
use shared_types::triage::Owner;
use toml::Spanned;

use super::Reader;
use crate::AnalysisError;
use crate::false_alarms::COMPARISONS_MAX;
use crate::policy::people::{GatingRules, TriageRules};

/// The days that anything may take: what takes longer than a year is not waited for.
const DAYS: RangeInclusive<u32> = 1..=365;
/// How many hosts may be asked for.
const HOSTS: RangeInclusive<u32> = 1..=100;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, expecting = "the fields of the table `triage`")]
pub(super) struct DocumentTriage {
    acknowledge_within_days: Option<Spanned<u32>>,
    fix_within_days: Option<Spanned<u32>>,
    #[serde(default)]
    owners: BTreeMap<ConfigurationId, Owner>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, expecting = "the fields of the table `gating`")]
pub(super) struct DocumentGating {
    days_measured: Option<Spanned<u32>>,
    a_a_comparisons: Option<Spanned<u32>>,
    largest_false_alarm_rate: Option<Spanned<f64>>,
    hosts: Option<Spanned<u32>>,
    largest_failed_share: Option<Spanned<f64>>,
}

impl Reader<'_> {
    pub(super) fn triage(&self, document: DocumentTriage) -> Result<TriageRules, AnalysisError> {
        let default = TriageRules::default();
        Ok(TriageRules {
            acknowledge_within_days: self.whole(
                "acknowledge_within_days",
                document.acknowledge_within_days.as_ref(),
                &DAYS,
                default.acknowledge_within_days,
            )?,
            fix_within_days: self.whole(
                "fix_within_days",
                document.fix_within_days.as_ref(),
                &DAYS,
                default.fix_within_days,
            )?,
            owners: document.owners,
        })
    }

    pub(super) fn gating(&self, document: &DocumentGating) -> Result<GatingRules, AnalysisError> {
        let default = GatingRules::default();
        // More than are looked at can never be shown.
        let comparisons = 1..=u32::try_from(COMPARISONS_MAX).unwrap_or(u32::MAX);
        Ok(GatingRules {
            days_measured: self.whole(
                "days_measured",
                document.days_measured.as_ref(),
                &DAYS,
                default.days_measured,
            )?,
            a_a_comparisons: self.whole(
                "a_a_comparisons",
                document.a_a_comparisons.as_ref(),
                &comparisons,
                default.a_a_comparisons,
            )?,
            largest_false_alarm_rate: self.share(
                "largest_false_alarm_rate",
                document.largest_false_alarm_rate.as_ref(),
                default.largest_false_alarm_rate,
            )?,
            hosts: self.whole("hosts", document.hosts.as_ref(), &HOSTS, default.hosts)?,
            largest_failed_share: self.share(
                "largest_failed_share",
                document.largest_failed_share.as_ref(),
                default.largest_failed_share,
            )?,
        })
    }

    /// A whole number within a range, or what holds where none is written.
    fn whole(
        &self,
        name: &str,
        written: Option<&Spanned<u32>>,
        range: &RangeInclusive<u32>,
        default: u32,
    ) -> Result<u32, AnalysisError> {
        let Some(written) = written else {
            return Ok(default);
        };
        let value = *written.get_ref();
        if range.contains(&value) {
            return Ok(value);
        }
        let (first, last) = (range.start(), range.end());
        Err(self.refused(
            written,
            &format!("`{name}` is {value}: write a whole number from {first} to {last}"),
        ))
    }

    /// A share below one, or what holds where none is written.
    fn share(
        &self,
        name: &str,
        written: Option<&Spanned<f64>>,
        default: f64,
    ) -> Result<f64, AnalysisError> {
        let Some(written) = written else {
            return Ok(default);
        };
        let value = *written.get_ref();
        if (0.0..1.0).contains(&value) {
            return Ok(value);
        }
        Err(self.refused(
            written,
            &format!("`{name}` is {value}: write a share from 0 to below 1 (0.05 is 5 %)"),
        ))
    }
}
