//! Whether a benchmark can be built offline, found out in the way in which it is measured.

use std::path::PathBuf;

use serde::Serialize;
use shared_types::result_document::FailureKind;
use shared_types::test_case::ScenarioKind;
use shared_types::{Profile, Scenario};

use super::compile_target::CompileTarget;
use super::problem::{Problem, Stop};
use super::scenario_run::LeafRun;
use super::source_copy::{files_under, remove_folder};
use super::unit_folder::{Unit, UnitFolder};
use super::workbench::Workbench;
use crate::CollectorError;
use crate::suite::{ArtifactKind, Benchmark, FetchedBenchmark};
use crate::toolchain::Toolchain;

/// How long one compilation of the leaf crate may take, in milliseconds.
const TIME_LIMIT_MS: u64 = 20 * 60 * 1_000;

/// What came of building a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum BuildOutcome {
    /// It was built.
    Passed {
        /// How long its leaf crate took, in seconds; for patches, all of their compilations.
        leaf_s: f64,
    },
    /// The suite says that it is not measured in this way.
    Excluded {
        /// Why.
        reason: String,
    },
    /// The toolchain lacks what it takes.
    Unavailable {
        /// What.
        reason: String,
    },
    /// It was not built.
    Failed {
        /// What happened.
        message: String,
        /// The last lines that the failing program wrote.
        output: String,
    },
}

/// The check of one benchmark with one toolchain.
pub struct BuildCheck<'a> {
    bench: &'a Workbench,
    benchmark: &'a Benchmark,
    toolchain: &'a Toolchain,
    builds: PathBuf,
    were_there: bool,
}

impl<'a> BuildCheck<'a> {
    /// Begins; nothing is built yet.
    pub fn new(bench: &'a Workbench, benchmark: &'a Benchmark, toolchain: &'a Toolchain) -> Self {
        let builds = bench.work.builds_of_benchmark(toolchain, &benchmark.name);
        Self {
            bench,
            benchmark,
            toolchain,
            were_there: builds.exists(),
            builds,
        }
    }

    /// Builds the benchmark under a profile, in full.
    ///
    /// # Errors
    /// When it was called off.
    pub fn build(&self, profile: Profile) -> Result<BuildOutcome, CollectorError> {
        if let Some(reason) = self.benchmark.excludes(profile, &Scenario::Full) {
            return Ok(excluded(reason));
        }
        outcome(self.in_folder(profile, |leaf| {
            Ok(leaf.measure(&Scenario::Full)?.wall_time_s)
        }))
    }

    /// Compiles the benchmark incrementally after each of its patches, and finds out whether each
    /// changes what is compiled.
    ///
    /// # Errors
    /// When it was called off.
    pub fn patches(&self) -> Result<BuildOutcome, CollectorError> {
        // Check is cheapest, and of a program it writes nothing that code would change.
        let profile = match self.benchmark.artifact {
            ArtifactKind::Library => Profile::Check,
            ArtifactKind::Binary { .. } => Profile::Debug,
        };
        let patched = self
            .benchmark
            .scenarios(profile, &[ScenarioKind::IncrPatched]);
        if patched.is_empty() {
            return Ok(excluded("it has no patch"));
        }
        outcome(self.in_folder(profile, |leaf| {
            let mut time_s = leaf.measure(&Scenario::IncrUnchanged)?.wall_time_s;
            let mut before = written_code(leaf)?;
            for scenario in &patched {
                time_s += leaf.measure(scenario)?.wall_time_s;
                let after = written_code(leaf)?;
                if after == before {
                    return Err(Stop::Problem(Problem::new(
                        FailureKind::BuildFailed,
                        format!("{scenario} changes nothing that is compiled"),
                    )));
                }
                before = after;
            }
            Ok(time_s)
        }))
    }

    /// Removes what was built, unless an earlier measurement had begun with it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn end(self) -> Result<(), CollectorError> {
        match self.were_there {
            true => Ok(()),
            false => remove_folder(&self.builds),
        }
    }

    fn in_folder(
        &self,
        profile: Profile,
        work: impl FnOnce(&LeafRun<'_>) -> Result<f64, Stop>,
    ) -> Result<f64, Stop> {
        let fetched: FetchedBenchmark = self
            .bench
            .fetched(&self.benchmark.name, &self.toolchain.cargo)?;
        let unit = Unit {
            benchmark: self.benchmark,
            fetched: &fetched,
            profile,
            toolchain: self.toolchain,
            target: &CompileTarget::Host,
        };
        let folder = UnitFolder::prepare(unit, &self.bench.work, &self.bench.executor)?;
        let leaf = LeafRun {
            unit,
            folder: &folder,
            flags: &[],
            executor: &self.bench.executor,
            counter_around: None,
            time_limit_ms: TIME_LIMIT_MS,
        };
        leaf.forget_cache()?;
        work(&leaf)
    }
}

fn excluded(reason: &str) -> BuildOutcome {
    BuildOutcome::Excluded {
        reason: reason.to_owned(),
    }
}

fn outcome(built: Result<f64, Stop>) -> Result<BuildOutcome, CollectorError> {
    match built {
        Ok(leaf_s) => Ok(BuildOutcome::Passed { leaf_s }),
        Err(Stop::CalledOff) => Err(CollectorError::CalledOff),
        Err(Stop::Problem(problem)) if problem.kind == FailureKind::Unavailable => {
            Ok(BuildOutcome::Unavailable {
                reason: problem.message,
            })
        }
        Err(Stop::Problem(problem)) => Ok(BuildOutcome::Failed {
            message: problem.message,
            output: problem.output,
        }),
    }
}

/// What the compiler wrote that changes with the crate's code, by name of file: metadata, which holds
/// a hash of all code of a library, and programs.
fn written_code(leaf: &LeafRun<'_>) -> Result<Vec<(PathBuf, Vec<u8>)>, CollectorError> {
    let output = leaf.folder.output();
    let mut files = Vec::new();
    for (path, _) in files_under(&output)? {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, None | Some("exe" | "rmeta")) {
            let absolute = output.join(&path);
            let content =
                std::fs::read(&absolute).map_err(CollectorError::io("read", &absolute))?;
            files.push((path, content));
        }
    }
    files.sort();
    Ok(files)
}
