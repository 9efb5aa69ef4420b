//! `collector suite`: the benchmarks.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use shared_types::{BenchmarkName, Category};

use super::place::{Place, rustup};
use super::{answer, answer_json};
use crate::CollectorError;
use crate::measure::WorkDirectory;
use crate::suite::{Benchmark, FetchPlace, Selection, fetch};
use crate::toolchain::Toolchain;

#[derive(Debug, Args)]
pub(super) struct SuiteArguments {
    #[command(subcommand)]
    command: SuiteCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum SuiteCommand {
    /// Lists the benchmarks
    List {
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Brings benchmarks and what they depend on into the work folder; later builds are offline
    Fetch {
        /// Benchmarks, by name or crate [default: all]
        #[arg(value_name = "BENCHMARK")]
        benchmarks: Vec<String>,
    },
    /// Checks that the suite is whole: manifest, lock files and patches
    Check,
}

/// A benchmark as JSON.
#[derive(Serialize)]
struct ListedBenchmark<'a> {
    name: &'a BenchmarkName,
    category: Category,
    patches: Vec<&'a str>,
    quick: bool,
    demo: bool,
}

pub(super) fn run(arguments: &SuiteArguments) -> Result<ExitCode, CollectorError> {
    let suite = arguments.place.suite()?;
    match &arguments.command {
        SuiteCommand::List { json: true } => {
            let listed: Vec<_> = suite.benchmarks.iter().map(listed).collect();
            answer_json(&listed)?;
        }
        SuiteCommand::List { json: false } => {
            let lines = suite
                .benchmarks
                .iter()
                .map(|benchmark| format!("{:<10} {}\n", benchmark.category, benchmark.name));
            answer(&lines.collect::<String>())?;
        }
        SuiteCommand::Fetch { benchmarks } => {
            let selection = Selection {
                include: benchmarks.clone(),
                ..Selection::default()
            };
            fetch_into(&arguments.place, &suite.select(&selection)?)?;
        }
        SuiteCommand::Check => {
            let missing: Vec<_> = suite
                .benchmarks
                .iter()
                .filter(|benchmark| benchmark.lock.is_none())
                .collect();
            if let Some(benchmark) = missing.first() {
                return Err(CollectorError::LockMissing {
                    benchmark: benchmark.name.to_string(),
                });
            }
            answer(&format!(
                "{} benchmarks, manifest, lock files and patches are there\n",
                suite.benchmarks.len()
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn listed(benchmark: &Benchmark) -> ListedBenchmark<'_> {
    ListedBenchmark {
        name: &benchmark.name,
        category: benchmark.category,
        patches: benchmark
            .patches
            .iter()
            .map(|patch| patch.name.as_str())
            .collect(),
        quick: benchmark.quick,
        demo: benchmark.demo,
    }
}

fn fetch_into(place: &Place, benchmarks: &[&Benchmark]) -> Result<(), CollectorError> {
    let (toolchains, _) = Toolchain::of_rustup(&rustup());
    let toolchain = toolchains
        .first()
        .ok_or_else(|| CollectorError::Toolchain {
            name: "any".to_owned(),
            reason: "rustup has none, and fetching takes its cargo".to_owned(),
        })?;
    let work = WorkDirectory::open(&place.work_directory())?;
    let place = FetchPlace {
        cache_dir: work.root(),
        cargo: &toolchain.cargo,
    };
    let fetched = fetch(benchmarks, place, &mut |progress| {
        eprintln!(
            "{} of {}: {}",
            progress.done, progress.total, progress.benchmark
        );
    })?;
    answer(&format!("{} benchmarks are ready\n", fetched.len()))
}
