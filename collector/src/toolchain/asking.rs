//! Asking a program of a toolchain what it is.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::execution::{Access, CommandLine, Sandbox};

/// What runs a program confined, with its toolchain in sight.
pub(super) fn confined(program: &Path, arguments: &[&str], sandbox: &Sandbox) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let line = CommandLine {
        program: program.into(),
        arguments: arguments.iter().map(Into::into).collect(),
        environment: vec![("PATH".into(), path)],
    };
    let access = Access {
        readable: around_program(program),
        writable: Vec::new(),
    };
    let collector = std::env::current_exe().unwrap_or_else(|_| "collector".into());
    sandbox.around(line, &access, &collector).command()
}

/// The parts of an installation that its programs read: never the folder itself, which may be
/// somebody's home.
pub(super) fn installation(folder: &Path) -> Vec<PathBuf> {
    ["bin", "lib", "libexec"]
        .map(|part| folder.join(part))
        .to_vec()
}

/// A program, and what lies around it where it looks for its libraries, by the name that it is
/// called by and where it really is.
pub(super) fn around_program(program: &Path) -> Vec<PathBuf> {
    let mut readable = Vec::new();
    for program in [Some(program.to_owned()), program.canonicalize().ok()]
        .into_iter()
        .flatten()
    {
        if let Some(bin) = program.parent()
            && bin.file_name().is_some_and(|name| name == "bin")
            && let Some(folder) = bin.parent()
        {
            readable.extend(installation(folder));
        }
        readable.push(program);
    }
    readable
}

/// How long a program may take to say what it is. It may have to be read from a slow disk.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1_024;

/// How often it is looked whether a program has ended.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What a command prints to standard output; `words` stands for it in errors. One that takes too long
/// is killed with the processes of its group.
pub(super) fn answer(command: &mut Command, words: &str) -> Result<String, String> {
    answer_within(command, words, ANSWER_TIME_MAX)
}

fn answer_within(command: &mut Command, words: &str, time_max: Duration) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("`{words}` cannot be run: {error}");
    let mut answer = tempfile::tempfile().map_err(failed)?;
    let mut complaint = tempfile::tempfile().map_err(failed)?;
    lead_a_group(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(answer.try_clone().map_err(failed)?)
        .stderr(complaint.try_clone().map_err(failed)?)
        .spawn()
        .map_err(|error| format!("`{words}` cannot be started: {error}"))?;
    match ended_within(&mut child, time_max).map_err(failed)? {
        Some(status) if status.success() => written(&mut answer).map_err(failed),
        Some(status) => Err(format!(
            "`{words}` failed ({status}): {}",
            written(&mut complaint).map_err(failed)?.trim()
        )),
        None => Err(format!(
            "`{words}` was not done after {} s and was killed",
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
            kill_group(child)?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

#[cfg(unix)]
fn lead_a_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn lead_a_group(_command: &mut Command) {}

#[cfg(unix)]
fn kill_group(child: &mut Child) -> std::io::Result<()> {
    let group = i32::try_from(child.id()).map_err(std::io::Error::other)?;
    // SAFETY: plain numbers. The child leads the group, and was not waited for, so that its number
    // is still its own.
    match unsafe { libc::kill(-group, libc::SIGKILL) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

#[cfg(not(unix))]
fn kill_group(child: &mut Child) -> std::io::Result<()> {
    child.kill()
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

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn an_answer_is_what_was_printed_and_a_failure_says_what_was_complained_of() {
        let script = |script| answer(&mut shell(script), "rustc -vV");
        assert_eq!(script("echo yes; echo no >&2").unwrap(), "yes\n");
        assert_eq!(
            script("echo yes; echo no >&2; exit 3").unwrap_err(),
            "`rustc -vV` failed (exit status: 3): no"
        );
        let failure = answer(&mut Command::new("/nowhere/rustc"), "rustc -vV").unwrap_err();
        assert!(failure.contains("cannot be started"), "{failure}");
    }

    #[test]
    fn a_program_that_never_answers_is_killed_with_what_it_has_started() {
        let mut hanging = shell("sleep 1000 & sleep 1000");
        let failure = answer_within(&mut hanging, "rustc -vV", Duration::from_millis(50));
        assert!(failure.unwrap_err().contains("was killed"));
    }
}
