//! Everything that is answered under one address: the API, the series that charts are drawn from,
//! and the page. It knows no web framework, so that `perfleet serve` and a function in the cloud
//! answer alike.

mod http;
pub(crate) mod page;
mod security;

use std::sync::Arc;

use flate2::Compression;
use shared_types::ObjectKey;
use shared_types::object_key::ContentHash;

use crate::Context;
use crate::api::{self, ApiRequest, gzip, names_tag};
use crate::github::webhook::WebhookHeaders;
use page::{Page, PageRequest, accepts_coding};

/// The largest body that a collector may send, in bytes: a result with all its iterations.
const COLLECTOR_BODY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What never changes under its key is kept by whoever read it.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The path by which writes come where a CDN stands in front: it treats reads and writes in two
/// ways, and tells them apart by their paths. Here it leads to the same.
const WRITES: &str = "/write";

/// What answers.
#[derive(Clone)]
pub(crate) struct Site {
    /// What handlers are given.
    pub(crate) context: Context,
    /// The built page.
    pub(crate) page: Arc<Page>,
}

/// What somebody asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct SiteRequest {
    /// `GET`.
    pub(crate) method: String,
    /// The path as it came, percent-encoded.
    pub(crate) path: String,
    /// The query as it came; empty where there is none.
    pub(crate) query: String,
    /// The header `X-Perfleet-Token`.
    pub(crate) token: Option<String>,
    /// The header `If-None-Match`.
    pub(crate) if_none_match: Option<String>,
    /// The header `Accept`.
    pub(crate) accept: String,
    /// The header `Accept-Encoding`.
    pub(crate) accept_encoding: String,
    /// The headers of a webhook of GitHub.
    pub(crate) webhook: WebhookHeaders,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// What is answered. Names of headers are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SiteResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// How many bytes a body for a path may have. One more than the API takes, so that it is the API
/// that refuses, in its own words.
pub(crate) fn body_bytes_max(path: &str) -> usize {
    if path.starts_with(store::http::ROUTE) {
        COLLECTOR_BODY_BYTES_MAX
    } else {
        api::BODY_BYTES_MAX + 1
    }
}

impl Site {
    /// Answers a request. Whatever goes wrong is an answer, too.
    pub(crate) async fn answer(&self, request: SiteRequest) -> SiteResponse {
        let path = path_behind_writes(&request).to_owned();
        let mut response = if path.starts_with("/api/") {
            self.answer_api(path, request).await
        } else if !matches!(request.method.as_str(), "GET" | "HEAD") {
            SiteResponse::text(405, "Only GET is possible here; writes go to /api/v1.\n")
        } else if path.starts_with("/series/") {
            self.answer_series(&path, &request).await
        } else if path.starts_with("/self-profile/") {
            self.answer_self_profile(&path).await
        } else {
            self.answer_page(path, request).await
        };
        let always = security::ALWAYS
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        response.headers.extend(always);
        response
    }

    async fn answer_api(&self, path: String, request: SiteRequest) -> SiteResponse {
        let request = ApiRequest {
            method: request.method,
            path,
            query: request.query,
            token: request.token,
            if_none_match: request.if_none_match,
            accepts_gzip: accepts_coding(&request.accept_encoding, "gzip"),
            webhook: request.webhook,
            body: request.body,
        };
        let response = api::handle(&self.context, &request).await;
        SiteResponse {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }
    }

    /// Hands out what charts are drawn from, under the keys and with the headers that it has in the
    /// cloud, where no function stands between.
    async fn answer_series(&self, path: &str, request: &SiteRequest) -> SiteResponse {
        let key = path.trim_start_matches('/').parse::<ObjectKey>();
        let immutable = match &key {
            Ok(ObjectKey::SeriesBlock { .. }) => true,
            Ok(ObjectKey::SeriesManifest { .. }) => false,
            _ => return SiteResponse::text(404, "There is no such series.\n"),
        };
        let Ok(key) = key else {
            return SiteResponse::text(404, "There is no such series.\n");
        };
        let bytes = match self.context.store.objects.get(&key).await {
            Ok(Some((bytes, _))) => bytes,
            Ok(None) => return SiteResponse::text(404, "There is no such series.\n"),
            Err(error) => {
                tracing::error!(%key, %error, "a series cannot be read");
                return SiteResponse::text(503, "The series cannot be read now; try again.\n");
            }
        };
        series_response(request, immutable, bytes)
    }

