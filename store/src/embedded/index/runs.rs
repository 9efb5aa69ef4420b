//! Runs: what is left to do of each, and what is known of it, summed over the results that count.

use std::collections::BTreeSet;

use rusqlite::{Connection, Params, Row, params};
use shared_types::api::{Page, RunOverview};
use shared_types::job::Job;
use shared_types::result_document::MeasuredRun;
use shared_types::{ArtifactId, ConfigurationId, InvalidInput, Replicate, RunId};

use super::paging;
use crate::embedded::database::Failure;
use crate::embedded::document::{
    corrupt, execute, first_row, from_json, from_nanoseconds, from_word, rows, to_json,
    to_nanoseconds,
};
use crate::embedded::schema::NEVER;
use crate::{CollectedResult, PageRequest, transitions};

const WHAT: &str = "run";

/// Changes how many jobs are left of each run of a job. A run that is not known yet begins with
/// none.
pub(super) fn change_jobs_left(
    connection: &Connection,
    job: &Job,
    change: i64,
) -> Result<(), Failure> {
    for run in &job.runs {
        let (artifact, replicate) = (run.artifact.to_string(), run.replicate.number());
        execute(
            connection,
            "INSERT INTO runs (configuration, artifact, replicate, jobs_left, measured_at, hosts,
                               test_cases, failures)
             VALUES (?1, ?2, ?3, 0, ?4, '[]', 0, 0) ON CONFLICT DO NOTHING",
            params![job.configuration.as_str(), artifact, replicate, NEVER],
        )?;
        execute(
            connection,
            "UPDATE runs SET jobs_left = jobs_left + ?4
             WHERE configuration = ?1 AND artifact = ?2 AND replicate = ?3",
            params![job.configuration.as_str(), artifact, replicate, change],
        )?;
    }
    Ok(())
}

/// Adds a result that counts to what is known of its runs.
pub(super) fn add_result(connection: &Connection, result: &CollectedResult) -> Result<(), Failure> {
    for (run, test_cases) in &result.runs {
        let failures = transitions::result::failures_of(result, run).count();
        execute(
            connection,
            "INSERT INTO runs (configuration, artifact, replicate, jobs_left, measured_at, hosts,
                               test_cases, failures)
             VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET
                 measured_at = max(measured_at, excluded.measured_at),
                 hosts = ?8,
                 test_cases = test_cases + excluded.test_cases,
                 failures = failures + excluded.failures",
            params![
                result.configuration.as_str(),
                run.artifact.to_string(),
                run.replicate.number(),
                to_nanoseconds(result.measured_at),
                to_json(WHAT, &[&result.host])?,
                test_cases,
                failures as i64,
                hosts_with(connection, result, run)?,
            ],
        )?;
    }
    Ok(())
}

fn hosts_with(
    connection: &Connection,
    result: &CollectedResult,
    run: &MeasuredRun,
) -> Result<String, Failure> {
    let known: Option<String> = first_row(
        connection,
        "SELECT hosts FROM runs WHERE configuration = ?1 AND artifact = ?2 AND replicate = ?3",
        params![
            result.configuration.as_str(),
            run.artifact.to_string(),
            run.replicate.number()
        ],
        |row| row.get(0),
    )?;
    let mut hosts: BTreeSet<String> = match known {
        Some(json) => from_json(WHAT, &run.artifact.to_string(), &json)?,
        None => BTreeSet::new(),
    };
    hosts.insert(result.host.clone());
    to_json(WHAT, &hosts)
}

/// Those of a result's runs that have no jobs left.
pub(super) fn complete_ones(
    connection: &Connection,
    result: &CollectedResult,
) -> Result<Vec<MeasuredRun>, Failure> {
    let mut complete = Vec::new();
    for (run, _) in &result.runs {
        let found = first_row(
            connection,
            "SELECT 1 FROM runs
             WHERE configuration = ?1 AND artifact = ?2 AND replicate = ?3 AND jobs_left = 0",
            params![
                result.configuration.as_str(),
                run.artifact.to_string(),
                run.replicate.number()
            ],
            |_| Ok(()),
        )?;
        if found.is_some() {
            complete.push(run.clone());
        }
    }
    Ok(complete)
}

