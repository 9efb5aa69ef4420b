//! The process in between on systems other than Linux: wall-time, and what the system accounts where
//! it accounts. Nothing is counted, addresses are as the system likes them, and a process that leaves
//! its group is not found.

use std::fs::File;
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::perf_events::CounterPlan;
use super::{Ending, Execution, ExecutionReport, ResourceUsage};

/// What may happen while a program runs.
enum Happened {
    Ended(io::Result<Ended>, Instant),
    CalledOff,
}

/// A program that has ended. What the system does not account is absent.
struct Ended {
    ending: Ending,
    usage: Option<ResourceUsage>,
}

/// Runs a program until it ends, until its time limit, or until `leash` comes to its end.
pub(super) fn run(
    execution: &Execution,
    counters: &CounterPlan,
    mut leash: impl Read + Send + 'static,
) -> io::Result<ExecutionReport> {
    let mut command = command(execution)?;
    let (tell, happened) = mpsc::channel();
    let tell_of_leash = tell.clone();
    thread::spawn(move || {
        // Whatever ends it, nobody holds the other end any more.
        let _ = io::copy(&mut leash, &mut io::sink());
        tell_of_leash.send(Happened::CalledOff)
    });
    let before = Instant::now();
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let error = error.raw_os_error().unwrap_or_default();
            let ended = Ended {
                ending: Ending::NotStarted { error },
                usage: None,
            };
            return Ok(report(ended, before.elapsed(), counters));
        }
    };
    let process = child.id();
    thread::spawn(move || tell.send(Happened::Ended(wait(child), Instant::now())));
    let deadline = before + Duration::from_millis(execution.time_limit_ms);
    let mut killed = None;
    loop {
        let left = match killed {
            // What was killed ends soon, and its report is waited for.
            Some(_) => Duration::from_secs(3_600),
            None => deadline.saturating_duration_since(Instant::now()),
        };
        match happened.recv_timeout(left) {
            Ok(Happened::Ended(ended, at)) => {
                let ended = ended?;
                let ending = killed.unwrap_or(ended.ending);
                kill_group(process);
                return Ok(report(Ended { ending, ..ended }, at - before, counters));
            }
            Ok(Happened::CalledOff) => {
                killed = killed.or(Some(Ending::CalledOff));
                kill_group(process);
            }
            Err(RecvTimeoutError::Timeout) if killed.is_none() => {
                killed = Some(Ending::TimedOut);
                kill_group(process);
            }
            Err(_) => return Err(io::Error::other("the program could not be killed")),
        }
    }
}

fn report(ended: Ended, wall_time: Duration, counters: &CounterPlan) -> ExecutionReport {
    ExecutionReport {
        ending: ended.ending,
        wall_time_ns: u64::try_from(wall_time.as_nanos()).unwrap_or(u64::MAX),
        usage: ended.usage,
        counters: std::collections::BTreeMap::new(),
        not_counted: counters.left_out.clone(),
        fixed_addresses: false,
        left_behind: 0,
    }
}

fn command(execution: &Execution) -> io::Result<Command> {
    let output = File::create(&execution.output)?;
    let mut command = Command::new(&execution.program);
    command
        .args(&execution.arguments)
        .env_clear()
        .envs(
            execution
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .current_dir(&execution.directory)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok(command)
}

#[cfg(unix)]
fn wait(child: Child) -> io::Result<Ended> {
    let process = i32::try_from(child.id()).map_err(io::Error::other)?;
    let ended = super::waiting::wait(process)?;
    Ok(Ended {
        ending: ended.ending,
        usage: Some(ended.usage),
    })
}

#[cfg(not(unix))]
fn wait(mut child: Child) -> io::Result<Ended> {
    let code = child.wait()?.code().unwrap_or_default();
    Ok(Ended {
        ending: Ending::Exited { code },
        usage: None,
    })
}

/// Kills a program and what it started. Once all have ended there is nothing to kill.
#[cfg(unix)]
fn kill_group(process: u32) {
    if let Ok(process) = i32::try_from(process) {
        // SAFETY: plain numbers. The group is the program's own.
        unsafe { libc::kill(-process, libc::SIGKILL) };
    }
}

/// Kills a program and what it started. Once all have ended there is nothing to kill.
#[cfg(not(unix))]
fn kill_group(process: u32) {
    let _ = Command::new("taskkill")
        .args(["/T", "/F", "/PID", &process.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::Access;

    /// Runs a script on a leash that is held until the test ends, or that nobody holds.
    fn ran(script: &str, time_limit_ms: u64, is_held: bool) -> (ExecutionReport, String) {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output");
        let execution = Execution {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            environment: vec![("GREETING".into(), "good day".into())],
            directory: folder.path().into(),
            output: output.clone().into(),
            time_limit_ms,
            access: Access::default(),
        };
        let (leash, held) = io::pipe().unwrap();
        let held = is_held.then_some(held);
        let report = run(&execution, &CounterPlan::default(), leash).unwrap();
        drop(held);
        (report, std::fs::read_to_string(output).unwrap_or_default())
    }

    #[test]
    fn a_program_is_timed_and_its_output_kept() {
        let (report, output) = ran("echo $GREETING; echo $HOME >&2; exit 3", 60_000, true);
        assert_eq!(report.ending, Ending::Exited { code: 3 });
        assert_eq!(output, "good day\n\n");
        assert!(report.usage.unwrap().max_rss_kb > 0);
        assert!(report.wall_time_ns > 0);
    }

    #[test]
    fn a_program_is_killed_with_what_it_started_at_its_time_limit() {
        let (report, _) = ran("sleep 600 & sleep 600", 100, true);
        assert_eq!(report.ending, Ending::TimedOut);
    }

    #[test]
    fn a_program_is_killed_when_nobody_holds_the_leash() {
        let (report, _) = ran("sleep 600", 600_000, false);
        assert_eq!(report.ending, Ending::CalledOff);
    }

    #[test]
    fn a_signal_is_told_from_an_exit() {
        let (report, _) = ran("kill -SEGV $$", 60_000, true);
        let signal = libc::SIGSEGV;
        assert_eq!(report.ending, Ending::Signalled { signal });
    }

    #[test]
    fn a_program_that_is_not_there_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let execution = Execution {
            program: folder.path().join("nothing").into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: folder.path().into(),
            output: folder.path().join("output").into(),
            time_limit_ms: 1_000,
            access: Access::default(),
        };
        let report = run(&execution, &CounterPlan::default(), io::empty()).unwrap();
        assert_eq!(
            report.ending,
            Ending::NotStarted {
                error: libc::ENOENT
            }
        );
        assert_eq!(report.usage, None);
    }
}
