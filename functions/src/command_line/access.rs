//! How a command reaches what it works on: the API of a server, or the store in a data folder.
//!
//! Reads go through the API in both cases, in one process where the store is here, so that a
//! command says the same wherever it runs.

use std::time::Duration;

use analysis::triage::TriageDetail;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared_types::api::{JobDetail, NewTriageAct, Problem, RequestDetail};
use shared_types::request::{NewRequest, Request, RequestState};
use shared_types::retraction::{NewRetraction, Retraction};
use shared_types::run::SidePair;
use shared_types::scheduling::{Pause, Scheduling};
use shared_types::{Artifact, Configuration, ConfigurationId, JobId, RequestId, RetractionId};

use super::names;
use crate::api::{self, ApiRequest};
use crate::bisecting::{self, Bisection, BisectionQuery};
use crate::{Context, FunctionsError, artifacts_became_known, coordinator, retraction, triage};

/// How long a server may take to answer. A comparison of the whole suite takes seconds.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// How long the server of a data folder may take to say that it is there.
const GREETING_MAX: Duration = Duration::from_secs(3);

/// What a command works on.
pub(super) enum Access {
    /// A server.
    Server(Client),
    /// The store in a data folder.
    Here(Context),
}

impl Access {
    /// Reads a document of the API.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, FunctionsError> {
        let (status, body) = match self {
            Self::Server(client) => client.send("GET", path, None)?,
            Self::Here(context) => {
                let (path, query) = path.split_once('?').unwrap_or((path, ""));
                let request = ApiRequest {
                    method: "GET".to_owned(),
                    path: format!("{}{path}", api::PREFIX),
                    query: query.to_owned(),
                    ..ApiRequest::default()
                };
                let response = api::handle(context, &request).await;
                (response.status, response.body)
            }
        };
        understood(path, status, &body)
    }

    /// Adds a request.
    pub(super) async fn create_request(
        &self,
        wanted: &NewRequest,
    ) -> Result<Request, FunctionsError> {
        match self {
            Self::Server(client) => client.post("requests", wanted),
            Self::Here(context) => {
                coordinator::create_request(context, wanted, &local_person()).await
            }
        }
    }

    /// Cancels a request.
    pub(super) async fn cancel(&self, id: RequestId) -> Result<Request, FunctionsError> {
        let context = match self {
            Self::Server(client) => return client.post(&format!("requests/{id}/cancel"), &()),
            Self::Here(context) => context,
        };
        let note = format!("cancelled by {}", local_person());
        let moved = context
            .store
            .index
            .set_request_state(id, RequestState::Cancelled, Some(&note), context.now())
            .await?;
        let detail: RequestDetail = self.get(&format!("requests/{id}")).await?;
        if moved {
            Ok(detail.request)
        } else {
            Err(FunctionsError::Refused(format!(
                "the request {id} is {} already, and what has ended cannot be cancelled",
                detail.request.state
            )))
        }
    }

    /// Asks for a failed job once more.
    pub(super) async fn retry(&self, id: JobId) -> Result<JobDetail, FunctionsError> {
        let context = match self {
            Self::Server(client) => return client.post(&format!("jobs/{id}/retry"), &()),
            Self::Here(context) => context,
        };
        let retried = context.store.index.retry_job(id).await?;
        let detail: JobDetail = self.get(&format!("jobs/{id}")).await?;
        if retried {
            Ok(detail)
        } else {
            Err(FunctionsError::Refused(format!(
                "the job {id} is {}, and only a failed job can be asked for once more",
                detail.state
            )))
        }
    }

    /// Does something about what got worse.
    pub(super) async fn act_on_triage(
        &self,
        sides: &SidePair,
        act: &NewTriageAct,
    ) -> Result<TriageDetail, FunctionsError> {
        match self {
            Self::Server(client) => {
                let sides = names::encoded_pair(sides);
                client.post(&format!("triage/{sides}"), act)
            }
            Self::Here(context) => {
                let act = act.clone();
                triage::act(context, sides, act, &local_person()).await
            }
        }
    }

    /// Holds a request.
    pub(super) async fn pause_request(
        &self,
        id: RequestId,
        reason: Option<&str>,
    ) -> Result<Request, FunctionsError> {
        match self {
            Self::Server(client) => client.post(&format!("requests/{id}/pause"), &hold(reason)),
            Self::Here(context) => {
                coordinator::hold_request(context, id, &local_person(), reason).await
            }
        }
    }

    /// Lets a request go on.
    pub(super) async fn resume_request(&self, id: RequestId) -> Result<Request, FunctionsError> {
        match self {
            Self::Server(client) => client.post(&format!("requests/{id}/resume"), &()),
            Self::Here(context) => coordinator::let_request_go(context, id).await,
        }
    }

    /// Asks for a request once more.
    pub(super) async fn rerun(&self, id: RequestId) -> Result<Request, FunctionsError> {
        match self {
            Self::Server(client) => client.post(&format!("requests/{id}/rerun"), &()),
            Self::Here(context) => coordinator::rerun(context, id, &local_person()).await,
        }
    }

    /// Retracts results.
    pub(super) async fn retract(
        &self,
        wanted: &NewRetraction,
    ) -> Result<Retraction, FunctionsError> {
        match self {
            Self::Server(client) => client.post("retractions", wanted),
            Self::Here(context) => {
                let made = retraction::retract(context, wanted.clone(), &local_person()).await?;
                carried_out(context, made.id).await
            }
        }
    }

    /// Takes a retraction back.
    pub(super) async fn take_retraction_back(
        &self,
        id: RetractionId,
    ) -> Result<Retraction, FunctionsError> {
        match self {
            Self::Server(client) => client.post(&format!("retractions/{id}/undo"), &()),
            Self::Here(context) => {
                retraction::take_back(context, id, &local_person()).await?;
                carried_out(context, id).await
            }
        }
    }

    /// Holds a configuration.
    pub(super) async fn pause_configuration(
        &self,
        id: &ConfigurationId,
        reason: Option<&str>,
    ) -> Result<Scheduling, FunctionsError> {
        let context = match self {
            Self::Server(client) => {
                return client.post(&format!("configurations/{id}/pause"), &hold(reason));
            }
            Self::Here(context) => context,
        };
        let pause = Pause {
            by: local_person(),
            at: context.now(),
            reason: reason.map(str::to_owned),
        };
        coordinator::hold_configuration(context, id, pause).await
    }

    /// Lets a configuration go on.
    pub(super) async fn resume_configuration(
        &self,
        id: &ConfigurationId,
    ) -> Result<Scheduling, FunctionsError> {
        match self {
            Self::Server(client) => client.post(&format!("configurations/{id}/resume"), &()),
            Self::Here(context) => coordinator::let_configuration_go(context, id).await,
        }
    }

    /// Tells a collector to take no more jobs, or to take jobs again.
    pub(super) async fn drain(
        &self,
        collector: &str,
        draining: bool,
    ) -> Result<(), FunctionsError> {
        match self {
            Self::Server(client) => {
                let path = format!("collectors/{}/drain", names::encoded(collector));
                let body = serde_json::json!({ "draining": draining });
                client.post::<_, serde_json::Value>(&path, &body)?;
                Ok(())
            }
            Self::Here(context) => {
                let index = &context.store.index;
                Ok(index.set_draining(collector, draining).await?)
            }
        }
    }

    /// Takes the next step of a bisection.
    pub(super) async fn bisect(&self, query: &BisectionQuery) -> Result<Bisection, FunctionsError> {
        match self {
            Self::Server(client) => client.post("bisections", query),
            Self::Here(context) => bisecting::bisect(context, query, &local_person()).await,
        }
    }

    /// Registers a configuration.
    pub(super) async fn register(
        &self,
        configuration: &Configuration,
    ) -> Result<(), FunctionsError> {
        match self {
            Self::Server(client) => {
                client.post::<_, serde_json::Value>("configurations", configuration)?;
                Ok(())
            }
            Self::Here(context) => {
                let index = &context.store.index;
                Ok(index.register_configuration(configuration).await?)
            }
        }
    }

    /// Makes artifacts known, or adds to what is known of them.
    pub(super) async fn put_artifacts(&self, artifacts: &[Artifact]) -> Result<(), FunctionsError> {
        match self {
            Self::Server(client) => {
                client.post::<_, serde_json::Value>("artifacts", artifacts)?;
            }
            Self::Here(context) => artifacts_became_known(context, artifacts).await?,
        }
        Ok(())
    }
}

