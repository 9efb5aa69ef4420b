//! HTTP: from a request on a socket to the site, and back.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::FunctionsError;
use crate::site::{Site, SiteRequest, SiteResponse, body_bytes_max};

/// Answers what comes in until `stopping` says so, and then what has come in.
pub(super) async fn serve(
    listener: TcpListener,
    site: Site,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), FunctionsError> {
    let router = Router::new().fallback(answer).with_state(site);
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            // A sender that is gone means the same as one that says so.
            let _ = stopping.wait_for(|stop| *stop).await;
        })
        .await
        .map_err(FunctionsError::io("serving"))
}

async fn answer(State(site): State<Site>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let limit = body_bytes_max(head.uri.path());
    let answer = match axum::body::to_bytes(body, limit).await {
        Ok(body) => {
            let request = SiteRequest {
                method: head.method.as_str().to_owned(),
                path: head.uri.path().to_owned(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                token: text(&head.headers, "x-perfleet-token"),
                if_none_match: text(&head.headers, "if-none-match"),
                accept: text(&head.headers, "accept").unwrap_or_default(),
                accept_encoding: text(&head.headers, "accept-encoding").unwrap_or_default(),
                body: body.to_vec(),
            };
            site.answer(request).await
        }
        Err(_) => SiteResponse::text(413, "The body is too long, or its sender went away.\n"),
    };
    into_response(answer)
}

fn into_response(answer: SiteResponse) -> Response {
    let mut response = Response::new(Body::from(Bytes::from(answer.body)));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        // What an id cannot hold, no header holds: there is nothing here to be refused.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}
