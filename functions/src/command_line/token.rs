//! `perfleet token`: who may write. Works on the data folder alone: whoever may write into that
//! may do all that a token allows.

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use store::TokenRole;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::FunctionsError;
use crate::api::credentials::{issue_token, role_word};

/// Make and revoke tokens for writes
#[derive(Debug, Args)]
pub(super) struct TokenCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token for a person or a collector; it is shown once
    Create(CreateOptions),
    /// Revoke all tokens of a person or a collector
    Revoke(RevokeOptions),
}

#[derive(Debug, Args)]
struct CreateOptions {
    /// Whose it is
    person: String,
    /// What it allows; each role may do what those before it may
    #[arg(long, value_enum, default_value_t = Role::Request)]
    role: Role,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct RevokeOptions {
    /// Whose they are
    person: String,
    #[command(flatten)]
    json: JsonOption,
}

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Read, which needs no token
    Read,
    /// Take jobs and store results, and nothing else: for a collector on another host
    Collector,
    /// Ask for measurements, cancel and repeat them
    Request,
    /// Decide what changes mean
    Triage,
    /// Everything
    Admin,
}

impl From<Role> for TokenRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Read => Self::Read,
            Role::Collector => Self::Collector,
            Role::Request => Self::Request,
            Role::Triage => Self::Triage,
            Role::Admin => Self::Admin,
        }
    }
}

#[derive(Serialize)]
struct Created<'a> {
    person: &'a str,
    role: &'static str,
    token: String,
}

#[derive(Serialize)]
struct Revoked<'a> {
    person: &'a str,
    revoked: u64,
}

impl TokenCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        match &self.action {
            Action::Create(options) => create(place, options).await?,
            Action::Revoke(options) => revoke(place, options).await?,
        }
        Ok(Outcome::Done)
    }
}

async fn create(place: &PlaceOptions, options: &CreateOptions) -> Result<(), FunctionsError> {
    let context = place.here().await?;
    let role = TokenRole::from(options.role);
    let random = context.random_bytes()?;
    let index = context.store.index.as_ref();
    let token = issue_token(index, &options.person, role, &random, context.now()).await?;
    if options.json.json {
        return output::answer_json(&Created {
            person: &options.person,
            role: role_word(role),
            token,
        });
    }
    output::say("the token, shown this once:");
    output::answer(&token)
}

async fn revoke(place: &PlaceOptions, options: &RevokeOptions) -> Result<(), FunctionsError> {
    let context = place.here().await?;
    let revoked = context.store.index.revoke_tokens(&options.person).await?;
    if options.json.json {
        return output::answer_json(&Revoked {
            person: &options.person,
            revoked,
        });
    }
    output::answer(&format!(
        "{revoked} tokens of {} are revoked",
        options.person
    ))
}
