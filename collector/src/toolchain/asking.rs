//! Asking a program of a toolchain what it is.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::execution::without_secrets;

/// How long a program may take to say what it is. It may have to be read from a slow disk.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1_024;

/// How often it is looked whether a program has ended.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What a program prints to standard output. One that takes too long is killed with the processes
/// of its group.
pub(super) fn ask(program: &Path, arguments: &[&str]) -> Result<String, String> {
    ask_within(program, arguments, ANSWER_TIME_MAX)
}

fn ask_within(program: &Path, arguments: &[&str], time_max: Duration) -> Result<String, String> {
    let command_line = format!("`{} {}`", program.display(), arguments.join(" "));
    let failed = |error: std::io::Error| format!("{command_line} cannot be run: {error}");
    let mut answer = tempfile::tempfile().map_err(failed)?;
    let mut complaint = tempfile::tempfile().map_err(failed)?;
    let mut child = without_secrets(&mut Command::new(program))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(answer.try_clone().map_err(failed)?)
        .stderr(complaint.try_clone().map_err(failed)?)
        .process_group(0)
        .spawn()
        .map_err(|error| format!("`{}` cannot be started: {error}", program.display()))?;
    match ended_within(&mut child, time_max).map_err(failed)? {
        Some(status) if status.success() => written(&mut answer).map_err(failed),
        Some(status) => Err(format!(
            "{command_line} failed ({status}): {}",
            written(&mut complaint).map_err(failed)?.trim()
        )),
        None => Err(format!(
            "{command_line} was not done after {} s and was killed",
            time_max.as_secs()
        )),
    }
}

fn ended_within(child: &mut Child, time_max: Duration) -> std::io::Result<Option<ExitStatus>> {
    let end = Instant::now() + time_max;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            if let Ok(group) = i32::try_from(child.id()) {
                // SAFETY: plain numbers. The child leads the group, and was not waited for, so that
                // its number is still its own.
                unsafe { libc::kill(-group, libc::SIGKILL) };
            }
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn written(file: &mut File) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: &str = "/bin/sh";

    #[test]
    fn an_answer_is_what_was_printed_and_a_failure_says_what_was_complained_of() {
        let shell = Path::new(SHELL);
        assert_eq!(
            ask(shell, &["-c", "echo yes; echo no >&2"]).unwrap(),
            "yes\n"
        );
        let failure = ask(shell, &["-c", "echo yes; echo no >&2; exit 3"]).unwrap_err();
        assert!(failure.contains("exit status: 3): no"), "{failure}");
        let failure = ask(Path::new("/nowhere/rustc"), &["-vV"]).unwrap_err();
        assert!(failure.contains("cannot be started"), "{failure}");
    }

    #[test]
    fn a_program_that_never_answers_is_killed_with_what_it_has_started() {
        let arguments = ["-c", "sleep 1000 & sleep 1000"];
        let failure =
            ask_within(Path::new(SHELL), &arguments, Duration::from_millis(50)).unwrap_err();
        assert!(failure.contains("was killed"), "{failure}");
    }
}
