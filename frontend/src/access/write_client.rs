//! Writes: the one way by which a token leaves the page.

use gloo_net::http::Request;
use shared_types::api::OwnToken;

use crate::api_client::{self, ApiError};
use crate::json;

/// Where writes go: a network in front of the server tells them from reads by this.
const PREFIX: &str = "/write/api/v1/";

/// Asks whose a token is, and what it may do.
pub(super) async fn own_token(token: &str) -> Result<OwnToken, ApiError> {
    let path = "own-token";
    let text = write(path, token, "null".to_owned()).await?;
    json::from_str(&text).map_err(|error| ApiError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

/// Writes to a path behind the prefix, and returns the answer.
pub(super) async fn write(path: &str, token: &str, body: String) -> Result<String, ApiError> {
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
