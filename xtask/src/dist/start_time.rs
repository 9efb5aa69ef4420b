//! How long a function takes from its start to its first question for an event: the part of a cold
//! start that is its own.

use std::path::Path;
use std::process::Command;

use crate::command;
use crate::error::Error;
use crate::workspace::Workspace;

/// The median of some starts, in milliseconds, by the project's own host of functions.
pub(super) fn measure_ms(workspace: &Workspace, binary: &Path) -> Result<String, Error> {
    let said = command::capture(
        Command::new("cargo")
            .args(["run", "--quiet", "--package", "localstack", "--"])
            .arg("time-start")
            .arg(binary)
            .current_dir(workspace.root()),
    )?;
    Ok(said.trim().to_owned())
}
