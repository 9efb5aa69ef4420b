//! The few questions that an agent asks the server. It works on where the server does not answer.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared_types::JobId;
use shared_types::job::JobState;

/// How long the server may take to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);

/// How long an answer about draining is believed.
const DRAINING_BELIEVED: Duration = Duration::from_secs(10);

/// Where the server is.
#[derive(Debug, Clone)]
pub enum ApiAddress {
    /// At a URL.
    Url(String),
    /// Where the server of a data folder says that it listens. It may start later, and listen
    /// elsewhere after a restart.
    DataFolder(PathBuf),
}

impl ApiAddress {
    /// The file in a data folder in which the server says where it listens.
    const FILE: &str = "server-address";

    fn url(&self) -> Option<String> {
        let url = match self {
            Self::Url(url) => url.clone(),
            Self::DataFolder(folder) => std::fs::read_to_string(folder.join(Self::FILE)).ok()?,
        };
        let url = url.trim().trim_end_matches('/');
        match url {
            "" => None,
            url if url.contains("://") => Some(url.to_owned()),
            host => Some(format!("http://{host}")),
        }
    }
}

/// Asks the server.
pub(super) struct ApiClient {
    address: ApiAddress,
    http: ureq::Agent,
    draining: Mutex<Option<(Instant, bool)>>,
}

impl ApiClient {
    pub(super) fn new(address: ApiAddress) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_TIME_MAX))
            .build();
        Self {
            address,
            http: config.new_agent(),
            draining: Mutex::new(None),
        }
    }

    /// Where a job stands, or `None` where the server does not say.
    pub(super) async fn job_state(&self, job: JobId) -> Option<JobState> {
        let standing: JobStanding = self.ask(format!("jobs/{job}")).await?;
        Some(standing.state)
    }

    /// Whether a person wants this collector to take no more jobs.
    pub(super) async fn is_draining(&self, name: &str) -> bool {
        let known = self.draining.lock().ok().and_then(|known| *known);
        if let Some((at, draining)) = known
            && at.elapsed() < DRAINING_BELIEVED
        {
            return draining;
        }
        let answer: Option<CollectorPage> = self.ask("collectors?limit=500".to_owned()).await;
        let draining = answer.is_some_and(|page| {
            let own = page
                .items
                .iter()
                .find(|entry| entry.collector.report.collector == name);
            own.is_some_and(|entry| entry.collector.draining)
        });
        if let Ok(mut known) = self.draining.lock() {
            *known = Some((Instant::now(), draining));
        }
        draining
    }

    async fn ask<T: DeserializeOwned + Send + 'static>(&self, path: String) -> Option<T> {
        let address = self.address.clone();
        let http = self.http.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let url = format!("{}/api/v1/{path}", address.url()?);
            http.get(url).call().ok()?.body_mut().read_json().ok()
        });
        asked.await.ok().flatten()
    }
}

/// The part that is read of `GET jobs/{id}`.
#[derive(Deserialize)]
struct JobStanding {
    state: JobState,
}

/// The part that is read of `GET collectors`.
#[derive(Deserialize)]
struct CollectorPage {
    items: Vec<CollectorEntry>,
}

#[derive(Deserialize)]
struct CollectorEntry {
    collector: KnownCollector,
}

#[derive(Deserialize)]
struct KnownCollector {
    report: KnownReport,
    draining: bool,
}

#[derive(Deserialize)]
struct KnownReport {
    collector: String,
}
