//! Retractions: one document each, replaced only by who knows what is there.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use shared_types::RetractionId;
use shared_types::retraction::Retraction;

use super::EmbeddedIndex;
use crate::embedded::database::Failure;
use crate::embedded::document::{execute, first_row, from_json, rows, to_json};
use crate::{RetractionIndex, StoreError};

const WHAT: &str = "retraction";

#[async_trait]
impl RetractionIndex for EmbeddedIndex {
    async fn retractions(&self) -> Result<Vec<Retraction>, StoreError> {
        self.database
            .read("listing retractions", move |index| all(index))
            .await
    }
    async fn replace_retraction(
        &self,
        known: Option<&Retraction>,
        new: &Retraction,
    ) -> Result<bool, StoreError> {
        let (known, new) = (known.cloned(), new.clone());
        self.database
            .write("noting a retraction", move |index| {
                replace(index, known.as_ref(), &new)
            })
            .await
    }
}

fn all(connection: &Connection) -> Result<Vec<Retraction>, Failure> {
    let found: Vec<(String, String)> = rows(
        connection,
        "SELECT id, json FROM retractions ORDER BY id",
        params![],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    found
        .iter()
        .map(|(id, json)| from_json(WHAT, id, json))
        .collect()
}

fn find(connection: &Connection, id: RetractionId) -> Result<Option<Retraction>, Failure> {
    let id = id.to_string();
    let json: Option<String> = first_row(
        connection,
        "SELECT json FROM retractions WHERE id = ?1",
        params![id],
        |row| row.get(0),
    )?;
    json.map(|json| from_json(WHAT, &id, &json)).transpose()
}

fn replace(
    connection: &Connection,
    known: Option<&Retraction>,
    new: &Retraction,
) -> Result<bool, Failure> {
    if find(connection, new.id)?.as_ref() != known {
        return Ok(false);
    }
    execute(
        connection,
        "INSERT INTO retractions (id, json) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET json = excluded.json",
        params![new.id.to_string(), to_json(WHAT, new)?],
    )?;
    Ok(true)
}
