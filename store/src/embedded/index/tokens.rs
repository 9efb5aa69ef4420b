//! Tokens, of which only hashes are kept, and the record of who wrote what.

use rusqlite::{Connection, params};
use shared_types::InvalidInput;

use crate::embedded::database::Failure;
use crate::embedded::document::{
    corrupt, execute, first_row, from_nanoseconds, rows, to_nanoseconds,
};
use crate::transitions::token::{role_of_word, role_word};
use crate::{AuditEntry, StoreError, TokenRecord, TokenRole};

const WHAT: &str = "token";

pub(super) fn create(connection: &Connection, token: &TokenRecord) -> Result<(), Failure> {
    let added = execute(
        connection,
        "INSERT INTO tokens (sha256, person, role, created_at, revoked) VALUES (?1, ?2, ?3, ?4, 0)
         ON CONFLICT DO NOTHING",
        params![
            token.sha256,
            token.person,
            role_word(token.role),
            to_nanoseconds(token.created_at)
        ],
    )?;
    if added == 0 && find(connection, &token.sha256)?.as_ref() != Some(token) {
        return Err(Failure::Store(StoreError::Conflict {
            what: WHAT,
            id: token.sha256.clone(),
            reason: "is another's, or was revoked".to_owned(),
        }));
    }
    Ok(())
}

pub(super) fn find(connection: &Connection, sha256: &str) -> Result<Option<TokenRecord>, Failure> {
    let found: Option<(String, String, i64)> = first_row(
        connection,
        "SELECT person, role, created_at FROM tokens WHERE sha256 = ?1 AND revoked = 0",
        params![sha256],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let Some((person, role, created_at)) = found else {
        return Ok(None);
    };
    Ok(Some(TokenRecord {
        sha256: sha256.to_owned(),
        role: read_role(&person, &role)?,
        created_at: from_nanoseconds(WHAT, &person, created_at)?,
        person,
    }))
}

pub(super) fn revoke(connection: &Connection, person: &str) -> Result<u64, Failure> {
    let revoked = execute(
        connection,
        "UPDATE tokens SET revoked = 1 WHERE person = ?1 AND revoked = 0",
        params![person],
    )?;
    Ok(revoked as u64)
}

pub(super) fn any(connection: &Connection) -> Result<bool, Failure> {
    let found = first_row(connection, "SELECT 1 FROM tokens LIMIT 1", [], |_| Ok(()))?;
    Ok(found.is_some())
}

fn read_role(person: &str, word: &str) -> Result<TokenRole, Failure> {
    role_of_word(word).ok_or_else(|| {
        let source = InvalidInput::inconsistent("it", format!("`{word}` is no role"));
        corrupt(WHAT, person, source)
    })
}

pub(super) fn record_audit(connection: &Connection, entry: &AuditEntry) -> Result<(), Failure> {
    execute(
        connection,
        "INSERT INTO audit (at, person, action, subject) VALUES (?1, ?2, ?3, ?4)",
        params![
            to_nanoseconds(entry.at),
            entry.person,
            entry.action,
            entry.subject
        ],
    )?;
    Ok(())
}

pub(super) fn audit(connection: &Connection, limit: u32) -> Result<Vec<AuditEntry>, Failure> {
    let found: Vec<(i64, String, String, String)> = rows(
        connection,
        "SELECT at, person, action, subject FROM audit ORDER BY sequence DESC LIMIT ?1",
        params![limit],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    found
        .into_iter()
        .map(|(at, person, action, subject)| {
            Ok(AuditEntry {
                at: from_nanoseconds("write", &subject, at)?,
                person,
                action,
                subject,
            })
        })
        .collect()
}
