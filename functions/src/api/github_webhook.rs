//! `github/webhook`: what GitHub tells.

use serde::Serialize;
use shared_types::api::Problem;

use super::response::Success;
use super::{ApiRequest, problem};
use crate::Context;
use crate::github::webhook::{self, Received, WebhookError};

#[derive(Serialize)]
struct Answer<'a> {
    delivery: &'a str,
    received: Received,
}

pub(super) async fn receive(context: &Context, request: &ApiRequest) -> Result<Success, Problem> {
    let received = webhook::receive(context, &request.webhook, &request.body)
        .await
        .map_err(of_refusal)?;
    Success::json(&Answer {
        delivery: request.webhook.delivery.as_deref().unwrap_or_default(),
        received,
    })
}

fn of_refusal(error: WebhookError) -> Problem {
    let detail = error.to_string();
    match error {
        WebhookError::NotConfigured => problem::not_found(detail),
        WebhookError::TooLarge => problem::too_large(webhook::PAYLOAD_BYTES_MAX),
        WebhookError::NotSigned => problem::unauthorised(detail),
        WebhookError::Malformed(_) => problem::bad_request(detail),
        WebhookError::Failed(error) => problem::of_error(error),
    }
}
