//! What compiles the leaf crate under a profile, in place of the program that was captured.

use std::path::{Path, PathBuf};

use shared_types::Profile;
use shared_types::result_document::FailureKind;

use super::problem::Problem;
use crate::CollectorError;
use crate::capture::CapturedCommand;
use crate::toolchain::Toolchain;

/// The name of Clippy's settings.
pub(super) const SETTINGS_FILE: &str = "clippy.toml";

/// What compiles the leaf crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LeafProgram {
    /// The program that cargo would have run.
    AsCaptured,
    /// Clippy, which stands in front of rustc and takes its command line.
    Clippy {
        /// The path of `clippy-driver`.
        driver: PathBuf,
    },
    /// rustdoc as it was captured, told to write JSON.
    JsonDocumentation,
}

impl LeafProgram {
    /// The program for a profile, or why the toolchain cannot measure it.
    pub(super) fn of(profile: Profile, toolchain: &Toolchain) -> Result<Self, Problem> {
        let unavailable = |program: &str, component: &str| {
            Problem::new(
                FailureKind::Unavailable,
                format!(
                    "the profile {profile} is not available: this toolchain ({}) has no {program}; \
                     where it is one of rustup, add it by `rustup component add {component}{}`",
                    toolchain.names.join(", "),
                    toolchain.rustup_option()
                ),
            )
        };
        match profile {
            Profile::Check | Profile::Debug | Profile::Opt => Ok(Self::AsCaptured),
            Profile::Doc | Profile::DocJson if toolchain.rustdoc.is_none() => {
                Err(unavailable("rustdoc", "rustc"))
            }
            Profile::Doc => Ok(Self::AsCaptured),
            Profile::DocJson => Ok(Self::JsonDocumentation),
            Profile::Clippy => match &toolchain.clippy_driver {
                Some(driver) => Ok(Self::Clippy {
                    driver: driver.clone(),
                }),
                None => Err(unavailable("clippy-driver", "clippy")),
            },
        }
    }

    /// The command with this program. `configuration` is the folder that Clippy takes its settings
    /// from, which [`write_settings`] has made.
    pub(super) fn applied_to(
        &self,
        captured: CapturedCommand,
        configuration: &Path,
    ) -> CapturedCommand {
        let mut command = captured;
        match self {
            Self::AsCaptured => {}
            Self::Clippy { driver } => {
                let rustc = std::mem::replace(&mut command.program, driver.clone().into());
                command.arguments.insert(0, rustc);
                // What the crate or this Clippy denies is found all the same, and is no failure.
                command.arguments.push("--cap-lints=warn".into());
                let settings = ("CLIPPY_CONF_DIR".into(), configuration.into());
                command.environment.push(settings);
            }
            Self::JsonDocumentation => command
                .arguments
                .extend(["-Zunstable-options", "--output-format=json"].map(Into::into)),
        }
        command
    }

    /// Makes the settings of Clippy, which are none: it would look for some in every folder above
    /// the crate.
    pub(super) fn write_settings(&self, configuration: &Path) -> Result<(), CollectorError> {
        if !matches!(self, Self::Clippy { .. }) {
            return Ok(());
        }
        let settings = configuration.join(SETTINGS_FILE);
        std::fs::write(&settings, "").map_err(CollectorError::io("write", &settings))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn captured() -> CapturedCommand {
        CapturedCommand {
            program: "/bin/rustc".into(),
            arguments: vec!["--crate-name".into(), "tiny".into()],
            environment: Vec::new(),
            directory: "/".into(),
        }
    }

    #[test]
    fn clippy_gets_the_command_line_of_rustc_and_settings_of_no_folder_above() {
        let clippy = LeafProgram::Clippy {
            driver: "/bin/clippy-driver".into(),
        };
        let folder = tempfile::tempdir().unwrap();
        clippy.write_settings(folder.path()).unwrap();
        assert!(folder.path().join("clippy.toml").is_file());
        let command = clippy.applied_to(captured(), folder.path());
        assert_eq!(command.program, "/bin/clippy-driver");
        let expected = ["/bin/rustc", "--crate-name", "tiny", "--cap-lints=warn"];
        assert_eq!(command.arguments, expected.map(OsString::from));
        let settings = ("CLIPPY_CONF_DIR".into(), folder.path().into());
        assert_eq!(command.environment, [settings]);
    }

    #[test]
    fn what_is_measured_as_it_was_captured_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        LeafProgram::AsCaptured
            .write_settings(folder.path())
            .unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let command = LeafProgram::AsCaptured.applied_to(captured(), folder.path());
        assert_eq!(command, captured());
    }
}
