//! The API under `/api/v1`, as a function from a request to an answer. It knows no web framework,
//! so that `perfleet serve` and a function in the cloud share it.
//!
//! `functions/openapi.json` documents every route and every field, and the tests hold it against
//! the answers.

mod artifacts;
mod bisections;
mod catalogue;
mod chart_events;
mod collector_page;
mod collector_ports;
mod comparisons;
pub mod credentials;
mod github_webhook;
mod help;
mod holding;
mod hosts;
mod job_log;
mod jobs;
mod own_token;
mod paging;
mod parameters;
mod problem;
mod readiness;
mod requests;
mod response;
mod retractions;
mod routes;
mod shadow;
mod status;
mod test_case_detail;
mod triage;

pub use requests::request_detail;
pub use response::ApiResponse;
pub(crate) use response::{gzip, names_tag};
pub use routes::{Access, Method, ROUTES, Route};
pub(crate) use status::{alive, known_collectors};
pub use status::{configuration_overview, server_status};

use jiff::Timestamp;
use shared_types::api::Problem;
use store::AuditEntry;

use crate::Context;
use crate::github::webhook::WebhookHeaders;
use parameters::Parameters;
use response::Success;
use routes::{Found, Operation};

/// Where the API begins in every path.
pub const PREFIX: &str = "/api/v1/";

/// The largest body that a route other than the collectors' takes, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A request to the API, as far as it matters.
#[derive(Debug, Clone, Default)]
pub struct ApiRequest {
    /// `GET`, `HEAD` or `POST`.
    pub method: String,
    /// The path as it came, percent-encoded: `/api/v1/status`.
    pub path: String,
    /// The query as it came, without the question mark; empty where there is none.
    pub query: String,
    /// The header `X-Perfleet-Token`.
    pub token: Option<String>,
    /// The header `If-None-Match`.
    pub if_none_match: Option<String>,
    /// Whether `Accept-Encoding` names gzip.
    pub accepts_gzip: bool,
    /// The headers of a webhook of GitHub.
    pub webhook: WebhookHeaders,
    /// The body.
    pub body: Vec<u8>,
}

/// Answers a request. Whatever goes wrong is an answer, too.
pub async fn handle(context: &Context, request: &ApiRequest) -> ApiResponse {
    let found = match routes::find(&request.method, &request.path) {
        Ok(found) => found,
        Err(failure) => return failure.into_response(),
    };
    match answer(context, request, &found).await {
        Ok(success) => success.into_response(request),
        Err(problem) => ApiResponse::problem(&problem),
    }
}

async fn answer(
    context: &Context,
    request: &ApiRequest,
    found: &Found,
) -> Result<Success, Problem> {
    let parameters = Parameters::parse(&request.query, found.route.parameters)?;
    if found.route.operation == Operation::ReceiveWebhook {
        return github_webhook::receive(context, request).await;
    }
    let Some(role) = found.route.access.role() else {
        return read(context, found, &parameters).await;
    };
    if found.route.operation == Operation::ShowOwnToken {
        // It changes nothing, so it is not for the book of writes.
        return own_token::show(context, request.token.as_deref()).await;
    }
    let now = context.now();
    let person = credentials::authorise(context, request.token.as_deref(), role).await?;
    if found.route.operation == Operation::CollectorPort {
        // Not a person's decision, and many times a minute: not for the book of writes.
        return collector_ports::dispatch(context, &found.argument, &request.body).await;
    }
    if request.body.len() > BODY_BYTES_MAX {
        return Err(problem::too_large(BODY_BYTES_MAX));
    }
    let (success, subject) = write(context, request, found, &person).await?;
    record(context, found, person, subject, now).await?;
    Ok(success)
}

