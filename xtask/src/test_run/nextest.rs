//! Running the tests while keeping what the runner says at its end.

use std::io::{BufRead, BufReader, IsTerminal};
use std::process::{Command, Stdio};

use crate::error::Error;

/// Runs `cargo nextest`, shows all that it says, and puts its closing lines into `summary`.
pub(super) fn run(command: &mut Command, summary: &mut Vec<String>) -> Result<(), Error> {
    let colour = if std::io::stderr().is_terminal() {
        "always"
    } else {
        "never"
    };
    let name = "cargo nextest run";
    let cannot_start = |source| Error::CannotStart {
        command: name.into(),
        source,
    };
    let mut child = command
        .env("CARGO_TERM_COLOR", colour)
        .stderr(Stdio::piped())
        .spawn()
        .map_err(cannot_start)?;
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            eprintln!("{line}");
            keep_closing_lines(summary, line);
        }
    }
    let status = child.wait().map_err(cannot_start)?;
    if status.success() {
        return Ok(());
    }
    Err(Error::CommandFailed {
        command: name.into(),
        status: status.to_string(),
        output: String::new(),
    })
}

/// The runner closes with a line `Summary […]` and, below it, the tests that did not pass.
fn keep_closing_lines(summary: &mut Vec<String>, line: String) {
    let is_summary = line.contains("Summary") && line.contains('[');
    if is_summary || (!summary.is_empty() && !line.trim().is_empty()) {
        summary.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_are_kept_with_the_tests_that_failed() {
        let said = "        PASS [   0.005s] a b\n        FAIL [   0.004s] a c\n\
            ────────────\n     Summary [   0.006s] 2 tests run: 1 passed, 1 failed, 0 skipped\n\
            \x20       FAIL [   0.004s] a c\nerror: test run failed\n";
        let mut summary = Vec::new();
        said.lines()
            .for_each(|line| keep_closing_lines(&mut summary, line.to_owned()));
        assert_eq!(summary.len(), 3);
        assert!(summary[0].contains("2 tests run: 1 passed, 1 failed, 0 skipped"));
    }

    #[test]
    fn what_the_runner_says_reaches_the_summary_and_its_failure_the_caller() {
        let mut summary = Vec::new();
        let script = "echo '     Summary [ 0.1s] 3 tests run' >&2; exit 100";
        let result = run(Command::new("sh").args(["-c", script]), &mut summary);
        assert!(result.unwrap_err().to_string().contains("100"));
        assert_eq!(summary, ["     Summary [ 0.1s] 3 tests run"]);
    }
}
