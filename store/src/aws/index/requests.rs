//! Requests. Their ids sort by age.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared_types::RequestId;
use shared_types::api::Page;
use shared_types::request::{Request, RequestState};

use super::keys::{self, Order};
use super::table::{Attempts, Row, Stored, Table, Transaction};
use super::{jobs, paging};
use crate::{PageRequest, RequestFilter, StoreError};

const WHAT: &str = "request";

pub(super) async fn create(table: &Table, request: &Request) -> Result<(), StoreError> {
    let mut attempts = Attempts::at(format!("adding the request {}", request.id));
    loop {
        if read(table, request.id).await?.is_some() {
            return Ok(());
        }
        let mut transaction = Transaction::default();
        transaction.replace(row(request)?, None);
        if attempts.commit(table, transaction).await? {
            return Ok(());
        }
    }
}

pub(super) async fn find(table: &Table, id: RequestId) -> Result<Option<Request>, StoreError> {
    Ok(read(table, id).await?.map(|stored| stored.document))
}

/// A request that something else names, and that must therefore be there.
pub(super) async fn known(table: &Table, id: RequestId) -> Result<Stored<Request>, StoreError> {
    read(table, id).await?.ok_or_else(|| StoreError::NotFound {
        what: WHAT,
        id: id.to_string(),
    })
}

async fn read(table: &Table, id: RequestId) -> Result<Option<Stored<Request>>, StoreError> {
    table.find(WHAT, &keys::request(id)).await
}

fn row(request: &Request) -> Result<Row, StoreError> {
    let order = Order::new(
        keys::requests_in_state(request.state),
        request.id.to_string(),
    );
    Ok(Row::new(WHAT, keys::request(request.id), request)?.ordered(order))
}

/// Each state has an order of its own; those that are wanted are merged.
pub(super) async fn page(
    table: &Table,
    filter: &RequestFilter,
    page: &PageRequest,
) -> Result<Page<Request>, StoreError> {
    let before = paging::read_cursor(page, |cursor| cursor.parse::<RequestId>().ok())?;
    let wanted = if filter.states.is_empty() {
        RequestState::ALL
    } else {
        &filter.states
    };
    let entries = paging::entries_to_read(page);
    // By id: one that moves from state to state just now is found in both.
    let mut found: BTreeMap<RequestId, Request> = BTreeMap::new();
    for state in wanted {
        let in_state: Vec<Request> = table
            .order(keys::requests_in_state(*state))
            .below(before.map(|id| id.to_string()))
            .descending()
            .limit(entries)
            .documents(WHAT)
            .await?;
        found.extend(in_state.into_iter().map(|request| (request.id, request)));
    }
    let newest = found.into_values().rev().take(entries as usize).collect();
    Ok(paging::page(newest, page, |request: &Request| {
        request.id.to_string()
    }))
}

/// The request is moved first and its jobs after it, one by one. When that ends half way, it goes on
/// when the request is cancelled once more, and each job that is left is cancelled where it would
/// have been released.
pub(super) async fn set_state(
    table: &Table,
    id: RequestId,
    state: RequestState,
    note: Option<&str>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let mut attempts = Attempts::at(format!("moving the request {id} to {state}"));
    loop {
        let known = known(table, id).await?;
        let before = &known.document;
        if before.state.is_final() {
            if state == RequestState::Cancelled && before.state == state {
                jobs::cancel_all(table, id, before.finished_at.unwrap_or(at)).await?;
            }
            return Ok(false);
        }
        let mut request = before.clone();
        request.state = state;
        request.note = note.map(str::to_owned);
        if state.is_final() {
            request.finished_at = Some(at);
        }
        let mut transaction = Transaction::default();
        if request != *before {
            transaction.replace(row(&request)?, Some(known.version));
        }
        if attempts.commit(table, transaction).await? {
            if state == RequestState::Cancelled {
                jobs::cancel_all(table, id, at).await?;
            }
            return Ok(before.state != state);
        }
    }
}
