//! What GitHub's statuses and headers mean for whoever asked.

use std::time::Duration;

use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::github::GitHubError;

/// Where GitHub does not say for how long it wants to be left alone, it asks for a minute.
const SECONDARY_WAIT: Duration = Duration::from_secs(60);

/// An answer of GitHub, read whole.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// What an answer holds, if it is one of success.
pub(super) fn read<T: DeserializeOwned>(
    action: &str,
    answer: &Answer,
    now: Timestamp,
) -> Result<T, GitHubError> {
    if let Some(failure) = failure(action, answer, now) {
        return Err(failure);
    }
    // An answer without a body stands for nothing.
    let body = match answer.body.trim() {
        "" => "null",
        body => body,
    };
    serde_json::from_str(body).map_err(|error| GitHubError::Unreadable {
        action: action.to_owned(),
        reason: error.to_string(),
    })
}

/// What a status other than one of success means.
pub(super) fn failure(action: &str, answer: &Answer, now: Timestamp) -> Option<GitHubError> {
    let action = action.to_owned();
    let reason = message(&answer.body);
    let wait = wait(&answer.headers, now);
    Some(match answer.status {
        200..300 => return None,
        // Both limits come as either status. The primary one is spent when nothing remains; the
        // secondary one says for how long, or says so in words.
        403 | 429 if answer.status == 429 || wait.is_some() || reason.contains("rate limit") => {
            GitHubError::RateLimited {
                action,
                wait: wait.unwrap_or(SECONDARY_WAIT),
            }
        }
        401 => GitHubError::Unauthorised { action, reason },
        403 => GitHubError::Forbidden { action, reason },
        404 | 410 => GitHubError::NotFound { action },
        400..500 => GitHubError::Invalid { action, reason },
        status => GitHubError::Unavailable {
            action,
            reason: format!("status {status}: {reason}"),
        },
    })
}

/// For how long GitHub says that it wants to be left alone.
fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds.max(1).cast_unsigned()));
    }
    let reset = number("x-ratelimit-reset")?;
    (number("x-ratelimit-remaining")? == 0)
        .then(|| Duration::from_secs((reset - now.as_second()).max(1).cast_unsigned()))
}

/// What GitHub says is wrong.
fn message(body: &str) -> String {
    #[derive(Deserialize)]
    struct Message {
        message: String,
        #[serde(default)]
        errors: Vec<Value>,
    }
    let text = match serde_json::from_str::<Message>(body) {
        Ok(told) if told.errors.is_empty() => told.message,
        Ok(told) => {
            let errors: Vec<String> = told.errors.iter().map(Value::to_string).collect();
            format!("{}: {}", told.message, errors.join(", "))
        }
        Err(_) => body.lines().next().unwrap_or_default().to_owned(),
    };
    text.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| {
            let name: axum::http::HeaderName = name.parse().unwrap();
            (name, value.parse().unwrap())
        });
        Answer {
            status,
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }

    fn told(answer: &Answer) -> String {
        let now = Timestamp::from_second(1_000).unwrap();
        match failure("asking", answer, now) {
            None => "success".to_owned(),
            Some(error) => {
                let end = if error.is_permanent() {
                    "for good"
                } else {
                    "later"
                };
                format!("{error} [{end}, {} s]", error.pause(1).as_secs())
            }
        }
    }

    #[test]
    fn every_status_means_something_to_whoever_asked() {
        let spent = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1300"),
        ];
        let left = [
            ("x-ratelimit-remaining", "9"),
            ("x-ratelimit-reset", "1300"),
        ];
        let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        let invalid = r#"{"message":"Validation Failed","errors":[{"code":"invalid"}]}"#;
        let answers = [
            answer(201, &[], "{}"),
            answer(401, &[], r#"{"message":"Bad credentials"}"#),
            answer(
                403,
                &left,
                r#"{"message":"Resource not accessible by integration"}"#,
            ),
            answer(403, &spent, r#"{"message":"API rate limit exceeded"}"#),
            answer(429, &[("retry-after", "7")], secondary),
            answer(403, &[], secondary),
            answer(404, &[], r#"{"message":"Not Found"}"#),
            answer(410, &[], ""),
            answer(422, &[], invalid),
            answer(502, &[], "<html>\nbad gateway"),
        ];
        let told: Vec<String> = answers
            .iter()
            .map(|one| format!("{}: {}", one.status, told(one)))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
