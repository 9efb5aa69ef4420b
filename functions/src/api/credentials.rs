//! Tokens: how they are made, and what one may do. A token is shown once, when it is made; what is
//! stored is its SHA-256, which is enough since a token is 256 random bits and cannot be guessed.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use shared_types::api::Problem;
use store::{Index, StoreError, TokenRecord, TokenRole};

use super::problem;
use crate::Context;

/// What every token begins with, so that people and scanners for lost secrets know it.
pub const TOKEN_PREFIX: &str = "pft_";

/// Makes a token for a person from 256 random bits, stores its hash, and returns its text, which
/// cannot be had again.
///
/// # Errors
/// When the store fails.
pub async fn issue_token(
    index: &dyn Index,
    person: &str,
    role: TokenRole,
    random: &[u8; 32],
    now: Timestamp,
) -> Result<String, StoreError> {
    let token = format!("{TOKEN_PREFIX}{}", hexadecimal(random));
    index
        .create_token(&TokenRecord {
            sha256: token_hash(&token),
            person: person.to_owned(),
            role,
            created_at: now,
        })
        .await?;
    Ok(token)
}

/// The hash under which a token is stored.
pub fn token_hash(token: &str) -> String {
    hexadecimal(&Sha256::digest(token.as_bytes()))
}

/// The word for a role.
pub fn role_word(role: TokenRole) -> &'static str {
    match role {
        TokenRole::Read => "read",
        TokenRole::Collector => "collector",
        TokenRole::Request => "request",
        TokenRole::Triage => "triage",
        TokenRole::Admin => "admin",
    }
}

/// Whose token this is, if it may do what `needed` may.
pub(super) async fn authorise(
    context: &Context,
    token: Option<&str>,
    needed: TokenRole,
) -> Result<String, Problem> {
    Ok(known(context, token, needed).await?.person)
}

/// The record of a token, if it may do what `needed` may.
pub(super) async fn known(
    context: &Context,
    token: Option<&str>,
    needed: TokenRole,
) -> Result<TokenRecord, Problem> {
    let needed_word = role_word(needed);
    let token = token.ok_or_else(|| {
        problem::unauthorised(format!(
            "this needs a token of the role {needed_word}: send it in the header \
             `X-Perfleet-Token`; `perfleet token create` makes one"
        ))
    })?;
    let record = context
        .store
        .index
        .token(&token_hash(token.trim()))
        .await
        .map_err(problem::of_store)?
        .ok_or_else(|| {
            problem::unauthorised(
                "the token in `X-Perfleet-Token` is not known or was revoked: \
                 `perfleet token create` makes another"
                    .to_owned(),
            )
        })?;
    if !record.role.allows(needed) {
        return Err(problem::forbidden(format!(
            "the token of {} has the role {}, and this needs the role {needed_word}",
            record.person,
            role_word(record.role),
        )));
    }
    Ok(record)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
