//! What an administrator chooses about GitHub: a TOML document, and secrets that stand apart from it
//! and are never printed.

use std::fmt;

use serde::Deserialize;
use shared_types::{Login, RepositoryName};

use super::port::RepositoryRole;
use crate::watching::{self, Watch, WatchedPlace};
use crate::{FunctionsError, Secret};

/// The name of the document in the data folder.
pub const SETTINGS_FILE: &str = "github.toml";
/// Names the document itself, where there is no data folder.
pub const SETTINGS_VARIABLE: &str = "PERFLEET_GITHUB_SETTINGS";
/// Holds the secret by which GitHub signs webhooks.
pub const WEBHOOK_SECRET_VARIABLE: &str = "PERFLEET_GITHUB_WEBHOOK_SECRET";
/// Holds the App's private key, as GitHub hands it out (PEM).
pub const PRIVATE_KEY_VARIABLE: &str = "PERFLEET_GITHUB_PRIVATE_KEY";
/// Holds a token, where no App is used.
pub const TOKEN_VARIABLE: &str = "PERFLEET_GITHUB_TOKEN";

/// A secret shorter than this can be guessed.
const SECRET_BYTES_MIN: usize = 16;

/// What an administrator chooses about GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubSettings {
    /// The repositories whose events are listened to.
    pub repositories: Vec<RepositoryName>,
    /// The branch whose commits are taken note of.
    pub watched_branch: String,
    /// Which commits of that branch are asked for by themselves, and how.
    pub watches: Vec<Watch>,
    /// The names by which the bot is spoken to, without `@`. The first is what it calls itself.
    pub bot_names: Vec<String>,
    /// Our own login, whose comments are no commands.
    pub own_login: Option<Login>,
    /// Who makes try builds.
    pub merge_bot: Option<MergeBot>,
    /// Who may command.
    pub permissions: Permissions,
    /// Which labels are set.
    pub labels: LabelNames,
    /// Where the page is, without a slash at its end.
    pub page_url: Option<String>,
    /// Whether a request that has not begun is cancelled when its commit leaves the pull request.
    pub cancel_when_head_is_gone: bool,
    /// Where GitHub's API is.
    pub api_url: String,
    /// The App, where one is used.
    pub app: Option<AppIdentity>,
    /// By which GitHub signs webhooks. Without it none is accepted.
    pub webhook_secret: Option<Secret>,
}

/// The program that builds and merges.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeBot {
    /// Its login.
    pub login: Login,
    /// What is written to have it make a try build, `@bors try`. Without it, whoever asks is told
    /// to do it.
    #[serde(default)]
    pub try_command: Option<String>,
}

/// Who may command. Whoever either of them names may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// The address (`https://…`) or the path of a file that lists logins.
    #[serde(default)]
    pub team: Option<String>,
    /// Whoever has this role in the repository, or one that may do more.
    #[serde(default)]
    pub role: Option<RepositoryRole>,
    /// As `team`, of those who may pause configurations and drain collectors.
    #[serde(default)]
    pub admin_team: Option<String>,
    /// As `role`, for the same. Where neither is named, it is the role `admin`.
    #[serde(default)]
    pub admin_role: Option<RepositoryRole>,
}

/// Which labels are set. One that is not named is not set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LabelNames {
    /// Something got worse.
    pub regression: Option<String>,
    /// Somebody has decided what that means. Where it is set, `regression` is left alone.
    pub triaged: Option<String>,
    /// Something got better and nothing worse.
    pub improvement: Option<String>,
    /// A request of the pull request is not at its end.
    pub waiting: Option<String>,
}

impl Default for LabelNames {
    fn default() -> Self {
        Self {
            regression: Some("perf-regression".to_owned()),
            triaged: Some("perf-regression-triaged".to_owned()),
            improvement: None,
            waiting: None,
        }
    }
}

