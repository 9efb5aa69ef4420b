//! How values of the domain are kept in columns, and read back with suspicion.

use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::{Connection, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared_types::InvalidInput;

use super::database::Failure;
use crate::StoreError;

/// A document as text.
pub(super) fn to_json<T: Serialize>(what: &'static str, document: &T) -> Result<String, Failure> {
    serde_json::to_string(document).map_err(|error| {
        Failure::Store(StoreError::Unavailable {
            action: format!("writing {what}"),
            reason: error.to_string(),
        })
    })
}

/// A document from text.
pub(super) fn from_json<T: DeserializeOwned>(
    what: &'static str,
    id: &str,
    json: &str,
) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|error| {
        corrupt(
            what,
            id,
            InvalidInput::Document {
                what: "its row",
                reason: error.to_string(),
            },
        )
    })
}

/// An id, key or enum word from text.
pub(super) fn from_word<T: FromStr<Err = InvalidInput>>(
    what: &'static str,
    id: &str,
    word: &str,
) -> Result<T, Failure> {
    word.parse().map_err(|source| corrupt(what, id, source))
}

/// A value that cannot be understood.
pub(super) fn corrupt(what: &'static str, id: &str, source: InvalidInput) -> Failure {
    Failure::Store(StoreError::Corrupt {
        what,
        id: id.to_owned(),
        source,
    })
}

/// A time as a column that sorts: nanoseconds since 1970, to the year 2262.
pub(super) fn to_nanoseconds(at: Timestamp) -> i64 {
    let nanoseconds = at.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX })
}

/// A time from its column.
pub(super) fn from_nanoseconds(
    what: &'static str,
    id: &str,
    nanoseconds: i64,
) -> Result<Timestamp, Failure> {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).map_err(|error| {
        corrupt(
            what,
            id,
            InvalidInput::Document {
                what: "its time",
                reason: error.to_string(),
            },
        )
    })
}

/// A count as a column. No count of ours comes near the limit.
pub(super) fn to_count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Every row of a query.
pub(super) fn rows<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(parameters, read)?;
    Ok(rows.collect::<rusqlite::Result<Vec<T>>>()?)
}

/// The first row of a query, or `None`.
pub(super) fn first_row<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    Ok(rows.next()?.map(read).transpose()?)
}

/// Changes rows, and returns how many.
pub(super) fn execute(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<usize, Failure> {
    Ok(connection.prepare_cached(sql)?.execute(parameters)?)
}
