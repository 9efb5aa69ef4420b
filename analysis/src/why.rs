//! Why a comparison, or a decision on a request, says what it says: the numbers and the rules that
//! made it, as data and as text that a stranger understands.
//!
//! A [`Decision`](crate::policy::Decision) holds its own reasons. Those of a comparison are put
//! together here, from the comparison itself; how one test case was computed, step by step, its
//! method tells, since nothing else knows.

mod comparison_text;
mod decision_text;
mod sections;
mod step;

pub use comparison_text::text as comparison_text;
pub use decision_text::text as decision_text;
pub use sections::{Section, SectionKind, ToldStep, sections};
pub use step::{Step, StepUnit};

use serde::{Deserialize, Serialize};
use shared_types::comparison::{Answer, ComparedTestCase, Comparison, Verdict};
use shared_types::{Category, ConfigurationId, Metric};

use crate::comparison::gather_evidence;
use crate::direction::{self, CategoryDirection};
use crate::false_discovery::cut_off;
use crate::run_values::RunValues;
use crate::significance::{self, SignificanceMethod};
use crate::{AnalysisError, SeriesHistory};

/// Why a comparison says what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonExplanation {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// What is compared with.
    pub base: String,
    /// What is judged.
    pub head: String,
    /// The metric.
    pub metric: Metric,
    /// The significance method.
    pub method: String,
    /// Its version.
    pub method_version: String,
    /// How the method judges, a rule in each sentence.
    pub principle: Vec<String>,
    /// What came out.
    pub verdict: Verdict,
    /// The answer in one sentence.
    pub headline: String,
    /// How false alarms are kept rare over all test cases, where the method does that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<DisplayFamily>,
    /// How the relevant changes of a category make its direction. The verdict joins them: neutral
    /// gives way, improved and regressed together are mixed.
    pub directions: Vec<CategoryDirection>,
    /// What is known of how many test cases.
    pub known: Known,
    /// The test cases that are explained: the relevant ones, the largest first, or those that were
    /// asked for.
    pub test_cases: Vec<TestCaseExplanation>,
    /// What a reader should know before trusting it.
    pub warnings: Vec<String>,
}

/// The family of all test cases of one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DisplayFamily {
    /// Of what is called significant, the share that may be none.
    pub rate: f64,
    /// How many test cases have a p-value.
    pub questions: u32,
    /// The largest p-value that is significant. Absent where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<f64>,
}

/// What is known of how many test cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// All that were compared.
    pub compared: u32,
    /// Those that one side lacks.
    pub missing: u32,
    /// Those that the method calls a change.
    pub significant: u32,
    /// Those of them that are large enough for a person to look at.
    pub relevant: u32,
    /// Those that are known to be the same.
    pub same: u32,
    /// Those of which it is not known.
    pub not_yet_known: u32,
    /// Those of which the method does not say whether they are the same.
    pub without_answer: u32,
}

/// Why a test case is judged as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestCaseExplanation {
    /// All numbers of its row.
    pub row: ComparedTestCase,
    /// What it counts as.
    pub category: Category,
    /// Whether it is for the worse. Absent where it has no size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regression: Option<bool>,
    /// Which rule made the judgement.
    pub rule: JudgementRule,
    /// How it was computed, step by step. Empty where nobody asked for this test case alone.
    pub working: Vec<Step>,
}

/// Which rule made the judgement of a test case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JudgementRule {
    /// It exceeds the noise and is large enough.
    Relevant,
    /// It exceeds the noise and is too small to matter.
    SignificantButSmall,
    /// Whatever the difference is, it is too small to matter.
    Same,
    /// It may be none and may be one that matters.
    NotYetKnown,
    /// It does not exceed what noise explains.
    WithinNoise,
    /// It is from zero and has no size.
    NoSize,
}

impl JudgementRule {
    fn of(case: &ComparedTestCase) -> Self {
        match (case.significant, case.relevant, case.answer) {
            (_, true, _) => Self::Relevant,
            (true, false, _) => Self::SignificantButSmall,
            (false, false, _) if case.change.is_none() => Self::NoSize,
            (false, false, Some(Answer::Same)) => Self::Same,
            (false, false, Some(Answer::NotYetKnown)) => Self::NotYetKnown,
            (false, false, Some(Answer::Different) | None) => Self::WithinNoise,
        }
    }

    /// The rule in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Relevant => {
                "counts: it is more than noise explains, and large enough for a person to look at"
            }
            Self::SignificantButSmall => {
                "does not count: it is more than noise explains, but too small to matter"
            }
            Self::Same => {
                "does not count: whatever the difference is, the interval shows that it is too small \
                 to matter"
            }
            Self::NotYetKnown => {
                "not yet known: noise may explain it, and so may a change that matters; base and \
                 head measured in pairs, or more iterations, would settle it"
            }
            Self::WithinNoise => "does not count: noise explains a difference of this size",
            Self::NoSize => "does not count: a change from zero has no relative size",
        }
    }
}

