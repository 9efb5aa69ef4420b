//! Who may command: whom a file of logins names, and who has a role in the repository.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use shared_types::{Login, RepositoryName};

use super::{Access, GitHubError, RepositoryRole};
use crate::{Context, FunctionsError};

/// How long a team's file is believed.
const BELIEVED: SignedDuration = SignedDuration::from_mins(10);

/// Whether somebody may command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Yes.
    Yes,
    /// No, and who may.
    No(String),
}

/// The teams' files as they were read last, by their addresses.
#[derive(Default)]
pub(crate) struct TeamCache {
    read: Mutex<BTreeMap<String, (Timestamp, Vec<Login>)>>,
}

/// Whether `login` may command in a repository.
///
/// # Errors
/// When the team's file or the role cannot be read: then nobody is refused, and it is tried again.
pub(super) async fn may_command(
    context: &Context,
    access: &Access,
    repository: &RepositoryName,
    login: &Login,
) -> Result<Allowed, FunctionsError> {
    let permissions = &access.settings.permissions;
    let named = Named {
        team: permissions.team.as_deref(),
        role: permissions.role,
    };
    is_among(context, access, repository, login, &named).await
}

/// Whether `login` may do in a repository what concerns everybody's measurements. Where nobody says
/// who may, whoever administers the repository may.
///
/// # Errors
/// As [`may_command`].
pub(super) async fn may_administer(
    context: &Context,
    access: &Access,
    repository: &RepositoryName,
    login: &Login,
) -> Result<Allowed, FunctionsError> {
    let permissions = &access.settings.permissions;
    let team = permissions.admin_team.as_deref();
    let role = match (team, permissions.admin_role) {
        (None, None) => Some(RepositoryRole::Admin),
        (_, role) => role,
    };
    is_among(context, access, repository, login, &Named { team, role }).await
}

/// Whom a team's file names, and who has a role.
struct Named<'a> {
    team: Option<&'a str>,
    role: Option<RepositoryRole>,
}

async fn is_among(
    context: &Context,
    access: &Access,
    repository: &RepositoryName,
    login: &Login,
    named: &Named<'_>,
) -> Result<Allowed, FunctionsError> {
    if let Some(team) = named.team
        && team_members(context, access, team).await?.contains(login)
    {
        return Ok(Allowed::Yes);
    }
    if let Some(needed) = named.role
        && access.api.role_of(repository, login).await? >= needed
    {
        return Ok(Allowed::Yes);
    }
    Ok(Allowed::No(who_may(named)))
}

fn who_may(named: &Named<'_>) -> String {
    let role = named.role.map(|role| {
        format!(
            "who has the role `{}` in this repository",
            format!("{role:?}").to_lowercase()
        )
    });
    let team = named.team.map(|team| format!("whom {team} names"));
    let both: Vec<String> = [team, role].into_iter().flatten().collect();
    both.join(", or ")
}

async fn team_members(
    context: &Context,
    access: &Access,
    team: &str,
) -> Result<Vec<Login>, FunctionsError> {
    let now = context.now();
    if let Some(members) = access.team.fresh(team, now) {
        return Ok(members);
    }
    let text = if team.starts_with("https://") || team.starts_with("http://") {
        access.api.file(team).await.map_err(unreadable)?
    } else {
        tokio::fs::read_to_string(team)
            .await
            .map_err(FunctionsError::io(format!(
                "reading the team's file {team}"
            )))?
    };
    let members = parse_team(team, &text)?;
    access.team.keep(team, now, &members);
    Ok(members)
}

/// A team's file that is not there says nothing of whoever commands: it is tried again.
fn unreadable(error: GitHubError) -> GitHubError {
    if !error.is_permanent() {
        return error;
    }
    GitHubError::Unavailable {
        action: "finding out who may command".to_owned(),
        reason: error.to_string(),
    }
}

impl TeamCache {
    fn fresh(&self, team: &str, now: Timestamp) -> Option<Vec<Login>> {
        let read = self.read.lock().ok()?;
        let (at, members) = read.get(team)?;
        (now.duration_since(*at) < BELIEVED).then(|| members.clone())
    }

    fn keep(&self, team: &str, now: Timestamp, members: &[Login]) {
        if let Ok(mut read) = self.read.lock() {
            read.insert(team.to_owned(), (now, members.to_vec()));
        }
    }
}

/// A team's file: `logins = ["ada"]` in TOML, or JSON with `logins`, or with `people` that have a
/// `github` or a `name`, as the Rust project publishes its teams.
#[derive(Deserialize)]
struct TeamFile {
    #[serde(default)]
    logins: Vec<Login>,
    #[serde(default)]
    people: Vec<Person>,
    #[serde(default)]
    members: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    #[serde(default)]
    github: Option<Login>,
    #[serde(default)]
    login: Option<Login>,
}

/// The logins of a team's file.
///
/// # Errors
/// When it is neither TOML nor JSON of such a form, or names nobody: a team that is empty by mistake
/// would lock everybody out.
pub fn parse_team(name: &str, text: &str) -> Result<Vec<Login>, FunctionsError> {
    let refused = |reason: String| {
        FunctionsError::Usage(format!(
            "the team's file {name} cannot be used: {reason}; write `logins = [\"ada\"]`"
        ))
    };
    let file: TeamFile = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| refused(error.to_string()))?
    } else {
        toml::from_str(text).map_err(|error| refused(error.message().to_owned()))?
    };
    let people = file.people.into_iter().chain(file.members);
    let mut logins = file.logins;
    logins.extend(people.filter_map(|person| person.github.or(person.login)));
    if logins.is_empty() {
        return Err(refused("it names nobody".to_owned()));
    }
    Ok(logins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_is_read_as_toml_and_as_json() {
        for text in [
            "logins = [\"ada\", \"rob\"]",
            r#"{"logins": ["ada", "rob"]}"#,
            r#"{"people": [{"github_id": 1, "name": "Ada", "github": "ada"}, {"login": "rob"}]}"#,
            r#"{"members": [{"github": "ada"}, {"github": "rob"}]}"#,
        ] {
            let logins = parse_team("team", text).unwrap();
            let names: Vec<&str> = logins.iter().map(Login::as_str).collect();
            assert_eq!(names, ["ada", "rob"], "{text}");
        }
    }

    #[test]
    fn a_file_that_names_nobody_is_refused() {
        for text in ["", "{}", "logins = []", "<html>", "logins = [\"a b\"]"] {
            assert!(parse_team("team", text).is_err(), "{text}");
        }
    }
}
