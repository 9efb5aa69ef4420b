//! `collector suite`: the benchmarks.

mod check;
mod check_record;
mod check_report;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use shared_types::test_case::WantedCategory;
use shared_types::{BenchmarkName, Category};

use super::category_options::CategoryOptions;
use super::place::{Place, rustup};
use super::{answer, answer_json};
use crate::CollectorError;
use crate::measure::WorkDirectory;
use crate::suite::{Benchmark, FetchPlace, Selection, Suite, fetch};
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
        #[command(flatten)]
        categories: CategoryOptions,
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
    /// Builds every benchmark offline under every profile, applies its patches, and says what failed
    Check(check::CheckArguments),
}

/// A benchmark as JSON.
#[derive(Serialize)]
struct ListedBenchmark<'a> {
    name: &'a BenchmarkName,
    category: Category,
    patches: Vec<&'a str>,
    quick: bool,
    demo: bool,
    stable: bool,
}

pub(super) fn run(arguments: &SuiteArguments) -> Result<ExitCode, CollectorError> {
    let suite = arguments.place.suite()?;
    match &arguments.command {
        SuiteCommand::List { categories, json } => list(&suite, categories.wanted(), *json)?,
        SuiteCommand::Fetch { benchmarks } => {
            let selection = Selection {
                include: benchmarks.clone(),
                ..Selection::default()
            };
            fetch_into(&arguments.place, &suite.select(&selection)?)?;
        }
        SuiteCommand::Check(check) => return check::run(check, &arguments.place),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(suite: &Suite, categories: Vec<WantedCategory>, json: bool) -> Result<(), CollectorError> {
    let benchmarks = suite.select(&Selection {
        categories,
        ..Selection::default()
    })?;
    if json {
        let listed: Vec<_> = benchmarks.into_iter().map(listed).collect();
        return answer_json(&listed);
    }
    let lines = benchmarks.iter().map(|benchmark| {
        let stable = if benchmark.stable { " (stable)" } else { "" };
        format!("{:<10} {}{stable}\n", benchmark.category, benchmark.name)
    });
    answer(&lines.collect::<String>())
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
        stable: benchmark.stable,
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
