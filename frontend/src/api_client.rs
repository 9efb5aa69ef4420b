//! The addresses of the API and of stored objects, and how an answer or an error is read.

use std::fmt;

use leptos::prelude::window;
use shared_types::api::Problem;
use shared_types::comparison::Comparison;
use shared_types::ids::Attempt;
use shared_types::object_key::ContentHash;
use shared_types::{ArtifactId, ConfigurationId, JobId, MetricName, ObjectKey, RequestId};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::json;

/// Why there is no answer, in words for the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// The server answered, and says why not.
    Refused(Problem),
    /// The server did not answer.
    Unreachable(String),
    /// The answer could not be understood.
    Unreadable {
        /// What was asked for.
        path: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

impl ApiError {
    /// What happened, in a few words.
    pub(crate) fn title(&self) -> String {
        match self {
            // What a status is called says nothing to a reader.
            Self::Refused(problem) => match problem.title.as_str() {
                "Bad Request" | "Unprocessable Entity" => "This cannot be answered".to_owned(),
                "Not Found" => "Not found".to_owned(),
                title => title.to_owned(),
            },
            Self::Unreachable(_) => "The server does not answer".to_owned(),
            Self::Unreadable { .. } => "The answer could not be read".to_owned(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(problem) => formatter.write_str(&problem.detail),
            Self::Unreachable(reason) => write!(
                formatter,
                "{reason}. Check that `perfleet serve` is running; this page tries again by itself."
            ),
            Self::Unreadable { path, reason } => write!(
                formatter,
                "{path}: {reason}. The server may be of another version: reload the page."
            ),
        }
    }
}

/// Asks for a text.
pub(crate) async fn text(path: &str) -> Result<String, ApiError> {
    let answered = JsFuture::from(window().fetch_with_str(path)).await;
    let response: Response = answered
        .map_err(|error| unreachable(&error))?
        .unchecked_into();
    let text = match response.text() {
        Ok(text) => JsFuture::from(text).await,
        Err(error) => Err(error),
    };
    let text = text.map_err(|error| unreachable(&error))?;
    let text = text.as_string().unwrap_or_default();
    if response.ok() {
        Ok(text)
    } else {
        Err(ApiError::Refused(problem(response.status(), &text)))
    }
}

/// The server did not answer, as the browser tells it.
fn unreachable(error: &JsValue) -> ApiError {
    let words = error.dyn_ref::<js_sys::Error>().map(js_sys::Error::message);
    ApiError::Unreachable(words.map_or_else(String::new, String::from))
}

/// The answer to `path` could not be read.
pub(crate) fn unreadable(path: &str, error: &json::Unreadable) -> ApiError {
    ApiError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// The problem that an answer describes, or one made from its status where something between
/// here and the server answered.
pub(crate) fn problem(status: u16, text: &str) -> Problem {
    json::from_str(text).unwrap_or_else(|_| Problem {
        kind: "about:blank".to_owned(),
        title: "The server could not answer".to_owned(),
        status,
        detail: format!("it answered with status {status}: try again in a moment"),
    })
}

/// Every configuration at a glance.
pub(crate) const CONFIGURATIONS: &str = "/api/v1/configurations?limit=500";

/// What goes on.
pub(crate) const STATUS: &str = "/api/v1/status";

/// What can be asked for in comments, and by which rules is judged.
pub(crate) const HELP: &str = "/api/v1/help";

/// All releases, page by page.
pub(crate) const RELEASES: &str = "/api/v1/artifacts?prefix=release-&limit=500";

/// One request.
pub(crate) fn request(id: RequestId) -> String {
    format!("/api/v1/requests/{id}")
}

/// Artifacts whose name begins with `prefix`.
pub(crate) fn artifacts(prefix: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("prefix", prefix)
        .append_pair("limit", "50")
        .finish();
    format!("/api/v1/artifacts?{query}")
}

/// One artifact with its runs. `id` may be what somebody typed.
pub(crate) fn artifact(id: &str) -> String {
    format!("/api/v1/artifacts/{}", path_part(id))
}

/// Of the last requests, those that name an artifact.
pub(crate) fn requests_of(artifact: &ArtifactId) -> String {
    let artifact = artifact.to_string();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("artifact", &artifact)
        .append_pair("limit", "200")
        .finish();
    format!("/api/v1/requests?{query}")
}

/// A comparison. The sides may be what somebody typed.
pub(crate) fn comparison(
    base: &str,
    head: &str,
    configuration: &ConfigurationId,
    metric: Option<&MetricName>,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("configuration", configuration.as_str());
    if let Some(metric) = metric {
        query.append_pair("metric", metric.as_str());
    }
    format!(
        "/api/v1/comparisons/{}..{}?{}",
        path_part(base),
        path_part(head),
        query.finish()
    )
}

/// Why a comparison says what it says, or how one of its test cases was computed.
pub(crate) fn why(comparison: &Comparison, test_case: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("configuration", comparison.configuration.as_str());
    query.append_pair("metric", comparison.metric.as_str());
    query.append_pair("method", &comparison.method);
    if let Some(test_case) = test_case {
        query.append_pair("test_case", test_case);
    }
    format!(
        "/api/v1/comparisons/{}..{}/why?{}",
        path_part(&comparison.base.to_string()),
        path_part(&comparison.head.to_string()),
        query.finish()
    )
}

/// One test case of a comparison in every respect.
pub(crate) fn test_case_detail(comparison: &Comparison, test_case: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("configuration", comparison.configuration.as_str())
        .append_pair("test_case", test_case)
        .finish();
    format!(
        "/api/v1/comparisons/{}..{}/test-case?{query}",
        path_part(&comparison.base.to_string()),
        path_part(&comparison.head.to_string()),
    )
}

/// What a collector noted during an attempt at a job, as plain text.
pub(crate) fn job_log(id: JobId, attempt: Attempt) -> String {
    format!("/api/v1/jobs/{id}/log?attempt={attempt}")
}

/// What blocks a configuration has.
pub(crate) fn manifest(configuration: &ConfigurationId) -> String {
    format!("/api/v1/series?configuration={configuration}")
}

/// What happened to the series of a configuration, in one metric.
pub(crate) fn events(configuration: &ConfigurationId, metric: &MetricName) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("configuration", configuration.as_str())
        .append_pair("metric", metric.as_str())
        .append_pair("limit", "500")
        .finish();
    format!("/api/v1/events?{query}")
}

/// The runs of a configuration, the last measured first.
pub(crate) fn runs(configuration: &ConfigurationId) -> String {
    format!("/api/v1/runs?configuration={configuration}&limit=20")
}

/// An immutable block, straight from where objects are.
pub(crate) fn block(configuration: &ConfigurationId, content_hash: &ContentHash) -> String {
    let key = ObjectKey::SeriesBlock {
        configuration: configuration.clone(),
        content_hash: content_hash.clone(),
    };
    format!("/{key}")
}

/// A text as one part of a path.
fn path_part(text: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replicate_and_whatever_was_typed_stay_one_part_of_the_path() {
        let configuration = "c1".parse().unwrap();
        let metric = "instructions:u".parse().unwrap();
        assert_eq!(
            comparison("release-1.95.0#1", "a/b ?", &configuration, Some(&metric)),
            "/api/v1/comparisons/release-1.95.0%231..a%2Fb%20%3F?configuration=c1&metric=instructions%3Au"
        );
    }

    #[test]
    fn a_block_has_the_name_of_its_object() {
        let hash = ContentHash::of(b"block");
        assert_eq!(
            block(&"c1".parse().unwrap(), &hash),
            format!("/series/v1/c1/{hash}")
        );
    }

    #[test]
    fn an_answer_of_something_else_than_the_server_is_a_problem_in_words() {
        let made = problem(502, "<html>Bad Gateway</html>");
        assert!(made.detail.contains("status 502"));
        let told = problem(
            422,
            r#"{"type":"about:blank","title":"No","status":422,"detail":"why"}"#,
        );
        assert_eq!(told.detail, "why");
    }
}
