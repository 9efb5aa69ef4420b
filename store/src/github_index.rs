//! The part of the index that is about GitHub: pull requests, whose requests they are, and which
//! deliveries of webhooks have come before.

use async_trait::async_trait;
use jiff::Timestamp;
use shared_types::pull_request::PullRequest;
use shared_types::{PullRequestId, RequestId};

use crate::StoreError;

/// What is known of GitHub.
#[async_trait]
pub trait GitHubIndex: Send + Sync {
    /// What is remembered of a pull request, once anything is.
    async fn pull_request(&self, id: &PullRequestId) -> Result<Option<PullRequest>, StoreError>;
    /// Writes what is remembered of a pull request in place of what was read of it, or of nothing.
    /// Returns whether it was still that.
    async fn replace_pull_request(
        &self,
        known: Option<&PullRequest>,
        new: &PullRequest,
    ) -> Result<bool, StoreError>;
    /// Notes which pull request a request was made for. Noting it again changes nothing, and a
    /// request is never moved to another.
    async fn link_request(
        &self,
        request: RequestId,
        pull_request: &PullRequestId,
    ) -> Result<(), StoreError>;
    /// The pull request that a request was made for, where it was made for one.
    async fn pull_request_of(
        &self,
        request: RequestId,
    ) -> Result<Option<PullRequestId>, StoreError>;
    /// Remembers a delivery of a webhook until a time, and forgets those whose time has come by
    /// `now`.
    async fn remember_delivery(
        &self,
        delivery: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError>;
    /// Whether a delivery is remembered at a time.
    async fn knows_delivery(&self, delivery: &str, now: Timestamp) -> Result<bool, StoreError>;
}
