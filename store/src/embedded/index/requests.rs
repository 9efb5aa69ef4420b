//! Requests. Their ids sort by age.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use shared_types::RequestId;
use shared_types::api::Page;
use shared_types::request::{Request, RequestState};

use super::{jobs, paging};
use crate::embedded::database::Failure;
use crate::embedded::document::{execute, first_row, from_json, rows, to_json};
use crate::{PageRequest, RequestFilter, StoreError};

const WHAT: &str = "request";

pub(super) fn create(connection: &Connection, request: &Request) -> Result<(), Failure> {
    execute(
        connection,
        "INSERT INTO requests (id, state, priority, json) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO NOTHING",
        params![
            request.id.to_string(),
            request.state.as_str(),
            request.priority,
            to_json(WHAT, request)?
        ],
    )?;
    Ok(())
}

pub(super) fn find(connection: &Connection, id: RequestId) -> Result<Option<Request>, Failure> {
    let found = first_row(
        connection,
        "SELECT id, json FROM requests WHERE id = ?1",
        params![id.to_string()],
        columns,
    )?;
    found.map(read).transpose()
}

/// A request that something else names, and that must therefore be there.
pub(super) fn known(connection: &Connection, id: RequestId) -> Result<Request, Failure> {
    find(connection, id)?.ok_or_else(|| {
        Failure::Store(StoreError::NotFound {
            what: WHAT,
            id: id.to_string(),
        })
    })
}

pub(super) fn page(
    connection: &Connection,
    filter: &RequestFilter,
    page: &PageRequest,
) -> Result<Page<Request>, Failure> {
    let wanted: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let found = rows(
        connection,
        "SELECT id, json FROM requests
         WHERE (?1 IS NULL OR id < ?1)
             AND (?2 = '[]' OR state IN (SELECT value FROM json_each(?2)))
         ORDER BY id DESC LIMIT ?3",
        params![
            page.cursor,
            to_json("a filter", &wanted)?,
            paging::rows_to_read(page)
        ],
        columns,
    )?;
    let requests = found.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(paging::page(requests, page, |request: &Request| {
        request.id.to_string()
    }))
}

pub(super) fn set_state(
    connection: &Connection,
    id: RequestId,
    state: RequestState,
    note: Option<&str>,
    at: Timestamp,
) -> Result<bool, Failure> {
    let mut request = known(connection, id)?;
    if request.state.is_final() {
        return Ok(false);
    }
    let moved = request.state != state;
    request.state = state;
    request.note = note.map(str::to_owned);
    if state.is_final() {
        request.finished_at = Some(at);
    }
    if state == RequestState::Cancelled {
        jobs::cancel_all(connection, id, at)?;
    }
    execute(
        connection,
        "UPDATE requests SET state = ?2, json = ?3 WHERE id = ?1",
        params![id.to_string(), state.as_str(), to_json(WHAT, &request)?],
    )?;
    Ok(moved)
}

fn columns(row: &Row<'_>) -> rusqlite::Result<[String; 2]> {
    Ok([row.get(0)?, row.get(1)?])
}

fn read([id, json]: [String; 2]) -> Result<Request, Failure> {
    from_json(WHAT, &id, &json)
}
