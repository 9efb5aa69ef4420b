//! Tokens, of which only hashes are kept, and the record of who wrote what.

use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared_types::InvalidInput;

use super::keys;
use super::table::{Attempts, Row, Stored, Table, Transaction, random};
use crate::transitions::token::{role_of_word, role_word};
use crate::{AuditEntry, StoreError, TokenRecord};

const WHAT: &str = "token";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StoredToken {
    sha256: String,
    person: String,
    role: String,
    created_at: Timestamp,
    revoked: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredWrite {
    at: Timestamp,
    person: String,
    action: String,
    subject: String,
}

pub(super) async fn create(table: &Table, token: &TokenRecord) -> Result<(), StoreError> {
    let new = StoredToken {
        sha256: token.sha256.clone(),
        person: token.person.clone(),
        role: role_word(token.role).to_owned(),
        created_at: token.created_at,
        revoked: false,
    };
    let mut attempts = Attempts::at("adding a token");
    loop {
        match read(table, &token.sha256).await? {
            Some(known) if known.document == new => return Ok(()),
            Some(_) => {
                return Err(StoreError::Conflict {
                    what: WHAT,
                    id: token.sha256.clone(),
                    reason: "is another's, or was revoked".to_owned(),
                });
            }
            None => {}
        }
        if replace(table, &mut attempts, &new, None).await? {
            return Ok(());
        }
    }
}

pub(super) async fn find(table: &Table, sha256: &str) -> Result<Option<TokenRecord>, StoreError> {
    let found = read(table, sha256).await?.map(|stored| stored.document);
    let Some(token) = found.filter(|token| !token.revoked) else {
        return Ok(None);
    };
    let Some(role) = role_of_word(&token.role) else {
        let reason = format!("`{}` is no role", token.role);
        return Err(StoreError::Corrupt {
            what: WHAT,
            id: token.person,
            source: InvalidInput::inconsistent("it", reason),
        });
    };
    Ok(Some(TokenRecord {
        sha256: token.sha256,
        person: token.person,
        role,
        created_at: token.created_at,
    }))
}

pub(super) async fn revoke(table: &Table, person: &str) -> Result<u64, StoreError> {
    let all: Vec<StoredToken> = table.partition(keys::TOKENS).documents(WHAT).await?;
    let mut revoked = 0;
    for token in all.iter().filter(|token| token.person == person) {
        revoked += u64::from(revoke_one(table, &token.sha256).await?);
    }
    Ok(revoked)
}

async fn revoke_one(table: &Table, sha256: &str) -> Result<bool, StoreError> {
    let mut attempts = Attempts::at("revoking a token");
    loop {
        let Some(known) = read(table, sha256).await? else {
            return Ok(false);
        };
        if known.document.revoked {
            return Ok(false);
        }
        let mut revoked = known.document.clone();
        revoked.revoked = true;
        if replace(table, &mut attempts, &revoked, Some(known)).await? {
            return Ok(true);
        }
    }
}

pub(super) async fn any(table: &Table) -> Result<bool, StoreError> {
    let found = table.partition(keys::TOKENS).limit(1).items().await?;
    Ok(!found.is_empty())
}

async fn read(table: &Table, sha256: &str) -> Result<Option<Stored<StoredToken>>, StoreError> {
    table.find(WHAT, &keys::token(sha256)).await
}

async fn replace(
    table: &Table,
    attempts: &mut Attempts,
    token: &StoredToken,
    known: Option<Stored<StoredToken>>,
) -> Result<bool, StoreError> {
    let mut transaction = Transaction::default();
    transaction.replace(
        Row::new(WHAT, keys::token(&token.sha256), token)?,
        known.map(|known| known.version),
    );
    attempts.commit(table, transaction).await
}

/// Writes of one time are told apart, and kept in order as far as one process makes them.
pub(super) async fn record_audit(table: &Table, entry: &AuditEntry) -> Result<(), StoreError> {
    static WRITES: AtomicU32 = AtomicU32::new(0);
    let count = keys::count(WRITES.fetch_add(1, Ordering::Relaxed));
    let now = keys::time(Timestamp::now());
    let key = keys::audit(entry.at, &format!("{now}#{count}#{:016x}", random()?));
    let write = StoredWrite {
        at: entry.at,
        person: entry.person.clone(),
        action: entry.action.clone(),
        subject: entry.subject.clone(),
    };
    table.put_all(vec![Row::new("write", key, &write)?]).await
}

pub(super) async fn audit(table: &Table, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
    let found: Vec<StoredWrite> = table
        .partition(keys::AUDIT)
        .descending()
        .limit(limit)
        .documents("write")
        .await?;
    Ok(found
        .into_iter()
        .map(|write| AuditEntry {
            at: write.at,
            person: write.person,
            action: write.action,
            subject: write.subject,
        })
        .collect())
}
