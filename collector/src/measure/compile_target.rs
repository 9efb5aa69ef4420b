//! What a configuration compiles for: the toolchain's own host, or another target.

use std::ffi::OsString;
use std::path::PathBuf;

use shared_types::result_document::FailureKind;
use shared_types::{ConfigurationRecord, Profile};

use super::counting::program_on_path;
use super::problem::Problem;
use crate::suite::ArtifactKind;
use crate::toolchain::Toolchain;

/// The flag by which a configuration names its linker.
const LINKER_FLAG: &str = "-Clinker=";

/// What is compiled for. Build scripts and procedural macros are compiled for the host all the same,
/// since cargo is told of the target by `--target`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompileTarget {
    /// The host of the toolchain.
    Host,
    /// Another target.
    Other {
        /// Its triple: `wasm32-unknown-unknown`.
        triple: String,
        /// What links its programs.
        linker: Linker,
    },
}

/// What links programs for a target that is not the host's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Linker {
    /// The one that the compiler chooses, or a flag of the configuration does.
    OfCompiler,
    /// A program on the path, by its name.
    OnPath(String),
    /// The one that links for the host, which cannot; this one could, and is not on the path.
    Missing(String),
}

impl CompileTarget {
    /// What a configuration compiles for on this machine, with a toolchain.
    pub fn here(record: &ConfigurationRecord, toolchain: &Toolchain) -> Self {
        Self::of(record, toolchain, |name| program_on_path(name).is_some())
    }

    /// The same where `is_on_path` tells which programs there are.
    fn of(
        record: &ConfigurationRecord,
        toolchain: &Toolchain,
        is_on_path: impl Fn(&str) -> bool,
    ) -> Self {
        if record.target == toolchain.host {
            return Self::Host;
        }
        let is_named = record
            .flags
            .iter()
            .any(|flag| flag.starts_with(LINKER_FLAG));
        let linker = match cross_linker(&record.target, &toolchain.host) {
            Some(_) if is_named => Linker::OfCompiler,
            Some(name) if is_on_path(&name) => Linker::OnPath(name),
            Some(name) => Linker::Missing(name),
            None => Linker::OfCompiler,
        };
        Self::Other {
            triple: record.target.clone(),
            linker,
        }
    }

    /// Why nothing can be run under this configuration, where it compiles for another target.
    ///
    /// # Errors
    /// That, and what to do instead.
    pub(super) fn check_runs_here(&self, toolchain: &Toolchain) -> Result<(), Problem> {
        match self {
            Self::Host => Ok(()),
            Self::Other { triple, .. } => Err(Problem::new(
                FailureKind::Unavailable,
                format!(
                    "only crates are compiled for {triple}: programs, and the toolchain itself, are \
                     measured under a configuration of the target {}",
                    toolchain.host
                ),
            )),
        }
    }

    /// Why a toolchain cannot compile anything for this target, where it cannot.
    ///
    /// # Errors
    /// That, and the line that mends it.
    pub(super) fn check_library(&self, toolchain: &Toolchain) -> Result<(), Problem> {
        match self {
            Self::Other { triple, .. } if !toolchain.has_standard_library(triple) => {
                Err(unavailable(format!(
                    "this toolchain ({}) has no standard library for the target {triple}; where \
                     it is one of rustup, add it by `rustup target add {triple}{}`",
                    toolchain.names.join(", "),
                    toolchain.rustup_option()
                )))
            }
            _ => Ok(()),
        }
    }

    /// Why a toolchain cannot compile an artifact under a profile for this target, where it cannot.
    ///
    /// # Errors
    /// That, and the line that mends it.
    pub(super) fn check(
        &self,
        toolchain: &Toolchain,
        artifact: &ArtifactKind,
        profile: Profile,
    ) -> Result<(), Problem> {
        self.check_library(toolchain)?;
        let Self::Other { triple, linker } = self else {
            return Ok(());
        };
        let is_linked = matches!(artifact, ArtifactKind::Binary { .. })
            && matches!(profile, Profile::Debug | Profile::Opt);
        match linker {
            Linker::Missing(name) if is_linked => Err(unavailable(format!(
                "to link a program for the target {triple} takes a linker for it, and there is no \
                 `{name}` here: install it (on Debian: `apt-get install {}`), or name another by \
                 the configuration's flag `{LINKER_FLAG}PROGRAM`",
                debian_package(name)
            ))),
            _ => Ok(()),
        }
    }

    /// Cargo's options.
    pub(super) fn options(&self) -> Vec<String> {
        match self {
            Self::Host => Vec::new(),
            Self::Other { triple, .. } => vec!["--target".to_owned(), triple.clone()],
        }
    }

    /// Cargo's variables.
    pub(super) fn variables(&self) -> Vec<(OsString, OsString)> {
        match self {
            Self::Other {
                triple,
                linker: Linker::OnPath(name),
            } => {
                let variable = triple.to_ascii_uppercase().replace(['-', '.'], "_");
                let variable = format!("CARGO_TARGET_{variable}_LINKER");
                vec![(variable.into(), name.into())]
            }
            _ => Vec::new(),
        }
    }

    /// The folder below that of a benchmark in which it is built; none for the host.
    pub(super) fn folder(&self) -> PathBuf {
        match self {
            Self::Host => PathBuf::new(),
            Self::Other { triple, .. } => PathBuf::from(format!("for-{triple}")),
        }
    }
}

fn unavailable(message: String) -> Problem {
    Problem::new(FailureKind::Unavailable, message)
}

/// The linker for the Linux of another architecture, by the name that Debian and others give it. All
/// other targets have one that the compiler knows.
fn cross_linker(target: &str, host: &str) -> Option<String> {
    let target_parts: Vec<&str> = target.split('-').collect();
    let [architecture, _, "linux", abi] = target_parts.as_slice() else {
        return None;
    };
    let is_of_host = host.split('-').next() == Some(*architecture);
    (!is_of_host).then(|| {
        let architecture = match *architecture {
            "i686" | "i586" => "i686",
            armv7 if armv7.starts_with("armv7") => "arm",
            riscv if riscv.starts_with("riscv64") => "riscv64",
            other => other,
        };
        format!("{architecture}-linux-{abi}-gcc")
    })
}

/// The package of Debian that has a linker: `gcc-aarch64-linux-gnu` has `aarch64-linux-gnu-gcc`.
fn debian_package(linker: &str) -> String {
    let system = linker.strip_suffix("-gcc").unwrap_or(linker);
    format!("gcc-{}", system.replace('_', "-"))
}

#[cfg(test)]
#[path = "compile_target_tests.rs"]
mod tests;
