//! `collector suite`: the benchmarks.

mod check;
mod check_programs;
mod check_record;
mod check_report;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use shared_types::job_units::ToolchainUnit;
use shared_types::test_case::WantedCategory;
use shared_types::{BenchmarkName, Category};

use super::category_options::CategoryOptions;
use super::place::{Place, rustup};
use super::{answer, answer_json};
use crate::CollectorError;
use crate::measure::WorkDirectory;
use crate::suite::{Benchmark, FetchPlace, RuntimeGroup, Selection, Suite, fetch, fetch_group};
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
    /// Builds every benchmark offline under every profile, applies its patches, builds and runs the
    /// runtime benchmarks, and says what failed
    Check(check::CheckArguments),
}

/// What a suite lists, as JSON.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Listed<'a> {
    /// A crate that is compiled.
    Compile(ListedBenchmark<'a>),
    /// A crate of programs that are run.
    Runtime {
        name: &'a BenchmarkName,
        category: Category,
        benchmarks: &'a [BenchmarkName],
    },
    /// A program that is built whole.
    Toolchain { name: String },
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
            let groups = match benchmarks.as_slice() {
                [] => suite.runtime_groups.as_slice(),
                _ => &[],
            };
            fetch_into(&arguments.place, &suite.select(&selection)?, groups)?;
        }
        SuiteCommand::Check(check) => return check::run(check, &arguments.place),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(suite: &Suite, categories: Vec<WantedCategory>, json: bool) -> Result<(), CollectorError> {
    let benchmarks = suite.select(&Selection {
        categories: categories.clone(),
        ..Selection::default()
    })?;
    let mut all: Vec<Listed<'_>> = benchmarks
        .into_iter()
        .map(|benchmark| Listed::Compile(listed(benchmark)))
        .collect();
    all.extend(beside_crates(suite, &categories));
    if json {
        return answer_json(&all);
    }
    answer(&all.iter().map(line).collect::<String>())
}

/// What is measured beside the compilation of crates.
fn beside_crates<'a>(
    suite: &'a Suite,
    categories: &[WantedCategory],
) -> impl Iterator<Item = Listed<'a>> {
    let is_wanted = |group: &&RuntimeGroup| {
        let mut wanted = categories.iter();
        // What stays at its version is compiled.
        categories.is_empty() || wanted.any(|wanted| wanted.admits(group.category, false))
    };
    let groups = suite.runtime_groups.iter().filter(is_wanted);
    let groups = groups.map(|group| Listed::Runtime {
        name: &group.name,
        category: group.category,
        benchmarks: &group.benchmarks,
    });
    // Builds of a whole toolchain are of no category.
    let whole_builds = suite.whole_builds.iter().filter(|_| categories.is_empty());
    let whole = whole_builds.map(|benchmark| {
        let unit = ToolchainUnit::Workspace {
            benchmark: benchmark.clone(),
        };
        Listed::Toolchain { name: unit.name() }
    });
    groups.chain(whole).collect::<Vec<_>>().into_iter()
}

fn line(listed: &Listed<'_>) -> String {
    match listed {
        Listed::Compile(benchmark) => {
            let stable = if benchmark.stable { " (stable)" } else { "" };
            format!("{:<10} {}{stable}\n", benchmark.category, benchmark.name)
        }
        Listed::Runtime {
            name, benchmarks, ..
        } => {
            let names: Vec<&str> = benchmarks.iter().map(BenchmarkName::as_str).collect();
            format!("{:<10} {name}: {}\n", "runtime", names.join(", "))
        }
        Listed::Toolchain { name } => format!("{:<10} {name}\n", "toolchain"),
    }
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

fn fetch_into(
    place: &Place,
    benchmarks: &[&Benchmark],
    groups: &[RuntimeGroup],
) -> Result<(), CollectorError> {
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
    for group in groups {
        eprintln!("runtime benchmarks {}", group.name);
        fetch_group(group, place)?;
    }
    answer(&format!("{} benchmarks are ready\n", fetched.len()))
}
