//! Whether a crate of runtime benchmarks can be measured: it is built, lists what the suite says that
//! it has, and gives right answers.

use super::super::problem::{Problem, Stop};
use super::super::workbench::Workbench;
use super::group_build::GroupBuild;
use super::program_run::ProgramRun;
use crate::CollectorError;
use crate::suite::RuntimeGroup;
use crate::toolchain::Toolchain;
use shared_types::result_document::FailureKind;

/// How long a program may run, in milliseconds.
const TIME_LIMIT_MS: u64 = 5 * 60 * 1_000;

/// What came of a check of a group.
#[derive(Debug)]
pub enum GroupOutcome {
    /// Everything that it lists was built, ran and gave right answers.
    Passed {
        /// How long one run of each of its programs took together, in seconds.
        programs_s: f64,
    },
    /// It cannot be measured.
    Failed(Problem),
}

impl Workbench {
    /// Builds a group without any flag and runs each of its benchmarks.
    ///
    /// # Errors
    /// When it was called off.
    pub fn check_group(
        &self,
        group: &RuntimeGroup,
        toolchain: &Toolchain,
    ) -> Result<GroupOutcome, CollectorError> {
        match self.try_group(group, toolchain) {
            Ok(programs_s) => Ok(GroupOutcome::Passed { programs_s }),
            Err(Stop::CalledOff) => Err(CollectorError::CalledOff),
            Err(Stop::Problem(problem)) => Ok(GroupOutcome::Failed(problem)),
        }
    }

    fn try_group(&self, group: &RuntimeGroup, toolchain: &Toolchain) -> Result<f64, Stop> {
        let source = self.fetched_group(group, &toolchain.cargo)?;
        let build = GroupBuild {
            group,
            source: &source,
            toolchain,
            flags: &[],
        };
        let built = build.built(&self.work, &self.executor)?;
        let mut listed = None;
        let mut programs_s = 0.0;
        for benchmark in &group.benchmarks {
            let program = ProgramRun {
                group,
                benchmark,
                toolchain,
                built: &built,
                executor: &self.executor,
                time_limit_ms: TIME_LIMIT_MS,
                counter_around: self.counter.around(),
            };
            if listed.is_none() {
                listed = Some(program.listed()?);
            }
            programs_s += program.measure()?.wall_time_s;
        }
        let named: Vec<String> = group.benchmarks.iter().map(ToString::to_string).collect();
        match listed.unwrap_or_default() {
            listed if listed == named => Ok(programs_s),
            listed => Err(Stop::Problem(Problem::new(
                FailureKind::BuildFailed,
                format!(
                    "the group {} has the benchmarks {}, and the suite names {}",
                    group.name,
                    listed.join(", "),
                    named.join(", ")
                ),
            ))),
        }
    }
}
