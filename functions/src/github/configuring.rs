//! From the document and the secrets to a context that knows GitHub.

use std::sync::Arc;

use super::GitHub;
use super::settings::{
    GitHubSettings, PRIVATE_KEY_VARIABLE, TOKEN_VARIABLE, WEBHOOK_SECRET_VARIABLE,
};
use crate::clock::Clock;
use crate::{Context, FunctionsError, Secret};

/// The same context, which listens to GitHub, and speaks with it where there is a key or a token.
/// `secret` gives the text behind the name of a variable.
///
/// # Errors
/// When the document or a secret cannot be used.
pub fn configured(
    context: Context,
    document: &str,
    secret: impl Fn(&str) -> Option<String>,
) -> Result<Context, FunctionsError> {
    let secret = |name: &str| {
        secret(name)
            .filter(|text| !text.is_empty())
            .map(Secret::new)
    };
    let settings =
        GitHubSettings::parse(document)?.with_webhook_secret(secret(WEBHOOK_SECRET_VARIABLE))?;
    let key = secret(PRIVATE_KEY_VARIABLE)
        .map(with_line_ends)
        .transpose()?;
    let api = client(&settings, key, secret(TOKEN_VARIABLE), context.clock())?;
    Ok(context.with_github(settings, api))
}

/// A key as PEM: files of environment variables write the ends of its lines as `\\n`, and a path
/// stands for what is in the file.
fn with_line_ends(key: Secret) -> Result<Secret, FunctionsError> {
    let text = key.reveal();
    if text.trim_start().starts_with("-----BEGIN") {
        return Ok(Secret::new(text.replace("\\n", "\n")));
    }
    let path = text.trim();
    std::fs::read_to_string(path).map(Secret::new).map_err(|error| {
        // Not what stands in the variable: it may be half of a key.
        FunctionsError::Usage(format!(
            "the environment variable {PRIVATE_KEY_VARIABLE} is neither a key in PEM nor the path of \
             a file of one: {}",
            error.kind()
        ))
    })
}

#[cfg(feature = "github")]
fn client(
    settings: &GitHubSettings,
    key: Option<Secret>,
    token: Option<Secret>,
    clock: Arc<dyn Clock>,
) -> Result<Option<Arc<dyn GitHub>>, FunctionsError> {
    use super::{Credentials, OctocrabClient};

    let credentials = match (settings.app, key, token) {
        (Some(app), Some(key), _) => Credentials::App(app, key),
        (None, Some(_), _) => {
            return Err(FunctionsError::Usage(format!(
                "there is an App's key in {PRIVATE_KEY_VARIABLE}, and `github.toml` has no section \
                 `[app]` with its `id` and `installation`"
            )));
        }
        (_, None, Some(token)) => Credentials::Token(token),
        (_, None, None) => return Ok(None),
    };
    Ok(Some(Arc::new(OctocrabClient::new(
        settings,
        credentials,
        clock,
    )?)))
}

#[cfg(not(feature = "github"))]
fn client(
    _settings: &GitHubSettings,
    key: Option<Secret>,
    token: Option<Secret>,
    _clock: Arc<dyn Clock>,
) -> Result<Option<Arc<dyn GitHub>>, FunctionsError> {
    if key.is_some() || token.is_some() {
        return Err(FunctionsError::Usage(
            "this program was built without GitHub: build it with `--features github`".to_owned(),
        ));
    }
    Ok(None)
}
