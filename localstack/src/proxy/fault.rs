//! Faults as AWS has them, on demand.

use http_body_util::Full;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

use super::Call;
use crate::loopback_server::Answer;

/// What happens to a call instead of, or after, being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The service says in its own words that there are too many calls. Nothing is done.
    Throttled,
    /// The service says in its own words that it failed (500). Nothing is done.
    ServerError,
    /// The connection is closed without an answer, and nothing is done.
    CutBeforeForwarding,
    /// The connection is closed without an answer, but the call has taken effect.
    CutAfterForwarding,
}

/// Which calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    service: Option<String>,
    operation: Option<String>,
}

/// Faults that are still to happen, in the order in which they were ordered.
#[derive(Debug, Default)]
pub(super) struct PlannedFaults(Vec<Planned>);

#[derive(Debug)]
struct Planned {
    calls: Calls,
    left: u32,
    fault: Fault,
}

impl Calls {
    /// Every call.
    pub fn all() -> Self {
        Self {
            service: None,
            operation: None,
        }
    }

    /// Every call of one service, such as `sqs`.
    pub fn of_service(service: &str) -> Self {
        Self {
            service: Some(service.into()),
            operation: None,
        }
    }

    /// The calls of one operation, such as `("s3", "PutObject")`. The names are those of [`Call`].
    pub fn of(service: &str, operation: &str) -> Self {
        Self {
            service: Some(service.into()),
            operation: Some(operation.into()),
        }
    }

    fn contain(&self, call: &Call) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        is(&self.service, &call.service) && is(&self.operation, &call.operation)
    }
}

impl PlannedFaults {
    pub(super) fn plan(&mut self, calls: Calls, left: u32, fault: Fault) {
        self.0.push(Planned { calls, left, fault });
    }

    pub(super) fn left(&self) -> u32 {
        self.0.iter().map(|planned| planned.left).sum()
    }

    /// The fault that `call` is to meet, which is thereby used up.
    pub(super) fn take(&mut self, call: &Call) -> Option<Fault> {
        let planned = self
            .0
            .iter_mut()
            .find(|planned| planned.left > 0 && planned.calls.contain(call))?;
        planned.left -= 1;
        Some(planned.fault)
    }
}

pub(super) fn throttled(call: &Call) -> Answer {
    match call.service.as_str() {
        "dynamodb" => json_error(
            StatusCode::BAD_REQUEST,
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded.",
        ),
        "sqs" => json_error(
            StatusCode::BAD_REQUEST,
            "com.amazonaws.sqs#RequestThrottled",
            "The request was denied due to request throttling.",
        ),
        "s3" => xml_error(
            StatusCode::SERVICE_UNAVAILABLE,
            "SlowDown",
            "Please reduce your request rate.",
        ),
        _ => json_error(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsException",
            "Rate exceeded",
        ),
    }
}

pub(super) fn server_error(call: &Call) -> Answer {
    match call.service.as_str() {
        "dynamodb" => json_error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "com.amazonaws.dynamodb.v20120810#InternalServerError",
            "The request processing has failed because of an unknown error.",
        ),
        "s3" => xml_error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
        _ => json_error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalFailure",
            "The request processing has failed because of an unknown error.",
        ),
    }
}

fn json_error(status: StatusCode, kind: &str, message: &str) -> Answer {
    let body = json!({"__type": kind, "message": message}).to_string();
    let mut answer = with_body(status, "application/x-amz-json-1.0", body);
    // Clients of the newer services look here.
    let name = kind.rsplit('#').next().unwrap_or(kind);
    if let Ok(name) = HeaderValue::from_str(name) {
        answer.headers_mut().insert("x-amzn-errortype", name);
    }
    answer
}

fn xml_error(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>{message}</Message><RequestId>LOCAL</RequestId></Error>"
    );
    with_body(status, "application/xml", body)
}

fn with_body(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Answer::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}
