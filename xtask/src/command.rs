//! Running other programs, with errors that name the whole command.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::error::Error;

/// Lines of a failed command's output that its error message shows.
const OUTPUT_LINES_SHOWN: usize = 30;

/// Runs a command that talks to the person directly.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|source| Error::CannotStart {
        command: describe(command),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::CommandFailed {
        command: describe(command),
        status: status.to_string(),
        output: String::new(),
    })
}

/// Runs a command that talks to the person directly and tells something by its exit code. Returns
/// the code, which must be one of `expected`.
pub(crate) fn run_with_codes(command: &mut Command, expected: &[i32]) -> Result<i32, Error> {
    let status = command.status().map_err(|source| Error::CannotStart {
        command: describe(command),
        source,
    })?;
    match status.code() {
        Some(code) if expected.contains(&code) => Ok(code),
        _ => Err(Error::CommandFailed {
            command: describe(command),
            status: status.to_string(),
            output: String::new(),
        }),
    }
}

/// Runs a command in silence and returns its standard output. What it said is shown when it fails.
pub(crate) fn capture(command: &mut Command) -> Result<String, Error> {
    let output = run_in_silence(command)?;
    let said = text(&output.stdout);
    if output.status.success() {
        return Ok(said);
    }
    let said = format!("{said}{}", text(&output.stderr));
    Err(failed(command, &output, &said))
}

/// Runs a command in silence and returns its standard error. What it said is shown when it fails.
pub(crate) fn capture_errors(command: &mut Command) -> Result<String, Error> {
    let output = run_in_silence(command)?;
    let said = text(&output.stderr);
    if output.status.success() {
        return Ok(said);
    }
    Err(failed(command, &output, &said))
}

fn run_in_silence(command: &mut Command) -> Result<Output, Error> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Error::CannotStart {
            command: describe(command),
            source,
        })
}

fn failed(command: &Command, output: &Output, said: &str) -> Error {
    Error::CommandFailed {
        command: describe(command),
        status: output.status.to_string(),
        output: format!("\n{}", last_lines(said, OUTPUT_LINES_SHOWN)),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether a command can be started and succeeds. Shows nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The program of this name on PATH.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// PATH with these folders in front.
pub(crate) fn path_with(folders: &[PathBuf]) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(std::env::split_paths(&path));
    // A folder whose name holds a colon cannot be on PATH at all.
    std::env::join_paths(all.filter(|folder| !folder.to_string_lossy().contains(':')))
        .unwrap_or(path)
}

/// The same command with a time limit, by the `timeout` of the core utilities.
pub(crate) fn with_time_limit(program: &str, limit_seconds: u32) -> Command {
    let mut command = Command::new("timeout");
    command
        .arg("--kill-after=10")
        .arg(limit_seconds.to_string())
        .arg(program);
    command
}

/// Says on standard error what is being done, in one line.
pub(crate) fn say(subject: &str, message: &str) {
    eprintln!("{subject}: {message}");
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_named_with_what_it_said() {
        let error = capture(Command::new("sh").args(["-c", "echo no room >&2; exit 3"]));
        let message = error.unwrap_err().to_string();
        assert!(message.contains("sh -c"), "{message}");
        assert!(message.contains("exit status: 3"), "{message}");
        assert!(message.ends_with("no room"), "{message}");
    }

    #[test]
    fn a_command_that_does_not_exist_is_named() {
        let error = run(&mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("cannot start `no-such-program-anywhere`")
        );
    }

    #[test]
    fn a_code_that_tells_something_is_no_failure_and_any_other_is() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "exit 2"]);
        assert_eq!(run_with_codes(&mut shell, &[0, 2]).unwrap(), 2);
        let message = run_with_codes(&mut shell, &[0]).unwrap_err().to_string();
        assert!(message.contains("exit status: 2"), "{message}");
    }

    #[test]
    fn only_the_end_of_a_long_output_is_shown() {
        assert_eq!(last_lines("a\nb\nc", 2), "b\nc");
    }

    #[test]
    fn a_command_over_its_time_limit_is_ended() {
        assert!(!succeeds(with_time_limit("sleep", 1).arg("600")));
    }
}
