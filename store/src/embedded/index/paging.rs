//! Pages of lists: one row more than asked for is read, to know whether there is a next page.

use shared_types::api::{PAGE_LIMIT_MAX, Page};

use crate::embedded::database::Failure;
use crate::{PageRequest, StoreError};

fn limit(page: &PageRequest) -> u32 {
    page.limit.clamp(1, PAGE_LIMIT_MAX)
}

/// How many rows to read for a page.
pub(super) fn rows_to_read(page: &PageRequest) -> u32 {
    limit(page) + 1
}

/// The page that these rows make, the next beginning after the last of it.
pub(super) fn page<T>(
    mut rows: Vec<T>,
    page: &PageRequest,
    cursor: impl FnOnce(&T) -> String,
) -> Page<T> {
    let limit = limit(page) as usize;
    let next_cursor = if rows.len() > limit {
        rows.truncate(limit);
        rows.last().map(cursor)
    } else {
        None
    };
    Page {
        items: rows,
        next_cursor,
    }
}

/// A cursor that none of our pages gave.
pub(super) fn unknown(cursor: &str) -> Failure {
    Failure::Store(StoreError::NotFound {
        what: "page",
        id: cursor.to_owned(),
    })
}
