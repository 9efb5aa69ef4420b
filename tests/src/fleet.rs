//! A fleet on this machine: a server, its data folder, and collectors.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::{RunningProcess, wait_until};
use crate::small_suite::SmallSuite;
use crate::toolchain::Toolchain;

/// The size of a disk on which the suite has room, and what compilers write has not.
const FULL_DISK_BYTES: u32 = 64 * 1024;

/// A server on a port of its own, with a data folder of its own.
pub struct Fleet {
    folder: TempDir,
    server: RunningProcess,
    url: String,
    /// The token that the first start printed.
    pub token: String,
    /// The suite that its collectors measure.
    pub suite: SmallSuite,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    /// Its exit code.
    pub code: i32,
    /// What it answered.
    pub stdout: String,
    /// What it said beside.
    pub stderr: String,
}

impl Answer {
    /// Runs a program to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The answer in JSON of a program that must have succeeded.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}", self.stdout))
    }
}

/// What this host measures with a number of front-end threads, as the record of a configuration.
pub(crate) fn record_of_this_host(frontend_threads: u32) -> serde_json::Value {
    let threads = frontend_threads.to_string();
    let mut command = Command::new(program("collector"));
    let host = Answer::of(command.args(["host", "--json", "--threads", &threads])).json();
    host["proposed"]["record"].clone()
}

