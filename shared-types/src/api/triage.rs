//! The answers about triage.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ComparisonReference, PullRequestLink};
use crate::comparison::Verdict;
use crate::run::Side;
use crate::triage::{IsoWeek, ReasonCode, TriageState, TriageStep};
use crate::{ArtifactId, ConfigurationId, RequestId, Tier};

/// A pair of sides of which some configuration says that head got worse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriageEntry {
    /// The comparison to look at first: of the most important configuration that got worse.
    pub comparison: ComparisonReference,
    /// What is compared with.
    pub base: Side,
    /// What is judged.
    pub head: Side,
    /// Where it stands: as the configuration that needs somebody most.
    pub state: TriageState,
    /// The tier of the most important configuration that got worse.
    pub tier: Tier,
    /// Whether gating configurations contradict each other.
    pub conflict: bool,
    /// What the policy says of a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// When it was found first.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub found_at: Timestamp,
    /// What each configuration says, gating ones first.
    pub configurations: Vec<TriageConfiguration>,
    /// The artifact that somebody named as the culprit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub culprit: Option<ArtifactId>,
    /// The request that wanted it last, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// The pull request that head belongs to, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequestLink>,
}

/// What one configuration says of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriageConfiguration {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Its tier by the policy.
    pub tier: Tier,
    /// Its verdict, over the metrics that count.
    pub verdict: Verdict,
    /// Its comparisons in these metrics.
    pub comparisons: Vec<ComparisonReference>,
    /// Where it stands; absent where nothing got worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<TriageStanding>,
}

/// Where a regression stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriageStanding {
    /// The state.
    pub state: TriageState,
    /// Who sees to it.
    pub owner: String,
    /// Since when it is in that state.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub since: Timestamp,
    /// Why it was acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
    /// By when somebody is to do something.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub deadline: Option<Timestamp>,
    /// Whether that is past.
    pub late: bool,
}

/// Something that somebody wants to do about a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTriageAct {
    /// What.
    pub act: TriageStep,
}

/// The report of a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriageReport {
    /// The week.
    pub week: IsoWeek,
    /// The report, as Markdown.
    pub markdown: String,
}

/// Whether a configuration may become gating.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Its tier today.
    pub tier: Tier,
    /// Whether it has shown all that the policy wants.
    pub ready: bool,
    /// Each thing that the policy wants.
    pub criteria: Vec<Criterion>,
    /// The same in a sentence.
    pub sentence: String,
}

/// One thing that the policy wants of a gating configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// The field of the policy's table `[gating]`.
    pub name: String,
    /// Whether it is met.
    pub met: bool,
    /// What there is, against what is wanted.
    pub sentence: String,
}
