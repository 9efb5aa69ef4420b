//! What Zulip's answer means for what was to be posted: a pure function.

use std::time::Duration;

use serde::Deserialize;

use super::{AnnouncementError, ZulipSettings};

/// How long is waited for where Zulip does not say.
const RETRY_AFTER_DEFAULT: Duration = Duration::from_secs(60);
/// The longest that is believed.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60 * 60);
/// How much of an unexpected answer is told, in characters.
const TOLD_MAX: usize = 200;

/// An answer, as it came.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) body: Vec<u8>,
}

#[derive(Deserialize)]
struct Document {
    result: String,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    code: String,
    #[serde(default, rename = "retry-after")]
    retry_after_s: Option<f64>,
}

impl Reply {
    /// Whether it was posted, and if not, why and what to do.
    pub(super) fn understood(&self, settings: &ZulipSettings) -> Result<(), AnnouncementError> {
        let document: Option<Document> = serde_json::from_slice(&self.body).ok();
        let said = document.as_ref().map_or_else(
            || String::from_utf8_lossy(&self.body).into_owned(),
            |document| document.msg.clone(),
        );
        let said: String = said.chars().take(TOLD_MAX).collect();
        let is_success = document
            .as_ref()
            .is_some_and(|document| document.result == "success");
        match self.status {
            200..=299 if is_success => Ok(()),
            200..=299 => Err(AnnouncementError::Refused(format!(
                "{} answered, but not as Zulip does (`{said}`): is {} the address of the \
                 organisation?",
                settings.site,
                super::SITE_VARIABLE
            ))),
            401 | 403 => Err(AnnouncementError::Refused(format!(
                "Zulip does not accept the key of {} (`{said}`): take a new one from the bot's \
                 settings",
                settings.bot_email
            ))),
            429 => Err(AnnouncementError::Busy {
                after: self.wait(document.as_ref()),
            }),
            400..=499 => Err(AnnouncementError::Refused(refusal(
                settings,
                &said,
                document.as_ref().map_or("", |document| &document.code),
            ))),
            300..=399 => Err(AnnouncementError::Refused(format!(
                "{} sends us elsewhere (status {}), and the key goes nowhere else: set {} to the \
                 address that the organisation really has",
                settings.site,
                self.status,
                super::SITE_VARIABLE
            ))),
            status => Err(AnnouncementError::MaybePosted(format!(
                "Zulip answered with the status {status} (`{said}`)"
            ))),
        }
    }

    fn wait(&self, document: Option<&Document>) -> Duration {
        let header = self.retry_after.as_deref().map(str::parse::<f64>);
        let seconds = header
            .and_then(Result::ok)
            .or_else(|| document.and_then(|document| document.retry_after_s));
        seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .unwrap_or(RETRY_AFTER_DEFAULT)
            .min(RETRY_AFTER_MAX)
    }
}

fn refusal(settings: &ZulipSettings, said: &str, code: &str) -> String {
    if code == "STREAM_DOES_NOT_EXIST" {
        return format!(
            "Zulip has no channel `{}` that {} may post to: make it, or subscribe the bot, or set \
             {}",
            settings.channel,
            settings.bot_email,
            super::CHANNEL_VARIABLE
        );
    }
    format!("Zulip refused the message (`{said}`)")
}

/// What it means that no answer came.
pub(super) fn of_failure(error: &ureq::Error) -> AnnouncementError {
    let reason = format!("asking Zulip failed: {error}");
    match error {
        ureq::Error::ConnectionFailed
        | ureq::Error::HostNotFound
        | ureq::Error::BadUri(_)
        | ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => {
            AnnouncementError::NotPosted(reason)
        }
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            AnnouncementError::NotPosted(reason)
        }
        _ => AnnouncementError::MaybePosted(reason),
    }
}

#[cfg(test)]
mod tests;
