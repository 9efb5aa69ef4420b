//! Results: which are there, and which of them count.

use rusqlite::{Connection, params};
use shared_types::api::{FailureRecord, ResultRecord};
use shared_types::result_document::{MeasuredRun, Origin};
use shared_types::{InvalidInput, JobId, ObjectKey, Replicate, RunId};

use super::{jobs, runs};
use crate::embedded::database::Failure;
use crate::embedded::document::{
    corrupt, execute, first_row, from_json, from_nanoseconds, from_word, rows, to_json,
    to_nanoseconds,
};
use crate::{CollectedResult, Completion, RunResult, transitions};

const WHAT: &str = "result";

/// Indexes a result, whatever of it was indexed before.
pub(super) fn complete_job(
    connection: &Connection,
    result: &CollectedResult,
) -> Result<Completion, Failure> {
    if is_indexed(connection, &result.key)? {
        return Ok(Completion::Known);
    }
    let job = match result.origin {
        Origin::Import => None,
        Origin::Collector => {
            let job = jobs::known(connection, result.job)?;
            transitions::result::check_fits(result, &job)?;
            if another_counts(connection, result.job)? {
                insert(connection, result, false)?;
                return Ok(Completion::Duplicate);
            }
            Some(job)
        }
    };
    insert(connection, result, true)?;
    runs::add_result(connection, result)?;
    let request = match job {
        None => None,
        Some(job) => {
            let request = job.request;
            jobs::complete(connection, job, result.measured_at)?;
            Some((
                request,
                jobs::left(connection, request, &result.configuration)?,
            ))
        }
    };
    Ok(Completion::Counted {
        completed_runs: runs::complete_ones(connection, result)?,
        request,
    })
}

pub(super) fn add_imported(
    connection: &Connection,
    results: &[CollectedResult],
) -> Result<u64, Failure> {
    let mut new = 0;
    for result in results {
        transitions::result::check_imported(result)?;
        if complete_job(connection, result)? != Completion::Known {
            new += 1;
        }
    }
    Ok(new)
}

fn another_counts(connection: &Connection, job: JobId) -> Result<bool, Failure> {
    let found = first_row(
        connection,
        "SELECT 1 FROM results WHERE job = ?1 AND counted = 1",
        params![job.to_string()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

fn insert(connection: &Connection, result: &CollectedResult, counted: bool) -> Result<(), Failure> {
    let key = result.key.to_string();
    let measured_at = to_nanoseconds(result.measured_at);
    execute(
        connection,
        "INSERT INTO results (key, job, attempt, origin, configuration, host, measured_at, counted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            key,
            result.job.to_string(),
            result.attempt.0,
            result.origin.as_str(),
            result.configuration.as_str(),
            result.host,
            measured_at,
            counted
        ],
    )?;
    if !counted {
        return Ok(());
    }
    for (run, _) in &result.runs {
        execute(
            connection,
            "INSERT INTO result_runs (configuration, artifact, replicate, result)
             VALUES (?1, ?2, ?3, ?4)",
            params![
                result.configuration.as_str(),
                run.artifact.to_string(),
                run.replicate.number(),
                key
            ],
        )?;
    }
    for failure in &result.failures {
        let record = transitions::result::failure_record(result, failure);
        execute(
            connection,
            "INSERT INTO measuring_failures (result, configuration, artifact, at, json)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                key,
                result.configuration.as_str(),
                failure.artifact.to_string(),
                measured_at,
                to_json("failure", &record)?
            ],
        )?;
    }
    Ok(())
}

pub(super) fn is_indexed(connection: &Connection, key: &ObjectKey) -> Result<bool, Failure> {
    let found = first_row(
        connection,
        "SELECT 1 FROM results WHERE key = ?1",
        params![key.to_string()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

pub(super) fn of_run(connection: &Connection, run: &RunId) -> Result<Vec<RunResult>, Failure> {
    let found: Vec<(String, u32, String, i64)> = rows(
        connection,
        "SELECT results.key, result_runs.replicate, results.host, results.measured_at
         FROM result_runs JOIN results ON results.key = result_runs.result
         WHERE result_runs.configuration = ?1 AND result_runs.artifact = ?2
         ORDER BY results.measured_at, results.key, result_runs.replicate",
        params![run.configuration.as_str(), run.artifact.to_string()],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    found
        .into_iter()
        .map(|(key, replicate, host, measured_at)| {
            Ok(RunResult {
                run: MeasuredRun {
                    artifact: run.artifact.clone(),
                    replicate: Replicate::try_from(replicate)
                        .map_err(|source: InvalidInput| corrupt(WHAT, &key, source))?,
                },
                measured_at: from_nanoseconds(WHAT, &key, measured_at)?,
                key: from_word(WHAT, &key, &key)?,
                host,
            })
        })
        .collect()
}

pub(super) fn of_job(connection: &Connection, id: JobId) -> Result<Vec<ResultRecord>, Failure> {
    let found: Vec<(String, String, String, i64, bool)> = rows(
        connection,
        "SELECT key, origin, host, measured_at, counted FROM results
         WHERE job = ?1 ORDER BY attempt, key",
        params![id.to_string()],
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
        .map(|(key, origin, host, measured_at, counted)| {
            Ok(ResultRecord {
                job: id,
                origin: from_word(WHAT, &key, &origin)?,
                measured_at: from_nanoseconds(WHAT, &key, measured_at)?,
                key: from_word(WHAT, &key, &key)?,
                host,
                counted,
            })
        })
        .collect()
}

pub(super) fn failures_of_run(
    connection: &Connection,
    run: &RunId,
) -> Result<Vec<FailureRecord>, Failure> {
    let found: Vec<(String, String)> = rows(
        connection,
        "SELECT result, json FROM measuring_failures
         WHERE configuration = ?1 AND artifact = ?2 ORDER BY at, sequence",
        params![run.configuration.as_str(), run.artifact.to_string()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    read_failures(found)
}

pub(super) fn recent_failures(
    connection: &Connection,
    limit: u32,
) -> Result<Vec<FailureRecord>, Failure> {
    let found: Vec<(String, String)> = rows(
        connection,
        "SELECT result, json FROM measuring_failures ORDER BY at DESC, sequence DESC LIMIT ?1",
        params![limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    read_failures(found)
}

fn read_failures(found: Vec<(String, String)>) -> Result<Vec<FailureRecord>, Failure> {
    found
        .into_iter()
        .map(|(key, json)| from_json("failure", &key, &json))
        .collect()
}
