//! What the coordinator keeps for itself; here the upkeep of configurations: one document each,
//! replaced only by who knows what is there.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use shared_types::ConfigurationId;
use shared_types::disturbance::DisturbedRun;
use shared_types::upkeep::Upkeep;

use super::{EmbeddedIndex, disturbed_runs, jobs};
use crate::embedded::database::Failure;
use crate::embedded::document::{execute, first_row, from_json, to_json};
use crate::{StoreError, UpkeepIndex};

const WHAT: &str = "upkeep";

#[async_trait]
impl UpkeepIndex for EmbeddedIndex {
    async fn measured_seconds(
        &self,
        configuration: &ConfigurationId,
        since: Timestamp,
    ) -> Result<f64, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("adding up durations", move |index| {
                jobs::measured_seconds(index, &configuration, since)
            })
            .await
    }
    async fn upkeep(&self, configuration: &ConfigurationId) -> Result<Option<Upkeep>, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("reading the upkeep", move |index| {
                find(index, &configuration)
            })
            .await
    }
    async fn replace_upkeep(
        &self,
        known: Option<&Upkeep>,
        new: &Upkeep,
    ) -> Result<bool, StoreError> {
        let (known, new) = (known.cloned(), new.clone());
        self.database
            .write("noting the upkeep", move |index| {
                replace(index, known.as_ref(), &new)
            })
            .await
    }
    async fn disturbed_runs(
        &self,
        configuration: &ConfigurationId,
    ) -> Result<Vec<DisturbedRun>, StoreError> {
        let configuration = configuration.clone();
        self.database
            .read("reading the disturbed runs", move |index| {
                disturbed_runs::of_configuration(index, &configuration)
            })
            .await
    }
    async fn replace_disturbed_run(
        &self,
        known: Option<&DisturbedRun>,
        new: &DisturbedRun,
    ) -> Result<bool, StoreError> {
        let (known, new) = (known.cloned(), new.clone());
        self.database
            .write("noting a disturbed run", move |index| {
                disturbed_runs::replace(index, known.as_ref(), &new)
            })
            .await
    }
}

fn find(
    connection: &Connection,
    configuration: &ConfigurationId,
) -> Result<Option<Upkeep>, Failure> {
    let json: Option<String> = first_row(
        connection,
        "SELECT json FROM upkeep WHERE configuration = ?1",
        params![configuration.as_str()],
        |row| row.get(0),
    )?;
    json.map(|json| from_json(WHAT, configuration.as_str(), &json))
        .transpose()
}

fn replace(connection: &Connection, known: Option<&Upkeep>, new: &Upkeep) -> Result<bool, Failure> {
    if find(connection, &new.configuration)?.as_ref() != known {
        return Ok(false);
    }
    execute(
        connection,
        "INSERT INTO upkeep (configuration, json) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET json = excluded.json",
        params![new.configuration.as_str(), to_json(WHAT, new)?],
    )?;
    Ok(true)
}
