//! What is known of GitHub: one document for each pull request, replaced only by who knows what is
//! there; whose requests they are; and deliveries, each with its end.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use shared_types::pull_request::PullRequest;
use shared_types::{PullRequestId, RequestId};

use super::EmbeddedIndex;
use crate::embedded::database::Failure;
use crate::embedded::document::{
    execute, first_row, from_json, from_word, to_json, to_nanoseconds,
};
use crate::{GitHubIndex, StoreError};

const WHAT: &str = "pull request";

#[async_trait]
impl GitHubIndex for EmbeddedIndex {
    async fn pull_request(&self, id: &PullRequestId) -> Result<Option<PullRequest>, StoreError> {
        let id = id.clone();
        self.database
            .read("reading a pull request", move |index| find(index, &id))
            .await
    }
    async fn replace_pull_request(
        &self,
        known: Option<&PullRequest>,
        new: &PullRequest,
    ) -> Result<bool, StoreError> {
        let (known, new) = (known.cloned(), new.clone());
        self.database
            .write("noting a pull request", move |index| {
                replace(index, known.as_ref(), &new)
            })
            .await
    }
    async fn link_request(
        &self,
        request: RequestId,
        pull_request: &PullRequestId,
    ) -> Result<(), StoreError> {
        let pull_request = pull_request.to_string();
        self.database
            .write("linking a request", move |index| {
                execute(
                    index,
                    "INSERT INTO pull_request_of (request, pull_request) VALUES (?1, ?2)
                     ON CONFLICT DO NOTHING",
                    params![request.to_string(), pull_request],
                )?;
                Ok(())
            })
            .await
    }
    async fn pull_request_of(
        &self,
        request: RequestId,
    ) -> Result<Option<PullRequestId>, StoreError> {
        self.database
            .read("finding the pull request of a request", move |index| {
                let id: Option<String> = first_row(
                    index,
                    "SELECT pull_request FROM pull_request_of WHERE request = ?1",
                    params![request.to_string()],
                    |row| row.get(0),
                )?;
                id.map(|id| from_word(WHAT, &id, &id)).transpose()
            })
            .await
    }
    async fn remember_delivery(
        &self,
        delivery: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let delivery = delivery.to_owned();
        self.database
            .write("remembering a delivery", move |index| {
                execute(
                    index,
                    "DELETE FROM deliveries WHERE until <= ?1",
                    params![to_nanoseconds(now)],
                )?;
                execute(
                    index,
                    "INSERT INTO deliveries (id, until) VALUES (?1, ?2)
                     ON CONFLICT DO UPDATE SET until = max(until, excluded.until)",
                    params![delivery, to_nanoseconds(until)],
                )?;
                Ok(())
            })
            .await
    }
    async fn knows_delivery(&self, delivery: &str, now: Timestamp) -> Result<bool, StoreError> {
        let delivery = delivery.to_owned();
        self.database
            .read("looking for a delivery", move |index| {
                let until: Option<i64> = first_row(
                    index,
                    "SELECT until FROM deliveries WHERE id = ?1 AND until > ?2",
                    params![delivery, to_nanoseconds(now)],
                    |row| row.get(0),
                )?;
                Ok(until.is_some())
            })
            .await
    }
}

fn find(connection: &Connection, id: &PullRequestId) -> Result<Option<PullRequest>, Failure> {
    let id = id.to_string();
    let json: Option<String> = first_row(
        connection,
        "SELECT json FROM pull_requests WHERE id = ?1",
        params![id],
        |row| row.get(0),
    )?;
    json.map(|json| from_json(WHAT, &id, &json)).transpose()
}

fn replace(
    connection: &Connection,
    known: Option<&PullRequest>,
    new: &PullRequest,
) -> Result<bool, Failure> {
    if find(connection, &new.id)?.as_ref() != known {
        return Ok(false);
    }
    execute(
        connection,
        "INSERT INTO pull_requests (id, json) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET json = excluded.json",
        params![new.id.to_string(), to_json(WHAT, new)?],
    )?;
    Ok(true)
}