/// Which App we are, and where it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppIdentity {
    /// The App's id.
    pub id: u64,
    /// The id of its installation.
    pub installation: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    repositories: Vec<RepositoryName>,
    #[serde(default = "main_branch")]
    watched_branch: String,
    #[serde(default, rename = "watch")]
    watches: Vec<Watch>,
    #[serde(default = "usual_names")]
    bot_names: Vec<String>,
    #[serde(default)]
    own_login: Option<Login>,
    #[serde(default)]
    merge_bot: Option<MergeBot>,
    #[serde(default)]
    permissions: Permissions,
    #[serde(default)]
    labels: LabelNames,
    #[serde(default)]
    page_url: Option<String>,
    #[serde(default = "yes")]
    cancel_when_head_is_gone: bool,
    #[serde(default = "public_api")]
    api_url: String,
    #[serde(default)]
    app: Option<AppIdentity>,
}

fn main_branch() -> String {
    "main".to_owned()
}

fn usual_names() -> Vec<String> {
    vec!["rust-timer".to_owned(), "perfleet".to_owned()]
}

fn yes() -> bool {
    true
}

fn public_api() -> String {
    "https://api.github.com".to_owned()
}

impl GitHubSettings {
    /// The settings of a document, without any secret.
    ///
    /// # Errors
    /// When it is no TOML, has a key that is not known, or makes no sense.
    pub fn parse(text: &str) -> Result<Self, FunctionsError> {
        let document: Document = toml::from_str(text)
            .map_err(|error| refused(format!("it cannot be read: {}", error.message())))?;
        let settings = Self {
            repositories: document.repositories,
            watched_branch: document.watched_branch,
            watches: document.watches,
            bot_names: document.bot_names,
            own_login: document.own_login,
            merge_bot: document.merge_bot,
            permissions: document.permissions,
            labels: document.labels,
            page_url: document
                .page_url
                .map(|url| url.trim_end_matches('/').to_owned()),
            cancel_when_head_is_gone: document.cancel_when_head_is_gone,
            api_url: document.api_url.trim_end_matches('/').to_owned(),
            app: document.app,
            webhook_secret: None,
        };
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), FunctionsError> {
        if self.repositories.is_empty() {
            return Err(refused("`repositories` names none"));
        }
        let is_name = |name: &String| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if self.bot_names.is_empty() || !self.bot_names.iter().all(is_name) {
            return Err(refused(
                "`bot_names` is a list of names of letters, digits and `-`, without `@`",
            ));
        }
        if self.permissions.team.is_none() && self.permissions.role.is_none() {
            return Err(refused(
                "`[permissions]` names nobody: give `team`, the address of a file of logins, or \
                 `role`, such as \"write\"",
            ));
        }
        self.check_watches()?;
        for url in [Some(&self.api_url), self.page_url.as_ref()]
            .into_iter()
            .flatten()
        {
            if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(refused(format!("`{url}` is no address: write https://…")));
            }
        }
        Ok(())
    }

    /// A watch here looks when GitHub tells of a push, and that is listened to of some alone.
    fn check_watches(&self) -> Result<(), FunctionsError> {
        watching::check_names(&self.watches).map_err(refused)?;
        for watch in &self.watches {
            let is_heard_of = matches!(&watch.place, WatchedPlace::GitHub { repository, branch }
                if self.repositories.contains(repository) && *branch == self.watched_branch);
            if !is_heard_of {
                return Err(refused(format!(
                    "the watch `{}` is to name one of `repositories` as its `github` and `{}`, the \
                     `watched_branch`, as its `branch`",
                    watch.name, self.watched_branch
                )));
            }
        }
        Ok(())
    }

    /// The same with the secret by which webhooks are signed.
    ///
    /// # Errors
    /// When it is so short that it could be guessed.
    pub fn with_webhook_secret(self, secret: Option<Secret>) -> Result<Self, FunctionsError> {
        if secret
            .as_ref()
            .is_some_and(|one| one.reveal().len() < SECRET_BYTES_MIN)
        {
            return Err(FunctionsError::Usage(format!(
                "the webhook's secret has fewer than {SECRET_BYTES_MIN} bytes, and could be \
                 guessed: make one by `openssl rand -hex 32`"
            )));
        }
        Ok(Self {
            webhook_secret: secret,
            ..self
        })
    }

    /// What the bot calls itself: `@perfleet`.
    pub fn mention(&self) -> String {
        let first = self.bot_names.first().map_or("perfleet", String::as_str);
        format!("@{first}")
    }

    /// Where people read GitHub, by where its API is: a server of one's own has it under `/api/v3`.
    pub fn web_url(&self) -> &str {
        match self.api_url.strip_suffix("/api/v3") {
            Some(own) => own,
            None => "https://github.com",
        }
    }

    /// Whether a login is ours, or the merge bot's.
    pub fn is_program(&self, login: &Login) -> bool {
        let own = self.own_login.as_ref() == Some(login)
            || self.bot_names.iter().any(|name| {
                let own = login.as_str();
                own.strip_suffix("[bot]")
                    .unwrap_or(own)
                    .eq_ignore_ascii_case(name)
            });
        own || self.is_merge_bot(login)
    }

    /// Whether a login is the merge bot's.
    pub fn is_merge_bot(&self, login: &Login) -> bool {
        self.merge_bot
            .as_ref()
            .is_some_and(|bot| bot.login == *login)
    }
}