/// Carries a retraction out at once: on a data folder there may be nobody else to do it.
async fn carried_out(context: &Context, id: RetractionId) -> Result<Retraction, FunctionsError> {
    retraction::carry_out(context, id).await?;
    let all = context.store.index.retractions().await?;
    let found = all.into_iter().find(|one| one.id == id);
    found.ok_or_else(|| FunctionsError::Defect(format!("the retraction {id} is gone")))
}

fn hold(reason: Option<&str>) -> serde_json::Value {
    reason.map_or_else(
        || serde_json::json!({}),
        |reason| serde_json::json!({ "reason": reason }),
    )
}

/// Who asks, where no token says so.
pub(super) fn local_person() -> String {
    std::env::var("USER")
        .or_else(|_| std::env::var("LOGNAME"))
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "local".to_owned())
}

/// A client of the API.
pub(super) struct Client {
    server: String,
    token: Option<String>,
    agent: ureq::Agent,
}

impl Client {
    /// A client of the server at `server`, with the token for writes where there is one.
    pub(super) fn new(server: &str, token: Option<&str>) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_MAX))
            .http_status_as_error(false)
            .build();
        Self {
            server: server.trim_end_matches('/').to_owned(),
            token: token.map(|token| token.trim().to_owned()),
            agent: agent.into(),
        }
    }

    /// Whether somebody is there.
    pub(super) fn answers(&self) -> bool {
        let request = self.agent.get(self.url("openapi.json"));
        let request = request.config().timeout_global(Some(GREETING_MAX)).build();
        request.call().is_ok()
    }

    fn post<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, FunctionsError> {
        let json = serde_json::to_vec(body)
            .map_err(|error| FunctionsError::Defect(format!("a write has no JSON: {error}")))?;
        let (status, answer) = self.send("POST", path, Some(json))?;
        understood(path, status, &answer)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(u16, Vec<u8>), FunctionsError> {
        let failed = |error: ureq::Error| FunctionsError::Server {
            action: format!("asking {} to {method} {path}", self.server),
            reason: format!("{error}; is `perfleet serve` running there?"),
        };
        let url = self.url(path);
        let mut response = match body {
            None => self.agent.get(url).call(),
            Some(body) => {
                let mut request = self.agent.post(url).content_type("application/json");
                if let Some(token) = &self.token {
                    request = request.header("X-Perfleet-Token", token);
                }
                request.send(&body[..])
            }
        }
        .map_err(failed)?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(u64::MAX);
        Ok((status, body.read_to_vec().map_err(failed)?))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.server, api::PREFIX)
    }
}

/// The document of an answer, or the error that it tells of.
fn understood<T: DeserializeOwned>(
    path: &str,
    status: u16,
    body: &[u8],
) -> Result<T, FunctionsError> {
    let not_understood = |reason: String| FunctionsError::Server {
        action: format!("reading the answer to {path}"),
        reason,
    };
    if (200..300).contains(&status) {
        return serde_json::from_slice(body)
            .map_err(|error| not_understood(format!("{error}: the server has another version")));
    }
    let problem: Problem = serde_json::from_slice(body)
        .map_err(|_| not_understood(format!("it has the status {status} and is no problem")))?;
    Err(match status {
        400 | 422 => FunctionsError::Usage(problem.detail),
        404 => FunctionsError::NotMeasured(problem.detail),
        409 => FunctionsError::Refused(problem.detail),
        _ => FunctionsError::Server {
            action: path.to_owned(),
            reason: problem.detail,
        },
    })
}
