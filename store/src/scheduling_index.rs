//! The part of the index by which the coordinator hands out jobs in turns.

use async_trait::async_trait;
use shared_types::ConfigurationId;
use shared_types::scheduling::Scheduling;

use crate::StoreError;

/// Whose turn it is under each configuration, and which are paused.
#[async_trait]
pub trait SchedulingIndex: Send + Sync {
    /// The scheduling of a configuration, once it has any.
    async fn scheduling(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Option<Scheduling>, StoreError>;
    /// Writes the scheduling of a configuration in place of what was read of it, or of nothing.
    /// Returns whether it was still that.
    async fn replace_scheduling(
        &self,
        known: Option<&Scheduling>,
        new: &Scheduling,
    ) -> Result<bool, StoreError>;
}