pub(super) fn replicates(
    connection: &Connection,
    run: &RunId,
) -> Result<Vec<RunOverview>, Failure> {
    select(
        connection,
        "configuration = ?1 AND artifact = ?2 ORDER BY replicate",
        params![run.configuration.as_str(), run.artifact.to_string()],
    )
}

pub(super) fn of_artifact(
    connection: &Connection,
    id: &ArtifactId,
) -> Result<Vec<RunOverview>, Failure> {
    select(
        connection,
        "artifact = ?1 ORDER BY configuration, replicate",
        params![id.to_string()],
    )
}

/// Runs that were never measured come last.
pub(super) fn page(
    connection: &Connection,
    configuration: &ConfigurationId,
    page: &PageRequest,
) -> Result<Page<RunOverview>, Failure> {
    let after = match page.cursor.as_deref() {
        Some(cursor) => read_cursor(cursor).ok_or_else(|| paging::unknown(cursor))?,
        None => (i64::MAX, String::new(), 0),
    };
    let found = select(
        connection,
        "configuration = ?1 AND (measured_at, artifact, replicate) < (?2, ?3, ?4)
         ORDER BY measured_at DESC, artifact DESC, replicate DESC LIMIT ?5",
        params![
            configuration.as_str(),
            after.0,
            after.1,
            after.2,
            paging::rows_to_read(page)
        ],
    )?;
    Ok(paging::page(found, page, write_cursor))
}

fn write_cursor(run: &RunOverview) -> String {
    let measured_at = run.measured_at.map_or(NEVER, to_nanoseconds);
    format!("{measured_at}/{}/{}", run.artifact, run.replicate.number())
}

fn read_cursor(cursor: &str) -> Option<(i64, String, u32)> {
    let mut parts = cursor.splitn(3, '/');
    let measured_at = parts.next()?.parse().ok()?;
    let artifact = parts.next()?.to_owned();
    let replicate = parts.next()?.parse().ok()?;
    Some((measured_at, artifact, replicate))
}

pub(super) fn measured_count(
    connection: &Connection,
    configuration: &ConfigurationId,
) -> Result<u64, Failure> {
    let count: Option<i64> = first_row(
        connection,
        "SELECT count(*) FROM runs WHERE configuration = ?1 AND measured_at > ?2",
        params![configuration.as_str(), NEVER],
        |row| row.get(0),
    )?;
    Ok(count.map_or(0, i64::unsigned_abs))
}

fn select(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> Result<Vec<RunOverview>, Failure> {
    let sql = format!(
        "SELECT configuration, artifact, replicate, jobs_left, measured_at, hosts, test_cases,
                failures
         FROM runs WHERE {condition}"
    );
    rows(connection, &sql, parameters, RunRow::read)?
        .into_iter()
        .map(RunRow::parse)
        .collect()
}

struct RunRow {
    configuration: String,
    artifact: String,
    replicate: u32,
    jobs_left: u32,
    measured_at: i64,
    hosts: String,
    test_cases: u32,
    failures: u32,
}

impl RunRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            configuration: row.get(0)?,
            artifact: row.get(1)?,
            replicate: row.get(2)?,
            jobs_left: row.get(3)?,
            measured_at: row.get(4)?,
            hosts: row.get(5)?,
            test_cases: row.get(6)?,
            failures: row.get(7)?,
        })
    }

    fn parse(self) -> Result<RunOverview, Failure> {
        let id = format!("{}@{}", self.artifact, self.configuration);
        let measured_at = match self.measured_at {
            NEVER => None,
            nanoseconds => Some(from_nanoseconds(WHAT, &id, nanoseconds)?),
        };
        Ok(RunOverview {
            artifact: from_word(WHAT, &id, &self.artifact)?,
            configuration: from_word(WHAT, &id, &self.configuration)?,
            replicate: Replicate::try_from(self.replicate)
                .map_err(|source: InvalidInput| corrupt(WHAT, &id, source))?,
            jobs_left: self.jobs_left,
            measured_at,
            hosts: from_json(WHAT, &id, &self.hosts)?,
            test_cases: self.test_cases,
            failures: self.failures,
            retracted: None,
        })
    }
}
