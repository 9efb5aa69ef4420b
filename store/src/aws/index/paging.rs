//! Pages of lists: one entry more than asked for is read, to know whether there is a next page.

use shared_types::api::{PAGE_LIMIT_MAX, Page};

use crate::{PageRequest, StoreError};

fn limit(page: &PageRequest) -> u32 {
    page.limit.clamp(1, PAGE_LIMIT_MAX)
}

/// How many entries to read for a page.
pub(super) fn entries_to_read(page: &PageRequest) -> u32 {
    limit(page) + 1
}

/// The page that these entries make, the next beginning after the last of it.
pub(super) fn page<T>(
    mut entries: Vec<T>,
    page: &PageRequest,
    cursor: impl FnOnce(&T) -> String,
) -> Page<T> {
    let limit = limit(page) as usize;
    let next_cursor = if entries.len() > limit {
        entries.truncate(limit);
        entries.last().map(cursor)
    } else {
        None
    };
    Page {
        items: entries,
        next_cursor,
    }
}

/// What the cursor of a page says, or an error where none of our pages gave it.
pub(super) fn read_cursor<T>(
    page: &PageRequest,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let Some(cursor) = page.cursor.as_deref() else {
        return Ok(None);
    };
    read(cursor).map(Some).ok_or_else(|| StoreError::NotFound {
        what: "page",
        id: cursor.to_owned(),
    })
}
