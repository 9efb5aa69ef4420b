//! Collectors, as they were last heard of.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use shared_types::collector::CollectorRecord;
use shared_types::events::CollectorReport;

use crate::StoreError;
use crate::embedded::database::Failure;
use crate::embedded::document::{
    execute, from_json, from_nanoseconds, rows, to_json, to_nanoseconds,
};

const WHAT: &str = "collector";

pub(super) fn record(
    connection: &Connection,
    report: &CollectorReport,
    at: Timestamp,
) -> Result<(), Failure> {
    execute(
        connection,
        "INSERT INTO collectors (name, report, reported_at, first_seen_at, last_seen_at, draining)
         VALUES (?1, ?2, ?3, ?3, ?3, 0)
         ON CONFLICT (name) DO UPDATE SET
             report = iif(excluded.reported_at >= reported_at, excluded.report, report),
             reported_at = max(reported_at, excluded.reported_at),
             first_seen_at = min(first_seen_at, excluded.first_seen_at),
             last_seen_at = max(last_seen_at, excluded.last_seen_at)",
        params![report.collector, to_json(WHAT, report)?, to_nanoseconds(at)],
    )?;
    Ok(())
}

/// Notes that a collector gave some sign of life.
pub(super) fn heard_of(connection: &Connection, name: &str, at: Timestamp) -> Result<(), Failure> {
    execute(
        connection,
        "UPDATE collectors SET last_seen_at = max(last_seen_at, ?2) WHERE name = ?1",
        params![name, to_nanoseconds(at)],
    )?;
    Ok(())
}

pub(super) fn all(connection: &Connection) -> Result<Vec<CollectorRecord>, Failure> {
    let found: Vec<(String, String, i64, i64, bool)> = rows(
        connection,
        "SELECT name, report, first_seen_at, last_seen_at, draining FROM collectors ORDER BY name",
        [],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        },
    )?;
    found
        .into_iter()
        .map(|(name, report, first_seen_at, last_seen_at, draining)| {
            Ok(CollectorRecord {
                report: from_json(WHAT, &name, &report)?,
                first_seen_at: from_nanoseconds(WHAT, &name, first_seen_at)?,
                last_seen_at: from_nanoseconds(WHAT, &name, last_seen_at)?,
                draining,
            })
        })
        .collect()
}

pub(super) fn set_draining(
    connection: &Connection,
    name: &str,
    draining: bool,
) -> Result<(), Failure> {
    let changed = execute(
        connection,
        "UPDATE collectors SET draining = ?2 WHERE name = ?1",
        params![name, draining],
    )?;
    if changed == 0 {
        return Err(Failure::Store(StoreError::NotFound {
            what: WHAT,
            id: name.to_owned(),
        }));
    }
    Ok(())
}
