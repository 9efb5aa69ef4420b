//! Comparisons, by the hash of all that went in. Several requests may want one and the same.

use rusqlite::{Connection, Params, params};
use shared_types::api::{ComparisonReference, Page};
use shared_types::object_key::ContentHash;
use shared_types::{ConfigurationId, RequestId};

use super::paging;
use crate::PageRequest;
use crate::embedded::database::Failure;
use crate::embedded::document::{execute, from_json, rows, to_json, to_nanoseconds};

pub(super) fn put(
    connection: &Connection,
    comparison: &ComparisonReference,
) -> Result<(), Failure> {
    execute(
        connection,
        "INSERT INTO comparisons (configuration, input_hash, computed_at, json)
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        params![
            comparison.configuration.as_str(),
            comparison.input_hash.as_str(),
            to_nanoseconds(comparison.computed_at),
            to_json("comparison", comparison)?
        ],
    )?;
    if let Some(request) = comparison.request {
        execute(
            connection,
            "INSERT INTO comparison_requests (request, configuration, input_hash)
             VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![
                request.to_string(),
                comparison.configuration.as_str(),
                comparison.input_hash.as_str()
            ],
        )?;
    }
    Ok(())
}

pub(super) fn of_request(
    connection: &Connection,
    id: RequestId,
) -> Result<Vec<ComparisonReference>, Failure> {
    let mut wanted = select(
        connection,
        "(configuration, input_hash) IN
             (SELECT configuration, input_hash FROM comparison_requests WHERE request = ?1)
         ORDER BY configuration, computed_at, input_hash",
        params![id.to_string()],
    )?;
    for comparison in &mut wanted {
        comparison.request = Some(id);
    }
    Ok(wanted)
}

pub(super) fn page(
    connection: &Connection,
    configuration: &ConfigurationId,
    page: &PageRequest,
) -> Result<Page<ComparisonReference>, Failure> {
    let (computed_at, input_hash) = match page.cursor.as_deref() {
        Some(cursor) => read_cursor(cursor).ok_or_else(|| paging::unknown(cursor))?,
        None => (i64::MAX, ""),
    };
    let found = select(
        connection,
        "configuration = ?1 AND (computed_at, input_hash) < (?2, ?3)
         ORDER BY computed_at DESC, input_hash DESC LIMIT ?4",
        params![
            configuration.as_str(),
            computed_at,
            input_hash,
            paging::rows_to_read(page)
        ],
    )?;
    Ok(paging::page(found, page, |comparison| {
        let computed_at = to_nanoseconds(comparison.computed_at);
        format!("{computed_at}/{}", comparison.input_hash)
    }))
}

fn read_cursor(cursor: &str) -> Option<(i64, &str)> {
    let (computed_at, input_hash) = cursor.split_once('/')?;
    Some((computed_at.parse().ok()?, input_hash))
}

pub(super) fn by_input(
    connection: &Connection,
    configuration: &ConfigurationId,
    input_hash: &ContentHash,
) -> Result<Option<ComparisonReference>, Failure> {
    let found = select(
        connection,
        "configuration = ?1 AND input_hash = ?2",
        params![configuration.as_str(), input_hash.as_str()],
    )?;
    Ok(found.into_iter().next())
}

fn select(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> Result<Vec<ComparisonReference>, Failure> {
    let sql = format!("SELECT input_hash, json FROM comparisons WHERE {condition}");
    let found: Vec<(String, String)> = rows(connection, &sql, parameters, |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    found
        .into_iter()
        .map(|(input_hash, json)| from_json("comparison", &input_hash, &json))
        .collect()
}
