//! The demo's server and collector, and what is asked of them by their command lines.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::choice::{Choice, Toolchain};
use super::data_folder;
use crate::command;
use crate::error::Error;
use crate::programs::{Programs, text};

/// How long a server may take to open its store.
const START_LIMIT: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(200);

/// A fleet of one host.
pub(super) struct Fleet {
    programs: Programs,
    root: PathBuf,
}

/// A program in the background, which ends with this value.
pub(super) struct Background {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

/// The running server.
pub(super) struct Server {
    pub(super) process: Background,
    pub(super) address: String,
}

impl Fleet {
    pub(super) fn new(programs: Programs, root: PathBuf) -> Result<Self, Error> {
        let data = data_folder(&root);
        std::fs::create_dir_all(&data).map_err(Error::file("create", &data))?;
        Ok(Self { programs, root })
    }

    /// What this machine can measure.
    pub(super) fn toolchains(&self) -> Result<Vec<Toolchain>, Error> {
        understood(&command::capture(
            self.collector().args(["toolchains", "--json"]),
        )?)
    }

    /// Makes both compilers known, with their place in history.
    pub(super) fn make_known(&self, choice: &Choice) -> Result<(), Error> {
        let artifacts = Value::from(vec![
            choice.base.artifact.clone(),
            choice.head.artifact.clone(),
        ]);
        self.tell(&["artifact", "add", "-"], &artifacts.to_string())
    }

    /// Registers this host as a configuration, and returns its id.
    pub(super) fn register_host(&self, frontend_threads: u32) -> Result<String, Error> {
        let host = command::capture(self.collector().args([
            "host",
            "--json",
            "--threads",
            &frontend_threads.to_string(),
        ]))?;
        let host: Value = understood(&host)?;
        let mut configuration = host["proposed"].clone();
        // Whatever else there is, this host's answer is what the demo is about.
        configuration["tier"] = "gating".into();
        self.tell(&["configuration", "add", "-"], &configuration.to_string())?;
        text(&configuration["id"], "the configuration of this host")
    }

