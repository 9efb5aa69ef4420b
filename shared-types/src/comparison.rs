//! A comparison: head run against base run, within one configuration, for one metric.

use serde::{Deserialize, Serialize};

use crate::explanation::Explanation;
use crate::format::Versioned;
use crate::run::Side;
use crate::text::word_enum;
use crate::{Category, ConfigurationId, FormatVersion, Metric, TestCase};

/// The answer to "is head faster than base?", for one configuration and one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The version of this format.
    pub format: FormatVersion,
    /// The major version once more, as a number.
    pub schema: u32,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// What is compared with.
    pub base: Side,
    /// What is judged.
    pub head: Side,
    /// The name of the metric.
    pub metric: String,
    /// The metric, with its unit.
    pub metric_details: Metric,
    /// Every metric that both sides have.
    pub metrics: Vec<Metric>,
    /// The name of the significance method.
    pub method: String,
    /// The version of the significance method.
    pub method_version: String,
    /// What came out.
    pub verdict: Verdict,
    /// The answer in one sentence: which is better, by how much, and how sure that is.
    pub headline: String,
    /// Whether base and head are one artifact measured twice.
    pub a_a: bool,
    /// What came out, by category.
    pub summary: Summary,
    /// One row for each test case that both sides have.
    pub test_cases: Vec<ComparedTestCase>,
    /// Test cases that one side lacks.
    #[serde(default)]
    pub missing: Vec<MissingTestCase>,
    /// What a reader should know before trusting this.
    pub warnings: Vec<String>,
    /// What the test cases that changed have in common, the best explanation first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explanations: Vec<Explanation>,
}

word_enum! {
    /// What came out of a comparison, or of all the comparisons of a request.
    Verdict, "a verdict: improved, regressed, mixed, neutral, incomplete or conflict" {
        /// Better.
        Improved => "improved",
        /// Worse.
        Regressed => "regressed",
        /// Improvements and regressions within one configuration.
        Mixed => "mixed",
        /// No relevant change.
        Neutral => "neutral",
        /// A gating configuration has not answered.
        Incomplete => "incomplete",
        /// Opposite relevant verdicts on two gating configurations.
        Conflict => "conflict",
    }
}

word_enum! {
    /// How large a change is, by its size and by how far it exceeds the noise.
    Magnitude, "a magnitude: very-small, small, medium, large or very-large" {
        /// Hardly visible.
        VerySmall => "very-small",
        /// Small.
        Small => "small",
        /// Medium.
        Medium => "medium",
        /// Large.
        Large => "large",
        /// Very large.
        VeryLarge => "very-large",
    }
}

word_enum! {
    /// What is known of one test case.
    Answer, "an answer: different, same or not-yet-known" {
        /// Head is not what base is.
        Different => "different",
        /// Whatever the difference is, it is too small to matter.
        Same => "same",
        /// The interval holds both: more measurements are needed.
        NotYetKnown => "not-yet-known",
    }
}

/// What came out, by category. What is measured of a toolchain itself is of no category and stands by
/// itself; other test cases without a category count as primary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Real-world crates.
    pub primary: CategorySummary,
    /// Stress tests and others.
    pub secondary: CategorySummary,
    /// The toolchain itself, where any of it was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toolchain: Option<CategorySummary>,
}

impl Summary {
    /// The parts that have any test case, each with its name.
    pub fn parts(&self) -> impl Iterator<Item = (SummaryPart, &CategorySummary)> {
        let all = [
            (SummaryPart::Primary, Some(&self.primary)),
            (SummaryPart::Secondary, Some(&self.secondary)),
            (SummaryPart::Toolchain, self.toolchain.as_ref()),
        ];
        let parts = all.into_iter().filter_map(|(part, of)| Some((part, of?)));
        parts.filter(|(_, of)| of.test_cases > 0)
    }
}

word_enum! {
    /// A part of a summary.
    SummaryPart, "a part of a summary: primary, secondary or toolchain" {
        /// Test cases of [`Category::Primary`], and those without a category.
        Primary => "primary",
        /// Test cases of [`Category::Secondary`].
        Secondary => "secondary",
        /// What is measured of the toolchain itself, which is of no category.
        Toolchain => "toolchain",
    }
}

impl SummaryPart {
    /// The part in which a test case counts.
    pub fn of(test_case: &TestCase, category: Option<Category>) -> Self {
        match (test_case, category) {
            (TestCase::Toolchain { .. }, None) => Self::Toolchain,
            (_, Some(Category::Secondary)) => Self::Secondary,
            (_, Some(Category::Primary) | None) => Self::Primary,
        }
    }
}

/// What came out for the test cases of one category. Changes are relative: 0.01 is 1 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CategorySummary {
    /// How many test cases were compared.
    pub test_cases: u32,
    /// Relevant changes for the worse.
    pub regressions: ChangeSummary,
    /// Relevant changes for the better.
    pub improvements: ChangeSummary,
    /// All test cases, relevant or not.
    pub all: ChangeSummary,
}

/// A number of relative changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeSummary {
    /// How many.
    pub count: u32,
    /// Their geometric mean. `None` where there are none.
    pub mean: Option<f64>,
    /// The smallest.
    pub smallest: Option<f64>,
    /// The largest.
    pub largest: Option<f64>,
}

/// One test case, compared. Changes are relative: 0.01 is 1 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparedTestCase {
    /// Its name.
    pub name: String,
    /// What was measured.
    pub test_case: TestCase,
    /// What the benchmark stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// The value of base that was compared, in the unit of the metric.
    pub base: f64,
    /// The value of head that was compared, in the unit of the metric.
    pub head: f64,
    /// `(head - base) / base`. `None` where base is zero and head is not.
    pub change: Option<f64>,
    /// The lower end of the change's interval, where the method gives one.
    pub low: Option<f64>,
    /// The upper end of the change's interval, where the method gives one.
    pub high: Option<f64>,
    /// How probable a difference of at least this size is without any change, where the method
    /// says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// The false-discovery rate at which this would be called a change, where the method gives one.
    pub q: Option<f64>,
    /// What is known, where the method tells same from not yet known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Whether the method calls it a change.
    pub significant: bool,
    /// Whether it is significant and large enough for a person to look at.
    pub relevant: bool,
    /// How large it is.
    pub magnitude: Magnitude,
    /// The size of change that noise explains, where the method has one.
    pub threshold: Option<f64>,
    /// How many earlier artifacts the threshold rests on; 0 means that it is the method's default.
    pub history: u32,
    /// Every iteration of base, over its replicates.
    pub base_iterations: Vec<f64>,
    /// Every iteration of head, over its replicates.
    pub head_iterations: Vec<f64>,
}

/// A test case that one side lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingTestCase {
    /// Its name.
    pub name: String,
    /// Whether base has it.
    pub in_base: bool,
    /// Whether head has it.
    pub in_head: bool,
    /// Why it is missing, where that is known: a failure, or another epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Versioned for Comparison {
    const WHAT: &'static str = "a comparison";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}
