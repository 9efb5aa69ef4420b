//! `own-token`: whose token this is and what it may do, so that a page offers nothing that would be
//! refused. It goes the way of writes, since a token is sent nowhere else.

use shared_types::api::{AccessRole, OwnToken, Problem};
use store::TokenRole;

use super::credentials;
use super::response::Success;
use crate::Context;

/// Each role with the word for it.
const ROLES: [(TokenRole, AccessRole); 5] = [
    (TokenRole::Read, AccessRole::Read),
    (TokenRole::Collector, AccessRole::Collector),
    (TokenRole::Request, AccessRole::Request),
    (TokenRole::Triage, AccessRole::Triage),
    (TokenRole::Admin, AccessRole::Admin),
];

pub(super) async fn show(context: &Context, token: Option<&str>) -> Result<Success, Problem> {
    let record = credentials::known(context, token, TokenRole::Read).await?;
    let own = ROLES.iter().find(|(role, _)| *role == record.role);
    Success::json(&OwnToken {
        role: own.map_or(AccessRole::Read, |(_, word)| *word),
        may: ROLES
            .iter()
            .filter(|(needed, _)| record.role.allows(*needed))
            .map(|(_, word)| *word)
            .collect(),
        person: record.person,
    })
}
