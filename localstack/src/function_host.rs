//! A function, started and served as AWS Lambda does it.

mod runtime_api;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::sync::Notify;

use self::runtime_api::{Exchange, Outcome};
use crate::LocalAwsError;
use crate::loopback_server::LoopbackServer;

/// AWS gives ten seconds; a busy machine and a binary for debugging need more.
const INITIALISATION_SECONDS_MAX: u64 = 60;

/// The longest that one of our functions may take.
const INVOCATION_SECONDS_MAX: u64 = 60;

/// What AWS counts as the function's memory; nothing is limited here.
const MEMORY_MEGABYTES: &str = "256";

/// Hosts one process of one function: a binary made with `lambda_runtime` or anything else that
/// speaks Lambda's runtime API. As on AWS it is given one event after the other.
///
/// The process ends when this is dropped. It has a clean environment, in which are only the
/// variables that AWS sets and those of the caller.
///
/// All calls block: from asynchronous code use `spawn_blocking`, or a runtime with several threads.
///
/// ```no_run
/// # fn main() -> Result<(), localstack::LocalAwsError> {
/// use localstack::FunctionHost;
/// let environment = [("PERFLEET_AWS_ENVIRONMENT", "staging")];
/// let host = FunctionHost::start("target/debug/lambda-coordinator".as_ref(), environment)?;
/// println!("cold start: {:?}", host.time_to_first_next());
/// let answer = host.invoke(&serde_json::json!({"Records": []}))?;
/// # drop(answer);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FunctionHost {
    exchange: Arc<Exchange>,
    time_to_first_next: Duration,
    process: FunctionProcess,
    /// The function's end of the runtime API; after the process, so that it outlives it.
    _server: LoopbackServer,
}

/// An event that was given to a function, whose answer is awaited.
#[derive(Debug)]
pub struct Invocation<'a> {
    host: &'a FunctionHost,
    outcome: Receiver<Outcome>,
}

#[derive(Debug)]
struct FunctionProcess {
    binary: PathBuf,
    exchange: Arc<Exchange>,
    /// Told when the process is to end.
    unwanted: Arc<Notify>,
    /// Holds what the function prints.
    folder: TempDir,
}

impl FunctionHost {
    /// Starts `binary` with `environment` and waits until it asks for its first event.
    pub fn start<K, V>(
        binary: &Path,
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, LocalAwsError>
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let exchange = Arc::new(Exchange::new(
            &function_name(binary),
            Duration::from_secs(INVOCATION_SECONDS_MAX),
        ));
        let server = runtime_api::serve(&exchange)?;
        let mut variables = lambda_environment(binary, &server);
        variables.extend(environment.into_iter().map(|(name, value)| {
            let (name, value) = (name.as_ref(), value.as_ref());
            (name.to_owned(), value.to_owned())
        }));
        let started = Instant::now();
        let process = FunctionProcess::start(binary, variables, &exchange, &server)?;
        let limit = Duration::from_secs(INITIALISATION_SECONDS_MAX);
        let first_next = exchange
            .wait_for_first_next(limit)
            .map_err(|reason| process.ended(reason))?;
        Ok(Self {
            exchange,
            time_to_first_next: first_next.duration_since(started),
            process,
            _server: server,
        })
    }

    /// From the start of the process to its first question for an event: the part of a cold start
    /// that is the function's own.
    pub fn time_to_first_next(&self) -> Duration {
        self.time_to_first_next
    }

    /// Gives the function one event and waits for its answer.
    ///
    /// [`LocalAwsError::FunctionFailed`] if the function answers with an error,
    /// [`LocalAwsError::FunctionEnded`] if it ends before it answers.
    pub fn invoke(&self, event: &Value) -> Result<Value, LocalAwsError> {
        self.begin(event).wait()
    }

    /// Gives the function one event and goes on, so that something can happen meanwhile: it can be
    /// killed half way.
    pub fn begin(&self, event: &Value) -> Invocation<'_> {
        Invocation {
            host: self,
            outcome: self.exchange.offer(event),
        }
    }

    /// Ends the process as nothing that it can notice would, and waits until it is gone.
    pub fn kill(&self) {
        self.process.kill();
    }

    /// Everything that the function has printed so far, to standard output and to standard error.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

