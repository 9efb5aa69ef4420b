//! The router's table: which method and path is which operation, and who may ask for it.

use std::fmt;

use percent_encoding::percent_decode_str;
use store::TokenRole;

use super::response::ApiResponse;
use super::{PREFIX, problem};

/// A route of the API.
#[derive(Debug)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path behind [`PREFIX`]. A part in braces stands for any one part of a path.
    pub pattern: &'static str,
    /// Who may ask.
    pub access: Access,
    /// The names of the parameters that its query may have.
    pub parameters: &'static [&'static str],
    pub(super) operation: Operation,
}

/// A method that some route has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads. Answers to `HEAD` as well, whose body the server leaves out.
    Get,
    /// Writes.
    Post,
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
        })
    }
}

/// Who may ask for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Who signs the body with the webhook's secret.
    Signed,
    /// Who has a token of this role or of one that may do more.
    Token(TokenRole),
}

impl Access {
    /// The role that is needed, where one is.
    pub fn role(self) -> Option<TokenRole> {
        match self {
            Self::Open | Self::Signed => None,
            Self::Token(role) => Some(role),
        }
    }
}

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    OpenApi,
    ListConfigurations,
    RegisterConfiguration,
    ListCollectors,
    ShowCollector,
    ShowOverview,
    ShowOwnToken,
    DrainCollector,
    CollectorPort,
    ReceiveWebhook,
    ListRequests,
    CreateRequest,
    ShowRequest,
    ExplainRequest,
    CancelRequest,
    PauseRequest,
    ResumeRequest,
    RerunRequest,
    PauseConfiguration,
    Bisect,
    ResumeConfiguration,
    ShowComment,
    ListRuns,
    ListArtifacts,
    PutArtifacts,
    ShowArtifact,
    ShowComparison,
    ExplainComparison,
    ShowTestCaseDetail,
    ShowSeries,
    ListEvents,
    ShowJob,
    ShowJobLog,
    RetryJob,
    ShowStatus,
    ListTriage,
    ShowTriage,
    ActOnTriage,
    ReportTriage,
    ShowReadiness,
    ShowShadow,
    ListRetractions,
    ShowRetractionEffects,
    Retract,
    UndoRetraction,
    ShowHostAgreement,
    ShowHelp,
}

const fn get(
    pattern: &'static str,
    parameters: &'static [&'static str],
    operation: Operation,
) -> Route {
    Route {
        method: Method::Get,
        pattern,
        access: Access::Open,
        parameters,
        operation,
    }
}

const fn post(pattern: &'static str, role: TokenRole, operation: Operation) -> Route {
    Route {
        method: Method::Post,
        pattern,
        access: Access::Token(role),
        parameters: &[],
        operation,
    }
}

