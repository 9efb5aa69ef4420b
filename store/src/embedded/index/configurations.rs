//! Configurations: another record is another configuration.

use rusqlite::{Connection, Row, params};
use shared_types::{Configuration, ConfigurationId, Tier};

use crate::StoreError;
use crate::embedded::database::Failure;
use crate::embedded::document::{execute, first_row, from_json, from_word, rows, to_json};

const WHAT: &str = "configuration";

pub(super) fn register(connection: &Connection, new: &Configuration) -> Result<(), Failure> {
    match find(connection, &new.id)? {
        Some(known) if known.record != new.record => {
            return Err(Failure::Store(StoreError::Conflict {
                what: WHAT,
                id: new.id.to_string(),
                reason: "has another record: register what differs under a slug of its own"
                    .to_owned(),
            }));
        }
        Some(_) => return set_tier(connection, &new.id, new.tier),
        None => {}
    }
    execute(
        connection,
        "INSERT INTO configurations (id, record, tier) VALUES (?1, ?2, ?3)",
        params![
            new.id.as_str(),
            to_json(WHAT, &new.record)?,
            new.tier.as_str()
        ],
    )?;
    Ok(())
}

pub(super) fn find(
    connection: &Connection,
    id: &ConfigurationId,
) -> Result<Option<Configuration>, Failure> {
    first_row(
        connection,
        "SELECT id, record, tier FROM configurations WHERE id = ?1",
        params![id.as_str()],
        columns,
    )?
    .map(read)
    .transpose()
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Configuration>, Failure> {
    rows(
        connection,
        "SELECT id, record, tier FROM configurations ORDER BY id",
        [],
        columns,
    )?
    .into_iter()
    .map(read)
    .collect()
}

pub(super) fn set_tier(
    connection: &Connection,
    id: &ConfigurationId,
    tier: Tier,
) -> Result<(), Failure> {
    let changed = execute(
        connection,
        "UPDATE configurations SET tier = ?2 WHERE id = ?1",
        params![id.as_str(), tier.as_str()],
    )?;
    if changed == 0 {
        return Err(Failure::Store(StoreError::NotFound {
            what: WHAT,
            id: id.to_string(),
        }));
    }
    Ok(())
}

fn columns(row: &Row<'_>) -> rusqlite::Result<[String; 3]> {
    Ok([row.get(0)?, row.get(1)?, row.get(2)?])
}

fn read([id, record, tier]: [String; 3]) -> Result<Configuration, Failure> {
    Ok(Configuration {
        record: from_json(WHAT, &id, &record)?,
        tier: from_word(WHAT, &id, &tier)?,
        id: from_word(WHAT, &id, &id)?,
    })
}
