//! Whose turn it is under each configuration: one document each, replaced only by who knows what is
//! there.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use shared_types::ConfigurationId;
use shared_types::scheduling::Scheduling;

use super::EmbeddedIndex;
use crate::embedded::database::Failure;
use crate::embedded::document::{execute, first_row, from_json, to_json};
use crate::{SchedulingIndex, StoreError};

const WHAT: &str = "scheduling";

#[async_trait]
impl SchedulingIndex for EmbeddedIndex {
    async fn scheduling(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Option<Scheduling>, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("reading whose turn it is", move |index| {
                find(index, &configuration)
            })
            .await
    }
    async fn replace_scheduling(
        &self,
        known: Option<&Scheduling>,
        new: &Scheduling,
    ) -> Result<bool, StoreError> {
        let (known, new) = (known.cloned(), new.clone());
        self.database
            .write("noting whose turn it is", move |index| {
                replace(index, known.as_ref(), &new)
            })
            .await
    }
}

fn find(
    connection: &Connection,
    configuration: &ConfigurationId,
) -> Result<Option<Scheduling>, Failure> {
    let json: Option<String> = first_row(
        connection,
        "SELECT json FROM scheduling WHERE configuration = ?1",
        params![configuration.as_str()],
        |row| row.get(0),
    )?;
    json.map(|json| from_json(WHAT, configuration.as_str(), &json))
        .transpose()
}

fn replace(
    connection: &Connection,
    known: Option<&Scheduling>,
    new: &Scheduling,
) -> Result<bool, Failure> {
    if find(connection, &new.configuration)?.as_ref() != known {
        return Ok(false);
    }
    execute(
        connection,
        "INSERT INTO scheduling (configuration, json) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET json = excluded.json",
        params![new.configuration.as_str(), to_json(WHAT, new)?],
    )?;
    Ok(true)
}
