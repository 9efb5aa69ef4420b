//! The part of the index that people write: what they decided about changes for the worse, and what
//! was announced of it.

use async_trait::async_trait;
use shared_types::run::SidePair;
use shared_types::triage::{IsoWeek, TriageRecord, WeeklyPost};

use crate::StoreError;

/// What people decided, and what was announced.
#[async_trait]
pub trait TriageIndex: Send + Sync {
    /// What was decided about a pair of sides, once anything was.
    async fn triage_record(&self, sides: &SidePair) -> Result<Option<TriageRecord>, StoreError>;
    /// The records that were changed last, the last first.
    async fn triage_records(&self, limit: u32) -> Result<Vec<TriageRecord>, StoreError>;
    /// Writes a record in place of what was read of it, or of nothing. Returns whether it was still
    /// that.
    async fn replace_triage_record(
        &self,
        known: Option<&TriageRecord>,
        new: &TriageRecord,
    ) -> Result<bool, StoreError>;
    /// How far the post of a week's report has come, once somebody began.
    async fn weekly_post(&self, week: IsoWeek) -> Result<Option<WeeklyPost>, StoreError>;
    /// Writes how far a post has come in place of what was read of it, or of nothing. Returns whether
    /// it was still that.
    async fn replace_weekly_post(
        &self,
        known: Option<&WeeklyPost>,
        new: &WeeklyPost,
    ) -> Result<bool, StoreError>;
}