/// Every route of the API.
pub const ROUTES: &[Route] = &[
    get("openapi.json", &[], Operation::OpenApi),
    get(
        "configurations",
        &["cursor", "limit"],
        Operation::ListConfigurations,
    ),
    post(
        "configurations",
        TokenRole::Admin,
        Operation::RegisterConfiguration,
    ),
    get(
        "collectors",
        &["cursor", "limit"],
        Operation::ListCollectors,
    ),
    get("collectors/{name}", &[], Operation::ShowCollector),
    get("overview", &[], Operation::ShowOverview),
    post("own-token", TokenRole::Read, Operation::ShowOwnToken),
    post(
        "collectors/{name}/drain",
        TokenRole::Admin,
        Operation::DrainCollector,
    ),
    post(
        "collector-ports/{operation}",
        TokenRole::Collector,
        Operation::CollectorPort,
    ),
    Route {
        method: Method::Post,
        pattern: "github/webhook",
        access: Access::Signed,
        parameters: &[],
        operation: Operation::ReceiveWebhook,
    },
    get(
        "requests",
        &["state", "artifact", "cursor", "limit"],
        Operation::ListRequests,
    ),
    post("requests", TokenRole::Request, Operation::CreateRequest),
    get("requests/{id}", &[], Operation::ShowRequest),
    get("requests/{id}/why", &[], Operation::ExplainRequest),
    get("requests/{id}/comment", &[], Operation::ShowComment),
    post(
        "requests/{id}/cancel",
        TokenRole::Request,
        Operation::CancelRequest,
    ),
    post(
        "requests/{id}/pause",
        TokenRole::Request,
        Operation::PauseRequest,
    ),
    post(
        "requests/{id}/resume",
        TokenRole::Request,
        Operation::ResumeRequest,
    ),
    post(
        "requests/{id}/rerun",
        TokenRole::Request,
        Operation::RerunRequest,
    ),
    post(
        "configurations/{id}/pause",
        TokenRole::Admin,
        Operation::PauseConfiguration,
    ),
    post("bisections", TokenRole::Request, Operation::Bisect),
    post(
        "configurations/{id}/resume",
        TokenRole::Admin,
        Operation::ResumeConfiguration,
    ),
    get(
        "runs",
        &["configuration", "cursor", "limit"],
        Operation::ListRuns,
    ),
    get(
        "artifacts",
        &["prefix", "cursor", "limit"],
        Operation::ListArtifacts,
    ),
    post("artifacts", TokenRole::Request, Operation::PutArtifacts),
    get("artifacts/{id}", &[], Operation::ShowArtifact),
    get(
        "comparisons/{base}..{head}",
        &["configuration", "metric", "method"],
        Operation::ShowComparison,
    ),
    get(
        "comparisons/{base}..{head}/why",
        &["configuration", "metric", "method", "test_case"],
        Operation::ExplainComparison,
    ),
    get(
        "comparisons/{base}..{head}/test-case",
        &["configuration", "test_case"],
        Operation::ShowTestCaseDetail,
    ),
    get("series", &["configuration"], Operation::ShowSeries),
    get(
        "events",
        &[
            "configuration",
            "metric",
            "test_case",
            "standing",
            "cursor",
            "limit",
        ],
        Operation::ListEvents,
    ),
    get("jobs/{id}", &[], Operation::ShowJob),
    get("jobs/{id}/log", &["attempt"], Operation::ShowJobLog),
    post("jobs/{id}/retry", TokenRole::Request, Operation::RetryJob),
    get("status", &[], Operation::ShowStatus),
    get("help", &[], Operation::ShowHelp),
    get(
        "triage",
        &["configuration", "state", "cursor", "limit"],
        Operation::ListTriage,
    ),
    get("triage/{base}..{head}", &[], Operation::ShowTriage),
    post(
        "triage/{base}..{head}",
        TokenRole::Triage,
        Operation::ActOnTriage,
    ),
    get("reports/triage", &["week"], Operation::ReportTriage),
    get(
        "configurations/{id}/readiness",
        &[],
        Operation::ShowReadiness,
    ),
    get("shadow", &["day"], Operation::ShowShadow),
    get(
        "retractions",
        &["cursor", "limit"],
        Operation::ListRetractions,
    ),
    post("retractions", TokenRole::Admin, Operation::Retract),
    post(
        "retractions/{id}/undo",
        TokenRole::Admin,
        Operation::UndoRetraction,
    ),
    get(
        "retraction-effects",
        &["host", "configuration", "run", "from", "to"],
        Operation::ShowRetractionEffects,
    ),
    get(
        "host-agreement",
        &["configuration", "one", "other", "metric"],
        Operation::ShowHostAgreement,
    ),
];

/// A route that a path leads to, and what stands in the place of its braces.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) route: &'static Route,
    /// Decoded; empty where the pattern has no braces.
    pub(super) argument: String,
}

/// Why a path leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    NoSuchPath { path: String },
    WrongMethod { method: String, allowed: String },
    Undecodable { path: String },
}

