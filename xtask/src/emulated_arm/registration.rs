//! Making a server know the emulated host and its compilers.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::command;
use crate::error::Error;
use crate::programs::{Programs, text};
use crate::setup::emulated_arm::{self, CompilerPair};
use crate::workspace::Workspace;

/// Where it is registered.
#[derive(Debug, Clone)]
pub(super) enum Place {
    DataFolder(PathBuf),
    Server(String),
}

/// What is registered now.
#[derive(Debug)]
pub(super) struct Registered {
    /// The id of the configuration.
    pub(super) configuration: String,
    /// The ids of the compilers, in their order.
    pub(super) artifacts: Vec<String>,
}

impl Place {
    /// What names it on the command lines of both programs.
    pub(super) fn options(&self) -> [String; 2] {
        match self {
            Self::DataFolder(folder) => ["--data-dir".into(), folder.display().to_string()],
            Self::Server(url) => ["--server".into(), url.clone()],
        }
    }
}

/// Registers the configuration, as experimental, and the compilers.
pub(super) fn register(
    workspace: &Workspace,
    programs: &Programs,
    place: &Place,
    pairs: &[CompilerPair],
) -> Result<Registered, Error> {
    let host =
        json(Command::new(&programs.collector).args(["host", "--emulated", "aarch64", "--json"]))?;
    let mut configuration = host["proposed"].clone();
    // It tells what a change does to the compiler's work on ARM, and not what it costs there.
    configuration["tier"] = "experimental".into();
    let id = text(
        &configuration["id"],
        "the configuration of the emulated host",
    )?;

    // Both compilers of a release are one artifact, and of the two this machine's own is quick to ask.
    let known = json(
        Command::new(&programs.collector)
            .args(["toolchains", "--json"])
            .env("RUSTUP_HOME", emulated_arm::rustup_home(workspace.cache())),
    )?;
    let artifacts = pairs
        .iter()
        .map(|pair| artifact_of(&known, &pair.release))
        .collect::<Result<Vec<_>, _>>()?;
    let ids = artifacts
        .iter()
        .map(|artifact| text(&artifact["id"], "an artifact"))
        .collect::<Result<Vec<_>, _>>()?;

    let folder = emulated_arm::folder(workspace.cache());
    for (kind, value) in [
        ("configuration", configuration),
        ("artifact", Value::from(artifacts)),
    ] {
        let file = folder.join(format!("{kind}.json"));
        add(&programs.perfleet, place, kind, (&file, &value))?;
    }
    Ok(Registered {
        configuration: id,
        artifacts: ids,
    })
}

fn add(
    perfleet: &Path,
    place: &Place,
    kind: &str,
    (file, value): (&Path, &Value),
) -> Result<(), Error> {
    std::fs::write(file, value.to_string()).map_err(Error::file("write", file))?;
    let mut command = Command::new(perfleet);
    command.args([kind, "add"]).arg(file).args(place.options());
    command::capture(&mut command).map(drop)
}

/// The artifact of a release among the toolchains that a collector knows.
fn artifact_of(known: &Value, release: &str) -> Result<Value, Error> {
    let toolchains = known.as_array().into_iter().flatten();
    let mut fitting = toolchains.filter(|toolchain| toolchain["release"] == release);
    let found = fitting
        .next()
        .map(|toolchain| toolchain["artifact"].clone());
    found.ok_or_else(|| Error::NotUnderstood {
        what: "the list of toolchains".into(),
        reason: format!("rustc {release} is not in it: {known}"),
    })
}

fn json(command: &mut Command) -> Result<Value, Error> {
    let said = command::capture(command)?;
    serde_json::from_str(&said).map_err(|error| Error::NotUnderstood {
        what: "an answer of the collector".into(),
        reason: error.to_string(),
    })
}
