//! The real program `collector run` on an embedded store, with a compiler that is a script.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use shared_types::job::JobMessage;
use store::CollectorPorts;
use store::embedded::open_collector_ports;

use crate::fixture::{Fixture, first_run, job, real_toolchain};

/// The name of the compiler of these jobs.
const ARTIFACT: &str = "local-scripted-000000000";

/// How often each compilation is measured.
pub(crate) const ITERATIONS: u32 = 2;

/// A fleet of one collector, whose compiler writes down what it compiles and can be made to wait.
pub(crate) struct ScriptedFleet {
    pub(crate) fixture: Fixture,
    pub(crate) ports: CollectorPorts,
}

/// A collector that was started.
pub(crate) struct CollectorProgram {
    child: Child,
    output: PathBuf,
}

impl ScriptedFleet {
    pub(crate) fn new() -> Self {
        let fixture = Fixture::new();
        let (compiled, hang) = (fixture.path("compiled"), fixture.path("hang"));
        fixture.fake_toolchain(&format!(
            "echo \"$*\" >> '{compiled}'\n\
             while [ -e '{hang}' ] && [ $(wc -l < '{compiled}') -ge $(cat '{hang}') ]; do \
             sleep 0.05; done",
            compiled = compiled.display(),
            hang = hang.display(),
        ));
        let ports = open_collector_ports(&fixture.path("data")).unwrap();
        Self { fixture, ports }
    }

    /// A job of the crate under some profiles.
    pub(crate) fn job(&self, number: u8, profiles: &[shared_types::Profile]) -> JobMessage {
        let units: Vec<(&str, shared_types::Profile, &[&str])> = profiles
            .iter()
            .map(|profile| ("tiny", *profile, &["full"][..]))
            .collect();
        let toolchain = real_toolchain();
        let mut job = job(&toolchain, &units);
        job.job = shared_types::JobId::from_parts(1_790_000_000_000, &[number; 10]);
        let mut run = first_run(&toolchain);
        run.artifact = ARTIFACT.parse().unwrap();
        job.runs = vec![run];
        job.iterations = ITERATIONS;
        job
    }

    /// From now on the compiler waits as soon as it was started so many times.
    pub(crate) fn hang_at(&self, compilations: usize) {
        std::fs::write(self.fixture.path("hang"), compilations.to_string()).unwrap();
    }

    /// The compiler does not wait any more.
    pub(crate) fn go_on(&self) {
        std::fs::remove_file(self.fixture.path("hang")).unwrap();
    }

    /// How often the compiler was started for the crate itself, under a profile or all of them.
    pub(crate) fn compilations(&self, profile: Option<&str>) -> usize {
        let log = std::fs::read_to_string(self.fixture.path("compiled")).unwrap_or_default();
        let part = profile.map_or_else(String::new, |profile| format!("/tiny/{profile}/"));
        log.lines().filter(|line| line.contains(&part)).count()
    }

    pub(crate) fn start(&self, job: &JobMessage, arguments: &[&str]) -> CollectorProgram {
        self.start_program(Path::new(env!("CARGO_BIN_EXE_collector")), job, arguments)
    }

    pub(crate) fn start_program(
        &self,
        program: &Path,
        job: &JobMessage,
        arguments: &[&str],
    ) -> CollectorProgram {
        let compiler = self.fixture.path("fake");
        let mut command = self.command(program, job, &compiler);
        // The script writes where no confined program may.
        command.args(["--confinement", "none"]).args(arguments);
        self.run(command)
    }

    /// Starts one that confines what it measures as well as this host can, which is the real compiler.
    pub(crate) fn start_confining(&self, job: &JobMessage, arguments: &[&str]) -> CollectorProgram {
        let collector = Path::new(env!("CARGO_BIN_EXE_collector"));
        let mut command = self.command(collector, job, &real_toolchain().sysroot);
        command.args(arguments);
        self.run(command)
    }

    fn command(&self, program: &Path, job: &JobMessage, compiler: &Path) -> Command {
        let mut command = Command::new(program);
        command
            // The tests count compilations.
            .args(["run", "--no-warm-up", "--keep-disturbed"])
            .args(["--count-below", "0", "--name", "tester"])
            .arg("--data-dir")
            .arg(self.fixture.path("data"))
            .arg("--suite")
            .arg(self.fixture.path("suite"))
            .arg("--work-dir")
            .arg(self.fixture.path("work"))
            .args(["--configuration", job.configuration.as_str()])
            .arg(format!("--toolchain={ARTIFACT}={}", compiler.display()))
            .env("PERFLEET_TOKEN", "pft_of_this_test");
        command
    }

    fn run(&self, mut command: Command) -> CollectorProgram {
        let entries = std::fs::read_dir(self.fixture.folder.path()).unwrap();
        let output = self
            .fixture
            .path(&format!("collector-{}.log", entries.count()));
        let said = File::create(&output).unwrap();
        let command = command.stdin(Stdio::null()).stdout(Stdio::null());
        CollectorProgram {
            child: command.stderr(said).spawn().unwrap(),
            output,
        }
    }
}

impl CollectorProgram {
    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap_or_default()
    }

    pub(crate) fn signal(&self, signal: i32) {
        let process = i32::try_from(self.child.id()).unwrap();
        // SAFETY: plain numbers. The process is a child that was not waited for.
        assert_eq!(unsafe { libc::kill(process, signal) }, 0);
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Waits until something holds, and fails with what it said where that never happens.
    pub(crate) fn wait_until(&self, mut condition: impl FnMut() -> bool) {
        for _ in 0..12_000 {
            if condition() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("what was waited for did not happen: {}", self.said());
    }

    pub(crate) fn wait_for(&self, words: &str) {
        self.wait_until(|| self.said().contains(words));
    }
}

impl Drop for CollectorProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the collector said:\n{}", self.said());
        }
    }
}
