//! A command line with its whole environment, before anything is started.

use std::ffi::{OsStr, OsString};
use std::process::Command;

/// A command line with its whole environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// The program, as a path.
    pub program: OsString,
    /// What follows its name.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
}

impl CommandLine {
    /// What starts it, with nothing of this process's own environment.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().cloned());
        command
    }
}

/// The environment with `name` set to `value`, where it was set at all.
pub(super) fn with_replaced(
    environment: &[(OsString, OsString)],
    name: &OsStr,
    value: &OsStr,
) -> Vec<(OsString, OsString)> {
    let replaced = |(known, old): &(OsString, OsString)| {
        let new = if known == name { value } else { old };
        (known.clone(), new.to_owned())
    };
    environment.iter().map(replaced).collect()
}
