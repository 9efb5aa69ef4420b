//! A running local AWS.

use std::net::{Ipv4Addr, TcpListener};
use std::str::FromStr;

use tempfile::TempDir;

use crate::emulator::Way;
use crate::process::{Place, Process};
use crate::{Capabilities, Emulator, LocalAwsError, Proxy};

/// The region of everything that is made here.
pub(crate) const REGION: &str = "us-east-1";

/// A port that was free can be taken by another before the emulator binds it.
const START_ATTEMPTS_MAX: u32 = 3;

/// A local AWS. One that was started here ends when this is dropped.
#[derive(Debug)]
pub struct LocalAws {
    endpoint: String,
    /// The proxy before it that it was started behind.
    proxy_endpoint: Option<String>,
    emulator: Emulator,
    started: Option<Started>,
}

/// An account of the local AWS. What is made under one is not seen under another, so that each
/// test takes its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account(String);

#[derive(Debug)]
struct Started {
    way: Way,
    /// Held for its end.
    _process: Process,
}

impl LocalAws {
    /// The one that `PERFLEET_LOCAL_AWS` names (an address such as `http://127.0.0.1:4566`), else
    /// a fresh one. Which emulator it is, or is to be, is said by `PERFLEET_LOCAL_AWS_EMULATOR`
    /// (`ministack`, which is the default, or `localstack`).
    pub fn obtain() -> Result<Self, LocalAwsError> {
        let emulator = Emulator::chosen()?;
        match std::env::var("PERFLEET_LOCAL_AWS") {
            Ok(endpoint) if !endpoint.is_empty() => Ok(Self {
                endpoint: endpoint.trim_end_matches('/').to_owned(),
                proxy_endpoint: None,
                emulator,
                started: None,
            }),
            _ => Self::start(emulator),
        }
    }

    /// Starts a fresh one on a free port of 127.0.0.1 and waits until it answers.
    pub fn start(emulator: Emulator) -> Result<Self, LocalAwsError> {
        Self::start_seen_at(emulator, emulator.way(), None)
    }

    /// Starts a fresh one behind `proxy`. Its address is that of the proxy, also for the functions
    /// that run in it, so that all calls pass the proxy. Nothing answers any more when either is
    /// dropped.
    ///
    /// It runs as a process also where there is a container engine: from a container the proxy
    /// would not be seen.
    pub fn start_behind(proxy: &Proxy, emulator: Emulator) -> Result<Self, LocalAwsError> {
        let way = emulator.way_without_containers();
        let aws = Self::start_seen_at(emulator, way, Some(proxy.endpoint()))?;
        proxy.forward_to(&aws.endpoint);
        Ok(Self {
            proxy_endpoint: Some(proxy.endpoint().into()),
            ..aws
        })
    }

    /// Where it answers, `http://127.0.0.1:PORT`: the proxy that it was started behind, if any.
    pub fn endpoint(&self) -> &str {
        self.proxy_endpoint.as_deref().unwrap_or(&self.endpoint)
    }

    /// Where it answers itself, beside any proxy: what is asked there is not counted.
    pub fn own_endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Which emulator it is.
    pub fn emulator(&self) -> Emulator {
        self.emulator
    }

    /// What it can and cannot do.
    pub fn capabilities(&self) -> Capabilities {
        self.emulator.capabilities()
    }

    /// What it is and what it substitutes, in a few sentences.
    pub fn describes(&self) -> String {
        match &self.started {
            Some(started) => started.way.describes().into(),
            None => format!(
                "{} at {}, by the word of the environment.",
                self.emulator, self.endpoint
            ),
        }
    }

    /// The environment with which any AWS client, and Terraform, uses this AWS as `account`.
    pub fn environment(&self, account: &Account) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint().to_owned()),
            ("AWS_ACCESS_KEY_ID", account.0.clone()),
            ("AWS_SECRET_ACCESS_KEY", "local".into()),
            ("AWS_REGION", REGION.into()),
        ]
    }

    fn start_seen_at(
        emulator: Emulator,
        way: Way,
        seen_at: Option<&str>,
    ) -> Result<Self, LocalAwsError> {
        // Before anything is made that a killed process would leave behind: it may take a minute.
        way.prepare()?;
        let mut attempt = 1;
        loop {
            match Self::start_once(emulator, way, seen_at) {
                Err(LocalAwsError::PortTaken { .. }) if attempt < START_ATTEMPTS_MAX => {
                    attempt += 1
                }
                result => return result,
            }
        }
    }

    fn start_once(
        emulator: Emulator,
        way: Way,
        seen_at: Option<&str>,
    ) -> Result<Self, LocalAwsError> {
        let temporary = std::env::temp_dir();
        let folder = TempDir::with_prefix("perfleet-aws-")
            .map_err(LocalAwsError::file("make a folder in", &temporary))?;
        let port = free_port().map_err(LocalAwsError::Server)?;
        let itself = format!("http://127.0.0.1:{port}");
        let place = Place {
            port,
            seen_at: seen_at.map_or(itself, str::to_owned),
            folder: folder.path().to_owned(),
        };
        let launch = way.launch(&place)?;
        let process = Process::start(&launch, &place, folder)?;
        Ok(Self {
            endpoint: place.endpoint(),
            proxy_endpoint: None,
            emulator,
            started: Some(Started {
                way,
                _process: process,
            }),
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

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
