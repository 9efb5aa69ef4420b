//! The port to the one that is followed. It is read, and never written to.

use async_trait::async_trait;
use jiff::Timestamp;
use shared_types::request::NewRequest;
use shared_types::shadow::VerdictInBrief;
use shared_types::{Artifact, ArtifactId, ConfigurationId, MetricName};

use crate::{Context, FunctionsError};

/// A request of the one that is followed.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedRequest {
    /// The name that it has there. One request has one name for ever.
    pub name: String,
    /// When it was made.
    pub at: Timestamp,
    /// What was asked for, with the configurations there.
    pub wanted: NewRequest,
    /// Whether nobody wants it any more.
    pub is_cancelled: bool,
}

/// The one that is followed.
#[async_trait]
pub trait Followed: Send + Sync {
    /// Its requests since a time, in any order, each once or more.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn requests(
        &self,
        context: &Context,
        since: Timestamp,
    ) -> Result<Vec<FollowedRequest>, FunctionsError>;

    /// What it knows of an artifact.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn artifact(
        &self,
        context: &Context,
        id: &ArtifactId,
    ) -> Result<Option<Artifact>, FunctionsError>;

    /// Its verdict on a request under one of its configurations, in the least noisy metric that is
    /// among `metrics`, or, where these are none, of its own. `None` where it has none yet.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn verdict(
        &self,
        context: &Context,
        request: &FollowedRequest,
        configuration: &ConfigurationId,
        metrics: &[MetricName],
    ) -> Result<Option<(MetricName, VerdictInBrief)>, FunctionsError>;
}
