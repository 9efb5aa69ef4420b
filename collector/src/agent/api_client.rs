//! The few questions that an agent asks the server. It works on where the server does not answer.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared_types::JobId;
use shared_types::job::JobState;

/// How long the server may take to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);

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
    draining_believed: Duration,
    draining: Mutex<Option<(Instant, bool)>>,
    /// Whether the last question was answered, so that silence is told of once.
    answers: AtomicBool,
}

impl ApiClient {
    /// A client that believes an answer about draining for a time.
    pub(super) fn new(address: ApiAddress, draining_believed: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_TIME_MAX))
            .build();
        Self {
            address,
            http: config.new_agent(),
            draining_believed,
            draining: Mutex::new(None),
            answers: AtomicBool::new(true),
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
            && at.elapsed() < self.draining_believed
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

    /// The answer to a question, or `None` where there is none. A server of a data folder that was
    /// not started yet is no reason to say anything.
    async fn ask<T: DeserializeOwned + Send + 'static>(&self, path: String) -> Option<T> {
        let url = format!("{}/api/v1/{path}", self.address.url()?);
        let http = self.http.clone();
        let asked = url.clone();
        let answer = tokio::task::spawn_blocking(move || ask_once(&http, &asked))
            .await
            .unwrap_or_else(|error| Asked::Silent(error.to_string()));
        let answered = !matches!(answer, Asked::Silent(_));
        let answered_before = self.answers.swap(answered, Ordering::Relaxed);
        match answer {
            Asked::Answered(answer) => {
                if !answered_before {
                    eprintln!("note: the server answers again");
                }
                Some(answer)
            }
            Asked::Unknown => None,
            Asked::Silent(reason) => {
                if answered_before {
                    eprintln!(
                        "note: the server cannot be asked whether jobs are still wanted, so all \
                         of them are measured: {url}: {reason}"
                    );
                }
                None
            }
        }
    }
}

/// What came of a question.
enum Asked<T> {
    Answered(T),
    /// The server does not know what was asked about.
    Unknown,
    /// No answer, or none that is understood, and why.
    Silent(String),
}

fn ask_once<T: DeserializeOwned>(http: &ureq::Agent, url: &str) -> Asked<T> {
    match http.get(url).call() {
        Ok(mut response) => match response.body_mut().read_json() {
            Ok(answer) => Asked::Answered(answer),
            Err(error) => Asked::Silent(error.to_string()),
        },
        Err(ureq::Error::StatusCode(404)) => Asked::Unknown,
        Err(error) => Asked::Silent(error.to_string()),
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
