//! `collector run`: the agent.

use std::collections::BTreeMap;
#[cfg(unix)]
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use shared_types::{ArtifactId, ConfigurationId};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::own_program::OwnProgram;
use super::place::{Place, rustup};
use super::telemetry::TelemetryOptions;
use super::toolchain_options::FetchingOptions;
use super::workplace::{Choice, Workplace};
use crate::CollectorError;
use crate::agent::{Agent, AgentParts, Ended, ToolchainSources, Until};
use crate::execution::hide_this_process;
use crate::host;
use crate::toolchain::Sources;

/// How often the program's own file is looked at.
const LOOK_FOR_REPLACEMENT_EVERY: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// The data folder of a server on this machine [default: PERFLEET_DATA_DIR]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The server. Without --data-dir jobs come from it and results go to it, with the token in
    /// PERFLEET_TOKEN; beside --data-dir it is only asked whether a job is still wanted
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// A fleet in the cloud, by the name of its environment: jobs come from SQS and results go to
    /// S3, as whoever AWS takes this host for [default: PERFLEET_AWS_ENVIRONMENT]
    #[arg(long, value_name = "ENV", conflicts_with_all = ["data_dir", "server"])]
    aws: Option<String>,
    /// The bucket of that fleet's data [default: PERFLEET_AWS_BUCKET]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["data_dir", "server"])]
    bucket: Option<String>,
    /// The server of that fleet, which is asked whether a job is still wanted [default:
    /// PERFLEET_API]
    #[arg(long, value_name = "URL", conflicts_with_all = ["data_dir", "server"])]
    api: Option<String>,
    /// A configuration to measure under; may be given several times
    #[arg(long = "configuration", value_name = "CONFIGURATION", required = true, num_args = 1..)]
    configurations: Vec<ConfigurationId>,
    /// The name of this collector [default: the host's name]
    #[arg(long)]
    name: Option<String>,
    /// A toolchain that is not rustup's, for an artifact
    #[arg(long = "toolchain", value_name = "ARTIFACT=PATH", value_parser = named_toolchain)]
    toolchains: Vec<(ArtifactId, PathBuf)>,
    #[command(flatten)]
    fetching: FetchingOptions,
    /// Ends after one job
    #[arg(long, conflicts_with = "exit_when_idle")]
    once: bool,
    /// Ends when there was no job for so many seconds
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "10")]
    exit_when_idle: Option<u64>,
    /// Measures compilers that nobody vouches for even where nothing confines them
    #[arg(long)]
    allow_unconfined: bool,
    #[command(flatten)]
    telemetry: TelemetryOptions,
    #[command(flatten)]
    place: Place,
}

fn named_toolchain(text: &str) -> Result<(ArtifactId, PathBuf), String> {
    let (artifact, path) = text
        .split_once('=')
        .ok_or("say ARTIFACT=PATH, as in local-mine-59807616e=build/host/stage1")?;
    let artifact = artifact.parse().map_err(|error| format!("{error}"))?;
    Ok((artifact, path.into()))
}

