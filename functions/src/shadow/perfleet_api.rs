//! Another Perfleet, by its API. Reads alone, for which no token is needed.

use std::time::Duration;

use analysis::shadow::{common_metric, in_brief};
use async_trait::async_trait;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared_types::api::{ArtifactDetail, ComparisonReference, PAGE_LIMIT_MAX, Page, RequestDetail};
use shared_types::comparison::Comparison;
use shared_types::request::{NewRequest, Request, RequestState};
use shared_types::shadow::VerdictInBrief;
use shared_types::{Artifact, ArtifactId, ConfigurationId, MetricName};

use super::REQUESTER;
use super::followed::{Followed, FollowedRequest};
use crate::coordinator::OWN_REQUESTER;
use crate::{Context, FunctionsError, api};

/// How long an answer may take. A comparison of the whole suite takes seconds.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How many pages of requests are read at once: 10,000 requests.
const PAGES_MAX: usize = 20;

/// Another Perfleet.
pub struct PerfleetApi {
    url: String,
    agent: ureq::Agent,
}

impl PerfleetApi {
    /// The one at an address without a slash at its end.
    pub fn at(url: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_MAX))
            .http_status_as_error(false)
            .build();
        Self {
            url: url.to_owned(),
            agent: agent.into(),
        }
    }

    /// Reads a document, or `None` where there is none.
    async fn get<T>(&self, path: String) -> Result<Option<T>, FunctionsError>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let (agent, url) = (
            self.agent.clone(),
            format!("{}{}{path}", self.url, api::PREFIX),
        );
        let action = format!("reading {url}");
        let asked = tokio::task::spawn_blocking(move || read(&agent, &url)).await;
        let failed = |reason: String| FunctionsError::Server {
            action: action.clone(),
            reason,
        };
        asked
            .map_err(|error| failed(error.to_string()))?
            .map_err(failed)
    }

    async fn page(&self, cursor: Option<&str>) -> Result<Page<Value>, FunctionsError> {
        let cursor =
            cursor.map_or_else(String::new, |cursor| format!("&cursor={}", encoded(cursor)));
        let page = self
            .get(format!("requests?limit={PAGE_LIMIT_MAX}{cursor}"))
            .await?;
        page.ok_or_else(|| FunctionsError::Server {
            action: format!("reading the requests of {}", self.url),
            reason: "there is no such list: is it a Perfleet?".to_owned(),
        })
    }
}

#[async_trait]
impl Followed for PerfleetApi {
    async fn requests(
        &self,
        _context: &Context,
        since: Timestamp,
    ) -> Result<Vec<FollowedRequest>, FunctionsError> {
        let mut requests = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES_MAX {
            // The newest first.
            let page = self.page(cursor.as_deref()).await?;
            let mut reached = page.items.is_empty();
            for value in page.items {
                // A request that this version cannot read is of a later one, and is left to it.
                let Ok(request) = serde_json::from_value::<Request>(value) else {
                    continue;
                };
                reached |= request.created_at < since;
                if request.created_at >= since && is_worth_following(&request) {
                    requests.push(followed(request));
                }
            }
            cursor = page.next_cursor;
            if reached || cursor.is_none() {
                break;
            }
        }
        Ok(requests)
    }

    async fn artifact(
        &self,
        _context: &Context,
        id: &ArtifactId,
    ) -> Result<Option<Artifact>, FunctionsError> {
        let path = format!("artifacts/{}", encoded(&id.to_string()));
        let detail: Option<ArtifactDetail> = self.get(path).await?;
        Ok(detail.map(|detail| detail.artifact))
    }

    async fn verdict(
        &self,
        _context: &Context,
        request: &FollowedRequest,
        configuration: &ConfigurationId,
        metrics: &[MetricName],
    ) -> Result<Option<(MetricName, VerdictInBrief)>, FunctionsError> {
        let path = format!("requests/{}", encoded(&request.name));
        let Some(detail) = self.get::<RequestDetail>(path).await? else {
            return Ok(None);
        };
        let made: Vec<(MetricName, ComparisonReference)> = detail
            .comparisons
            .into_iter()
            .filter(|made| made.configuration == *configuration)
            .filter_map(|made| Some((made.metric.parse().ok()?, made)))
            .collect();
        let theirs: Vec<MetricName> = made.iter().map(|(metric, _)| metric.clone()).collect();
        let wanted = if metrics.is_empty() {
            &theirs[..]
        } else {
            metrics
        };
        let Some(metric) = common_metric(&theirs, wanted) else {
            return Ok(None);
        };
        let Some((_, reference)) = made.into_iter().find(|(one, _)| *one == metric) else {
            return Ok(None);
        };
        let path = format!(
            "comparisons/{}..{}?configuration={configuration}&metric={}",
            encoded(&reference.base.to_string()),
            encoded(&reference.head.to_string()),
            encoded(metric.as_str()),
        );
        let comparison: Option<Comparison> = self.get(path).await?;
        Ok(comparison.map(|comparison| {
            let brief = VerdictInBrief {
                // What people were told, also where history has moved since.
                verdict: reference.verdict,
                ..in_brief(&comparison)
            };
            (metric, brief)
        }))
    }
}

fn read<T: DeserializeOwned>(agent: &ureq::Agent, url: &str) -> Result<Option<T>, String> {
    let answer = agent.get(url).header("Accept", "application/json").call();
    let mut answer = answer.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    if status == 404 {
        return Ok(None);
    }
    if status != 200 {
        return Err(format!("it answered with status {status}"));
    }
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
    let bytes = body.read_to_vec().map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| format!("its answer cannot be understood: {error}"))
}

/// Not what it measures of its own accord, to know its own hosts; nor what itself is a mirror of
/// something, or two shadows of each other would never end; nor toolchains that only its machine has.
fn is_worth_following(request: &Request) -> bool {
    let is_local = |artifact: &ArtifactId| matches!(artifact, ArtifactId::Local { .. });
    !request.is_a_a()
        && request.requester != OWN_REQUESTER
        && !request.requester.starts_with(REQUESTER)
        && !request.runs().any(|run| is_local(&run.artifact))
}

fn followed(request: Request) -> FollowedRequest {
    FollowedRequest {
        name: request.id.to_string(),
        at: request.created_at,
        is_cancelled: request.state == RequestState::Cancelled,
        wanted: NewRequest {
            base: request.base.map(|base| base.artifact),
            head: request.head.artifact,
            configurations: request.configurations,
            selection: request.selection,
            paired: request.paired,
            against_parent: false,
            backfill: request.backfill,
            iterations: Some(request.iterations),
            precision: request.precision,
            self_profile: request.self_profile,
            time_limit_s: Some(request.time_limit_s),
            priority: request.priority,
            reason: request.reason,
        },
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
