//! `cargo xtask bench`: how fast the parts are, each beside something that it can be held against
//! in the same run. Figures of one machine at one hour: read the ratios.
//!
//! Nothing here passes or fails by a duration. The tables are Markdown, for `docs/performance.md`.

mod analysis_speed;
mod comparison_latency;
mod import_rate;
mod instrument;
mod local_server;
mod page_load;
mod page_weight;

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::command::{self, say};
use crate::dist;
use crate::error::Error;
use crate::page;
use crate::programs;
use crate::setup;
use crate::workspace::Workspace;

use instrument::InstrumentOptions;

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The CSV file whose import is measured.
    #[arg(long, default_value = "../shared/data/llvm_compile_time_2026.csv.gz")]
    data: PathBuf,
    /// Instead of everything else: what runs and looks at the page cost in calls of AWS, and how soon
    /// a result can be read as a comparison, on a local AWS.
    #[arg(long)]
    cloud: bool,
    /// The toolchain with which the collector itself is measured.
    #[arg(long, default_value = "stable")]
    toolchain: String,
    #[command(flatten)]
    instrument: InstrumentOptions,
}

/// One line of the answer.
pub(crate) struct Figure {
    pub(crate) what: &'static str,
    pub(crate) value: String,
    pub(crate) beside: String,
}

/// Measures and prints the table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    if options.cloud {
        return measure_cloud(workspace);
    }
    if options.instrument.is_alone() {
        let programs = programs::build_release(workspace)?;
        return instrument::run(
            workspace,
            &programs,
            &options.toolchain,
            &options.instrument,
        );
    }
    let tools = setup::prepare_test(workspace)?;
    let dist = page::build_page(workspace, &tools.page)?;
    let programs = programs::build_release(workspace)?;
    let folder = workspace.target().join("bench");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;

    let mut figures = Vec::new();
    let data = workspace.root().join(&options.data);
    if data.exists() {
        figures.extend(import_rate::measure(&programs, &data, &folder)?);
        figures.extend(page_weight::measure(&programs, &tools, &dist, &folder)?);
    } else {
        say(
            "bench",
            &format!("skipped, as {} is not there: import, page", data.display()),
        );
    }
    figures.extend(page_load::measure(&programs, &tools, &dist, &folder)?);
    figures.extend(analysis_speed::measure(workspace, &folder)?);
    figures.extend(comparison_latency::measure(&programs, &folder)?);
    print(&figures);
    println!();
    instrument::run(
        workspace,
        &programs,
        &options.toolchain,
        &options.instrument,
    )
}

/// Deploys a fleet into a local AWS that counts, with the functions as they are deployed.
fn measure_cloud(workspace: &Workspace) -> Result<(), Error> {
    let functions = dist::build(workspace, dist::architecture_here()?)?;
    command::run(
        Command::new("cargo")
            .args(["build", "--quiet"])
            .args(programs::TEST_BUILD)
            .current_dir(workspace.root()),
    )?;
    let built = workspace.target().join("debug");
    command::run(
        Command::new(built.join("cloud-bench"))
            .current_dir(workspace.root())
            .env("PERFLEET_TEST_FUNCTIONS", functions)
            .env("PERFLEET_TEST_BINARIES", built),
    )
}

fn print(figures: &[Figure]) {
    println!("| what | figure | beside |\n|---|---|---|");
    for figure in figures {
        println!("| {} | {} | {} |", figure.what, figure.value, figure.beside);
    }
}

fn understood<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| Error::NotUnderstood {
        what: "an answer of the programs".into(),
        reason: format!("{error}: {json}"),
    })
}

/// The middle of some values; 0 of none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn bytes(count: u64) -> String {
    format!("{:.0} kB", count as f64 / 1000.0)
}
