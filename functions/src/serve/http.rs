//! HTTP: from a request on a socket to the API, the series or the page, and back.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use axum::response::Response;
use flate2::Compression;
use shared_types::ObjectKey;
use shared_types::object_key::ContentHash;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::page::{Page, PageRequest, accepts_coding};
use super::security;
use crate::api::{self, ApiRequest, gzip, names_tag};
use crate::{Context, FunctionsError};

/// The largest body that a collector may send, in bytes: a result with all its iterations.
const COLLECTOR_BODY_BYTES_MAX: usize = 256 * 1024 * 1024;

#[derive(Clone)]
struct Home {
    context: Context,
    page: Arc<Page>,
}

/// An answer before it is one of the web framework.
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// Answers what comes in until `stopping` says so, and then what has come in.
pub(super) async fn serve(
    listener: TcpListener,
    context: Context,
    page: Arc<Page>,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), FunctionsError> {
    let router = Router::new()
        .fallback(answer)
        .with_state(Home { context, page });
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            // A sender that is gone means the same as one that says so.
            let _ = stopping.wait_for(|stop| *stop).await;
        })
        .await
        .map_err(FunctionsError::io("serving"))
}

async fn answer(State(home): State<Home>, request: Request<Body>) -> Response {
    let path = request.uri().path().to_owned();
    let answer = if path.starts_with("/api/") {
        answer_api(&home, request).await
    } else if !matches!(request.method().as_str(), "GET" | "HEAD") {
        Answer::text(405, "Only GET is possible here; writes go to /api/v1.\n")
    } else if path.starts_with("/series/") {
        answer_series(&home, &path, request.headers()).await
    } else {
        answer_page(&home, path, request.headers()).await
    };
    answer.into_response()
}

async fn answer_api(home: &Home, request: Request<Body>) -> Answer {
    let (head, body) = request.into_parts();
    let limit = if head.uri.path().starts_with(store::http::ROUTE) {
        COLLECTOR_BODY_BYTES_MAX
    } else {
        // One more than the API takes, so that it is the API that refuses, in its own words.
        api::BODY_BYTES_MAX + 1
    };
    let Ok(body) = axum::body::to_bytes(body, limit).await else {
        return Answer::text(413, "The body is too long, or its sender went away.\n");
    };
    let request = ApiRequest {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        token: text(&head.headers, "x-perfleet-token"),
        if_none_match: text(&head.headers, "if-none-match"),
        accepts_gzip: accepts_gzip(&head.headers),
        body: body.to_vec(),
    };
    let response = api::handle(&home.context, &request).await;
    Answer {
        status: response.status,
        headers: response.headers,
        body: response.body,
    }
}

/// Hands out what charts are drawn from, under the keys and with the headers that it has in the
/// cloud, where no function stands between.
async fn answer_series(home: &Home, path: &str, headers: &HeaderMap) -> Answer {
    let key = path.trim_start_matches('/').parse::<ObjectKey>();
    let immutable = match &key {
        Ok(ObjectKey::SeriesBlock { .. }) => true,
        Ok(ObjectKey::SeriesManifest { .. }) => false,
        _ => return Answer::text(404, "There is no such series.\n"),
    };
    let Ok(key) = key else {
        return Answer::text(404, "There is no such series.\n");
    };
    let bytes = match home.context.store.objects.get(&key).await {
        Ok(Some((bytes, _))) => bytes,
        Ok(None) => return Answer::text(404, "There is no such series.\n"),
        Err(error) => {
            tracing::error!(%key, %error, "a series cannot be read");
            return Answer::text(503, "The series cannot be read now; try again.\n");
        }
    };
    let tag = format!("W/\"{}\"", ContentHash::of(&bytes));
    let cache = if immutable {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=0, s-maxage=2, must-revalidate"
    };
    let mut answer = Answer {
        status: 200,
        headers: vec![
            ("etag", tag.clone()),
            ("cache-control", cache.to_owned()),
            ("content-type", "application/json".to_owned()),
        ],
        body: bytes,
    };
    if text(headers, "if-none-match").is_some_and(|tags| names_tag(&tags, &tag)) {
        answer.status = 304;
        answer.body.clear();
    } else if immutable {
        // Blocks are stored compressed, and every browser takes them so.
        answer.headers.push(("content-encoding", "gzip".to_owned()));
    } else if accepts_gzip(headers)
        && let Some(compressed) = gzip(&answer.body, Compression::fast())
    {
        answer.headers.push(("content-encoding", "gzip".to_owned()));
        answer.body = compressed;
    }
    answer
}

async fn answer_page(home: &Home, path: String, headers: &HeaderMap) -> Answer {
    let request = PageRequest {
        path,
        accept: text(headers, "accept").unwrap_or_default(),
        accept_encoding: text(headers, "accept-encoding").unwrap_or_default(),
        if_none_match: text(headers, "if-none-match"),
    };
    let page = Arc::clone(&home.page);
    match tokio::task::spawn_blocking(move || page.answer(&request)).await {
        Ok(response) => Answer {
            status: response.status,
            headers: response.headers,
            body: response.body,
        },
        Err(error) => {
            tracing::error!(%error, "a file of the page cannot be sent");
            Answer::text(500, "The file cannot be sent; the server's log says why.\n")
        }
    }
}

impl Answer {
    fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", "text/plain; charset=utf-8".to_owned()),
                ("cache-control", "no-store".to_owned()),
            ],
            body: text.as_bytes().to_vec(),
        }
    }

    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(Bytes::from(self.body)));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let always = security::ALWAYS
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        for (name, value) in self.headers.into_iter().chain(always) {
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

fn accepts_gzip(headers: &HeaderMap) -> bool {
    text(headers, "accept-encoding").is_some_and(|header| accepts_coding(&header, "gzip"))
}
