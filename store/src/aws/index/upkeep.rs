//! What the coordinator keeps for itself; here the upkeep of configurations: one item each, replaced
//! only by who knows what is there.

use async_trait::async_trait;
use jiff::Timestamp;
use shared_types::ConfigurationId;
use shared_types::disturbance::DisturbedRun;
use shared_types::upkeep::Upkeep;

use super::table::{Stored, Table};
use super::{DynamoIndex, disturbed_runs, keys, tally};
use crate::{StoreError, UpkeepIndex};

const WHAT: &str = "upkeep";

#[async_trait]
impl UpkeepIndex for DynamoIndex {
    async fn measured_seconds(
        &self,
        configuration: &ConfigurationId,
        since: Timestamp,
    ) -> Result<f64, StoreError> {
        tally::measured_seconds(&self.table, configuration, since).await
    }
    async fn upkeep(&self, configuration: &ConfigurationId) -> Result<Option<Upkeep>, StoreError> {
        find(&self.table, configuration).await
    }
    async fn replace_upkeep(
        &self,
        known: Option<&Upkeep>,
        new: &Upkeep,
    ) -> Result<bool, StoreError> {
        replace(&self.table, known, new).await
    }
    async fn disturbed_runs(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Vec<DisturbedRun>, StoreError> {
        disturbed_runs::of_configuration(&self.table, configuration).await
    }
    async fn replace_disturbed_run(
        &self,
        known: Option<&DisturbedRun>,
        new: &DisturbedRun,
    ) -> Result<bool, StoreError> {
        disturbed_runs::replace(&self.table, known, new).await
    }
}

async fn find(
    table: &Table,
    configuration: &ConfigurationId,
) -> Result<Option<Upkeep>, StoreError> {
    let found: Option<Stored<Upkeep>> = table.find(WHAT, &keys::upkeep(configuration)).await?;
    Ok(found.map(|stored| stored.document))
}

async fn replace(table: &Table, known: Option<&Upkeep>, new: &Upkeep) -> Result<bool, StoreError> {
    let key = keys::upkeep(&new.configuration);
    table.replace_known(WHAT, key, known, new).await
}
