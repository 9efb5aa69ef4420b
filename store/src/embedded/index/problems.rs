//! What a person should see: counted, so that one that comes again and again fills no page.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use shared_types::api::ReportedProblem;

use crate::embedded::database::Failure;
use crate::embedded::document::{execute, from_nanoseconds, rows, to_nanoseconds};

pub(super) fn report(
    connection: &Connection,
    subject: &str,
    message: &str,
    at: Timestamp,
) -> Result<(), Failure> {
    execute(
        connection,
        "INSERT INTO problems (subject, message, at, count) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT (subject, message) DO UPDATE SET
             at = max(at, excluded.at), count = count + 1",
        params![subject, message, to_nanoseconds(at)],
    )?;
    Ok(())
}

pub(super) fn latest(connection: &Connection, limit: u32) -> Result<Vec<ReportedProblem>, Failure> {
    let found: Vec<(String, String, i64, u32)> = rows(
        connection,
        "SELECT subject, message, at, count FROM problems
         ORDER BY at DESC, subject, message LIMIT ?1",
        params![limit],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    found
        .into_iter()
        .map(|(subject, message, at, count)| {
            Ok(ReportedProblem {
                at: from_nanoseconds("problem", &subject, at)?,
                subject,
                message,
                count,
            })
        })
        .collect()
}
