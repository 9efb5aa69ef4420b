//! What the test cases that changed in a comparison have in common.

use serde::{Deserialize, Serialize};

use crate::test_case::{PatchName, ScenarioKind};
use crate::text::word_enum;
use crate::{BenchmarkName, Category, Profile, TestCase};

/// A change that a group of test cases has in common. Changes are relative: 0.01 is 1 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Which test cases, in words: `incremental scenarios of opt builds`.
    pub description: String,
    /// Which test cases: those that meet every term. No term at all means every test case.
    pub terms: Vec<GroupTerm>,
    /// The change that they have in common.
    pub change: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end of its 95 % interval.
    pub high: f64,
    /// Which share this is of all that changes in the comparison beyond noise: 0 to 1.
    pub share: f64,
    /// How many test cases meet the terms.
    pub test_cases: u32,
    /// How many of them changed in the direction of the common change, by however little.
    pub same_way: u32,
    /// How many test cases changed significantly without being in this group.
    pub elsewhere: u32,
    /// All this in one sentence.
    pub sentence: String,
    /// The queries of the compiler that carry the change, the largest part first. Empty where no
    /// self-profiles were recorded, or no query stands out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<QueryChange>,
}

/// One condition of a group of test cases.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(
    tag = "attribute",
    rename_all = "kebab-case",
    try_from = "crate::written::WrittenTerm"
)]
pub enum GroupTerm {
    /// Of one kind.
    Kind {
        /// Which one.
        kind: TestCaseKind,
    },
    /// Compiled by one of these profiles.
    Profiles {
        /// Which ones.
        profiles: Vec<Profile>,
    },
    /// Compiled in one of these scenarios.
    Scenarios {
        /// Which ones.
        scenarios: Vec<ScenarioKind>,
    },
    /// Compiled after this patch.
    Patch {
        /// Which one.
        patch: PatchName,
    },
    /// Of this category. Test cases without a category count as primary.
    Category {
        /// Which one.
        category: Category,
    },
    /// Of this crate, or of this group of runtime benchmarks.
    Benchmark {
        /// Which one.
        benchmark: BenchmarkName,
    },
    /// Of any crate or group of runtime benchmarks but this.
    EveryBenchmarkBut {
        /// Which one.
        benchmark: BenchmarkName,
    },
}

word_enum! {
    /// A kind of test case.
    TestCaseKind, "a kind of test case: compile, runtime, toolchain or imported" {
        /// A crate is compiled.
        Compile => "compile",
        /// A compiled program is run.
        Runtime => "runtime",
        /// The toolchain itself.
        Toolchain => "toolchain",
        /// Measured elsewhere.
        Imported => "imported",
    }
}

impl TestCaseKind {
    /// The kind of a test case.
    pub fn of(test_case: &TestCase) -> Self {
        match test_case {
            TestCase::Compile { .. } => Self::Compile,
            TestCase::Runtime { .. } => Self::Runtime,
            TestCase::Toolchain { .. } => Self::Toolchain,
            TestCase::Imported { .. } => Self::Imported,
        }
    }
}

impl GroupTerm {
    /// Whether a test case meets the condition.
    pub fn admits(&self, test_case: &TestCase, category: Option<Category>) -> bool {
        match self {
            Self::Kind { kind } => TestCaseKind::of(test_case) == *kind,
            Self::Category { category: wanted } => category.unwrap_or(Category::Primary) == *wanted,
            Self::Benchmark { benchmark } => test_case.benchmark_or_group() == Some(benchmark),
            Self::EveryBenchmarkBut { benchmark } => {
                test_case.benchmark_or_group() != Some(benchmark)
            }
            Self::Profiles { profiles } => {
                matches!(test_case, TestCase::Compile { profile, .. } if profiles.contains(profile))
            }
            Self::Scenarios { scenarios } => matches!(
                test_case,
                TestCase::Compile { scenario, .. } if scenarios.contains(&scenario.kind())
            ),
            Self::Patch { patch } => matches!(
                test_case,
                TestCase::Compile { scenario, .. } if scenario.patch() == Some(patch)
            ),
        }
    }
}

/// How one query of the compiler changed in a group of test cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueryChange {
    /// Its name: `typeck`.
    pub query: String,
    /// How much more time it takes, relative to its own time before. `None` where it took none.
    pub change: Option<f64>,
    /// Which share this is of the change of all queries together. More than 1 where others changed
    /// the other way.
    pub share: f64,
    /// How much more often it is called, relative to before, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_change: Option<f64>,
}
