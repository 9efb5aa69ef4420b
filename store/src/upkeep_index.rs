//! The part of the index that the coordinator keeps for itself: what it measures of its own accord,
//! and which runs are set aside.

use async_trait::async_trait;
use jiff::Timestamp;
use shared_types::ConfigurationId;
use shared_types::disturbance::DisturbedRun;
use shared_types::upkeep::Upkeep;

use crate::StoreError;

/// What the coordinator keeps for itself.
#[async_trait]
pub trait UpkeepIndex: Send + Sync {
    /// How long collectors measured for a configuration since a time: the jobs that were done since,
    /// each from its start to its end, in seconds.
    async fn measured_seconds(
        &self,
        configuration: &ConfigurationId,
        since: Timestamp,
    ) -> Result<f64, StoreError>;
    /// The upkeep of a configuration, once it has any.
    async fn upkeep(&self, configuration: &ConfigurationId) -> Result<Option<Upkeep>, StoreError>;
    /// Writes the upkeep of a configuration in place of what was read of it, or of nothing. Returns
    /// whether it was still that.
    async fn replace_upkeep(
        &self,
        known: Option<&Upkeep>,
        new: &Upkeep,
    ) -> Result<bool, StoreError>;
    /// The replicates of a configuration's runs that were measured on a disturbed host, by artifact
    /// and replicate. There are few.
    async fn disturbed_runs(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Vec<DisturbedRun>, StoreError>;
    /// Writes what is known of a disturbed run in place of what was read of it, or of nothing.
    /// Returns whether it was still that.
    async fn replace_disturbed_run(
        &self,
        known: Option<&DisturbedRun>,
        new: &DisturbedRun,
    ) -> Result<bool, StoreError>;
}
