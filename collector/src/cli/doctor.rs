//! `collector doctor`: what this host can measure, what is missing, and the one line that mends it.

use std::process::ExitCode;

use clap::Args;

use super::place::Place;
use super::{answer, answer_json};
use crate::CollectorError;
use crate::doctor::{Finding, examine};

#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    /// Prints JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &DoctorArguments) -> Result<ExitCode, CollectorError> {
    let findings = examine(&arguments.place.work_directory())?;
    if arguments.json {
        answer_json(&findings)?;
    } else {
        answer(&findings.iter().map(Finding::to_string).collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
}
