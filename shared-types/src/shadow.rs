//! Shadow mode: what an environment that follows another found, beside what the other did.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::comparison::{Magnitude, Verdict};
use crate::format::Versioned;
use crate::text::word_enum;
use crate::{ArtifactId, ConfigurationId, FormatVersion, InvalidInput, MetricName, RequestId};

word_enum! {
    /// How two verdicts on the same pair of artifacts stand to each other.
    Agreement,
    "an agreement: agree, size-differs, differ, theirs-missing, ours-missing or both-missing" {
        /// The same verdict, and its largest change is of the same magnitude.
        Agree => "agree",
        /// The same verdict, and its largest change is of another magnitude.
        SizeDiffers => "size-differs",
        /// Different verdicts.
        Differ => "differ",
        /// Only this environment has a verdict.
        TheirsMissing => "theirs-missing",
        /// Only the other one has a verdict.
        OursMissing => "ours-missing",
        /// Neither has a verdict.
        BothMissing => "both-missing",
    }
}

impl Agreement {
    /// The same in words for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::SizeDiffers => "differ in size only",
            Self::Differ => "differ",
            Self::TheirsMissing => "theirs is missing",
            Self::OursMissing => "ours is missing",
            Self::BothMissing => "both are missing",
        }
    }
}

/// What came out of a comparison, as far as a table of agreement tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerdictInBrief {
    /// What came out.
    pub verdict: Verdict,
    /// How many relevant changes there are.
    pub relevant: u32,
    /// The largest relevant change; 0.01 is 1 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_change: Option<f64>,
    /// The largest magnitude of a relevant change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub magnitude: Option<Magnitude>,
}

/// A mirrored request under one configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShadowRow {
    /// The other's request, by the name that it has there.
    pub their_request: String,
    /// The request here.
    pub request: RequestId,
    /// What is compared with.
    pub base: ArtifactId,
    /// What is judged.
    pub head: ArtifactId,
    /// The other's configuration.
    pub their_configuration: ConfigurationId,
    /// The configuration here. Numbers of the two are never compared, their verdicts are.
    pub configuration: ConfigurationId,
    /// The metric in which both are told; absent where neither has a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<MetricName>,
    /// What the other says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<VerdictInBrief>,
    /// What this environment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<VerdictInBrief>,
    /// How the two stand to each other.
    pub agreement: Agreement,
}

/// How many rows stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowTotals {
    /// [`Agreement::Agree`].
    pub agree: u32,
    /// [`Agreement::SizeDiffers`].
    pub size_differs: u32,
    /// [`Agreement::Differ`].
    pub differ: u32,
    /// [`Agreement::TheirsMissing`].
    pub theirs_missing: u32,
    /// [`Agreement::OursMissing`].
    pub ours_missing: u32,
    /// [`Agreement::BothMissing`].
    pub both_missing: u32,
}

impl ShadowTotals {
    /// The totals of some rows.
    pub fn of(rows: &[ShadowRow]) -> Self {
        let count = |wanted: Agreement| {
            let found = rows.iter().filter(|row| row.agreement == wanted).count();
            u32::try_from(found).unwrap_or(u32::MAX)
        };
        Self {
            agree: count(Agreement::Agree),
            size_differs: count(Agreement::SizeDiffers),
            differ: count(Agreement::Differ),
            theirs_missing: count(Agreement::TheirsMissing),
            ours_missing: count(Agreement::OursMissing),
            both_missing: count(Agreement::BothMissing),
        }
    }

    /// How many rows both have a verdict on.
    pub fn compared(&self) -> u32 {
        self.agree + self.size_differs + self.differ
    }
}

/// The agreeing and differing verdicts on what the other was asked for on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShadowTable {
    /// The version of this format.
    pub format: FormatVersion,
    /// What is followed.
    pub of: String,
    /// The day, UTC.
    pub day: Date,
    /// When it was brought up to date.
    pub updated_at: Timestamp,
    /// Its rows, by request and configuration.
    pub rows: Vec<ShadowRow>,
    /// Their totals.
    pub totals: ShadowTotals,
}

impl Versioned for ShadowTable {
    const WHAT: &'static str = "a table of agreement";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        if ShadowTotals::of(&self.rows) == self.totals {
            return Ok(());
        }
        Err(InvalidInput::inconsistent(
            Self::WHAT,
            "its totals are not those of its rows".to_owned(),
        ))
    }
}

/// What an environment in shadow mode says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowStatus {
    /// What is followed.
    pub of: String,
}
