//! Comparisons, by the hash of all that went in. Several requests may want one and the same: each
//! has a copy of it among its own items.

use shared_types::api::{ComparisonReference, Page};
use shared_types::object_key::ContentHash;
use shared_types::{ConfigurationId, RequestId};

use super::keys::{self, Order};
use super::paging;
use super::table::{Attempts, Row, Stored, Table, Transaction};
use crate::{PageRequest, StoreError};

const WHAT: &str = "comparison";

pub(super) async fn put(table: &Table, given: &ComparisonReference) -> Result<(), StoreError> {
    let key = keys::comparison(&given.configuration, &given.input_hash);
    let mut attempts = Attempts::at("noting a comparison");
    loop {
        let known: Option<Stored<ComparisonReference>> = table.find(WHAT, &key).await?;
        let mut transaction = Transaction::default();
        let noted = match known {
            Some(known) => known.document,
            None => {
                let row = Row::new(WHAT, key.clone(), given)?;
                transaction.replace(row.ordered(order(given)), None);
                given.clone()
            }
        };
        if let Some(request) = given.request {
            let answer = ComparisonReference {
                request: Some(request),
                ..noted
            };
            let key = keys::answer(
                request,
                &answer.configuration,
                answer.computed_at,
                &answer.input_hash,
            );
            transaction.put(Row::new(WHAT, key, &answer)?);
        }
        if attempts.commit(table, transaction).await? {
            return Ok(());
        }
    }
}

fn order(comparison: &ComparisonReference) -> Order {
    let at = keys::time(comparison.computed_at);
    Order::new(
        keys::comparisons(&comparison.configuration),
        format!("{at}#{}", comparison.input_hash),
    )
}

pub(super) async fn of_request(
    table: &Table,
    id: RequestId,
) -> Result<Vec<ComparisonReference>, StoreError> {
    table
        .partition(keys::of_request(id))
        .prefix(keys::ANSWERS)
        .documents(WHAT)
        .await
}

pub(super) async fn page(
    table: &Table,
    configuration: &ConfigurationId,
    page: &PageRequest,
) -> Result<Page<ComparisonReference>, StoreError> {
    let cursor = paging::read_cursor(page, |cursor| {
        let (at, input_hash) = cursor.split_once('/')?;
        let input_hash: ContentHash = input_hash.parse().ok()?;
        (at.len() == keys::NEVER.len()).then(|| format!("{at}#{input_hash}"))
    })?;
    let found = table
        .order(keys::comparisons(configuration))
        .below(cursor)
        .descending()
        .limit(paging::entries_to_read(page))
        .documents(WHAT)
        .await?;
    Ok(paging::page(found, page, |last: &ComparisonReference| {
        format!("{}/{}", keys::time(last.computed_at), last.input_hash)
    }))
}

pub(super) async fn by_input(
    table: &Table,
    configuration: &ConfigurationId,
    input_hash: &ContentHash,
) -> Result<Option<ComparisonReference>, StoreError> {
    let found = table
        .find(WHAT, &keys::comparison(configuration, input_hash))
        .await?;
    Ok(found.map(|stored: Stored<ComparisonReference>| stored.document))
}
