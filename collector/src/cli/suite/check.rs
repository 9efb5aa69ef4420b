//! `collector suite check`: the proof that the suite can be measured.

use std::process::ExitCode;

use analysis::words::counted;
use clap::Args;
use shared_types::{BenchmarkKind, Profile, Scenario};

use super::super::place::{Place, rustup};
use super::super::toolchain_options::FetchingOptions;
use super::super::{answer, answer_json};
use super::check_programs::{check_groups, wanted_groups};
use super::check_record::CheckRecord;
use super::check_report::{CheckReport, CheckStep, CheckedBenchmark, CheckedStep};
use crate::CollectorError;
use crate::measure::{BuildCheck, BuildOutcome, Workbench};
use crate::suite::{Benchmark, Selection, Suite};
use crate::toolchain::{HeldToolchain, Rustup, Toolchain};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// What is checked: compile (crates that are compiled), runtime (groups of programs that are run)
    /// [default: both, or compile where benchmarks are named]
    #[arg(long, value_delimiter = ',', value_name = "KIND")]
    kinds: Vec<BenchmarkKind>,
    /// Benchmarks, by name or crate, or groups of programs by name [default: all]
    #[arg(value_name = "BENCHMARK")]
    benchmarks: Vec<String>,
    /// The profiles: check, debug, opt, doc, doc-json, clippy [default: all]
    #[arg(long, value_delimiter = ',')]
    profiles: Vec<Profile>,
    /// The toolchain: one of rustup, the path of a rustc or of a toolchain, or a commit or release,
    /// which is fetched if need be [default: the first of rustup]
    #[arg(long)]
    toolchain: Option<String>,
    /// Leaves out what an earlier check of the same sources with the same toolchain found to pass
    #[arg(long)]
    resume: bool,
    /// Looks at manifests, lock files and patches alone, and builds nothing
    #[arg(long, conflicts_with_all = ["profiles", "toolchain", "resume", "json"])]
    files_only: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    fetching: FetchingOptions,
}

