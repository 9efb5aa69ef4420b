//! Where announcements go: to the people who have to know, wherever they talk.

pub mod zulip;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

/// Posts announcements.
#[async_trait]
pub trait Announcements: Send + Sync {
    /// How many characters a text may have.
    fn characters_max(&self) -> usize;
    /// How somebody is called there, so that they notice.
    fn mention(&self, owner: &str) -> String;
    /// Posts a text, as Markdown.
    ///
    /// # Errors
    /// Says whether it may have been posted nevertheless.
    async fn post(&self, text: &str) -> Result<(), AnnouncementError>;
}

/// The place that settings name, where there are any.
pub fn by(zulip: Option<zulip::ZulipSettings>) -> Option<Arc<dyn Announcements>> {
    let zulip = zulip::Zulip::new(zulip?);
    Some(Arc::new(zulip))
}

/// Why a post was not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnnouncementError {
    /// It was refused, and will be until somebody changes something.
    #[error("{0}")]
    Refused(String),
    /// Too much was posted lately.
    #[error("too much was posted lately; the next may be posted in {} s", after.as_secs())]
    Busy {
        /// How long to wait.
        after: Duration,
    },
    /// Nobody answered, and nothing was posted.
    #[error("{0}")]
    NotPosted(String),
    /// It is not known whether it was posted.
    #[error("{0}")]
    MaybePosted(String),
}
