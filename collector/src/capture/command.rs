//! A captured command and the file it is kept in.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::CollectorError;
use crate::execution::{may_be_secret, untrusted_file};

/// More than a command line and an environment can have, in bytes.
const BYTES_MAX: u64 = 16 << 20;

/// The command by which cargo would compile a crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturedCommand {
    /// The compiler.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// All variables that were set, sorted by name.
    pub environment: Vec<(OsString, OsString)>,
    /// The folder it is run in.
    pub directory: OsString,
}

impl CapturedCommand {
    /// Reads a command from its file, or `None` where the file is not there or not understood: it
    /// is then captured again.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&untrusted_file::read(path, BYTES_MAX).ok()?).ok()
    }

    /// Writes the command to its file, which is there in full or not at all.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, path: &Path) -> Result<(), CollectorError> {
        let json = serde_json::to_vec(self).map_err(std::io::Error::other);
        let partial = path.with_extension("partial");
        json.and_then(|json| std::fs::write(&partial, json))
            .and_then(|()| std::fs::rename(&partial, path))
            .map_err(CollectorError::io("write the captured command", path))
    }

    /// The variables that the compiler gets when it is run without cargo: those that cargo gave,
    /// without the ones that concern cargo's own work, and the ones that are set for every
    /// measured compiler.
    pub fn measured_environment(&self) -> Vec<(OsString, OsString)> {
        let is_set_here = |name: &OsStr| MEASURED_VARIABLES.iter().any(|(set, _)| *set == name);
        let mut variables: Vec<_> = self
            .environment
            .iter()
            .filter(|(name, _)| is_wanted(name) && !is_set_here(name))
            .cloned()
            .collect();
        variables.extend(
            MEASURED_VARIABLES.map(|(name, value)| (OsString::from(name), OsString::from(value))),
        );
        variables.sort();
        variables
    }
}

/// Set for every measured compiler, so that neither the allocator's timing nor the text of its own
/// version changes what it does: the version goes into hashes, and hashes into the order of work.
const MEASURED_VARIABLES: [(&str, &str); 3] = [
    ("MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0"),
    ("RUSTC_FORCE_INCR_COMP_ARTIFACT_HEADER", "perfleet"),
    ("RUSTC_FORCE_RUSTC_VERSION", "perfleet"),
];

/// Names of variables that steer cargo, and not the compiler.
const OF_CARGO_ALONE: [&str; 12] = [
    "CARGO_ENCODED_RUSTDOCFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "CARGO_MAKEFLAGS",
    "CARGO_NET_OFFLINE",
    "CARGO_TARGET_DIR",
    "CARGO_TERM_COLOR",
    "MAKEFLAGS",
    "MFLAGS",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTDOC",
];

fn is_wanted(name: &OsStr) -> bool {
    !may_be_secret(name) && !OF_CARGO_ALONE.iter().any(|dropped| *dropped == name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use proptest::prelude::*;

    use super::*;

    fn any_text() -> impl Strategy<Value = OsString> {
        proptest::collection::vec(1_u8.., 0..12).prop_map(OsString::from_vec)
    }

    proptest! {
        #[test]
        fn a_captured_command_is_read_as_it_was_written_whatever_bytes_it_holds(
            program in any_text(),
            arguments in proptest::collection::vec(any_text(), 0..6),
            environment in proptest::collection::vec((any_text(), any_text()), 0..6),
            directory in any_text(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("command.json");
            let command = CapturedCommand { program, arguments, environment, directory };
            command.write(&path).unwrap();
            prop_assert_eq!(CapturedCommand::read(&path), Some(command));
        }
    }

    #[test]
    fn a_file_that_is_cut_short_is_not_a_command() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("command.json");
        std::fs::write(&path, r#"{"program":{"Unix":[47]},"arg"#).unwrap();
        assert_eq!(CapturedCommand::read(&path), None);
    }

    #[test]
    fn secrets_and_what_is_cargos_alone_do_not_reach_the_compiler() {
        let variable = |name: &str| (OsString::from(name), OsString::from("x"));
        let command = CapturedCommand {
            program: "rustc".into(),
            arguments: Vec::new(),
            environment: [
                "AWS_REGION",
                "CARGO_MAKEFLAGS",
                "CARGO_PKG_NAME",
                "CARGO_REGISTRY_TOKEN",
                "MALLOC_CONF",
                "MY_SECRET",
                "OUT_DIR",
                "PATH",
                "PERFLEET_COLLECTOR_MODE",
                "RUSTC_WRAPPER",
            ]
            .map(variable)
            .to_vec(),
            directory: "/".into(),
        };
        let names: Vec<_> = command
            .measured_environment()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            names,
            [
                "CARGO_PKG_NAME",
                "MALLOC_CONF",
                "OUT_DIR",
                "PATH",
                "RUSTC_FORCE_INCR_COMP_ARTIFACT_HEADER",
                "RUSTC_FORCE_RUSTC_VERSION",
            ]
        );
    }
}
