//! What is known of GitHub: one item for each pull request, replaced only by who knows what is there;
//! whose requests they are; and deliveries, each with its end.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared_types::pull_request::PullRequest;
use shared_types::{PullRequestId, RequestId};

use super::table::{Attempts, Row, Stored, Transaction};
use super::{DynamoIndex, keys};
use crate::{GitHubIndex, StoreError};

const WHAT: &str = "pull request";
const LINK: &str = "link to a pull request";
const DELIVERY: &str = "delivery";

#[derive(Debug, Serialize, Deserialize)]
struct StoredLink {
    pull_request: PullRequestId,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredDelivery {
    until: Timestamp,
}

#[async_trait]
impl GitHubIndex for DynamoIndex {
    async fn pull_request(&self, id: &PullRequestId) -> Result<Option<PullRequest>, StoreError> {
        let found: Option<Stored<PullRequest>> =
            self.table.find(WHAT, &keys::pull_request(id)).await?;
        Ok(found.map(|stored| stored.document))
    }
    async fn replace_pull_request(
        &self,
        known: Option<&PullRequest>,
        new: &PullRequest,
    ) -> Result<bool, StoreError> {
        let key = keys::pull_request(&new.id);
        self.table.replace_known(WHAT, key, known, new).await
    }
    async fn link_request(
        &self,
        request: RequestId,
        pull_request: &PullRequestId,
    ) -> Result<(), StoreError> {
        let mut attempts = Attempts::at("linking a request");
        loop {
            if self.pull_request_of(request).await?.is_some() {
                return Ok(());
            }
            let link = StoredLink {
                pull_request: pull_request.clone(),
            };
            let mut transaction = Transaction::default();
            transaction.replace(Row::new(LINK, keys::pull_request_of(request), &link)?, None);
            if attempts.commit(&self.table, transaction).await? {
                return Ok(());
            }
        }
    }
    async fn pull_request_of(
        &self,
        request: RequestId,
    ) -> Result<Option<PullRequestId>, StoreError> {
        let key = keys::pull_request_of(request);
        let found: Option<Stored<StoredLink>> = self.table.find(LINK, &key).await?;
        Ok(found.map(|stored| stored.document.pull_request))
    }
    async fn remember_delivery(
        &self,
        delivery: &str,
        _now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let row = Row::new(
            DELIVERY,
            keys::delivery(delivery),
            &StoredDelivery { until },
        )?;
        self.table.put_all(vec![row.expiring(until)]).await
    }
    async fn knows_delivery(&self, delivery: &str, now: Timestamp) -> Result<bool, StoreError> {
        let Some(item) = self.table.get(&keys::delivery(delivery)).await? else {
            return Ok(false);
        };
        // DynamoDB deletes late what has expired.
        let stored: Stored<StoredDelivery> = item.read(DELIVERY)?;
        Ok(stored.document.until > now)
    }
}
