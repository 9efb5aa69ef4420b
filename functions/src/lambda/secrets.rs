//! The secrets of a function: what a variable holds, or, better, what lies in AWS Secrets Manager under
//! the ARN that a variable of the same name with `_ARN` behind it holds.

use std::collections::BTreeMap;

use crate::FunctionsError;
use crate::github::settings::{PRIVATE_KEY_VARIABLE, TOKEN_VARIABLE, WEBHOOK_SECRET_VARIABLE};

/// What is put behind a variable's name, for the ARN of the secret that it would hold.
pub(super) const BY_ARN: &str = "_ARN";

/// The secrets of GitHub that this function was given, by their variable.
pub(super) async fn read(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<&'static str, String>, FunctionsError> {
    let mut secrets = BTreeMap::new();
    for name in [
        WEBHOOK_SECRET_VARIABLE,
        PRIVATE_KEY_VARIABLE,
        TOKEN_VARIABLE,
    ] {
        if let Some(text) = one(&variable, name).await? {
            secrets.insert(name, text);
        }
    }
    Ok(secrets)
}

/// The secret of one variable, where this function was given it.
pub(super) async fn one(
    variable: impl Fn(&str) -> Option<String>,
    name: &str,
) -> Result<Option<String>, FunctionsError> {
    let given = |name: &str| variable(name).filter(|text| !text.is_empty());
    Ok(match (given(name), given(&format!("{name}{BY_ARN}"))) {
        (Some(text), _) => Some(text),
        (None, Some(secret)) => Some(store::aws::read_secret(&secret).await?),
        (None, None) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_variable_holds_needs_no_aws_and_what_is_not_there_is_left_out() {
        let read = read(|name| (name == TOKEN_VARIABLE).then(|| "ghp_x".to_owned()))
            .await
            .unwrap();
        let names: Vec<&str> = read.keys().copied().collect();
        assert_eq!(names, [TOKEN_VARIABLE]);
    }
}
