//! The row of a job: the document, and beside it what is asked for.

use rusqlite::{Connection, Params, params};
use shared_types::job::Job;

use crate::embedded::database::Failure;
use crate::embedded::document::{execute, from_json, rows, to_count, to_json, to_nanoseconds};
use crate::transitions::job::compilations_done;

const WHAT: &str = "job";

/// The jobs that `condition`, which is a literal of this program, selects.
pub(super) fn select(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> Result<Vec<Job>, Failure> {
    let sql = format!("SELECT id, json FROM jobs WHERE {condition}");
    let found: Vec<(String, String)> = rows(connection, &sql, parameters, |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    found
        .into_iter()
        .map(|(id, json)| from_json(WHAT, &id, &json))
        .collect()
}

pub(super) fn insert(connection: &Connection, job: &Job, priority: i32) -> Result<(), Failure> {
    execute(
        connection,
        "INSERT INTO jobs (id, request, configuration, state, priority, created_at, finished_at,
                           compilations, compilations_done, json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7, 0, ?8)",
        params![
            job.id.to_string(),
            job.request.to_string(),
            job.configuration.as_str(),
            job.state.as_str(),
            priority,
            to_nanoseconds(job.created_at),
            to_count(job.compilations()),
            to_json(WHAT, job)?,
        ],
    )?;
    Ok(())
}

pub(super) fn update(connection: &Connection, job: &Job) -> Result<(), Failure> {
    execute(
        connection,
        "UPDATE jobs SET state = ?2, finished_at = ?3, compilations_done = ?4, json = ?5
         WHERE id = ?1",
        params![
            job.id.to_string(),
            job.state.as_str(),
            job.finished_at.map(to_nanoseconds),
            to_count(compilations_done(job)),
            to_json(WHAT, job)?,
        ],
    )?;
    Ok(())
}
