//! Holding requests and configurations, letting them go, and asking for a request once more.

use serde::Deserialize;
use shared_types::api::Problem;
use shared_types::scheduling::Pause;
use shared_types::{ConfigurationId, RequestId};

use super::parameters::{parse_body, parse_named};
use super::problem;
use super::response::Success;
use crate::{Context, coordinator};

/// The longest reason that is kept, in bytes.
const REASON_BYTES_MAX: usize = 2000;

/// Why something is held.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    #[serde(default)]
    reason: Option<String>,
}

impl Hold {
    /// Nobody has to say why.
    fn read(body: &[u8]) -> Result<Self, Problem> {
        if body.is_empty() || body == b"null" {
            return Ok(Self::default());
        }
        let hold: Self = parse_body(body)?;
        match &hold.reason {
            Some(reason) if reason.len() > REASON_BYTES_MAX => Err(problem::bad_request(format!(
                "the reason is longer than {REASON_BYTES_MAX} bytes"
            ))),
            _ => Ok(hold),
        }
    }
}

pub(super) async fn pause_request(
    context: &Context,
    id: &str,
    body: &[u8],
    person: &str,
) -> Result<(Success, String), Problem> {
    let id: RequestId = parse_named("the request in the path", id)?;
    let hold = Hold::read(body)?;
    let request = coordinator::hold_request(context, id, person, hold.reason.as_deref())
        .await
        .map_err(problem::of_error)?;
    Ok((Success::json(&request)?, id.to_string()))
}

pub(super) async fn resume_request(
    context: &Context,
    id: &str,
) -> Result<(Success, String), Problem> {
    let id: RequestId = parse_named("the request in the path", id)?;
    let request = coordinator::let_request_go(context, id)
        .await
        .map_err(problem::of_error)?;
    Ok((Success::json(&request)?, id.to_string()))
}

pub(super) async fn rerun_request(
    context: &Context,
    id: &str,
    person: &str,
) -> Result<(Success, String), Problem> {
    let id: RequestId = parse_named("the request in the path", id)?;
    let request = coordinator::rerun(context, id, person)
        .await
        .map_err(problem::of_error)?;
    let location = format!("{}requests/{}", super::PREFIX, request.id);
    let subject = format!("{id} as {}", request.id);
    Ok((Success::created(&request, location)?, subject))
}

pub(super) async fn pause_configuration(
    context: &Context,
    id: &str,
    body: &[u8],
    person: &str,
) -> Result<(Success, String), Problem> {
    let id: ConfigurationId = parse_named("the configuration in the path", id)?;
    let pause = Pause {
        by: person.to_owned(),
        at: context.now(),
        reason: Hold::read(body)?.reason,
    };
    let scheduling = coordinator::hold_configuration(context, &id, pause)
        .await
        .map_err(problem::of_error)?;
    Ok((Success::json(&scheduling)?, id.to_string()))
}

pub(super) async fn resume_configuration(
    context: &Context,
    id: &str,
) -> Result<(Success, String), Problem> {
    let id: ConfigurationId = parse_named("the configuration in the path", id)?;
    let scheduling = coordinator::let_configuration_go(context, &id)
        .await
        .map_err(problem::of_error)?;
    Ok((Success::json(&scheduling)?, id.to_string()))
}
