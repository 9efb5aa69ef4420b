//! A started program, whose output is kept and which does not outlive its test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything is waited for. Generous, since two cores may be shared with much else.
const WAIT_LIMIT: Duration = Duration::from_secs(600);
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// A program that runs in the background of a test.
pub struct RunningProcess {
    name: String,
    child: Child,
    output: PathBuf,
}

impl RunningProcess {
    /// Starts a program; what it says goes into a file in `folder`.
    pub fn start(name: &str, command: &mut Command, folder: &Path) -> Self {
        let number = std::fs::read_dir(folder).unwrap().count();
        let output = folder.join(format!("{name}-{number}.log"));
        let file = File::create(&output).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Self {
            name: name.to_owned(),
            child,
            output,
        }
    }

    /// What it has said so far.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap_or_default()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, without a chance to tidy up.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it ends by itself, and returns whether it succeeded.
    pub fn wait(&mut self) -> bool {
        let name = self.name.clone();
        let output = self.output.clone();
        let mut ended = None;
        wait_until(
            &format!("{name} to end"),
            || {
                ended = self.child.try_wait().unwrap();
                ended.is_some()
            },
            || std::fs::read_to_string(&output).unwrap_or_default(),
        );
        ended.is_some_and(|status| status.success())
    }

    /// Waits until its output satisfies `condition`, and fails if it ends before.
    pub fn wait_for_output(&mut self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let output = self.output();
            if condition(&output) {
                return output;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "{} ended before {what}:\n{output}",
                self.name
            );
            assert!(
                started.elapsed() < WAIT_LIMIT,
                "{what} was waited for in vain; {} said:\n{output}",
                self.name
            );
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}

impl Drop for RunningProcess {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- {} said:\n{}", self.name, self.output());
        }
    }
}

/// Waits until `condition` holds; fails with what `explain` says when it never does.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool, explain: impl Fn() -> String) {
    let started = Instant::now();
    while !condition() {
        assert!(
            started.elapsed() < WAIT_LIMIT,
            "{what} was waited for in vain:\n{}",
            explain()
        );
        std::thread::sleep(POLL_INTERVAL);
    }
}
