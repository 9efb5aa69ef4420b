//! Artifacts and their history, which may arrive later than their first result.
//!
//! An artifact is kept under its name, and once more on its line of history, moved in one
//! transaction with it.

use std::collections::BTreeMap;

use shared_types::api::Page;
use shared_types::{Artifact, ArtifactId, HistoryPosition, Line};

use super::keys::{self, AFTER_EVERY_LETTER, AFTER_SEPARATOR, BEFORE_EVERY_LETTER, Key};
use super::paging;
use super::table::{Attempts, Row, Stored, Table, Transaction};
use crate::{PageRequest, StoreError, transitions};

const WHAT: &str = "artifact";

/// How many artifacts one transaction changes: each takes up to three items of the hundred.
const ARTIFACTS_A_TRANSACTION: usize = 33;
/// The longest name of an artifact is shorter.
const PREFIX_BYTES_MAX: usize = 128;

pub(super) async fn put(table: &Table, artifacts: &[Artifact]) -> Result<(), StoreError> {
    for some in artifacts.chunks(ARTIFACTS_A_TRANSACTION) {
        let mut attempts = Attempts::at("adding artifacts");
        while !attempts.commit(table, merge(table, some).await?).await? {}
    }
    Ok(())
}

/// The changes that make known what is new of these artifacts.
async fn merge(table: &Table, given: &[Artifact]) -> Result<Transaction, StoreError> {
    let found = table
        .get_many(given.iter().map(|artifact| keys::artifact(&artifact.id)))
        .await?;
    let mut merged: BTreeMap<ArtifactId, Artifact> = BTreeMap::new();
    let mut known: BTreeMap<ArtifactId, Stored<Artifact>> = BTreeMap::new();
    for item in found.values() {
        let stored: Stored<Artifact> = item.read(WHAT)?;
        merged.insert(stored.document.id.clone(), stored.document.clone());
        known.insert(stored.document.id.clone(), stored);
    }
    for artifact in given {
        let artifact = match merged.remove(&artifact.id) {
            Some(before) => transitions::artifact::merge(before, artifact),
            None => artifact.clone(),
        };
        merged.insert(artifact.id.clone(), artifact);
    }
    let mut transaction = Transaction::default();
    for (id, artifact) in &merged {
        change(&mut transaction, artifact, known.get(id))?;
    }
    Ok(transaction)
}

fn change(
    transaction: &mut Transaction,
    artifact: &Artifact,
    known: Option<&Stored<Artifact>>,
) -> Result<(), StoreError> {
    if known.is_some_and(|known| known.document == *artifact) {
        return Ok(());
    }
    let row = Row::new(WHAT, keys::artifact(&artifact.id), artifact)?;
    transaction.replace(row, known.map(|known| known.version));
    let before = known.and_then(|known| position(&known.document));
    let after = position(artifact);
    if let Some(before) = before.filter(|before| after.as_ref() != Some(before)) {
        transaction.delete(before);
    }
    if let Some(after) = after {
        transaction.put(Row::new(WHAT, after, artifact)?);
    }
    Ok(())
}

fn position(artifact: &Artifact) -> Option<Key> {
    let history = artifact.history.as_ref()?;
    Some(keys::position(history.line, history.ordinal, &artifact.id))
}

pub(super) async fn find(table: &Table, id: &ArtifactId) -> Result<Option<Artifact>, StoreError> {
    let found = table.find(WHAT, &keys::artifact(id)).await?;
    Ok(found.map(|stored: Stored<Artifact>| stored.document))
}

pub(super) async fn page(
    table: &Table,
    prefix: &str,
    page: &PageRequest,
) -> Result<Page<Artifact>, StoreError> {
    let cursor = page.cursor.as_deref().unwrap_or_default();
    if prefix.len().max(cursor.len()) > PREFIX_BYTES_MAX {
        return Ok(paging::page(Vec::new(), page, |_: &Artifact| String::new()));
    }
    let first = if cursor < prefix {
        prefix.to_owned()
    } else {
        format!("{cursor}{BEFORE_EVERY_LETTER}")
    };
    let found = table
        .partition(keys::ARTIFACTS)
        .between(first, format!("{prefix}{AFTER_EVERY_LETTER}"))
        .limit(paging::entries_to_read(page))
        .documents(WHAT)
        .await?;
    Ok(paging::page(found, page, |artifact: &Artifact| {
        artifact.id.to_string()
    }))
}

pub(super) async fn predecessors(
    table: &Table,
    before: &HistoryPosition,
    limit: u32,
) -> Result<Vec<Artifact>, StoreError> {
    table
        .partition(keys::line(before.line))
        .below(Some(keys::number(before.ordinal)))
        .descending()
        .limit(limit)
        .documents(WHAT)
        .await
}

pub(super) async fn successors(
    table: &Table,
    after: &HistoryPosition,
    limit: u32,
) -> Result<Vec<Artifact>, StoreError> {
    let Some(next) = after.ordinal.checked_add(1) else {
        return Ok(Vec::new());
    };
    let last = format!("{}{AFTER_SEPARATOR}", keys::number(i64::MAX));
    table
        .partition(keys::line(after.line))
        .between(keys::number(next), last)
        .limit(limit)
        .documents(WHAT)
        .await
}

pub(super) async fn line(
    table: &Table,
    line: Line,
    first: i64,
    last: i64,
) -> Result<Vec<Artifact>, StoreError> {
    let behind_last = format!("{}{AFTER_SEPARATOR}", keys::number(last));
    table
        .partition(keys::line(line))
        .between(keys::number(first), behind_last)
        .documents(WHAT)
        .await
}
