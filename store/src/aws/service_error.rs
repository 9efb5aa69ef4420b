//! What AWS says when a call fails, as an error of ours.

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use crate::StoreError;

/// A call that failed for no reason that its caller could have done anything about. The SDK has
/// tried again already, as long as that could help.
pub(super) fn unavailable<E, R>(action: impl Into<String>, error: &SdkError<E, R>) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    let reason = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("AWS says {code}: {message}"),
        (Some(code), None) => format!("AWS says {code}"),
        (None, _) => DisplayErrorContext(error).to_string(),
    };
    StoreError::Unavailable {
        action: action.into(),
        reason,
    }
}