pub(super) fn run(arguments: &RunArguments) -> Result<ExitCode, CollectorError> {
    hide_this_process();
    let program = Arc::new(OwnProgram::find()?);
    let name = arguments.name.clone().unwrap_or_else(|| host::facts().name);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(CollectorError::io("start", "the agent".as_ref()))?;
    let workplace = runtime.block_on(arguments.workplace())?;
    let mut bench = arguments
        .place
        .workbench(&name, arguments.allow_unconfined)?;
    match program.held_in(&bench.work.tools()) {
        Ok(held) => bench.executor = bench.executor.through(held),
        // A collector that did not start could not say on the status page what its host lacks.
        Err(error) => eprintln!(
            "note: {error}; replace this program only while no job is being worked on, until there is \
             room and it was started anew"
        ),
    }
    let sandbox = bench.executor.sandbox();
    eprintln!("what is measured is confined: {}", sandbox.confinement);
    let rustup = rustup().asking_in(sandbox);
    let work = arguments.place.work_directory();
    let cache = arguments.fetching.open(&work, &rustup, Sources::none())?;
    let agent = Agent::new(AgentParts {
        ports: workplace.ports,
        api: workplace.api,
        pace: workplace.pace,
        bench,
        configurations: arguments.configurations.clone(),
        toolchains: ToolchainSources {
            rustup,
            named: arguments
                .toolchains
                .iter()
                .cloned()
                .collect::<BTreeMap<_, _>>(),
            cache: Some(Arc::new(cache)),
        },
    });
    let until = match (arguments.once, arguments.exit_when_idle) {
        (true, _) => Until::OneJob,
        (false, Some(seconds)) => Until::Idle(Duration::from_secs(seconds)),
        (false, None) => Until::Stopped,
    };
    runtime.block_on(async {
        let (stop_in, stop) = watch::channel(false);
        stop_on_signal(stop_in)?;
        let update = Update::watch_for(Arc::clone(&program))?;
        let agent = agent.leaving_for(update.wanted());
        arguments.telemetry.start(&agent.telemetry()).await?;
        eprintln!("collector {name} takes jobs");
        while agent.run(until, stop.clone()).await? == Ended::ForUpdate {
            arguments.telemetry.write(&agent.telemetry())?;
            update.carry_out(&program);
        }
        arguments.telemetry.write(&agent.telemetry())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Whether another program is to take this one's place.
struct Update {
    wanted: Arc<watch::Sender<bool>>,
}

impl Update {
    /// Looks for a replacement from now on, and listens for whoever asks for a new start.
    fn watch_for(program: Arc<OwnProgram>) -> Result<Self, CollectorError> {
        let wanted = Arc::new(watch::Sender::new(false));
        let mut asked = AskedToRestart::listen()?;
        let tell = Arc::clone(&wanted);
        tokio::spawn(async move {
            loop {
                let is_asked = tokio::select! {
                    () = tokio::time::sleep(LOOK_FOR_REPLACEMENT_EVERY) => false,
                    () = asked.next() => true,
                };
                if is_asked || program.is_replaced() {
                    let told_before = tell.send_replace(true);
                    if !told_before {
                        eprintln!("starting anew once no job is being worked on");
                    }
                }
            }
        });
        Ok(Self { wanted })
    }

    fn wanted(&self) -> watch::Receiver<bool> {
        self.wanted.subscribe()
    }

    /// Becomes the other program. Where that fails this one goes on, and says why.
    fn carry_out(&self, program: &OwnProgram) {
        eprintln!("starting anew");
        let reason = program.become_replacement();
        eprintln!("note: the program was not replaced and goes on as it is: {reason}");
        self.wanted.send_replace(false);
    }
}

impl RunArguments {
    /// Where jobs come from and results go to, and whom to ask.
    async fn workplace(&self) -> Result<Workplace, CollectorError> {
        Workplace::open(&Choice {
            data_dir: self.data_dir.clone(),
            server: self.server.clone(),
            aws: self.aws.clone(),
            bucket: self.bucket.clone(),
            api: self.api.clone(),
        })
        .await
    }
}

/// Tells the agent to stop when the system or a person wants this program to end. Whoever asks twice
/// does not want to wait: then it ends at once, what is measured ends with it, and the job comes back
/// when its lease ends.
fn stop_on_signal(stop: watch::Sender<bool>) -> Result<(), CollectorError> {
    let mut asked = AskedToEnd::listen()?;
    tokio::spawn(async move {
        asked.next().await;
        eprintln!("stopping; asked once more, it ends at once");
        // An agent that has ended by itself does not listen.
        let _ = stop.send(true);
        asked.next().await;
        eprintln!("ending at once");
        std::process::exit(1);
    });
    Ok(())
}

/// The signals by which programs are asked to end.
#[cfg(unix)]
struct AskedToEnd {
    terminate: Signal,
    interrupt: Signal,
}

#[cfg(unix)]
impl AskedToEnd {
    fn listen() -> Result<Self, CollectorError> {
        Ok(Self {
            terminate: listen_for(SignalKind::terminate())?,
            interrupt: listen_for(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The signal by which services are asked to begin anew. Where a person looks on, the same signal says
/// that the terminal was closed, and ends the program as it ends others.
#[cfg(unix)]
struct AskedToRestart(Option<Signal>);

#[cfg(unix)]
impl AskedToRestart {
    fn listen() -> Result<Self, CollectorError> {
        let is_service = !std::io::stderr().is_terminal();
        let signal = is_service.then(|| listen_for(SignalKind::hangup()));
        signal.transpose().map(Self)
    }

    async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
fn listen_for(kind: SignalKind) -> Result<Signal, CollectorError> {
    signal(kind).map_err(CollectorError::io("listen for", "signals".as_ref()))
}

/// The keys by which programs are asked to end. Without them nothing ends it early.
#[cfg(not(unix))]
struct AskedToEnd;

#[cfg(not(unix))]
impl AskedToEnd {
    fn listen() -> Result<Self, CollectorError> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Nobody can ask for a new start on this system.
#[cfg(not(unix))]
struct AskedToRestart;

#[cfg(not(unix))]
impl AskedToRestart {
    fn listen() -> Result<Self, CollectorError> {
        Ok(Self)
    }

    async fn next(&mut self) {
        std::future::pending().await
    }
}