    /// Starts the server and waits until it listens.
    pub(super) fn start_server(&self, listen: &str, page: &Path) -> Result<Server, Error> {
        let mut serve = self.perfleet();
        serve
            .args(["serve", "--listen", listen, "--page"])
            .arg(page);
        let mut process = Background::start("serve", &mut serve, &self.root)?;
        let started = Instant::now();
        loop {
            let said = process.said();
            let address = said
                .split_once("listening on ")
                .and_then(|(_, rest)| rest.split_once('\n'));
            if let Some((address, _)) = address {
                return Ok(Server {
                    address: address.trim().to_owned(),
                    process,
                });
            }
            process.check()?;
            if started.elapsed() > START_LIMIT {
                return Err(process.failed("it does not listen"));
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Starts a collector that serves all `configurations`.
    pub(super) fn start_collector(&self, configurations: &[String]) -> Result<Background, Error> {
        let mut run = self.collector();
        // It measures compilers of this machine's own, which not every machine can confine.
        run.args(["run", "--allow-unconfined"])
            .arg("--data-dir")
            .arg(data_folder(&self.root));
        for configuration in configurations {
            run.args(["--configuration", configuration]);
        }
        Background::start("collector", &mut run, &self.root)
    }

    /// The request of an earlier demo, or a new one. Returns its id.
    pub(super) fn find_or_create_request(
        &self,
        choice: &Choice,
        configurations: &[String],
        quick: bool,
    ) -> Result<String, Error> {
        let selected = self.selection(quick)?;
        let reason = format!(
            "cargo xtask demo{}: {} against {}",
            if quick { " --quick" } else { "" },
            choice.head_id(),
            choice.base_id()
        );
        let status: Value = understood(&command::capture(
            self.perfleet().args(["status", "--json"]),
        )?)?;
        let earlier = status["requests"].as_array().and_then(|requests| {
            requests.iter().find(|request| {
                request["reason"] == reason.as_str()
                    && !["failed", "cancelled"].contains(&request["state"].as_str().unwrap_or(""))
            })
        });
        if let Some(request) = earlier {
            return text(&request["id"], "the request of an earlier demo");
        }
        let mut ask = self.perfleet();
        ask.args(["request", choice.head_id(), "--base", choice.base_id()])
            // One compilation more of each test case: little beside counting in an emulator.
            .args(["--paired", "--self-profile", "--json", "--reason", &reason])
            .args(["--configuration", &configurations.join(",")])
            .args(["--include", &selected.join(",")]);
        if quick {
            ask.args(["--profiles", "check", "--iterations", "2"])
                .args(["--scenarios", "full,incr-unchanged"]);
        } else {
            ask.args(["--profiles", "check,debug,opt", "--iterations", "3"]);
        }
        let request: Value = understood(&command::capture(&mut ask)?)?;
        text(&request["id"], "the new request")
    }

    /// The benchmarks that the demo measures.
    fn selection(&self, quick: bool) -> Result<Vec<String>, Error> {
        let subset = if quick { "quick" } else { "demo" };
        let list: Vec<Value> = understood(&command::capture(
            self.collector().args(["suite", "list", "--json"]),
        )?)?;
        list.iter()
            .filter(|benchmark| benchmark[subset] == true)
            .map(|benchmark| text(&benchmark["name"], "a benchmark of the suite"))
            .collect()
    }

    /// What is known of a request.
    pub(super) fn request(&self, id: &str) -> Result<Value, Error> {
        understood(&command::capture(
            self.perfleet().args(["request", "show", id, "--json"]),
        )?)
    }

    /// The comparison under one configuration, as a table.
    pub(super) fn comparison_table(
        &self,
        [base, head]: &[String; 2],
        configuration: &str,
    ) -> Result<String, Error> {
        command::capture(self.perfleet().args([
            "compare",
            base,
            head,
            "--configuration",
            configuration,
        ]))
    }

    fn perfleet(&self) -> Command {
        let mut perfleet = Command::new(&self.programs.perfleet);
        perfleet
            .env_remove("PERFLEET_SERVER")
            .env_remove("PERFLEET_TOKEN")
            .env("PERFLEET_DATA_DIR", data_folder(&self.root));
        perfleet
    }

    fn collector(&self) -> Command {
        let mut collector = Command::new(&self.programs.collector);
        collector.env("PERFLEET_WORK_DIR", self.root.join("work"));
        collector
    }

    /// Runs `perfleet` with a text on its standard input.
    fn tell(&self, arguments: &[&str], input: &str) -> Result<(), Error> {
        let mut perfleet = self.perfleet();
        perfleet
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        let described = format!("perfleet {}", arguments.join(" "));
        let cannot = |source| Error::CannotStart {
            command: described.clone(),
            source,
        };
        let mut child = perfleet.spawn().map_err(cannot)?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).map_err(cannot)?;
        }
        let status = child.wait().map_err(cannot)?;
        if status.success() {
            return Ok(());
        }
        Err(Error::CommandFailed {
            command: described,
            status: status.to_string(),
            output: String::new(),
        })
    }
}

impl Background {
    fn start(name: &'static str, command: &mut Command, folder: &Path) -> Result<Self, Error> {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).map_err(Error::file("create", &log))?;
        let errors = file.try_clone().map_err(Error::file("write", &log))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .map_err(|source| Error::CannotStart {
                command: name.to_owned(),
                source,
            })?;
        Ok(Self { name, child, log })
    }

    /// What it has said so far.
    pub(super) fn said(&self) -> String {
        let mut said = Vec::new();
        // An unreadable log is as good as an empty one: it is shown for information alone.
        let _ = File::open(&self.log).and_then(|mut file| file.read_to_end(&mut said));
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Fails if it has ended, with the last that it said.
    pub(super) fn check(&mut self) -> Result<(), Error> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            _ => Err(self.failed("it ended")),
        }
    }

    fn failed(&self, how: &str) -> Error {
        Error::CommandFailed {
            command: self.name.to_owned(),
            status: how.to_owned(),
            output: format!("\n{}", self.said()),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Asked to end first: a collector gives its job back, and a server answers what it was asked.
        let asked = command::succeeds(Command::new("kill").arg(self.child.id().to_string()));
        let started = Instant::now();
        while asked && started.elapsed() < Duration::from_secs(15) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(LOOK);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until both have ended, which the terminal's Control-C makes them do.
pub(super) fn wait_for_interrupt(server: Server, collector: Background) -> Result<(), Error> {
    let mut parts = [server.process, collector];
    loop {
        for part in &mut parts {
            part.check()?;
        }
        std::thread::sleep(LOOK);
    }
}

fn understood<T: DeserializeOwned>(json: &str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| Error::NotUnderstood {
        what: "an answer of the programs".into(),
        reason: error.to_string(),
    })
}
