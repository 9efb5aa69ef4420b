//! The words for the roles of tokens.

use crate::TokenRole;

/// The role's word, as it is stored.
pub(crate) fn role_word(role: TokenRole) -> &'static str {
    match role {
        TokenRole::Read => "read",
        TokenRole::Collector => "collector",
        TokenRole::Request => "request",
        TokenRole::Triage => "triage",
        TokenRole::Admin => "admin",
    }
}

/// The role of a stored word.
pub(crate) fn role_of_word(word: &str) -> Option<TokenRole> {
    match word {
        "read" => Some(TokenRole::Read),
        "collector" => Some(TokenRole::Collector),
        "request" => Some(TokenRole::Request),
        "triage" => Some(TokenRole::Triage),
        "admin" => Some(TokenRole::Admin),
        _ => None,
    }
}
