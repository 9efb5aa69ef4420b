//! What a check of the suite found, for people and for programs.

use std::fmt;

use serde::{Serialize, Serializer};
use shared_types::{BenchmarkName, Category, Profile};

use super::check_programs::{CheckedGroup, groups_text};
use crate::measure::BuildOutcome;

/// One thing that is tried with each benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckStep {
    /// It is built under a profile.
    Build(Profile),
    /// It is checked incrementally after each of its patches.
    Patches,
}

impl fmt::Display for CheckStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(profile) => formatter.pad(profile.as_str()),
            Self::Patches => formatter.pad("patches"),
        }
    }
}

impl Serialize for CheckStep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A step and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct CheckedStep {
    pub(super) step: CheckStep,
    #[serde(rename = "result")]
    pub(super) outcome: BuildOutcome,
}

/// A benchmark and what came of all its steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct CheckedBenchmark {
    pub(super) name: BenchmarkName,
    pub(super) category: Category,
    pub(super) steps: Vec<CheckedStep>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct CheckReport {
    schema: u32,
    /// What compiled, as it names itself.
    toolchain: String,
    benchmarks: Vec<CheckedBenchmark>,
    counts: OutcomeCounts,
    /// The crates of runtime benchmarks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) runtime_groups: Vec<CheckedGroup>,
}

/// How many steps ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct OutcomeCounts {
    passed: usize,
    failed: usize,
    excluded: usize,
    unavailable: usize,
}

impl CheckReport {
    pub(super) fn new(toolchain: String, benchmarks: Vec<CheckedBenchmark>) -> Self {
        let mut counts = OutcomeCounts::default();
        for checked in benchmarks.iter().flat_map(|benchmark| &benchmark.steps) {
            let count = match checked.outcome {
                BuildOutcome::Passed { .. } => &mut counts.passed,
                BuildOutcome::Failed { .. } => &mut counts.failed,
                BuildOutcome::Excluded { .. } => &mut counts.excluded,
                BuildOutcome::Unavailable { .. } => &mut counts.unavailable,
            };
            *count += 1;
        }
        Self {
            schema: 1,
            toolchain,
            benchmarks,
            counts,
            runtime_groups: Vec::new(),
        }
    }

    /// Whether everything that is to be measured was built.
    pub(super) fn is_proven(&self) -> bool {
        let groups = self.runtime_groups.iter().all(CheckedGroup::is_proven);
        self.counts.failed == 0 && self.counts.unavailable == 0 && groups
    }

    /// An outcome in a word or a number of seconds.
    pub(super) fn cell(outcome: &BuildOutcome) -> String {
        match outcome {
            BuildOutcome::Passed { leaf_s } => format!("{leaf_s:.2}"),
            BuildOutcome::Failed { .. } => "FAILED".to_owned(),
            BuildOutcome::Excluded { .. } => "excluded".to_owned(),
            BuildOutcome::Unavailable { .. } => "UNAVAILABLE".to_owned(),
        }
    }

    /// A table of all steps, in seconds for the leaf crate, and below it what did not pass and why.
    pub(super) fn text(&self) -> String {
        let groups = groups_text(&self.runtime_groups);
        match self.benchmarks.as_slice() {
            [] => groups,
            _ if groups.is_empty() => self.text_of_crates(),
            _ => format!("{}\n{groups}", self.text_of_crates()),
        }
    }

    fn text_of_crates(&self) -> String {
        let mut text = self.table();
        for benchmark in &self.benchmarks {
            for CheckedStep { step, outcome } in &benchmark.steps {
                let place = format!("{}/{step}", benchmark.name);
                match outcome {
                    BuildOutcome::Passed { .. } => {}
                    BuildOutcome::Excluded { reason } => {
                        text.push_str(&format!("\nexcluded: {place}: {reason}"));
                    }
                    BuildOutcome::Unavailable { reason } => {
                        text.push_str(&format!("\nunavailable: {place}: {reason}"));
                    }
                    BuildOutcome::Failed { message, output } => {
                        text.push_str(&format!("\nfailed: {place}: {message}"));
                        for line in output.lines() {
                            text.push_str(&format!("\n    {line}"));
                        }
                    }
                }
            }
        }
        let OutcomeCounts {
            passed,
            failed,
            excluded,
            unavailable,
        } = self.counts;
        text.push_str(&format!(
            "\n{} benchmarks by {}, offline: {passed} builds passed, {failed} failed, \
             {excluded} excluded, {unavailable} unavailable\n",
            self.benchmarks.len(),
            self.toolchain
        ));
        text
    }

    fn table(&self) -> String {
        let names = self.benchmarks.iter().map(|checked| checked.name.as_str());
        let width = names.map(str::len).max().unwrap_or(0).max(9);
        let mut table = format!("{:width$}", "benchmark");
        for checked in self.benchmarks.iter().take(1).flat_map(|one| &one.steps) {
            table.push_str(&format!("  {:>11}", checked.step));
        }
        table.push('\n');
        for benchmark in &self.benchmarks {
            table.push_str(&format!("{:width$}", benchmark.name.as_str()));
            for checked in &benchmark.steps {
                table.push_str(&format!("  {:>11}", Self::cell(&checked.outcome)));
            }
            table.push('\n');
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(last: BuildOutcome) -> CheckReport {
        let excluded = BuildOutcome::Excluded {
            reason: "rustdoc does not check borrows".to_owned(),
        };
        let benchmark = |name: &str, category, outcomes: [BuildOutcome; 3]| {
            let steps = [
                CheckStep::Build(Profile::Check),
                CheckStep::Build(Profile::Doc),
                CheckStep::Patches,
            ];
            let steps = steps.into_iter().zip(outcomes);
            CheckedBenchmark {
                name: name.parse().unwrap(),
                category,
                steps: steps
                    .map(|(step, outcome)| CheckedStep { step, outcome })
                    .collect(),
            }
        };
        let passed = |leaf_s| BuildOutcome::Passed { leaf_s };
        CheckReport::new(
            "rustc 1.95.0 (59807616e 2026-04-14)".to_owned(),
            vec![
                benchmark(
                    "itoa-1.0.19",
                    Category::Primary,
                    [passed(0.041), passed(0.3), passed(0.1)],
                ),
                benchmark(
                    "borrow-checking",
                    Category::Secondary,
                    [passed(1.254), excluded, last],
                ),
            ],
        )
    }

    #[test]
    fn a_person_reads_a_table_and_below_it_what_did_not_pass() {
        let failed = report(BuildOutcome::Failed {
            message: "rustc 1.95.0, compiling borrow-checking, ended with exit code 1".to_owned(),
            output: "error: no\nerror: could not".to_owned(),
        });
        assert!(!failed.is_proven());
        insta::assert_snapshot!(failed.text());
    }

    #[test]
    fn a_program_reads_the_same() {
        insta::assert_json_snapshot!(report(BuildOutcome::Passed { leaf_s: 2.0 }));
    }

    #[test]
    fn what_the_toolchain_cannot_build_is_not_proven() {
        assert!(report(BuildOutcome::Passed { leaf_s: 2.0 }).is_proven());
        let reason = "it has no clippy-driver".to_owned();
        assert!(!report(BuildOutcome::Unavailable { reason }).is_proven());
    }
}
