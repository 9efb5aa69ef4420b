//! `collector doctor`: what this host can measure, what is missing, and the one line that mends it.

use std::process::ExitCode;

use clap::Args;

use super::place::Place;
use super::{answer, answer_json};
use crate::CollectorError;
use crate::doctor::{Finding, examine};
use crate::execution::{Executor, Leash};

#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    /// Prints JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &DoctorArguments) -> Result<ExitCode, CollectorError> {
    let mut findings = examine(&arguments.place.work_directory())?;
    findings.push(confinement(&arguments.place)?);
    if arguments.json {
        answer_json(&findings)?;
    } else {
        answer(&findings.iter().map(Finding::to_string).collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What confines programs here, tried in a folder of its own: the work folder may be another
/// collector's just now.
fn confinement(place: &Place) -> Result<Finding, CollectorError> {
    let program = std::env::current_exe()
        .map_err(CollectorError::io("find the program", "collector".as_ref()))?;
    let scratch = tempfile::tempdir().map_err(CollectorError::io(
        "create a folder in",
        &std::env::temp_dir(),
    ))?;
    let executor = Executor::new(program, scratch.path().to_owned(), Leash::default());
    Ok(place.confining.sandbox(&executor).confinement.finding())
}