pub(super) fn run(arguments: &CheckArguments, place: &Place) -> Result<ExitCode, CollectorError> {
    let suite = place.suite()?;
    let benchmarks = arguments.crates(&suite)?;
    refuse_missing_locks(&benchmarks)?;
    let groups = wanted_groups(&suite, &arguments.kinds(), &arguments.benchmarks);
    for group in &groups {
        group.check_files()?;
    }
    if arguments.files_only {
        answer(&format!(
            "{}, {} of programs: manifests, lock files and patches are there\n",
            counted(benchmarks.len(), "benchmark"),
            counted(groups.len(), "group")
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    let bench = place.workbench("suite-check", true)?;
    let rustup = rustup().asking_in(bench.executor.sandbox());
    let (toolchain, _held) = arguments.toolchain(place, &rustup)?;
    let record = CheckRecord::open(bench.work.root(), &toolchain, arguments.resume)?;
    let mut checking = Checking {
        bench: &bench,
        toolchain: &toolchain,
        record,
        steps: arguments.steps(),
    };
    let mut report = checking.run(&benchmarks)?;
    let record = &mut checking.record;
    report.runtime_groups = check_groups(&bench, &groups, &toolchain, record)?;
    match arguments.json {
        true => answer_json(&report)?,
        false => answer(&report.text())?,
    }
    Ok(match report.is_proven() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

impl CheckArguments {
    fn kinds(&self) -> Vec<BenchmarkKind> {
        match (self.kinds.as_slice(), self.benchmarks.as_slice()) {
            ([], []) => vec![BenchmarkKind::Compile, BenchmarkKind::Runtime],
            ([], _) => vec![BenchmarkKind::Compile],
            (kinds, _) => kinds.to_vec(),
        }
    }

    /// The crates that are to be compiled. A group of programs is none of them.
    fn crates<'a>(&self, suite: &'a Suite) -> Result<Vec<&'a Benchmark>, CollectorError> {
        if !self.kinds().contains(&BenchmarkKind::Compile) {
            let unknown = |name: &&String| {
                let mut groups = suite.runtime_groups.iter();
                !groups.any(|group| group.name.as_str() == name.as_str())
            };
            return match self.benchmarks.iter().find(unknown) {
                Some(name) => Err(suite
                    .runtime_group(&name.parse()?)
                    .err()
                    .unwrap_or(CollectorError::NothingSelected)),
                None => Ok(Vec::new()),
            };
        }
        suite.select(&Selection {
            include: self.benchmarks.clone(),
            ..Selection::default()
        })
    }

    fn toolchain(
        &self,
        place: &Place,
        rustup: &Rustup,
    ) -> Result<(Toolchain, Option<HeldToolchain>), CollectorError> {
        if let Some(name) = &self.toolchain {
            return self
                .fetching
                .toolchain(name, &place.work_directory(), rustup);
        }
        let first = Toolchain::of_rustup(rustup).0.into_iter().next();
        let toolchain = first.ok_or_else(|| CollectorError::Toolchain {
            name: "any".to_owned(),
            reason: "rustup has none: name one by `--toolchain`".to_owned(),
        })?;
        Ok((toolchain, None))
    }

    /// Patches are applied where crates are checked, which is nearly what it takes to prove them.
    fn steps(&self) -> Vec<CheckStep> {
        let profiles = match self.profiles.as_slice() {
            [] => Profile::ALL,
            profiles => profiles,
        };
        let mut steps: Vec<_> = profiles.iter().copied().map(CheckStep::Build).collect();
        if profiles.contains(&Profile::Check) {
            steps.push(CheckStep::Patches);
        }
        steps
    }
}

fn refuse_missing_locks(benchmarks: &[&Benchmark]) -> Result<(), CollectorError> {
    match benchmarks.iter().find(|benchmark| benchmark.lock.is_none()) {
        None => Ok(()),
        Some(benchmark) => Err(CollectorError::LockMissing {
            benchmark: benchmark.name.to_string(),
        }),
    }
}

/// A check that goes on.
struct Checking<'a> {
    bench: &'a Workbench,
    toolchain: &'a Toolchain,
    record: CheckRecord,
    steps: Vec<CheckStep>,
}

impl Checking<'_> {
    fn run(&mut self, benchmarks: &[&Benchmark]) -> Result<CheckReport, CollectorError> {
        let mut checked = Vec::new();
        for (index, benchmark) in benchmarks.iter().enumerate() {
            let check = BuildCheck::new(self.bench, benchmark, self.toolchain);
            let mut steps = Vec::new();
            for step in self.steps.clone() {
                let outcome = self.outcome(&check, benchmark, step)?;
                let (number, total) = (index + 1, benchmarks.len());
                let words = CheckReport::cell(&outcome);
                eprintln!("{number} of {total}: {}/{step}: {words}", benchmark.name);
                steps.push(CheckedStep { step, outcome });
            }
            check.end()?;
            checked.push(CheckedBenchmark {
                name: benchmark.name.clone(),
                category: benchmark.category,
                steps,
            });
        }
        let title = self.toolchain.artifact.title.clone();
        Ok(CheckReport::new(
            title.unwrap_or_else(|| self.toolchain.names.join(", ")),
            checked,
        ))
    }

    fn outcome(
        &mut self,
        check: &BuildCheck<'_>,
        benchmark: &Benchmark,
        step: CheckStep,
    ) -> Result<BuildOutcome, CollectorError> {
        let is_excluded = match step {
            CheckStep::Build(profile) => benchmark.excludes(profile, &Scenario::Full).is_some(),
            CheckStep::Patches => false,
        };
        // It may have passed before it was excluded.
        if !is_excluded && let Some(known) = self.record.known(benchmark, step) {
            return Ok(known);
        }
        let outcome = match step {
            CheckStep::Build(profile) => check.build(profile)?,
            CheckStep::Patches => check.patches()?,
        };
        self.record.keep(benchmark, step, &outcome)?;
        Ok(outcome)
    }
}