    /// Hands out a raw self-profile as it is stored: a compressed file, which never changes. In the cloud
    /// no function stands between.
    async fn answer_self_profile(&self, path: &str) -> SiteResponse {
        const GONE: &str = "There is no such self-profile: raw profiles are deleted after some weeks, and \
                            the times of their queries stay in the result.\n";
        let key = match path.trim_start_matches('/').parse::<ObjectKey>() {
            Ok(key @ ObjectKey::SelfProfile { .. }) => key,
            _ => return SiteResponse::text(404, GONE),
        };
        match self.context.store.objects.get(&key).await {
            Ok(Some((bytes, tag))) => SiteResponse {
                status: 200,
                headers: vec![
                    ("etag", format!("\"{}\"", tag.0.trim_matches('"'))),
                    ("cache-control", FOR_EVER.to_owned()),
                    ("content-type", "application/zstd".to_owned()),
                ],
                body: bytes,
            },
            Ok(None) => SiteResponse::text(404, GONE),
            Err(error) => {
                tracing::error!(%key, %error, "a self-profile cannot be read");
                SiteResponse::text(503, "The self-profile cannot be read now; try again.\n")
            }
        }
    }

    async fn answer_page(&self, path: String, request: SiteRequest) -> SiteResponse {
        let request = PageRequest {
            path,
            accept: request.accept,
            accept_encoding: request.accept_encoding,
            if_none_match: request.if_none_match,
        };
        let page = Arc::clone(&self.page);
        match tokio::task::spawn_blocking(move || page.answer(&request)).await {
            Ok(response) => SiteResponse {
                status: response.status,
                headers: response.headers,
                body: response.body,
            },
            Err(error) => {
                tracing::error!(%error, "a file of the page cannot be sent");
                SiteResponse::text(500, "The file cannot be sent; the server's log says why.\n")
            }
        }
    }
}

/// The path of a request, of a write without [`WRITES`] in front. A read keeps it, and so leads
/// nowhere there: it would pass by every cache.
fn path_behind_writes(request: &SiteRequest) -> &str {
    let path = request.path.as_str();
    let is_read = matches!(request.method.as_str(), "GET" | "HEAD");
    match path.strip_prefix(WRITES) {
        Some(inside) if !is_read && inside.starts_with("/api/") => inside,
        _ => path,
    }
}

fn series_response(request: &SiteRequest, immutable: bool, bytes: Vec<u8>) -> SiteResponse {
    let tag = format!("W/\"{}\"", ContentHash::of(&bytes));
    let cache = if immutable {
        FOR_EVER
    } else {
        "public, max-age=0, s-maxage=2, must-revalidate"
    };
    let mut response = SiteResponse {
        status: 200,
        headers: vec![
            ("etag", tag.clone()),
            ("cache-control", cache.to_owned()),
            ("content-type", "application/json".to_owned()),
        ],
        body: bytes,
    };
    let known = request.if_none_match.as_deref();
    if known.is_some_and(|tags| names_tag(tags, &tag)) {
        response.status = 304;
        response.body.clear();
    } else if immutable {
        // Blocks are stored compressed, and every browser takes them so.
        response
            .headers
            .push(("content-encoding", "gzip".to_owned()));
    } else if accepts_coding(&request.accept_encoding, "gzip")
        && let Some(compressed) = gzip(&response.body, Compression::fast())
    {
        response
            .headers
            .push(("content-encoding", "gzip".to_owned()));
        response.body = compressed;
    }
    response
}

impl SiteResponse {
    /// An answer for people.
    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", "text/plain; charset=utf-8".to_owned()),
                ("cache-control", "no-store".to_owned()),
            ],
            body: text.as_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_the_same_by_the_path_of_writes_and_a_read_is_not() {
        let path = |method: &str, path: &str| {
            let request = SiteRequest {
                method: method.to_owned(),
                path: path.to_owned(),
                ..SiteRequest::default()
            };
            path_behind_writes(&request).to_owned()
        };
        assert_eq!(path("POST", "/write/api/v1/requests"), "/api/v1/requests");
        assert_eq!(path("POST", "/api/v1/requests"), "/api/v1/requests");
        assert_eq!(path("GET", "/write/api/v1/status"), "/write/api/v1/status");
        assert_eq!(path("POST", "/write/index.html"), "/write/index.html");
        assert_eq!(path("POST", "/writeapi/v1"), "/writeapi/v1");
    }

    #[test]
    fn a_collectors_body_may_be_large_and_others_may_not() {
        let collector = body_bytes_max("/api/v1/collector-ports/put-once");
        assert!(collector > body_bytes_max("/api/v1/requests"));
    }
}
