//! A program that plays AWS, from its start to its end.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::LocalAwsError;

/// Usually one second, or five; a busy machine takes longer.
const READY_SECONDS_MAX: u64 = 90;

/// Between two questions whether it is ready.
const READY_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Ends the emulator when standard input is closed, thus also when the process that started it is
/// killed and can end nothing any more; removes its folder; and ends what the emulator has started,
/// which is in its process group. It outlives what a terminal sends to all at once, since the
/// emulator does, too.
const SUPERVISOR: &str = r#"
folder=$1
signal=$2
shift 2
{
    "$@" </dev/null &
    echo $! >"$folder/emulator.pid"
    wait $!
    echo "[the emulator has ended: $?]"
} &
watcher=$!
trap : HUP INT TERM
cat >/dev/null
until test -s "$folder/emulator.pid"; do sleep 0.1; done
emulator=$(cat "$folder/emulator.pid")
kill "-$signal" "$emulator" 2>/dev/null
(sleep 10; kill -KILL "$emulator" 2>/dev/null) >/dev/null 2>&1 &
wait "$watcher"
rm -rf -- "$folder"
kill -KILL 0
"#;

/// What the supervisor adds to the log.
const ENDED_LINE: &str = "[the emulator has ended:";

/// Where an emulator is to be.
#[derive(Debug)]
pub(crate) struct Place {
    /// Of 127.0.0.1.
    pub(crate) port: u16,
    /// The address at which its functions are to see it.
    pub(crate) seen_at: String,
    /// Its home, and the place of its temporary files and its log.
    pub(crate) folder: PathBuf,
}

/// What to start.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Beside PATH, HOME and TMPDIR.
    pub(crate) environment: Vec<(&'static str, OsString)>,
    /// What its log says when it listens. Without it another program on the same port could be
    /// taken for it.
    pub(crate) ready_line: String,
    /// What answers when it is ready.
    pub(crate) ready_path: &'static str,
    pub(crate) end_by: EndBy,
}

/// How an emulator is ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum EndBy {
    /// It has something to put in order.
    Asking,
    /// It has not.
    Killing,
}

/// A running emulator. It ends with this value.
#[derive(Debug)]
pub(crate) struct Process {
    supervisor: Child,
    folder: TempDir,
}

impl Place {
    /// Where the emulator itself answers.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Process {
    /// Starts it and waits until it answers. `folder` is the one of `place`.
    pub(crate) fn start(
        launch: &Launch,
        place: &Place,
        folder: TempDir,
    ) -> Result<Self, LocalAwsError> {
        let supervisor = spawn(launch, &place.folder)?;
        let process = Self { supervisor, folder };
        process.wait_until_ready(launch, place)?;
        Ok(process)
    }

    fn wait_until_ready(&self, launch: &Launch, place: &Place) -> Result<(), LocalAwsError> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(5)))
            .build()
            .into();
        let question = format!("{}{}", place.endpoint(), launch.ready_path);
        let deadline = Instant::now() + Duration::from_secs(READY_SECONDS_MAX);
        let log_path = log_path(self.folder.path());
        loop {
            let log = std::fs::read(&log_path).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            if log.contains(&launch.ready_line) && agent.get(&question).call().is_ok() {
                return Ok(());
            }
            let log_end = || last_lines(&log, 20);
            if Instant::now() > deadline {
                return Err(LocalAwsError::NotReady {
                    seconds: READY_SECONDS_MAX,
                    log_end: log_end(),
                });
            }
            if log.contains("ddress already in use") {
                return Err(LocalAwsError::PortTaken { port: place.port });
            }
            if log.contains(ENDED_LINE) {
                return Err(LocalAwsError::EmulatorEnded { log_end: log_end() });
            }
            std::thread::sleep(READY_POLL_INTERVAL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // Nothing is left to be done about a failure, and the supervisor has its own time limit.
        let _ = self.supervisor.wait();
    }
}

fn spawn(launch: &Launch, folder: &Path) -> Result<Child, LocalAwsError> {
    let log_path = log_path(folder);
    let log = std::fs::File::create(&log_path).map_err(LocalAwsError::file("create", &log_path))?;
    let errors = log
        .try_clone()
        .map_err(LocalAwsError::file("share", &log_path))?;
    let signal = match launch.end_by {
        EndBy::Asking => "TERM",
        EndBy::Killing => "KILL",
    };
    Command::new("sh")
        .args(["-c", SUPERVISOR, "sh"])
        .args([folder.as_os_str(), signal.as_ref()])
        .arg(&launch.program)
        .args(&launch.arguments)
        .current_dir(folder)
        // Its environment reaches the functions that it runs: nothing of ours may leak into them.
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .envs(launch.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .map_err(|source| LocalAwsError::CannotStart {
            program: "sh".into(),
            source,
        })
}

fn log_path(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// The end of a log, for a person.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::{EndBy, Launch, Place, Process};
    use crate::LocalAwsError;

    #[test]
    fn a_program_that_ends_before_it_answers_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let place = Place {
            port: 1,
            seen_at: String::new(),
            folder: path.clone(),
        };
        let launch = Launch {
            program: "sh".into(),
            arguments: ["-c", "echo out of order; exit 3"].map(Into::into).into(),
            environment: Vec::new(),
            ready_line: "Ready.".into(),
            ready_path: "/",
            end_by: EndBy::Asking,
        };
        let error = Process::start(&launch, &place, folder).unwrap_err();
        assert!(matches!(error, LocalAwsError::EmulatorEnded { .. }));
        let error = error.to_string();
        assert!(error.contains("out of order"), "{error}");
        assert!(error.contains("ended: 3]"), "{error}");
        assert!(!path.exists());
    }
}
