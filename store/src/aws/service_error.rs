//! What AWS says when a call fails, as an error of ours.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use jiff::Timestamp;

use super::advice::{self, FailedCall};
use crate::StoreError;

/// A call that failed for no reason that its caller could have done anything about. The SDK has
/// tried again already, as long as that could help.
pub(super) fn unavailable<E>(
    action: impl Into<String>,
    error: &SdkError<E, HttpResponse>,
) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let said = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("AWS says {code}: {message}"),
        (Some(code), None) => format!("AWS says {code}"),
        (None, _) => DisplayErrorContext(error).to_string(),
    };
    let call = FailedCall {
        code: error.code(),
        text: &said,
        at_by_aws: error.raw_response().and_then(date),
        at: Timestamp::now(),
    };
    let caller = advice::caller(|name| std::env::var(name).ok());
    let reason = match advice::advice(&call, &caller) {
        Some(advice) => format!("{said}. {advice}"),
        None => said,
    };
    StoreError::Unavailable {
        action: action.into(),
        reason,
    }
}

/// When AWS answered, by its own clock.
fn date(response: &HttpResponse) -> Option<Timestamp> {
    let text = response.headers().get("date")?;
    let at = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(at.timestamp())
}
