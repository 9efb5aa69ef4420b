//! Between the site and the types of HTTP that every framework shares.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::{SiteRequest, SiteResponse};
use crate::github::webhook::WebhookHeaders;

impl SiteRequest {
    /// A request without its place and its body, of which frameworks differ in what they tell.
    pub(crate) fn of(method: &str, headers: &HeaderMap) -> Self {
        Self {
            method: method.to_owned(),
            token: text(headers, "x-perfleet-token"),
            if_none_match: text(headers, "if-none-match"),
            accept: text(headers, "accept").unwrap_or_default(),
            accept_encoding: text(headers, "accept-encoding").unwrap_or_default(),
            webhook: WebhookHeaders {
                event: text(headers, "x-github-event"),
                delivery: text(headers, "x-github-delivery"),
                signature: text(headers, "x-hub-signature-256"),
            },
            ..Self::default()
        }
    }
}

impl SiteResponse {
    /// The answer with its body as the framework wants it.
    pub(crate) fn into_http<B>(self, body: impl FnOnce(Vec<u8>) -> B) -> Response<B> {
        let mut response = Response::new(body(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            // What an id cannot hold, no header holds: there is nothing here to be refused.
            if let Ok(value) = HeaderValue::from_str(&value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}