async fn read(
    context: &Context,
    found: &Found,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let argument = found.argument.as_str();
    match found.route.operation {
        Operation::OpenApi => Ok(Success::document(include_str!("../openapi.json"))),
        Operation::ListConfigurations => catalogue::configurations(context, parameters).await,
        Operation::ListCollectors => catalogue::collectors(context, parameters).await,
        Operation::ShowCollector => collector_page::show(context, argument).await,
        Operation::ShowOverview => overview(context).await,
        Operation::ListRequests => requests::list(context, parameters).await,
        Operation::ShowRequest => requests::show(context, argument).await,
        Operation::ExplainRequest => requests::why(context, argument).await,
        Operation::ShowComment => requests::comment(context, argument).await,
        Operation::ListRuns => artifacts::runs(context, parameters).await,
        Operation::ListArtifacts => artifacts::list(context, parameters).await,
        Operation::ShowArtifact => artifacts::show(context, argument).await,
        Operation::ShowComparison => comparisons::show(context, argument, parameters).await,
        Operation::ExplainComparison => comparisons::why(context, argument, parameters).await,
        Operation::ShowTestCaseDetail => {
            test_case_detail::show(context, argument, parameters).await
        }
        Operation::ShowSeries => chart_events::manifest(context, parameters).await,
        Operation::ListEvents => chart_events::list(context, parameters).await,
        Operation::ShowJob => jobs::show(context, argument).await,
        Operation::ShowJobLog => job_log::show(context, argument, parameters).await,
        Operation::ShowStatus => status::show(context).await,
        Operation::ListTriage => triage::list(context, parameters).await,
        Operation::ShowTriage => triage::show(context, argument).await,
        Operation::ReportTriage => triage::report(context, parameters).await,
        Operation::ListRetractions => retractions::list(context, parameters).await,
        Operation::ShowRetractionEffects => retractions::effects(context, parameters).await,
        Operation::ShowHostAgreement => hosts::agreement(context, parameters).await,
        Operation::ShowHelp => help::show(context).await,
        Operation::ShowReadiness => readiness::show(context, argument).await,
        Operation::ShowShadow => shadow::show(context, parameters).await,
        write => Err(problem::bug(format!("{write:?} is not a read"))),
    }
}

async fn overview(context: &Context) -> Result<Success, Problem> {
    let overview = crate::overview::overview(context)
        .await
        .map_err(problem::of_error)?;
    Success::json(overview.as_ref())
}

/// Does what a write asks for; returns its answer and what it changed.
async fn write(
    context: &Context,
    request: &ApiRequest,
    found: &Found,
    person: &str,
) -> Result<(Success, String), Problem> {
    let argument = found.argument.as_str();
    let body = request.body.as_slice();
    match found.route.operation {
        Operation::RegisterConfiguration => catalogue::register(context, body).await,
        Operation::DrainCollector => catalogue::drain(context, argument, body).await,
        Operation::PutArtifacts => artifacts::put(context, body).await,
        Operation::CreateRequest => requests::create(context, body, person).await,
        Operation::CancelRequest => requests::cancel(context, argument, person).await,
        Operation::PauseRequest => holding::pause_request(context, argument, body, person).await,
        Operation::ResumeRequest => holding::resume_request(context, argument).await,
        Operation::RerunRequest => holding::rerun_request(context, argument, person).await,
        Operation::PauseConfiguration => {
            holding::pause_configuration(context, argument, body, person).await
        }
        Operation::ResumeConfiguration => holding::resume_configuration(context, argument).await,
        Operation::Bisect => bisections::step(context, body, person).await,
        Operation::RetryJob => jobs::retry(context, argument).await,
        Operation::Retract => retractions::create(context, body, person).await,
        Operation::UndoRetraction => retractions::undo(context, argument, person).await,
        Operation::ActOnTriage => triage::act(context, argument, body, person).await,
        read => Err(problem::bug(format!("{read:?} is not a write"))),
    }
}

/// Notes a write in the book of writes.
async fn record(
    context: &Context,
    found: &Found,
    person: String,
    subject: String,
    at: Timestamp,
) -> Result<(), Problem> {
    let entry = AuditEntry {
        at,
        person,
        action: format!("{} {}", found.route.method, found.route.pattern),
        subject,
    };
    context
        .store
        .index
        .record_audit(&entry)
        .await
        .map_err(problem::of_store)
}
