//! What a policy says of a request, with all the numbers and rules that made it say so. It is its own
//! explanation: what was decided and why come out of one computation and cannot contradict each
//! other.

use serde::{Deserialize, Serialize};
use shared_types::comparison::{Magnitude, Verdict};
use shared_types::run::Side;
use shared_types::{Category, ConfigurationId, Tier};

use crate::direction::CategoryDirection;

/// What the policy makes of all answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict in a sentence that says why.
    pub sentence: String,
    /// The rule of the policy that made the verdict.
    pub rule: Rule,
    /// Whether a gating configuration stands against the change.
    pub blocks: bool,
    /// Who is to decide, where somebody has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// How false alarms are kept rare over all gating configurations and verdict metrics together.
    pub family: Family,
    /// What is not known yet and could still change the verdict, where there is such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
    /// What each configuration says: gating ones first, then by weight, then by name.
    pub opinions: Vec<Opinion>,
}

/// Which rule of the policy made a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Nobody who takes part may decide.
    NoGatingConfiguration,
    /// One gating configuration improved and another regressed.
    OppositeVerdicts,
    /// A gating configuration has not answered, or could compare nothing.
    Unanswered,
    /// A gating configuration has improvements and regressions.
    MixedWithinOne,
    /// Some gating configuration regressed, and none improved.
    OnlyRegressions,
    /// Some gating configuration improved, and none is against it.
    OnlyImprovements,
    /// No gating configuration has a change that counts.
    NoChangeThatCounts,
}

impl Rule {
    /// The verdict that the rule makes.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::NoGatingConfiguration | Self::NoChangeThatCounts => Verdict::Neutral,
            Self::OppositeVerdicts => Verdict::Conflict,
            Self::Unanswered => Verdict::Incomplete,
            Self::MixedWithinOne => Verdict::Mixed,
            Self::OnlyRegressions => Verdict::Regressed,
            Self::OnlyImprovements => Verdict::Improved,
        }
    }

    /// The rule in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoGatingConfiguration => {
                "Only gating configurations decide, and none takes part."
            }
            Self::OppositeVerdicts => {
                "One gating configuration improved and another regressed. Neither makes up for the \
                 other, and no mean is taken over them: people decide. Answers that are still \
                 missing cannot take this back, so it does not wait for them."
            }
            Self::Unanswered => {
                "Before every gating configuration has answered there is no verdict, unless two of \
                 them contradict each other already."
            }
            Self::MixedWithinOne => {
                "A gating configuration has improvements and regressions, and none is without an \
                 answer."
            }
            Self::OnlyRegressions => {
                "At least one gating configuration regressed, none improved, and all have answered."
            }
            Self::OnlyImprovements => {
                "At least one gating configuration improved, none has a regression that prevails, \
                 and all have answered."
            }
            Self::NoChangeThatCounts => {
                "All gating configurations have answered, and none has a change that counts."
            }
        }
    }
}

/// Questions that are answered together, so that false alarms stay rare over all of them
/// (Benjamini-Hochberg; see [`false_discovery`](crate::false_discovery)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Family {
    /// Of what is called a change, the share that may be none.
    pub rate: f64,
    /// How many test cases have a p-value, over the configurations and metrics of the family.
    pub questions: u32,
    /// How many are still to come from configurations that have not answered. Until they do, they
    /// count as questions to which the answer is no, so that what is called a change now stays one.
    pub expected: u32,
    /// How many test cases have no p-value, since their method gives none. They are outside of the
    /// family: the method's own word holds.
    pub without_p: u32,
    /// The largest p-value that is called a change. Absent where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<f64>,
    /// How many are called a change.
    pub called: u32,
}

/// What is not known yet and could still count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// How many test cases of gating configurations and verdict metrics are not known to be the
    /// same, and not to be different.
    pub not_yet_known: u32,
    /// Of how many.
    pub test_cases: u32,
    /// The largest change, for the better or the worse, that one of them may still hide. Relative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<f64>,
}

