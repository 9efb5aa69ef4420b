//! Writes: the one way by which a token leaves the page.

use gloo_net::http::Request;
use leptos::task::spawn_local;
use shared_types::api::OwnToken;

use super::{Access, Act, storage};
use crate::api_client::{self, ApiError};
use crate::json;

/// Where writes go: a network in front of the server tells them from reads by this.
const PREFIX: &str = "/write/api/v1/";

/// Asks the server whose a token is.
pub(super) fn check(access: Access, token: String) {
    spawn_local(async move {
        match own_token(&token).await {
            Ok(own) => {
                access.refused.set(None);
                access.own.set(Some(own));
            }
            Err(error) => {
                if matches!(error, ApiError::Refused(_)) {
                    storage::forget();
                    access.token.set(None);
                }
                access.own.set(None);
                access.refused.set(Some(error.to_string()));
            }
        }
    });
}

/// Writes what an act is about, and tells what came of it.
pub(super) fn carry_out(access: Access, act: Act, token: &str, reason: &str) {
    let (token, reason) = (token.to_owned(), reason.trim());
    let body = match (act.takes_reason, reason.is_empty()) {
        (true, false) => format!("{{\"reason\":{}}}", as_json(reason)),
        (true, true) => "null".to_owned(),
        (false, _) => act.body.clone().unwrap_or_else(|| "null".to_owned()),
    };
    spawn_local(async move {
        let written = write(&act.path, &token, body).await;
        access.is_busy.set(false);
        match written {
            Ok(_) => {
                access.tell(true, act.done);
                access.writes.update(|writes| *writes += 1);
            }
            Err(error) => {
                access.tell(false, format!("{}: not done. {error}", act.label));
            }
        }
    });
}

/// A text as JSON, by the browser, which has a writer of it.
fn as_json(text: &str) -> String {
    js_sys::JSON::stringify(&text.into()).map_or_else(|_| "null".to_owned(), String::from)
}

/// Asks whose a token is, and what it may do.
async fn own_token(token: &str) -> Result<OwnToken, ApiError> {
    let path = "own-token";
    let text = write(path, token, "null".to_owned()).await?;
    json::from_str(&text).map_err(|error| api_client::unreadable(path, &error))
}

/// Writes to a path behind the prefix, and returns the answer.
async fn write(path: &str, token: &str, body: String) -> Result<String, ApiError> {
    let unreachable = |error: gloo_net::Error| ApiError::Unreachable(error.to_string());
    let request = Request::post(&format!("{PREFIX}{path}"))
        .header("X-Perfleet-Token", token)
        .header("content-type", "application/json")
        .body(body)
        .map_err(unreachable)?;
    let response = request.send().await.map_err(unreachable)?;
    let (status, is_success) = (response.status(), response.ok());
    let text = response.text().await.map_err(unreachable)?;
    if is_success {
        return Ok(text);
    }
    Err(ApiError::Refused(api_client::problem(status, &text)))
}
