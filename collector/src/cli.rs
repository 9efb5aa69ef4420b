//! The command line.

mod bench;
mod category_options;
mod confining;
mod doctor;
mod host;
mod overhead;
mod own_program;
mod place;
mod profile;
mod progress_line;
mod repeatability;
mod run;
mod suite;
mod telemetry;
mod toolchain_options;
mod toolchains;
mod workplace;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::CollectorError;

/// Measures compilers: as an agent that takes jobs from queues, or here and now.
#[derive(Debug, Parser)]
#[command(name = "collector", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measures two toolchains or more and prints how they differ.
    Bench(bench::BenchArguments),
    /// Says what this host can measure, what is missing, and how to mend it.
    Doctor(doctor::DoctorArguments),
    /// Prints the facts of this host and the configuration it would measure under.
    Host(host::HostArguments),
    /// Compares a measured compilation with the bare one, to see what measuring costs.
    #[command(hide = true)]
    Overhead(overhead::OverheadArguments),
    /// Looks into one compilation: where its time goes, and how two compilers differ in that.
    Profile(profile::ProfileArguments),
    /// Measures one compiler against itself, to see how small a change this host can find.
    #[command(hide = true)]
    Repeatability(repeatability::RepeatabilityArguments),
    /// Takes jobs from queues, measures them, and delivers what comes out.
    Run(run::RunArguments),
    /// Lists, fetches and checks the benchmarks.
    Suite(suite::SuiteArguments),
    /// Lists the toolchains of this machine, and fetches others.
    #[command(visible_alias = "toolchain")]
    Toolchains(toolchains::ToolchainsArguments),
}

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Host(arguments) => host::run(&arguments),
        Command::Overhead(arguments) => overhead::run(&arguments),
        Command::Profile(arguments) => profile::run(&arguments),
        Command::Repeatability(arguments) => repeatability::run(&arguments),
        Command::Run(arguments) => self::run::run(&arguments),
        Command::Suite(arguments) => suite::run(&arguments),
        Command::Toolchains(arguments) => toolchains::run(&arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(exit_code(&error))
        }
    }
}

/// 2 where the command line asked for something that makes no sense, else 1.
fn exit_code(error: &CollectorError) -> u8 {
    match error {
        CollectorError::Usage { .. }
        | CollectorError::UnknownBenchmark { .. }
        | CollectorError::NothingSelected
        | CollectorError::SuiteNotFound { .. }
        | CollectorError::ToolchainSources { .. }
        | CollectorError::Invalid(_) => 2,
        _ => 1,
    }
}

/// Prints an answer to standard output.
fn answer(text: &str) -> Result<(), CollectorError> {
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads the answer has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CollectorError::io(
            "write to",
            "standard output".as_ref(),
        )(error)),
        _ => Ok(()),
    }
}

/// Prints an answer to standard output as JSON.
fn answer_json(value: &impl Serialize) -> Result<(), CollectorError> {
    let mut json = serde_json::to_string_pretty(value).map_err(|error| CollectorError::Usage {
        reason: format!("the answer cannot be written as JSON: {error}"),
    })?;
    json.push('\n');
    answer(&json)
}
