//! Whose turn it is under each configuration: one item each, replaced only by who knows what is there.

use async_trait::async_trait;
use shared_types::ConfigurationId;
use shared_types::scheduling::Scheduling;

use super::table::Stored;
use super::{DynamoIndex, keys};
use crate::{SchedulingIndex, StoreError};

const WHAT: &str = "scheduling";

#[async_trait]
impl SchedulingIndex for DynamoIndex {
    async fn scheduling(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Option<Scheduling>, StoreError> {
        let key = keys::scheduling(configuration);
        let found: Option<Stored<Scheduling>> = self.table.find(WHAT, &key).await?;
        Ok(found.map(|stored| stored.document))
    }
    async fn replace_scheduling(
        &self,
        known: Option<&Scheduling>,
        new: &Scheduling,
    ) -> Result<bool, StoreError> {
        let key = keys::scheduling(&new.configuration);
        self.table.replace_known(WHAT, key, known, new).await
    }
}
