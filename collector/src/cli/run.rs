//! `collector run`: the agent.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use shared_types::{ArtifactId, ConfigurationId};
use tokio::sync::watch;

use super::place::{Place, rustup};
use super::toolchain_options::FetchingOptions;
use super::workplace::{Choice, Workplace};
use crate::CollectorError;
use crate::agent::{Agent, AgentParts, ToolchainSources, Until};
use crate::execution::hide_this_process;
use crate::host;
use crate::toolchain::Sources;

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
    let name = arguments.name.clone().unwrap_or_else(|| host::facts().name);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(CollectorError::io("start", "the agent".as_ref()))?;
    let workplace = runtime.block_on(arguments.workplace())?;
    let bench = arguments
        .place
        .workbench(&name, arguments.allow_unconfined)?;
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
        eprintln!("collector {name} takes jobs");
        agent.run(until, stop).await
    })?;
    Ok(ExitCode::SUCCESS)
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

/// Tells the agent to stop when the system or a person wants this program to end.
fn stop_on_signal(stop: watch::Sender<bool>) -> Result<(), CollectorError> {
    let signalled = signalled()?;
    tokio::spawn(async move {
        signalled.await;
        eprintln!("stopping");
        // An agent that has ended by itself does not listen.
        let _ = stop.send(true);
        std::future::pending::<()>().await;
    });
    Ok(())
}

/// Waits for the signals by which programs are asked to end.
#[cfg(unix)]
fn signalled() -> Result<impl Future<Output = ()>, CollectorError> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(CollectorError::io("listen for", "signals".as_ref()));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits for the keys by which programs are asked to end. Without them nothing ends it early.
#[cfg(not(unix))]
fn signalled() -> Result<impl Future<Output = ()>, CollectorError> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
