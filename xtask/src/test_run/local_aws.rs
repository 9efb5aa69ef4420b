//! One local AWS for all tests of a run: each takes an account of its own in it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use clap::ValueEnum;

use crate::error::Error;
use crate::workspace::Workspace;

/// What stands in for AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Emulator {
    /// Light, the default.
    Ministack,
    /// The one whose name stands for its kind.
    Localstack,
}

/// A running local AWS, which ends with this value.
pub(super) struct LocalAws {
    process: Child,
    endpoint: String,
    emulator: Emulator,
}

impl LocalAws {
    /// Starts one by the project's own program, which installs it where it is missing.
    pub(super) fn start(workspace: &Workspace, emulator: Emulator) -> Result<Self, Error> {
        let mut command = Command::new("cargo");
        command
            .args(["run", "--quiet", "--package", "localstack", "--", "run"])
            .args(["--emulator", emulator.name()])
            .current_dir(workspace.root())
            .env("PERFLEET_CACHE_DIR", workspace.cache())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let name = format!("localstack run --emulator {}", emulator.name());
        let mut process = command.spawn().map_err(|source| Error::CannotStart {
            command: name.clone(),
            source,
        })?;
        let endpoint = first_address(&mut process);
        let Some(endpoint) = endpoint else {
            let status = process
                .wait()
                .map_or_else(|e| e.to_string(), |s| s.to_string());
            return Err(Error::CommandFailed {
                command: name,
                status,
                output: String::new(),
            });
        };
        Ok(Self {
            process,
            endpoint,
            emulator,
        })
    }

    /// What the tests are told of it.
    pub(super) fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [
            ("PERFLEET_LOCAL_AWS", self.endpoint.clone().into()),
            ("PERFLEET_LOCAL_AWS_EMULATOR", self.emulator.name().into()),
        ]
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        // It ends when nobody holds the other end of its standard input.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

impl Emulator {
    fn name(self) -> &'static str {
        match self {
            Self::Ministack => "ministack",
            Self::Localstack => "localstack",
        }
    }
}

/// The first line that names an address; what comes before it tells what is being started.
fn first_address(process: &mut Child) -> Option<String> {
    let output = BufReader::new(process.stdout.take()?);
    output.lines().map_while(Result::ok).find_map(|line| {
        line.split_whitespace()
            .find(|word| word.starts_with("http://"))
            .map(str::to_owned)
    })
}