impl Lost {
    pub(super) fn into_response(self) -> ApiResponse {
        match self {
            Self::NoSuchPath { path } => ApiResponse::problem(&problem::not_found(format!(
                "there is no `{path}` here: {PREFIX}openapi.json lists all there is"
            ))),
            Self::Undecodable { path } => ApiResponse::problem(&problem::bad_request(format!(
                "the path `{path}` is not percent-encoded UTF-8"
            ))),
            Self::WrongMethod { method, allowed } => {
                let detail = format!("`{method}` is not possible here, {allowed} is");
                let mut response = ApiResponse::problem(&problem::wrong_method(detail));
                response.headers.push(("allow", allowed));
                response
            }
        }
    }
}

/// Finds the route of a path.
pub(super) fn find(method: &str, path: &str) -> Result<Found, Lost> {
    let lost = || Lost::NoSuchPath {
        path: path.chars().take(200).collect(),
    };
    let rest = path.strip_prefix(PREFIX).ok_or_else(lost)?;
    let parts: Vec<&str> = rest.split('/').collect();
    let mut allowed = Vec::new();
    for route in ROUTES {
        let Some(argument) = matched(route.pattern, &parts) else {
            continue;
        };
        let wanted = match method {
            "GET" | "HEAD" => Some(Method::Get),
            "POST" => Some(Method::Post),
            _ => None,
        };
        if wanted != Some(route.method) {
            allowed.push(match route.method {
                Method::Get => "GET, HEAD",
                Method::Post => "POST",
            });
            continue;
        }
        let argument = percent_decode_str(argument)
            .decode_utf8()
            .map_err(|_| Lost::Undecodable {
                path: path.chars().take(200).collect(),
            })?
            .into_owned();
        return Ok(Found { route, argument });
    }
    if allowed.is_empty() {
        Err(lost())
    } else {
        Err(Lost::WrongMethod {
            method: method.chars().take(20).collect(),
            allowed: allowed.join(", "),
        })
    }
}

/// What stands in the place of the pattern's braces, if the parts of a path follow it.
fn matched<'a>(pattern: &str, parts: &[&'a str]) -> Option<&'a str> {
    let pattern: Vec<&str> = pattern.split('/').collect();
    if pattern.len() != parts.len() {
        return None;
    }
    let mut argument = "";
    for (wanted, part) in pattern.iter().zip(parts) {
        if wanted.starts_with('{') {
            if part.is_empty() {
                return None;
            }
            argument = part;
        } else if wanted != part {
            return None;
        }
    }
    Some(argument)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_path_is_answered(method in "GET|POST|PUT", path in "/api/v1/[a-z%/.#{}]{0,40}|.{0,40}") {
            let _ = find(&method, &path);
        }
    }

    #[test]
    fn an_encoded_number_sign_and_slash_reach_the_operation() {
        let found = find(
            "GET",
            "/api/v1/comparisons/release-1.94.0%231..release-1.94.0%232",
        )
        .unwrap();
        assert_eq!(found.argument, "release-1.94.0#1..release-1.94.0#2");
        assert_eq!(
            find("POST", "/api/v1/collectors/a%2Fb/drain")
                .unwrap()
                .argument,
            "a/b"
        );
    }

    #[test]
    fn no_two_routes_take_the_same_requests() {
        for (index, route) in ROUTES.iter().enumerate() {
            let path: Vec<&str> = route.pattern.split('/').collect();
            let other = ROUTES[..index].iter().find(|other| {
                other.method == route.method && matched(other.pattern, &path).is_some()
            });
            assert!(other.is_none(), "{other:?} takes what {route:?} is to take");
        }
    }

    #[test]
    fn a_wrong_method_names_those_that_are_possible() {
        let lost = find("DELETE", "/api/v1/requests").unwrap_err();
        assert_eq!(
            lost,
            Lost::WrongMethod {
                method: "DELETE".to_owned(),
                allowed: "GET, HEAD, POST".to_owned(),
            }
        );
    }
}
