//! HTTP: from a request on a socket to the site, and back.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use shared_types::exposition::MEDIA_TYPE;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::telemetry;
use crate::FunctionsError;
use crate::site::{Site, SiteRequest, SiteResponse, body_bytes_max};

/// Answers what comes in until `stopping` says so, and then what has come in.
pub(super) async fn serve(
    listener: TcpListener,
    site: Site,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), FunctionsError> {
    let router = Router::new()
        .route("/metrics", get(answer_telemetry))
        .fallback(answer)
        .with_state(site);
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            // A sender that is gone means the same as one that says so.
            let _ = stopping.wait_for(|stop| *stop).await;
        })
        .await
        .map_err(FunctionsError::io("serving"))
}

async fn answer_telemetry(State(site): State<Site>) -> Response {
    match telemetry::text(&site.context).await {
        Ok(text) => ([(CONTENT_TYPE, MEDIA_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be told");
            let advice = "The store does not answer; the server's log says why.\n";
            (StatusCode::SERVICE_UNAVAILABLE, advice).into_response()
        }
    }
}

async fn answer(State(site): State<Site>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let limit = body_bytes_max(head.uri.path());
    let answer = match axum::body::to_bytes(body, limit).await {
        Ok(body) => {
            let request = SiteRequest {
                path: head.uri.path().to_owned(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                body: body.to_vec(),
                ..SiteRequest::of(head.method.as_str(), &head.headers)
            };
            site.answer(request).await
        }
        Err(_) => SiteResponse::text(413, "The body is too long, or its sender went away.\n"),
    };
    answer.into_http(|body| Body::from(Bytes::from(body)))
}
