//! A running local AWS.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Installation, LocalAwsError, Proxy};

/// The region of everything that is made here.
pub(crate) const REGION: &str = "us-east-1";

/// Usually one second; a busy machine takes longer.
const READY_SECONDS_MAX: u64 = 60;

/// Between two questions whether it is ready.
const READY_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A port that was free can be taken by another before the emulator binds it.
const START_ATTEMPTS_MAX: u32 = 3;

/// Ends the emulator when standard input is closed, thus also when the process that started it is
/// killed and can end nothing any more. It outlives what a terminal sends to all at once, since the
/// emulator does, too.
const SUPERVISOR: &str = r#"
"$@" &
emulator=$!
trap : HUP INT TERM
cat >/dev/null
kill "$emulator" 2>/dev/null
(sleep 10; kill -9 "$emulator" 2>/dev/null) &
impatience=$!
wait "$emulator"
kill "$impatience" 2>/dev/null
"#;

/// A local AWS. One that was started here ends when this is dropped.
#[derive(Debug)]
pub struct LocalAws {
    endpoint: String,
    /// Held for its end.
    _process: Option<Process>,
}

/// An account of the local AWS. What is made under one is not seen under another, so that each
/// test takes its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account(String);

#[derive(Debug)]
struct Process {
    supervisor: Child,
    /// Home, temporary folder and log of the emulator.
    folder: TempDir,
}

impl LocalAws {
    /// The one that `PERFLEET_LOCAL_AWS` names (an address such as `http://127.0.0.1:4566`), else
    /// a fresh one.
    pub fn obtain() -> Result<Self, LocalAwsError> {
        match std::env::var("PERFLEET_LOCAL_AWS") {
            Ok(endpoint) if !endpoint.is_empty() => Ok(Self {
                endpoint,
                _process: None,
            }),
            _ => Self::start(&Installation::ensure()?),
        }
    }

    /// Starts a fresh one on a free port of 127.0.0.1 and waits until it answers.
    pub fn start(installation: &Installation) -> Result<Self, LocalAwsError> {
        Self::start_seen_at(installation, None)
    }

    /// Starts a fresh one behind `proxy`. Its address is that of the proxy, also for the functions
    /// that run in it, so that all calls pass the proxy. Nothing answers any more when either is dropped.
    pub fn start_behind(proxy: &Proxy, installation: &Installation) -> Result<Self, LocalAwsError> {
        let aws = Self::start_seen_at(installation, Some(proxy.endpoint()))?;
        proxy.forward_to(&aws.endpoint);
        Ok(Self {
            endpoint: proxy.endpoint().into(),
            ..aws
        })
    }

    fn start_seen_at(
        installation: &Installation,
        seen_at: Option<&str>,
    ) -> Result<Self, LocalAwsError> {
        let mut attempt = 1;
        loop {
            match Self::start_once(installation, seen_at) {
                Err(LocalAwsError::NotReady { .. }) if attempt < START_ATTEMPTS_MAX => attempt += 1,
                result => return result,
            }
        }
    }

    /// Where it answers, `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The environment with which any AWS client, and Terraform, uses this AWS as `account`.
    pub fn environment(&self, account: &Account) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_ACCESS_KEY_ID", account.0.clone()),
            ("AWS_SECRET_ACCESS_KEY", "local".into()),
            ("AWS_REGION", REGION.into()),
        ]
    }

    fn start_once(
        installation: &Installation,
        seen_at: Option<&str>,
    ) -> Result<Self, LocalAwsError> {
        let temporary = std::env::temp_dir();
        let folder = TempDir::with_prefix("perfleet-aws-")
            .map_err(LocalAwsError::file("make a folder in", &temporary))?;
        let port = free_port().map_err(LocalAwsError::file("find a free port in", &temporary))?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let supervisor = spawn(
            installation,
            seen_at.unwrap_or(&endpoint),
            port,
            folder.path(),
        )?;
        let process = Process { supervisor, folder };
        process.wait_until_ready(&endpoint)?;
        Ok(Self {
            endpoint,
            _process: Some(process),
        })
    }
}

impl Account {
    /// As in the request's credentials.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Account {
    type Err = LocalAwsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_account {
            Ok(Self(text.into()))
        } else {
            Err(LocalAwsError::NoAccount(text.into()))
        }
    }
}

impl Process {
    fn wait_until_ready(&self, endpoint: &str) -> Result<(), LocalAwsError> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(5)))
            .build()
            .into();
        let deadline = Instant::now() + Duration::from_secs(READY_SECONDS_MAX);
        let log_path = self.folder.path().join("log");
        loop {
            let log = std::fs::read_to_string(&log_path).unwrap_or_default();
            // By its own log, or else another program on the same port could be taken for it.
            if log.contains(&format!("Running on {endpoint}"))
                && agent
                    .get(format!("{endpoint}/_ministack/ready"))
                    .call()
                    .is_ok()
            {
                return Ok(());
            }
            if Instant::now() > deadline || log.contains("Address already in use") {
                let log_end = last_lines(&log, 20);
                return Err(LocalAwsError::NotReady {
                    seconds: READY_SECONDS_MAX,
                    log_end,
                });
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

fn spawn(
    installation: &Installation,
    endpoint: &str,
    port: u16,
    folder: &Path,
) -> Result<Child, LocalAwsError> {
    let log_path: PathBuf = folder.join("log");
    let log = std::fs::File::create(&log_path).map_err(LocalAwsError::file("create", &log_path))?;
    let errors = log
        .try_clone()
        .map_err(LocalAwsError::file("share", &log_path))?;
    let program = installation.program();
    Command::new("sh")
        .args(["-c", SUPERVISOR, "sh"])
        .arg(&program)
        .current_dir(folder)
        // Its environment reaches the functions that it runs: nothing of ours may leak into them.
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .env("GATEWAY_PORT", port.to_string())
        .env("BIND_HOST", Ipv4Addr::LOCALHOST.to_string())
        .env("LAMBDA_EXECUTOR", "local")
        .env("AWS_ENDPOINT_URL", endpoint)
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(|source| LocalAwsError::CannotStart {
            program: "sh".into(),
            source,
        })
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
