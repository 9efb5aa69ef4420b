//! The programs of this project, built.

use std::path::{Path, PathBuf};
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

impl Programs {
    /// Those in a folder.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            perfleet: folder.join("perfleet"),
            collector: folder.join("collector"),
        }
    }
}

/// Builds both programs as they are meant to be used.
pub(crate) fn build_release(workspace: &Workspace) -> Result<Programs, Error> {
    command::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--release", "--bins"])
            .args(["--package", "functions", "--package", "collector"])
            .current_dir(workspace.root()),
    )?;
    Ok(Programs::in_folder(&workspace.target().join("release")))
}

/// The text that a value of a program's answer is to be. `what` says which, for the error.
pub(crate) fn text(value: &serde_json::Value, what: &str) -> Result<String, Error> {
    let found = value.as_str().map(str::to_owned);
    found.ok_or_else(|| Error::NotUnderstood {
        what: what.into(),
        reason: format!("it is {value}"),
    })
}
