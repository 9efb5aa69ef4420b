//! The programs of this project, built.

use std::path::PathBuf;
use std::process::Command;

use crate::command;
use crate::error::Error;
use crate::workspace::Workspace;

/// What builds every program and every test at once: what is chosen of a workspace decides the
/// features of what it is built on, and a second choice would build all of that a second time.
pub(crate) const TEST_BUILD: [&str; 4] = ["--workspace", "--all-features", "--bins", "--tests"];

/// Where the programs are.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    /// The server and the admin's command line.
    pub(crate) perfleet: PathBuf,
    /// The collector.
    pub(crate) collector: PathBuf,
}

/// Builds both programs as they are meant to be used.
pub(crate) fn build_release(workspace: &Workspace) -> Result<Programs, Error> {
    command::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--release", "--bins"])
            .args(["--package", "functions", "--package", "collector"])
            .current_dir(workspace.root()),
    )?;
    let folder = workspace.target().join("release");
    Ok(Programs {
        perfleet: folder.join("perfleet"),
        collector: folder.join("collector"),
    })
}
