//! Artifacts and their history, which may arrive later than their first result.

use rusqlite::{Connection, Params, Row, params};
use shared_types::api::Page;
use shared_types::{Artifact, ArtifactId, HistoryPosition, Line};

use super::paging;
use crate::embedded::database::Failure;
use crate::embedded::document::{execute, first_row, from_json, rows, to_json};
use crate::{PageRequest, transitions};

const WHAT: &str = "artifact";

pub(super) fn put(connection: &Connection, artifacts: &[Artifact]) -> Result<(), Failure> {
    for artifact in artifacts {
        let merged = match find(connection, &artifact.id)? {
            Some(known) => transitions::artifact::merge(known, artifact),
            None => artifact.clone(),
        };
        let history = merged.history.as_ref();
        execute(
            connection,
            "INSERT INTO artifacts (id, line, ordinal, json) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET
                 line = excluded.line, ordinal = excluded.ordinal, json = excluded.json",
            params![
                merged.id.to_string(),
                history.map(|history| history.line.as_str()),
                history.map(|history| history.ordinal),
                to_json(WHAT, &merged)?,
            ],
        )?;
    }
    Ok(())
}

pub(super) fn find(connection: &Connection, id: &ArtifactId) -> Result<Option<Artifact>, Failure> {
    let found = first_row(
        connection,
        "SELECT id, json FROM artifacts WHERE id = ?1",
        params![id.to_string()],
        columns,
    )?;
    found.map(read).transpose()
}

pub(super) fn page(
    connection: &Connection,
    prefix: &str,
    page: &PageRequest,
) -> Result<Page<Artifact>, Failure> {
    let found = select(
        connection,
        "SELECT id, json FROM artifacts
         WHERE id >= ?1 AND substr(id, 1, length(?1)) = ?1 AND id > ?2
         ORDER BY id LIMIT ?3",
        params![
            prefix,
            page.cursor.as_deref().unwrap_or(""),
            paging::rows_to_read(page)
        ],
    )?;
    Ok(paging::page(found, page, |artifact| {
        artifact.id.to_string()
    }))
}

pub(super) fn predecessors(
    connection: &Connection,
    before: &HistoryPosition,
    limit: u32,
) -> Result<Vec<Artifact>, Failure> {
    select(
        connection,
        "SELECT id, json FROM artifacts WHERE line = ?1 AND ordinal < ?2
         ORDER BY ordinal DESC, id DESC LIMIT ?3",
        params![before.line.as_str(), before.ordinal, limit],
    )
}

pub(super) fn successors(
    connection: &Connection,
    after: &HistoryPosition,
    limit: u32,
) -> Result<Vec<Artifact>, Failure> {
    select(
        connection,
        "SELECT id, json FROM artifacts WHERE line = ?1 AND ordinal > ?2
         ORDER BY ordinal, id LIMIT ?3",
        params![after.line.as_str(), after.ordinal, limit],
    )
}

pub(super) fn line(
    connection: &Connection,
    line: Line,
    first: i64,
    last: i64,
) -> Result<Vec<Artifact>, Failure> {
    select(
        connection,
        "SELECT id, json FROM artifacts WHERE line = ?1 AND ordinal BETWEEN ?2 AND ?3
         ORDER BY ordinal, id",
        params![line.as_str(), first, last],
    )
}

fn select(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<Vec<Artifact>, Failure> {
    rows(connection, sql, parameters, columns)?
        .into_iter()
        .map(read)
        .collect()
}

fn columns(row: &Row<'_>) -> rusqlite::Result<[String; 2]> {
    Ok([row.get(0)?, row.get(1)?])
}

fn read([id, json]: [String; 2]) -> Result<Artifact, Failure> {
    from_json(WHAT, &id, &json)
}
