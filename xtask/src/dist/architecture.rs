//! What Lambda runs on, and what this machine can build for.

use std::fmt;
use std::process::Command;
use std::str::FromStr;

use crate::command;
use crate::error::Error;

/// An architecture, by Lambda's name of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Architecture {
    X86_64,
    Arm64,
}

impl Architecture {
    pub(super) const ALL: [Self; 2] = [Self::X86_64, Self::Arm64];

    /// The one that runs this program.
    pub(super) fn of_this_machine() -> Result<Self, Error> {
        let target = host_target()?;
        Self::ALL
            .into_iter()
            .find(|architecture| architecture.target() == target)
            .ok_or_else(|| Error::Unfit {
                what: target,
                reason: "is no target of Lambda's: build on 64-bit Linux with glibc".to_owned(),
            })
    }

    /// Lambda's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    fn target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    fn linker(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-linux-gnu-gcc",
            Self::Arm64 => "aarch64-linux-gnu-gcc",
        }
    }

    fn is_foreign(self) -> Result<bool, Error> {
        Ok(host_target()? != self.target())
    }

    /// Why this machine cannot build for it, with what mends that; `None` if it can.
    pub(super) fn obstacle(self) -> Result<Option<String>, Error> {
        if !self.is_foreign()? {
            return Ok(None);
        }
        let target = self.target();
        let installed = command::capture(Command::new("rustc").args([
            "--print",
            "target-libdir",
            "--target",
            target,
        ]))?;
        if !std::path::Path::new(installed.trim()).is_dir() {
            let remedy = format!("whose target is not installed: `rustup target add {target}`");
            return Ok(Some(remedy));
        }
        if command::find_program(self.linker()).is_none() {
            let remedy = format!(
                "whose linker {} is not installed: Debian has it in a package gcc-…-linux-gnu",
                self.linker()
            );
            return Ok(Some(remedy));
        }
        Ok(None)
    }

    /// What tells cargo to build for it.
    pub(super) fn cargo_arguments(self) -> Result<Vec<String>, Error> {
        let foreign = self.is_foreign()?;
        Ok(foreign
            .then(|| format!("--target={}", self.target()))
            .into_iter()
            .collect())
    }

    /// What tells cargo how to link for it.
    pub(super) fn cargo_environment(self) -> Result<Vec<(String, &'static str)>, Error> {
        let name = self.target().to_uppercase().replace('-', "_");
        let foreign = self.is_foreign()?;
        Ok(foreign
            .then(|| (format!("CARGO_TARGET_{name}_LINKER"), self.linker()))
            .into_iter()
            .collect())
    }

    /// Where below `target/` cargo puts what it builds for it; empty for this machine's own.
    pub(super) fn target_folder(self) -> Result<&'static str, Error> {
        Ok(if self.is_foreign()? {
            self.target()
        } else {
            ""
        })
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Architecture {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|architecture| architecture.name() == name)
            .ok_or_else(|| Error::Unfit {
                what: format!("the architecture `{name}`"),
                reason: "is none of Lambda's: x86_64 or arm64".to_owned(),
            })
    }
}

fn host_target() -> Result<String, Error> {
    let said = command::capture(Command::new("rustc").args(["--print", "host-tuple"]))?;
    Ok(said.trim().to_owned())
}
