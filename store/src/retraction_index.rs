//! The part of the index that remembers which results were taken back.

use async_trait::async_trait;
use shared_types::retraction::Retraction;

use crate::StoreError;

/// Retractions of results.
#[async_trait]
pub trait RetractionIndex: Send + Sync {
    /// All retractions, the oldest first. There are few.
    async fn retractions(&self) -> Result<Vec<Retraction>, StoreError>;
    /// Writes a retraction in place of what was read of it, or of nothing. Returns whether it was
    /// still that.
    async fn replace_retraction(
        &self,
        known: Option<&Retraction>,
        new: &Retraction,
    ) -> Result<bool, StoreError>;
}
