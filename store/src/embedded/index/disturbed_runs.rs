//! Runs on disturbed hosts: one document each, replaced only by who knows what is there.

use rusqlite::{Connection, Params, params};
use shared_types::ConfigurationId;
use shared_types::disturbance::DisturbedRun;

use crate::embedded::database::Failure;
use crate::embedded::document::{execute, from_json, rows, to_json};

const WHAT: &str = "disturbed run";

pub(super) fn of_configuration(
    connection: &Connection,
    configuration: &ConfigurationId,
) -> Result<Vec<DisturbedRun>, Failure> {
    select(
        connection,
        "configuration = ?1 ORDER BY artifact, replicate",
        params![configuration.as_str()],
    )
}

pub(super) fn replace(
    connection: &Connection,
    known: Option<&DisturbedRun>,
    new: &DisturbedRun,
) -> Result<bool, Failure> {
    let artifact = new.run.artifact.to_string();
    let replicate = new.run.replicate.number();
    let stored = select(
        connection,
        "configuration = ?1 AND artifact = ?2 AND replicate = ?3",
        params![new.configuration.as_str(), artifact, replicate],
    )?;
    if stored.first() != known {
        return Ok(false);
    }
    execute(
        connection,
        "INSERT INTO disturbed_runs (configuration, artifact, replicate, json)
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET json = excluded.json",
        params![
            new.configuration.as_str(),
            artifact,
            replicate,
            to_json(WHAT, new)?
        ],
    )?;
    Ok(true)
}

fn select(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> Result<Vec<DisturbedRun>, Failure> {
    let sql = format!("SELECT artifact, json FROM disturbed_runs WHERE {condition}");
    let found: Vec<(String, String)> = rows(connection, &sql, parameters, |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    found
        .into_iter()
        .map(|(artifact, json)| from_json(WHAT, &artifact, &json))
        .collect()
}
