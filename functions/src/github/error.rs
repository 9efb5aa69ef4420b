//! What can go wrong between GitHub and us, by what can be done about it.

use std::time::Duration;

use thiserror::Error;

/// How long is waited where GitHub does not say for how long.
const PAUSE: Duration = Duration::from_secs(60);

/// A failure of GitHub, or of a call of ours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GitHubError {
    /// It cannot be reached, takes too long, or fails itself (a status of 500 and above).
    #[error("{action}: GitHub does not answer as it should: {reason}; it is tried again later")]
    Unavailable {
        /// What was tried, to what.
        action: String,
        /// What the network or GitHub said.
        reason: String,
    },
    /// It was asked too often.
    #[error("{action}: GitHub wants to be asked less often; it is tried again after {} s", wait.as_secs())]
    RateLimited {
        /// What was tried, to what.
        action: String,
        /// How long it wants to be left alone.
        wait: Duration,
    },
    /// Another of us is writing the same comment.
    #[error("{action}: another function is at it; it is looked at again after {} s", wait.as_secs())]
    Busy {
        /// What was tried, to what.
        action: String,
        /// How long that may take.
        wait: Duration,
    },
    /// It does not know us.
    #[error(
        "{action}: GitHub does not accept our credentials: {reason}; check the App's id, \
         installation and private key, or the token"
    )]
    Unauthorised {
        /// What was tried, to what.
        action: String,
        /// What GitHub said.
        reason: String,
    },
    /// It knows us, and we may not.
    #[error(
        "{action}: GitHub forbids it: {reason}; give the App the rights that \
         `docs/deployment.md` lists"
    )]
    Forbidden {
        /// What was tried, to what.
        action: String,
        /// What GitHub said.
        reason: String,
    },
    /// There is no such thing, or it was deleted.
    #[error("{action}: GitHub has no such thing")]
    NotFound {
        /// What was tried, to what.
        action: String,
    },
    /// It understood what we asked for and refuses it.
    #[error("{action}: GitHub refuses it: {reason}")]
    Invalid {
        /// What was tried, to what.
        action: String,
        /// What GitHub said.
        reason: String,
    },
    /// Its answer is not what its documentation promises.
    #[error("{action}: GitHub's answer cannot be read: {reason}")]
    Unreadable {
        /// What was tried, to what.
        action: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl GitHubError {
    /// Whether asking for the same again cannot end otherwise. What an administrator can mend, such
    /// as a wrong key, is not: what waits goes on once it is mended.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Invalid { .. })
    }

    /// How long to wait before asking again; longer with each delivery of a message that failed.
    pub fn pause(&self, deliveries: u32) -> Duration {
        let doubled = PAUSE * 2u32.saturating_pow(deliveries.saturating_sub(1).min(4));
        match self {
            Self::RateLimited { wait, .. } => (*wait).clamp(Duration::from_secs(1), PAUSE * 60),
            Self::Busy { wait, .. } => *wait,
            _ => doubled,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn twenty_deliveries_outlast_an_hour_and_no_lease_is_longer_than_queues_allow(first in 1u32..3) {
            let error = GitHubError::Unavailable { action: String::new(), reason: String::new() };
            let waited: Duration = (first..=20).map(|delivery| error.pause(delivery)).sum();
            prop_assert!(waited > Duration::from_secs(2 * 60 * 60));
            for delivery in 0..200 {
                prop_assert!(error.pause(delivery) <= Duration::from_secs(12 * 60 * 60));
            }
        }

        #[test]
        fn what_github_asks_for_is_kept_within_an_hour(wait_s in 0u64..1_000_000) {
            let error = GitHubError::RateLimited {
                action: String::new(),
                wait: Duration::from_secs(wait_s),
            };
            prop_assert!((1..=3600).contains(&error.pause(1).as_secs()));
        }
    }
}
