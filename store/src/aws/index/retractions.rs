//! Retractions: one item each, replaced only by who knows what is there.

use async_trait::async_trait;
use shared_types::retraction::Retraction;

use super::{DynamoIndex, keys};
use crate::{RetractionIndex, StoreError};

const WHAT: &str = "retraction";

#[async_trait]
impl RetractionIndex for DynamoIndex {
    async fn retractions(&self) -> Result<Vec<Retraction>, StoreError> {
        let partition = self.table.partition(keys::RETRACTIONS.to_owned());
        partition.documents(WHAT).await
    }
    async fn replace_retraction(
        &self,
        known: Option<&Retraction>,
        new: &Retraction,
    ) -> Result<bool, StoreError> {
        let key = keys::retraction(new.id);
        self.table.replace_known(WHAT, key, known, new).await
    }
}