/// What one configuration says, and whether it counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Its tier by the policy.
    pub tier: Tier,
    /// Its weight by the policy: what is heavier is told first.
    pub weight: f64,
    /// Its verdict. Absent while it has not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Whether the head was measured again, and all measurings together say this.
    pub confirmed: bool,
    /// What follows from it.
    pub consequence: Consequence,
    /// The family of a configuration that does not gate, which is its own. Those that gate share
    /// that of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Family>,
    /// What it says in each metric that counts for the verdict, in the order of the comparisons'
    /// names.
    pub metrics: Vec<MetricOpinion>,
    /// The above, in words.
    pub sentence: String,
}

/// What follows from the opinion of one configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// It sets its label and blocks until somebody decides.
    Blocks,
    /// It sets its label.
    Labels,
    /// It sets its label once the head was measured again and all measurings together still say so.
    AwaitsConfirmation,
    /// It is shown.
    Informs,
}

/// What one configuration says in one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricOpinion {
    /// The metric.
    pub metric: String,
    /// The significance method.
    pub method: String,
    /// Its version.
    pub method_version: String,
    /// What is compared with.
    pub base: Side,
    /// What is judged.
    pub head: Side,
    /// The verdict in this metric.
    pub verdict: Verdict,
    /// How the changes that count make a direction, for each category that has any test case.
    pub directions: Vec<CategoryDirection>,
    /// How many test cases were compared.
    pub test_cases: u32,
    /// How many are known to be the same.
    pub same: u32,
    /// How many are not known to be the same or different, and could still count.
    pub not_yet_known: u32,
    /// The largest change that one of these may still hide. Relative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<f64>,
    /// How many have no answer of three, since the method gives none.
    pub without_answer: u32,
    /// The mean of the improvements that count, each with the weight of its category. Relative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_improvement: Option<f64>,
    /// The mean of the regressions that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_regression: Option<f64>,
    /// The changes that count, the largest first.
    pub counted: Vec<CountedChange>,
    /// Changes that the method calls significant and that do not count, the largest first.
    pub left_out: Vec<ChangeLeftOut>,
}

/// A change that counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CountedChange {
    /// The test case.
    pub name: String,
    /// What it counts as.
    pub category: Category,
    /// The change. Relative: 0.01 is 1 %.
    pub change: f64,
    /// Whether it is for the worse.
    pub regression: bool,
    /// How large it is.
    pub magnitude: Magnitude,
    /// The lower end of its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end of its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// The size of change that noise explains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How probable such a difference is without any change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// The false-discovery rate at which the family of this opinion would call it a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_q: Option<f64>,
}

/// A change that is significant in its comparison and does not count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeLeftOut {
    /// The test case.
    pub name: String,
    /// The change. Absent where it is from zero and has no size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// Why.
    pub reason: LeftOutReason,
    /// The limit of the policy, where that is the reason. Relative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// The false-discovery rate in the family of this opinion, where that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_q: Option<f64>,
}

/// Why a significant change does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOutReason {
    /// Among all questions of the family, so small a p-value is to be expected by chance.
    ChanceInFamily,
    /// It is below the policy's limit for its metric and category.
    BelowLimit,
    /// The policy gives its category no weight.
    CategoryWithoutWeight,
    /// It has no size that could be compared with a limit.
    NoSize,
    /// The method calls it too small for a person to look at.
    TooSmallToMatter,
}

impl LeftOutReason {
    /// The reason in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::ChanceInFamily => {
                "among all questions of this request, chance alone makes such a p-value"
            }
            Self::BelowLimit => "below the policy's limit",
            Self::CategoryWithoutWeight => "of a category to which the policy gives no weight",
            Self::NoSize => "from zero, so without a size",
            Self::TooSmallToMatter => "more than noise, but too small to matter by the method",
        }
    }
}
