//! A collector as a process, with an environment of its own.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use shared_types::job::JobMessage;

use crate::fixture::{Fixture, real_toolchain};

/// Generous, since two cores may be shared with much else.
const WAIT_LIMIT: Duration = Duration::from_secs(300);

/// A collector that runs, and does not outlive its test.
pub(crate) struct CollectorProcess {
    child: Child,
    output: PathBuf,
}

impl CollectorProcess {
    /// Starts `collector run` for the configuration of `job`.
    pub(crate) fn start(
        fixture: &Fixture,
        job: &JobMessage,
        variables: &[(&'static str, String)],
        arguments: &[&str],
    ) -> Self {
        let output = fixture.path("collector.log");
        let file = File::create(&output).unwrap();
        let toolchain = real_toolchain().rustc;
        let mut command = Command::new(env!("CARGO_BIN_EXE_collector"));
        command.env_clear();
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let child = command
            .envs(variables.iter().map(|(name, value)| (name, value)))
            // Nobody answers there, and measuring is to go on all the same.
            .env("PERFLEET_API", "http://127.0.0.1:9")
            .args(["run", "--name", "tester", "--count-below", "0"])
            // Some of its compilers write where no confined program may.
            .args(["--confinement", "none"])
            .arg("--suite")
            .arg(fixture.path("suite"))
            .arg("--work-dir")
            .arg(fixture.path("work"))
            .args(["--configuration", job.configuration.as_str()])
            .arg(format!(
                "--toolchain={}={}",
                job.runs[0].artifact,
                toolchain.display()
            ))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .unwrap();
        Self { child, output }
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap()
    }

    /// Waits until it ends by itself, in good order.
    pub(crate) fn wait(&mut self) -> String {
        let output = self.output.clone();
        let said = || std::fs::read_to_string(&output).unwrap();
        let mut ended = None;
        wait_until(
            || {
                ended = self.child.try_wait().unwrap();
                ended.is_some()
            },
            said,
        );
        assert!(ended.unwrap().success(), "{}", said());
        said()
    }

    /// Waits until it has said something.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        wait_until(|| self.said().contains(words), || self.said());
        self.said()
    }

    /// Tells it to end, as systemd does.
    pub(crate) fn terminate(&self) {
        let process = i32::try_from(self.child.id()).unwrap();
        // SAFETY: plain numbers. The process is a child that was not waited for.
        assert_eq!(unsafe { libc::kill(process, libc::SIGTERM) }, 0);
    }
}

impl Drop for CollectorProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so, and fails with what `explain` says if it never is.
pub(crate) fn wait_until(mut condition: impl FnMut() -> bool, explain: impl Fn() -> String) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < WAIT_LIMIT, "in vain:\n{}", explain());
        std::thread::sleep(Duration::from_millis(100));
    }
}