/// Explains a comparison, as far as it holds its reasons itself: all but the steps in which its method
/// computed a test case.
pub fn explain(comparison: &Comparison) -> ComparisonExplanation {
    let method = significance::method(&comparison.method).ok();
    let principle = method.as_ref().map_or(&[][..], |method| method.principle());
    let rate = method.and_then(|method| method.false_discovery_rate());
    ComparisonExplanation {
        configuration: comparison.configuration.clone(),
        base: comparison.base.to_string(),
        head: comparison.head.to_string(),
        metric: comparison.metric_details.clone(),
        method: comparison.method.clone(),
        method_version: comparison.method_version.clone(),
        principle: principle.iter().map(|rule| (*rule).to_owned()).collect(),
        verdict: comparison.verdict,
        headline: comparison.headline.clone(),
        family: rate.and_then(|rate| family(comparison, rate)),
        directions: direction::by_category(
            &comparison.metric_details,
            &comparison.test_cases,
            &comparison.test_cases,
        ),
        known: known(comparison),
        test_cases: relevant(comparison),
        warnings: comparison.warnings.clone(),
    }
}

/// What a comparison was made of.
#[derive(Clone, Copy)]
pub struct MadeOf<'a> {
    /// What is compared with.
    pub base: &'a RunValues,
    /// What is judged.
    pub head: &'a RunValues,
    /// What was measured before base.
    pub history: &'a SeriesHistory,
    /// What judged it.
    pub method: &'a dyn SignificanceMethod,
}

/// Explains one test case of a comparison with each step of its computing. It is asked for by its
/// name, or by a part of the name that no other has.
///
/// # Errors
/// When no test case, or more than one, has that in its name.
pub fn explain_test_case(
    comparison: &Comparison,
    made_of: MadeOf<'_>,
    asked: &str,
) -> Result<ComparisonExplanation, AnalysisError> {
    let place = place_of(comparison, asked)?;
    let MadeOf {
        base,
        head,
        history,
        method,
    } = made_of;
    let metric = &comparison.metric_details;
    let evidence = gather_evidence(base, head, metric, history);
    let working = method.working(metric, &evidence, place);
    let explained = test_case(comparison, &comparison.test_cases[place], working);
    Ok(ComparisonExplanation {
        test_cases: vec![explained],
        ..explain(comparison)
    })
}

fn relevant(comparison: &Comparison) -> Vec<TestCaseExplanation> {
    let relevant = comparison.test_cases.iter().filter(|case| case.relevant);
    let mut relevant: Vec<TestCaseExplanation> = relevant
        .map(|case| test_case(comparison, case, Vec::new()))
        .collect();
    let size = |one: &TestCaseExplanation| one.row.change.map_or(0.0, f64::abs);
    relevant.sort_by(|one, other| {
        let by_size = size(other).total_cmp(&size(one));
        by_size.then(one.row.name.cmp(&other.row.name))
    });
    relevant
}

fn test_case(
    comparison: &Comparison,
    case: &ComparedTestCase,
    working: Vec<Step>,
) -> TestCaseExplanation {
    TestCaseExplanation {
        row: case.clone(),
        category: direction::category_of(case),
        regression: case
            .change
            .map(|change| direction::is_regression(&comparison.metric_details, change)),
        rule: JudgementRule::of(case),
        working,
    }
}

fn family(comparison: &Comparison, rate: f64) -> Option<DisplayFamily> {
    let p: Vec<f64> = comparison
        .test_cases
        .iter()
        .filter_map(|case| case.p)
        .collect();
    (!p.is_empty()).then(|| DisplayFamily {
        rate,
        questions: number(p.iter()),
        cut_off: cut_off(&p, rate),
    })
}

fn known(comparison: &Comparison) -> Known {
    let count = |wanted: &dyn Fn(&ComparedTestCase) -> bool| {
        number(comparison.test_cases.iter().filter(|case| wanted(case)))
    };
    Known {
        compared: count(&|_| true),
        missing: number(comparison.missing.iter()),
        significant: count(&|case| case.significant),
        relevant: count(&|case| case.relevant),
        same: count(&|case| case.answer == Some(Answer::Same)),
        not_yet_known: count(&|case| case.answer == Some(Answer::NotYetKnown)),
        without_answer: count(&|case| case.answer.is_none()),
    }
}

/// The test case of that name, or the only one whose name holds `asked`.
fn place_of(comparison: &Comparison, asked: &str) -> Result<usize, AnalysisError> {
    let cases = &comparison.test_cases;
    if let Some(place) = cases.iter().position(|case| case.name == asked) {
        return Ok(place);
    }
    let holding: Vec<usize> = (0..cases.len())
        .filter(|place| cases[*place].name.contains(asked))
        .collect();
    match holding[..] {
        [place] => Ok(place),
        _ => Err(AnalysisError::WhichTestCase {
            asked: asked.chars().take(200).collect(),
            candidates: holding
                .iter()
                .map(|place| cases[*place].name.clone())
                .collect(),
        }),
    }
}

fn number<T>(all: impl Iterator<Item = T>) -> u32 {
    u32::try_from(all.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
