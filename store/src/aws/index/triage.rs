//! What people decided, and what was announced: one item each, replaced only by who knows what is
//! there.

use async_trait::async_trait;
use shared_types::run::SidePair;
use shared_types::triage::{IsoWeek, TriageRecord, WeeklyPost};

use super::DynamoIndex;
use super::keys::{self, Order};
use super::table::{Row, Stored};
use crate::{StoreError, TriageIndex};

const RECORD: &str = "triage record";
const POST: &str = "weekly post";

#[async_trait]
impl TriageIndex for DynamoIndex {
    async fn triage_record(&self, sides: &SidePair) -> Result<Option<TriageRecord>, StoreError> {
        let key = keys::triage_record(sides);
        let found: Option<Stored<TriageRecord>> = self.table.find(RECORD, &key).await?;
        Ok(found.map(|stored| stored.document))
    }
    async fn triage_records(&self, limit: u32) -> Result<Vec<TriageRecord>, StoreError> {
        self.table
            .order(keys::TRIAGE)
            .descending()
            .limit(limit)
            .documents(RECORD)
            .await
    }
    async fn replace_triage_record(
        &self,
        known: Option<&TriageRecord>,
        new: &TriageRecord,
    ) -> Result<bool, StoreError> {
        let at = keys::time(new.changed_at);
        let order = Order::new(keys::TRIAGE, format!("{at}#{}", new.sides));
        let row = Row::new(RECORD, keys::triage_record(&new.sides), new)?.ordered(order);
        self.table.replace_known_row(RECORD, &row, known).await
    }
    async fn weekly_post(&self, week: IsoWeek) -> Result<Option<WeeklyPost>, StoreError> {
        let key = keys::weekly_post(week);
        let found: Option<Stored<WeeklyPost>> = self.table.find(POST, &key).await?;
        Ok(found.map(|stored| stored.document))
    }
    async fn replace_weekly_post(
        &self,
        known: Option<&WeeklyPost>,
        new: &WeeklyPost,
    ) -> Result<bool, StoreError> {
        let key = keys::weekly_post(new.week);
        self.table.replace_known(POST, key, known, new).await
    }
}
