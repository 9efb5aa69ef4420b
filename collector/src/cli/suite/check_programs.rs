//! The part of `collector suite check` that is about runtime benchmarks: each group is built offline, and
//! each of its programs is run and gives a right answer.

use serde::Serialize;
use shared_types::{BenchmarkKind, BenchmarkName};

use super::check_record::CheckRecord;
use crate::CollectorError;
use crate::measure::{GroupOutcome, Workbench};
use crate::suite::{RuntimeGroup, Suite};
use crate::toolchain::Toolchain;

/// A group and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct CheckedGroup {
    name: BenchmarkName,
    benchmarks: Vec<BenchmarkName>,
    /// How long one run of each program took together, in seconds, where all passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    programs_s: Option<f64>,
    /// What failed, or nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Failure {
    message: String,
    /// The last lines that the failing program wrote.
    output: String,
}

/// The groups that a command line asks for: those that it names, or all.
pub(super) fn wanted_groups<'a>(
    suite: &'a Suite,
    kinds: &[BenchmarkKind],
    names: &[String],
) -> Vec<&'a RuntimeGroup> {
    if !kinds.contains(&BenchmarkKind::Runtime) {
        return Vec::new();
    }
    let is_wanted = |group: &&RuntimeGroup| {
        names.is_empty() || names.iter().any(|name| name == group.name.as_str())
    };
    let groups = suite.runtime_groups.iter();
    groups.filter(is_wanted).collect()
}

/// Checks groups one after the other, but those that `record` knows to have passed.
pub(super) fn check_groups(
    bench: &Workbench,
    groups: &[&RuntimeGroup],
    toolchain: &Toolchain,
    record: &mut CheckRecord,
) -> Result<Vec<CheckedGroup>, CollectorError> {
    let mut checked = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let outcome = match record.known_group(group) {
            Some(programs_s) => GroupOutcome::Passed { programs_s },
            None => bench.check_group(group, toolchain)?,
        };
        let (programs_s, failure) = match outcome {
            GroupOutcome::Passed { programs_s } => {
                record.keep_group(group, programs_s)?;
                (Some(programs_s), None)
            }
            GroupOutcome::Failed(problem) => {
                let failure = Failure {
                    message: problem.message,
                    output: problem.output,
                };
                (None, Some(failure))
            }
        };
        let words = if failure.is_some() {
            "FAILED"
        } else {
            "passed"
        };
        let (number, total) = (index + 1, groups.len());
        eprintln!(
            "{number} of {total}: runtime benchmarks {}: {words}",
            group.name
        );
        checked.push(CheckedGroup {
            name: group.name.clone(),
            benchmarks: group.benchmarks.clone(),
            programs_s,
            failure,
        });
    }
    Ok(checked)
}

impl CheckedGroup {
    /// Whether it can be measured.
    pub(super) fn is_proven(&self) -> bool {
        self.failure.is_none()
    }
}

/// What came of groups, for people: a line for each, and what failed.
pub(super) fn groups_text(groups: &[CheckedGroup]) -> String {
    let width = groups.iter().map(|group| group.name.as_str().len()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for group in groups {
        let names: Vec<&str> = group.benchmarks.iter().map(BenchmarkName::as_str).collect();
        let word = if group.is_proven() {
            "passed"
        } else {
            "FAILED"
        };
        text.push_str(&format!(
            "{:width$}  {word}  {}\n",
            group.name.as_str(),
            names.join(", ")
        ));
    }
    for group in groups {
        if let Some(failure) = &group.failure {
            text.push_str(&format!("\nfailed: {}: {}", group.name, failure.message));
            for line in failure.output.lines() {
                text.push_str(&format!("\n    {line}"));
            }
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_a_line_for_each_group_and_below_them_what_failed() {
        let group = |name: &str, failure| CheckedGroup {
            name: name.parse().unwrap(),
            benchmarks: ["one", "another"]
                .map(|name| name.parse().unwrap())
                .to_vec(),
            programs_s: None,
            failure,
        };
        let failure = Failure {
            message: "hashing/one, compiled by rustc 1.95.0, ended with exit code 1".to_owned(),
            output: "error: one gave a wrong answer in iteration 0".to_owned(),
        };
        let groups = [group("n-body", None), group("hashing", Some(failure))];
        insta::assert_snapshot!(groups_text(&groups), @r"
        n-body   passed  one, another
        hashing  FAILED  one, another

        failed: hashing: hashing/one, compiled by rustc 1.95.0, ended with exit code 1
            error: one gave a wrong answer in iteration 0
        ");
    }
}