impl Invocation<'_> {
    /// Waits for the answer. The outcomes are those of [`FunctionHost::invoke`].
    pub fn wait(self) -> Result<Value, LocalAwsError> {
        let process = &self.host.process;
        let limit = Duration::from_secs(INVOCATION_SECONDS_MAX);
        match self.outcome.recv_timeout(limit) {
            Ok(Outcome::Response(body)) => {
                serde_json::from_slice(&body).map_err(|source| LocalAwsError::NotJson {
                    binary: process.binary.clone(),
                    source,
                    body: String::from_utf8_lossy(&body).into_owned(),
                })
            }
            Ok(Outcome::Error(error)) => Err(LocalAwsError::FunctionFailed { error }),
            Ok(Outcome::Ended(reason)) => Err(process.ended(reason)),
            Err(RecvTimeoutError::Timeout) => {
                // As AWS does, or else its late answer would be taken for that of the next event.
                self.host.kill();
                let reason = format!("it had not answered within {INVOCATION_SECONDS_MAX} s");
                Err(process.ended(reason))
            }
            Err(RecvTimeoutError::Disconnected) => Err(process.ended("it was ended".into())),
        }
    }
}

impl FunctionProcess {
    fn start(
        binary: &Path,
        environment: Vec<(OsString, OsString)>,
        exchange: &Arc<Exchange>,
        server: &LoopbackServer,
    ) -> Result<Self, LocalAwsError> {
        let temporary = std::env::temp_dir();
        let folder = TempDir::with_prefix("perfleet-function-")
            .map_err(LocalAwsError::file("make a folder in", &temporary))?;
        let child = spawn(binary, environment, folder.path(), server)?;
        let unwanted = Arc::new(Notify::new());
        server.runtime().spawn(watch_over(
            child,
            Arc::clone(&unwanted),
            Arc::clone(exchange),
        ));
        Ok(Self {
            binary: binary.to_owned(),
            exchange: Arc::clone(exchange),
            unwanted,
            folder,
        })
    }

    fn kill(&self) {
        self.unwanted.notify_one();
        self.exchange.wait_for_end();
    }

    fn log(&self) -> String {
        let log = std::fs::read(log_path(self.folder.path())).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn ended(&self, reason: String) -> LocalAwsError {
        LocalAwsError::FunctionEnded {
            binary: self.binary.clone(),
            reason,
            log_end: crate::process::last_lines(&self.log(), 20),
        }
    }
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Ends the process when it is not wanted any more, and tells the exchange when it has ended.
async fn watch_over(mut child: Child, unwanted: Arc<Notify>, exchange: Arc<Exchange>) {
    let status = tokio::select! {
        status = child.wait() => status,
        () = unwanted.notified() => {
            // It fails if the process has ended by itself, which is as good.
            let _ = child.start_kill();
            child.wait().await
        }
    };
    exchange.end(match status {
        Ok(status) => format!("the process ended with {status}"),
        Err(error) => format!("the process cannot be waited for: {error}"),
    });
}

fn spawn(
    binary: &Path,
    environment: Vec<(OsString, OsString)>,
    folder: &Path,
    server: &LoopbackServer,
) -> Result<Child, LocalAwsError> {
    let log_path = log_path(folder);
    let log = std::fs::File::create(&log_path).map_err(LocalAwsError::file("create", &log_path))?;
    let errors = log
        .try_clone()
        .map_err(LocalAwsError::file("share", &log_path))?;
    let _in_runtime = server.runtime().enter();
    Command::new(binary)
        .env_clear()
        .env("TMPDIR", folder)
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| LocalAwsError::CannotStart {
            program: binary.display().to_string(),
            source,
        })
}

/// What AWS sets, as far as runtimes and SDKs look at it.
fn lambda_environment(binary: &Path, server: &LoopbackServer) -> Vec<(OsString, OsString)> {
    let name = function_name(binary);
    let folder = binary.parent().unwrap_or(Path::new("/"));
    let pairs = [
        ("AWS_LAMBDA_RUNTIME_API", server.address().to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", MEMORY_MEGABYTES.into()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local".into()),
        ("AWS_REGION", crate::local_aws::REGION.into()),
        ("AWS_DEFAULT_REGION", crate::local_aws::REGION.into()),
        ("_HANDLER", "bootstrap".into()),
        ("LAMBDA_TASK_ROOT", folder.display().to_string()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
        ("LANG", "en_US.UTF-8".into()),
        ("TZ", ":UTC".into()),
    ];
    let owned = pairs
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()));
    owned.collect()
}

fn function_name(binary: &Path) -> String {
    binary.file_stem().map_or_else(
        || "function".into(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}

fn log_path(folder: &Path) -> PathBuf {
    folder.join("log")
}
