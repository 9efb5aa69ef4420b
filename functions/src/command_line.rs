//! The command line `perfleet`. Answers go to standard output, progress and errors to standard
//! error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 what `--fail-on` names was found.

mod access;
mod artifact;
mod backtest;
mod bisect;
mod cancel;
mod changes;
mod compare;
mod configuration;
mod dead_letters;
pub mod detect;
mod hold;
mod hosts;
mod import;
mod names;
mod output;
#[cfg(feature = "aws")]
mod page;
mod place;
mod policy;
mod reconcile;
mod request;
mod request_progress;
mod retract;
mod retry;
mod serve;
mod shadow;
mod simulate;
mod status;
mod status_text;
mod token;
mod triage;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::FunctionsError;
use place::PlaceOptions;

/// The environment variable that says how much is logged: `debug`, `functions=trace`.
const LOG_VARIABLE: &str = "PERFLEET_LOG";

/// Measures compilers on many machines, and says which change made them faster or slower.
#[derive(Debug, Parser)]
#[command(name = "perfleet", version, max_term_width = 100)]
struct Perfleet {
    #[command(flatten)]
    place: PlaceOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeCommand),
    Request(request::RequestCommand),
    Status(status::StatusCommand),
    Compare(compare::CompareCommand),
    Changes(changes::ChangesCommand),
    Triage(triage::TriageCommand),
    Detect(detect::DetectCommand),
    Backtest(backtest::BacktestCommand),
    Bisect(bisect::BisectCommand),
    Import(import::ImportCommand),
    Configuration(configuration::ConfigurationCommand),
    Artifact(artifact::ArtifactCommand),
    Token(token::TokenCommand),
    Cancel(cancel::CancelCommand),
    Retry(retry::RetryCommand),
    Rerun(hold::RerunCommand),
    Pause(hold::PauseCommand),
    Resume(hold::ResumeCommand),
    Drain(hold::DrainCommand),
    Policy(policy::PolicyCommand),
    Shadow(shadow::ShadowCommand),
    Retract(retract::RetractCommand),
    Hosts(hosts::HostsCommand),
    Simulate(simulate::SimulateCommand),
    DeadLetters(dead_letters::DeadLettersCommand),
    Reconcile(reconcile::ReconcileCommand),
    #[cfg(feature = "aws")]
    Page(page::PageCommand),
}

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// As wanted.
    Done,
    /// It did its work, and the answer is a failure: a request that failed.
    Failed,
    /// What `--fail-on` names was found.
    FailOnMet,
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let perfleet = Perfleet::parse();
    start_log(matches!(perfleet.command, Command::Serve(_)));
    match dispatch(&perfleet) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::from(1),
        Ok(Outcome::FailOnMet) => ExitCode::from(3),
        // Whoever reads has read enough: `perfleet … | head`.
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::say(&format!("error: {error}"));
            ExitCode::from(exit_code(&error))
        }
    }
}

fn dispatch(perfleet: &Perfleet) -> Result<Outcome, FunctionsError> {
    let place = &perfleet.place;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(FunctionsError::io("starting the threads of this program"))?;
    runtime.block_on(async {
        match &perfleet.command {
            Command::Serve(command) => command.run(place).await,
            Command::Request(command) => command.run(place).await,
            Command::Status(command) => command.run(place).await,
            Command::Compare(command) => command.run(place).await,
            Command::Changes(command) => command.run(place).await,
            Command::Triage(command) => command.run(place).await,
            Command::Detect(command) => command.run(),
            Command::Backtest(command) => command.run(place).await,
            Command::Bisect(command) => command.run(place).await,
            Command::Import(command) => command.run(place).await,
            Command::Configuration(command) => command.run(place).await,
            Command::Artifact(command) => command.run(place).await,
            Command::Token(command) => command.run(place).await,
            Command::Cancel(command) => command.run(place).await,
            Command::Retry(command) => command.run(place).await,
            Command::Rerun(command) => command.run(place).await,
            Command::Pause(command) => command.run(place).await,
            Command::Resume(command) => command.run(place).await,
            Command::Drain(command) => command.run(place).await,
            Command::Policy(command) => command.run(place).await,
            Command::Shadow(command) => command.run(place).await,
            Command::Retract(command) => command.run(place).await,
            Command::Hosts(command) => command.run(place).await,
            Command::Simulate(command) => command.run(place).await,
            Command::DeadLetters(command) => command.run(place).await,
            Command::Reconcile(command) => command.run(place).await,
            #[cfg(feature = "aws")]
            Command::Page(command) => command.run().await,
        }
    })
}

fn exit_code(error: &FunctionsError) -> u8 {
    match error {
        FunctionsError::Usage(_)
        | FunctionsError::Input(_)
        | FunctionsError::DifferentConfigurations { .. } => 2,
        _ => 1,
    }
}

fn start_log(serves: bool) {
    let default = if serves { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Perfleet::command().debug_assert();
    }
}