fn refused(reason: impl fmt::Display) -> FunctionsError {
    FunctionsError::Usage(format!("{SETTINGS_FILE}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "repositories = [\"rust-lang/rust\"]\n[permissions]\nrole = \"write\"\n";

    #[test]
    fn a_short_document_is_enough() {
        let settings = GitHubSettings::parse(SMALL).unwrap();
        assert_eq!(settings.mention(), "@rust-timer");
        assert_eq!(settings.labels, LabelNames::default());
        assert!(settings.cancel_when_head_is_gone);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_to_write() {
        let refusals: Vec<String> = [
            "repositories = []\n[permissions]\nrole = \"write\"",
            "repositories = [\"rust\"]\n[permissions]\nrole = \"write\"",
            "repositories = [\"rust-lang/rust\"]",
            "repositories = [\"rust-lang/rust\"]\nbots = []\n[permissions]\nrole = \"write\"",
            "repositories = [\"rust-lang/rust\"]\nbot_names = [\"@x\"]\n[permissions]\nrole = \"write\"",
            "repositories = [\"rust-lang/rust\"]\npage_url = \"perf\"\n[permissions]\nrole = \"write\"",
            "repositories = [\"rust-lang/rust\"]\n[permissions]\nrole = \"king\"",
            "repositories = [\"rust-lang/rust\"]\n[permissions]\nrole = \"write\"\n[[watch]]\n\
             name = \"main\"\ngithub = \"rust-lang/rust\"\nbranch = \"beta\"\n\
             since = \"2026-01-01T00:00:00Z\"\nconfigurations = [\"x86_64-llvm-t1\"]",
        ]
        .iter()
        .map(|text| GitHubSettings::parse(text).unwrap_err().to_string())
        .collect();
        insta::assert_snapshot!(refusals.join("\n"));
    }

    #[test]
    fn a_secret_is_never_printed_and_never_short() {
        let settings = GitHubSettings::parse(SMALL).unwrap();
        let secret = Secret::new("0123456789abcdef0123");
        let settings = settings.with_webhook_secret(Some(secret)).unwrap();
        assert!(!format!("{settings:?}").contains("0123"));
        assert!(
            settings
                .with_webhook_secret(Some(Secret::new("short")))
                .is_err()
        );
    }

    #[test]
    fn what_the_bots_write_is_known_as_theirs() {
        let text = format!("own_login = \"our-app[bot]\"\n{SMALL}[merge_bot]\nlogin = \"bors\"\n");
        let settings = GitHubSettings::parse(&text).unwrap();
        for (login, is_program) in [
            ("our-app[bot]", true),
            ("rust-timer", true),
            ("Bors", true),
            ("ada", false),
        ] {
            assert_eq!(
                settings.is_program(&login.parse().unwrap()),
                is_program,
                "{login}"
            );
        }
    }
}
