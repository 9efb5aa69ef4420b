//! This program between cargo and the compiler: it captures one command, and hands on all others.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::CapturedCommand;
use crate::mode::{self, Mode};

/// The file for the captured command.
const FILE: &str = "PERFLEET_CAPTURE_FILE";
/// The name of the package whose crate is captured.
const PACKAGE: &str = "PERFLEET_CAPTURE_PACKAGE";
/// The name of the captured program's crate; not set where a library is captured.
const BINARY: &str = "PERFLEET_CAPTURE_BINARY";
/// The path of rustdoc; set where its command is captured.
const RUSTDOC: &str = "PERFLEET_CAPTURE_RUSTDOC";

/// Which command is captured.
#[derive(Debug, Clone)]
pub(crate) struct CapturedTarget {
    /// The file for the captured command.
    pub(crate) file: PathBuf,
    /// The name of the package.
    pub(crate) package: String,
    /// The name of the program, or none for the library.
    pub(crate) binary: Option<String>,
    /// The path of rustdoc, where its command and not that of rustc is captured.
    pub(crate) rustdoc: Option<PathBuf>,
}

impl CapturedTarget {
    /// The variables by which cargo is told to let `collector` stand in, and which tell it what to
    /// capture.
    pub(crate) fn variables(&self, collector: &Path) -> Vec<(OsString, OsString)> {
        let mut variables: Vec<(OsString, OsString)> = vec![
            (mode::VARIABLE.into(), Mode::Capture.as_str().into()),
            (FILE.into(), self.file.clone().into()),
            (PACKAGE.into(), self.package.clone().into()),
        ];
        if let Some(binary) = &self.binary {
            variables.push((BINARY.into(), binary.into()));
        }
        match &self.rustdoc {
            None => variables.push(("RUSTC_WRAPPER".into(), collector.into())),
            Some(rustdoc) => {
                variables.push((RUSTDOC.into(), rustdoc.into()));
                variables.push(("RUSTDOC".into(), collector.into()));
            }
        }
        variables
    }
}

/// Captures the command if it is the wanted one, else becomes the compiler. As the wrapper of rustc
/// the first argument is rustc; as rustdoc all arguments are rustdoc's.
pub(crate) fn stand_in(arguments: &[OsString]) -> io::Result<ExitCode> {
    let (program, arguments) = match std::env::var_os(RUSTDOC) {
        Some(rustdoc) => (rustdoc, arguments),
        None => match arguments.split_first() {
            Some((rustc, arguments)) => (rustc.clone(), arguments),
            None => return Err(io::Error::other("cargo named no compiler")),
        },
    };
    if is_wanted(arguments)
        && let Some(file) = std::env::var_os(FILE)
    {
        let mut environment: Vec<_> = std::env::vars_os().collect();
        environment.sort();
        let command = CapturedCommand {
            program,
            arguments: arguments.to_vec(),
            environment,
            directory: std::env::current_dir()?.into(),
        };
        command.write(Path::new(&file)).map_err(io::Error::other)?;
        return Ok(ExitCode::SUCCESS);
    }
    become_program(Command::new(program).args(arguments))
}

/// Becomes another program, which returns only where that fails.
#[cfg(unix)]
fn become_program(command: &mut Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

/// Stands in front of another program and ends as it does, since this system lets no process become
/// another program.
#[cfg(not(unix))]
fn become_program(command: &mut Command) -> io::Result<ExitCode> {
    let code = command
        .status()?
        .code()
        .and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn is_wanted(arguments: &[OsString]) -> bool {
    let is_set_to = |name: &str, wanted: &OsStr| std::env::var_os(name).as_deref() == Some(wanted);
    let Some(package) = std::env::var_os(PACKAGE) else {
        return false;
    };
    // rustdoc is not told which package is the primary one; with `--no-deps` there is one alone.
    let is_primary =
        std::env::var_os("CARGO_PRIMARY_PACKAGE").is_some() || std::env::var_os(RUSTDOC).is_some();
    let binary = std::env::var(BINARY).ok();
    is_primary
        && is_set_to("CARGO_PKG_NAME", &package)
        && is_wanted_crate(arguments, binary.as_deref())
}

/// Whether these are the arguments for the program `binary`, or for the library where there is none.
pub fn is_wanted_crate(arguments: &[OsString], binary: Option<&str>) -> bool {
    let value_of = |option: &str| {
        let position = arguments.iter().position(|argument| argument == option)?;
        arguments.get(position + 1)?.to_str()
    };
    let Some(name) = value_of("--crate-name") else {
        return false;
    };
    let is_program = value_of("--crate-type") == Some("bin");
    match binary {
        None => !is_program,
        Some(binary) => is_program && name == binary.replace('-', "_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_wanted_in(line: &str, binary: Option<&str>) -> bool {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        is_wanted_crate(&arguments, binary)
    }

    #[test]
    fn a_build_script_is_not_the_library() {
        assert!(is_wanted_in(
            "--crate-name serde src/lib.rs --crate-type lib",
            None
        ));
        assert!(!is_wanted_in(
            "--crate-name build_script_build build.rs --crate-type bin",
            None
        ));
    }

    #[test]
    fn a_program_is_told_from_the_library_and_the_other_programs_of_its_package() {
        let wanted = Some("fd-find");
        assert!(is_wanted_in(
            "--crate-name fd_find src/main.rs --crate-type bin",
            wanted
        ));
        assert!(!is_wanted_in(
            "--crate-name fd_find src/lib.rs --crate-type lib",
            wanted
        ));
        assert!(!is_wanted_in(
            "--crate-name other src/other.rs --crate-type bin",
            wanted
        ));
    }

    #[test]
    fn questions_about_the_compiler_are_handed_on() {
        assert!(!is_wanted_in("-vV", None));
        assert!(!is_wanted_in(
            "- --crate-name ___ --print=file-names --crate-type bin",
            None
        ));
    }
}
