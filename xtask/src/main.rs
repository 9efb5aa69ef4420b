//! `cargo xtask`: everything that is done to this project, on a laptop and in CI alike.

mod bench;
mod command;
mod demo;
mod deploy;
mod dist;
mod emulated_arm;
mod error;
mod fuzz;
mod page;
mod programs;
mod setup;
mod terraform;
mod test_run;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::workspace::Workspace;

/// Sets up, builds, checks and tests Perfleet.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Compare two compilers of this machine, and show the page. The place to begin.
    Demo(demo::Options),
    /// Install what the project needs and this machine lacks. Safe to repeat.
    Setup {
        /// What to prepare for. Without it: everything but the second compiler.
        #[arg(value_enum)]
        purpose: Option<setup::Purpose>,
    },
    /// Build the page into `frontend/dist`, unless it is there and nothing has changed.
    Page,
    /// Build the functions as AWS Lambda takes them.
    Dist(dist::Options),
    /// Deploy a fleet to AWS: build, plan, apply, publish the page, look whether it works.
    Deploy(deploy::Options),
    /// Set up an ARM host that this machine emulates, as an experimental configuration of a fleet.
    EmulatedArm(emulated_arm::Options),
    /// Check everything and run every test.
    Test(test_run::Options),
    /// Measure how fast the parts are, and print the figures for `docs/performance.md`.
    Bench(bench::Options),
    /// Give made-up input to everything that reads bytes from elsewhere. Needs a nightly toolchain.
    Fuzz(fuzz::Options),
    /// Check the rules of the house: the crates' arrows, lengths, names, links.
    Tidy,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<(), Error> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Demo(options) => demo::run(&workspace, &options),
        Task::Setup { purpose } => setup::run(&workspace, purpose),
        Task::Page => {
            let tools = setup::prepare_page(&workspace)?;
            let dist = page::build_page(&workspace, &tools)?;
            page::weight::print(&dist)?;
            println!("{}", dist.display());
            Ok(())
        }
        Task::Dist(options) => dist::run(&workspace, &options),
        Task::Deploy(options) => deploy::run(&workspace, &options),
        Task::EmulatedArm(options) => emulated_arm::run(&workspace, &options),
        Task::Test(options) => test_run::run(&workspace, &options),
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Fuzz(options) => fuzz::run(&workspace, &options),
        Task::Tidy => tidy::run(&workspace),
    }
}
