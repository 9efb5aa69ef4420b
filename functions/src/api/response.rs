//! Answers: entity tags, caching, and compression.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use shared_types::api::Problem;
use shared_types::object_key::ContentHash;

use super::{ApiRequest, problem};

/// Bodies up to this length are not worth compressing, in bytes.
const PLAIN_BYTES_MAX: usize = 1024;

/// Browsers ask each time, which the entity tag makes cheap; a network in front answers the crowd.
const SHORT_CACHE: &str = "public, max-age=0, s-maxage=2, must-revalidate";

/// An answer, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiResponse {
    /// The status.
    pub status: u16,
    /// The headers, their names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body, compressed where the headers say so.
    pub body: Vec<u8>,
}

impl ApiResponse {
    pub(crate) fn problem(problem: &Problem) -> Self {
        let mut headers = vec![
            ("content-type", "application/problem+json".to_owned()),
            ("cache-control", "no-store".to_owned()),
        ];
        if problem.status == 401 {
            headers.push(("www-authenticate", "X-Perfleet-Token".to_owned()));
        }
        Self {
            status: problem.status,
            headers,
            body: serde_json::to_vec_pretty(problem).unwrap_or_default(),
        }
    }

    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What a route has to say when all went well.
#[derive(Debug)]
pub(super) struct Success {
    status: u16,
    location: Option<String>,
    content_type: &'static str,
    body: Vec<u8>,
    tag: ContentHash,
}

impl Success {
    /// `200` with a value.
    pub(super) fn json<T: Serialize>(value: &T) -> Result<Self, Problem> {
        Self::with_status(200, value)
    }

    /// `200` with a value, of which `essence` alone decides whether it is still the same.
    pub(super) fn json_tagged<T: Serialize>(value: &T, essence: &T) -> Result<Self, Problem> {
        let mut success = Self::json(value)?;
        success.tag = Self::json(essence)?.tag;
        Ok(success)
    }

    /// `201` with a value that is from now on to be found at `location`.
    pub(super) fn created<T: Serialize>(value: &T, location: String) -> Result<Self, Problem> {
        let mut success = Self::with_status(201, value)?;
        success.location = Some(location);
        Ok(success)
    }

    /// `200` with a JSON document that is text already.
    pub(super) fn document(text: &str) -> Self {
        Self::of_bytes(200, "application/json", text.as_bytes().to_vec())
    }

    /// An answer whose bytes are made.
    pub(super) fn of_bytes(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            location: None,
            content_type,
            tag: ContentHash::of(&body),
            body,
        }
    }

    fn with_status<T: Serialize>(status: u16, value: &T) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value)
            .map_err(|error| problem::bug(format!("the answer cannot be written: {error}")))?;
        Ok(Self::of_bytes(status, "application/json", body))
    }

    pub(super) fn into_response(self, request: &ApiRequest) -> ApiResponse {
        let mut headers = Vec::new();
        if let Some(location) = self.location {
            headers.push(("location", location));
        }
        if request.method == "POST" {
            headers.push(("content-type", self.content_type.to_owned()));
            headers.push(("cache-control", "no-store".to_owned()));
            return ApiResponse {
                status: self.status,
                headers,
                body: self.body,
            };
        }
        // Weak, since the same tag stands for the compressed and for the plain body.
        let tag = format!("W/\"{}\"", self.tag);
        let known = request
            .if_none_match
            .as_deref()
            .is_some_and(|tags| names_tag(tags, &tag));
        headers.push(("etag", tag));
        headers.push(("cache-control", SHORT_CACHE.to_owned()));
        headers.push(("vary", "accept-encoding".to_owned()));
        if known {
            return ApiResponse {
                status: 304,
                headers,
                body: Vec::new(),
            };
        }
        headers.push(("content-type", self.content_type.to_owned()));
        let mut body = self.body;
        if request.accepts_gzip
            && body.len() > PLAIN_BYTES_MAX
            && let Some(compressed) = gzip(&body, Compression::fast())
        {
            headers.push(("content-encoding", "gzip".to_owned()));
            body = compressed;
        }
        ApiResponse {
            status: self.status,
            headers,
            body,
        }
    }
}

/// Whether the header `If-None-Match` names an entity tag. Strength does not matter here (RFC 9110,
/// section 13.1.2).
pub(crate) fn names_tag(header: &str, tag: &str) -> bool {
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    header
        .split(',')
        .any(|named| named.trim() == "*" || opaque(named) == opaque(tag))
}

/// `bytes` compressed, or `None` where that failed. An answer that is made for one reader is
/// compressed fast, a file that is kept for many is compressed well.
pub(crate) fn gzip(bytes: &[u8], effort: Compression) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), effort);
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}