impl Fleet {
    /// Starts the server on an empty folder.
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        for part in ["logs", "data", "suite", "work"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
        }
        let suite = SmallSuite::create(&folder.path().join("suite"));
        let (server, url, said) = serve(folder.path());
        let token = said
            .split_whitespace()
            .find(|word| word.starts_with("pft_"))
            .unwrap_or_else(|| panic!("the first start printed no token:\n{said}"))
            .to_owned();
        Self {
            folder,
            server,
            url,
            token,
            suite,
        }
    }

    /// Where the page is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server's data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for whatever a test needs.
    pub fn scratch(&self, name: &str) -> PathBuf {
        let scratch = self.folder.path().join(name);
        std::fs::create_dir_all(&scratch).unwrap();
        scratch
    }

    /// Ends the server at once, without a chance to tidy up.
    pub fn kill_server(&mut self) {
        self.server.kill();
    }

    /// Starts the server again on the same folder.
    pub fn restart_server(&mut self) {
        self.server.kill();
        let (server, url, _) = serve(self.folder.path());
        self.server = server;
        self.url = url;
    }

    /// Runs `perfleet` on the data folder.
    pub fn perfleet(&self, arguments: &[&str]) -> Answer {
        Answer::of(
            Command::new(program("perfleet"))
                .args(arguments)
                .env("PERFLEET_DATA_DIR", self.data_dir())
                .env("PERFLEET_TOKEN", &self.token),
        )
    }

    /// Runs `perfleet … --json`, which must succeed, and returns its answer.
    pub fn perfleet_json(&self, arguments: &[&str]) -> serde_json::Value {
        let arguments = [arguments, &["--json"]].concat();
        self.perfleet(&arguments).json()
    }

    /// Registers this host, with a number of front-end threads, as the configuration `id`.
    pub fn register(&self, id: &str, frontend_threads: u32) {
        self.register_record(id, &record_of_this_host(frontend_threads));
    }

    /// Registers a configuration of any record.
    pub fn register_record(&self, id: &str, record: &serde_json::Value) {
        let file = self.scratch("configurations").join(format!("{id}.json"));
        let configuration = serde_json::json!({ "id": id, "record": record, "tier": "gating" });
        std::fs::write(&file, configuration.to_string()).unwrap();
        let answer = self.perfleet(&["configuration", "add", file.to_str().unwrap()]);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
    }

    /// Makes the compiler of a toolchain known.
    pub fn make_known(&self, toolchain: &Toolchain) {
        let file = self.scratch("artifacts").join(&toolchain.artifact);
        let artifact = serde_json::json!({ "id": toolchain.artifact });
        std::fs::write(&file, artifact.to_string()).unwrap();
        let answer = self.perfleet(&["artifact", "add", file.to_str().unwrap()]);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
    }

    /// Starts a collector, with further arguments.
    pub fn start_collector(
        &self,
        name: &str,
        configurations: &[&str],
        arguments: &[String],
    ) -> RunningProcess {
        let mut command = Command::new(program("collector"));
        command.args(self.collector_arguments(name, configurations));
        command.args(arguments);
        RunningProcess::start(name, &mut command, &self.folder.path().join("logs"))
    }

    /// Starts a collector whose work folder is on a disk that is full: a file system of its own, in
    /// a namespace of its own, so that no rights are needed and nothing is left behind.
    pub fn start_collector_on_full_disk(
        &self,
        name: &str,
        configuration: &str,
        argument: &str,
    ) -> RunningProcess {
        let work = self.scratch("work").join(name);
        std::fs::create_dir_all(&work).unwrap();
        let script = format!(
            "mount -t tmpfs -o size={FULL_DISK_BYTES} tmpfs '{work}' && exec \"$@\"",
            work = work.display()
        );
        let mut command = Command::new("unshare");
        command
            .args([
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                &script,
                "sh",
            ])
            .arg(program("collector"))
            .args(self.collector_arguments(name, &[configuration]))
            .arg(argument);
        RunningProcess::start(name, &mut command, &self.folder.path().join("logs"))
    }

    fn collector_arguments(&self, name: &str, configurations: &[&str]) -> Vec<OsString> {
        // Counting by emulation takes most of the time, and nothing here is about counts.
        let mut arguments: Vec<OsString> = ["run", "--name", name, "--count-below", "0"]
            .map(OsString::from)
            .into();
        // The compilers are this machine's own, and not every machine can confine.
        arguments.push("--allow-unconfined".into());
        for (option, path) in [
            ("--data-dir", self.data_dir()),
            ("--suite", self.suite.root.clone()),
            ("--work-dir", self.scratch("work").join(name)),
            // Compilers with a planted fault become this one.
            ("--readable", Toolchain::active().root),
        ] {
            arguments.extend([option.into(), path.into()]);
        }
        for configuration in configurations {
            arguments.extend(["--configuration", configuration].map(OsString::from));
        }
        arguments
    }

    /// Waits until `perfleet status --json` satisfies `condition`.
    pub fn wait_for_status(&self, what: &str, condition: impl Fn(&serde_json::Value) -> bool) {
        wait_until(
            what,
            || condition(&self.perfleet_json(&["status"])),
            || self.perfleet(&["status"]).stdout,
        );
    }

    /// Waits until a request is at its end, and returns what is known of it.
    pub fn wait_for_request(&self, id: &str) -> serde_json::Value {
        let detail = || self.perfleet_json(&["request", "show", id]);
        wait_until(
            &format!("request {id} to end"),
            || {
                let state = detail()["request"]["state"].clone();
                ["done", "failed", "cancelled"].contains(&state.as_str().unwrap_or_default())
            },
            || format!("{:#}\n{}", detail(), self.perfleet(&["status"]).stdout),
        );
        detail()
    }
}

/// One of the programs that these tests start.
///
/// # Panics
/// When it is not built.
pub fn program(name: &str) -> PathBuf {
    let folder = std::env::var_os("PERFLEET_TEST_BINARIES").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/debug"),
        PathBuf::from,
    );
    let path = folder.join(name);
    assert!(
        path.exists(),
        "the program `{name}` is not built: run `cargo xtask test`, which builds it first"
    );
    path
}

fn serve(folder: &Path) -> (RunningProcess, String, String) {
    let mut command = Command::new(program("perfleet"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder.join("data"));
    if let Some(page) = std::env::var_os("PERFLEET_TEST_PAGE") {
        command.arg("--page").arg(page);
    }
    let mut server = RunningProcess::start("serve", &mut command, &folder.join("logs"));
    let address = |output: &str| {
        output
            .split_whitespace()
            .find(|word| word.starts_with("http://127.0.0.1:"))
            .map(str::to_owned)
    };
    let said = server.wait_for_output("the address of the server", |output| {
        output
            .split_once("listening on ")
            .is_some_and(|(_, rest)| rest.contains('\n'))
    });
    let url = address(&said).unwrap_or_else(|| panic!("no address in:\n{said}"));
    (server, url, said)
}
